"""Working days of the Chinese calendar with its swapped days, and the plain week beyond the published years."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core.working_days import end_of_working_day, is_working_day

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 9, 20), True),  # a Sunday given for the holiday
        (date(2026, 10, 10), True),  # a Saturday given for the holiday
        (date(2026, 10, 11), False),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), True),
        (date(2090, 1, 7), False),  # a Saturday that no council has spoken of
        (date(2090, 1, 9), True),
    ],
)
def test_swapped_days_and_holidays_are_known(day, works):
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("since", "days", "last_day"),
    [
        (datetime(2026, 9, 29, 2, tzinfo=UTC), 5, date(2026, 10, 12)),
        (datetime(2026, 9, 30, 15, 59, tzinfo=UTC), 1, date(2026, 10, 8)),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), 1, date(2026, 10, 8)),  # already 1 October in Shanghai
        (datetime(2026, 9, 29, 16, 0, tzinfo=UTC), 1, date(2026, 10, 8)),  # already 30 September
        (datetime(2026, 11, 2, 1, tzinfo=UTC), 5, date(2026, 11, 9)),
        (datetime(2026, 11, 2, 1, tzinfo=UTC), 0, date(2026, 11, 2)),
    ],
)
def test_the_days_are_counted_after_the_day_itself_in_the_units_zone(since, days, last_day):
    end = end_of_working_day(since, days=days, zone=SHANGHAI)
    assert (end.date(), end.tzinfo) == (last_day, SHANGHAI)
    assert (end.hour, end.minute, end.second, end.microsecond) == (23, 59, 59, 999_999)
