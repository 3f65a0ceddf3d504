"""A unit's monthly score: rules as versioned data, figures in, a score out that explains each of its points.

Source of every formula: the unit rules of `domain.md` §9. Exact fractions throughout; rounded half up once, on
the total, to hundredths. Nothing here knows a clock, a database or a float.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from app.core.errors import Fault, Invalid


class Item(StrEnum):
    """One scored item; the letter before the dash is its block."""

    REPORTERS = "A-reporters"
    HAZARDS = "A-hazards"
    ON_TIME = "B-on_time"
    CLOSED = "B-closed"
    MAJOR_DUTIES = "B-major_duties"
    PASSED_AT_ONCE = "C-passed_at_once"
    ANSWERED = "C-answered"
    MONTHLY_INSPECTION = "D-monthly_inspection"
    PATROL = "D-patrol"
    TEN_ONES = "D-ten_ones"
    FIRST_FOUND_MAJOR = "E-first_found_major"
    PRIZE_PHOTO = "E-prize_photo"
    CONGRESS_PATROL = "E-congress_patrol"
    OTHER_BONUS = "E-other"
    OVERDUE = "F-overdue"
    FOUND_BY_SUPERIOR = "F-found_by_superior"
    SIX_ZEROS = "G-six_zeros"
    CONCEALMENT = "G-concealment"
    RETALIATION = "G-retaliation"
    MAJOR_WITHOUT_DUAL_REPORT = "G-major_without_dual_report"
    NO_COMPETITION = "G-no_competition"

    @property
    def block(self) -> str:
        """The letter of the block, A to G."""
        return self.value[0]


SCORED_BLOCKS = "ABCD"
"""The blocks that make up the hundred points; only these are asked for in "every block ≥ 80 %"."""


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


class Form(StrEnum):
    """How an item turns counts into points; x is its numerator, n its denominator."""

    SHARE = "share"  # points · min(1, (x/n) / target)
    RATE = "rate"  # points · (x + smoothing) / (n + smoothing)
    COUNT = "count"  # min(points, each · x)
    REMAINDER = "remainder"  # max(0, points − each · x)
    DEDUCTION = "deduction"  # −min(points, each · x)
    VETO = "veto"  # the whole month is 0 when x > 0


@dataclass(frozen=True)
class Formula:
    """An item's form and the figures it reads; `of` is missing where there is nothing to divide by."""

    form: Form
    x: Callable[[Figures], int]
    of: Callable[[Figures], int] | None = None


def _veto(item: Item) -> Formula:
    return Formula(Form.VETO, lambda f: int(item in f.veto))


FORMULAS: Mapping[Item, Formula] = {
    Item.REPORTERS: Formula(Form.SHARE, lambda f: f.R, lambda f: f.H),
    Item.HAZARDS: Formula(Form.SHARE, lambda f: f.V, lambda f: f.H),
    Item.ON_TIME: Formula(Form.RATE, lambda f: f.T, lambda f: f.D),
    Item.CLOSED: Formula(Form.RATE, lambda f: f.K, lambda f: f.Y),
    Item.MAJOR_DUTIES: Formula(Form.REMAINDER, lambda f: f.M),
    Item.PASSED_AT_ONCE: Formula(Form.RATE, lambda f: f.P, lambda f: f.I),
    Item.ANSWERED: Formula(Form.RATE, lambda f: f.Q, lambda f: f.S),
    Item.MONTHLY_INSPECTION: Formula(Form.COUNT, lambda f: int(f.monthly_inspection)),
    Item.PATROL: Formula(Form.SHARE, lambda f: f.patrol_days, lambda f: f.month_days),
    Item.TEN_ONES: Formula(Form.COUNT, lambda f: f.ten_ones),
    Item.FIRST_FOUND_MAJOR: Formula(Form.COUNT, lambda f: f.first_found_major),
    Item.PRIZE_PHOTO: Formula(Form.COUNT, lambda f: f.prize_photos),
    Item.CONGRESS_PATROL: Formula(Form.COUNT, lambda f: f.congress_patrols),
    Item.OTHER_BONUS: Formula(Form.COUNT, lambda f: f.other_bonus),
    Item.OVERDUE: Formula(Form.DEDUCTION, lambda f: f.overdue),
    Item.FOUND_BY_SUPERIOR: Formula(Form.DEDUCTION, lambda f: f.found_by_superior),
    **{item: _veto(item) for item in Item if item.block == "G"},
}

