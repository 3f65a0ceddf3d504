"""The figures of a unit's month, each with the hazards behind it; pure.

Source: the table of figures in `domain.md` §9, read on the hazards as they are now. Where that table is silent:
- In the running month a hazard whose deadline has not come, or whose repair was finished in time and waits for its
  re-inspection, is in neither part of "on time" and "closed" and is not overdue: nothing is decided yet, and
  reporting must not cost anything in the meantime. Once the month is over, only closure counts.
- A hazard whose 24 hours are still running and that nobody touched is in neither part of "answered".
- What was open at the end of a past month is told by `closed_at`; of a hazard that was reopened since, by its
  present closure. A hazard that was transferred counts where it is now.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.competition.facts import NO_ROUTINE, HazardFacts, Period, Routine
from app.competition.rules import Item, RuleSet
from app.competition.scoring import Figures
from app.hazards.lifecycle import State
from app.hazards.words import FoundBy, ReportedTo


@dataclass(frozen=True)
class FigureHazards:
    """The numbers of the hazards behind one item, sorted; both empty where no hazards are counted.

    Behind "reporters" stand all valid hazards, lest the list tell which anonymous one was claimed.
    """

    code: Item
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collected:
    """A month's figures and what stands behind each."""

    figures: Figures
    behind: Mapping[Item, FigureHazards]


Hazards = Sequence[HazardFacts]


@dataclass(frozen=True)
class _Sets:
    """The hazards of each figure, named by the figure."""

    V: Hazards
    D: Hazards
    T: Hazards
    Y: Hazards
    K: Hazards
    M: Hazards
    I: Hazards  # noqa: E741  # the letter of the table
    P: Hazards
    S: Hazards
    Q: Hazards
    found_major: Hazards
    overdue: Hazards
    by_superior: Hazards
    unreported: Hazards


def collect(
    hazards: Iterable[HazardFacts],
    *,
    unit_path: str,
    people: int,
    period: Period,
    rules: RuleSet,
    own_finds: Iterable[HazardFacts] = (),
    routine: Routine = NO_ROUTINE,
) -> Collected:
    """The figures of the unit at `unit_path` with its subtree.

    `own_finds` are reports of the time before, among which a superior's find may have been found already; both
    may hold hazards of other units, and more than the month needs.
    """
    within = [hazard for hazard in hazards if hazard.unit_path.startswith(unit_path)]
    finds = [f for f in own_finds if f.unit_path.startswith(unit_path) and f.found_within(unit_path)]
    sets = _sets(within, finds, unit_path=unit_path, period=period, rules=rules)
    return Collected(_figures(sets, people=people, period=period, routine=routine), _behind(sets))


def _sets(within: Hazards, finds: Hazards, *, unit_path: str, period: Period, rules: RuleSet) -> _Sets:
    standing = [h for h in within if h.is_standing]
    accepted = [h for h in standing if period.holds(h.accepted_at)]
    judged = [h for h in standing if h.deadline is not None and not _is_undecided(h, period)]
    due = [h for h in judged if period.holds(h.deadline)]
    year = [h for h in judged if h.deadline is not None and period.year_begins <= h.deadline < period.ends]
    overdue = [h for h in judged if _is_overdue(h, period)]
    majors = [h for h in standing if h.is_major]
    reviewed = [h for h in within if period.holds(h.first_reviewed_at)]
    asked = [h for h in within if _is_asked(h, period, hours=rules.answer_hours)]
    search = timedelta(days=rules.own_search_days)
    return _Sets(
        V=[h for h in accepted if h.found_within(unit_path)],
        D=due,
        T=[h for h in due if _is_on_time(h)],
        Y=year,
        K=[h for h in year if h.closed_at is not None],
        M=[h for h in majors if _lacks_duty(h, period, days=rules.dual_report_days)],
        I=reviewed,
        P=[h for h in reviewed if h.first_review_passed],
        S=asked,
        Q=[h for h in asked if _is_answered(h, hours=rules.answer_hours)],
        found_major=[h for h in majors if period.holds(h.closed_at) and h.found_within(unit_path)],
        overdue=overdue,
        by_superior=[
            h for h in accepted if _is_superiors(h, unit_path) and not _was_found(h, finds, within=search)
        ],
        unreported=[h for h in overdue if h.is_major and not _is_dual_reported(h, period)],
    )


def _is_undecided(hazard: HazardFacts, period: Period) -> bool:
    if not period.is_running or hazard.closed_at is not None or hazard.deadline is None:
        return False
    return hazard.deadline >= period.at or (hazard.state == State.REVIEWING and _was_repaired_in_time(hazard))


def _was_repaired_in_time(hazard: HazardFacts) -> bool:
    if hazard.state not in {State.REVIEWING, State.CLOSED}:
        return False
    return hazard.finished_at is not None and hazard.deadline is not None and hazard.finished_at <= hazard.deadline


def _is_on_time(hazard: HazardFacts) -> bool:
    return hazard.closed_at is not None and _was_repaired_in_time(hazard)


