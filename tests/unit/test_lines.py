"""A row as a line: written in one way only, and read back as it was."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import JSON, Boolean, Column, Date, Double, Integer, LargeBinary, MetaData, String, Table

from app.core.db import UtcDateTime
from app.keeping.layout import DERIVED, VOLATILE, is_kept
from app.keeping.lines import _line, canonical, row_of
from app.tables import METADATA

TABLE = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime()),
    Column("on", Date),
    Column("told", JSON),
    Column("much", Double),
    Column("text", String),
    Column("is", Boolean),
    Column("raw", LargeBinary),
)
ZONES = some.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
TEXTS = some.text(some.characters(exclude_categories=["Cs"]))
FLOATS = some.floats(allow_nan=False, allow_infinity=False)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | FLOATS | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ROWS = some.fixed_dictionaries(
    {
        "id": some.integers(1, 2**62),
        "at": some.none() | some.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=ZONES),  # noqa: DTZ001, E501  # the strategy adds the zone
        "on": some.none() | some.dates(),
        "told": VALUES,
        "much": some.none() | FLOATS,
        "text": some.none() | TEXTS,
        "is": some.none() | some.booleans(),
        "raw": some.none() | some.binary(max_size=40),
    }
)  # fmt: skip


def line_of(row: dict) -> bytes:
    return _line(list(TABLE.columns), tuple(row[column.name] for column in TABLE.columns))


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_a_row_returns_from_its_line_as_it_was(row):
    line = line_of(row)
    assert line.count(b"\n") == 1
    back = row_of(line, TABLE)
    assert back == row
    assert repr(back["much"]) == repr(row["much"])
    assert line_of(back) == line


def test_an_instant_is_the_same_line_in_whatever_zone_it_was_written():
    here = datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    row = {
        "id": 1,
        "at": here,
        "on": date(2026, 11, 2),
        "told": None,
        "much": 0.1,
        "text": "班",
        "is": True,
        "raw": None,
    }
    told = '{"at":"2026-11-02T01:00:00.000000Z","id":1,"is":true,"much":0.1,"on":"2026-11-02","raw":null,"text":"班","told":null}\n'  # fmt: skip  # noqa: E501
    assert line_of(row) == line_of({**row, "at": here.astimezone(UTC)}) == told.encode()


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"much": float("nan")})


@pytest.mark.parametrize("line", [b"[]\n", b"{}\n", b'{"id": 1}\n', b"nonsense\n"])
def test_a_line_of_another_table_is_refused(line):
    with pytest.raises(ValueError, match=r"columns|Expecting"):
        row_of(line, TABLE)


def test_every_table_is_kept_but_those_that_say_why_not():
    left = {name for name in METADATA.tables if not is_kept(name)}
    assert left == {"desk_line", "worker_pulse", "backup_hold", "missing_object", "upload"}
    assert left <= {*DERIVED, *VOLATILE}
    assert not any(is_kept(name) for name in ("hazard_search", "hazard_search_data", "alembic_version"))
