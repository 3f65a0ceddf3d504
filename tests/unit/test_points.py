"""Individual points: what is earned, where the caps stop it, and that no order of delivery changes the ledger."""

import copy
import dataclasses
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.competition.points import (
    DEFAULT_POINT_RULES,
    Acceptance,
    Rule,
    Why,
    point_rules,
    points_for,
)
from app.core.errors import Invalid

RULES = point_rules(DEFAULT_POINT_RULES)
START = datetime(2026, 11, 2, 1, tzinfo=UTC)


def accepted(n: int, *, day: int = 2, **facts) -> Acceptance:
    usual = {
        "hazard_id": f"HZ-2026-{n:06}",
        "accepted_at": START + timedelta(days=day - 2, minutes=n),
        "local_day": date(2026, 11, day),
        "level": "general",
        "category": "ELEC",
        "place": f"place-{n}",
    }
    return Acceptance(**{**usual, **facts})


def earned(acceptance, others=(), rules=RULES):
    return [(a.rule, a.points, a.why) for a in points_for(acceptance, others, rules=rules)]


@pytest.mark.parametrize(
    ("facts", "awards"),
    [
        ({}, [(Rule.GENERAL, 5, Why.ACCEPTED)]),
        ({"category": "BEHV"}, [(Rule.VIOLATION, 5, Why.ACCEPTED)]),
        ({"level": "major"}, [(Rule.MAJOR, 50, Why.ACCEPTED)]),
        ({"level": "major", "category": "BEHV"}, [(Rule.MAJOR, 50, Why.ACCEPTED)]),
        (
            {"is_fixed_on_the_spot": True},
            [(Rule.GENERAL, 5, Why.ACCEPTED), (Rule.FIXED_ON_THE_SPOT, 2, Why.ACCEPTED)],
        ),
        ({"is_duplicate": True}, [(Rule.GENERAL, 0, Why.DUPLICATE)]),
        ({"is_claimed": False}, [(Rule.GENERAL, 0, Why.UNCLAIMED)]),
        ({"is_own_area": True}, [(Rule.GENERAL, 0, Why.OWN_AREA)]),
        ({"is_own_area": True, "level": "major"}, [(Rule.MAJOR, 0, Why.OWN_AREA)]),
        (
            {"is_own_area": True, "is_fixed_on_the_spot": True},
            [(Rule.GENERAL, 0, Why.OWN_AREA), (Rule.FIXED_ON_THE_SPOT, 0, Why.OWN_AREA)],
        ),
    ],
)
def test_single_acceptance_earns_what_the_table_says(facts, awards):
    assert earned(accepted(1, **facts)) == awards


def test_third_of_one_category_and_place_in_a_month_earns_nothing_and_says_why():
    others = [accepted(1, place="gate"), accepted(2, place="gate", day=3)]
    third = accepted(3, place="gate", day=20)
    (award,) = points_for(third, others, rules=RULES)
    assert (award.points, award.why, award.values) == (0, Why.CAP_SAME_PLACE, {"limit": "2"})


@pytest.mark.parametrize("facts", [{"category": "FIRE"}, {"place": "yard"}, {"place": None}, {"level": "major"}])
def test_another_category_place_or_level_is_not_stopped_by_the_cap_of_a_place(facts):
    others = [accepted(1, place="gate"), accepted(2, place="gate", day=3)]
    third = accepted(3, **{"place": "gate", "day": 4, **facts})
    assert earned(third, others)[0][2] is Why.ACCEPTED


def test_cap_of_a_place_starts_afresh_each_month():
    october = [dataclasses.replace(accepted(n, place="gate"), local_day=date(2026, 10, 31)) for n in (1, 2)]
    assert earned(accepted(3, place="gate"), october) == [(Rule.GENERAL, 5, Why.ACCEPTED)]


def test_same_month_of_another_year_is_another_month():
    last_year = [dataclasses.replace(accepted(n, place="gate"), local_day=date(2025, 11, 2)) for n in (1, 2)]
    assert earned(accepted(3, place="gate"), last_year) == [(Rule.GENERAL, 5, Why.ACCEPTED)]


def test_sixth_general_hazard_of_a_local_day_earns_nothing():
    others = [accepted(n) for n in range(5)]
    (award,) = points_for(accepted(9, is_fixed_on_the_spot=False), others, rules=RULES)
    assert (award.points, award.why, award.values) == (0, Why.CAP_DAY, {"limit": "5"})
    assert earned(accepted(9, day=3), others) == [(Rule.GENERAL, 5, Why.ACCEPTED)]


