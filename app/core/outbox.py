"""Events kept in the caller's transaction, and the errands they become: the queue that cannot lose a job.

An event is one row, written beside the change it tells of. The worker's relay turns each event into errands
(`app/core/relaying.py`; `workers/reactions.py` says which); an errand is claimed with a lease and a fencing
token, its attempt is counted before the work, and it ends done or failed, visibly.
See docs/decisions/0002-events-and-errands.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import (
    CursorResult,
    ForeignKey,
    Index,
    UniqueConstraint,
    Update,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, UtcDateTime, table_of
from app.core.events import KINDS, Event
from app.core.waking import ring

PLANNED_AT_MOST = timedelta(minutes=10)
"""Nobody plans an errand or a lease further ahead. One that is was made before the clock was set back (P22)."""


class ErrandState(StrEnum):
    """Where an errand stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"


class EventRow(Base):
    """One event as it was recorded; `relayed_at` is empty until its errands exist."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    values: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_event_name", "name"),
        Index(
            "ix_event_waiting",
            "id",
            sqlite_where=text("relayed_at IS NULL"),
            postgresql_where=text("relayed_at IS NULL"),
        ),
    )


class ErrandRow(Base):
    """One job to do for one event."""

    __tablename__ = "errand"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    job: Mapped[str]
    subject: Mapped[int]
    state: Mapped[str] = mapped_column(default=ErrandState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime())
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("event_id", "job", "subject"),
        Index("ix_errand_claimable", "state", "due_at"),
    )


class WorkerPulse(Base):
    """The last sign of life of one worker process, with what its decoder's jail achieves."""

    __tablename__ = "worker_pulse"
    worker: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    jail: Mapped[dict[str, Any]]


# Built once: to build them costs more processor time than to run them, and each errand runs all of them.
_INSERT: Final = insert(table_of(EventRow))
_INSERT_ONE: Final = _INSERT.returning(table_of(EventRow).c.id)
_ROW: Final = table_of(ErrandRow).c
_AT: Final = bindparam("at", type_=UtcDateTime())
_BEYOND: Final = bindparam("beyond", type_=UtcDateTime())
IS_DUE: Final = or_(
    (_ROW.state == ErrandState.WAITING) & or_(_ROW.due_at <= _AT, _ROW.due_at > _BEYOND),
    (_ROW.state == ErrandState.CLAIMED) & or_(_ROW.lease_until < _AT, _ROW.lease_until > _BEYOND),
)
"""Whether an errand waits and its time has come, or its holder's lease ran out; asks for a `moment`."""
_FIRST_DUE: Final = select(_ROW.id).where(IS_DUE).order_by(_ROW.id).limit(1)
_DUE_ONE: Final = select(table_of(ErrandRow)).where(_ROW.id == bindparam("this"), IS_DUE)
_HELD: Final = update(table_of(ErrandRow)).where(_ROW.id == bindparam("this"), _ROW.fence == bindparam("held"))
_TAKE: Final = _HELD.values(
    state=ErrandState.CLAIMED,
    fence=_ROW.fence + 1,
    attempts=_ROW.attempts + 1,
    crashes=bindparam("crashed"),
    lease_until=bindparam("until"),
)
_PUT_DOWN: Final = _HELD.values(
    state=bindparam("into"),
    due_at=bindparam("due"),
    lease_until=None,
    finished_at=bindparam("ended"),
    fault=bindparam("why"),
)


@dataclass(frozen=True)
class Errand:
    """An errand in hand: `fence` proves the claim, `attempt` counts from 1 and includes this one.

    `crashes` counts the attempts whose worker never came back.
    """

    id: int
    event_id: int
    job: str
    subject: int
    attempt: int
    crashes: int
    fence: int


@dataclass(frozen=True)
class QueueDepth:
    """What waits: how many, and since when the oldest does."""

    waiting: int
    failed: int
    oldest_at: datetime | None


