"""The unit's score: the worked examples to the hundredth, every item by itself, and what must never happen."""

import copy
import dataclasses
import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.competition.rules import DEFAULT_RULES, VERSION_ONE, Item, rule_set
from app.competition.scoring import (
    Figures,
    Grade,
    Score,
    SizeBand,
    figures_from,
    half_up_hundredths,
    score,
)
from app.core.errors import Invalid

RULES = rule_set(DEFAULT_RULES)

NOTHING = Figures(
    H=0, V=0, R=0, D=0, T=0, Y=0, K=0, M=0, I=0, P=0, S=0, Q=0,
    monthly_inspection=False, patrol_days=0, month_days=30, ten_ones=0,
)  # fmt: skip
CLINIC = dataclasses.replace(
    NOTHING, H=12, V=2, R=2, T=2, D=2, K=2, Y=2, P=2, I=2, Q=2, S=2,
    monthly_inspection=True, patrol_days=30, ten_ones=6,
)  # fmt: skip
SILENT_CLINIC = dataclasses.replace(
    NOTHING, H=12, monthly_inspection=True, patrol_days=30, ten_ones=6,
)  # fmt: skip
PLANT = dataclasses.replace(
    NOTHING, H=600, V=30, R=25, T=24, D=30, K=27, Y=30, P=24, I=27, Q=30, S=35,
    monthly_inspection=True, patrol_days=30, ten_ones=8,
    first_found_major=1, prize_photos=1, overdue=3, found_by_superior=2,
)  # fmt: skip
PERFECT = dataclasses.replace(
    NOTHING, H=100, V=8, R=20, T=8, D=8, K=8, Y=8, P=8, I=8, Q=8, S=8,
    monthly_inspection=True, patrol_days=30, ten_ones=10,
)  # fmt: skip


def term(result: Score, item: Item):
    return next(t for block in result.blocks for t in block.terms if t.code is item)


def points(figures: Figures, item: Item, rules=RULES) -> Fraction:
    return term(score(figures, rules), item).points


def with_rules(**changes):
    return rule_set({**copy.deepcopy(DEFAULT_RULES), **changes})


def without(*items: Item):
    return with_rules(in_force=[i.value for i in Item if i not in items])


# ── the worked examples ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("figures", "hundredths", "grade", "band"),
    [
        # 90.50, but participation is 22.5 of 30: under 80 %, so a pass and no more
        (CLINIC, 9050, Grade.PASSED, SizeBand.SMALL),
        (SILENT_CLINIC, 6800, Grade.BELOW, SizeBand.SMALL),
        (PLANT, 7279, Grade.BELOW, SizeBand.LARGE),
    ],
)
def test_worked_example_comes_out_to_the_hundredth(figures, hundredths, grade, band):
    result = score(figures, RULES)
    assert result.hundredths == hundredths
    assert result.band is band
    assert result.grade is grade


def test_plant_explains_each_block():
    blocks = {b.code: b for b in score(PLANT, RULES).blocks}
    assert blocks["A"].points == Fraction(25, 2)
    assert blocks["B"].points == Fraction(25 * 29, 35) + Fraction(10 * 32, 35) + 10
    assert blocks["C"].points == Fraction(10 * 29, 32) + Fraction(5 * 35, 40)
    assert blocks["D"].points == 9
    assert blocks["E"].points == 2
    assert blocks["F"].points == -4
    assert blocks["G"].points == 0
    assert {c: b.most for c, b in blocks.items()} == {
        "A": 30, "B": 45, "C": 15, "D": 10, "E": 4, "F": 15, "G": 0,
    }  # fmt: skip


