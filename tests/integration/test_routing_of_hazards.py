"""Where a hazard goes: at submission, and once more when a photo knows better, each with its reasons."""

from typing import Any

import pytest
from sqlalchemy import select

from app.hazards.models import RoutingRow
from tests.conftest import House
from tests.integration.hazard_world import history, row_of, step
from tests.photos import exif_block, photo

POWER_ROOM = (38.0470, 114.5071)
LINE_A3 = (38.0431, 114.5032)
HOSPITAL = (38.0733, 114.4731)


def at(position: tuple[float, float] | None, seed: int = 41) -> bytes:
    return photo(size=(64, 48), seed=seed, exif=exif_block(position=position) if position else None)


def codes(house: House, number: str) -> list[list[str]]:
    """The reasons of each decision, oldest first."""
    with house.means.db.read() as session:
        query = select(RoutingRow).where(RoutingRow.hazard_id == row_of(house, number).id).order_by(RoutingRow.id)
        return [[r["code"] for r in row.because] for row in session.execute(query).scalars()]


def unit_of(house: House, number: str) -> str:
    return str(house.read("chenjun", number)["unit"]["code"])


WORDS: dict[str, Any] = {"place_code": None, "location_text": "东侧"}


@pytest.mark.parametrize(
    ("told", "unit", "first"),
    [
        (
            {"place_code": "HBJX-PD", "pin": dict(zip(("lat", "lon"), LINE_A3, strict=True))},
            "HBJX-D",
            "place_scanned",
        ),
        ({**WORDS, "pin": dict(zip(("lat", "lon"), POWER_ROOM, strict=True))}, "HBJX-D", "pin_set"),
        ({**WORDS, "pin": dict(zip(("lat", "lon"), HOSPITAL, strict=True))}, "HBJX-3-A", "pin_set"),
        (WORDS, "HBJX-3-A", "no_location"),
    ],
)
def test_the_best_location_decides_and_says_why(house, told, unit, first):
    number = house.report("lixia", **told)
    assert unit_of(house, number) == unit
    assert codes(house, number)[0][0] == first
    because = house.read("chenjun", number)["routing"]["because"]
    assert all(reason["code"] for reason in because)


def test_a_photo_that_knows_better_moves_the_hazard_once_and_keeps_both_decisions(house):
    number = house.report("lixia", photos=(at(POWER_ROOM),), **WORDS)
    assert unit_of(house, number) == "HBJX-3-A"
    house.work()
    house.work()
    assert unit_of(house, number) == "HBJX-D"
    assert [c[0] for c in codes(house, number)] == ["no_location", "exif_position"]
    assert [(s.action, s.actor_id) for s in history(house, number)][1:] == [("route", None)]
    assert row_of(house, number).number == number


@pytest.mark.parametrize("action", ["ask", "reject", "transfer", "accept", "merge", "fix_on_the_spot"])
def test_a_hazard_somebody_acted_upon_stays_where_the_person_left_it(house, action):
    number = house.report("lixia", photos=(at(POWER_ROOM),), **WORDS)
    more: dict[str, Any] = {"unit": "HBJX-3"} if action == "transfer" else {}
    if action == "merge":
        more["master"] = house.report("lixia", **WORDS)
    step(house, "wangmin", number, action, **more)
    unit, version = row_of(house, number).unit_id, row_of(house, number).version
    house.work()
    assert (row_of(house, number).unit_id, row_of(house, number).version) == (unit, version)


def test_a_scanned_place_and_a_pin_are_not_overruled_by_a_photo(house):
    placed = house.report("lixia", place_code="HBJX-A3", photos=(at(POWER_ROOM),))
    pinned = house.report("lixia", **WORDS, pin={"lat": LINE_A3[0], "lon": LINE_A3[1]}, photos=(at(POWER_ROOM),))
    house.work()
    assert unit_of(house, placed) == unit_of(house, pinned) == "HBJX-3"


def test_a_foreign_position_never_carries_a_hazard_out_of_the_enterprise(house):
    number = house.report("lixia", photos=(at(HOSPITAL),), **WORDS)
    house.work()
    assert unit_of(house, number) == "HBJX-3-A"
    assert house.api("dongfang", "GET", f"/hazards/{number}").status_code == 404


def test_an_answer_with_a_photo_does_not_move_what_was_asked_about(house):
    number = house.report("lixia", **WORDS)
    step(house, "wangmin", number, "ask")
    step(house, "lixia", number, "answer", photos=(at(POWER_ROOM),))
    house.work()
    assert unit_of(house, number) == "HBJX-3-A"


def test_the_officer_named_for_the_category_hears_and_an_empty_unit_climbs(house):
    number = house.report("lixia", category="FIRE", place_code="HBJX-PD")
    seen = house.read("chenjun", number)["routing"]
    assert seen["officer"] == house.actor("chenjun").name
    assert "climbed" in [r["code"] for r in seen["because"]]
