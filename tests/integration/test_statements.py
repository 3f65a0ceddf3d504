"""Monthly statements from database rows: every figure by the table, the worked examples, nobody punished."""

import dataclasses
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound

from app.competition.facts import Routine
from app.competition.rules import DEFAULT_RULES, Item, rule_set
from app.competition.scoring import Grade, SizeBand
from app.competition.statements import statement, statements_of
from app.hazards.lifecycle import State
from tests.integration.competition_world import DAY, HOUR, World

MONTH = date(2026, 11, 1)
OPENS = datetime(2026, 10, 31, 16, tzinfo=UTC)  # midnight in Shanghai
ENDS = datetime(2026, 11, 30, 16, tzinfo=UTC)
YEAR = datetime(2025, 11, 30, 16, tzinfo=UTC)
START = datetime(2026, 11, 2, 1, tzinfo=UTC)
AFTER = datetime(2026, 12, 5, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FULL = {**DEFAULT_RULES, "version": 2}


@pytest.fixture
def world(databases):
    made = World(databases())
    made.account("verifier", "city")
    return made


@pytest.fixture
def noise(world):
    """Another enterprise and other months, alike in everything."""
    for unit in ("twin", "clinic"):
        world.headcount(unit, 7777)
        world.good(START, unit=unit, home=unit, by=f"{unit}-a", place=f"{unit}-gate")
        late = world.report(START, unit=unit, home=unit, by=f"{unit}-b")
        world.accept(late, START + 3 * DAY, level="major", deadline=START + 5 * DAY)
        world.accept(world.report(START, unit=unit, home="city", by="inspector", found_by="superior_inspection"),
                     START + HOUR)  # fmt: skip
    for months_away in (-70, 70):
        at = START + months_away * DAY
        world.good(at, by="worker")


def made(world, unit="plant", *, at=AFTER, month=MONTH, routine=None):
    with world.db.read() as session:
        chosen = {"routine": routine} if routine else {}
        return statement(session, world.unit(unit), month, at=at, **chosen)


def figures(world, unit="plant", **asked):
    return made(world, unit, **asked).figures


def pairs(result, *names):
    return tuple(getattr(result, name) for name in names)


# ── the worked examples ──────────────────────────────────────────────────────────────────────────


def fill_clinic(world):
    world.headcount("clinic", 12)
    for login in ("nurse-1", "nurse-2"):
        world.good(START, unit="ward", home="ward", by=login)


def fill_plant(world):
    world.headcount("plant", 600)
    for n in range(30):
        at = START + n * HOUR
        hazard = world.report(at, unit="team", by=f"worker-{n % 25}")
        is_major = n == 0
        world.accept(hazard, at + HOUR, level="major" if is_major else "general", deadline=at + 7 * DAY,
                     **({"funds": "1000", "emergency_plan": "stop"} if is_major else {}))  # fmt: skip
        if is_major:
            world.dual_report(hazard, date(2026, 11, 4))
        if n >= 27:
            continue  # three stay open and are overdue
        world.repair(hazard, at + (8 if n >= 24 else 3) * DAY)
        if 20 <= n < 23:
            world.send_back(hazard, at + 4 * DAY, deadline=at + 7 * DAY)
            world.repair(hazard, at + 5 * DAY)
        world.close(hazard, at + 9 * DAY, first=not 20 <= n < 23)
    for n in range(2):
        found = world.report(START, home="city", by="inspector", found_by="superior_inspection", place=f"roof-{n}")
        world.accept(found, START + 30 * HOUR, deadline=ENDS + DAY)
    for _ in range(3):
        world.report(START, unit="shop")


@pytest.mark.usefixtures("noise")
def test_clinic_with_two_good_hazards_has_90_50(databases):
    world = World(databases())
    world.account("verifier", "city")
    world.rules(FULL, valid_from=MONTH)
    fill_clinic(world)
    result = made(world, "clinic", routine=Routine(monthly_inspection=True, patrol_days=30, ten_ones=6))
    assert result.score.hundredths == 9050
    assert (result.score.grade, result.score.band) == (Grade.PASSED, SizeBand.SMALL)


def test_silent_clinic_has_68_00(world):
    world.rules(FULL, valid_from=MONTH)
    world.headcount("clinic", 12)
    result = made(world, "clinic", routine=Routine(monthly_inspection=True, patrol_days=30, ten_ones=6))
    assert result.score.hundredths == 6800
    assert result.score.grade is Grade.BELOW


def test_plant_with_late_repairs_has_72_79(world):
    world.rules(FULL, valid_from=MONTH)
    fill_plant(world)
    fill_clinic(world)
    routine = Routine(monthly_inspection=True, patrol_days=30, ten_ones=8, prize_photos=1)
    result = made(world, routine=routine)
    got = result.figures
    assert pairs(got, "H", "V", "R", "D", "T", "Y", "K", "M", "I", "P", "S", "Q") == (
        600, 30, 25, 30, 24, 30, 27, 0, 27, 24, 35, 30,
    )  # fmt: skip
    assert pairs(got, "first_found_major", "overdue", "found_by_superior", "veto") == (1, 3, 2, ())
    assert result.score.hundredths == 7279


def test_every_figure_opens_the_hazards_behind_it(world):
    fill_plant(world)
    result = made(world)
    terms = {t.code: t for block in result.score.blocks for t in block.terms}
    by_hazards = {Item.HAZARDS, Item.ON_TIME, Item.CLOSED, Item.PASSED_AT_ONCE, Item.ANSWERED, Item.OVERDUE,
                  Item.MAJOR_DUTIES, Item.FIRST_FOUND_MAJOR, Item.FOUND_BY_SUPERIOR}  # fmt: skip
    assert set(result.behind) == set(Item)
    for item, hazards in result.behind.items():
        assert hazards.code is item
        if item in by_hazards:
            assert len(hazards.numerator) == terms[item].numerator
        if hazards.denominator:
            assert len(hazards.denominator) == terms[item].denominator
            assert set(hazards.numerator) <= set(hazards.denominator)
    assert result.behind[Item.OVERDUE].numerator == tuple(f"HZ-2026-{n:06}" for n in (28, 29, 30))
    assert result.behind[Item.REPORTERS].numerator == result.behind[Item.HAZARDS].numerator
    assert result.behind[Item.PATROL].numerator == ()


# ── scope: unit, subtree, month ──────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("noise")
def test_other_enterprises_and_other_months_leave_no_trace(world):
    got = figures(world)
    counted = {f.name: getattr(got, f.name) for f in dataclasses.fields(got)}
    assert counted.pop("month_days") == 30
    assert (counted.pop("Y"), counted.pop("K")) == (1, 1)
    assert not any(counted.values())


def test_unit_counts_its_subtree_and_not_what_lies_above(world):
    for unit in ("plant", "shop", "team"):
        world.good(START, unit=unit, home="team", by=f"w-{unit}")
    assert [figures(world, unit).V for unit in ("city", "plant", "shop", "team")] == [3, 3, 2, 1]


def test_month_is_the_units_own(world):
    for moment in (OPENS - TICK, OPENS, ENDS - TICK, ENDS):
        world.accept(world.report(moment - DAY, arrived_at=moment), moment, deadline=ENDS + 20 * DAY)
    assert pairs(figures(world, at=ENDS + 2 * DAY), "V", "S") == (2, 2)


def test_units_in_two_zones_each_have_their_month(databases):
    world = World(databases(), zone="Asia/Urumqi")
    world.accept(world.report(OPENS), OPENS + HOUR)  # 23:00 on 31 October there
    assert figures(world).V == 0
    assert figures(world, month=date(2026, 10, 1)).V == 1


def test_month_must_be_its_first_day_and_have_rules(world):
    with pytest.raises(ValueError, match="first day"):
        figures(world, month=date(2026, 11, 2))
    with pytest.raises(NoResultFound):
        figures(world, month=date(1999, 11, 1))


def test_headcount_is_that_of_the_months_last_day(world):
    world.headcount("plant", 100, since=OPENS - 90 * DAY)
    world.headcount("plant", 150, since=ENDS - DAY)
    world.headcount("plant", 999, since=ENDS + DAY)
    assert figures(world).H == 150


def test_rules_of_the_month_are_those_that_were_in_force_then(world):
    world.rules({**FULL, "version": 2}, valid_from=date(2026, 12, 1))
    assert made(world).score.rules_version == 1
    assert made(world, month=date(2026, 12, 1)).rules == rule_set(FULL)


# ── participation ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reported", "counted"),
    [
        ({"by": "worker"}, (1, 1)),
        ({"by": "teammate", "home": "team"}, (1, 1)),
        ({"by": "anonymous"}, (1, 0)),
        ({"by": "guest"}, (1, 0)),
        ({"by": "nurse", "home": "ward"}, (0, 0)),
        ({"by": "twin", "home": "twin"}, (0, 0)),
        ({"by": "inspector", "home": "city"}, (0, 0)),
    ],
)
def test_only_what_own_people_found_counts_as_participation(world, reported, counted):
    world.good(START, **reported)
    assert pairs(figures(world), "V", "R") == counted


