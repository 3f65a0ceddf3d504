"""The lifecycle table by itself: it is whole, frozen, closed under itself, and the same as its page."""

import dataclasses

import pytest

from app.edge.reading import ACTION_FIELDS
from app.hazards import events as life
from app.hazards.diagram import lifecycle_page
from app.hazards.lifecycle import OPEN, TABLE, Action, Guard, Move, Photos, State, Who
from app.hazards.moves import VERBS
from app.hazards.told import Told

FROM_TO = {
    # domain.md §5, the column "From → to", written out once more
    "submit": ("", "submitted"),
    "ask": ("submitted", "need_info"),
    "answer": ("need_info", "submitted"),
    "withdraw": ("submitted need_info", "withdrawn"),
    "reject": ("submitted need_info", "rejected"),
    "appeal": ("rejected", "rejected"),
    "decide_appeal": ("rejected", "rejected submitted"),
    "recategorize": ("submitted", "submitted"),
    "transfer": ("submitted", "submitted"),
    "return_transfer": ("submitted", "submitted"),
    "merge": ("submitted need_info rectifying", "duplicate"),
    "unmerge": ("duplicate", "submitted"),
    "accept": ("submitted", "rectifying"),
    "fix_on_the_spot": ("submitted", "reviewing"),
    "acknowledge": ("rectifying", "rectifying"),
    "reassign": ("rectifying", "rectifying"),
    "remind": ("rectifying", "rectifying"),
    "request_extension": ("rectifying", "rectifying"),
    "decide_extension": ("rectifying", "rectifying"),
    "record_dual_report": ("rectifying reviewing", "rectifying reviewing"),
    "rectify": ("rectifying", "reviewing"),
    "close": ("reviewing", "closed"),
    "send_back": ("reviewing", "rectifying"),
    "void": ("rectifying reviewing", "rejected"),
    "object": ("closed", "closed"),
    "reopen": ("closed", "rectifying"),
    "dismiss_objection": ("closed", "closed"),
}
PHOTOS = {
    "submit": "required",
    "answer": "text_or_photo",
    "fix_on_the_spot": "required",
    "rectify": "required",
    "object": "optional",
}


def targets_of(move: Move) -> set[str]:
    sources = move.sources or {State.SUBMITTED}
    return {move.target(source, decision=decision) for source in sources for decision in move.targets}


@pytest.mark.parametrize("action", Action)
def test_each_move_leads_where_the_domain_says(action):
    sources, targets = FROM_TO[action]
    assert (TABLE[action].sources, targets_of(TABLE[action])) == (set(sources.split()), set(targets.split()))


@pytest.mark.parametrize("action", Action)
def test_each_move_takes_photos_as_the_domain_says(action):
    assert TABLE[action].photos == PHOTOS.get(action, "none")


def test_a_decision_leads_to_its_own_state():
    move = TABLE[Action.DECIDE_APPEAL]
    assert move.target(State.REJECTED, decision="uphold") is State.REJECTED
    assert move.target(State.REJECTED, decision="overturn") is State.SUBMITTED
    for unknown in ("", "yes", "UPHOLD"):
        with pytest.raises(KeyError):
            move.target(State.REJECTED, decision=unknown)


def test_a_move_that_stays_stays_wherever_it_was_made():
    move = TABLE[Action.RECORD_DUAL_REPORT]
    assert [move.target(source) for source in sorted(move.sources)] == sorted(move.sources)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        TABLE[Action.CLOSE] = TABLE[Action.VOID]
    with pytest.raises(dataclasses.FrozenInstanceError):
        TABLE[Action.CLOSE].sources = frozenset(State)
    with pytest.raises(TypeError):
        TABLE[Action.CLOSE].targets[""] = State.REJECTED


def test_every_action_person_guard_and_way_with_photos_is_used():
    assert set(TABLE) == set(Action)
    assert all(move.action is action for action, move in TABLE.items())
    assert {move.who for move in TABLE.values()} == set(Who)
    assert {guard for move in TABLE.values() for guard in move.guards} == set(Guard)
    assert {move.photos for move in TABLE.values()} == set(Photos)


def test_every_state_can_be_reached_and_every_open_one_left():
    reached, grown = set(), {State.SUBMITTED}
    while grown > reached:
        reached = set(grown)
        grown |= {t for m in TABLE.values() if m.sources & reached for t in targets_of(m)}
    assert reached == set(State)
    left = {source for move in TABLE.values() for source in move.sources if targets_of(move) - {source}}
    assert left >= OPEN


def test_every_move_has_an_effect_an_event_and_somebody_who_may_try_it():
    assert set(VERBS) == set(Action) - {Action.SUBMIT}
    for move in TABLE.values():
        assert issubclass(life.event_class(move.event), life.HazardEvent)
        assert move.permissions


def test_every_field_of_a_move_can_be_said_and_read():
    said = {field.name for field in dataclasses.fields(Told)}
    assert said == set(ACTION_FIELDS)
    for move in TABLE.values():
        assert move.fields <= said
        every = (*move.needs, *move.may_have, *move.major_needs, *(n for g in move.one_of for n in g))
        assert move.fields == set(every)


def test_the_page_for_people_names_every_move_and_state():
    page = lifecycle_page()
    assert page == lifecycle_page()
    for action in Action:
        assert f"| `{action}` |" in page
    for state in State:
        assert state in page
    assert "rejected --> submitted: decide_appeal (overturn)" in page
