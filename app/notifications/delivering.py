"""Carries what waits: messages to people by e-mail, events to groups by robots; bounded tries, every end visible.

A delivery is claimed in its own transaction before anything is sent (its attempt counted, its next try put off),
so that two workers never carry the same one at once. A worker that dies between sending and writing it down sends
again: a message twice is better than none. What cannot be sent stays as a row with its fault, until somebody
tries again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database
from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import Kind
from app.notifications.mail import FOR_GOOD as MAIL_FOR_GOOD
from app.notifications.mail import Mail, MailServer
from app.notifications.mailbox import as_actor, readable
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow, PreferenceRow
from app.notifications.outgoing import Door, Refused
from app.notifications.robots import (
    FOR_GOOD,
    MANNERS,
    MINUTE,
    Fault,
    Robot,
    compose,
    fault_of,
    fitting,
    room_left,
)
from app.notifications.what_is_said import said_to_group, said_to_person

TRIES: Final = 8
OLDEST: Final = timedelta(days=2)
"""A message older than this is no news; it stays in its person's list."""
LEASE: Final = timedelta(minutes=2)
PAUSE: Final = timedelta(seconds=30)
PAUSE_LONGEST: Final = timedelta(hours=1)
PLANNED_AT_MOST: Final = timedelta(hours=2)
"""No try is put off further; one that is was planned before the clock was set back (P22)."""
BUNDLE_AT_MOST: Final = 20
MAILS_AT_ONCE: Final = 20
ROUND_SECONDS: Final = 20.0
"""A round of the timetable ends here, that other work may go on; the next goes on from here."""
KEPT: Final = timedelta(days=90)
READ_KEPT: Final = timedelta(days=365)
JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Ways:
    """What deliveries are carried with; `mail` is None when the operator named no server."""

    door: Door
    mail: MailServer | None
    public_url: str


@dataclass(frozen=True)
class Bundle:
    """What one post to one robot carries."""

    channel: ChannelRow
    deliveries: tuple[int, ...]
    texts: tuple[str, ...]


def hazard_address(public_url: str, number: str) -> str:
    """Where a hazard is read; the page shows each reader what that reader may see."""
    return f"{public_url}/hazards/{number}"


def due(at: datetime) -> ColumnElement[bool]:
    """A condition on `DeliveryRow`: to be tried now."""
    waits = DeliveryRow.state == "waiting"
    return and_(waits, or_(DeliveryRow.next_at <= at, DeliveryRow.next_at > at + PLANNED_AT_MOST))


def deliver(ways: Ways, *, now: Clock, db: Database) -> int:
    """Carry what is due, robots first, until nothing is or the round's time is up; returns how many were tried."""
    started, tried = now(), 0
    while (now() - started).total_seconds() < ROUND_SECONDS:
        with db.write() as session:
            bundle = _claim_bundle(session, ways, at=now())
        if bundle is None:
            break
        _carry_bundle(ways, bundle, now=now, db=db)
        tried += len(bundle.deliveries)
    return tried + _carry_mails(ways, now=now, db=db)


def _claim_bundle(session: Session, ways: Ways, *, at: datetime) -> Bundle | None:
    channels = session.execute(
        select(ChannelRow)
        .where(ChannelRow.id.in_(select(DeliveryRow.channel_id).where(due(at))))
        .order_by(ChannelRow.id)
    ).scalars()
    for channel in channels:
        rows = _waiting(session, channel, at=at)
        rows = [row for row in rows if not _is_past(session, row, channel, at=at)]
        room = _room(channel, at=at)
        if rows and room:
            return _claimed(session, ways, channel, rows, room=room, at=at)
    return None


def _waiting(session: Session, channel: ChannelRow, *, at: datetime) -> Sequence[DeliveryRow]:
    query = select(DeliveryRow).where(DeliveryRow.channel_id == channel.id, due(at))
    return session.execute(query.order_by(DeliveryRow.id).limit(50)).scalars().all()


