"""A unit's monthly statement (月度统计): its figures from the hazards as they are now, its score, and its rank."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.competition.facts import NO_ROUTINE, STANDING, HazardFacts, Period, Routine, period_of
from app.competition.figures import FigureHazards, collect
from app.competition.rule_sets import score_rules_in
from app.competition.rules import Item, RuleSet
from app.competition.scoring import Figures, Score, SizeBand, score
from app.hazards.lifecycle import State
from app.hazards.models import DualReportRow, HazardRow
from app.hazards.words import FoundBy, Level
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, headcount_on


@dataclass(frozen=True)
class Statement:
    """One unit's month; `behind` names for every item the hazards it counts, `month` is the first day."""

    unit: Unit
    month: date
    figures: Figures
    score: Score
    behind: Mapping[Item, FigureHazards]
    rules: RuleSet


@dataclass(frozen=True)
class Ranked:
    """A statement with its place among units of its size; equal scores share a place."""

    statement: Statement
    band: SizeBand
    place: int


def statement(
    session: Session,
    unit: Unit,
    month: date,
    *,
    at: datetime,
    routine: Routine = NO_ROUTINE,
) -> Statement:
    """The statement of a unit and its subtree for a month (its first day), as of `at`.

    Live: from the hazards as they are now, until publication freezes a month. The number of queries is fixed.

    Raises:
        ValueError: `month` is not the first day of a month.
        NoResultFound: no rules were ever made.
    """
    return _statements(session, [unit], month, at=at, routines={unit.id: routine})[0]


def statements_of(
    session: Session,
    units: Sequence[Unit],
    month: date,
    *,
    at: datetime,
    routines: Mapping[int, Routine] | None = None,
) -> list[Ranked]:
    """Statements of several units, by size band, best first; beside a headcount for each, the queries are fixed.

    Raises:
        ValueError, NoResultFound: as `statement`.
    """
    made = _statements(session, units, month, at=at, routines=routines or {})
    bands = [*SizeBand]
    made.sort(key=lambda s: (bands.index(s.score.band), -s.score.hundredths, s.unit.code))
    return [Ranked(s, s.score.band, _place(s, made)) for s in made]


def _place(own: Statement, among: Iterable[Statement]) -> int:
    better = (s for s in among if s.score.band is own.score.band and s.score.hundredths > own.score.hundredths)
    return 1 + sum(1 for _ in better)


def _statements(
    session: Session, units: Sequence[Unit], month: date, *, at: datetime, routines: Mapping[int, Routine]
) -> list[Statement]:
    rules = score_rules_in(session, month)
    periods = {unit.id: period_of(month, zone=unit.zone, at=at, rules=rules) for unit in units}
    hazards = _hazards(session, units, list(periods.values()))
    finds = _own_finds(session, units, hazards, days=rules.own_search_days)
    made = []
    for unit in units:
        period = periods[unit.id]
        collected = collect(
            hazards,
            unit_path=unit.path,
            people=headcount_on(session, unit.id, period.last_day),
            period=period,
            rules=rules,
            own_finds=finds,
            routine=routines.get(unit.id, NO_ROUTINE),
        )
        total = score(collected.figures, rules)
        made.append(Statement(unit, month, collected.figures, total, collected.behind, rules))
    return made


