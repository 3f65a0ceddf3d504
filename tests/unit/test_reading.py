"""Reading what people send: whatever comes, the answer is a value or faults that have a sentence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Fault, Invalid
from app.edge.fields import clean_text
from app.edge.reading import ACTION_FIELDS, HazardSchema, LoginSchema, action_schema, read, read_action
from app.edge.wording import FAULTS
from app.hazards.lifecycle import TABLE, Action

SCHEMAS = [HazardSchema, LoginSchema, *(action_schema(a) for a in Action if a is not Action.SUBMIT)]
NAMES = sorted(
    {name for schema in SCHEMAS for name in schema().fields} | {"lat", "lon", "position", "sha256", "x"}
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(
            ["9e999999", "sNaN", "-1e-999999", "0001-01-01T00:00:00+23:59", "2026-W45-1", "\ud800", "ELEC"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


def faults_of(schema: Any, told: object) -> tuple[Fault, ...]:
    try:
        read(schema(), told)
    except Invalid as refusal:
        return refusal.faults
    return ()


@settings(max_examples=250, deadline=None, derandomize=True)
@given(schema=st.sampled_from(SCHEMAS), told=st.one_of(VALUES, st.dictionaries(st.sampled_from(NAMES), VALUES)))
def test_whatever_comes_is_read_or_refused_in_words(schema, told):
    for fault in faults_of(schema, told):
        assert fault.code in FAULTS
        json.dumps(fault.field, ensure_ascii=False).encode()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_a_null_is_unsaid_or_refused_in_words(schema):
    for name in schema().fields:
        assert {fault.code for fault in faults_of(schema, {name: None})} <= set(FAULTS)


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.SUBMIT])
def test_a_move_takes_its_own_fields_its_version_and_photos_and_no_others(action):
    fields = set(action_schema(action)().fields)
    assert fields == TABLE[action].fields | {"version", "photos"}
    assert set(ACTION_FIELDS) >= TABLE[action].fields


def test_a_blank_text_is_unsaid_and_money_is_read_as_fen():
    told, version, photos = read_action(
        Action.RECTIFY, {"version": 3, "done": "  ", "finished_at": "2026-11-02T09:00:00+08:00", "cost": 12.3}
    )
    assert (told.done, told.cost, version, photos) == (None, 1230, 3, ())
    assert told.finished_at is not None
    assert told.finished_at.isoformat() == "2026-11-02T01:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "kept"),
    [(" a ", "a"), ("e\u0301", "é"), ("a\r\nb\rc", "a\nb\nc"), ("\u3000字\u3000", "字"), ("👷🏽", "👷🏽")],
)
def test_a_text_is_brought_into_one_form(value, kept):
    assert clean_text(value, limit=9, lines=True) == kept


def refusal_of(**told: Any) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        read(HazardSchema(), told)
    return {(f.field, f.code) for f in error.value.faults}


def test_a_nested_fault_is_named_with_its_whole_path():
    assert ("photos.1.position.lat", "out_of_range") in refusal_of(
        photos=[{}, {"position": {"lat": 91, "lon": 0}}]
    )
    assert ("photos.0", "required") in refusal_of(photos=[None])
