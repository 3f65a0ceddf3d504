"""What happens in the life of a hazard: one class per event of the lifecycle table."""

from dataclasses import dataclass

from app.core.events import KINDS, Event


@dataclass(frozen=True)
class HazardEvent(Event):
    """The shape they share: whose life, and the version that this step made."""

    hazard_id: int
    version: int


@dataclass(frozen=True)
class PhotosAdded(HazardEvent):
    """Photos were kept for a hazard; `photo_ids` are theirs."""

    photo_ids: list[int]


class HazardSubmitted(HazardEvent):
    """A report arrived."""


class HazardRerouted(HazardEvent):
    """The EXIF position made the location better, and the way changed."""


class QuestionAsked(HazardEvent):
    """An officer needs to know more."""


class QuestionAnswered(HazardEvent):
    """The reporter answered."""


class HazardWithdrawn(HazardEvent):
    """The reporter took the report back."""


class HazardRejected(HazardEvent):
    """An officer did not take the report up."""


class RejectionAppealed(HazardEvent):
    """The reporter asked the unit above to look again."""


class AppealDecided(HazardEvent):
    """The unit above or the union decided."""


class HazardTransferred(HazardEvent):
    """The hazard went to another unit."""


class TransferReturned(HazardEvent):
    """The receiving unit sent it back."""


class HazardMerged(HazardEvent):
    """The report became a duplicate of another; points paid for it are taken back."""


class HazardUnmerged(HazardEvent):
    """The merge was undone."""


class HazardAccepted(HazardEvent):
    """An officer took the hazard up, or it was fixed on the spot; points become due."""


class RectificationAcknowledged(HazardEvent):
    """The rectifier signed for it."""


class RectifierChanged(HazardEvent):
    """Somebody else is to repair it."""


class RectifierReminded(HazardEvent):
    """The rectifier was reminded."""


class ExtensionRequested(HazardEvent):
    """More time is asked for."""


class ExtensionDecided(HazardEvent):
    """More time was given or refused."""


class DualReportRecorded(HazardEvent):
    """A major hazard was reported to the regulator or the workers' congress."""


class HazardRectified(HazardEvent):
    """The repair was handed in."""


class HazardClosed(HazardEvent):
    """A verifier found the repair good."""


class HazardSentBack(HazardEvent):
    """A verifier found the repair wanting."""


class HazardVoided(HazardEvent):
    """The acceptance was taken back; so are the points."""


class ClosureObjected(HazardEvent):
    """The reporter does not believe the closure."""


class HazardReopened(HazardEvent):
    """The closure was undone."""


class ObjectionDismissed(HazardEvent):
    """A superior let the closure stand."""


class PointsClaimed(HazardEvent):
    """The reporter of an anonymous hazard claimed its points with the phone's secret."""


class HazardRecategorized(HazardEvent):
    """The category changed before acceptance; the way may have changed with it."""


class HazardFollowed(HazardEvent):
    """Somebody met the same hazard and follows it instead of reporting it again."""


class HazardHandedOver(HazardEvent):
    """Who was in charge or to repair has left; somebody else has it now."""


@dataclass(frozen=True)
class DeadlineMarked(HazardEvent):
    """The deadline is `days` away (-1: tomorrow, 0: today, 1 and 3: past); told once for each deadline and day."""

    days: int


class FirstActLate(HazardEvent):
    """24 hours passed without an officer's first act."""


class HazardSupervised(HazardEvent):
    """A major hazard is overdue and now supervised (挂牌督办)."""


def event_class(name: str) -> type[HazardEvent]:
    """The event class of a lifecycle row.

    Raises:
        KeyError: no such event.
    """
    kind = KINDS[name]
    assert issubclass(kind, HazardEvent)  # noqa: S101  # the lifecycle table names hazard events only
    return kind
