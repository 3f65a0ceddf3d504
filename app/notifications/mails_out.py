"""Carries the e-mails that are due, a few over one connection; a server that is away is left alone for a while."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.roster import actor_now
from app.core.clock import Clock
from app.core.db import Database
from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import Kind
from app.notifications.mail import FOR_GOOD, OF_THE_SERVER, Mail, MailServer
from app.notifications.mailbox import readable
from app.notifications.models import DeliveryRow, MessageRow, PreferenceRow
from app.notifications.waiting import (
    OLDEST,
    PAUSE,
    PLANNED_AT_MOST,
    count_attempt,
    due,
    end,
    give_back,
    hazard_address,
    put_off,
)
from app.notifications.what_is_said import said_to_person

MAILS_AT_ONCE: Final = 5
REST: Final = timedelta(minutes=5)
"""How long a server that failed is left alone at least: each try may take as long as a connection may."""
BEGUN_WITHIN: Final = timedelta(seconds=8)
"""No letter is begun later: under a slow server the others wait for the next round, their try not counted.

With the bound of one connection this stays far below the lease: nobody else takes a letter that is under way."""
NOT_BEGUN: Final = "mail_not_begun"
_log = structlog.get_logger(__name__)


def carry_mails(server: MailServer | None, public_url: str, *, now: Clock, db: Database) -> int:
    """Send some of the e-mails that are due; returns how many were tried, 0 while the server rests or is none.

    Each is written down as soon as the server took it: what happens to the next one never sends it twice.
    """
    if server is None:
        return 0
    with db.write() as session:
        claimed_at = now()
        letters = [] if _rests(session, at=claimed_at) else _claim(session, public_url, at=claimed_at)
    if not letters:
        return 0
    begun = 0
    with closing(server.each([letter for _, letter in letters])) as answers:
        while begun < len(letters) and (not begun or abs(now() - claimed_at) < BEGUN_WITHIN):
            fault = next(answers, NOT_BEGUN)
            if fault == NOT_BEGUN:
                break
            with db.write() as session:
                _settle(session, letters[begun][0], fault=fault, at=now())
            begun += 1
    left = [delivery_id for delivery_id, _ in letters[begun:]]
    if left:
        with db.write() as session:
            give_back(session, left, claimed_at=claimed_at, at=now())
    return begun


def _settle(session: Session, delivery_id: int, *, fault: str | None, at: datetime) -> None:
    if fault is None:
        end(session, [delivery_id], state="sent", fault=None, at=at)
        return
    _log.warning("mail_refused", delivery=delivery_id, fault=fault)
    pause = REST if fault in OF_THE_SERVER else PAUSE
    put_off(session, [delivery_id], fault=fault, for_good=fault in FOR_GOOD, at=at, at_least=pause)


def _rests(session: Session, *, at: datetime) -> bool:
    """Whether a letter that the server itself failed is still put off: then no other would fare better."""
    failed = select(DeliveryRow.id).where(
        DeliveryRow.state == "waiting",
        DeliveryRow.message_id.is_not(None),
        DeliveryRow.fault.in_(OF_THE_SERVER),
        DeliveryRow.next_at > at,
        DeliveryRow.next_at <= at + PLANNED_AT_MOST,
    )
    return session.execute(failed.limit(1)).scalar_one_or_none() is not None


def _claim(session: Session, public_url: str, *, at: datetime) -> list[tuple[int, Mail]]:
    rows = session.execute(
        select(DeliveryRow, MessageRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(due(at))
        .order_by(DeliveryRow.id)
        .limit(MAILS_AT_ONCE)
    ).all()
    letters: list[tuple[int, Mail]] = []
    for delivery, message in rows:
        letter = None if at - delivery.made_at > OLDEST else _letter(session, public_url, message)
        if letter is None:
            fault = delivery.fault or "mail_not_wanted"
            end(session, [delivery.id], state="given_up", fault=fault, at=at)
        else:
            letters.append((delivery.id, letter))
    count_attempt(session, [delivery_id for delivery_id, _ in letters], at=at)
    return letters


def _letter(session: Session, public_url: str, message: MessageRow) -> Mail | None:
    """The e-mail; None when its person left, lost the right to the hazard, or took the address back since."""
    chosen = session.get(PreferenceRow, message.account_id)
    person = actor_now(session, message.account_id)
    if person is None or chosen is None or not chosen.email or chosen.email_confirmed_at is None:
        return None
    if message.hazard_id is not None and not readable(session, [message.hazard_id], by=person):
        return None
    public, private = PublicFacts.from_values(message.facts), PrivateFacts.from_values(message.facts)
    saying = said_to_person(Kind(message.kind), public, private, language=chosen.language)
    subject = f"{saying.title} {public.number}".strip()
    address = hazard_address(public_url, public.number) if public.number else f"{public_url}/inbox"
    return Mail(chosen.email, subject, "\n".join((*saying.lines, "", address)))
