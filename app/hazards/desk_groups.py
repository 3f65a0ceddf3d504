"""The groups of the inbox, and the ranges of stage and time that each is made of: pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Urgency(StrEnum):
    """The groups of the inbox, most urgent first; a hazard is in exactly one of a person's."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    TO_ACCEPT = "to_accept"
    TO_REINSPECT = "to_reinspect"
    CONTESTED = "contested"
    EXTENSION = "extension"
    UNDER_WAY = "under_way"


class Stage(StrEnum):
    """Where a hazard on a desk stands; written by the triggers of migration 0009."""

    SUBMITTED = "submitted"
    NEED_INFO = "need_info"
    RECTIFYING = "rectifying"
    ASKING = "asking"
    ASKING_MAJOR = "asking_major"
    REVIEWING = "reviewing"
    APPEALED = "appealed"
    OBJECTED = "objected"


class Due(StrEnum):
    """Which stretch of time a part of a group spans."""

    EVER = "ever"
    PAST = "past"
    TODAY = "today"
    AHEAD = "ahead"  # today or later
    LATER = "later"


class Part(NamedTuple):
    """One range of a group: a stage, a stretch of time, and whether a request for more time must wait for us."""

    stage: Stage
    due: Due
    decides: bool | None = None


REPAIR: Final = (Stage.RECTIFYING, Stage.ASKING, Stage.ASKING_MAJOR)
_ASKING: Final = (Stage.ASKING, Stage.ASKING_MAJOR)
GROUPS: Final[Mapping[Urgency, tuple[Part, ...]]] = MappingProxyType(
    {
        Urgency.OVERDUE: tuple(Part(stage, Due.PAST) for stage in REPAIR),
        Urgency.DUE_TODAY: (
            Part(Stage.RECTIFYING, Due.TODAY),
            *(Part(stage, Due.TODAY, decides=False) for stage in _ASKING),
        ),
        Urgency.TO_ACCEPT: (Part(Stage.SUBMITTED, Due.EVER),),
        Urgency.TO_REINSPECT: (Part(Stage.REVIEWING, Due.EVER),),
        Urgency.CONTESTED: (Part(Stage.APPEALED, Due.EVER), Part(Stage.OBJECTED, Due.EVER)),
        Urgency.EXTENSION: tuple(Part(stage, Due.AHEAD, decides=True) for stage in _ASKING),
        Urgency.UNDER_WAY: (
            Part(Stage.RECTIFYING, Due.LATER),
            *(Part(stage, Due.LATER, decides=False) for stage in _ASKING),
            Part(Stage.NEED_INFO, Due.EVER),
        ),
    }
)
"""Every group as ranges; together they hold each waiting hazard once (a test counts it through)."""
