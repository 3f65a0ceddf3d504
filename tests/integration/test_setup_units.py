"""Units as use cases: who may, what is checked, what is written down."""

from datetime import date

import pytest

from app.core.errors import Invalid, NotFound
from app.hazards.moving_units import move_unit
from app.hazards.open_here import open_hazards_in
from app.units.areas import areas_in, make_area, retire_area
from app.units.arranging import (
    change_unit,
    count_people,
    retire_unit,
)
from app.units.choosing import count_deadlines_in, hide_categories
from app.units.correcting import PlaceWords, UnitWords
from app.units.placing import change_place, make_place, retire_place
from app.units.queries import headcount_on, place_by_code, subtree, unit_by_code
from tests.conftest import House
from tests.integration.setup_desk import YARD, Desk, codes

KNOWN = ("ELEC", "FOOD", "MEDI", "OTHR")


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_new_unit_stands_below_its_parent_with_a_made_code_and_the_parents_zone(desk: Desk):
    made = desk.make("HBJX", headcount=50)
    parent = desk.unit("HBJX")
    assert made.code == "HBJX-01"
    assert made.lineage == (*parent.lineage, made.id)
    assert made.zone == parent.zone
    with desk.house.means.db.read() as session:
        assert made.id in {unit.id for unit in subtree(session, [parent.id])}
        assert headcount_on(session, made.id, date(2026, 11, 2)) == 50
        assert headcount_on(session, made.id, date(2026, 11, 1)) == 0
    (change, *_older) = desk.changes()
    assert (change.who, change.kind, change.name, change.before) == ("周洁", "unit", "铸造车间", {})
    assert change.after["people"] == 50


def test_every_fault_of_a_new_unit_is_told_at_once(desk: Desk):
    with pytest.raises(Invalid) as refused:
        desk.make("HBJX-3-A", name=" ", kind="enterprise", code="三号", timezone="Mars/Base", headcount=-1)
    assert codes(refused) == {
        ("name", "required"),
        ("kind", "kind_above_parent"),
        ("code", "not_a_code"),
        ("timezone", "unknown_zone"),
        ("headcount", "out_of_range"),
    }
    assert desk.changes() == ()


def test_a_code_is_used_once_however_it_is_typed(desk: Desk):
    with pytest.raises(Invalid) as refused:
        desk.make("HBJX", code=" hbjx-3 ")
    assert codes(refused) == {("code", "code_taken")}
    with pytest.raises(Invalid):
        change_unit("HBJX-3", UnitWords("三号车间", "workshop", code="ＨＢＪＸ－Ｄ"), **desk.rest)


@pytest.mark.parametrize("login", ["rmyy-admin", "wangmin", "liujianguo", "tianye", "lixia"])
def test_who_does_not_manage_a_unit_finds_none(house: House, login: str):
    """Another enterprise's administrator, and everybody who is none: absent for all of them."""
    desk = Desk(house, login)
    moves = (
        lambda: desk.make("HBJX"),
        lambda: change_unit("HBJX-3", UnitWords("x", "workshop"), **desk.rest),
        lambda: count_people("HBJX-3", headcount=1, since=None, **desk.rest),
        lambda: move_unit("HBJX-3-A", parent_code="HBJX-D", **desk.rest),
        lambda: retire_unit("HBJX-3", open_hazards=open_hazards_in, **desk.rest),
        lambda: make_place("HBJX-3", PlaceWords("x"), code=None, **desk.rest),
        lambda: change_place("HBJX-A3", PlaceWords("x"), **desk.rest),
        lambda: retire_place("HBJX-A3", **desk.rest),
        lambda: make_area("HBJX-3", name="x", corners=YARD, **desk.rest),
        lambda: hide_categories("HBJX-3", ["FOOD"], known=KNOWN, **desk.rest),
        lambda: count_deadlines_in("HBJX-3", "working", **desk.rest),
    )
    for move in moves:
        with pytest.raises(NotFound):
            move()


def test_an_absent_unit_answers_like_a_foreign_one(desk: Desk):
    for code in ("RMYY", "NOWHERE"):
        with pytest.raises(NotFound):
            desk.make(code)
        with pytest.raises(NotFound):
            desk.changes(unit_code=code)


def test_a_changed_unit_keeps_its_place_and_the_change_tells_both_sides(desk: Desk):
    before = desk.unit("HBJX-3")
    change_unit("HBJX-3", UnitWords("冲压车间", "workshop", code="HBJX-CY"), **desk.rest)
    after = desk.unit("HBJX-CY")
    assert (after.id, after.path, after.name) == (before.id, before.path, "冲压车间")
    assert desk.unit("HBJX-3") is None
    (change, *_older) = desk.changes(unit_code="HBJX-CY")
    assert change.before == {"code": "HBJX-3", "name": "三号车间"}
    assert change.after == {"code": "HBJX-CY", "name": "冲压车间"}


def test_saving_a_unit_unchanged_writes_nothing_down(desk: Desk):
    change_unit("HBJX-3", UnitWords("三号车间", "workshop"), **desk.rest)
    assert desk.changes() == ()


def test_a_level_stays_between_the_parents_and_the_childrens(desk: Desk):
    with pytest.raises(Invalid) as refused:
        change_unit("HBJX-3", UnitWords("三号车间", "federation"), **desk.rest)
    assert codes(refused) == {("kind", "kind_above_parent")}
    desk.make("HBJX-3", name="冲压工段", kind="workshop")
    with pytest.raises(Invalid) as refused:
        change_unit("HBJX-3", UnitWords("三号车间", "team"), **desk.rest)
    assert codes(refused) == {("kind", "kind_below_children")}