CONSTANTS: Mapping[Form, frozenset[str]] = {
    Form.SHARE: frozenset({"points", "target"}),
    Form.RATE: frozenset({"points"}),
    Form.COUNT: frozenset({"points", "each"}),
    Form.REMAINDER: frozenset({"points", "each"}),
    Form.DEDUCTION: frozenset({"points", "each"}),
    Form.VETO: frozenset(),
}
"""The constants that each form needs from the rules, no more and no fewer."""

DEFAULT_RULES: dict[str, Any] = {
    "version": 1,
    "headcount_floor": 20,
    "smoothing": 5,
    "items": {
        "A-reporters": {"points": "15", "target": "20/100"},
        "A-hazards": {"points": "15", "target": "8/100"},
        "B-on_time": {"points": "25"},
        "B-closed": {"points": "10"},
        "B-major_duties": {"points": "10", "each": "5"},
        "C-passed_at_once": {"points": "10"},
        "C-answered": {"points": "5"},
        "D-monthly_inspection": {"points": "2", "each": "2"},
        "D-patrol": {"points": "3", "target": "1"},
        "D-ten_ones": {"points": "5", "each": "1/2"},
        "E-first_found_major": {"points": "1", "each": "1"},
        "E-prize_photo": {"points": "1", "each": "1"},
        "E-congress_patrol": {"points": "1", "each": "1"},
        "E-other": {"points": "1", "each": "1"},
        "F-overdue": {"points": "10", "each": "1"},
        "F-found_by_superior": {"points": "5", "each": "1/2"},
        **{item.value: {} for item in Item if item.block == "G"},
    },
    "in_force": [item.value for item in Item],
    "grades": {"outstanding": "90", "every_block": "80/100", "pass": "80"},
    "size_bands": {"small_below": 100, "large_above": 300},
}
"""Version 1 as plain JSON: the table of `domain.md` §9 with every item in force; rationals are strings."""


@dataclass(frozen=True)
class ItemRule:
    """The constants of one item; those its form does not use are 0."""

    item: Item
    points: Fraction
    each: Fraction
    target: Fraction


@dataclass(frozen=True)
class RuleSet:
    """One version of the rules, checked; made by `rule_set`."""

    version: int
    headcount_floor: int
    smoothing: int
    items: tuple[ItemRule, ...]
    in_force: frozenset[Item]
    outstanding: Fraction
    every_block: Fraction
    passed: Fraction
    small_below: int
    large_above: int


