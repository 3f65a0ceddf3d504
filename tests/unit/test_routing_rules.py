"""Routing rules: the first that is for the hazard and can work names who hears; what cannot work is told."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.units.routing import choose_unit, spot_of
from app.units.rules import choose_officer, flaw_of
from app.units.surroundings import (
    AreaFact,
    Because,
    DeputyFact,
    Flaw,
    LocationFact,
    Mismatch,
    OfficerFact,
    PlaceFact,
    RuleFact,
    Scope,
    Spot,
    Surroundings,
    UnitFact,
)

PLANT, SHOP = 2, 3
UNITS = (UnitFact(PLANT, "一厂", None), UnitFact(SHOP, "三号车间", PLANT))
HERE = (38.04, 114.5)
FAR = (38.05, 114.51)
BOX = PlaceFact(7, "P-007", "配电箱", SHOP, *HERE)
GATE = PlaceFact(8, "P-008", "东门", SHOP, *FAR)
HALL = AreaFact(5, "冲压区", SHOP, ((38.03, 114.49), (38.03, 114.505), (38.045, 114.505), (38.045, 114.49)))
AT_BOX = Spot(7, HERE)
WANG = OfficerFact(71, "王敏", SHOP)
LI = OfficerFact(72, "李强", SHOP)
CHEN = OfficerFact(60, "陈军", PLANT)


def rule(position, officer=LI, **told):
    return RuleFact(position, position, told.pop("unit_id", SHOP), officer.account_id, officer.name, **told)


def world(*rules, officers=(WANG, LI, CHEN), **told):
    return Surroundings(UNITS, (BOX, GATE), (HALL,), officers, rules, **told)


def heard(around, *, category="ELEC", spot=AT_BOX, every_rule=False, unit_id=SHOP):
    officer_id, because = choose_officer(
        around, unit_id=unit_id, category=category, spot=spot, every_rule=every_rule
    )
    return officer_id, [(reason.code, dict(reason.values)) for reason in because]


def test_the_first_rule_in_the_order_of_the_list_wins_and_is_named():
    any_category = rule(2, WANG)
    officer_id, because = heard(world(any_category, rule(1, LI, category="ELEC")))
    assert officer_id == 72
    assert because == [
        (Because.RULE_WON, {"rule": "1", "unit": "三号车间", "officer": "李强", "category": "ELEC", "spot": ""})
    ]
    assert heard(world(any_category, rule(1, LI, category="ELEC")), category="FIRE")[0] == 71


def test_a_rule_may_name_an_officer_of_a_unit_above():
    officer_id, because = heard(world(rule(1, CHEN, category="ELEC")))
    assert (officer_id, because[0][1]["officer"]) == (60, "陈军")


@pytest.mark.parametrize(
    ("asked", "spot", "mismatch"),
    [
        ({"on": False}, Spot(7, HERE), Mismatch.OFF),
        ({"category": "FIRE"}, Spot(7, HERE), Mismatch.OTHER_CATEGORY),
        ({"scope": Scope.PLACE, "place": GATE}, Spot(7, HERE), Mismatch.OTHER_PLACE),
        ({"scope": Scope.PLACE, "place": BOX}, Spot(None, HERE), Mismatch.OTHER_PLACE),
        ({"scope": Scope.AREA, "area": HALL}, Spot(None, FAR), Mismatch.OTHER_AREA),
        ({"scope": Scope.AREA, "area": HALL}, Spot(7, None), Mismatch.OTHER_AREA),
    ],
)
def test_a_rule_for_other_hazards_is_passed_and_told_to_whoever_tries_the_rules(asked, spot, mismatch):
    around = world(rule(1, CHEN, **asked))
    officer_id, because = heard(around, spot=spot, every_rule=True)
    assert officer_id == 71
    assert because[0] == (Because.RULE_PASSED, {"rule": "1", "unit": "三号车间", "mismatch": mismatch})
    quiet = heard(around, spot=spot)
    assert quiet == (71, because[1:])


@pytest.mark.parametrize(
    ("asked", "spot"),
    [
        ({"scope": Scope.PLACE, "place": BOX}, Spot(7, HERE)),
        ({"scope": Scope.AREA, "area": HALL}, Spot(None, HERE)),
        ({"scope": Scope.AREA, "area": HALL, "category": "ELEC"}, Spot(7, HERE)),
    ],
)
def test_a_rule_for_a_place_or_an_area_wins_there_and_says_which(asked, spot):
    officer_id, because = heard(world(rule(1, CHEN, **asked)), spot=spot)
    assert officer_id == 60
    assert because[-1][1]["spot"] == ("配电箱" if asked["scope"] is Scope.PLACE else "冲压区")


BROKEN = [
    ({"scope": Scope.PLACE}, Flaw.PLACE_GONE),
    ({"scope": Scope.AREA}, Flaw.AREA_GONE),
    ({"officer_disabled": True}, Flaw.OFFICER_DISABLED),
    ({"officer": OfficerFact(99, "钱林", PLANT)}, Flaw.OFFICER_NOT_HERE),
    ({"category": "ELEC", "category_hidden": True}, Flaw.CATEGORY_HIDDEN),
]


@pytest.mark.parametrize(("told", "flaw"), BROKEN)
def test_a_rule_that_cannot_work_is_never_silently_skipped(told, flaw):
    told = dict(told)
    broken = rule(1, told.pop("officer", LI), **told)
    around = world(broken, rule(2, CHEN))
    assert flaw_of(broken, around) is flaw
    assert flaw_of(rule(2, CHEN), around) is None
    officer_id, because = heard(around)
    assert officer_id == 60
    assert because[0] == (
        Because.RULE_BROKEN,
        {"rule": "1", "unit": "三号车间", "officer": broken.officer, "flaw": flaw},
    )
    assert because[1][0] is Because.RULE_WON


@pytest.mark.parametrize("units", [UNITS[:1], (UNITS[0], dataclasses.replace(UNITS[1], retired=True))])
def test_a_rule_of_a_unit_that_is_gone_cannot_work(units):
    around = dataclasses.replace(world(rule(1, LI)), units=units)
    assert flaw_of(rule(1, LI), around) is Flaw.UNIT_GONE


def test_a_rule_that_is_off_is_not_shown_as_broken_in_a_hazards_reasons():
    assert heard(world(rule(1, LI, on=False, officer_disabled=True)))[1][0][0] is Because.OFFICER_ON_DUTY_HERE


def test_a_broken_rule_for_another_category_is_not_told_of_this_hazard():
    codes = [code for code, _ in heard(world(rule(1, LI, category="FIRE", scope=Scope.PLACE)))[1]]
    assert codes == [Because.OFFICER_ON_DUTY_HERE]


def test_without_a_rule_an_officer_named_for_nothing_hears_before_one_who_is():
    assert heard(world(rule(1, WANG, category="FIRE")))[0] == 72
    assert heard(world(rule(1, WANG, category="FIRE", on=False)))[0] == 71


def test_the_rules_of_the_unit_above_are_asked_after_the_climb_only():
    above = rule(1, CHEN, unit_id=PLANT, category="ELEC")
    assert heard(world(above))[0] == 71
    officer_id, because = heard(world(above, officers=(CHEN,)))
    assert officer_id == 60
    assert [code for code, _ in because] == [Because.CLIMBED, Because.RULE_WON]


def test_a_deputy_stands_in_for_who_is_away_whether_a_rule_or_nobody_named_them():
    away = {71: DeputyFact(60, "陈军"), 72: DeputyFact(60, "陈军")}
    for rules in ((rule(1, LI),), ()):
        officer_id, because = heard(world(*rules, deputies=away))
        assert officer_id == 60
        assert because[-1][0] is Because.DEPUTY
        assert because[-1][1]["deputy"] == "陈军"


def test_away_without_a_deputy_leads_to_the_others_there_then_up_and_says_so():
    officer_id, because = heard(world(rule(1, LI), deputies={72: None}))
    assert officer_id == 71
    assert because[1] == (Because.OFFICER_AWAY, {"officer": "李强", "unit": "三号车间"})
    officer_id, because = heard(world(rule(1, LI), deputies={71: None, 72: None}))
    assert officer_id == 60
    assert [code for code, _ in because] == [
        Because.RULE_WON,
        Because.OFFICER_AWAY,
        Because.OFFICER_AWAY,
        Because.CLIMBED,
        Because.OFFICER_ON_DUTY_HERE,
    ]


def test_where_a_hazard_lies_for_the_rules():
    near = LocationFact("pin", *HERE)
    assert spot_of(BOX, [LocationFact("pin", *FAR)], ()) == Spot(7, HERE)
    unplaced = dataclasses.replace(BOX, lat=None, lon=None)
    assert spot_of(unplaced, [near], (GATE,)) == Spot(7, HERE)
    assert spot_of(unplaced, [], (GATE,)) == Spot(7, None)
    assert spot_of(None, [near], (GATE, BOX)) == Spot(7, HERE)
    assert spot_of(None, [near], (GATE,)) == Spot(None, HERE)
    assert spot_of(None, [], (BOX,)) == Spot(None, None)


def test_the_whole_decision_asks_the_rules_with_the_place_that_is_near():
    decision = choose_unit(
        world(rule(1, CHEN, scope=Scope.PLACE, place=BOX)),
        scanned=None,
        locations=[LocationFact("pin", *HERE)],
        category=None,
        reporters_unit_id=PLANT,
    )
    assert decision.officer_id == 60


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda officer, category, on, disabled, gone: {
                "officer": officer,
                "category": category,
                "on": on,
                "officer_disabled": disabled,
                "scope": Scope.AREA if gone else Scope.ANYWHERE,
            },
            st.sampled_from([WANG, LI, CHEN, OfficerFact(99, "钱林", PLANT)]),
            st.sampled_from([None, "ELEC", "FIRE"]),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_every_rule_before_the_one_that_won_is_accounted_for(drawn):
    rules = [rule(n, told.pop("officer"), **told) for n, told in enumerate(drawn, 1)]
    around = world(*rules)
    _, because = heard(around, every_rule=True)
    told = {int(v["rule"]): code for code, v in because if "rule" in v}
    won = [n for n, code in told.items() if code is Because.RULE_WON]
    assert sorted(told) == list(range(1, (won[0] if won else len(rules)) + 1))
    for n, code in told.items():
        one = rules[n - 1]
        fits = one.on and one.category in (None, "ELEC")
        assert (code is Because.RULE_PASSED) is not fits
        if fits:
            assert (code is Because.RULE_BROKEN) is (flaw_of(one, around) is not None)