def test_reporters_are_distinct_accounts_and_a_claim_makes_one(world):
    world.good(START)
    world.good(START)
    hazard = world.good(START, by="anonymous")
    assert pairs(figures(world), "V", "R") == (3, 1)
    world.claim(hazard, "somebody", AFTER)
    assert pairs(figures(world), "V", "R") == (3, 2)


def test_voided_merged_and_waiting_hazards_are_not_valid(world):
    master = world.good(START)
    voided, merged, again = world.report(START), world.report(START), world.report(START)
    for hazard in (voided, merged, again):
        world.accept(hazard, START + HOUR, level="major", deadline=START + DAY)
    world.void(voided, START + 2 * HOUR)
    world.merge(merged, master, START + 2 * HOUR)
    world.merge(again, master, START + 2 * HOUR)
    world.unmerge(again, START + 3 * HOUR)
    got = figures(world)
    assert pairs(got, "V", "R", "D", "Y", "M", "overdue", "veto") == (1, 1, 1, 1, 0, 0, ())
    assert pairs(got, "S", "Q") == (4, 4)


# ── rectification ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("deadline", "finished", "closed", "counted"),
    [
        # D, T, Y, K, overdue
        (START + 5 * DAY, START + 5 * DAY, START + 9 * DAY, (1, 1, 1, 1, 0)),
        (START + 5 * DAY, START + 5 * DAY + TICK, START + 9 * DAY, (1, 0, 1, 1, 0)),
        # repaired in time: a re-inspection after the month's end costs nothing
        (START + 5 * DAY, START + 2 * DAY, None, (1, 0, 1, 0, 0)),
        (START + 5 * DAY, START + 2 * DAY, ENDS, (1, 1, 1, 1, 0)),
        (START + 5 * DAY, START + 5 * DAY + TICK, ENDS, (1, 0, 1, 1, 1)),
        (START + 5 * DAY, START + 2 * DAY, ENDS - TICK, (1, 1, 1, 1, 0)),
        (START + 5 * DAY, None, None, (1, 0, 1, 0, 1)),
        (ENDS - TICK, None, None, (1, 0, 1, 0, 1)),
        (ENDS, None, None, (0, 0, 0, 0, 0)),
        (OPENS, START + 2 * DAY, START + 3 * DAY, (1, 0, 1, 1, 0)),
        (OPENS - TICK, START + 2 * DAY, START + 3 * DAY, (0, 0, 1, 1, 0)),
        (OPENS - 90 * DAY, None, None, (0, 0, 1, 0, 1)),
        (YEAR, None, None, (0, 0, 1, 0, 1)),
        (YEAR - TICK, None, None, (0, 0, 0, 0, 1)),
    ],
)
def test_deadline_repair_and_closure_decide_the_rectification_figures(world, deadline, finished, closed, counted):
    begun = min(deadline, START) - DAY
    hazard = world.report(begun)
    world.accept(hazard, begun, deadline=deadline)
    if finished:
        world.repair(hazard, finished)
    if closed:
        world.close(hazard, closed)
    assert pairs(figures(world), "D", "T", "Y", "K", "overdue") == counted


