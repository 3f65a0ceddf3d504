"""The clocks of open hazards: marks of their deadlines, the officer's first act, supervision of overdue majors.

One sweep, walked by the timetable. Every mark is one row that can be written once (`deadline_mark`), so that
downtime, restarts, two workers and a clock that jumps neither skip nor double a message. What was decided where
the domain is silent: docs/decisions/0011-clocks.md.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import exists, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.core.db import Database, changed_one, table_of
from app.core.outbox import record
from app.hazards.deadlines import ESCALATION, FIRST_ACT_WITHIN, FURTHEST_AHEAD, Marked, marks_due
from app.hazards.events import DeadlineMarked, FirstActLate, HazardSupervised
from app.hazards.history import Step, write_history
from app.hazards.lifecycle import State
from app.hazards.models import DeadlineMarkRow, HazardRow
from app.hazards.words import Level
from app.units.queries import unit_by_id, units_by_id

SUPERVISED: Final = "supervise"
"""The action that the history gives to a hazard that came under supervision by itself."""
BATCH: Final = 50
"""How many hazards one transaction looks after: reports must not wait behind a week of marks."""
ASKED_AT_ONCE: Final = 1000
"""How many hazards' marks one question reads: far below what any database takes as parameters."""
REPAIR, FIRST_ACT = "repair", "first_act"
A_DAY_LATE: Final = 1
"""The one mark of the first act: 24 hours after the arrival."""
_INSERT: Final = insert(table_of(DeadlineMarkRow))
# Literal, as the partial indexes say it: a bound value would not be seen to match them.
_TO_REPAIR: Final = text("hazard.state = 'rectifying'")
_TO_ANSWER: Final = text("hazard.state = 'submitted' AND hazard.first_act_at IS NULL")


@dataclass(frozen=True)
class Announced:
    """What one sweep told: how many events of each kind."""

    marks: int = 0
    late: int = 0
    supervised: int = 0

    def __add__(self, other: "Announced") -> "Announced":
        """Both together."""
        return Announced(self.marks + other.marks, self.late + other.late, self.supervised + other.supervised)


@dataclass(frozen=True)
class _Watched:
    """What of a hazard under repair its clock looks at; `since` is when its deadline was given."""

    id: int
    unit_id: int
    deadline: datetime
    since: datetime
    may_be_supervised: bool


def announce_deadlines(*, at: datetime, db: Database) -> Announced:
    """Write down every mark that has come by `at`, and record what people should hear of.

    Looks first without a lock; each batch is then asked again in a transaction of its own, so that a repair handed
    in meanwhile is not nagged. Repeatable at any time, by any number of workers.

    Raises:
        Unavailable: the database cannot keep it now; what was kept stays kept.
    """
    with db.read() as session:
        waiting = [*_repairs_due(session, at=at), *_answers_due(session, at=at)]
    told = Announced()
    for batch in _batches(waiting, BATCH):
        with db.write() as session:
            hazards = session.execute(select(HazardRow).where(HazardRow.id.in_(batch)).order_by(HazardRow.id))
            told = sum((_look_after(session, hazard, at=at) for hazard in hazards.scalars().all()), told)
    return told


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _repairs_due(session: Session, *, at: datetime) -> list[int]:
    """Hazards under repair of which something must be written down now, the oldest deadline first."""
    mark = aliased(DeadlineMarkRow)
    all_kept = exists().where(
        mark.hazard_id == HazardRow.id,
        mark.clock == REPAIR,
        mark.counted_from == HazardRow.deadline,
        mark.days == ESCALATION,
    )
    rows = session.execute(
        select(
            HazardRow.id,
            HazardRow.unit_id,
            HazardRow.deadline,
            HazardRow.deadline_set_at,
            HazardRow.submitted_at,
            HazardRow.level,
            HazardRow.supervised_at,
        )
        .where(_TO_REPAIR, HazardRow.deadline <= at + FURTHEST_AHEAD, ~all_kept)
        .order_by(HazardRow.deadline, HazardRow.id)
    )
    watched = [_watched(row) for row in rows]
    units_by_id(session, {hazard.unit_id for hazard in watched})  # in one question instead of many
    kept = _kept(session, watched)
    return [one.id for one in watched if _is_due(session, one, kept.get(one.id, ()), at=at)]


def _watched(row: Any) -> _Watched:
    return _Watched(
        id=row.id,
        unit_id=row.unit_id,
        deadline=row.deadline,
        since=row.deadline_set_at or row.submitted_at,
        may_be_supervised=row.level == Level.MAJOR and row.supervised_at is None,
    )