def record(session: Session, event: Event, *, at: datetime) -> int:
    """Keep the event in the caller's transaction, whose commit wakes the workers; returns its id."""
    event_id: int = session.execute(_INSERT_ONE, _told(event, at)).scalar_one()
    ring(session)
    return event_id


def record_all(session: Session, events: Sequence[Event], *, at: datetime) -> None:
    """Keep several events, in this order; otherwise as `record`."""
    session.execute(_INSERT, [_told(event, at) for event in events])
    ring(session)


def _told(event: Event, at: datetime) -> dict[str, Any]:
    return {"name": event.name, "values": event.as_values(), "at": at}


def event_of(session: Session, event_id: int) -> Event:
    """The event as it was recorded.

    Raises:
        NoResultFound: no such event.
    """
    name, values = session.execute(select(EventRow.name, EventRow.values).where(EventRow.id == event_id)).one()
    return KINDS[name].from_values(values)


def moment(at: datetime) -> dict[str, datetime]:
    """What the statements about due errands ask for."""
    return {"at": at, "beyond": at + PLANNED_AT_MOST}


def first_due(session: Session, *, at: datetime) -> int | None:
    """The oldest errand that somebody may claim now; None when there is none."""
    return session.execute(_FIRST_DUE, moment(at)).scalar_one_or_none()


def claim_this(session: Session, errand_id: int, *, at: datetime, lease: timedelta) -> Errand | None:
    """Take this errand; None when it is done, somebody's, not yet due, or not there at all.

    The attempt is counted here, before the work: a job that kills its worker is counted all the same.
    """
    row = session.execute(_DUE_ONE, {"this": errand_id, **moment(at)}).one_or_none()
    if row is None:
        return None
    crashes = row.crashes + (row.state == ErrandState.CLAIMED)
    held = {"this": row.id, "held": row.fence, "crashed": crashes, "until": at + lease}
    taken = _changed_one(session, _TAKE, held)
    if not taken:
        return None
    return Errand(
        id=row.id,
        event_id=row.event_id,
        job=row.job,
        subject=row.subject,
        attempt=row.attempts + 1,
        crashes=crashes,
        fence=row.fence + 1,
    )


def release_leases(session: Session, *, at: datetime) -> None:
    """Let every lease run out now: for a worker that knows it is the only one, when it starts."""
    session.execute(
        update(ErrandRow)
        .where(ErrandRow.state == ErrandState.CLAIMED)
        .values(lease_until=at - timedelta(seconds=1))
    )


def settle(
    session: Session,
    errand: Errand,
    *,
    state: ErrandState,
    at: datetime,
    due_at: datetime | None = None,
    fault: str | None = None,
) -> bool:
    """Put down an errand; False when the lease was lost to another worker meanwhile (nothing is changed)."""
    ended = state in {ErrandState.DONE, ErrandState.FAILED}
    told = {
        "this": errand.id,
        "held": errand.fence,
        "into": state,
        "due": due_at or at,
        "ended": at if ended else None,
        "why": fault,
    }
    return _changed_one(session, _PUT_DOWN, told)


def _changed_one(session: Session, statement: Update, told: dict[str, Any]) -> bool:
    changed = cast("CursorResult[Any]", session.execute(statement, told))
    return changed.rowcount == 1


def queue_depth(session: Session) -> QueueDepth:
    """How much waits, for `/healthz`."""
    open_states = (ErrandState.WAITING, ErrandState.CLAIMED)
    waiting, oldest = session.execute(
        select(func.count(ErrandRow.id), func.min(ErrandRow.made_at)).where(ErrandRow.state.in_(open_states))
    ).one()
    unrelayed, first = session.execute(
        select(func.count(EventRow.id), func.min(EventRow.at)).where(EventRow.relayed_at.is_(None))
    ).one()
    failed = session.execute(
        select(func.count(ErrandRow.id)).where(ErrandRow.state == ErrandState.FAILED)
    ).scalar_one()
    return QueueDepth(
        waiting=waiting + unrelayed,
        failed=failed,
        oldest_at=min((moment for moment in (oldest, first) if moment), default=None),
    )
