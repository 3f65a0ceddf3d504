"""Who hears of an event, and as what: one pure rule, a table read from top to bottom.

A person hears once of an event, in the first part that names them. Nobody hears of their own act, a disabled
account hears nothing, and an anonymous reporter cannot be told: nothing of them is stored. See
docs/decisions/0012-messages.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from app.core.events import Event
from app.hazards import events as life
from app.notifications.kinds import Kind, Part

Accounts = tuple[int, ...]
NOBODY: Final[Accounts] = ()


@dataclass(frozen=True)
class Circle:
    """The people around a case when an event is told, by their part, and what decides who is concerned.

    `actor` is who did it (None: the clock, the machine, or somebody nobody may know). `enabled` are the accounts
    that may still sign in. `deputies` maps an absent account to those who stand in.
    """

    parts: Mapping[Part, Accounts] = field(default_factory=dict)
    actor: int | None = None
    enabled: frozenset[int] = frozenset()
    deputies: Mapping[int, Accounts] = field(default_factory=dict)
    major: bool = False
    on_the_spot: bool = False
    officer_changed: bool = True
    decision: str = ""
    days: int = 0


@dataclass(frozen=True)
class Hearer:
    """One person who is to hear: as what, and what."""

    account_id: int
    part: Part
    kind: Kind


def _always(_circle: Circle) -> bool:
    return True


@dataclass(frozen=True)
class Line:
    """One line of the table: this part hears this kind, when it applies."""

    part: Part
    kind: Kind
    when: Callable[[Circle], bool] = _always


def _major(circle: Circle) -> bool:
    return circle.major


def _repaired_at_once(circle: Circle) -> bool:
    return circle.on_the_spot


def _to_be_repaired(circle: Circle) -> bool:
    return not circle.on_the_spot


def _new_officer(circle: Circle) -> bool:
    return circle.officer_changed


def _decided(decision: str) -> Callable[[Circle], bool]:
    return lambda circle: circle.decision == decision


def _days(days: int) -> Callable[[Circle], bool]:
    return lambda circle: circle.days == days


P, K = Part, Kind
_WAY: Final = (Line(P.OFFICER, K.ARRIVED, _new_officer), Line(P.FORMER_OFFICER, K.MOVED_AWAY, _new_officer))
_HANDED_ON: Final = (
    Line(P.OFFICER, K.ARRIVED),
    Line(P.FORMER_OFFICER, K.MOVED_AWAY),
    Line(P.REPORTER, K.HANDED_ON),
)


def _each(kind: Kind, *parts: Part, when: Callable[[Circle], bool] = _always) -> tuple[Line, ...]:
    return tuple(Line(part, kind, when) for part in parts)


_REPORTERS: Final = (P.REPORTER, P.FOLLOWER)
HEARERS: Final[Mapping[type[Event], tuple[Line, ...]]] = MappingProxyType(
    {
        life.PhotosAdded: (),
        life.HazardSubmitted: _each(K.ARRIVED, P.OFFICER),
        life.HazardRerouted: _WAY,
        life.HazardRecategorized: _WAY,
        life.QuestionAsked: _each(K.ASKED, P.REPORTER),
        life.QuestionAnswered: _each(K.ANSWERED, P.OFFICER),
        life.HazardWithdrawn: _each(K.WITHDRAWN, P.OFFICER),
        # Only its reporter may appeal; who follows is told to look again instead.
        life.HazardRejected: (Line(P.REPORTER, K.REJECTED), Line(P.FOLLOWER, K.JOINED_REJECTED)),
        life.RejectionAppealed: (
            *_each(K.DISPUTED, P.JUDGE),
            *_each(K.APPEALED, P.SUPERIOR, P.UNION),
        ),
        life.AppealDecided: (
            *_each(K.APPEAL_UPHELD, P.REPORTER, P.JUDGE, when=_decided("uphold")),
            *_each(K.APPEAL_OVERTURNED, P.REPORTER, when=_decided("overturn")),
            *_each(K.ARRIVED, P.OFFICER, when=_decided("overturn")),
            *_each(K.APPEAL_OVERTURNED, P.JUDGE, when=_decided("overturn")),
        ),
        life.HazardTransferred: _HANDED_ON,
        life.TransferReturned: _HANDED_ON,
        life.HazardMerged: (
            Line(P.REPORTER, K.MERGED),
            Line(P.FOLLOWER, K.JOINED_MERGED),
            Line(P.RECTIFIER, K.UNASSIGNED),
        ),
        life.HazardUnmerged: (Line(P.REPORTER, K.UNMERGED), Line(P.OFFICER, K.ARRIVED)),
        life.HazardAccepted: (
            *_each(K.ASSIGNED, P.RECTIFIER, when=_to_be_repaired),
            *_each(K.TO_REVIEW, P.VERIFIER, when=_repaired_at_once),
            *_each(K.MAJOR_ACCEPTED, P.HEAD, P.SUPERIOR, when=_major),
            *_each(K.ACCEPTED, *_REPORTERS),
        ),
        life.RectificationAcknowledged: _each(K.ACKNOWLEDGED, P.OFFICER),
        life.RectifierChanged: (Line(P.RECTIFIER, K.ASSIGNED), Line(P.FORMER_RECTIFIER, K.UNASSIGNED)),
        life.RectifierReminded: _each(K.REMINDED, P.RECTIFIER_OR_PROXY),
        life.ExtensionRequested: _each(K.EXTENSION_ASKED, P.DECIDER),
        life.ExtensionDecided: (
            *_each(K.EXTENSION_GIVEN, P.RECTIFIER_OR_PROXY, P.REQUESTER, when=_decided("yes")),
            *_each(K.EXTENSION_REFUSED, P.RECTIFIER_OR_PROXY, P.REQUESTER, when=_decided("no")),
        ),
        life.DualReportRecorded: _each(K.DUAL_REPORTED, P.HEAD, P.SUPERIOR),
        life.HazardRectified: (*_each(K.TO_REVIEW, P.VERIFIER), *_each(K.REPAIRED, *_REPORTERS)),
        life.HazardClosed: _each(K.CLOSED, *_REPORTERS, P.RECTIFIER, P.OFFICER),
        life.HazardSentBack: (
            *_each(K.SENT_BACK, P.RECTIFIER_OR_PROXY, P.OFFICER),
            *_each(K.REPAIR_RETURNED, *_REPORTERS),
        ),
        life.HazardVoided: _each(K.VOIDED, *_REPORTERS, P.RECTIFIER, P.OFFICER),
        life.ClosureObjected: (*_each(K.OBJECTED, P.SUPERIOR, P.OFFICER), *_each(K.DISPUTED, P.JUDGE)),
        life.HazardReopened: _each(K.REOPENED, P.RECTIFIER_OR_PROXY, *_REPORTERS, P.OFFICER),
        life.ObjectionDismissed: _each(K.OBJECTION_DISMISSED, P.REPORTER, P.JUDGE),
        life.PointsClaimed: (),
        life.HazardFollowed: _each(K.FOLLOWED, P.OFFICER),
        life.HazardHandedOver: _each(K.HANDED_OVER, P.NAMED),
        life.DeadlineMarked: (
            *_each(K.DUE_TOMORROW, P.RECTIFIER, P.OFFICER, when=_days(-1)),
            *_each(K.DUE_TODAY, P.RECTIFIER, P.OFFICER, when=_days(0)),
            *_each(K.OVERDUE, P.RECTIFIER, P.OFFICER, when=_days(1)),
            *_each(K.LONG_OVERDUE, P.SUPERIOR, P.UNION, when=_days(3)),
        ),
        life.FirstActLate: _each(K.FIRST_ACT_LATE, P.OFFICER, P.SUPERIOR),
        life.HazardSupervised: _each(K.SUPERVISED, P.RECTIFIER, P.OFFICER, P.HEAD, P.SUPERIOR, P.UNION),
    }
)
"""Every event of a hazard's life, and who hears (domain.md §5, clocks and actions); nobody is a decision too."""