def _hazards(session: Session, units: Collection[Unit], periods: Sequence[Period]) -> list[HazardFacts]:
    """Every hazard of these subtrees that any figure of the month may need."""
    if not periods:
        return []
    year_begins = min(period.year_begins for period in periods)
    begins, ends = min(period.begins for period in periods), max(period.ends for period in periods)

    def in_month(moment: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(moment >= begins, moment < ends)

    still_open = or_(HazardRow.closed_at.is_(None), HazardRow.closed_at >= begins)
    standing = and_(
        HazardRow.state.in_(STANDING),
        or_(
            in_month(HazardRow.accepted_at.expression),
            and_(HazardRow.deadline >= year_begins, HazardRow.deadline < ends),
            and_(HazardRow.deadline < ends, still_open),
            and_(HazardRow.level == Level.MAJOR, HazardRow.accepted_at < ends, still_open),
        ),
    )
    needed = or_(
        standing, in_month(HazardRow.arrived_at.expression), in_month(HazardRow.first_reviewed_at.expression)
    )
    return _facts(session, _select_facts(session, units).where(needed))


def _own_finds(
    session: Session, units: Collection[Unit], hazards: Iterable[HazardFacts], *, days: int
) -> list[HazardFacts]:
    """Reports at the places where a superior found something, from the days before; what was untrue is none."""
    by_superior = [h for h in hazards if h.found_by == FoundBy.SUPERIOR_INSPECTION and h.place_id is not None]
    if not by_superior:
        return []
    since = min(h.submitted_at for h in by_superior) - timedelta(days=days)
    query = _select_facts(session, units).where(
        HazardRow.place_id.in_({h.place_id for h in by_superior}),
        HazardRow.submitted_at >= since,
        HazardRow.submitted_at < max(h.submitted_at for h in by_superior),
        HazardRow.state.not_in((State.REJECTED, State.WITHDRAWN)),
    )
    return _facts(session, query)


def _select_facts(session: Session, units: Collection[Unit]) -> Select[Any]:
    reporter_unit = aliased(UnitRow)
    planned = and_(
        or_(HazardRow.rectifier_id.is_not(None), _is_written(HazardRow.rectifier_name)),
        *(_is_written(c) for c in (HazardRow.measures, HazardRow.funds, HazardRow.emergency_plan)),
        HazardRow.deadline.is_not(None),
    )
    columns: tuple[Any, ...] = (
        HazardRow.id,
        HazardRow.number,
        HazardRow.state,
        UnitRow.path.label("unit_path"),
        reporter_unit.path.label("reporter_path"),
        or_(HazardRow.anonymous, HazardRow.guest).label("is_unnamed"),
        func.coalesce(HazardRow.reporter_id, HazardRow.claimed_by_id).label("account_id"),
        HazardRow.place_id,
        HazardRow.category,
        HazardRow.level,
        HazardRow.found_by,
        HazardRow.submitted_at,
        HazardRow.arrived_at,
        HazardRow.first_act_at,
        HazardRow.accepted_at,
        HazardRow.deadline,
        HazardRow.finished_at,
        HazardRow.closed_at,
        HazardRow.first_reviewed_at,
        HazardRow.first_review_passed,
        planned.label("is_planned"),
    )
    return (
        select(*columns)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .outerjoin(reporter_unit, reporter_unit.id == HazardRow.reporter_unit_id)
        .where(covered_by(session, [unit.id for unit in units]))
    )


def _is_written(column: Any) -> ColumnElement[bool]:
    return func.coalesce(func.trim(column), "") != ""


def _facts(session: Session, query: Select[Any]) -> list[HazardFacts]:
    rows = [dict(row) for row in session.execute(query).mappings()]
    majors = [row["id"] for row in rows if row["level"] == Level.MAJOR]
    reports: dict[int, dict[str, date]] = defaultdict(dict)
    for told in session.execute(
        select(DualReportRow.hazard_id, DualReportRow.to, func.min(DualReportRow.on).label("on"))
        .join(HazardRow, HazardRow.id == DualReportRow.hazard_id)
        # As `hazards.case.reports_in_force`: a report speaks of the acceptance it was recorded under.
        .where(DualReportRow.hazard_id.in_(majors), DualReportRow.recorded_at >= HazardRow.accepted_at)
        .group_by(DualReportRow.hazard_id, DualReportRow.to)
    ):
        reports[told.hazard_id][told.to] = told.on
    return [HazardFacts(dual_reports=reports[row.pop("id")], **row) for row in rows]
