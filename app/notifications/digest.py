"""The daily digest: what waits for a person, once a day at the hour the person chose."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.accounts.roster import actor_now
from app.core.db import Database
from app.hazards.desk import inbox
from app.hazards.desk_groups import Urgency
from app.notifications.facts import PublicFacts
from app.notifications.kinds import Kind, Part
from app.notifications.models import DigestMarkRow, MessageRow, PreferenceRow
from app.notifications.preferences import DIGEST_HOUR
from app.notifications.telling import keep_message
from app.notifications.who_hears import Hearer
from app.units.models import UnitRow

ROLES: Final = (Role.OFFICER, Role.RECTIFIER, Role.HEAD, Role.REVIEWER)
"""Who has anything waiting; a worker's own reports are told as they move."""
PRESSING: Final = (
    Urgency.OVERDUE,
    Urgency.DUE_TODAY,
    Urgency.TO_ACCEPT,
    Urgency.TO_REINSPECT,
    Urgency.CONTESTED,
    Urgency.EXTENSION,
)
"""What is worth a digest; repairs under way and in time are not."""
PEOPLE_AT_ONCE: Final = 200
CLOCK_WENT_BACK: Final = timedelta(days=2)
"""A mark further ahead than any zone's tomorrow was made by a clock that was wrong (P22)."""


def make_digests(*, at: datetime, mails: bool, db: Database) -> int:
    """Make the digests whose hour has come; returns how many.

    Repeatable: a person's day is marked with the decision, and a message is unique by person and day. After
    downtime the day's digest comes late rather than never; a clock set back to yesterday makes none again.
    """
    with db.read() as session:
        due = [someone.account_id for someone in _candidates(session) if someone.is_due(at)]
    made = 0
    for account_id in due[:PEOPLE_AT_ONCE]:
        with db.write() as session:
            made += _decide(session, account_id, at=at, mails=mails)
    return made


@dataclass(frozen=True)
class _Candidate:
    """Somebody with a duty: where their day begins, what they chose, and the last day that was decided."""

    account_id: int
    zone: ZoneInfo
    wanted: bool
    hour: int
    told_on: date | None

    def is_due(self, at: datetime) -> bool:
        """Whether this person's hour has come on a day that is not decided yet."""
        local = at.astimezone(self.zone)
        decided = self.told_on is not None and local.date() <= self.told_on <= local.date() + CLOCK_WENT_BACK
        return self.wanted and local.hour >= self.hour and not decided


def _candidates(session: Session, *, only: int | None = None) -> list[_Candidate]:
    query = (
        select(
            AccountRow.id,
            UnitRow.timezone,
            PreferenceRow.digest,
            PreferenceRow.digest_hour,
            DigestMarkRow.told_on,
        )
        .join(GrantRow, GrantRow.account_id == AccountRow.id)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .outerjoin(PreferenceRow, PreferenceRow.account_id == AccountRow.id)
        .outerjoin(DigestMarkRow, DigestMarkRow.account_id == AccountRow.id)
        .where(GrantRow.role.in_(ROLES), GrantRow.ended_at.is_(None), AccountRow.disabled_at.is_(None))
        .distinct()
        .order_by(AccountRow.id)
    )
    if only is not None:
        query = query.where(AccountRow.id == only)
    return [
        _Candidate(
            account_id=row.id,
            zone=ZoneInfo(row.timezone),
            wanted=row.digest is not False,
            hour=DIGEST_HOUR if row.digest_hour is None else row.digest_hour,
            told_on=row.told_on,
        )
        for row in session.execute(query)
    ]


def _decide(session: Session, account_id: int, *, at: datetime, mails: bool) -> int:
    found = _candidates(session, only=account_id)
    if not found or not found[0].is_due(at):
        return 0  # another worker was first
    zone = found[0].zone
    day = at.astimezone(zone).date()
    _mark(session, account_id, day=day)
    person = actor_now(session, account_id)
    source = f"digest:{day.isoformat()}"
    known = select(MessageRow.id).where(MessageRow.account_id == account_id, MessageRow.source == source)
    if person is None or session.execute(known).scalar_one_or_none() is not None:
        return 0
    counts = inbox(session, by=person, at=at, zone=zone, limit=0).counts
    waiting = {group.value: counts[group] for group in PRESSING if counts[group]}
    if not waiting:
        return 0
    _put_away_older(session, account_id, at=at)
    facts = PublicFacts(waiting=waiting).as_values()
    hearer = Hearer(account_id, Part.NAMED, Kind.DIGEST)
    keep_message(session, hearer, source=source, hazard_id=None, facts=facts, made_at=at, at=at, mails=mails)
    return 1


def _mark(session: Session, account_id: int, *, day: date) -> None:
    mark = session.get(DigestMarkRow, account_id)
    if mark is None:
        session.add(DigestMarkRow(account_id=account_id, told_on=day))
        session.flush()
    else:
        mark.told_on = day


def _put_away_older(session: Session, account_id: int, *, at: datetime) -> None:
    """Yesterday's counts are no news: an unread digest does not pile up."""
    session.execute(
        update(MessageRow)
        .where(MessageRow.account_id == account_id, MessageRow.kind == Kind.DIGEST, MessageRow.read_at.is_(None))
        .values(read_at=at)
    )
