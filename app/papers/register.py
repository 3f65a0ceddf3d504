"""The register (台账): hazards of one's units as lines with everything a table shows, narrowed by four filters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.accounts.queries import names_of
from app.core.errors import Fault, Invalid, NotFound
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.lifecycle import State
from app.hazards.models import DualReportRow, HazardRow
from app.hazards.queries import is_contested, is_overdue
from app.hazards.words import Category, Factor, FoundBy, Level, ReportedTo, Stage
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, places_by_id, unit_by_code, unit_by_id, units_by_id

PAGE: Final = 50
BATCH: Final = 500


@dataclass(frozen=True)
class RegisterFilter:
    """What the register is narrowed by; months are their first days, both included, of submission."""

    state: State | None = None
    unit_code: str | None = None
    category: Category | None = None
    from_month: date | None = None
    to_month: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The filter as JSON values."""
        months = {"from_month": self.from_month, "to_month": self.to_month}
        return {
            "state": self.state,
            "unit_code": self.unit_code,
            "category": self.category,
            **{name: month.isoformat() if month else None for name, month in months.items()},
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """The filter read back."""
        return cls(
            state=State(kept["state"]) if kept["state"] else None,
            unit_code=kept["unit_code"],
            category=Category(kept["category"]) if kept["category"] else None,
            from_month=date.fromisoformat(kept["from_month"]) if kept["from_month"] else None,
            to_month=date.fromisoformat(kept["to_month"]) if kept["to_month"] else None,
        )


@dataclass(frozen=True)
class RegisterLine:
    """One hazard of the register. `reporter` is None where this reader may not know, "" if unnamed."""

    number: str
    state: State
    is_contested: bool  # its end is: an objection or an appeal waits for an answer
    level: Level | None
    category: Category | None
    factor: Factor | None
    unit: Unit
    place: str
    description: str
    found_by: FoundBy
    anonymous: bool
    guest: bool
    reporter: str | None
    submitted_at: datetime
    accepted_at: datetime | None
    rectifier: str
    measures: str
    first_deadline: datetime | None
    deadline: datetime | None
    is_overdue: bool
    finished_at: datetime | None
    done: str
    cost_fen: int | None
    to_regulator_on: date | None
    to_congress_on: date | None
    times_returned: int
    closed_at: datetime | None
    closed_by: str
    conclusion: str
    before_key: str | None
    after_key: str | None


@dataclass(frozen=True)
class RegisterPage:
    """One page of the register, newest first; `total` counts every line of the filter."""

    lines: tuple[RegisterLine, ...]
    total: int
    next: int | None


def names_reporters(by: Actor) -> bool:
    """Whether this person may know the reporter of any hazard at all: the column exists then."""
    return by.can_somewhere(Permission.HAZARD_READ_REPORTER)


def register_page(
    session: Session, narrowed: RegisterFilter, *, by: Actor, at: datetime, before: int | None = None
) -> RegisterPage:
    """One page of the register, the newest hazard first.

    Raises:
        NotFound: the unit of the filter is absent or foreign.
        Invalid: the months are the wrong way round.
    """
    conditions = _conditions(session, narrowed, by=by)
    total = session.execute(
        select(func.count())
        .select_from(HazardRow)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(*conditions)
    ).scalar_one()
    rows = _batch(session, conditions, before=before, limit=PAGE + 1)
    lines = _lines(session, rows[:PAGE], by=by, at=at)
    return RegisterPage(lines, total, rows[PAGE - 1].id if len(rows) > PAGE else None)


def register_lines(
    session: Session, narrowed: RegisterFilter, *, by: Actor, at: datetime
) -> Iterator[RegisterLine]:
    """Every line, the newest first, a few hundred in memory at a time; raises like `register_page`."""
    conditions, before = _conditions(session, narrowed, by=by), None
    while rows := _batch(session, conditions, before=before, limit=BATCH):
        yield from _lines(session, rows, by=by, at=at)
        before = rows[-1].id
        session.expunge_all()


def count_lines(session: Session, narrowed: RegisterFilter, *, by: Actor) -> int:
    """How many lines the filter leaves; raises like `register_page`."""
    counted = select(func.count()).select_from(HazardRow).join(UnitRow, UnitRow.id == HazardRow.unit_id)
    return session.execute(counted.where(*_conditions(session, narrowed, by=by))).scalar_one()


def _conditions(session: Session, narrowed: RegisterFilter, *, by: Actor) -> list[ColumnElement[bool]]:
    conditions = [covered_by(session, by.units_where(Permission.HAZARD_READ))]
    zone = unit_by_id(session, by.home_unit_id).zone
    if narrowed.unit_code is not None:
        unit = unit_by_code(session, narrowed.unit_code)
        if unit is None or not by.can(Permission.HAZARD_READ, lineage=unit.lineage):
            raise NotFound
        conditions.append(covered_by(session, [unit.id]))
        zone = unit.zone
    if narrowed.state is not None:
        conditions.append(HazardRow.state == narrowed.state)
    if narrowed.category is not None:
        conditions.append(HazardRow.category == narrowed.category)
    if narrowed.from_month and narrowed.to_month and narrowed.from_month > narrowed.to_month:
        raise Invalid(Fault("to_month", "months_reversed"))
    if narrowed.from_month:
        conditions.append(HazardRow.submitted_at >= datetime.combine(narrowed.from_month, time(), tzinfo=zone))
    if narrowed.to_month:
        ends = datetime.combine(month_after(narrowed.to_month), time(), tzinfo=zone)
        conditions.append(HazardRow.submitted_at < ends)
    return conditions


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _batch(
    session: Session, conditions: Sequence[ColumnElement[bool]], *, before: int | None, limit: int
) -> Sequence[HazardRow]:
    query = select(HazardRow).join(UnitRow, UnitRow.id == HazardRow.unit_id).where(*conditions)
    if before is not None:
        query = query.where(HazardRow.id < before)
    return session.execute(query.order_by(HazardRow.id.desc()).limit(limit)).scalars().all()


def _lines(session: Session, hazards: Sequence[HazardRow], *, by: Actor, at: datetime) -> tuple[RegisterLine, ...]:
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    places = places_by_id(session, [hazard.place_id for hazard in hazards])
    named = [i for h in hazards for i in (h.reporter_id, h.rectifier_id, h.closed_by_id)]
    names = names_of(session, named)
    before, after = _thumbs(session, [hazard.id for hazard in hazards])
    told = _dual_reports(session, [hazard.id for hazard in hazards])
    return tuple(
        RegisterLine(
            **_reported(hazard, units[hazard.unit_id], by=by, names=names),
            **_handled(hazard, names=names, at=at),
            unit=units[hazard.unit_id],
            place=_where(hazard, places),
            to_regulator_on=told.get((hazard.id, ReportedTo.REGULATOR)),
            to_congress_on=told.get((hazard.id, ReportedTo.CONGRESS)),
            before_key=before.get(hazard.id),
            after_key=after.get(hazard.id),
        )
        for hazard in hazards
    )


def _where(hazard: HazardRow, places: Any) -> str:
    place = places.get(hazard.place_id) if hazard.place_id else None
    return place.name if place else hazard.location_text or ""


def _reported(hazard: HazardRow, unit: Unit, *, by: Actor, names: Any) -> dict[str, Any]:
    may_know = by.can(Permission.HAZARD_READ_REPORTER, lineage=unit.lineage)
    reporter = names.get(hazard.reporter_id, "") if hazard.reporter_id and not hazard.anonymous else ""
    return {
        "number": hazard.number,
        "state": State(hazard.state),
        "is_contested": is_contested(hazard),
        "level": Level(hazard.level) if hazard.level else None,
        "category": Category(hazard.category) if hazard.category else None,
        "factor": Factor(hazard.factor) if hazard.factor else None,
        "description": hazard.description or "",
        "found_by": FoundBy(hazard.found_by),
        "anonymous": hazard.anonymous,
        "guest": hazard.guest,
        "reporter": reporter if may_know else None,
        "submitted_at": hazard.submitted_at,
    }


def _handled(hazard: HazardRow, *, names: Any, at: datetime) -> dict[str, Any]:
    return {
        "accepted_at": hazard.accepted_at,
        "rectifier": (names.get(hazard.rectifier_id) if hazard.rectifier_id else hazard.rectifier_name) or "",
        "measures": hazard.measures or "",
        "first_deadline": hazard.first_deadline,
        "deadline": hazard.deadline,
        "is_overdue": is_overdue(hazard, at=at),
        "finished_at": hazard.finished_at,
        "done": hazard.done or "",
        "cost_fen": hazard.cost_fen,
        "times_returned": hazard.times_returned,
        "closed_at": hazard.closed_at,
        "closed_by": names.get(hazard.closed_by_id, "") if hazard.closed_by_id else "",
        "conclusion": hazard.conclusion or "",
    }


def _dual_reports(session: Session, hazard_ids: Sequence[int]) -> dict[tuple[int, ReportedTo], date]:
    """The day of each half of the dual report (安全生产法 §41), the first one where it was recorded twice.

    As `hazards.case.reports_in_force`: a report speaks of the acceptance it was recorded under.
    """
    rows = session.execute(
        select(DualReportRow.hazard_id, DualReportRow.to, func.min(DualReportRow.on).label("day"))
        .join(HazardRow, HazardRow.id == DualReportRow.hazard_id)
        .where(
            DualReportRow.hazard_id.in_(hazard_ids),
            DualReportRow.recorded_at >= func.coalesce(HazardRow.accepted_at, HazardRow.submitted_at),
        )
        .group_by(DualReportRow.hazard_id, DualReportRow.to)
    )
    return {(row.hazard_id, ReportedTo(row.to)): row.day for row in rows}


def _thumbs(session: Session, hazard_ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The first photo before and the last after the repair, by hazard."""
    rows = session.execute(
        select(PhotoRow.hazard_id, PhotoRow.stage, PhotoRow.thumb_key)
        .where(PhotoRow.hazard_id.in_(hazard_ids), PhotoRow.status == PhotoStatus.READY)
        .order_by(PhotoRow.n)
    )
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for hazard_id, stage, key in rows:
        if key is None:
            continue
        if stage == Stage.BEFORE:
            before.setdefault(hazard_id, key)
        else:
            after[hazard_id] = key
    return before, after
