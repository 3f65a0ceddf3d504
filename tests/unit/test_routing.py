"""Routing: which location decides, which unit it means, who hears, and the reasons an officer reads."""

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.units.geometry import area_m2, distance_m, is_inside, is_position, is_surely_beyond
from app.units.routing import SOURCES, choose_unit, is_better
from app.units.surroundings import (
    AreaFact,
    Because,
    DeputyFact,
    LocationFact,
    OfficerFact,
    PlaceFact,
    RuleFact,
    Scope,
    Surroundings,
    UnitFact,
)

CITY, PLANT, SHOP_3, TEAM, OTHER = 1, 2, 3, 4, 5
UNITS = (
    UnitFact(CITY, "市总工会", None),
    UnitFact(PLANT, "一厂", CITY),
    UnitFact(SHOP_3, "三号车间", PLANT),
    UnitFact(TEAM, "甲班", SHOP_3),
    UnitFact(OTHER, "五号车间", PLANT),
)
HERE = (38.0400, 114.5000)


def north(metres: float) -> tuple[float, float]:
    return HERE[0] + metres / 110_985, HERE[1]  # one degree of latitude at 38° N


def square(half: float) -> tuple[tuple[float, float], ...]:
    lat, lon = HERE
    return ((lat - half, lon - half), (lat - half, lon + half), (lat + half, lon + half), (lat + half, lon - half))


BOX = PlaceFact(7, "P-007", "配电箱", SHOP_3, *HERE)
WANG = OfficerFact(71, "王敏", SHOP_3)
LI = OfficerFact(72, "李强", SHOP_3)
ELEC_TO_WANG = RuleFact(1, 1, SHOP_3, 71, "王敏", "ELEC")
AROUND = Surroundings(UNITS, (BOX,), (), (WANG, LI), (ELEC_TO_WANG,))


def route(around=AROUND, *, scanned=None, at=(), category="ELEC", home=OTHER, **limits):
    return choose_unit(around, scanned=scanned, locations=at, category=category, reporters_unit_id=home, **limits)


def pin(position=HERE):
    return LocationFact("pin", *position)


def phone(accuracy, position=HERE):
    return LocationFact("phone", *position, accuracy)


def exif(position=HERE, accuracy=None):
    return LocationFact("exif", *position, accuracy)


def codes(routing):
    return [reason.code for reason in routing.because]


# ── which location ───────────────────────────────────────────────────────────────────────────────


def test_scanned_place_decides_and_the_officer_reads_why():
    routing = route(scanned=BOX, at=[pin(north(5000)), phone(5), exif()])
    assert (routing.unit_id, routing.officer_id, routing.source) == (SHOP_3, 71, "place")
    assert [(r.code, r.values) for r in routing.because] == [
        (Because.PLACE_SCANNED, {"place": "配电箱", "code": "P-007", "unit": "三号车间"}),
        (Because.RULE_WON, {"rule": "1", "unit": "三号车间", "officer": "王敏", "category": "ELEC", "spot": ""}),
    ]


FAR = PlaceFact(8, "P-008", "远处", OTHER, *north(3000))


@pytest.mark.parametrize(
    ("locations", "source", "code"),
    [
        ([pin(), phone(5, north(3000)), exif(north(3000))], "pin", Because.PIN_SET),
        ([phone(100.0), exif(north(3000))], "phone", Because.PHONE_POSITION),
        ([exif()], "exif", Because.EXIF_POSITION),
    ],
)
def test_best_location_comes_first_whatever_else_was_sent(locations, source, code):
    around = dataclasses.replace(AROUND, places=(BOX, FAR))
    for sent in (locations, locations[::-1]):
        routing = route(around, at=sent, home=CITY)
        assert (routing.source, routing.unit_id, codes(routing)[0]) == (source, SHOP_3, code)


