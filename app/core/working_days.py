"""Working days of the Chinese calendar, with its swapped days; beyond the published years, Monday to Friday."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays

SATURDAY: Final = 5
KNOWN_UNTIL: Final = date(max(holidays).year, 12, 31)
"""The last day whose swaps this installation knows; later days are taken for what their week says."""


def is_working_day(day: date) -> bool:
    """Whether people work on this day.

    The State Council publishes each year's swaps late in the year before; for a year without them the plain week
    is all there is to go by: ask `is_assumed`.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def is_assumed(day: date) -> bool:
    """Whether nobody has published yet which days around this one are worked (国务院办公厅, 节假日安排)."""
    return day > KNOWN_UNTIL


def working_day_after(day: date, *, days: int) -> date:
    """The `days`-th working day after `day`; `day` itself for 0, worked or not."""
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def end_of_working_day(since: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    """The last instant of the `days`-th working day after the day of `since`, both in `zone`."""
    day = working_day_after(since.astimezone(zone).date(), days=days)
    return datetime.combine(day, time.max, tzinfo=zone)