def test_each_term_shows_its_numerator_and_denominator():
    result = score(PLANT, RULES)
    shown = {t.code: (t.numerator, t.denominator) for b in result.blocks for t in b.terms}
    assert shown == {
        Item.REPORTERS: (25, 600),
        Item.HAZARDS: (30, 600),
        Item.ON_TIME: (24, 30),
        Item.CLOSED: (27, 30),
        Item.MAJOR_DUTIES: (0, None),
        Item.PASSED_AT_ONCE: (24, 27),
        Item.ANSWERED: (30, 35),
        Item.MONTHLY_INSPECTION: (1, None),
        Item.PATROL: (30, 30),
        Item.TEN_ONES: (8, None),
        Item.FIRST_FOUND_MAJOR: (1, None),
        Item.PRIZE_PHOTO: (1, None),
        Item.CONGRESS_PATROL: (0, None),
        Item.OTHER_BONUS: (0, None),
        Item.OVERDUE: (3, None),
        Item.FOUND_BY_SUPERIOR: (2, None),
        Item.SIX_ZEROS: (0, None),
        Item.CONCEALMENT: (0, None),
        Item.RETALIATION: (0, None),
        Item.MAJOR_WITHOUT_DUAL_REPORT: (0, None),
        Item.NO_COMPETITION: (0, None),
    }


# ── each item ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "changes", "expected"),
    [
        (Item.REPORTERS, {"R": 20}, 15),
        (Item.REPORTERS, {"R": 60}, 15),
        (Item.REPORTERS, {"R": 5}, Fraction(15, 4)),
        (Item.HAZARDS, {"V": 8}, 15),
        (Item.HAZARDS, {"V": 9}, 15),
        (Item.HAZARDS, {"V": 2}, Fraction(15, 4)),
        (Item.ON_TIME, {"D": 5, "T": 0}, Fraction(25, 2)),
        (Item.CLOSED, {"Y": 15, "K": 5}, 5),
        (Item.MAJOR_DUTIES, {"M": 1}, 5),
        (Item.MAJOR_DUTIES, {"M": 3}, 0),
        (Item.PASSED_AT_ONCE, {"I": 5, "P": 0}, 5),
        (Item.ANSWERED, {"S": 20, "Q": 0}, 1),
        (Item.MONTHLY_INSPECTION, {"monthly_inspection": True}, 2),
        (Item.PATROL, {"patrol_days": 10}, 1),
        (Item.TEN_ONES, {"ten_ones": 7}, Fraction(7, 2)),
        (Item.TEN_ONES, {"ten_ones": 11}, 5),
        (Item.FIRST_FOUND_MAJOR, {"first_found_major": 3}, 1),
        (Item.PRIZE_PHOTO, {"prize_photos": 1}, 1),
        (Item.CONGRESS_PATROL, {"congress_patrols": 1}, 1),
        (Item.OTHER_BONUS, {"other_bonus": 2}, 1),
        (Item.OVERDUE, {"overdue": 4}, -4),
        (Item.OVERDUE, {"overdue": 40}, -10),
        (Item.FOUND_BY_SUPERIOR, {"found_by_superior": 3}, Fraction(-3, 2)),
        (Item.FOUND_BY_SUPERIOR, {"found_by_superior": 40}, -5),
    ],
)
def test_item_is_worth_what_the_table_says(item, changes, expected):
    assert points(dataclasses.replace(NOTHING, H=100, **changes), item) == expected


def test_headcount_counts_as_at_least_twenty_but_the_band_uses_the_people_there_are():
    assert term(score(dataclasses.replace(NOTHING, H=0, R=1), RULES), Item.REPORTERS).denominator == 20
    assert points(dataclasses.replace(NOTHING, H=21, R=1), Item.REPORTERS) == Fraction(15 * 5, 21)
    assert score(dataclasses.replace(NOTHING, H=30), with_rules(headcount_floor=150)).band is SizeBand.SMALL


def test_bonus_makes_up_for_losses_but_never_exceeds_a_hundred():
    bonus = {"first_found_major": 1, "prize_photos": 1, "congress_patrols": 1, "other_bonus": 1}
    assert score(PERFECT, RULES).hundredths == 10000
    assert score(dataclasses.replace(PERFECT, **bonus), RULES).hundredths == 10000
    assert score(dataclasses.replace(PERFECT, overdue=3, **bonus), RULES).hundredths == 10000


