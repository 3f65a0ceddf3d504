"""Individual points on acceptance: what a person earns for a hazard, and why sometimes less.

Source: the individual rules of `domain.md` §9. Pure, so that any order of delivery gives the same ledger: each
award follows from the facts of the person's month, ranked by (accepted_at, hazard_id), never from earlier awards.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from app.core.errors import Fault, Invalid


class Rule(StrEnum):
    """What is rewarded; a ledger has one entry for each event and rule."""

    GENERAL = "general"
    MAJOR = "major"
    VIOLATION = "violation"
    FIXED_ON_THE_SPOT = "fixed_on_the_spot"


class Why(StrEnum):
    """Why an award is what it is; its values are named beside it."""

    ACCEPTED = "accepted"  # in full
    UNCLAIMED = "unclaimed"  # anonymous or a guest's: nobody to credit yet
    OWN_AREA = "own_area"  # an officer in their own area
    DUPLICATE = "duplicate"  # somebody reported it first
    CAP_SAME_PLACE = "cap_same_place"  # limit: how many of one category and place a month count
    CAP_DAY = "cap_day"  # limit: how many general hazards a day count
    CAP_MONTH = "cap_month"  # limit: points a month for general hazards; before: points already earned


@dataclass(frozen=True)
class PointRules:
    """One version of the point rules; made by `point_rules`."""

    version: int
    general: int
    major: int
    violation: int
    fixed_on_the_spot: int
    violation_category: str
    same_place_a_month: int
    general_a_day: int
    general_points_a_month: int


DEFAULT_POINT_RULES: dict[str, Any] = {
    "version": 1,
    "general": 5,
    "major": 50,
    "violation": 5,
    "fixed_on_the_spot": 2,
    "violation_category": "BEHV",
    "same_place_a_month": 2,
    "general_a_day": 5,
    "general_points_a_month": 60,
}
"""Version 1 as plain JSON."""


def point_rules(raw: Mapping[str, Any]) -> PointRules:
    """The point rules in a plain JSON table shaped like `DEFAULT_POINT_RULES`.

    Raises:
        Invalid: with every fault found.
    """
    known = frozenset(DEFAULT_POINT_RULES)
    faults = [Fault(str(key), "unknown") for key in raw if key not in known]
    for key in DEFAULT_POINT_RULES:
        if key not in raw:
            faults.append(Fault(key, "missing"))
        elif key == "violation_category":
            if not isinstance(raw[key], str) or re.fullmatch(r"[A-Z]{4}", raw[key]) is None:
                faults.append(Fault(key, "not_a_category"))
        elif type(raw[key]) is not int or raw[key] < (1 if key == "version" else 0):
            faults.append(Fault(key, "not_a_whole_number"))
    if faults:
        raise Invalid(*faults)
    return PointRules(**raw)


@dataclass(frozen=True)
class Acceptance:
    """The facts of one accepted (or merged) hazard that points depend on.

    `accepted_at` is aware; for an anonymous hazard it is the instant of the claim, so that a late claim ranks
    last and never lowers what was already earned. `local_day` is its day in the unit's zone. `place` is any
    stable key of the place, None when only words were given (then the cap per place cannot speak).
    An acceptance that was voided or merged later stays among the facts: its own entry is reversed, others keep
    theirs. `is_duplicate` is for a hazard that was merged without ever being accepted.
    """

    hazard_id: str
    accepted_at: datetime
    local_day: date
    level: Literal["general", "major"]
    category: str
    place: str | None
    is_fixed_on_the_spot: bool = False
    is_claimed: bool = True
    is_own_area: bool = False
    is_duplicate: bool = False

    @property
    def month(self) -> tuple[int, int]:
        """Year and month in the unit's zone."""
        return self.local_day.year, self.local_day.month


@dataclass(frozen=True)
class Award:
    """Points for one rule, possibly 0, with the reason code and what its sentence needs."""

    rule: Rule
    points: int
    why: Why
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