GROUP_KINDS: Final[Mapping[type[Event], tuple[tuple[Kind, Callable[[Circle], bool]], ...]]] = MappingProxyType(
    {
        life.HazardSubmitted: ((K.ARRIVED, _always),),
        life.HazardTransferred: ((K.ARRIVED, _always),),
        life.RejectionAppealed: ((K.APPEALED, _always),),
        life.HazardAccepted: (
            (K.MAJOR_ACCEPTED, _major),
            (K.TO_REVIEW, _repaired_at_once),
            (K.ASSIGNED, _to_be_repaired),
        ),
        life.RectifierReminded: ((K.REMINDED, _always),),
        life.HazardRectified: ((K.TO_REVIEW, _always),),
        life.HazardClosed: ((K.CLOSED, _always),),
        life.HazardSentBack: ((K.SENT_BACK, _always),),
        life.ClosureObjected: ((K.OBJECTED, _always),),
        life.HazardReopened: ((K.REOPENED, _always),),
        life.DeadlineMarked: (
            (K.DUE_TOMORROW, _days(-1)),
            (K.DUE_TODAY, _days(0)),
            (K.OVERDUE, _days(1)),
            (K.LONG_OVERDUE, _days(3)),
        ),
        life.FirstActLate: ((K.FIRST_ACT_LATE, _always),),
        life.HazardSupervised: ((K.SUPERVISED, _always),),
    }
)
"""What a unit's group may be told; the first that applies is said, if the unit chose its topic."""


def who_hears(kind: type[Event], circle: Circle) -> tuple[Hearer, ...]:
    """Everybody who hears of this kind of event, once, in the table's order; deputies after whom they stand for.

    Raises:
        KeyError: nobody decided who hears of it.
    """
    heard: dict[int, Hearer] = {}
    for line in HEARERS[kind]:
        if not line.when(circle):
            continue
        for account_id in circle.parts.get(line.part, NOBODY):
            _add(heard, Hearer(account_id, line.part, line.kind), circle)
            # A deputy takes over a duty, never somebody's own report.
            stand_ins = NOBODY if line.part in _REPORTERS else circle.deputies.get(account_id, NOBODY)
            for deputy in stand_ins:
                _add(heard, Hearer(deputy, Part.DEPUTY, line.kind), circle)
    return tuple(heard.values())


def _add(heard: dict[int, Hearer], hearer: Hearer, circle: Circle) -> None:
    account_id = hearer.account_id
    if account_id != circle.actor and account_id in circle.enabled and account_id not in heard:
        heard[account_id] = hearer


def group_kind(kind: type[Event], circle: Circle) -> Kind | None:
    """What a unit's group is told of this event, or None."""
    return next((said for said, applies in GROUP_KINDS.get(kind, ()) if applies(circle)), None)
