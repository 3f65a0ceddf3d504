"""Deadlines as pure rules: what an officer may choose, how its days are counted, and when a deadline is told of.

Source: `domain.md` §5, "Clocks", and docs/decisions/0011-clocks.md. Days are those of the unit's zone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from app.core.working_days import is_assumed, working_day_after
from app.hazards.words import Level

Counting = Literal["calendar", "working"]
"""How the days of a deadline are counted: `UnitSettings.deadline_days`."""
CHOICES: Final = (0, 1, 3, 7, 15, 30)
"""The days an officer chooses from; 0 is "at once"."""
DEFAULT_DAYS: Final = 7
LONGEST: Final = {Level.GENERAL: 30, Level.MAJOR: 60}
"""The choices for a general hazard end at 30 days; a major one is typed, 60 at most."""
SHIFT_ENDS: Final = time(18)
"""A deadline in whole days ends with the shift."""
AT_ONCE: Final = timedelta(hours=2)
"""What "at once" (0 days) allows: a deadline of this very minute would be missed before anybody read of it."""
FIRST_ACT_WITHIN: Final = timedelta(hours=24)
MORNING: Final = time(8)
"""When a mark is told: with the morning shift, not in the night before it."""
MARKS: Final = (-1, 0, 1, 3)
"""The marks of a deadline, in days from the deadline's own day."""
FURTHEST_AHEAD: Final = timedelta(days=2)
"""No mark comes earlier than this before its deadline: T−1 at 8:00, the deadline at the end of T at the latest."""
ESCALATION: Final = 3
"""The mark that the superior and the union hear of."""


@dataclass(frozen=True)
class Marked:
    """What a look at a deadline found: marks to write down, and which of them are still worth a word."""

    days: tuple[int, ...]
    announced: tuple[int, ...]


def chosen_deadline(days: int, *, at: datetime, zone: ZoneInfo, counting: Counting = "calendar") -> datetime:
    """The instant that `days` chosen at `at` mean: the end of the shift of that day, in `zone`; 0 is at once."""
    if days == 0:
        return at + AT_ONCE
    return datetime.combine(_day_after(at.astimezone(zone).date(), days, counting), SHIFT_ENDS, tzinfo=zone)


def last_day(level: Level, *, at: datetime, zone: ZoneInfo, counting: Counting = "calendar") -> date:
    """The last day on which a deadline given at `at` may lie.

    A major hazard's 60 days are always calendar days: no way of counting gives it more time than the rule does.
    """
    today = at.astimezone(zone).date()
    return _day_after(today, LONGEST[level], "calendar" if level is Level.MAJOR else counting)


def _day_after(day: date, days: int, counting: Counting) -> date:
    return day + timedelta(days=days) if counting == "calendar" else working_day_after(day, days=days)


def rests_on_assumption(deadline: datetime, *, zone: ZoneInfo, counting: Counting) -> bool:
    """Whether working days before this deadline were taken as Monday to Friday: its year is not published yet."""
    return counting == "working" and is_assumed(deadline.astimezone(zone).date())


def marked_at(deadline: datetime, days: int, *, zone: ZoneInfo) -> datetime:
    """The instant from which a mark holds: the morning of its day, but T no later than the deadline itself."""
    day = deadline.astimezone(zone).date() + timedelta(days=days)
    morning = datetime.combine(day, MORNING, tzinfo=zone)
    return min(morning, deadline) if days == 0 else morning


def marks_due(
    deadline: datetime,
    *,
    since: datetime,
    at: datetime,
    zone: ZoneInfo,
    kept: Collection[int] = (),
) -> Marked:
    """The marks that have come between `since`, when this deadline was given, and `at`, without those `kept`.

    A mark that lies before the deadline was given is none: whoever gave it has just said so. After downtime every
    missed mark is written down, but only what is still true is told: the last of T−1, T and T+1, unless its day
    has gone by; and T+3 always, because somebody else hears it.
    """
    came = [days for days in MARKS if since < marked_at(deadline, days, zone=zone) <= at]
    new = tuple(days for days in came if days not in kept)
    today, on = at.astimezone(zone).date(), deadline.astimezone(zone).date()
    # "Overdue" stays true however late it is told; "tomorrow" and "today" hold on one day alone.
    return Marked(new, tuple(days for days in new if days > 0 or today == on + timedelta(days=days)))