def _is_past(session: Session, row: DeliveryRow, channel: ChannelRow, *, at: datetime) -> bool:
    """Whether it is too old or its robot is gone; then it ends here."""
    fault = "robot_removed" if channel.retired_at else "too_old" if at - row.made_at > OLDEST else None
    if fault is None:
        return False
    _end(session, [row.id], state="given_up", fault=row.fault or fault, at=at)
    return True


def _room(channel: ChannelRow, *, at: datetime) -> int:
    blocked = channel.blocked_until
    if blocked is not None and at < blocked <= at + PLANNED_AT_MOST:
        return 0
    return room_left(_posts(channel), robot=Robot(channel.kind), at=at)


def _posts(channel: ChannelRow) -> list[datetime]:
    return [datetime.fromisoformat(post) for post in channel.posts]


def _claimed(
    session: Session, ways: Ways, channel: ChannelRow, rows: Sequence[DeliveryRow], *, room: int, at: datetime
) -> Bundle:
    """One delivery, or several together when so many wait that the robot's minute would not do."""
    robot = Robot(channel.kind)
    texts = [_group_text(ways, channel, row) for row in rows[:BUNDLE_AT_MOST]]
    near_the_limit = len(rows) > room or room <= MANNERS[robot].a_minute // 2
    count = fitting(texts, robot=robot, keyword=channel.keyword) if near_the_limit else 1
    taken = tuple(row.id for row in rows[:count])
    _count_attempt(session, taken, at=at)
    note_post(channel, at=at)
    return Bundle(channel, taken, tuple(texts[:count]))


def note_post(channel: ChannelRow, *, at: datetime) -> None:
    """Count a post against the robot's minute."""
    recent = [post for post in _posts(channel) if abs(at - post) < MINUTE]
    channel.posts = [post.isoformat() for post in (*recent, at)]


def _group_text(ways: Ways, channel: ChannelRow, row: DeliveryRow) -> str:
    facts = PublicFacts.from_values(row.facts)
    saying = said_to_group(Kind(row.kind), facts, language=channel.language)
    return f"{saying.text}\n{hazard_address(ways.public_url, facts.number)}"


def _count_attempt(session: Session, ids: Sequence[int], *, at: datetime) -> None:
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids))
        .values(attempts=DeliveryRow.attempts + 1, next_at=at + LEASE)
    )


def post_to(ways: Ways, channel: ChannelRow, texts: Sequence[str], *, at: datetime) -> str | None:
    """Post once; None, or the code of what was wrong."""
    robot = Robot(channel.kind)
    post = compose(robot, texts, webhook=channel.webhook, secret=channel.secret, keyword=channel.keyword, at=at)
    try:
        answer = ways.door.post(post.url, post.body, headers=JSON)
    except Refused as refusal:
        return f"outgoing_{refusal.code}"
    return fault_of(robot, answer.status, answer.body)


def _carry_bundle(ways: Ways, bundle: Bundle, *, now: Clock, db: Database) -> None:
    fault = post_to(ways, bundle.channel, bundle.texts, at=now())
    with db.write() as session:
        at = now()
        settle_channel(session, bundle.channel.id, fault=fault, at=at)
        if fault is None:
            _end(session, bundle.deliveries, state="sent", fault=None, at=at)
            return
        _log.warning("robot_refused", channel=bundle.channel.code, fault=fault)
        _put_off(session, bundle.deliveries, fault=fault, for_good=fault in FOR_GOOD, at=at)


def settle_channel(session: Session, channel_id: int, *, fault: str | None, at: datetime) -> None:
    """Write down how the robot's last post went; after "too fast" it rests as long as it wants to."""
    channel = session.get_one(ChannelRow, channel_id)
    if fault is None:
        channel.sent_at, channel.fault, channel.blocked_until = at, None, None
        return
    channel.failed_at, channel.fault = at, fault
    if fault == Fault.TOO_FAST:
        channel.blocked_until = at + MANNERS[Robot(channel.kind)].block