def test_december_belongs_to_the_next_year(world):
    world.good(START)
    assert figures(world, month=date(2026, 12, 1), at=AFTER).Y == 0
    assert figures(world).Y == 1


@pytest.mark.parametrize(
    ("now", "repaired", "counted"),
    [
        (START + 4 * DAY, None, (0, 0, 0, 0, 0)),
        (START + 4 * DAY, START + DAY, (0, 0, 0, 0, 0)),
        (START + 6 * DAY, START + 5 * DAY, (0, 0, 0, 0, 0)),
        (START + 6 * DAY, START + 5 * DAY + TICK, (1, 0, 1, 0, 1)),
        (START + 6 * DAY, None, (1, 0, 1, 0, 1)),
        (AFTER, START + DAY, (1, 0, 1, 0, 0)),
        (AFTER, START + 5 * DAY + TICK, (1, 0, 1, 0, 1)),
    ],
)
def test_in_the_running_month_only_what_is_decided_counts(world, now, repaired, counted):
    hazard = world.report(START)
    world.accept(hazard, START, deadline=START + 5 * DAY)
    if repaired:
        world.repair(hazard, repaired)
    assert pairs(figures(world, at=now), "D", "T", "Y", "K", "overdue") == counted


def test_reopened_hazard_whose_old_repair_was_in_time_is_overdue_again(world):
    hazard = world.good(START, deadline=START + 5 * DAY)
    with world.db.write() as session:
        row = session.get_one(type(world.hazard(hazard)), hazard)
        row.state, row.closed_at = State.RECTIFYING, None
    got = figures(world, at=START + 9 * DAY)
    assert pairs(got, "D", "T", "K", "overdue") == (1, 0, 0, 1)


