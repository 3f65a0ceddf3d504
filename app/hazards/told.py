"""What a person says with a move, and what of it is missing: the fields of contract.md's action table."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from app.core.errors import Fault
from app.hazards.deadlines import LONGEST, Counting, last_day
from app.hazards.lifecycle import Move, Photos
from app.hazards.words import Category, Factor, Level, RejectReason, ReportedTo

T = TypeVar("T")
SLACK: Final = timedelta(minutes=2)
"""A typed time has minutes, not seconds, and a phone's clock is never quite ours."""


@dataclass(frozen=True)
class Told:
    """One move's fields, each of its right type; None is unsaid. `cost_fen` is `cost` in hundredths of a yuan."""

    text: str | None = None
    reason: RejectReason | None = None
    decision: str | None = None
    unit: str | None = None
    master: str | None = None
    level: Level | None = None
    category: Category | None = None
    factor: Factor | None = None
    rectifier: str | None = None
    rectifier_name: str | None = None
    measures: str | None = None
    deadline: datetime | None = None
    funds: str | None = None
    emergency_plan: str | None = None
    interim_control: str | None = None
    done: str | None = None
    finished_at: datetime | None = None
    cost: int | None = None
    conclusion: str | None = None
    to: ReportedTo | None = None
    on: date | None = None
    document: str | None = None

    def said(self) -> frozenset[str]:
        """The names of the fields that were said."""
        return frozenset(f.name for f in fields(self) if getattr(self, f.name) is not None)


def faults_of(move: Move, told: Told, *, photos: int, has_document: bool = False) -> tuple[Fault, ...]:
    """Everything that keeps this move from being made with these words; empty when nothing does.

    A move that has a field `document` takes a file beside or instead of its words.
    """
    said = told.said()
    faults = [Fault(name, "required") for name in move.needs if name not in said]
    faults += [Fault(group[0], "one_of_required") for group in move.one_of if not said & set(group)]
    faults += [Fault(name, "not_of_this_action") for name in sorted(said - move.fields)]
    if told.level is Level.MAJOR:
        faults += [Fault(name, "required_for_major") for name in move.major_needs if name not in said]
    if told.rectifier and told.rectifier_name and "rectifier" in move.fields:
        faults.append(Fault("rectifier_name", "one_rectifier_only"))
    if told.decision is not None and "decision" in move.fields and told.decision not in move.targets:
        faults.append(Fault("decision", "not_a_choice"))
    if has_document and "document" not in move.fields:
        faults.append(Fault("document", "not_of_this_action"))
    return (*faults, *_photo_faults(move, told, photos))


def needed(value: T | None) -> T:
    """The value of a field that `faults_of` has already seen to be there.

    Raises:
        TypeError: it is not; the table and the verb disagree.
    """
    if value is None:
        raise TypeError("a needed field is missing: the lifecycle table and the verb disagree")
    return value


def _photo_faults(move: Move, told: Told, photos: int) -> tuple[Fault, ...]:
    if photos and move.photos is Photos.NONE:
        return (Fault("photos", "not_of_this_action"),)
    if not photos and move.photos is Photos.REQUIRED:
        return (Fault("photos", "photo_required"),)
    if not photos and not told.text and move.photos is Photos.TEXT_OR_PHOTO:
        return (Fault("text", "text_or_photo"),)
    return ()


def deadline_fault(
    deadline: datetime, *, level: Level, at: datetime, zone: ZoneInfo, counting: Counting = "calendar"
) -> Fault | None:
    """A deadline lies ahead (or is "now"), and not on a later day than its level allows; days are the zone's."""
    if deadline < at - SLACK:
        return Fault("deadline", "deadline_passed")
    if deadline.astimezone(zone).date() > last_day(level, at=at, zone=zone, counting=counting):
        return Fault("deadline", "deadline_too_far", {"days": LONGEST[level]})
    return None


def finished_between(finished_at: datetime, *, since: datetime, at: datetime) -> datetime | Fault:
    """The end of the repair, not before `since`, not after now, nudged over the slack (time order, domain.md §5).

    `since` is the acceptance, or when the repair that was sent back had been handed in.
    """
    if finished_at < since - SLACK:
        return Fault("finished_at", "finished_before_accepted")
    if finished_at > at + SLACK:
        return Fault("finished_at", "finished_in_future")
    return min(max(finished_at, since), at)
