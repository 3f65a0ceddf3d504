"""Where each person sees a hazard on the map: at its place, where it was found, or not at all."""

import uuid

import pytest

from app.hazards.on_the_map import Marked, Shown, hazards_on_the_map, units_on_the_map
from tests.conftest import House
from tests.integration.hazard_world import CAST, bring, populate

PLACE = (38.0431, 114.5032)
BESIDE = (38.04275, 114.50251)
"""Inside the workshop's area, beside its places."""
PIN = {"lat": BESIDE[0], "lon": BESIDE[1]}


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def seen(house: House, login: str, shown: Shown = Shown.OPEN, **more) -> dict[str, Marked]:
    with house.means.db.read() as session:
        found = hazards_on_the_map(session, by=house.actor(login), at=house.clock(), shown=shown, **more)
    return {marked.line.number: marked for marked in found.hazards}


def anonymous(house: House, **fields) -> str:
    """An anonymous report of lixia's; its number."""
    issued = house.api("lixia", "POST", "/passes").json["pass"]
    answer = house.send(
        None,
        headers={"Authorization": f"Pass {issued}"},
        anonymous=True,
        claim_hash=f"sha256:{uuid.uuid4().hex}:{uuid.uuid4().hex * 2}",
        **fields,
    )
    assert answer.status_code == 201, answer.json
    return answer.json["number"]


def test_a_hazard_at_a_place_is_drawn_at_the_place_for_everybody_who_sees_it(world):
    number = bring(world, "submitted")
    at = {who: seen(world, login).get(number) for who, login in CAST.items()}
    assert {who for who, marked in at.items() if marked is None} == {"sibling_officer", "foreign_officer", "admin"}
    assert {marked.at for marked in at.values() if marked} == {PLACE}


def test_a_pinned_hazard_is_drawn_where_it_was_found_only_for_its_reporter_and_who_reads_it_in_full(world):
    number = world.report("lixia", place_code=None, pin=PIN)
    at = {who: marked.at for who, login in CAST.items() if (marked := seen(world, login).get(number))}
    exactly = {"reporter", "officer", "officer_above", "head", "head_above", "reviewer"}
    assert {who for who, point in at.items() if point == pytest.approx(BESIDE)} == exactly
    # The others are told the nearest place at most.
    assert {at[who] for who in at.keys() - exactly} <= {None, PLACE}
    assert {"colleague", "other_rectifier"} <= at.keys()


def test_an_anonymous_hazard_is_drawn_where_it_was_found_for_the_line_of_command_alone(world):
    number = anonymous(world, place_code=None, pin=PIN)
    at = {who: marked.at for who, login in CAST.items() if (marked := seen(world, login).get(number))}
    assert {who for who, point in at.items() if point == pytest.approx(BESIDE)} == {
        "officer",
        "officer_above",
        "head",
        "head_above",
    }
    assert {"reporter", "colleague", "reviewer"} <= at.keys()


def test_a_hazard_without_any_position_is_told_and_not_drawn(world):
    number = world.report("lixia", place_code=None, location_text="二层平台东侧")
    assert seen(world, "wangmin")[number].at is None


@pytest.mark.parametrize(
    ("shown", "situations"),
    [
        (Shown.OPEN, {"submitted", "rectifying", "reviewing"}),
        (Shown.SUBMITTED, {"submitted"}),
        (Shown.RECTIFYING, {"rectifying"}),
        (Shown.REVIEWING, {"reviewing"}),
        (Shown.CLOSED, {"closed"}),
        (Shown.OVERDUE, set()),
        (Shown.ALL, {"submitted", "rectifying", "reviewing", "closed"}),
    ],
)
def test_each_choice_shows_its_states(world, shown, situations):
    made = {bring(world, situation): situation for situation in ("submitted", "rectifying", "reviewing", "closed")}
    found = seen(world, "wangmin", shown)
    assert {made[number] for number in made.keys() & found.keys()} == situations


def test_what_is_overdue_is_shown_as_such(world):
    number, other = bring(world, "rectifying"), bring(world, "submitted")
    world.clock.forward(days=30)
    assert number in (found := seen(world, "wangmin", Shown.OVERDUE))
    assert other not in found
    assert found[number].line.is_overdue


def test_a_unit_narrows_the_map_to_its_own_subtree(world):
    mine, beside = bring(world, "submitted"), world.report("zhaoqiang", place_code="HBJX-PD")
    assert {mine, beside} <= seen(world, "chenjun").keys()
    assert beside not in seen(world, "chenjun", unit_code="HBJX-3")
    assert mine not in seen(world, "chenjun", unit_code="HBJX-D")


def test_a_full_map_keeps_the_open_ones_and_says_that_it_is_cut(world):
    closed = bring(world, "closed")
    still_open = [bring(world, "submitted") for _n in range(2)]
    with world.means.db.read() as session:
        found = hazards_on_the_map(
            session, by=world.actor("wangmin"), at=world.clock(), shown=Shown.ALL, unit_code="HBJX-3", most=2
        )
    assert found.is_cut
    assert len(found.hazards) == 2
    assert closed not in {marked.line.number for marked in found.hazards}
    assert still_open[-1] in {marked.line.number for marked in found.hazards}


def test_each_person_chooses_among_the_own_units(world):
    def codes(login: str) -> set[str]:
        with world.means.db.read() as session:
            return {unit.code for unit in units_on_the_map(session, by=world.actor(login))}

    assert codes("lixia") == codes("wangmin") == {"HBJX-3", "HBJX-3-A"}
    assert {"HBJX", "HBJX-D-P"} <= codes("liujianguo")
    assert codes("hbjx-admin") == set()
