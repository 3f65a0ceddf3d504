"""Places and areas as use cases: codes never reused, positions and outlines checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.errors import Invalid, NotFound
from app.units.areas import change_area, make_area, retire_area
from app.units.correcting import PlaceWords
from app.units.making import add_place, add_unit
from app.units.models import PlaceRow
from app.units.outlines import corners_of, faults_of_outline, written_corners
from app.units.placing import change_place, make_place, retire_place
from app.units.queries import place_by_code, unit_by_code
from tests.conftest import House
from tests.integration.setup_desk import YARD, Desk, codes


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_place_without_a_code_gets_one_that_was_never_printed(desk: Desk):
    first = make_place("HBJX-3", PlaceWords("冲床 7"), code=None, **desk.rest)
    retire_place(first.code, **desk.rest)
    second = make_place("HBJX-3", PlaceWords("冲床 8"), code=None, **desk.rest)
    assert (first.code, second.code) == ("HBJX-3-P01", "HBJX-3-P02")
    with pytest.raises(Invalid) as refused:
        make_place("HBJX-3", PlaceWords("冲床 9"), code=first.code, **desk.rest)
    assert codes(refused) == {("code", "code_taken")}


@pytest.mark.parametrize(
    ("lat", "lon", "fault"),
    [
        (91.0, 114.0, ("lat", "position_impossible")),
        (0.0, 0.0, ("lat", "position_impossible")),
        (float("nan"), 114.0, ("lat", "position_impossible")),
        (38.0, None, ("lon", "position_half")),
        (None, 114.0, ("lat", "position_half")),
    ],
)
def test_a_position_is_whole_and_on_earth(desk: Desk, lat, lon, fault):
    with pytest.raises(Invalid) as refused:
        make_place("HBJX-3", PlaceWords("x", lat, lon), code=None, **desk.rest)
    assert codes(refused) == {fault}


def test_a_place_changes_its_unit_only_within_what_its_administrator_manages(desk: Desk):
    change_place(
        "HBJX-A3", PlaceWords("冲压线 A3", 38.05, 114.5, allows_guests=True), unit_code="HBJX-D", **desk.rest
    )
    with desk.house.means.db.read() as session:
        place = place_by_code(session, "HBJX-A3")
        assert place.unit_id == unit_by_code(session, "HBJX-D").id
        assert place.allows_guests
    change = desk.changes()[0]
    assert change.before == {"unit": "三号车间", "allows_guests": False, "position": "38.043100, 114.503200"}
    assert change.after == {"unit": "动力车间", "allows_guests": True, "position": "38.050000, 114.500000"}
    for unit in ("RMYY", "NOWHERE"):
        with pytest.raises(Invalid) as refused:
            change_place("HBJX-A3", PlaceWords("x"), unit_code=unit, **desk.rest)
        assert codes(refused) == {("unit", "unknown_unit")}


def test_a_retired_place_opens_no_report_and_its_hazards_keep_its_name(desk: Desk):
    number = desk.house.report("lixia", place_code="HBJX-A3")
    retire_place("HBJX-A3", **desk.rest)
    assert desk.house.send("lixia", place_code="HBJX-A3").status_code == 422
    assert desk.house.read("wangmin", number)["place"]["name"] == "冲压线 A3"
    with pytest.raises(NotFound):
        retire_place("HBJX-A3", **desk.rest)


def test_a_refused_row_of_many_leaves_the_others_of_its_transaction_to_the_caller(desk: Desk):
    """The import makes many in one session: a fault raises before anything of that row is written."""
    db, at = desk.house.means.db, desk.house.clock()
    with db.write() as session:
        parent = unit_by_code(session, "HBJX")
        common = {"account_id": None, "at": at}
        unit = add_unit(
            session,
            code="HBJX-X",
            name="新车间",
            kind="workshop",
            parent=parent,
            headcount=None,
            timezone=None,
            **common,
        )
        spot = {"lat": None, "lon": None, "allows_guests": False}
        add_place(session, code=None, name="门口", unit=unit, **spot, **common)
        with pytest.raises(Invalid):
            add_place(session, code="HBJX-A3", name="又一个", unit=unit, **spot, **common)
    with db.read() as session:
        assert len(list(session.execute(select(PlaceRow).where(PlaceRow.unit_id == unit.id)).scalars())) == 1


def test_an_area_is_drawn_redrawn_and_removed_and_each_outline_is_kept(desk: Desk):
    area = make_area("HBJX-3", name="院子", corners=YARD, **desk.rest)
    change_area(area.key, name="前院", corners=YARD[:3], **desk.rest)
    retire_area(area.key, **desk.rest)
    removed, changed, made = desk.changes(kind="area")[:3]
    assert made.after["corners"] == [list(corner) for corner in YARD]
    assert changed.before["corners"] == [list(corner) for corner in YARD]
    assert (changed.after["name"], len(changed.after["corners"])) == ("前院", 3)
    assert removed.after == {"in_use": False}
    with pytest.raises(NotFound):
        change_area(area.key, name="x", corners=YARD, **desk.rest)


@pytest.mark.parametrize(
    ("corners", "fault"),
    [
        (YARD[:2], "too_few_corners"),
        ((YARD[0], YARD[2], YARD[1], YARD[3]), "crosses_itself"),
        (((91.0, 0.0), *YARD[:2]), "position_impossible"),
        (((0.0, 0.0), *YARD[:2]), "position_impossible"),
        (tuple((38 + n / 1e7, 114 + (n % 2) / 1e7) for n in range(3)), "area_too_small"),
        (((30.0, 100.0), (30.0, 110.0), (40.0, 110.0), (40.0, 100.0)), "area_too_large"),
        (tuple((38 + n / 1e5, 114 + n * n / 1e8) for n in range(501)), "too_many_corners"),
    ],
)
def test_an_outline_is_simple_and_of_a_sensible_size(corners, fault):
    assert [found.code for found in faults_of_outline(corners)] == [fault]


def test_a_square_is_a_fine_outline():
    assert faults_of_outline(YARD) == []


@given(
    st.lists(
        st.tuples(
            st.floats(-90, 90, allow_nan=False).map(lambda it: round(it, 6)),
            st.floats(-180, 180, allow_nan=False).map(lambda it: round(it, 6)),
        ),
        max_size=8,
    )
)
def test_written_corners_are_read_back(corners):
    read = corners_of(written_corners(corners))
    closed = len(corners) > 1 and corners[0] == corners[-1]
    wanted = corners[:-1] if closed else corners
    assert [(round(lat, 6), round(lon, 6)) for lat, lon in read] == [(lat, lon) for lat, lon in wanted]


@pytest.mark.parametrize(
    "typed", ["38.1,114.5", "38.1 114.5", "３８．１，１１４．５", "(38.1, 114.5)", " 38.1；114.5 \n\n"]
)
def test_people_write_positions_in_many_ways(typed: str):
    assert corners_of(typed) == ((38.1, 114.5),)


def test_a_line_that_cannot_be_read_is_named_by_its_number():
    with pytest.raises(Invalid) as refused:
        corners_of("38.1,114.5\n\n三十八度,114.5")
    assert refused.value.faults[0].values == {"line": 3}
