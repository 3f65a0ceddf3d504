"""A unit's monthly score: figures in, a score out that explains each of its points.

Source of every formula: the unit rules of `domain.md` §9. Exact fractions throughout; rounded half up once, on
the total, to hundredths. Nothing here knows a clock, a database or a float.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.competition.rules import FORMS, SCORED_BLOCKS, Form, Item, ItemRule, RuleSet


class Grade(StrEnum):
    """What the month is called; read from the published (rounded) total."""

    OUTSTANDING = "outstanding"
    PASSED = "pass"
    BELOW = "below"


class SizeBand(StrEnum):
    """Units are ranked against units of their own size."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True)
class Figures:
    """One unit's month in counts, named by the letters of the table in `domain.md` §9; nothing is smoothed yet.

    H people · V valid hazards · R reporters · D due, T of those in time · Y due this year, K of those closed ·
    M major hazards lacking a duty · I first re-inspected, P of those passed at once · S submitted, Q of those
    answered within 24 h. `patrol_days` of `month_days` had a patrol. `veto` names items of block G.

    Raises:
        ValueError: a figure is not a count, or a part is larger than its whole.
    """

    H: int
    V: int
    R: int
    D: int
    T: int
    Y: int
    K: int
    M: int
    I: int  # noqa: E741  # the letter of the table
    P: int
    S: int
    Q: int
    monthly_inspection: bool
    patrol_days: int
    month_days: int
    ten_ones: int
    first_found_major: int = 0
    prize_photos: int = 0
    congress_patrols: int = 0
    other_bonus: int = 0
    overdue: int = 0
    found_by_superior: int = 0
    veto: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        if type(self.monthly_inspection) is not bool:
            raise ValueError("monthly_inspection is yes or no")
        for name in (f.name for f in fields(self) if f.type is int):
            count = getattr(self, name)
            if type(count) is not int or count < 0:
                raise ValueError(f"{name} is not a count")
        for part, whole in (("T", "D"), ("K", "Y"), ("P", "I"), ("Q", "S"), ("patrol_days", "month_days")):
            if getattr(self, part) > getattr(self, whole):
                raise ValueError(f"{part} is larger than {whole}")
        if self.month_days == 0:
            raise ValueError("a month has days")
        if any(not isinstance(item, Item) or item.block != "G" for item in self.veto):
            raise ValueError("a veto is an item of block G")


def figures_from(raw: Mapping[str, Any]) -> Figures:
    """Reads back what `dataclasses.asdict(figures)` became in a JSON snapshot.

    Raises:
        TypeError: a figure is missing or unknown.
        ValueError: a figure is not what `Figures` allows.
    """
    return Figures(**{**raw, "veto": tuple(Item(code) for code in raw.get("veto", ()))})


@dataclass(frozen=True)
class Counts:
    """The figures an item reads; `of` is missing where there is nothing to divide by."""

    x: Callable[[Figures], int]
    of: Callable[[Figures], int] | None = None


def _veto(item: Item) -> Counts:
    return Counts(lambda f: int(item in f.veto))


COUNTS: Mapping[Item, Counts] = {
    Item.REPORTERS: Counts(lambda f: f.R, lambda f: f.H),
    Item.HAZARDS: Counts(lambda f: f.V, lambda f: f.H),
    Item.ON_TIME: Counts(lambda f: f.T, lambda f: f.D),
    Item.CLOSED: Counts(lambda f: f.K, lambda f: f.Y),
    Item.MAJOR_DUTIES: Counts(lambda f: f.M),
    Item.PASSED_AT_ONCE: Counts(lambda f: f.P, lambda f: f.I),
    Item.ANSWERED: Counts(lambda f: f.Q, lambda f: f.S),
    Item.MONTHLY_INSPECTION: Counts(lambda f: int(f.monthly_inspection)),
    Item.PATROL: Counts(lambda f: f.patrol_days, lambda f: f.month_days),
    Item.TEN_ONES: Counts(lambda f: f.ten_ones),
    Item.FIRST_FOUND_MAJOR: Counts(lambda f: f.first_found_major),
    Item.PRIZE_PHOTO: Counts(lambda f: f.prize_photos),
    Item.CONGRESS_PATROL: Counts(lambda f: f.congress_patrols),
    Item.OTHER_BONUS: Counts(lambda f: f.other_bonus),
    Item.OVERDUE: Counts(lambda f: f.overdue),
    Item.FOUND_BY_SUPERIOR: Counts(lambda f: f.found_by_superior),
    **{item: _veto(item) for item in Item if item.block == "G"},
}


