"""Every consequence of every event, on one page: which errands an event becomes.

An event with no consequence is listed too: that nothing follows is a decision, and the house test finds a gap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from app.core.events import Event
from app.evidence.events import OriginalReplaced, PhotoLeftBehind, PhotoQuarantined, PhotoRead
from app.hazards import events as life
from app.papers import events as papers


@dataclass(frozen=True)
class Job:
    """A job by its name in `workers.jobs` and the row it is about (0: the event itself)."""

    name: str
    subject: int = 0


def _each_photo(event: life.PhotosAdded) -> list[Job]:
    return [Job("process_photo", photo_id) for photo_id in event.photo_ids]


def _take_up(event: PhotoLeftBehind) -> list[Job]:
    return [Job("process_photo", event.photo_id)]


def _relocate(event: PhotoRead | PhotoQuarantined) -> list[Job]:
    """Also after a quarantine: it may have been the last photo that was waited for."""
    return [Job("locate_and_route", event.hazard_id)]


def _remove_original(_event: OriginalReplaced) -> list[Job]:
    return [Job("remove_replaced_original")]


def _tell(_event: life.HazardEvent) -> list[Job]:
    """Who hears of it is decided there, by `app.notifications.who_hears`."""
    return [Job("tell")]


def _award(_event: life.HazardEvent) -> list[Job]:
    return [Job("post_awards"), Job("tell")]


def _take_back(_event: life.HazardEvent) -> list[Job]:
    return [Job("reverse_awards"), Job("tell")]


def _print_paper(event: papers.PaperIssued | papers.PrintAskedAgain) -> list[Job]:
    return [Job("print_paper", event.paper_id)]


def _export_register(event: papers.ExportAsked) -> list[Job]:
    return [Job("export_register", event.export_id)]


REACTIONS: Final[Mapping[type[Event], Callable[[Any], list[Job]]]] = MappingProxyType(
    {
        life.PhotosAdded: _each_photo,
        PhotoLeftBehind: _take_up,
        PhotoRead: _relocate,
        PhotoQuarantined: _relocate,
        OriginalReplaced: _remove_original,
        life.HazardSubmitted: _tell,
        life.HazardRerouted: _tell,
        life.QuestionAsked: _tell,
        life.QuestionAnswered: _tell,
        life.HazardWithdrawn: _tell,
        life.HazardRejected: _tell,
        life.RejectionAppealed: _tell,
        life.AppealDecided: _tell,
        life.HazardTransferred: _tell,
        life.TransferReturned: _tell,
        life.HazardMerged: _take_back,
        life.HazardUnmerged: _tell,
        life.HazardAccepted: _award,
        life.RectificationAcknowledged: _tell,
        life.RectifierChanged: _tell,
        life.RectifierReminded: _tell,
        life.ExtensionRequested: _tell,
        life.ExtensionDecided: _tell,
        life.DualReportRecorded: _tell,
        life.HazardRectified: _tell,
        life.HazardClosed: _tell,
        life.HazardSentBack: _tell,
        life.HazardVoided: _take_back,
        life.ClosureObjected: _tell,
        life.HazardReopened: _tell,
        life.ObjectionDismissed: _tell,
        life.PointsClaimed: _award,
        life.HazardRecategorized: _tell,
        life.HazardFollowed: _tell,
        life.HazardHandedOver: _tell,
        life.DeadlineMarked: _tell,
        life.FirstActLate: _tell,
        life.HazardSupervised: _tell,
        papers.PaperIssued: _print_paper,
        papers.PrintAskedAgain: _print_paper,
        papers.ExportAsked: _export_register,
    }
)


def jobs_for(event: Event) -> list[Job]:
    """The errands this event becomes.

    Raises:
        KeyError: nobody decided what follows from this kind of event.
    """
    return REACTIONS[type(event)](event)
