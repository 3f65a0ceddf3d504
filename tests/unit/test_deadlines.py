"""Chosen deadlines in calendar and working days, and the marks of a deadline however the worker sleeps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.working_days import KNOWN_UNTIL, is_assumed
from app.hazards.deadlines import (
    FURTHEST_AHEAD,
    MARKS,
    chosen_deadline,
    last_day,
    marked_at,
    marks_due,
    rests_on_assumption,
)
from app.hazards.told import deadline_fault
from app.hazards.words import Level

SHANGHAI = ZoneInfo("Asia/Shanghai")
URUMQI = ZoneInfo("Asia/Urumqi")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)


def at(*told: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(*told, tzinfo=zone)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("given_at", "days", "counting", "deadline"),
    [
        (MONDAY, 7, "calendar", at(2026, 11, 9, 18)),
        (MONDAY, 7, "working", at(2026, 11, 11, 18)),
        (MONDAY, 30, "calendar", at(2026, 12, 2, 18)),
        (MONDAY, 30, "working", at(2026, 12, 14, 18)),
        (MONDAY, 0, "working", MONDAY + timedelta(hours=2)),
        # Spring Festival 2026: 15 to 23 February off, Saturday 14 and Saturday 28 worked.
        (at(2026, 2, 13, 9), 1, "working", at(2026, 2, 14, 18)),
        (at(2026, 2, 13, 9), 3, "working", at(2026, 2, 25, 18)),
        (at(2026, 2, 13, 9), 3, "calendar", at(2026, 2, 16, 18)),
        (at(2026, 2, 27, 9), 1, "working", at(2026, 2, 28, 18)),
        # National Day 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October worked.
        (at(2026, 9, 30, 9), 3, "working", at(2026, 10, 10, 18)),
        (at(2026, 9, 18, 9), 1, "working", at(2026, 9, 20, 18)),
        # 00:30 in Shanghai is still the evening before in UTC, and in Ürümqi.
        (datetime(2026, 11, 1, 16, 30, tzinfo=UTC), 1, "calendar", at(2026, 11, 3, 18)),
    ],
)
def test_chosen_days_end_with_the_shift_of_the_units_day(given_at, days, counting, deadline):
    assert chosen_deadline(days, at=given_at, zone=SHANGHAI, counting=counting) == deadline


def test_days_are_those_of_the_units_own_zone():
    half_past_midnight = at(2026, 11, 3, 0, 30)
    made = chosen_deadline(1, at=half_past_midnight, zone=URUMQI)
    assert made == at(2026, 11, 3, 18, zone=URUMQI)


@pytest.mark.parametrize(
    ("level", "counting", "last"),
    [
        (Level.GENERAL, "calendar", date(2026, 12, 2)),
        (Level.GENERAL, "working", date(2026, 12, 14)),
        (Level.MAJOR, "calendar", date(2027, 1, 1)),
        (Level.MAJOR, "working", date(2027, 1, 1)),  # no way of counting gives a major hazard more
    ],
)
def test_a_level_has_a_last_day_and_the_day_after_it_is_refused(level, counting, last):
    assert last_day(level, at=MONDAY, zone=SHANGHAI, counting=counting) == last
    ends = datetime.combine(last, time(23, 59), tzinfo=SHANGHAI)
    assert deadline_fault(ends, level=level, at=MONDAY, zone=SHANGHAI, counting=counting) is None
    fault = deadline_fault(ends + timedelta(minutes=1), level=level, at=MONDAY, zone=SHANGHAI, counting=counting)
    assert fault is not None
    assert fault.code == "deadline_too_far"


def test_every_choice_may_be_chosen():
    for counting in ("calendar", "working"):
        for days in (0, 1, 3, 7, 15, 30):
            made = chosen_deadline(days, at=MONDAY, zone=SHANGHAI, counting=counting)
            assert deadline_fault(made, level=Level.GENERAL, at=MONDAY, zone=SHANGHAI, counting=counting) is None


def test_a_working_day_beyond_the_published_calendar_is_an_assumption():
    assert not is_assumed(KNOWN_UNTIL)
    assert is_assumed(KNOWN_UNTIL + timedelta(days=1))
    within = datetime.combine(KNOWN_UNTIL, time(18), tzinfo=SHANGHAI)
    assert not rests_on_assumption(within, zone=SHANGHAI, counting="working")
    assert rests_on_assumption(within + timedelta(days=1), zone=SHANGHAI, counting="working")
    assert not rests_on_assumption(within + timedelta(days=1), zone=SHANGHAI, counting="calendar")


DEADLINE = at(2026, 11, 9, 18)


@pytest.mark.parametrize(
    ("moment", "days", "announced"),
    [
        (at(2026, 11, 8, 7, 59), (), ()),
        (at(2026, 11, 8, 8, 0), (-1,), (-1,)),
        (at(2026, 11, 9, 0, 5), (-1,), ()),  # "tomorrow" is no longer true, "today" comes with the morning
        (at(2026, 11, 9, 8, 0), (-1, 0), (0,)),
        (at(2026, 11, 10, 3, 0), (-1, 0), ()),
        (at(2026, 11, 10, 8, 0), (-1, 0, 1), (1,)),
        (at(2026, 11, 11, 23, 0), (-1, 0, 1), (1,)),
        (at(2026, 11, 12, 8, 0), (-1, 0, 1, 3), (1, 3)),  # a week of downtime: two messages, to different people
        (at(2027, 11, 12, 8, 0), (-1, 0, 1, 3), (1, 3)),
    ],
)
def test_what_was_missed_is_kept_and_only_what_is_true_is_told(moment, days, announced):
    found = marks_due(DEADLINE, since=MONDAY, at=moment, zone=SHANGHAI)
    assert (found.days, found.announced) == (days, announced)


def test_what_was_kept_is_not_found_again():
    moment = at(2026, 11, 12, 8, 0)
    assert marks_due(DEADLINE, since=MONDAY, at=moment, zone=SHANGHAI, kept=(-1, 0, 1)).days == (3,)
    assert marks_due(DEADLINE, since=MONDAY, at=moment, zone=SHANGHAI, kept=MARKS).days == ()


def test_a_mark_before_the_deadline_was_given_is_none():
    since = at(2026, 11, 9, 10)  # given at ten for this evening: nobody needs to hear "today" at once
    assert marks_due(DEADLINE, since=since, at=at(2026, 11, 20, 9), zone=SHANGHAI).days == (1, 3)


def test_a_deadline_in_the_night_is_due_today_before_it_is_overdue():
    night = at(2026, 11, 9, 2)
    assert marked_at(night, 0, zone=SHANGHAI) == night
    assert marks_due(night, since=MONDAY, at=night, zone=SHANGHAI, kept=(-1,)).announced == (0,)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
zones = st.sampled_from([SHANGHAI, URUMQI, ZoneInfo("America/New_York"), ZoneInfo("UTC")])


@given(deadline=instants, zone=zones)
def test_no_mark_comes_earlier_than_the_sweep_looks(deadline, zone):
    assert all(marked_at(deadline, days, zone=zone) >= deadline - FURTHEST_AHEAD for days in MARKS)
    moments = [marked_at(deadline, days, zone=zone) for days in MARKS]
    assert moments == sorted(moments)


def walk(deadline, since, zone, wakes):
    """Marks kept and told by a worker that looks at these moments."""
    kept: list[int] = []
    told: list[int] = []
    for moment in wakes:
        found = marks_due(deadline, since=since, at=moment, zone=zone, kept=kept)
        kept += found.days
        told += found.announced
    return kept, told


@given(
    deadline=instants,
    zone=zones,
    given_before=st.timedeltas(timedelta(0), timedelta(days=40)),
    naps=st.lists(st.timedeltas(timedelta(minutes=-2000), timedelta(days=9)), max_size=30),
)
def test_any_waking_of_the_worker_keeps_the_same_marks_as_one_that_never_sleeps(
    deadline, zone, given_before, naps
):
    since = deadline - given_before
    end = deadline + timedelta(days=6)
    wakes, moment = [], since
    for nap in naps:  # naps below zero: the clock was set back
        moment += nap
        wakes.append(min(max(moment, since), end))
    wakes.append(end)
    kept, told = walk(deadline, since, zone, wakes)
    hours = int((end - since) / timedelta(minutes=30))
    awake, all_told = walk(
        deadline, since, zone, [since + n * timedelta(minutes=30) for n in range(hours)] + [end]
    )
    assert sorted(kept) == sorted(awake)
    assert len(kept) == len(set(kept))
    assert len(told) == len(set(told))
    assert set(told) <= set(all_told) == set(awake)
    assert ({1, 3} & set(awake)) <= set(told)
