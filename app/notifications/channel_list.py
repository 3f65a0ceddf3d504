"""A unit's robots as their administrator sees them: state and trouble in plain facts, never a key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.permissions import Permission
from app.core.errors import NotFound
from app.notifications.kinds import Topic
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow
from app.notifications.robots import Robot
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, unit_by_id

FOR_GROUPS: Final = (Topic.NEW, Topic.REPAIR, Topic.REVIEW, Topic.CLOCKS, Topic.CONTESTED, Topic.MAJOR, Topic.MINE)
"""What a unit may choose for its groups; `MINE` is what closes: the kinds a reporter waits for."""
ENDED_BADLY: Final = ("failed", "given_up")
SHOWN_FOR: Final = timedelta(days=30)


@dataclass(frozen=True)
class Channel:
    """A robot as an administrator sees it: its host, never its address or secret."""

    code: str
    unit: Unit
    kind: Robot
    name: str
    host: str
    signed: bool
    keyword: str
    language: str
    topics: tuple[Topic, ...]
    sent_at: datetime | None
    failed_at: datetime | None
    fault: str
    waiting: int
    ended_badly: int


@dataclass(frozen=True)
class MailTrouble:
    """E-mails of the last month that could not be sent: how many, and why the last could not."""

    count: int
    fault: str


def channels_of(session: Session, *, by: Actor, at: datetime) -> tuple[Channel, ...]:
    """The robots of the units this person manages, by unit."""
    rows = session.execute(
        select(ChannelRow)
        .join(UnitRow, UnitRow.id == ChannelRow.unit_id)
        .where(covered_by(session, by.units_where(Permission.UNIT_MANAGE)), ChannelRow.retired_at.is_(None))
        .order_by(UnitRow.path, ChannelRow.id)
    ).scalars()
    return tuple(_as_channel(session, row, at=at) for row in rows)


def channel_of(session: Session, code: str, *, by: Actor, at: datetime) -> Channel:
    """One robot.

    Raises:
        NotFound: absent, or of a unit this person does not manage.
    """
    return _as_channel(session, managed_row(session, code, by=by), at=at)


def _as_channel(session: Session, row: ChannelRow, *, at: datetime) -> Channel:
    counted = session.execute(
        select(DeliveryRow.state, func.count())
        .where(DeliveryRow.channel_id == row.id, DeliveryRow.made_at > at - SHOWN_FOR)
        .group_by(DeliveryRow.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in counted}
    return Channel(
        code=row.code,
        unit=unit_by_id(session, row.unit_id),
        kind=Robot(row.kind),
        name=row.name,
        host=urlsplit(row.webhook).hostname or "",
        signed=row.secret is not None,
        keyword=row.keyword or "",
        language=row.language,
        topics=tuple(topic for topic in FOR_GROUPS if topic in row.topics),
        sent_at=row.sent_at,
        failed_at=row.failed_at,
        fault=row.fault or "",
        waiting=counts.get("waiting", 0),
        ended_badly=sum(counts.get(state, 0) for state in ENDED_BADLY),
    )


def managed_row(session: Session, code: str, *, by: Actor) -> ChannelRow:
    """The robot's row.

    Raises:
        NotFound: absent, removed, or of a unit this person does not manage.
    """
    row = session.execute(
        select(ChannelRow).where(ChannelRow.code == code, ChannelRow.retired_at.is_(None))
    ).scalar_one_or_none()
    if row is None or not by.can(Permission.UNIT_MANAGE, lineage=unit_by_id(session, row.unit_id).lineage):
        raise NotFound
    return row


def mail_trouble(session: Session, *, by: Actor, at: datetime) -> MailTrouble:
    """What e-mails to people of the units this person manages could not be sent, without names or addresses."""
    faults = session.execute(
        select(DeliveryRow.fault)
        .join(MessageRow, MessageRow.id == DeliveryRow.message_id)
        .join(AccountRow, AccountRow.id == MessageRow.account_id)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(
            covered_by(session, by.units_where(Permission.UNIT_MANAGE)),
            DeliveryRow.state.in_(ENDED_BADLY),
            DeliveryRow.fault != "mail_not_wanted",
            DeliveryRow.made_at > at - SHOWN_FOR,
        )
        .order_by(DeliveryRow.id.desc())
    ).scalars()
    found = list(faults)
    return MailTrouble(len(found), str(found[0]) if found else "")