def test_a_moved_unit_takes_everything_below_along_and_its_new_officers_see_it(desk: Desk):
    number = desk.house.report("lixia", place_code="HBJX-A3")
    move_unit("HBJX-3", parent_code="HBJX-D", **desk.rest)
    unit, team, parent = desk.unit("HBJX-3"), desk.unit("HBJX-3-A"), desk.unit("HBJX-D")
    assert unit.lineage == (*parent.lineage, unit.id)
    assert team.lineage == (*unit.lineage, team.id)
    assert desk.house.read("chenjun", number)["unit"]
    assert desk.changes()[0].after == {"parent": "动力车间"}


def test_a_unit_moves_neither_into_itself_nor_abroad_nor_below_its_level(desk: Desk):
    for parent, code in (
        ("HBJX-3", "unit_in_itself"),
        ("HBJX-3-A", "unit_in_itself"),
        ("RMYY-W", "unknown_unit"),
        ("NOWHERE", "unknown_unit"),
        ("HBJX-D-P", "kind_above_parent"),
    ):
        with pytest.raises(Invalid) as refused:
            move_unit("HBJX-3", parent_code=parent, **desk.rest)
        assert codes(refused) == {("parent", code)}


def test_nobody_moves_or_retires_the_unit_that_their_right_comes_from(desk: Desk):
    desk.make("HBJX", kind="enterprise", name="分厂")
    with pytest.raises(Invalid):
        move_unit("HBJX", parent_code="HBJX-01", **desk.rest)
    with pytest.raises(NotFound):
        retire_unit("HBJX", open_hazards=open_hazards_in, **desk.rest)


def test_a_headcount_holds_from_its_day_and_a_second_word_replaces_the_first(desk: Desk):
    for people in (150, 151):
        count_people("HBJX-3", headcount=people, since=date(2026, 12, 1), **desk.rest)
    with desk.house.means.db.read() as session:
        unit = unit_by_code(session, "HBJX-3")
        assert headcount_on(session, unit.id, date(2026, 11, 30)) == 148
        assert headcount_on(session, unit.id, date(2026, 12, 1)) == 151
    for day in (date(2062, 12, 1), date(1999, 1, 1)):
        with pytest.raises(Invalid) as refused:
            count_people("HBJX-3", headcount=1, since=day, **desk.rest)
        assert codes(refused) == {("since", "headcount_day_far")}


def test_a_unit_with_people_units_or_open_hazards_is_not_retired_and_all_reasons_are_told(desk: Desk):
    desk.house.report("lixia", place_code="HBJX-A3")
    with pytest.raises(Invalid) as refused:
        retire_unit("HBJX-3", open_hazards=open_hazards_in, **desk.rest)
    assert codes(refused) == {
        ("retire", "unit_has_units"),
        ("retire", "unit_has_people"),
        ("retire", "unit_has_hazards"),
    }


def test_a_retired_unit_keeps_its_past_and_takes_its_places_and_areas_along(desk: Desk):
    made = desk.make("HBJX")
    place = make_place(made.code, PlaceWords("冲天炉"), code=None, **desk.rest)
    make_area(made.code, name="院子", corners=YARD, **desk.rest)
    retire_unit(made.code, open_hazards=open_hazards_in, **desk.rest)
    with desk.house.means.db.read() as session:
        assert unit_by_code(session, made.code).retired
        assert place_by_code(session, place.code) is None
        assert areas_in(session, [made.id]) == []
    told = [(change.kind, change.after) for change in desk.changes(unit_code=made.code)][:3]
    assert {kind for kind, _after in told} == {"unit", "place", "area"}
    with pytest.raises(NotFound):
        retire_unit(made.code, open_hazards=open_hazards_in, **desk.rest)
    with pytest.raises(Invalid):
        desk.make(made.code, kind="team")
    with pytest.raises(Invalid):
        make_place(made.code, PlaceWords("x"), code=None, **desk.rest)
    with pytest.raises(Invalid) as refused:
        desk.make("HBJX", code=made.code)
    assert codes(refused) == {("code", "code_taken")}


def test_no_hazard_is_transferred_to_a_retired_unit(desk: Desk):
    made = desk.make("HBJX")
    retire_unit(made.code, open_hazards=open_hazards_in, **desk.rest)
    number = desk.house.report("lixia")
    answer = desk.house.act("wangmin", number, "transfer", unit=made.code, text="归他们")
    assert answer.status_code == 422
    assert "unit" in answer.json["errors"]


def test_a_retired_area_leads_nobody(desk: Desk):
    """The smallest area around the point belongs to 动力车间; once it is gone, the enterprise's own counts."""
    spot = {"place_code": None, "pin": {"lat": 38.0465, "lon": 114.5065}}
    assert desk.house.read("chenjun", desk.house.report("lixia", **spot))["unit"]["code"] == "HBJX-D"
    with desk.house.means.db.read() as session:
        (area,) = areas_in(session, [unit_by_code(session, "HBJX-D").id])
    retire_area(area.key, **desk.rest)
    assert desk.house.read("chenjun", desk.house.report("lixia", **spot))["unit"]["code"] == "HBJX"
