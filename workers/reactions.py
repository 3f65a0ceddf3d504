"""Every consequence of every event, on one page: which errands an event becomes.

An event with no consequence is listed too: that nothing follows is a decision, and the house test finds a gap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from app.core.events import Event
from app.evidence.events import OriginalReplaced, PhotoQuarantined, PhotoRead
from app.hazards import events as life


@dataclass(frozen=True)
class Job:
    """A job by its name in `workers.jobs` and the row it is about (0: the event itself)."""

    name: str
    subject: int = 0


def _each_photo(event: life.PhotosAdded) -> list[Job]:
    return [Job("process_photo", photo_id) for photo_id in event.photo_ids]


def _relocate(event: PhotoRead | PhotoQuarantined) -> list[Job]:
    """Also after a quarantine: it may have been the last photo that was waited for."""
    return [Job("locate_and_route", event.hazard_id)]


def _remove_original(_event: OriginalReplaced) -> list[Job]:
    return [Job("remove_replaced_original")]


def _award(_event: life.HazardEvent) -> list[Job]:
    return [Job("post_awards")]


def _take_back(_event: life.HazardEvent) -> list[Job]:
    return [Job("reverse_awards")]


def _nothing(_event: Event) -> list[Job]:
    """Shown in the inbox and on the ticket; messages come with the officer's desk."""
    return []


REACTIONS: Final[Mapping[type[Event], Callable[[Any], list[Job]]]] = MappingProxyType(
    {
        life.PhotosAdded: _each_photo,
        PhotoRead: _relocate,
        PhotoQuarantined: _relocate,
        OriginalReplaced: _remove_original,
        life.HazardSubmitted: _nothing,
        life.HazardRerouted: _nothing,
        life.QuestionAsked: _nothing,
        life.QuestionAnswered: _nothing,
        life.HazardWithdrawn: _nothing,
        life.HazardRejected: _nothing,
        life.RejectionAppealed: _nothing,
        life.AppealDecided: _nothing,
        life.HazardTransferred: _nothing,
        life.TransferReturned: _nothing,
        life.HazardMerged: _take_back,
        life.HazardUnmerged: _nothing,
        life.HazardAccepted: _award,
        life.RectificationAcknowledged: _nothing,
        life.RectifierChanged: _nothing,
        life.RectifierReminded: _nothing,
        life.ExtensionRequested: _nothing,
        life.ExtensionDecided: _nothing,
        life.DualReportRecorded: _nothing,
        life.HazardRectified: _nothing,
        life.HazardClosed: _nothing,
        life.HazardSentBack: _nothing,
        life.HazardVoided: _take_back,
        life.ClosureObjected: _nothing,
        life.HazardReopened: _nothing,
        life.ObjectionDismissed: _nothing,
        life.PointsClaimed: _award,
        life.HazardRecategorized: _nothing,
        life.HazardFollowed: _nothing,
        life.HazardHandedOver: _nothing,
        life.DeadlineMarked: _nothing,
        life.FirstActLate: _nothing,
        life.HazardSupervised: _nothing,
    }
)


def jobs_for(event: Event) -> list[Job]:
    """The errands this event becomes.

    Raises:
        KeyError: nobody decided what follows from this kind of event.
    """
    return REACTIONS[type(event)](event)