def _is_overdue(hazard: HazardFacts, period: Period) -> bool:
    # Repaired in time and waiting for its re-inspection: the rectifier did everything, and a slow re-inspection
    # does not hurt. Else a good hazard reported near a month's end would cost its unit a point.
    if _was_repaired_in_time(hazard):
        return False
    open_at_end = hazard.closed_at is None or hazard.closed_at >= period.ends
    return open_at_end and hazard.deadline is not None and hazard.deadline < period.cutoff


def _lacks_duty(hazard: HazardFacts, period: Period, *, days: int) -> bool:
    """五落实 and 双报告 of a major hazard that was open during the month, at its end (or now)."""
    if hazard.accepted_at is None or hazard.accepted_at >= period.cutoff:
        return False
    if hazard.closed_at is not None and hazard.closed_at < period.begins:
        return False
    reports_due = hazard.accepted_at + timedelta(days=days) <= period.cutoff
    return not hazard.is_planned or (reports_due and not _is_dual_reported(hazard, period))


def _is_dual_reported(hazard: HazardFacts, period: Period) -> bool:
    today = period.cutoff.astimezone(period.zone).date()
    return all(to in hazard.dual_reports and hazard.dual_reports[to] <= today for to in ReportedTo)


def _is_asked(hazard: HazardFacts, period: Period, *, hours: int) -> bool:
    if hazard.state == State.WITHDRAWN or not period.holds(hazard.arrived_at):
        return False
    return hazard.first_act_at is not None or hazard.arrived_at + timedelta(hours=hours) <= period.at


def _is_answered(hazard: HazardFacts, *, hours: int) -> bool:
    return hazard.first_act_at is not None and hazard.first_act_at <= hazard.arrived_at + timedelta(hours=hours)


def _is_superiors(hazard: HazardFacts, unit_path: str) -> bool:
    return hazard.found_by == FoundBy.SUPERIOR_INSPECTION and not hazard.found_within(unit_path)


def _was_found(hazard: HazardFacts, finds: Hazards, *, within: timedelta) -> bool:
    def is_same(find: HazardFacts) -> bool:
        spot = find.place_id is not None and (find.place_id, find.category) == (hazard.place_id, hazard.category)
        return spot and hazard.submitted_at - within <= find.submitted_at < hazard.submitted_at

    return any(is_same(find) for find in finds)


def _figures(sets: _Sets, *, people: int, period: Period, routine: Routine) -> Figures:
    vetoes = {*routine.veto, *([Item.MAJOR_WITHOUT_DUAL_REPORT] if sets.unreported else [])}
    return Figures(
        H=people,
        V=len(sets.V),
        R=len({h.account_id for h in sets.V} - {None}),
        D=len(sets.D),
        T=len(sets.T),
        Y=len(sets.Y),
        K=len(sets.K),
        M=len(sets.M),
        I=len(sets.I),
        P=len(sets.P),
        S=len(sets.S),
        Q=len(sets.Q),
        monthly_inspection=routine.monthly_inspection,
        patrol_days=routine.patrol_days,
        month_days=period.days,
        ten_ones=routine.ten_ones,
        first_found_major=len(sets.found_major),
        prize_photos=routine.prize_photos,
        congress_patrols=routine.congress_patrols,
        other_bonus=routine.other_bonus,
        overdue=len(sets.overdue),
        found_by_superior=len(sets.by_superior),
        veto=tuple(item for item in Item if item in vetoes),
    )


_PARTS: Final[Mapping[Item, tuple[Callable[[_Sets], Hazards], Callable[[_Sets], Hazards]]]] = {
    Item.REPORTERS: (lambda s: s.V, lambda _: ()),
    Item.HAZARDS: (lambda s: s.V, lambda _: ()),
    Item.ON_TIME: (lambda s: s.T, lambda s: s.D),
    Item.CLOSED: (lambda s: s.K, lambda s: s.Y),
    Item.MAJOR_DUTIES: (lambda s: s.M, lambda _: ()),
    Item.PASSED_AT_ONCE: (lambda s: s.P, lambda s: s.I),
    Item.ANSWERED: (lambda s: s.Q, lambda s: s.S),
    Item.FIRST_FOUND_MAJOR: (lambda s: s.found_major, lambda _: ()),
    Item.OVERDUE: (lambda s: s.overdue, lambda _: ()),
    Item.FOUND_BY_SUPERIOR: (lambda s: s.by_superior, lambda _: ()),
    Item.MAJOR_WITHOUT_DUAL_REPORT: (lambda s: s.unreported, lambda _: ()),
}


def _behind(sets: _Sets) -> Mapping[Item, FigureHazards]:
    def numbers(hazards: Hazards) -> tuple[str, ...]:
        return tuple(sorted(hazard.number for hazard in hazards))

    counted = {
        item: FigureHazards(item, numbers(above(sets)), numbers(below(sets)))
        for item, (above, below) in _PARTS.items()
    }
    return {item: counted.get(item, FigureHazards(item)) for item in Item}
