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
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database
from app.notifications.facts import PublicFacts
from app.notifications.kinds import Kind
from app.notifications.mail import MailServer
from app.notifications.mails_out import carry_mails
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow
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
from app.notifications.waiting import OLDEST, PLANNED_AT_MOST, count_attempt, due, end, hazard_address, put_off
from app.notifications.what_is_said import said_to_group

BUNDLE_AT_MOST: Final = 20
REST: Final = timedelta(minutes=5)
"""How long a robot whose host failed is left alone: each try may cost all the time that a post may take."""
ROUND_SECONDS: Final = 1.0
"""A round starts nothing more after this, so that one slow post is all that photos ever wait for."""
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


def deliver(ways: Ways, *, now: Clock, db: Database) -> int:
    """Carry what is due, robots first, until nothing is or the round's time is up; returns how many were tried."""
    started, tried = now(), 0
    while abs((now() - started).total_seconds()) < ROUND_SECONDS:
        carried = _carry_robots(ways, now=now, db=db) or carry_mails(ways.mail, ways.public_url, now=now, db=db)
        if not carried:
            break
        tried += carried
    return tried


def _carry_robots(ways: Ways, *, now: Clock, db: Database) -> int:
    """One post to one robot; 0 when none is due."""
    with db.write() as session:
        bundle = _claim_bundle(session, ways, at=now())
    if bundle is None:
        return 0
    _carry_bundle(ways, bundle, now=now, db=db)
    return len(bundle.deliveries)


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
    end(session, [row.id], state="given_up", fault=row.fault or fault, at=at)
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
    count_attempt(session, taken, at=at)
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
            end(session, bundle.deliveries, state="sent", fault=None, at=at)
            return
        _log.warning("robot_refused", channel=bundle.channel.code, fault=fault)
        put_off(session, bundle.deliveries, fault=fault, for_good=fault in FOR_GOOD, at=at)


def settle_channel(session: Session, channel_id: int, *, fault: str | None, at: datetime) -> None:
    """Write down how the robot's last post went; after "too fast" it rests as long as it wants to.

    After any other fault that may mend itself it rests too: whatever else waits for it would only fail likewise.
    """
    channel = session.get_one(ChannelRow, channel_id)
    if fault is None:
        channel.sent_at, channel.fault, channel.blocked_until = at, None, None
        return
    channel.failed_at, channel.fault = at, fault
    if fault == Fault.TOO_FAST:
        channel.blocked_until = at + MANNERS[Robot(channel.kind)].block
    elif fault not in FOR_GOOD:
        channel.blocked_until = at + REST


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