def test_total_never_falls_below_zero():
    worst = dataclasses.replace(
        NOTHING, H=100, D=10**6, Y=10**6, M=9, I=10**6, S=10**6, overdue=99, found_by_superior=99
    )
    assert score(worst, RULES).hundredths == 0


@pytest.mark.parametrize("veto", [i for i in Item if i.block == "G"])
def test_each_veto_makes_the_month_zero_and_is_named(veto):
    result = score(dataclasses.replace(PERFECT, veto=(veto,)), RULES)
    assert (result.hundredths, result.grade, result.vetoed) == (0, Grade.BELOW, (veto,))
    assert term(result, veto).numerator == 1


@pytest.mark.parametrize(
    ("exact", "hundredths"),
    [("1/200", 1), ("1/201", 0), ("3/200", 2), ("8999/100", 8999), ("89995/1000", 9000), ("0", 0), ("100", 10000)],
)
def test_half_a_hundredth_rounds_up(exact, hundredths):
    assert half_up_hundredths(Fraction(exact)) == hundredths


@pytest.mark.parametrize(
    ("people", "band"),
    [(0, "small"), (99, "small"), (100, "medium"), (300, "medium"), (301, "large")],
)
def test_size_band_has_the_boundaries_of_the_table(people, band):
    assert score(dataclasses.replace(NOTHING, H=people), RULES).band == band


# ── grades ───────────────────────────────────────────────────────────────────────────────────────


def test_ninety_with_every_block_at_eighty_percent_is_outstanding():
    exactly = dataclasses.replace(PERFECT, R=12)  # A is 24 of 30: exactly 80 %
    assert score(exactly, RULES).hundredths == 9400
    assert score(exactly, RULES).grade is Grade.OUTSTANDING
    assert score(dataclasses.replace(PERFECT, R=11), RULES).grade is Grade.PASSED


def test_routine_block_alone_can_keep_a_unit_from_outstanding():
    assert score(dataclasses.replace(PERFECT, ten_ones=6), RULES).grade is Grade.OUTSTANDING
    assert score(dataclasses.replace(PERFECT, ten_ones=5), RULES).grade is Grade.PASSED


def test_grade_follows_the_published_total():
    assert score(dataclasses.replace(PERFECT, overdue=10), RULES).hundredths == 9000
    assert score(dataclasses.replace(PERFECT, overdue=10), RULES).grade is Grade.OUTSTANDING
    less = dataclasses.replace(PERFECT, overdue=10, found_by_superior=1)
    assert (score(less, RULES).hundredths, score(less, RULES).grade) == (8950, Grade.PASSED)
    no_reports = dataclasses.replace(PERFECT, R=10, V=4, overdue=5)
    assert (score(no_reports, RULES).hundredths, score(no_reports, RULES).grade) == (8000, Grade.PASSED)
    under = dataclasses.replace(no_reports, found_by_superior=1)
    assert (score(under, RULES).hundredths, score(under, RULES).grade) == (7950, Grade.BELOW)


# ── items that are not in force ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("item", [i for i in Item if i.block in "ABCD"])
def test_item_that_is_not_in_force_counts_full_and_is_marked(item):
    shown = term(score(dataclasses.replace(NOTHING, M=9, D=9, Y=9, I=9, S=9), without(item)), item)
    assert shown.points == shown.most > 0
    assert not shown.in_force
    assert term(score(NOTHING, RULES), item).in_force


def test_bonus_and_deduction_that_are_not_in_force_neither_give_nor_take():
    items = [i for i in Item if i.block in "EF"]
    shown = score(dataclasses.replace(PLANT, congress_patrols=1, other_bonus=1), without(*items))
    assert [t.points for b in shown.blocks for t in b.terms if t.code in items] == [0] * len(items)