@pytest.mark.parametrize(
    ("accuracy", "stated"), [(250.0, "250"), (100.4, "101"), (None, "?"), (math.nan, "?"), (-1.0, "?")]
)
def test_inaccurate_phone_is_passed_over_for_exif_and_said_so(accuracy, stated):
    routing = route(at=[phone(accuracy, north(3000)), exif()])
    assert routing.source == "exif"
    assert codes(routing)[:3] == [Because.PHONE_INACCURATE, Because.EXIF_POSITION, Because.NEAREST_PLACE]
    assert routing.because[0].values == {"accuracy_m": stated, "limit_m": "100"}


def test_two_inaccurate_phones_are_told_once_with_the_better_figure():
    routing = route(at=[phone(900), phone(250)])
    assert codes(routing)[:3] == [Because.PHONE_INACCURATE, Because.NO_LOCATION, Because.REPORTERS_UNIT]
    assert routing.because[0].values["accuracy_m"] == "250"
    assert routing.source is None


def test_most_accurate_of_several_phone_positions_is_used():
    routing = route(at=[phone(80, north(3000)), phone(10)])
    assert routing.unit_id == SHOP_3
    assert routing.because[0].values == {"accuracy_m": "10"}


def test_limit_of_the_phones_accuracy_is_a_setting():
    assert route(at=[phone(250)], phone_accuracy_m=250).source == "phone"


def test_without_any_location_the_reporters_unit_is_asked():
    routing = route()
    assert (routing.unit_id, routing.source) == (OTHER, None)
    assert codes(routing)[:2] == [Because.NO_LOCATION, Because.REPORTERS_UNIT]
    assert routing.because[1].values == {"unit": "五号车间"}


@pytest.mark.parametrize("bad", [(91.0, 0.0), (0.0, 181.0), (math.nan, 114.0), (38.0, math.inf)])
def test_impossible_position_is_no_location(bad):
    assert codes(route(at=[pin(bad)]))[0] is Because.NO_LOCATION


def test_location_of_a_place_is_spoken_for_by_the_scan():
    for accuracy in (None, 1.0):
        assert codes(route(at=[LocationFact("place", *HERE, accuracy)]))[0] is Because.NO_LOCATION


def test_unknown_source_is_refused():
    with pytest.raises(ValueError, match="tuple"):
        route(at=[LocationFact("guess", *HERE)])


# ── which unit ───────────────────────────────────────────────────────────────────────────────────


def test_smallest_of_overlapping_areas_wins_over_any_place():
    plant, shop = AreaFact(1, "厂区", PLANT, square(0.01)), AreaFact(2, "车间", OTHER, square(0.001))
    routing = route(dataclasses.replace(AROUND, areas=(plant, shop)), at=[pin()])
    assert routing.unit_id == OTHER
    assert routing.because[1].code is Because.INSIDE_AREA
    assert routing.because[1].values == {"area": "车间", "unit": "五号车间"}


def test_one_outline_drawn_from_two_corners_is_told_apart_by_its_id():
    corners = (
        (38.04, 114.50055), (38.04052, 114.50066), (38.04064, 114.50015), (38.04082, 114.49951),
        (38.04026, 114.49908), (38.03974, 114.4991), (38.03948, 114.49968), (38.03903, 114.50013),
        (38.03938, 114.50053),
    )  # fmt: skip
    turned = corners[2:] + corners[:2]
    assert area_m2(turned) > area_m2(corners)  # by the last bit of a float, which must decide nothing
    areas = (AreaFact(9, "乙", OTHER, corners), AreaFact(4, "甲", PLANT, turned))
    for order in (areas, areas[::-1]):
        assert route(dataclasses.replace(AROUND, areas=order), at=[pin()]).unit_id == PLANT


def test_edge_of_an_area_belongs_to_it():
    area = AreaFact(1, "厂区", PLANT, square(0.001))
    routing = route(dataclasses.replace(AROUND, areas=(area,), places=()), at=[pin((HERE[0] - 0.001, HERE[1]))])
    assert routing.unit_id == PLANT


