"""An officer's numbers, counted from the hazards themselves, so that each figure can open what stands behind it.

One condition per figure serves both the count and the list: they cannot disagree. The rate is that of the
competition (domain.md §9, T and D): of the hazards whose deadline has passed, those closed whose repair was
finished on or before it; a slow re-inspection does not hurt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.lifecycle import OPEN, State
from app.hazards.lists import lines_of
from app.hazards.models import HazardRow
from app.hazards.views import HazardLine
from app.hazards.words import Stage
from app.units.models import PlaceRow, UnitRow
from app.units.queries import Unit, covered_by, subtree

SPANS: Final = (1, 3, 12)
"""Months a reader may look back, the present one included."""
NO_PLACE: Final = "-"
"""Stands for "reported without a place" where a place's code is named."""
REPORTED: Final = frozenset(State) - {State.WITHDRAWN}
"""Said as what holds, not as what does not: an index finds it."""
STANDING: Final = (State.RECTIFYING, State.REVIEWING, State.CLOSED)


class Figure(StrEnum):
    """What is counted. Ages are those of open hazards, in days since the report."""

    REPORTED = "reported"
    CLOSED = "closed"
    DUE = "due"
    ON_TIME = "on_time"
    HANDED_IN = "handed_in"
    LATE = "late"
    OPEN = "open"
    OVERDUE = "overdue"
    AGE_DAY = "age_day"
    AGE_WEEK = "age_week"
    AGE_MONTH = "age_month"
    AGE_OLDER = "age_older"


AGES: Final[Mapping[Figure, tuple[int, int | None]]] = {
    Figure.AGE_DAY: (0, 1),
    Figure.AGE_WEEK: (1, 7),
    Figure.AGE_MONTH: (7, 30),
    Figure.AGE_OLDER: (30, None),
}
"""Days an open hazard has waited: from (inclusive) to (exclusive; None: no end)."""


