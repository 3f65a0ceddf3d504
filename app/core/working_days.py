"""Working days of the Chinese calendar, with its swapped days; beyond the published years, Monday to Friday."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

SATURDAY: Final = 5


def is_working_day(day: date) -> bool:
    """Whether people work on this day.

    The State Council publishes each year's swaps late in the year before; for a year without them the plain week
    is all there is to go by.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def end_of_working_day(since: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    """The last instant of the `days`-th working day after the day of `since`, both in `zone`."""
    day = since.astimezone(zone).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return datetime.combine(day, time.max, tzinfo=zone)
