"""The unit's scoring rules as versioned data: the items, the form of each, and one version read strictly.

Source: the unit rules of `domain.md` §9. What the rules make of a month's figures is in `scoring`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

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


DECEMBER: Final = 12

SCORED_BLOCKS = "ABCD"
"""The blocks that make up the hundred points; only these are asked for in "every block ≥ 80 %"."""


class Form(StrEnum):
    """How an item turns counts into points; x is its numerator, n its denominator."""

    SHARE = "share"  # points · min(1, (x/n) / target)
    RATE = "rate"  # points · (x + smoothing) / (n + smoothing)
    COUNT = "count"  # min(points, each · x)
    REMAINDER = "remainder"  # max(0, points − each · x)
    DEDUCTION = "deduction"  # −min(points, each · x)
    VETO = "veto"  # the whole month is 0 when x > 0


FORMS: Mapping[Item, Form] = {
    Item.REPORTERS: Form.SHARE,
    Item.HAZARDS: Form.SHARE,
    Item.ON_TIME: Form.RATE,
    Item.CLOSED: Form.RATE,
    Item.MAJOR_DUTIES: Form.REMAINDER,
    Item.PASSED_AT_ONCE: Form.RATE,
    Item.ANSWERED: Form.RATE,
    Item.MONTHLY_INSPECTION: Form.COUNT,
    Item.PATROL: Form.SHARE,
    Item.TEN_ONES: Form.COUNT,
    Item.FIRST_FOUND_MAJOR: Form.COUNT,
    Item.PRIZE_PHOTO: Form.COUNT,
    Item.CONGRESS_PATROL: Form.COUNT,
    Item.OTHER_BONUS: Form.COUNT,
    Item.OVERDUE: Form.DEDUCTION,
    Item.FOUND_BY_SUPERIOR: Form.DEDUCTION,
    **{item: Form.VETO for item in Item if item.block == "G"},
}
"""How each item is counted; an organiser sets the constants, never the form."""

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
    "windows": {"answer_hours": 24, "dual_report_days": 7, "own_search_days": 30, "year_begins_in": 12},
}
"""The table of `domain.md` §9 as plain JSON with every item in force; rationals are strings.

`windows`: hours for the first officer's act, days from acceptance until both halves of the dual report are due
(ours), days in which the unit may have found itself what a superior found, and the competition year's first
month (December counts to the next year).
"""

NOT_YET: Final = frozenset(
    {
        Item.MONTHLY_INSPECTION,
        Item.PATROL,
        Item.TEN_ONES,
        Item.PRIZE_PHOTO,
        Item.CONGRESS_PATROL,
        Item.OTHER_BONUS,
        Item.SIX_ZEROS,
        Item.CONCEALMENT,
        Item.RETALIATION,
        Item.NO_COMPETITION,
    }
)
"""Items whose facts this release does not record: not in force (未启用) in version 1."""

VERSION_ONE: dict[str, Any] = {
    **DEFAULT_RULES,
    "in_force": [item.value for item in Item if item not in NOT_YET],
}
"""What a new installation starts with."""


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
    answer_hours: int
    dual_report_days: int
    own_search_days: int
    year_begins_in: int


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
    windows = reader.table("windows", top.get("windows"), frozenset(DEFAULT_RULES["windows"]))
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
        answer_hours=reader.whole("windows.answer_hours", windows.get("answer_hours"), least=1),
        dual_report_days=reader.whole("windows.dual_report_days", windows.get("dual_report_days"), least=0),
        own_search_days=reader.whole("windows.own_search_days", windows.get("own_search_days"), least=0),
        year_begins_in=reader.whole("windows.year_begins_in", windows.get("year_begins_in"), least=1),
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
    at, wanted = f"items.{item}", CONSTANTS[FORMS[item]]
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
    if rules.year_begins_in > DECEMBER:
        reader.fault("windows.year_begins_in", "not_a_month")
