"""Who hears of a hazard once its unit is known: the rules in their order, any officer there, the next unit up.

Pure. Source: `domain.md` §5, "Routing". A rule that cannot work is never silently skipped: the decision names it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.units.geometry import is_inside
from app.units.surroundings import (
    Because,
    Flaw,
    Mismatch,
    OfficerFact,
    Reason,
    RuleFact,
    Scope,
    Spot,
    Surroundings,
)


@dataclass(frozen=True)
class _Tree:
    """The unit tree by id."""

    names: Mapping[int, str]
    parents: Mapping[int, int | None]
    retired: frozenset[int]

    def name(self, unit_id: int) -> str:
        return self.names.get(unit_id, str(unit_id))

    def climb(self, unit_id: int) -> Iterator[int]:
        """The unit and everything above it; a loop in the tree ends the climb."""
        asked: set[int] = set()
        here: int | None = unit_id
        while here is not None and here not in asked:
            asked.add(here)
            yield here
            here = self.parents.get(here)


def choose_officer(
    surroundings: Surroundings,
    *,
    unit_id: int,
    category: str | None,
    spot: Spot,
    every_rule: bool = False,
) -> tuple[int | None, tuple[Reason, ...]]:
    """The account that hears of a hazard of this unit, and why; None when nobody is there all the way up.

    With `every_rule` the rules that are for other hazards are told too: for whoever tries the rules out.
    """
    tree = _tree_of(surroundings)
    reasons: list[Reason] = []
    below: int | None = None
    for here in tree.climb(unit_id):
        if below is not None:
            reasons.append(Reason(Because.CLIMBED, {"unit": tree.name(below), "to": tree.name(here)}))
        found, told = _officer_in(here, surroundings, tree, (category, spot), every_rule=every_rule)
        reasons += told
        if found is not None:
            return found, tuple(reasons)
        below = here
    return None, (*reasons, Reason(Because.NOBODY, {"unit": tree.name(unit_id if below is None else below)}))


def flaw_of(rule: RuleFact, surroundings: Surroundings) -> Flaw | None:
    """Why this rule cannot work; None when it can. `surroundings` must hold the officers above the rule's unit."""
    return _flaw(rule, surroundings, _tree_of(surroundings))


def in_order(rules: Iterable[RuleFact]) -> list[RuleFact]:
    """The rules as they are asked."""
    return sorted(rules, key=lambda rule: (rule.position, rule.id))


def _tree_of(surroundings: Surroundings) -> _Tree:
    return _Tree(
        {unit.id: unit.name for unit in surroundings.units},
        {unit.id: unit.parent_id for unit in surroundings.units},
        frozenset(unit.id for unit in surroundings.units if unit.retired),
    )


def _officer_in(
    unit_id: int,
    surroundings: Surroundings,
    tree: _Tree,
    hazard: tuple[str | None, Spot],
    *,
    every_rule: bool,
) -> tuple[int | None, list[Reason]]:
    """Who hears in exactly this unit: by its rules, else any officer there; a deputy stands in for who is away."""
    unit = tree.name(unit_id)
    rules = in_order(rule for rule in surroundings.rules if rule.unit_id == unit_id)
    reasons: list[Reason] = []
    for rule in rules:
        won, told = _asked(rule, surroundings, tree, hazard, every_rule=every_rule)
        reasons += told
        if won:
            there, stand_in = _there(rule.account_id, rule.officer, unit, surroundings)
            reasons += stand_in
            if there is not None:
                return there, reasons
    for officer in _officers_in(unit_id, surroundings.officers, rules):
        there, stand_in = _there(officer.account_id, officer.name, unit, surroundings)
        if there is not None:
            on_duty = Reason(Because.OFFICER_ON_DUTY_HERE, {"officer": officer.name, "unit": unit})
            return there, [*reasons, on_duty, *stand_in]
        reasons += [reason for reason in stand_in if reason not in reasons]
    return None, reasons


def _asked(
    rule: RuleFact,
    surroundings: Surroundings,
    tree: _Tree,
    hazard: tuple[str | None, Spot],
    *,
    every_rule: bool,
) -> tuple[bool, list[Reason]]:
    """Whether this rule names who hears, and what is told of it."""
    named = {"rule": str(rule.position), "unit": tree.name(rule.unit_id)}
    mismatch = _mismatch(rule, *hazard)
    if mismatch is not None:
        return False, [Reason(Because.RULE_PASSED, {**named, "mismatch": mismatch})] if every_rule else []
    named |= {"officer": rule.officer}
    flaw = _flaw(rule, surroundings, tree)
    if flaw is not None:
        return False, [Reason(Because.RULE_BROKEN, {**named, "flaw": flaw})]
    return True, [Reason(Because.RULE_WON, {**named, "category": rule.category or "", "spot": rule.spot})]


def _officers_in(unit_id: int, officers: Iterable[OfficerFact], rules: Iterable[RuleFact]) -> list[OfficerFact]:
    """Those named for nothing in particular before those who are; then the lower id."""
    named = {rule.account_id for rule in rules if rule.on}
    here = [officer for officer in officers if officer.unit_id == unit_id]
    return sorted(here, key=lambda officer: (officer.account_id in named, officer.account_id))


def _there(
    account_id: int, officer: str, unit: str, surroundings: Surroundings
) -> tuple[int | None, list[Reason]]:
    """The officer, or who stands in for one who is away today; None when nobody does."""
    if account_id not in surroundings.deputies:
        return account_id, []
    deputy = surroundings.deputies[account_id]
    if deputy is None:
        return None, [Reason(Because.OFFICER_AWAY, {"officer": officer, "unit": unit})]
    return deputy.account_id, [Reason(Because.DEPUTY, {"officer": officer, "deputy": deputy.name})]


def _mismatch(rule: RuleFact, category: str | None, spot: Spot) -> Mismatch | None:
    """Why the rule is not for this hazard; a spot that is gone is no mismatch but a flaw."""
    if not rule.on:
        return Mismatch.OFF
    if rule.category is not None and rule.category != category:
        return Mismatch.OTHER_CATEGORY
    if rule.place is not None and rule.place.id != spot.place_id:
        return Mismatch.OTHER_PLACE
    if rule.area is not None and (spot.position is None or not is_inside(rule.area.polygon, spot.position)):
        return Mismatch.OTHER_AREA
    return None


def _flaw(rule: RuleFact, surroundings: Surroundings, tree: _Tree) -> Flaw | None:
    if rule.unit_id not in tree.names or rule.unit_id in tree.retired:
        return Flaw.UNIT_GONE
    if rule.scope is Scope.PLACE and rule.place is None:
        return Flaw.PLACE_GONE
    if rule.scope is Scope.AREA and rule.area is None:
        return Flaw.AREA_GONE
    if rule.officer_disabled:
        return Flaw.OFFICER_DISABLED
    over = {officer.unit_id for officer in surroundings.officers if officer.account_id == rule.account_id}
    if over.isdisjoint(tree.climb(rule.unit_id)):
        return Flaw.OFFICER_NOT_HERE
    return Flaw.CATEGORY_HIDDEN if rule.category_hidden else None