def _answers_due(session: Session, *, at: datetime) -> list[int]:
    """Hazards that wait for an officer's first act longer than they should, and of which nobody was told."""
    mark = aliased(DeadlineMarkRow)
    kept = exists().where(
        mark.hazard_id == HazardRow.id, mark.clock == FIRST_ACT, mark.counted_from == HazardRow.arrived_at
    )
    rows = session.execute(
        select(HazardRow.id)
        .where(_TO_ANSWER, HazardRow.arrived_at <= at - FIRST_ACT_WITHIN, ~kept)
        .order_by(HazardRow.arrived_at, HazardRow.id)
    )
    return list(rows.scalars())


def _kept(session: Session, hazards: Sequence[_Watched]) -> dict[int, set[int]]:
    """The marks already written down for the deadlines in force, by hazard."""
    kept: dict[int, set[int]] = {}
    deadlines = {hazard.id: hazard.deadline for hazard in hazards}
    for batch in _batches([*deadlines], ASKED_AT_ONCE):
        rows = session.execute(
            select(DeadlineMarkRow.hazard_id, DeadlineMarkRow.counted_from, DeadlineMarkRow.days).where(
                DeadlineMarkRow.hazard_id.in_(batch), DeadlineMarkRow.clock == REPAIR
            )
        )
        for hazard_id, deadline, days in rows:
            if deadline == deadlines[hazard_id]:
                kept.setdefault(hazard_id, set()).add(days)
    return kept


def _marked(session: Session, one: _Watched, kept: Collection[int], *, at: datetime) -> Marked:
    zone = unit_by_id(session, one.unit_id).zone
    return marks_due(one.deadline, since=one.since, at=at, zone=zone, kept=kept)


def _must_be_supervised(one: _Watched, *, at: datetime) -> bool:
    return one.may_be_supervised and one.deadline < at


def _is_due(session: Session, one: _Watched, kept: Collection[int], *, at: datetime) -> bool:
    return bool(_marked(session, one, kept, at=at).days) or _must_be_supervised(one, at=at)


def _look_after(session: Session, hazard: HazardRow, *, at: datetime) -> Announced:
    """Everything that is due for one hazard, as it stands inside this transaction."""
    if hazard.state == State.RECTIFYING:
        supervised = _must_be_supervised(_watched(hazard), at=at) and _supervise(session, hazard, at=at)
        return Announced(marks=_mark_repair(session, hazard, at=at), supervised=int(supervised))
    if hazard.state == State.SUBMITTED and hazard.first_act_at is None:
        return Announced(late=int(_mark_first_act(session, hazard, at=at)))
    return Announced()


def _mark_repair(session: Session, hazard: HazardRow, *, at: datetime) -> int:
    one = _watched(hazard)
    marked = _marked(session, one, _kept(session, [one]).get(one.id, ()), at=at)
    told = 0
    for days in marked.days:
        announced = days in marked.announced
        if _keep_mark(session, one.id, REPAIR, one.deadline, days, announced=announced, at=at) and announced:
            record(session, DeadlineMarked(hazard.id, hazard.version, days), at=at)
            told += 1
    return told


def _mark_first_act(session: Session, hazard: HazardRow, *, at: datetime) -> bool:
    since = hazard.arrived_at
    if since + FIRST_ACT_WITHIN > at:
        return False
    if not _keep_mark(session, hazard.id, FIRST_ACT, since, A_DAY_LATE, announced=True, at=at):
        return False
    record(session, FirstActLate(hazard.id, hazard.version), at=at)
    return True


def _keep_mark(
    session: Session,
    hazard_id: int,
    clock: str,
    counted_from: datetime,
    days: int,
    *,
    announced: bool,
    at: datetime,
) -> bool:
    """Write a mark down; False when another worker just did: the UNIQUE decides, not what was read before."""
    told = {
        "hazard_id": hazard_id,
        "clock": clock,
        "counted_from": counted_from,
        "days": days,
        "marked_at": at,
        "announced": announced,
    }
    try:
        with session.begin_nested():
            session.execute(_INSERT, told)
    except IntegrityError:
        return False
    return True


def _supervise(session: Session, hazard: HazardRow, *, at: datetime) -> bool:
    """挂牌督办: a step of the hazard's life, made by nobody; compare-and-set like every other."""
    moment = max(at, hazard.changed_at + timedelta(microseconds=1))
    moved = changed_one(
        session,
        update(HazardRow)
        .where(HazardRow.id == hazard.id, HazardRow.version == hazard.version, HazardRow.state == hazard.state)
        .values(supervised_at=moment, version=hazard.version + 1, changed_at=moment),
    )
    if not moved:
        return False
    session.refresh(hazard)
    assert hazard.deadline is not None  # noqa: S101  # seen before the step
    detail = {"deadline": hazard.deadline.isoformat()}
    write_history(session, hazard, Step(SUPERVISED, None, hazard.state, detail), at=moment)
    record(session, HazardSupervised(hazard.id, hazard.version), at=moment)
    return True
