"""What is believed of a photograph's EXIF, and what is not."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence import exif
from app.evidence.exif import ExifFacts, ExifPosition, captured_at, orientation_of, read
from tests.photos import exif_block, rationals

SHANGHAI = ZoneInfo("Asia/Shanghai")
FULL = {
    "position": (38.0428, 114.5149),
    "accuracy_m": 4.5,
    "satellites_at": datetime(2026, 11, 2, 1, 2, 3, tzinfo=UTC),
    "taken": "2026:11:02 09:02:04",
    "offset": "+08:00",
    "orientation": 6,
    "make": "HUAWEI",
    "model": "Mate 60",
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\x00\x00"])
def test_everything_an_honest_phone_writes_is_read(order, prefix):
    facts = read(prefix + exif_block(**FULL, order=order))
    assert facts.position is not None
    assert facts.position.lat == pytest.approx(38.0428, abs=1e-7)
    assert facts.position.lon == pytest.approx(114.5149, abs=1e-7)
    assert facts.position.accuracy_m == 4.5
    assert facts.position.at == FULL["satellites_at"]
    assert facts.taken_local == datetime(2026, 11, 2, 9, 2, 4)  # noqa: DTZ001
    assert facts.utc_offset_minutes == 480
    assert (facts.orientation, facts.make, facts.model) == (6, "HUAWEI", "Mate 60")
    assert not facts.unreadable


def test_south_and_west_are_negative():
    position = read(exif_block(position=(-33.5, -70.25))).position
    assert position is not None
    assert (position.lat, position.lon) == (-33.5, -70.25)


@pytest.mark.parametrize(
    "block",
    [
        exif_block(position=(0.0, 0.0)),
        exif_block(position=(43.0, 11.0), hemispheres=(None, "E")),
        exif_block(position=(43.0, 11.0), hemispheres=("N", None)),
        exif_block(position=(43.0, 11.0), hemispheres=("X", "E")),
        exif_block(position=(91.0, 11.0)),
        exif_block(position=(43.0, 181.0)),
        exif_block(
            gps=[rationals(2, [(0, 0)] * 3), rationals(4, [(0, 0)] * 3), (1, 2, 2, b"N\0"), (3, 2, 2, b"E\0")]
        ),
        exif_block(
            gps=[rationals(2, [(43, 1), (99, 1)]), rationals(4, [(11, 1)]), (1, 2, 2, b"N\0"), (3, 2, 2, b"E\0")]
        ),
        exif_block(gps=[(2, 2, 3, b"43\0"), rationals(4, [(11, 1)]), (1, 2, 2, b"N\0"), (3, 2, 2, b"E\0")]),
        exif_block(
            gps=[rationals(2, [(43, 1)] * 4), rationals(4, [(11, 1)]), (1, 2, 2, b"N\0"), (3, 2, 2, b"E\0")]
        ),
    ],
    ids=[
        "null island",
        "no N/S",
        "no E/W",
        "odd letter",
        "lat 91",
        "lon 181",
        "0/0",
        "99 minutes",
        "text",
        "four",
    ],
)
def test_a_position_that_names_no_point_is_absent(block):
    facts = read(block)
    assert facts.position is None
    assert not facts.unreadable


@pytest.mark.parametrize("metres", [0.0, 200_000.0])
def test_an_impossible_accuracy_is_absent_and_the_position_stays(metres):
    position = read(exif_block(position=(43.0, 11.0), accuracy_m=metres)).position
    assert position is not None
    assert position.accuracy_m is None


@pytest.mark.parametrize(
    "taken",
    [
        "2002:12:08 12:00:00",
        "2026:11:02 24:00:00",
        "0000:00:00 00:00:00",
        "2026:13:01 00:00:00",
        "1970:01:01 00:00:00",
        "    :  :     :  :  ",
        "soon",
    ],
)
def test_a_bogus_time_is_absent_and_the_next_tag_is_asked(taken):
    assert read(exif_block(taken=taken)).taken_local is None
    expected = datetime(2026, 11, 2, 9, 0, 0)  # noqa: DTZ001
    assert read(exif_block(taken=taken, changed="2026:11:02 09:00:00")).taken_local == expected


def test_the_shutter_is_preferred_to_later_changes():
    facts = read(
        exif_block(taken="2026:01:01 00:00:00", digitized="2026:01:02 00:00:00", changed="2026:01:03 00:00:00")
    )
    assert facts.taken_local == datetime(2026, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+08:00", 480), ("-03:30", -210), ("Z", 0), ("+15:00", None), ("   :  ", None), ("+08:75", None)],
)
def test_only_possible_offsets_are_believed(offset, minutes):
    assert read(exif_block(taken="2026:01:01 00:00:00", offset=offset)).utc_offset_minutes == minutes


def test_without_an_offset_the_camera_ran_in_the_units_zone():
    facts = read(exif_block(taken="2026:11:02 09:00:00"))
    assert captured_at(facts, zone=SHANGHAI) == datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def test_a_written_offset_wins_over_the_units_zone():
    facts = read(exif_block(taken="2026:11:02 09:00:00", offset="+01:00"))
    assert captured_at(facts, zone=SHANGHAI) == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def test_without_a_time_there_is_no_instant():
    assert captured_at(ExifFacts(), zone=SHANGHAI) is None


def test_a_cameras_name_is_bounded_and_has_no_control_characters():
    facts = read(exif_block(make="A\x1b[31m\n B\u202eC", model="x" * 500))
    assert facts.make == "A [31m B C"
    assert facts.model == "x" * 64


@pytest.mark.parametrize("orientation", [0, 9, 400])
def test_an_impossible_orientation_is_absent(orientation):
    assert read(exif_block(orientation=orientation)).orientation is None


@pytest.mark.parametrize("block", [None, b"", b"Exif\x00\x00"])
def test_no_block_gives_no_facts(block):
    assert read(block) == ExifFacts()


@pytest.mark.parametrize(
    "block", [b"\x00" * 40, b"<?xml?>", b"\xff\xd8\xff\xe0", b"II*\x00" + b"\x00" * (1 << 20)]
)
def test_what_is_no_tiff_or_too_large_is_unreadable(block):
    assert read(block) == ExifFacts(unreadable=True)


def test_an_endless_directory_is_given_up_and_the_orientation_still_read():
    block = bytearray(exif_block(orientation=3, make="A"))
    block[8:10] = b"\xff\xff"
    many = bytes(block) + b"\x0f\x01\x05\x00\xe7\x03\x00\x00\x08\x00\x00\x00" * 5000
    assert read(many) == ExifFacts(orientation=3, unreadable=True)


def test_facts_survive_the_process_border():
    facts = read(exif_block(**FULL))
    assert ExifFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts
    assert ExifFacts.from_json(ExifFacts().as_json()) == ExifFacts()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", {"lat": float("nan"), "lon": 11.0}),
        ("position", {"lat": "43", "lon": 11.0}),
        ("position", {"lat": True, "lon": 11.0}),
        ("position", {"lat": 0, "lon": 0}),
        ("position", {"lat": 10**400, "lon": 0}),
        ("position", [43, 11]),
        ("taken_local", "2002-12-08T12:00:00"),
        ("taken_local", "2026-01-01T00:00:00+08:00"),
        ("taken_local", 5),
        ("utc_offset_minutes", 900),
        ("utc_offset_minutes", True),
        ("orientation", 9),
        ("orientation", True),
        ("orientation", [1]),
        ("make", ["x"]),
        ("make", "\x00"),
        ("unreadable", "yes"),
    ],
)
def test_a_lying_child_cannot_smuggle_a_value_past_the_border(name, value):
    assert ExifFacts.from_json({name: value}) == ExifFacts()


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00", "soon", 7, "0001-01-01T00:00:00+14:00"])
def test_a_satellite_time_without_zone_or_sense_is_dropped_at_the_border(at):
    facts = ExifFacts.from_json({"position": {"lat": 43.0, "lon": 11.0, "accuracy_m": -1, "at": at}})
    assert facts.position == ExifPosition(43.0, 11.0)


def test_something_that_is_no_object_is_refused_at_the_border():
    with pytest.raises(ValueError, match="exif_facts"):
        ExifFacts.from_json([1])


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail(content):
    assert isinstance(read(content), ExifFacts)
    assert isinstance(read(b"II*\x00\x08\x00\x00\x00" + content), ExifFacts)
    assert orientation_of(content) in {None, *range(1, 9)}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=12), st.sampled_from("<>"))
def test_no_damage_to_a_real_block_yields_an_impossible_fact(damage, order):
    block = bytearray(exif_block(**FULL, order=order))
    for at, value in damage:
        block[at % len(block)] = value
    facts = exif.read(bytes(block))
    assert ExifFacts.from_json(json.loads(json.dumps(facts.as_json(), allow_nan=False))) == facts