def test_outline_that_crosses_itself_or_has_too_few_corners_stops_nothing():
    lat, lon = HERE
    bow = (
        (lat - 0.001, lon - 0.001),
        (lat + 0.001, lon + 0.001),
        (lat + 0.001, lon - 0.001),
        (lat - 0.001, lon + 0.001),
    )
    around = dataclasses.replace(AROUND, areas=(AreaFact(1, "线", PLANT, bow[:2]), AreaFact(2, "结", OTHER, bow)))
    assert route(around, at=[pin((lat + 0.0008, lon))]).unit_id == OTHER
    assert route(around, at=[pin((lat, lon + 0.0008))]).unit_id == SHOP_3  # outside the bow, near the place


def test_area_elsewhere_is_not_asked():
    area = AreaFact(1, "厂区", PLANT, tuple((lat + 1, lon) for lat, lon in square(0.001)))
    assert route(dataclasses.replace(AROUND, areas=(area,)), at=[pin()]).unit_id == SHOP_3


def test_nearest_place_within_the_limit_is_named_with_its_metres():
    farther = PlaceFact(6, "P-006", "远门", OTHER, *north(-250))
    routing = route(dataclasses.replace(AROUND, places=(farther, BOX)), at=[pin(north(120))])
    assert routing.unit_id == SHOP_3
    assert routing.because[1].code is Because.NEAREST_PLACE
    assert routing.because[1].values["place"] == "配电箱"
    assert int(routing.because[1].values["metres"]) in {120, 121}


def test_equally_near_places_are_told_apart_by_their_id():
    twin = dataclasses.replace(BOX, id=3, unit_id=OTHER)
    for order in ((twin, BOX), (BOX, twin)):
        assert route(dataclasses.replace(AROUND, places=order), at=[pin(north(50))]).unit_id == OTHER


@pytest.mark.parametrize(("metres", "unit"), [(299, SHOP_3), (301, OTHER)])
def test_place_counts_up_to_three_hundred_metres(metres, unit):
    assert route(at=[pin(north(metres))]).unit_id == unit


def test_limit_of_the_nearest_place_is_a_setting():
    assert route(at=[pin(north(900))], near_m=1000).unit_id == SHOP_3


def test_place_without_a_position_is_never_near():
    unknown = dataclasses.replace(BOX, lat=None, lon=None)
    routing = route(dataclasses.replace(AROUND, places=(unknown,)), at=[pin()])
    assert codes(routing)[:3] == [Because.PIN_SET, Because.OUTSIDE_EVERYTHING, Because.REPORTERS_UNIT]
    assert routing.because[1].values == {"limit_m": "300"}
    assert (routing.unit_id, routing.source) == (OTHER, "pin")


def test_guest_is_routed_by_the_place_alone():
    assert route(scanned=BOX, home=None).unit_id == SHOP_3


def test_guest_whom_nothing_locates_is_asked_for_the_place():
    for at in ([], [pin(north(5000))]):
        with pytest.raises(Invalid) as refused:
            route(at=at, home=None)
        assert [(f.field, f.code) for f in refused.value.faults] == [("place_code", "needs_place")]


# ── which officer ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("category", ["FIRE", None])
def test_without_an_officer_for_the_category_one_named_for_none_hears(category):
    routing = route(scanned=BOX, category=category)
    assert routing.officer_id == 72
    assert routing.because[-1].code is Because.OFFICER_ON_DUTY_HERE
    assert routing.because[-1].values == {"officer": "李强", "unit": "三号车间"}


def test_officer_named_for_another_category_is_still_an_officer_there():
    routing = route(dataclasses.replace(AROUND, officers=(WANG,)), scanned=BOX, category="FIRE")
    assert (routing.officer_id, codes(routing)[-1]) == (71, Because.OFFICER_ON_DUTY_HERE)