def test_veto_that_is_not_in_force_does_not_veto():
    figures = dataclasses.replace(CLINIC, veto=(Item.NO_COMPETITION,))
    assert score(figures, without(Item.NO_COMPETITION)).hundredths == 9050


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"V": -1}, {"V": 1.0}, {"V": True}, {"V": "1"}, {"T": 3, "D": 2}, {"K": 3, "Y": 2}, {"P": 3, "I": 2},
        {"Q": 3, "S": 2}, {"patrol_days": 31}, {"patrol_days": 0, "month_days": 0}, {"monthly_inspection": 1},
        {"veto": (Item.OVERDUE,)}, {"veto": ("G-six_zeros",)}, {"overdue": -1},
    ],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused(changes):
    with pytest.raises(ValueError, match=r"\w"):
        dataclasses.replace(CLINIC, **changes)


def test_figures_survive_a_json_snapshot():
    figures = dataclasses.replace(PLANT, veto=(Item.RETALIATION, Item.SIX_ZEROS))
    assert figures_from(json.loads(json.dumps(dataclasses.asdict(figures)))) == figures


def test_snapshot_with_a_strange_or_missing_figure_is_refused():
    plain = dataclasses.asdict(PLANT)
    with pytest.raises(TypeError):
        figures_from({**plain, "Z": 1})
    with pytest.raises(TypeError):
        figures_from({k: v for k, v in plain.items() if k != "H"})


# ── rules as data ────────────────────────────────────────────────────────────────────────────────


def test_default_rules_are_plain_json():
    assert rule_set(json.loads(json.dumps(DEFAULT_RULES))) == RULES


def test_first_version_puts_nothing_in_force_whose_facts_are_not_recorded_yet():
    shown = score(dataclasses.replace(NOTHING, H=100), rule_set(VERSION_ONE))
    idle = {t.code for b in shown.blocks for t in b.terms if not t.in_force}
    assert {i for i in Item if i.block == "D"} <= idle
    assert Item.MAJOR_WITHOUT_DUAL_REPORT not in idle
    assert {b.code: b.points for b in shown.blocks}["D"] == 10


def test_every_constant_of_the_rules_moves_the_result():
    def spoiled(*path, value):
        raw = copy.deepcopy(DEFAULT_RULES)
        at = raw
        for key in path[:-1]:
            at = at[key]
        assert at[path[-1]] != value
        at[path[-1]] = value
        return score(PLANT, rule_set(raw))

    usual = score(PLANT, RULES)
    assert spoiled("version", value=2).rules_version == 2
    assert spoiled("headcount_floor", value=700).hundredths < usual.hundredths
    assert spoiled("smoothing", value=1).hundredths < usual.hundredths
    assert spoiled("size_bands", "large_above", value=600).band is SizeBand.MEDIUM
    assert spoiled("grades", "pass", value="72").grade is Grade.PASSED
    assert spoiled("items", "A-reporters", "target", value="1/10").hundredths > usual.hundredths
    assert spoiled("items", "A-hazards", "target", value="16/100").hundredths < usual.hundredths
    assert spoiled("items", "D-ten_ones", "each", value="1/4").hundredths == usual.hundredths - 200
    assert spoiled("items", "F-overdue", "points", value="2").hundredths == usual.hundredths + 100