def test_fixed_on_the_spot_is_stopped_together_with_its_hazard():
    others = [accepted(n) for n in range(5)]
    assert earned(accepted(9, is_fixed_on_the_spot=True), others) == [
        (Rule.GENERAL, 0, Why.CAP_DAY),
        (Rule.FIXED_ON_THE_SPOT, 0, Why.CAP_DAY),
    ]


def test_violations_share_the_caps_of_general_hazards():
    others = [accepted(n, category="BEHV") for n in range(5)]
    assert earned(accepted(9), others) == [(Rule.GENERAL, 0, Why.CAP_DAY)]


def test_what_earned_nothing_takes_no_room_under_the_day():
    others = [accepted(n) for n in range(4)]
    others += [accepted(10 + n, is_own_area=True) for n in range(3)]
    others += [accepted(20 + n, is_claimed=False) for n in range(3)]
    others += [accepted(30 + n, is_duplicate=True) for n in range(3)]
    others += [accepted(40 + n, level="major") for n in range(3)]
    assert earned(accepted(99), others) == [(Rule.GENERAL, 5, Why.ACCEPTED)]
    same_place = [accepted(n, place="gate") for n in range(6)]
    assert earned(accepted(99), same_place) == [(Rule.GENERAL, 5, Why.ACCEPTED)]