def test_lower_id_hears_when_two_are_named_alike():
    twin = dataclasses.replace(WANG, account_id=70, name="赵一")
    for officers in ((WANG, twin), (twin, WANG)):
        assert route(Surroundings(UNITS, officers=officers), scanned=BOX).officer_id == 70


def test_officer_of_a_sibling_unit_never_hears():
    sibling = dataclasses.replace(WANG, unit_id=OTHER)
    routing = route(dataclasses.replace(AROUND, officers=(sibling,)), scanned=BOX)
    assert routing.officer_id is None
    assert codes(routing)[1] is Because.RULE_BROKEN


def test_climb_over_several_levels_is_told_step_by_step_and_keeps_the_unit():
    above, rule = OfficerFact(90, "周总", CITY), RuleFact(1, 1, CITY, 90, "周总", "ELEC")
    routing = route(
        Surroundings(UNITS, officers=(above,), rules=(rule,)), scanned=dataclasses.replace(BOX, unit_id=TEAM)
    )
    assert (routing.unit_id, routing.officer_id) == (TEAM, 90)
    climbed = [r.values for r in routing.because if r.code is Because.CLIMBED]
    assert climbed == [
        {"unit": "甲班", "to": "三号车间"},
        {"unit": "三号车间", "to": "一厂"},
        {"unit": "一厂", "to": "市总工会"},
    ]
    assert routing.because[-1].values["unit"] == "市总工会"
    assert (routing.because[-1].code, routing.because[-1].values["officer"]) == (Because.RULE_WON, "周总")


def test_nobody_up_to_the_root_leaves_the_hazard_in_its_unit():
    routing = route(Surroundings(UNITS), scanned=BOX)
    assert (routing.unit_id, routing.officer_id) == (SHOP_3, None)
    assert routing.because[-1].code is Because.NOBODY
    assert routing.because[-1].values == {"unit": "市总工会"}


@pytest.mark.parametrize(
    "units",
    [
        (UnitFact(SHOP_3, "三号车间", SHOP_3),),
        (UnitFact(SHOP_3, "三号车间", PLANT), UnitFact(PLANT, "一厂", SHOP_3)),
        (
            UnitFact(SHOP_3, "三号车间", PLANT),
            UnitFact(PLANT, "一厂", CITY),
            UnitFact(CITY, "市总工会", PLANT),
        ),
    ],
)
def test_loop_in_the_tree_ends_the_climb(units):
    routing = route(Surroundings(units), scanned=BOX)
    assert (routing.officer_id, codes(routing)[-1]) == (None, Because.NOBODY)


def test_unit_that_is_missing_from_the_tree_is_named_by_its_number():
    assert route(Surroundings(()), scanned=BOX).because[-1].values == {"unit": "3"}


# ── routing again ────────────────────────────────────────────────────────────────────────────────


def test_only_a_strictly_better_location_justifies_routing_again():
    order = [*SOURCES, None]
    for i, new in enumerate(order):
        for j, old in enumerate(order):
            assert is_better(new, old) is (i < j)
    with pytest.raises(ValueError, match="tuple"):
        is_better("guess", None)


# ── what must hold everywhere ────────────────────────────────────────────────────────────────────

NEAR_HERE = st.tuples(
    st.sampled_from([HERE[0] + d for d in (-0.002, -0.001, 0.0, 0.001, 0.002)]),
    st.sampled_from([HERE[1] + d for d in (-0.002, -0.001, 0.0, 0.001, 0.002)]),
)
UNIT_IDS = st.integers(1, 6)


