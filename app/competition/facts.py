"""What a month's figures are counted from: the period, the facts of each hazard, and what is told beside them."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.competition.rules import Item, RuleSet
from app.hazards.lifecycle import State
from app.hazards.words import Level

STANDING: Final = frozenset({State.RECTIFYING, State.REVIEWING, State.CLOSED})
"""Accepted, and neither voided nor merged since; `accepted_at` alone outlives both."""


@dataclass(frozen=True)
class Period:
    """A month in a zone, looked at from an instant; ends are exclusive."""

    month: date
    zone: ZoneInfo
    year_begins: datetime
    begins: datetime
    ends: datetime
    at: datetime

    @property
    def days(self) -> int:
        """Days of the month."""
        return monthrange(self.month.year, self.month.month)[1]

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return self.month.replace(day=self.days)

    @property
    def is_running(self) -> bool:
        """Whether the month is not over yet."""
        return self.at < self.ends

    @property
    def cutoff(self) -> datetime:
        """The month's end, or now when that is earlier."""
        return min(self.at, self.ends)

    def holds(self, moment: datetime | None) -> bool:
        """Whether the moment lies in the month."""
        return moment is not None and self.begins <= moment < self.ends


def period_of(month: date, *, zone: ZoneInfo, at: datetime, rules: RuleSet) -> Period:
    """The month (given by its first day) in the zone.

    Raises:
        ValueError: not the first day of a month.
    """
    if month.day != 1:
        raise ValueError("a month is named by its first day")
    following = (month + timedelta(days=31)).replace(day=1)
    year = month.year if month.month >= rules.year_begins_in else month.year - 1
    return Period(
        month=month,
        zone=zone,
        year_begins=_midnight(date(year, rules.year_begins_in, 1), zone),
        begins=_midnight(month, zone),
        ends=_midnight(following, zone),
        at=at,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


@dataclass(frozen=True)
class HazardFacts:
    """What the figures read of one hazard; paths are those of units, `account_id` who reported or claimed it."""

    number: str
    state: str
    unit_path: str
    reporter_path: str | None
    is_unnamed: bool
    account_id: int | None
    place_id: int | None
    category: str | None
    level: str | None
    found_by: str
    submitted_at: datetime
    arrived_at: datetime
    first_act_at: datetime | None
    accepted_at: datetime | None
    deadline: datetime | None
    finished_at: datetime | None
    closed_at: datetime | None
    first_reviewed_at: datetime | None
    first_review_passed: bool | None
    is_planned: bool
    dual_reports: Mapping[str, date]

    @property
    def is_standing(self) -> bool:
        """Accepted, and neither voided nor merged since."""
        return self.state in STANDING

    @property
    def is_major(self) -> bool:
        """重大."""
        return self.level == Level.MAJOR

    def found_within(self, unit_path: str) -> bool:
        """Found by the unit's own people; who cannot be named counts as one of them."""
        return self.is_unnamed or (self.reporter_path or "").startswith(unit_path)


@dataclass(frozen=True)
class Routine:
    """What the figures need beside hazards, told by who keeps it: block D, prizes, decisions, vetoes."""

    monthly_inspection: bool = False
    patrol_days: int = 0
    ten_ones: int = 0
    prize_photos: int = 0
    congress_patrols: int = 0
    other_bonus: int = 0
    veto: tuple[Item, ...] = ()


NO_ROUTINE: Final = Routine()
"""Nothing is recorded yet."""