def points_for(acceptance: Acceptance, others: Iterable[Acceptance], *, rules: PointRules) -> tuple[Award, ...]:
    """What this acceptance earns its reporter, given all other acceptances of the same person.

    `others` may come in any order, reach beyond the month and contain this one. Awards of 0 are returned too, so
    that the ledger explains itself: one for the hazard and, when it was fixed on the spot, one for that.
    """
    refused = _refusal(acceptance)
    if refused is not None:
        return tuple(Award(rule, 0, refused) for rule, _ in _offers(acceptance, rules))
    if acceptance.level == "major":
        return _in_full(acceptance, rules)
    rank = _rank(acceptance)
    month = {_rank(other): other for other in others if _is_capped(other) and other.month == acceptance.month}
    so_far = _Month(rules)
    for earlier in sorted(key for key in month if key < rank):
        so_far.count(month[earlier])
    return so_far.count(acceptance)


def _rank(acceptance: Acceptance) -> tuple[datetime, str]:
    return acceptance.accepted_at, acceptance.hazard_id


def _refusal(acceptance: Acceptance) -> Why | None:
    if acceptance.is_duplicate:
        return Why.DUPLICATE
    if not acceptance.is_claimed:
        return Why.UNCLAIMED
    return Why.OWN_AREA if acceptance.is_own_area else None


def _is_capped(acceptance: Acceptance) -> bool:
    """Whether it takes room under the caps: what earns nothing and what is uncapped does not."""
    return acceptance.level == "general" and _refusal(acceptance) is None


def _offers(acceptance: Acceptance, rules: PointRules) -> list[tuple[Rule, int]]:
    if acceptance.level == "major":
        offers = [(Rule.MAJOR, rules.major)]
    elif acceptance.category == rules.violation_category:
        offers = [(Rule.VIOLATION, rules.violation)]
    else:
        offers = [(Rule.GENERAL, rules.general)]
    if acceptance.is_fixed_on_the_spot:
        offers.append((Rule.FIXED_ON_THE_SPOT, rules.fixed_on_the_spot))
    return offers


def _in_full(acceptance: Acceptance, rules: PointRules) -> tuple[Award, ...]:
    return tuple(Award(rule, points, Why.ACCEPTED) for rule, points in _offers(acceptance, rules))


class _Month:
    """A person's general hazards of one month, counted in rank order."""

    def __init__(self, rules: PointRules) -> None:
        self.rules = rules
        self.earned = 0
        self.days: dict[date, int] = {}
        self.spots: dict[tuple[str, str], int] = {}

    def count(self, acceptance: Acceptance) -> tuple[Award, ...]:
        """Awards for the next acceptance in rank; one stopped by a cap takes no room under the others."""
        spot = (acceptance.category, acceptance.place) if acceptance.place is not None else None
        if spot is not None and self.spots.get(spot, 0) >= self.rules.same_place_a_month:
            return self._stopped(acceptance, Why.CAP_SAME_PLACE, self.rules.same_place_a_month)
        if self.days.get(acceptance.local_day, 0) >= self.rules.general_a_day:
            return self._stopped(acceptance, Why.CAP_DAY, self.rules.general_a_day)
        if spot is not None:
            self.spots[spot] = self.spots.get(spot, 0) + 1
        self.days[acceptance.local_day] = self.days.get(acceptance.local_day, 0) + 1
        return tuple(self._within_month(rule, points) for rule, points in _offers(acceptance, self.rules))

    def _stopped(self, acceptance: Acceptance, why: Why, limit: int) -> tuple[Award, ...]:
        return tuple(Award(rule, 0, why, {"limit": str(limit)}) for rule, _ in _offers(acceptance, self.rules))

    def _within_month(self, rule: Rule, points: int) -> Award:
        limit, before = self.rules.general_points_a_month, self.earned
        granted = min(points, limit - before)
        self.earned += granted
        if granted == points:
            return Award(rule, points, Why.ACCEPTED)
        return Award(rule, granted, Why.CAP_MONTH, {"limit": str(limit), "before": str(before)})