MAJOR = {"level": "major", "funds": "1000", "emergency_plan": "stop the line"}


@pytest.mark.parametrize(
    ("spoiled", "lacking"),
    [
        ({}, 0), ({"funds": None}, 1), ({"funds": "  "}, 1), ({"emergency_plan": None}, 1), ({"measures": ""}, 1),
        ({"rectifier_name": ""}, 1), ({"level": "general", "funds": None}, 0),
    ],
)  # fmt: skip
def test_major_hazard_lacks_a_duty_when_any_of_the_five_is_missing(world, spoiled, lacking):
    world.accept(world.report(START), START, deadline=ENDS + DAY, **{**MAJOR, **spoiled})
    assert lacking == figures(world, at=START + DAY).M


@pytest.mark.parametrize(
    ("now", "reported", "lacking"),
    [
        (START + 7 * DAY - TICK, (), 0),
        (START + 7 * DAY, (), 1),
        (START + 7 * DAY, ("regulator",), 1),
        (START + 7 * DAY, ("regulator", "congress"), 0),
        (AFTER, (), 1),
    ],
)
def test_dual_report_is_due_seven_days_after_the_acceptance(world, now, reported, lacking):
    hazard = world.report(START)
    world.accept(hazard, START, deadline=ENDS + DAY, **MAJOR)
    if reported:
        world.dual_report(hazard, date(2026, 11, 5), *reported)
    result = made(world, at=now)
    assert lacking == result.figures.M
    assert len(result.behind[Item.MAJOR_DUTIES].numerator) == lacking


def test_dual_report_made_after_the_month_does_not_mend_it(world):
    hazard = world.report(START)
    world.accept(hazard, START, deadline=ENDS + DAY, **MAJOR)
    world.dual_report(hazard, date(2026, 12, 2))
    assert figures(world).M == 1
    assert figures(world, month=date(2026, 12, 1)).M == 0


@pytest.mark.parametrize(("accepted", "closed", "lacking"), [
    (OPENS - 40 * DAY, OPENS - TICK, 0), (OPENS - 40 * DAY, OPENS, 1), (OPENS - 40 * DAY, None, 1),
    (ENDS, None, 0),
])  # fmt: skip
def test_major_hazard_counts_while_it_was_open_in_the_month(world, accepted, closed, lacking):
    hazard = world.report(accepted - HOUR)
    world.accept(hazard, accepted, level="major", deadline=ENDS + 9 * DAY)
    if closed:
        world.repair(hazard, closed)
        world.close(hazard, closed)
    assert lacking == figures(world).M


@pytest.mark.parametrize(("level", "reported", "vetoed"), [
    ("major", (), True), ("major", ("congress",), True), ("major", ("congress", "regulator"), False),
    ("general", (), False),
])  # fmt: skip
def test_overdue_major_hazard_without_both_dual_reports_vetoes_the_month(world, level, reported, vetoed):
    hazard = world.report(START)
    world.accept(hazard, START, **{**MAJOR, "level": level}, deadline=START + 3 * DAY)
    if reported:
        world.dual_report(hazard, date(2026, 11, 3), *reported)
    result = made(world)
    assert (result.score.hundredths == 0) is vetoed
    assert result.score.vetoed == ((Item.MAJOR_WITHOUT_DUAL_REPORT,) if vetoed else ())
    assert len(result.behind[Item.MAJOR_WITHOUT_DUAL_REPORT].numerator) == vetoed


def test_vetoes_told_by_others_join_those_that_are_seen(world):
    world.rules(FULL, valid_from=MONTH)
    result = made(world, routine=Routine(veto=(Item.RETALIATION,)))
    assert result.score.vetoed == (Item.RETALIATION,)


# ── quality, bonus, superior ─────────────────────────────────────────────────────────────────────