def test_sixty_points_a_month_is_the_most_and_the_last_award_is_cut():
    others = [accepted(n, day=2 + n // 5) for n in range(11)]  # 55 points
    last = accepted(50, day=20, is_fixed_on_the_spot=True)
    hazard, spot = points_for(last, others, rules=RULES)
    assert (hazard.points, hazard.why) == (5, Why.ACCEPTED)
    assert (spot.points, spot.why, spot.values) == (0, Why.CAP_MONTH, {"limit": "60", "before": "60"})
    on_the_spot = [accepted(n, day=2 + n // 5, is_fixed_on_the_spot=True) for n in range(8)]  # 56 points
    (cut,) = points_for(accepted(50, day=20), on_the_spot, rules=RULES)
    assert (cut.points, cut.why, cut.values) == (4, Why.CAP_MONTH, {"limit": "60", "before": "56"})


def test_major_hazards_are_never_capped():
    others = [accepted(n, day=2 + n // 5) for n in range(12)] + [accepted(20 + n, level="major") for n in range(9)]
    assert earned(accepted(99, level="major", place="place-20"), others) == [(Rule.MAJOR, 50, Why.ACCEPTED)]


def test_later_acceptances_do_not_count_against_an_earlier_one():
    later = [accepted(n, place="gate") for n in range(2, 9)]
    assert earned(accepted(1, place="gate"), later) == [(Rule.GENERAL, 5, Why.ACCEPTED)]


def test_equal_instants_are_ranked_by_hazard():
    first = accepted(1, place="gate")
    alike = [dataclasses.replace(first, hazard_id=f"HZ-2026-{n:06}") for n in (1, 2, 3)]
    assert [earned(a, alike)[0][1] for a in alike] == [5, 5, 0]


def test_late_claim_ranks_by_its_claim_and_lowers_nobody():
    two = [accepted(n, place="gate") for n in (1, 2)]
    unclaimed = accepted(0, place="gate", is_claimed=False)
    claimed = dataclasses.replace(unclaimed, is_claimed=True, accepted_at=START + timedelta(days=5))
    assert [earned(a, [*two, claimed])[0][1] for a in (*two, claimed)] == [5, 5, 0]


# ── rules as data ────────────────────────────────────────────────────────────────────────────────


def test_default_point_rules_are_plain_json():
    assert point_rules(json.loads(json.dumps(DEFAULT_POINT_RULES))) == RULES


def test_each_constant_of_the_point_rules_is_used():
    two = [accepted(1, place="gate"), accepted(2, place="gate")]

    def change(**constants):
        return point_rules({**DEFAULT_POINT_RULES, **constants})

    assert earned(accepted(3), rules=change(general=6))[0][1] == 6
    assert earned(accepted(3, level="major"), rules=change(major=40))[0][1] == 40
    assert earned(accepted(3, category="BEHV"), rules=change(violation=7))[0][1] == 7
    assert earned(accepted(3, is_fixed_on_the_spot=True), rules=change(fixed_on_the_spot=1))[1][1] == 1
    assert earned(accepted(3), rules=change(violation_category="ELEC"))[0][0] is Rule.VIOLATION
    assert earned(accepted(3, place="gate"), two, rules=change(same_place_a_month=3))[0][1] == 5
    assert earned(accepted(3), two, rules=change(general_a_day=2))[0][2] is Why.CAP_DAY
    assert earned(accepted(3), two, rules=change(general_points_a_month=12))[0][1] == 2


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"general": -1}, "general", "not_a_whole_number"),
        ({"general": 5.0}, "general", "not_a_whole_number"),
        ({"general": True}, "general", "not_a_whole_number"),
        ({"version": 0}, "version", "not_a_whole_number"),
        ({"violation_category": 5}, "violation_category", "not_a_category"),
        ({"violation_category": "behv"}, "violation_category", "not_a_category"),
        ({"bonus": 1}, "bonus", "unknown"),
    ],
)
def test_malformed_point_rules_are_refused(change, field, code):
    with pytest.raises(Invalid) as refused:
        point_rules({**copy.deepcopy(DEFAULT_POINT_RULES), **change})
    assert [(f.field, f.code) for f in refused.value.faults] == [(field, code)]


def test_every_missing_point_rule_is_named():
    with pytest.raises(Invalid) as refused:
        point_rules({})
    assert [f.field for f in refused.value.faults] == list(DEFAULT_POINT_RULES)
    assert {f.code for f in refused.value.faults} == {"missing"}


# ── what must hold for every month ───────────────────────────────────────────────────────────────


@st.composite
def a_persons_month(draw):
    count = draw(st.integers(1, 25))
    return [
        accepted(
            n,
            day=draw(st.integers(2, 5)),
            accepted_at=START + timedelta(minutes=draw(st.integers(0, 30))),
            place=draw(st.sampled_from(["gate", "yard", "roof", None])),
            category=draw(st.sampled_from(["ELEC", "FIRE", "BEHV"])),
            level=draw(st.sampled_from(["general", "general", "general", "major"])),
            is_fixed_on_the_spot=draw(st.booleans()),
            is_own_area=draw(st.integers(0, 7)) == 0,
            is_claimed=draw(st.integers(0, 7)) != 0,
        )
        for n in range(count)
    ]


def ledger(delivered, facts):
    entries = {}
    for acceptance in delivered:
        for award in points_for(acceptance, facts, rules=RULES):
            entries.setdefault((acceptance.hazard_id, award.rule), (award.points, award.why))
    return entries


@settings(max_examples=100, deadline=None)
@given(month=a_persons_month(), seed=st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_delivery_gives_the_same_ledger(month, seed):
    delivered, facts = month + month[:3], list(month)
    usual = ledger(month, month)
    seed.shuffle(delivered)
    seed.shuffle(facts)
    assert ledger(delivered, facts) == usual


@settings(max_examples=100, deadline=None)
@given(month=a_persons_month())
def test_award_is_final_once_everything_earlier_is_known(month):
    whole = ledger(month, month)
    for acceptance in month:
        known = [
            m for m in month if (m.accepted_at, m.hazard_id) <= (acceptance.accepted_at, acceptance.hazard_id)
        ]
        for award in points_for(acceptance, known, rules=RULES):
            assert whole[acceptance.hazard_id, award.rule] == (award.points, award.why)


@settings(max_examples=100, deadline=None)
@given(month=a_persons_month())
def test_caps_hold_in_every_month(month):
    entries = ledger(month, month)
    capped = [m for m in month if m.level == "general"]
    paid = {m.hazard_id for m in capped for rule in Rule if entries.get((m.hazard_id, rule), (0,))[0] > 0}
    assert sum(entries.get((m.hazard_id, rule), (0,))[0] for m in capped for rule in Rule) <= 60
    for day in {m.local_day for m in capped}:
        assert sum(m.hazard_id in paid for m in capped if m.local_day == day) <= 5
    for spot in {(m.category, m.place) for m in capped if m.place}:
        assert sum(m.hazard_id in paid for m in capped if (m.category, m.place) == spot) <= 2
    assert all(type(points) is int and points >= 0 for points, _ in entries.values())