class _Reader:
    """Reads plain JSON strictly and remembers every fault, so that an organiser sees them all at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, at: str, code: str, **values: object) -> None:
        self.faults.append(Fault(at, code, values))

    def table(self, at: str, raw: object, keys: frozenset[str]) -> Mapping[str, Any]:
        """A mapping with exactly these keys; what is absent reads as None and is a fault."""
        if not isinstance(raw, Mapping):
            self.fault(at, "not_a_table")
            return {}
        for key in sorted(keys ^ {str(k) for k in raw}):
            self.fault(f"{at}.{key}".lstrip("."), "missing" if key in keys else "unknown")
        return raw

    def whole(self, at: str, raw: object, *, least: int) -> int:
        if type(raw) is not int or raw < least:
            self.fault(at, "not_a_whole_number", least=least)
            return least
        return raw

    def rational(self, at: str, raw: object, *, above_zero: bool = False) -> Fraction:
        if not isinstance(raw, str) or re.fullmatch(r"[0-9]{1,6}(/[1-9][0-9]{0,5})?", raw) is None:
            self.fault(at, "not_a_rational")
            return Fraction(1)
        if above_zero and Fraction(raw) == 0:
            self.fault(at, "must_be_above_zero")
            return Fraction(1)
        return Fraction(raw)

    def in_force(self, raw: object) -> frozenset[Item]:
        if not isinstance(raw, list):
            self.fault("in_force", "not_a_list")
            return frozenset()
        known = {item.value for item in Item}
        for code in raw:
            if not isinstance(code, str) or code not in known:
                self.fault("in_force", "unknown_item", item=str(code))
            elif raw.count(code) > 1:
                self.fault("in_force", "twice", item=code)
        return frozenset(item for item in Item if item.value in raw)


def rule_set(raw: Mapping[str, Any]) -> RuleSet:
    """The rules in a plain JSON table shaped like `DEFAULT_RULES`.

    Raises:
        Invalid: with every fault found: a missing or unknown key, a number that is none, blocks A to D that do
            not make 100, thresholds in the wrong order.
    """
    reader = _Reader()
    top = reader.table("", raw, frozenset(DEFAULT_RULES))
    grades = reader.table("grades", top.get("grades"), frozenset(DEFAULT_RULES["grades"]))
    bands = reader.table("size_bands", top.get("size_bands"), frozenset(DEFAULT_RULES["size_bands"]))
    rules = RuleSet(
        version=reader.whole("version", top.get("version"), least=1),
        headcount_floor=reader.whole("headcount_floor", top.get("headcount_floor"), least=1),
        smoothing=reader.whole("smoothing", top.get("smoothing"), least=1),
        items=_item_rules(reader, top.get("items")),
        in_force=reader.in_force(top.get("in_force")),
        outstanding=reader.rational("grades.outstanding", grades.get("outstanding")),
        every_block=reader.rational("grades.every_block", grades.get("every_block")),
        passed=reader.rational("grades.pass", grades.get("pass")),
        small_below=reader.whole("size_bands.small_below", bands.get("small_below"), least=0),
        large_above=reader.whole("size_bands.large_above", bands.get("large_above"), least=0),
    )
    if not reader.faults:
        _check_sense(reader, rules)
    if reader.faults:
        raise Invalid(*reader.faults)
    return rules


def _item_rules(reader: _Reader, raw: object) -> tuple[ItemRule, ...]:
    table = reader.table("items", raw, frozenset(item.value for item in Item))
    return tuple(_item_rule(reader, item, table.get(item.value)) for item in Item)


def _item_rule(reader: _Reader, item: Item, raw: object) -> ItemRule:
    at, wanted = f"items.{item}", CONSTANTS[FORMULAS[item].form]
    table = reader.table(at, raw, wanted)
    read = {
        key: reader.rational(f"{at}.{key}", table.get(key), above_zero=key == "target") for key in sorted(wanted)
    }
    zero = Fraction(0)
    return ItemRule(item, read.get("points", zero), read.get("each", zero), read.get("target", zero))


def _check_sense(reader: _Reader, rules: RuleSet) -> None:
    if sum(rule.points for rule in rules.items if rule.item.block in SCORED_BLOCKS) != Fraction(100):
        reader.fault("items", "blocks_do_not_make_100")
    if not rules.passed <= rules.outstanding <= Fraction(100) or rules.every_block > 1:
        reader.fault("grades", "wrong_order")
    if rules.small_below > rules.large_above + 1:
        reader.fault("size_bands", "wrong_order")


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
    formula = FORMULAS[rule.item]
    x = formula.x(figures)
    n = formula.of(figures) if formula.of else None
    in_force = rule.item in rules.in_force
    if in_force:
        points = _points(formula.form, rule, x, n or 0, rules.smoothing)
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