def test_first_re_inspection_of_the_month_counts_and_only_the_first(world):
    world.good(START)
    back = world.report(START)
    world.accept(back, START + HOUR)
    world.repair(back, START + DAY)
    world.send_back(back, START + 2 * DAY, deadline=START + 9 * DAY)
    world.repair(back, START + 3 * DAY)
    world.close(back, START + 4 * DAY, first=False)
    assert pairs(figures(world), "I", "P") == (2, 1)
    assert pairs(figures(world, month=date(2026, 12, 1)), "I", "P") == (0, 0)


@pytest.mark.parametrize(
    ("acted", "now", "counted"),
    [
        (24 * HOUR, AFTER, (1, 1)),
        (24 * HOUR + TICK, AFTER, (1, 0)),
        (None, AFTER, (1, 0)),
        (None, START + 24 * HOUR, (1, 0)),
        (None, START + 24 * HOUR - TICK, (0, 0)),
        (HOUR, START + 2 * HOUR, (1, 1)),
    ],
)
def test_answer_within_24_hours_counts_once_they_are_over(world, acted, now, counted):
    world.report(START, first_act_at=None if acted is None else START + acted)
    world.report(START, state=State.WITHDRAWN)
    assert pairs(figures(world, at=now), "S", "Q") == counted


@pytest.mark.parametrize(
    ("reported", "level", "closed", "bonus"),
    [
        ({}, "major", START + 9 * DAY, 1),
        ({}, "major", ENDS, 0),
        ({}, "general", START + 9 * DAY, 0),
        ({"home": "city", "by": "inspector"}, "major", START + 9 * DAY, 0),
    ],
)
def test_major_hazard_found_by_own_people_and_closed_gives_the_bonus(world, reported, level, closed, bonus):
    hazard = world.report(START, **reported)
    world.accept(hazard, START, **{**MAJOR, "level": level})
    world.repair(hazard, START + DAY)
    world.close(hazard, closed)
    assert figures(world).first_found_major == bonus


FOUND = START + 10 * DAY


@pytest.mark.parametrize(
    ("own", "deducted"),
    [
        (None, 1),
        ({"at": FOUND - DAY}, 0),
        ({"at": FOUND - 30 * DAY}, 0),
        ({"at": FOUND - 30 * DAY - TICK}, 1),
        ({"at": FOUND}, 1),
        ({"at": FOUND - DAY, "place": "yard"}, 1),
        ({"at": FOUND - DAY, "place": None}, 1),
        ({"at": FOUND - DAY, "category": "FIRE"}, 1),
        ({"at": FOUND - DAY, "state": State.REJECTED}, 1),
        ({"at": FOUND - DAY, "state": State.WITHDRAWN}, 1),
        ({"at": FOUND - DAY, "by": "inspector", "home": "city"}, 1),
        ({"at": FOUND - DAY, "by": "anonymous"}, 0),
        ({"at": FOUND - DAY, "unit": "clinic"}, 1),
    ],
)
def test_superiors_find_is_deducted_unless_the_unit_found_it_before(world, own, deducted):
    if own is not None:
        world.report(**{"place": "gate", **own})
    found = world.report(FOUND, home="city", by="inspector", place="gate", found_by="superior_inspection")
    world.accept(found, FOUND + HOUR, deadline=ENDS + DAY)
    result = made(world)
    assert result.figures.found_by_superior == deducted
    assert result.behind[Item.FOUND_BY_SUPERIOR].numerator == (world.number(found),) * deducted


def test_superiors_find_without_a_place_is_deducted_and_not_the_superiors_own_loss(world):
    world.report(FOUND - DAY)
    found = world.report(FOUND, home="city", by="inspector", found_by="superior_inspection")
    world.accept(found, FOUND + HOUR, deadline=ENDS + DAY)
    assert [figures(world, unit).found_by_superior for unit in ("city", "plant")] == [0, 1]


# ── never punished for reporting ─────────────────────────────────────────────────────────────────


