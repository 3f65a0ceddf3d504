"""Witnesses of where, their datums, and the grade of a photograph."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.datums import Datum, _gcj02_to_bd09, _wgs84_to_gcj02
from app.evidence.locations import (
    Because,
    Letter,
    Position,
    Source,
    Witness,
    distance_m,
    grade,
    parse_position,
    to_wgs84,
)

SHIJIAZHUANG = Position(38.0428, 114.5149)
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_the_shift_at_shijiazhuang_is_528_metres_and_is_undone():
    shown = _wgs84_to_gcj02(SHIJIAZHUANG.lat, SHIJIAZHUANG.lon)
    assert distance_m(SHIJIAZHUANG, Position(*shown)) == pytest.approx(528, abs=1)
    assert distance_m(SHIJIAZHUANG, to_wgs84(*shown, datum=Datum.GCJ02)) < 0.01


@given(st.floats(18, 53), st.floats(75, 134))
def test_both_datums_are_undone_to_the_centimetre(lat, lon):
    gcj02 = _wgs84_to_gcj02(lat, lon)
    bd09 = _gcj02_to_bd09(*gcj02)
    assert distance_m(Position(lat, lon), to_wgs84(*gcj02, datum=Datum.GCJ02)) < 0.01
    assert distance_m(Position(lat, lon), to_wgs84(*bd09, datum=Datum.BD09)) < 0.01


def test_tiananmen_comes_out_where_the_satellites_see_it():
    # (39.908692, 116.397477) in WGS-84 is shown at these coordinates on GCJ-02 and BD-09 maps.
    from_gcj02 = to_wgs84(39.910095, 116.403721, datum=Datum.GCJ02)
    from_bd09 = to_wgs84(39.916435, 116.410094, datum=Datum.BD09)
    true = Position(39.908692, 116.397477)
    assert distance_m(from_gcj02, true) < 0.2
    assert distance_m(from_bd09, true) < 0.2


@pytest.mark.parametrize("datum", list(Datum))
def test_outside_china_every_datum_is_the_same(datum):
    assert to_wgs84(43.46, 11.88, datum=datum) == Position(43.46, 11.88)


@given(st.floats(18, 53), st.floats(75, 134))
def test_the_shift_in_china_is_between_20_and_700_metres_and_baidu_moves_further(lat, lon):
    here = Position(lat, lon)
    assert to_wgs84(lat, lon, datum=Datum.WGS84) == here
    assert 20 < distance_m(here, to_wgs84(lat, lon, datum=Datum.GCJ02)) < 700
    assert to_wgs84(lat, lon, datum=Datum.BD09) != to_wgs84(lat, lon, datum=Datum.GCJ02)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (0, 0),
        (0.0, -0.0),
        (90.1, 0),
        (0, 180.1),
        (math.nan, 1),
        (1, math.inf),
        ("1", 1),
        (None, 1),
        (True, 1),
        (10**400, 1),
    ],
)
def test_what_names_no_point_is_absent(lat, lon):
    assert parse_position(lat, lon) is None


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (0, 1), (1e-9, 0)])
def test_the_edges_of_the_globe_are_points(lat, lon):
    assert parse_position(lat, lon) == Position(lat, lon)


def test_a_sent_datum_is_carried_to_wgs84():
    assert parse_position(38.0, 114.5, datum=Datum.GCJ02) == to_wgs84(38.0, 114.5, datum=Datum.GCJ02)


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (0, 181), (math.nan, 0)])
def test_a_position_off_the_globe_cannot_be_made(lat, lon):
    with pytest.raises(ValueError, match="position_out_of_range"):
        Position(lat, lon)


def at(source: Source, *, north_m: float = 0, accuracy_m: float | None = None) -> Witness:
    return Witness(source, SHIJIAZHUANG.lat + north_m / 111_000, SHIJIAZHUANG.lon, accuracy_m)


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def graded(*witnesses, exif=None, captured=None, scanned=False):
    return grade(witnesses, exif_at=exif, captured_at=captured, received_at=NOW, is_place_scanned=scanned)


EXIF, PHONE, PLACE, PIN = (at(source) for source in Source)
FAR = at(Source.PHONE, north_m=2000)


@pytest.mark.parametrize(
    ("witnesses", "facts", "letter"),
    [
        # A: times agree, positions agree
        ((EXIF, PHONE), {"exif": minutes(-20), "captured": minutes(-1)}, "A"),
        ((EXIF, PLACE), {"exif": minutes(-20)}, "A"),
        ((PHONE, PLACE), {"exif": minutes(-1), "captured": minutes(-1)}, "A"),
        ((EXIF, PHONE), {"exif": minutes(-3000), "captured": minutes(-3010)}, "A"),  # an unsent report of two days
        # B: live with a position or a scanned place
        ((PHONE,), {"captured": minutes(-1)}, "B"),
        ((), {"captured": minutes(-1), "scanned": True}, "B"),
        ((EXIF,), {"exif": minutes(-5)}, "B"),
        ((EXIF, at(Source.PHONE, north_m=500, accuracy_m=400)), {"exif": minutes(-1), "captured": NOW}, "B"),
        ((EXIF, PHONE), {"captured": minutes(-1)}, "B"),  # positions agree, but only one clock spoke
        # C: time only
        ((), {"exif": minutes(-200)}, "C"),
        ((), {"captured": minutes(-1)}, "C"),
        ((EXIF,), {"exif": minutes(-200)}, "C"),  # not live, nothing to compare with
        ((PIN,), {"captured": minutes(-1)}, "C"),  # a pin is a statement
        ((PLACE,), {"captured": minutes(-1)}, "C"),  # a place chosen from a list was not scanned
        # D: nothing, or a contradiction
        ((), {}, "D"),
        ((PHONE,), {}, "D"),
        ((), {"scanned": True}, "D"),
        ((EXIF, FAR), {"exif": minutes(-1), "captured": minutes(-1)}, "D"),
        ((EXIF, PHONE), {"exif": minutes(-60), "captured": minutes(-1)}, "D"),
        ((EXIF, PHONE), {"exif": minutes(-60 * 24 * 365)}, "D"),
        ((EXIF, PHONE), {"exif": minutes(60 * 24 * 3650), "captured": minutes(60 * 24 * 3650)}, "D"),
    ],
)
def test_the_grade_follows_the_table(witnesses, facts, letter):
    assert graded(*witnesses, **facts).letter is Letter(letter)


@pytest.mark.parametrize(("apart", "letter"), [(30, "A"), (30.1, "D"), (-30, "A"), (-30.1, "D")])
def test_thirty_minutes_is_the_edge_of_agreement_in_time(apart, letter):
    result = graded(EXIF, PHONE, exif=minutes(-60), captured=minutes(-60 + apart))
    assert result.letter is Letter(letter)


@pytest.mark.parametrize(("apart", "letter"), [(298, "A"), (302, "D")])
def test_three_hundred_metres_is_the_edge_of_agreement_in_place(apart, letter):
    result = graded(EXIF, at(Source.PHONE, north_m=apart), exif=NOW, captured=NOW)
    assert result.letter is Letter(letter)


def test_a_far_pin_neither_confirms_nor_contradicts():
    with_pin = graded(EXIF, PHONE, at(Source.PIN, north_m=9000), exif=NOW, captured=NOW)
    assert with_pin == graded(EXIF, PHONE, exif=NOW, captured=NOW)


def test_two_fixes_of_one_source_do_not_confirm_each_other():
    assert graded(PHONE, PHONE, exif=NOW, captured=NOW).letter is Letter.B


def test_the_reasons_say_how_far_apart():
    reasons = graded(EXIF, FAR, exif=minutes(-60), captured=minutes(-10)).reasons
    by_code = {reason.because: reason for reason in reasons}
    assert by_code[Because.TIMES_CONTRADICT].minutes == 50
    assert by_code[Because.TIMES_CONTRADICT].between == ("exif", "captured")
    assert by_code[Because.POSITIONS_CONTRADICT].metres == pytest.approx(2000, abs=10)
    assert by_code[Because.POSITIONS_CONTRADICT].between == ("exif", "phone")
    assert graded().reasons[0].because is Because.NO_TIME
    assert graded().reasons[-1].because is Because.NO_POSITION