@dataclass(frozen=True)
class Term:
    """One figure with what it earned: `numerator` of `denominator` (none for a plain count) gave `points`.

    `most` is the most it can give, or take in block F; never negative. An item that is not `in_force` counts
    full in A to D, and neither gives, takes nor vetoes in E to G.
    """

    code: Item
    numerator: int
    denominator: int | None
    points: Fraction
    most: Fraction
    in_force: bool


@dataclass(frozen=True)
class Block:
    """The terms of one letter and their sum; negative in F, zero in G."""

    code: str
    points: Fraction
    most: Fraction
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Score:
    """A month's score; `hundredths` is 0 … 10,000, and 0 when anything stands in `vetoed`."""

    rules_version: int
    hundredths: int
    grade: Grade
    band: SizeBand
    blocks: tuple[Block, ...]
    vetoed: tuple[Item, ...]


def score(figures: Figures, rules: RuleSet) -> Score:
    """The month's score by blocks A to G (`domain.md` §9): exact until the total, rounded half up once."""
    counted = replace(figures, H=max(figures.H, rules.headcount_floor))
    terms = [_term(rule, counted, rules) for rule in rules.items]
    blocks = tuple(_block(letter, terms) for letter in sorted({item.block for item in Item}))
    vetoed = tuple(t.code for t in terms if t.code.block == "G" and t.in_force and t.numerator)
    total = sum((block.points for block in blocks), Fraction(0))
    hundredths = 0 if vetoed else half_up_hundredths(min(max(total, Fraction(0)), Fraction(100)))
    return Score(
        rules_version=rules.version,
        hundredths=hundredths,
        grade=_grade(hundredths, blocks, rules),
        band=_band(figures.H, rules),
        blocks=blocks,
        vetoed=vetoed,
    )


def half_up_hundredths(points: Fraction) -> int:
    """Non-negative points as integer hundredths, a half rounded up: 1/200 is 1."""
    return (200 * points.numerator + points.denominator) // (2 * points.denominator)


def _term(rule: ItemRule, figures: Figures, rules: RuleSet) -> Term:
    counts = COUNTS[rule.item]
    x = counts.x(figures)
    n = counts.of(figures) if counts.of else None
    in_force = rule.item in rules.in_force
    if in_force:
        points = _points(FORMS[rule.item], rule, x, n or 0, rules.smoothing)
    else:
        points = rule.points if rule.item.block in SCORED_BLOCKS else Fraction(0)
    return Term(rule.item, x, n, points, rule.points, in_force)


def _points(form: Form, rule: ItemRule, x: int, n: int, smoothing: int) -> Fraction:
    match form:
        case Form.SHARE:
            return rule.points * min(Fraction(1), Fraction(x, n) / rule.target)
        case Form.RATE:
            return rule.points * Fraction(x + smoothing, n + smoothing)
        case Form.COUNT:
            return min(rule.points, rule.each * x)
        case Form.REMAINDER:
            return max(Fraction(0), rule.points - rule.each * x)
        case Form.DEDUCTION:
            return -min(rule.points, rule.each * x)
        case _:  # a veto moves the month, not a point
            return Fraction(0)


def _block(letter: str, terms: list[Term]) -> Block:
    own = tuple(term for term in terms if term.code.block == letter)
    zero = Fraction(0)
    return Block(letter, sum((t.points for t in own), zero), sum((t.most for t in own), zero), own)


def _grade(hundredths: int, blocks: tuple[Block, ...], rules: RuleSet) -> Grade:
    every_block = all(b.points >= rules.every_block * b.most for b in blocks if b.code in SCORED_BLOCKS)
    if hundredths >= 100 * rules.outstanding and every_block:
        return Grade.OUTSTANDING
    return Grade.PASSED if hundredths >= 100 * rules.passed else Grade.BELOW


def _band(people: int, rules: RuleSet) -> SizeBand:
    if people < rules.small_below:
        return SizeBand.SMALL
    return SizeBand.LARGE if people > rules.large_above else SizeBand.MEDIUM