def _put_off(session: Session, ids: Sequence[int], *, fault: str, for_good: bool, at: datetime) -> None:
    """Try again later, twice as late each time; or end it: for good, or tried often enough."""
    rows = session.execute(select(DeliveryRow).where(DeliveryRow.id.in_(ids))).scalars()
    for row in rows:
        if for_good:
            _end(session, [row.id], state="failed", fault=fault, at=at)
        elif row.attempts >= TRIES:
            _end(session, [row.id], state="given_up", fault=fault, at=at)
        else:
            row.next_at = at + min(PAUSE * 2 ** (row.attempts - 1), PAUSE_LONGEST)
            row.fault = fault


def _end(session: Session, ids: Sequence[int], *, state: str, fault: str | None, at: datetime) -> None:
    ended = {"state": state, "fault": fault, "ended_at": at}
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(**ended))


def _carry_mails(ways: Ways, *, now: Clock, db: Database) -> int:
    if ways.mail is None:
        return 0
    with db.write() as session:
        letters = _claim_mails(session, ways, at=now())
    if not letters:
        return 0
    faults = ways.mail.send([letter for _, letter in letters])
    with db.write() as session:
        at = now()
        for (delivery_id, _letter), fault in zip(letters, faults, strict=True):
            if fault is None:
                _end(session, [delivery_id], state="sent", fault=None, at=at)
                continue
            _log.warning("mail_refused", delivery=delivery_id, fault=fault)
            _put_off(session, [delivery_id], fault=fault, for_good=fault in MAIL_FOR_GOOD, at=at)
    return len(letters)


def _claim_mails(session: Session, ways: Ways, *, at: datetime) -> list[tuple[int, Mail]]:
    rows = session.execute(
        select(DeliveryRow, MessageRow)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .where(due(at))
        .order_by(DeliveryRow.id)
        .limit(MAILS_AT_ONCE)
    ).all()
    letters: list[tuple[int, Mail]] = []
    for delivery, message in rows:
        letter = None if at - delivery.made_at > OLDEST else _letter(session, ways, message)
        if letter is None:
            fault = delivery.fault or "mail_not_wanted"
            _end(session, [delivery.id], state="given_up", fault=fault, at=at)
        else:
            letters.append((delivery.id, letter))
    _count_attempt(session, [delivery_id for delivery_id, _ in letters], at=at)
    return letters


def _letter(session: Session, ways: Ways, message: MessageRow) -> Mail | None:
    """The e-mail; None when its person left, lost the right to the hazard, or took the address back since."""
    chosen = session.get(PreferenceRow, message.account_id)
    person = as_actor(session, message.account_id)
    if person is None or chosen is None or not chosen.email or chosen.email_confirmed_at is None:
        return None
    if message.hazard_id is not None and not readable(session, [message.hazard_id], by=person):
        return None
    public, private = PublicFacts.from_values(message.facts), PrivateFacts.from_values(message.facts)
    saying = said_to_person(Kind(message.kind), public, private, language=chosen.language)
    subject = f"{saying.title} {public.number}".strip()
    address = hazard_address(ways.public_url, public.number) if public.number else f"{ways.public_url}/inbox"
    return Mail(chosen.email, subject, "\n".join((*saying.lines, "", address)))


def prune(*, at: datetime, db: Database) -> None:
    """Forget deliveries after a season, and messages after a year; what is unread or still to be sent stays."""
    with db.write() as session:
        session.execute(delete(DeliveryRow).where(DeliveryRow.made_at < at - KEPT, DeliveryRow.state != "waiting"))
        carried = select(DeliveryRow.id).where(DeliveryRow.message_id == MessageRow.id)
        session.execute(
            delete(MessageRow).where(
                MessageRow.made_at < at - READ_KEPT, MessageRow.read_at.is_not(None), ~carried.exists()
            )
        )
