"""A deadline that somebody asks for, held to its level's limit and to how the unit counts its days."""

from datetime import datetime

from app.core.errors import Invalid
from app.hazards.told import deadline_fault, needed
from app.hazards.verb import Attempt
from app.hazards.words import Level
from app.units.settings import settings_of


def deadline_asked(attempt: Attempt, *, level: Level) -> datetime:
    """The deadline that was told, if it may be given.

    Raises:
        Invalid: it has passed, or lies beyond what the level allows.
    """
    wanted, unit = needed(attempt.told.deadline), attempt.case.unit
    counting = settings_of(attempt.session, unit).deadline_days
    fault = deadline_fault(wanted, level=level, at=attempt.at, zone=unit.zone, counting=counting)
    if fault is not None:
        raise Invalid(fault)
    return wanted