@dataclass(frozen=True)
class Span:
    """Whole months in a zone, the last one perhaps still running; ends are exclusive."""

    first: date
    months: int
    zone: ZoneInfo

    def parts(self) -> tuple["Span", ...]:
        """Its months, one by one."""
        return tuple(Span(_plus_months(self.first, n), 1, self.zone) for n in range(self.months))

    @property
    def begins(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(_plus_months(self.first, self.months), time(), tzinfo=self.zone)


def _plus_months(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def span_of(months: int, *, at: datetime, zone: ZoneInfo) -> Span:
    """The last `months` months, the present one included."""
    this = at.astimezone(zone).date().replace(day=1)
    return Span(_plus_months(this, 1 - months), months, zone)


@dataclass(frozen=True)
class Slice:
    """One figure of one span, narrowed to a category or a place (its code, or `NO_PLACE`) when named."""

    figure: Figure
    span: Span
    category: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class Grouped:
    """What one category or place adds: reported in the span, open now, overdue now."""

    key: str
    reported: int
    open: int
    overdue: int


@dataclass(frozen=True)
class Pair:
    """A closed hazard with a picture from before and one from after (their `n`)."""

    line: HazardLine
    before: int
    after: int


def units_read(session: Session, *, by: Actor) -> list[Unit]:
    """The units whose hazards this person reads, parents before children."""
    return subtree(session, by.units_where(Permission.HAZARD_READ))


def counts(session: Session, slices: Sequence[Slice], *, unit: Unit, at: datetime) -> list[int]:
    """How many hazards of the unit's subtree each slice holds: each counted in an index, the table is not read."""
    if not slices:
        return []
    columns = [
        _in_subtree(session, unit, func.count()).where(_holds(each, at=at)).scalar_subquery() for each in slices
    ]
    return [int(count) for count in session.execute(select(*columns)).one()]


def by_category(session: Session, *, unit: Unit, span: Span, at: datetime) -> list[Grouped]:
    """Each category that occurs, the most reported first; "" is what nobody has categorised yet."""
    return _grouped(session, HazardRow.category, unit=unit, span=span, at=at)


def by_place(session: Session, *, unit: Unit, span: Span, at: datetime) -> list[Grouped]:
    """Each place (its row id as text; "" for none) that occurs, the most reported first."""
    return _grouped(session, HazardRow.place_id, unit=unit, span=span, at=at)


def _grouped(session: Session, column: Any, *, unit: Unit, span: Span, at: datetime) -> list[Grouped]:
    counted: list[dict[Any, int]] = []
    for figure in (Figure.REPORTED, Figure.OPEN, Figure.OVERDUE):
        query = _in_subtree(session, unit, column, func.count()).where(_figure_holds(figure, span, at=at))
        counted.append({key: int(number) for key, number in session.execute(query.group_by(column))})
    keys = set().union(*counted)
    found = [
        Grouped("" if key is None else str(key), *(numbers.get(key, 0) for numbers in counted)) for key in keys
    ]
    return sorted(found, key=lambda one: (-one.reported, -one.open, one.key))


def place_name(session: Session, code: str, *, unit: Unit) -> str | None:
    """The place that narrows a figure: one that some hazard of the subtree names, wherever the place lies."""
    query = _in_subtree(session, unit, PlaceRow.name).join(PlaceRow, PlaceRow.id == HazardRow.place_id)
    name: str | None = session.execute(query.where(PlaceRow.code == code).limit(1)).scalar_one_or_none()
    return name


def hazards_behind(
    session: Session, part: Slice, *, unit: Unit, by: Actor, at: datetime, after: str = "", limit: int = 50
) -> tuple[list[HazardLine], str]:
    """The hazards a slice counts, newest first, and the number to go on `after`; "" when these are the last."""
    query = _in_subtree(session, unit, HazardRow).where(_holds(part, at=at))
    query = query.order_by(HazardRow.submitted_at.desc(), HazardRow.id.desc()).limit(limit + 1)
    start = _start(session, unit, after, HazardRow.submitted_at)
    if start is not None:
        query = query.where(tuple_(HazardRow.submitted_at, HazardRow.id) < start)
    rows = list(session.execute(query).scalars())
    shown = rows[:limit]
    return list(lines_of(session, shown, by=by, at=at)), shown[-1].number if len(rows) > limit else ""


def gallery(
    session: Session, *, unit: Unit, by: Actor, at: datetime, after: str = "", limit: int = 12
) -> tuple[list[Pair], str]:
    """Closed hazards with a picture of before and of after, the last closed first; and where to go on."""
    sides = {stage: _picture(stage) for stage in (Stage.BEFORE, Stage.AFTER)}
    query = _in_subtree(session, unit, HazardRow, *sides.values()).where(
        HazardRow.state == State.CLOSED, *(side.is_not(None) for side in sides.values())
    )
    query = query.order_by(HazardRow.closed_at.desc(), HazardRow.id.desc()).limit(limit + 1)
    start = _start(session, unit, after, HazardRow.closed_at)
    if start is not None:
        query = query.where(tuple_(HazardRow.closed_at, HazardRow.id) < start)
    rows = session.execute(query).all()
    shown = rows[:limit]
    lines = lines_of(session, [row[0] for row in shown], by=by, at=at)
    pairs = [Pair(line, row[1], row[2]) for line, row in zip(lines, shown, strict=True)]
    return pairs, shown[-1][0].number if len(rows) > limit else ""


def _picture(stage: Stage) -> ColumnElement[Any]:
    """The first picture of before, the last of after: the repair that passed."""
    best = func.min(PhotoRow.n) if stage is Stage.BEFORE else func.max(PhotoRow.n)
    return (
        select(best)
        .where(PhotoRow.hazard_id == HazardRow.id, PhotoRow.stage == stage, PhotoRow.status == PhotoStatus.READY)
        .scalar_subquery()
    )


def _in_subtree(session: Session, unit: Unit, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(HazardRow)
        # Not joined: so the units come first, and each index begins with them.
        .where(HazardRow.unit_id.in_(select(UnitRow.id).where(covered_by(session, [unit.id]))))
    )


def _start(session: Session, unit: Unit, number: str, column: Any) -> tuple[Any, int] | None:
    """Where a page goes on: at a hazard of this subtree; anything else is the beginning."""
    if not number:
        return None
    row = session.execute(
        _in_subtree(session, unit, column, HazardRow.id).where(HazardRow.number == number)
    ).one_or_none()
    return None if row is None or row[0] is None else (row[0], row[1])


def _holds(part: Slice, *, at: datetime) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = [_figure_holds(part.figure, part.span, at=at)]
    if part.category is not None:
        clauses.append(HazardRow.category == part.category if part.category else HazardRow.category.is_(None))
    if part.place == NO_PLACE:
        clauses.append(HazardRow.place_id.is_(None))
    elif part.place is not None:
        # Retired places too: their hazards are still counted.
        code = select(PlaceRow.id).where(PlaceRow.code == part.place)
        clauses.append(HazardRow.place_id == code.scalar_subquery())
    return and_(*clauses)


def _figure_holds(figure: Figure, span: Span, *, at: datetime) -> ColumnElement[bool]:
    if figure in AGES:
        return _open_for(*AGES[figure], at=at)
    state = HazardRow.state
    fell_due = and_(HazardRow.deadline >= span.begins, HazardRow.deadline < min(span.ends, at))
    due = and_(state.in_(STANDING), fell_due)
    in_time = HazardRow.finished_at <= HazardRow.deadline
    conditions = {
        Figure.REPORTED: and_(_within(HazardRow.submitted_at, span), state.in_(REPORTED)),
        Figure.CLOSED: and_(_within(HazardRow.closed_at, span), state == State.CLOSED),
        Figure.DUE: due,
        Figure.ON_TIME: and_(state == State.CLOSED, fell_due, in_time),
        Figure.HANDED_IN: and_(state == State.REVIEWING, fell_due, in_time),
        Figure.LATE: and_(due, ~and_(state.in_((State.CLOSED, State.REVIEWING)), in_time)),
        Figure.OPEN: state.in_(OPEN),
        Figure.OVERDUE: and_(state == State.RECTIFYING, HazardRow.deadline < at),
    }
    return conditions[figure]


def _within(column: Any, span: Span) -> ColumnElement[bool]:
    return and_(column >= span.begins, column < span.ends)


def _open_for(least: int, most: int | None, *, at: datetime) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = [HazardRow.state.in_(OPEN)]
    if least:
        clauses.append(HazardRow.submitted_at <= at - timedelta(days=least))
    if most is not None:
        clauses.append(HazardRow.submitted_at > at - timedelta(days=most))
    return and_(*clauses)
