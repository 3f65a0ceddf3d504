"""What a move needs and what time allows, as pure questions."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.hazards.lifecycle import TABLE, Action
from app.hazards.told import Told, deadline_fault, faults_of, finished_between, needed
from app.hazards.words import Category, Factor, Level

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 3, tzinfo=SHANGHAI)
"""The end of NOW's day."""
ACCEPTED = Told(
    level=Level.GENERAL,
    category=Category.FIRE,
    factor=Factor.THING,
    rectifier="a",
    measures="b",
    deadline=NOW,
)


def codes(action: str, told: Told, photos: int = 0) -> set[tuple[str, str]]:
    return {(f.field, f.code) for f in faults_of(TABLE[Action(action)], told, photos=photos)}


def test_everything_that_is_missing_is_told_at_once():
    assert codes("accept", Told(level=Level.MAJOR)) == {
        ("category", "required"),
        ("factor", "required"),
        ("measures", "required"),
        ("deadline", "required"),
        ("rectifier", "one_of_required"),
        ("funds", "required_for_major"),
        ("emergency_plan", "required_for_major"),
        ("interim_control", "required_for_major"),
    }
    assert codes("accept", ACCEPTED) == set()


def test_an_answer_is_words_or_a_photo():
    assert codes("answer", Told()) == {("text", "text_or_photo")}
    assert codes("answer", Told(text="好")) == codes("answer", Told(), photos=1) == set()


def test_an_objection_may_have_photos_and_needs_words():
    assert codes("object", Told(text="没修好"), photos=2) == set()
    assert codes("object", Told(), photos=2) == {("text", "required")}


def test_what_a_move_does_not_take_is_told():
    assert codes("close", Told(conclusion="好", text="x", cost=1)) == {
        ("cost", "not_of_this_action"),
        ("text", "not_of_this_action"),
    }
    assert codes("close", Told(conclusion="好"), photos=1) == {("photos", "not_of_this_action")}


def test_what_a_verb_needs_was_seen_to_before():
    assert needed(0) == 0
    with pytest.raises(TypeError):
        needed(None)


@pytest.mark.parametrize(
    ("level", "deadline", "code"),
    [
        (Level.GENERAL, NOW, None),
        (Level.GENERAL, NOW - 2 * MINUTE, None),
        (Level.GENERAL, NOW - 3 * MINUTE, "deadline_passed"),
        (Level.GENERAL, MIDNIGHT + 30 * DAY - MINUTE, None),
        (Level.GENERAL, MIDNIGHT + 30 * DAY, "deadline_too_far"),
        (Level.MAJOR, MIDNIGHT + 60 * DAY - MINUTE, None),
        (Level.MAJOR, MIDNIGHT + 60 * DAY, "deadline_too_far"),
    ],
)
def test_a_deadline_ends_with_its_last_day(level, deadline, code):
    fault = deadline_fault(deadline, level=level, at=NOW, zone=SHANGHAI)
    assert (fault and fault.code) == code


@pytest.mark.parametrize(
    ("finished", "kept"),
    [
        (NOW - 5 * MINUTE, NOW - 5 * MINUTE),
        (NOW - 11 * MINUTE, NOW - 10 * MINUTE),
        (NOW + MINUTE, NOW),
        (NOW - 13 * MINUTE, "finished_before_accepted"),
        (NOW + 3 * MINUTE, "finished_in_future"),
    ],
)
def test_the_end_of_a_repair_is_brought_between_acceptance_and_now(finished, kept):
    made = finished_between(finished, since=NOW - 10 * MINUTE, at=NOW)
    assert (made if isinstance(made, datetime) else made.code) == kept