def _set(raw, path, value):
    *way, last = path.split("/")
    for key in way:
        raw = raw[key]
    raw[last] = value


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("version", 0, "version", "not_a_whole_number"),
        ("version", True, "version", "not_a_whole_number"),
        ("smoothing", 5.0, "smoothing", "not_a_whole_number"),
        ("headcount_floor", "20", "headcount_floor", "not_a_whole_number"),
        ("extra", 1, "extra", "unknown"),
        ("items", [], "items", "not_a_table"),
        ("items/A-reporters/points", 15, "items.A-reporters.points", "not_a_rational"),
        ("items/A-reporters/points", "15.0", "items.A-reporters.points", "not_a_rational"),
        ("items/A-reporters/points", "-15", "items.A-reporters.points", "not_a_rational"),
        ("items/A-reporters/points", "１５", "items.A-reporters.points", "not_a_rational"),
        ("items/A-reporters/target", "1/0", "items.A-reporters.target", "not_a_rational"),
        ("items/A-reporters/target", "0", "items.A-reporters.target", "must_be_above_zero"),
        ("items/A-reporters/each", "1", "items.A-reporters.each", "unknown"),
        ("items/A-reporters", {"points": "15"}, "items.A-reporters.target", "missing"),
        ("items/A-reporters/points", "16", "items", "blocks_do_not_make_100"),
        ("items/Z-new", {}, "items.Z-new", "unknown"),
        ("in_force", "A-reporters", "in_force", "not_a_list"),
        ("in_force", ["A-reporters", "A-reporters"], "in_force", "twice"),
        ("in_force", ["Z-new"], "in_force", "unknown_item"),
        ("in_force", [1], "in_force", "unknown_item"),
        ("grades/pass", "91", "grades", "wrong_order"),
        ("grades/outstanding", "101", "grades", "wrong_order"),
        ("grades/every_block", "101/100", "grades", "wrong_order"),
        ("size_bands/small_below", 302, "size_bands", "wrong_order"),
        ("windows/year_begins_in", 13, "windows.year_begins_in", "not_a_month"),
        ("windows/answer_hours", 0, "windows.answer_hours", "not_a_whole_number"),
        ("windows/dual_report_days", "7", "windows.dual_report_days", "not_a_whole_number"),
    ],
)
def test_malformed_rules_are_refused_with_the_fault_at_its_place(path, value, field, code):
    raw = copy.deepcopy(DEFAULT_RULES)
    _set(raw, path, value)
    with pytest.raises(Invalid) as refused:
        rule_set(raw)
    assert (field, code) in [(f.field, f.code) for f in refused.value.faults]


def test_all_faults_of_the_rules_are_told_at_once():
    with pytest.raises(Invalid) as refused:
        rule_set({})
    assert {"version", "items", "grades", "in_force"} <= {f.field for f in refused.value.faults}


# ── what must hold for every month ───────────────────────────────────────────────────────────────

COUNT = st.integers(0, 60)


@st.composite
def months(draw):
    due, year, inspected, submitted = draw(COUNT), draw(COUNT), draw(COUNT), draw(COUNT)
    days = draw(st.integers(28, 31))
    return Figures(
        H=draw(st.integers(0, 700)), V=draw(COUNT), R=draw(COUNT), M=draw(st.integers(0, 4)),
        D=due, T=draw(st.integers(0, due)), Y=year, K=draw(st.integers(0, year)),
        I=inspected, P=draw(st.integers(0, inspected)), S=submitted, Q=draw(st.integers(0, submitted)),
        monthly_inspection=draw(st.booleans()), month_days=days, patrol_days=draw(st.integers(0, days)),
        ten_ones=draw(st.integers(0, 12)), first_found_major=draw(st.integers(0, 2)),
        prize_photos=draw(st.integers(0, 2)), congress_patrols=draw(st.integers(0, 2)),
        other_bonus=draw(st.integers(0, 2)), overdue=draw(st.integers(0, 12)),
        found_by_superior=draw(st.integers(0, 12)),
        veto=tuple(draw(st.lists(st.sampled_from([i for i in Item if i.block == "G"]), max_size=2))),
    )  # fmt: skip


@st.composite
def organisers_rules(draw):
    return without(*draw(st.sets(st.sampled_from(list(Item)))))


def grown(figures: Figures, *names: str) -> Figures:
    return dataclasses.replace(figures, **{name: getattr(figures, name) + 1 for name in names})


GRADES = [Grade.BELOW, Grade.PASSED, Grade.OUTSTANDING]