@st.composite
def questions(draw):
    def some(make, most=5):
        return tuple(make(n) for n in range(draw(st.integers(0, most))))

    units = tuple(UnitFact(n, f"u{n}", draw(st.none() | UNIT_IDS)) for n in range(1, 7))
    places = some(
        lambda n: PlaceFact(n, f"P{n}", f"p{n}", draw(UNIT_IDS), *draw(st.just((None, None)) | NEAR_HERE))
    )
    areas = some(
        lambda n: AreaFact(n, f"a{n}", draw(UNIT_IDS), square(draw(st.sampled_from([0.0005, 0.001, 0.003])))), 4
    )
    officers = some(lambda n: OfficerFact(n, f"o{n}", draw(UNIT_IDS)))
    rules = some(
        lambda n: RuleFact(
            n,
            draw(st.integers(1, 3)),
            draw(UNIT_IDS),
            draw(st.integers(0, 5)),
            f"o{n}",
            draw(st.sampled_from([None, "ELEC", "FIRE"])),
            Scope.PLACE if places and draw(st.booleans()) else Scope.ANYWHERE,
            on=draw(st.booleans()),
        )
    )
    rules = tuple(
        dataclasses.replace(r, place=draw(st.sampled_from((None, *places)))) if r.scope is Scope.PLACE else r
        for r in rules
    )
    deputies = draw(st.dictionaries(st.integers(0, 5), st.none() | st.just(DeputyFact(9, "o9")), max_size=3))
    sources, accuracy = st.sampled_from(SOURCES), st.none() | st.sampled_from([5.0, 50.0, 250.0])
    locations = some(lambda _: LocationFact(draw(sources), *draw(NEAR_HERE), draw(accuracy)))
    return Surroundings(units, places, areas, officers, rules, deputies), locations


@settings(max_examples=100, deadline=None)
@given(question=questions(), seed=st.randoms(use_true_random=False), category=st.sampled_from(["ELEC", None]))
def test_order_of_the_facts_never_changes_the_decision(question, seed, category):
    around, locations = question
    usual = route(around, at=locations, category=category)

    def shuffled(facts):
        mixed = list(facts)
        seed.shuffle(mixed)
        return tuple(mixed)

    facts = ("units", "places", "areas", "officers", "rules")
    mixed = Surroundings(*(shuffled(getattr(around, name)) for name in facts), deputies=around.deputies)
    assert route(mixed, at=shuffled(locations), category=category) == usual
    assert usual.because[-1].code in {
        Because.RULE_WON,
        Because.DEPUTY,
        Because.OFFICER_ON_DUTY_HERE,
        Because.NOBODY,
    }


@settings(max_examples=100, deadline=None)
@given(
    lat=st.floats(-89.9, 89.9),
    lon=st.floats(-180, 180),
    up=st.floats(-0.01, 0.01),
    right=st.floats(-0.01, 0.01),
    stretch=st.sampled_from([1, 100]),
)
def test_cheap_test_never_throws_away_a_place_that_is_near(lat, lon, up, right, stretch):
    there = (max(-90.0, min(90.0, lat + up)), max(-180.0, min(180.0, lon + right * stretch)))
    metres = distance_m((lat, lon), there)
    assert not is_surely_beyond((lat, lon), there, metres + 0.001)


def test_cheap_test_spares_places_far_to_the_north_and_to_the_east():
    assert is_surely_beyond(HERE, north(400), 300)
    assert is_surely_beyond(HERE, (HERE[0], HERE[1] + 0.02), 300)
    assert not is_surely_beyond((10.0, 179.9999), (10.0, -179.9999), 300)


def test_distance_and_area_are_in_metres():
    assert distance_m(HERE, north(1000)) == pytest.approx(1000, rel=1e-3)
    side = 0.002
    width = distance_m(HERE, (HERE[0], HERE[1] + side))
    height = distance_m(HERE, (HERE[0] + side, HERE[1]))
    assert area_m2(square(side / 2)) == pytest.approx(width * height, rel=0.02)
    assert area_m2(()) == 0
    assert not is_inside((HERE,), HERE)


def test_ends_of_the_grid_are_positions():
    assert is_position(90, 180)
    assert is_position(-90, -180)
    assert not is_position(90.001, 0)