def troubled(world, seed):
    """A month of all sorts, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    world.headcount("plant", dice.choice([0, 30, 200]))
    for n in range(dice.randrange(8)):
        at = START + dice.randrange(-20, 15) * DAY
        hazard = world.report(at, by=f"worker-{n % 3}", place=dice.choice(["gate", "yard"]))
        if dice.random() < 0.2:
            continue
        world.accept(hazard, at + dice.choice([1, 40]) * HOUR, deadline=at + dice.choice([4, 30]) * DAY,
                     level=dice.choice(["general"] * 6 + ["major"]))  # fmt: skip
        if dice.random() < 0.7:
            world.repair(hazard, at + dice.choice([2, 6]) * DAY)
        if world.hazard(hazard).state == State.REVIEWING and dice.random() < 0.7:
            world.close(hazard, at + 7 * DAY)
    if dice.random() < 0.5:
        found = world.report(FOUND, home="city", by="inspector", place="gate", found_by="superior_inspection")
        world.accept(found, FOUND + HOUR, deadline=ENDS + DAY)


@pytest.mark.parametrize("seed", range(12))
def test_one_more_good_hazard_never_lowers_the_score(databases, seed):
    dice = random.Random(seed + 1000)  # noqa: S311
    at = START + dice.randrange(0, 20) * DAY
    deadline = at + dice.choice([2, 7, 30]) * DAY
    by = dice.choice(["worker-1", "newcomer", "anonymous", "guest"])
    worlds = []
    for _ in ("without", "with"):
        world = World(databases())
        world.account("verifier", "city")
        troubled(world, seed)
        worlds.append(world)
    silent, spoken = worlds

    def check(now):
        for unit in ("plant", "shop", "city"):
            before, after = made(silent, unit, at=now), made(spoken, unit, at=now)
            assert after.score.hundredths >= before.score.hundredths

    hazard = spoken.report(at, by=by, place="gate")
    check(at)
    if dice.random() < 0.3:
        spoken.fix(hazard, at + HOUR)
    else:
        spoken.accept(hazard, at + HOUR, deadline=deadline)
        check(at + 2 * HOUR)
        spoken.repair(hazard, at + DAY)
    check(at + 3 * DAY)
    spoken.close(hazard, at + 4 * DAY)
    check(at + 4 * DAY)
    check(AFTER)


# ── several units ────────────────────────────────────────────────────────────────────────────────


def test_units_are_ranked_inside_their_size_and_equal_scores_share_a_place(world):
    for unit, people in (("plant", 600), ("clinic", 12), ("twin", 50), ("ward", 5), ("shop", 200)):
        world.headcount(unit, people)
    world.good(START, unit="ward", home="ward", by="nurse")
    with world.db.read() as session:
        units = [world.unit(code) for code in ("twin", "plant", "shop", "ward", "clinic", "team")]
        ranked = statements_of(
            session, units, MONTH, at=AFTER, routines={world.unit("plant").id: Routine(ten_ones=1)}
        )
    shown = [(r.band, r.place, r.statement.unit.code) for r in ranked]
    assert shown == [
        (SizeBand.SMALL, 1, "clinic"), (SizeBand.SMALL, 1, "ward"), (SizeBand.SMALL, 3, "team"),
        (SizeBand.SMALL, 3, "twin"), (SizeBand.MEDIUM, 1, "shop"), (SizeBand.LARGE, 1, "plant"),
    ]  # fmt: skip
    assert ranked[-1].statement.figures.ten_ones == 1
    for r in ranked:
        alone = made(world, r.statement.unit.code, routine=Routine(ten_ones=r.statement.figures.ten_ones))
        assert r.statement == alone


def test_find_in_one_unit_of_the_table_is_none_in_another(world):
    world.report(FOUND - DAY, unit="clinic", place="gate")
    found = world.report(FOUND, home="city", by="inspector", place="gate", found_by="superior_inspection")
    world.accept(found, FOUND + HOUR, deadline=ENDS + DAY)
    with world.db.read() as session:
        ranked = statements_of(session, [world.unit("plant"), world.unit("clinic")], MONTH, at=AFTER)
    assert {r.statement.unit.code: r.statement.figures.found_by_superior for r in ranked} == {
        "plant": 1,
        "clinic": 0,
    }


def test_no_units_make_no_statements(world):
    with world.db.read() as session:
        assert statements_of(session, [], MONTH, at=AFTER) == []


def test_number_of_queries_does_not_grow_with_the_hazards(world):
    asked = []
    event.listen(world.db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def queries():
        asked.clear()
        made(world)
        return len([statement for statement in asked if statement.startswith("SELECT")])

    def more():
        found = world.report(FOUND, home="city", by="inspector", place="gate", found_by="superior_inspection")
        world.accept(found, FOUND + HOUR, level="major")
        world.good(START, by="worker", place="gate")

    more()
    few = queries()
    for _ in range(5):
        more()
    assert queries() == few <= 10