@settings(max_examples=100, deadline=None)
@given(
    figures=months(),
    rules=organisers_rules(),
    submitted_this_month=st.booleans(),
    accepted_this_month=st.booleans(),
    new_reporter=st.booleans(),
    due_this_month=st.booleans(),
    inspected_this_month=st.booleans(),
    due_this_year=st.booleans(),
)
def test_reporting_a_hazard_is_never_punished(
    figures,
    rules,
    submitted_this_month,
    accepted_this_month,
    new_reporter,
    due_this_month,
    inspected_this_month,
    due_this_year,
):
    before = score(figures, rules)
    names = ["S", "Q"] if submitted_this_month else []
    names += ["V"] if accepted_this_month else []
    names += ["R"] if accepted_this_month and new_reporter else []
    names += ["D", "T"] if due_this_month else []
    names += ["Y", "K"] if due_this_month or due_this_year else []
    names += ["I", "P"] if inspected_this_month else []
    after = score(grown(figures, *names), rules)
    assert after.hundredths >= before.hundredths
    assert GRADES.index(after.grade) >= GRADES.index(before.grade)
    for old, new in zip(before.blocks, after.blocks, strict=True):
        assert new.points >= old.points


@settings(max_examples=100, deadline=None)
@given(figures=months(), rules=organisers_rules(), fix=st.sampled_from(["TD", "KY", "PI", "QS"]))
def test_lateness_never_pays(figures, rules, fix):
    part, whole = fix
    late, in_time = grown(figures, whole), grown(figures, part, whole)
    assert score(late, rules).hundredths <= score(figures, rules).hundredths
    assert score(late, rules).hundredths <= score(in_time, rules).hundredths


@settings(max_examples=100, deadline=None)
@given(figures=months(), rules=organisers_rules(), worse=st.sampled_from(["M", "overdue", "found_by_superior"]))
def test_what_is_bad_never_raises_the_score(figures, rules, worse):
    assert score(grown(figures, worse), rules).hundredths <= score(figures, rules).hundredths


@settings(max_examples=100, deadline=None)
@given(
    figures=months(),
    rules=organisers_rules(),
    better=st.sampled_from(
        ["R", "V", "ten_ones", "first_found_major", "prize_photos", "congress_patrols", "other_bonus"]
    ),
)
def test_what_is_good_never_lowers_the_score(figures, rules, better):
    assert score(grown(figures, better), rules).hundredths >= score(figures, rules).hundredths


@settings(max_examples=50, deadline=None)
@given(figures=months())
def test_silence_never_passes(figures):
    silent = dataclasses.replace(figures, V=0, R=0)
    assert score(silent, RULES).grade is Grade.BELOW


@settings(max_examples=100, deadline=None)
@given(figures=months(), rules=organisers_rules())
def test_score_stays_in_bounds_and_every_term_within_its_most(figures, rules):
    result = score(figures, rules)
    assert 0 <= result.hundredths <= 10000
    for block in result.blocks:
        assert block.points == sum(t.points for t in block.terms)
        for t in block.terms:
            low, high = (-t.most, 0) if block.code == "F" else (0, t.most)
            assert low <= t.points <= high
    assert [b.code for b in result.blocks] == list("ABCDEFG")


@settings(max_examples=50, deadline=None)
@given(figures=months(), rules=organisers_rules(), seed=st.randoms(use_true_random=False))
def test_order_of_evaluation_and_of_vetoes_does_not_matter(figures, rules, seed):
    items = list(rules.items)
    seed.shuffle(items)
    veto = list(figures.veto)
    seed.shuffle(veto)
    shuffled = score(
        dataclasses.replace(figures, veto=tuple(veto)), dataclasses.replace(rules, items=tuple(items))
    )
    usual = score(figures, rules)
    assert shuffled.hundredths == usual.hundredths
    assert [(b.code, b.points) for b in shuffled.blocks] == [(b.code, b.points) for b in usual.blocks]
    assert set(shuffled.vetoed) == set(usual.vetoed)


def leaves(value):
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, (tuple, list, frozenset)):
        for one in value:
            yield from leaves(one)
    else:
        yield value


@settings(max_examples=50, deadline=None)
@given(figures=months(), rules=organisers_rules())
def test_no_float_ever_occurs(figures, rules):
    for value in (*leaves(score(figures, rules)), *leaves(rules)):
        assert isinstance(value, (int, Fraction, str, type(None))), value
