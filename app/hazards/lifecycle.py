"""The life of a hazard on one page: every move, from where to where, by whom, needing what (domain.md §5).

This table renders the officer's buttons, the API's `open_actions`, the exhaustive tests and the diagram in docs/.
Facts that are not states (overdue, supervised, appealed, …) are guards, answered by `hazards.policy`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.accounts.permissions import Permission


class State(StrEnum):
    """Where a hazard stands; a draft exists only on the phone."""

    SUBMITTED = "submitted"
    NEED_INFO = "need_info"
    RECTIFYING = "rectifying"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """Every move a person can make."""

    SUBMIT = "submit"
    ASK = "ask"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    REJECT = "reject"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"
    RECATEGORIZE = "recategorize"
    TRANSFER = "transfer"
    RETURN_TRANSFER = "return_transfer"
    MERGE = "merge"
    UNMERGE = "unmerge"
    ACCEPT = "accept"
    FIX_ON_THE_SPOT = "fix_on_the_spot"
    ACKNOWLEDGE = "acknowledge"
    REASSIGN = "reassign"
    REMIND = "remind"
    REQUEST_EXTENSION = "request_extension"
    DECIDE_EXTENSION = "decide_extension"
    RECORD_DUAL_REPORT = "record_dual_report"
    RECTIFY = "rectify"
    CLOSE = "close"
    SEND_BACK = "send_back"
    VOID = "void"
    OBJECT = "object"
    REOPEN = "reopen"
    DISMISS_OBJECTION = "dismiss_objection"


class Who(StrEnum):
    """Who a move belongs to, seen from the hazard."""

    SUBMITTER = "submitter"
    REPORTER = "reporter"
    OFFICER = "officer"
    OFFICER_OR_UNIT_RECTIFIER = "officer_or_unit_rectifier"
    OFFICER_OR_SUPERIOR = "officer_or_superior"
    RECEIVING_OFFICER = "receiving_officer"
    RECTIFIER = "rectifier"
    RECTIFIER_OR_PROXY = "rectifier_or_proxy"
    VERIFIER = "verifier"
    EXTENSION_DECIDER = "extension_decider"
    ABOVE_OR_UNION = "above_or_union"
    SUPERIOR = "superior"


class Guard(StrEnum):
    """A fact beside the state that keeps a move closed until it holds."""

    REPORTER_REACHABLE = "reporter_reachable"
    NOT_A_MASTER = "not_a_master"
    APPEAL_NOT_USED = "appeal_not_used"
    APPEAL_IN_TIME = "appeal_in_time"
    APPEAL_PENDING = "appeal_pending"
    TRANSFER_LEFT = "transfer_left"
    TRANSFER_TO_RETURN = "transfer_to_return"
    UNMERGE_IN_TIME = "unmerge_in_time"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NO_EXTENSION_PENDING = "no_extension_pending"
    EXTENSION_PENDING = "extension_pending"
    IS_MAJOR = "is_major"
    DUAL_REPORTED = "dual_reported"
    CONSENT_AFTER_POINTS = "consent_after_points"
    NO_OBJECTION_PENDING = "no_objection_pending"
    OBJECTION_PENDING = "objection_pending"
    AFTER_CLOSURE_IN_TIME = "after_closure_in_time"


class Photos(StrEnum):
    """Whether a move takes photos."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"
    TEXT_OR_PHOTO = "text_or_photo"


@dataclass(frozen=True)
class Move:
    """One row of the table.

    `permissions` is the first gate (any one of them, somewhere); `who` is the second, seen from the hazard.
    `targets` maps a decision to the state it leads to; "" is the target when nothing is decided; a move whose
    target is its source stays. `needs` and `may_have` are the field names of contract.md; `one_of` are groups of
    which one is enough; `major_needs` are needed when the level is major.
    """

    action: Action
    sources: frozenset[State]
    targets: MappingProxyType[str, State | None]
    permissions: frozenset[Permission]
    who: Who
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    major_needs: tuple[str, ...] = ()
    photos: Photos = Photos.NONE
    guards: tuple[Guard, ...] = ()
    event: str = ""
    fields: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Gather every field the move takes."""
        grouped = {name for group in self.one_of for name in group}
        every = frozenset(self.needs) | set(self.may_have) | grouped | set(self.major_needs)
        object.__setattr__(self, "fields", frozenset(every))

    def target(self, source: State, *, decision: str = "") -> State:
        """The state this move leads to.

        Raises:
            KeyError: the decision is none of this move's.
        """
        return self.targets[decision] or source


S, A, P, W, G = State, Action, Permission, Who, Guard
_STAYS: Final = MappingProxyType({"": None})


def _to(state: State) -> MappingProxyType[str, State | None]:
    return MappingProxyType({"": state})


def _deciding(**targets: State | None) -> MappingProxyType[str, State | None]:
    return MappingProxyType(dict(targets))


_RECTIFIER: Final = ("rectifier", "rectifier_name")
ANYBODY: Final = frozenset({P.HAZARD_SUBMIT})
REPAIRERS: Final = frozenset({P.HAZARD_RECTIFY})
OFFICERS: Final = frozenset({P.HAZARD_TRIAGE})
COMMANDERS: Final = frozenset({P.HAZARD_TRIAGE, P.HAZARD_OVERSEE})
VERIFIERS: Final = frozenset({P.HAZARD_VERIFY, P.HAZARD_OVERSEE})
ARBITERS: Final = frozenset({P.HAZARD_TRIAGE, P.HAZARD_OVERSEE, P.HAZARD_ARBITRATE})
# fmt: off
_MOVES: Final = (
    Move(A.SUBMIT, frozenset(), _to(S.SUBMITTED), ANYBODY, W.SUBMITTER,
         photos=Photos.REQUIRED, event="HazardSubmitted"),
    Move(A.ASK, frozenset({S.SUBMITTED}), _to(S.NEED_INFO), OFFICERS, W.OFFICER,
         needs=("text",), guards=(G.REPORTER_REACHABLE,), event="QuestionAsked"),
    Move(A.ANSWER, frozenset({S.NEED_INFO}), _to(S.SUBMITTED), ANYBODY, W.REPORTER,
         may_have=("text",), photos=Photos.TEXT_OR_PHOTO, event="QuestionAnswered"),
    Move(A.WITHDRAW, frozenset({S.SUBMITTED, S.NEED_INFO}), _to(S.WITHDRAWN), ANYBODY, W.REPORTER,
         guards=(G.NOT_A_MASTER,), event="HazardWithdrawn"),
    Move(A.REJECT, frozenset({S.SUBMITTED, S.NEED_INFO}), _to(S.REJECTED), OFFICERS, W.OFFICER,
         needs=("reason", "text"), event="HazardRejected"),
    Move(A.APPEAL, frozenset({S.REJECTED}), _STAYS, ANYBODY, W.REPORTER,
         needs=("text",), guards=(G.APPEAL_NOT_USED, G.APPEAL_IN_TIME), event="RejectionAppealed"),
    Move(A.DECIDE_APPEAL, frozenset({S.REJECTED}), _deciding(uphold=S.REJECTED, overturn=S.SUBMITTED),
         ARBITERS, W.ABOVE_OR_UNION, needs=("decision", "text"), guards=(G.APPEAL_PENDING,),
         event="AppealDecided"),
    Move(A.RECATEGORIZE, frozenset({S.SUBMITTED}), _STAYS, OFFICERS, W.OFFICER,
         needs=("category",), may_have=("text",), event="HazardRecategorized"),
    Move(A.TRANSFER, frozenset({S.SUBMITTED}), _STAYS, OFFICERS, W.OFFICER,
         needs=("unit", "text"), guards=(G.TRANSFER_LEFT,), event="HazardTransferred"),
    Move(A.RETURN_TRANSFER, frozenset({S.SUBMITTED}), _STAYS, OFFICERS, W.RECEIVING_OFFICER,
         needs=("text",), guards=(G.TRANSFER_TO_RETURN,), event="TransferReturned"),
    Move(A.MERGE, frozenset({S.SUBMITTED, S.NEED_INFO, S.RECTIFYING}), _to(S.DUPLICATE), OFFICERS,
         W.OFFICER, needs=("master",), event="HazardMerged"),
    Move(A.UNMERGE, frozenset({S.DUPLICATE}), _to(S.SUBMITTED), OFFICERS, W.OFFICER,
         needs=("text",), guards=(G.UNMERGE_IN_TIME,), event="HazardUnmerged"),
    Move(A.ACCEPT, frozenset({S.SUBMITTED}), _to(S.RECTIFYING), OFFICERS, W.OFFICER,
         needs=("level", "category", "factor", "measures", "deadline"), one_of=(_RECTIFIER,),
         major_needs=("funds", "emergency_plan", "interim_control"), event="HazardAccepted"),
    Move(A.FIX_ON_THE_SPOT, frozenset({S.SUBMITTED}), _to(S.REVIEWING), REPAIRERS,
         W.OFFICER_OR_UNIT_RECTIFIER, needs=("category", "factor", "done"), one_of=(_RECTIFIER,),
         photos=Photos.REQUIRED, event="HazardAccepted"),
    Move(A.ACKNOWLEDGE, frozenset({S.RECTIFYING}), _STAYS, ANYBODY, W.RECTIFIER,
         guards=(G.NOT_ACKNOWLEDGED,), event="RectificationAcknowledged"),
    Move(A.REASSIGN, frozenset({S.RECTIFYING}), _STAYS, OFFICERS, W.OFFICER,
         needs=("text",), one_of=(_RECTIFIER,), event="RectifierChanged"),
    Move(A.REMIND, frozenset({S.RECTIFYING}), _STAYS, COMMANDERS, W.OFFICER_OR_SUPERIOR,
         event="RectifierReminded"),
    Move(A.REQUEST_EXTENSION, frozenset({S.RECTIFYING}), _STAYS, ANYBODY, W.RECTIFIER_OR_PROXY,
         needs=("deadline", "text"), guards=(G.NO_EXTENSION_PENDING,), event="ExtensionRequested"),
    Move(A.DECIDE_EXTENSION, frozenset({S.RECTIFYING}), _deciding(yes=None, no=None), COMMANDERS,
         W.EXTENSION_DECIDER, needs=("decision",), may_have=("text",), guards=(G.EXTENSION_PENDING,),
         event="ExtensionDecided"),
    Move(A.RECORD_DUAL_REPORT, frozenset({S.RECTIFYING, S.REVIEWING}), _STAYS, OFFICERS, W.OFFICER,
         needs=("to", "on"), may_have=("document",), guards=(G.IS_MAJOR,), event="DualReportRecorded"),
    Move(A.RECTIFY, frozenset({S.RECTIFYING}), _to(S.REVIEWING), ANYBODY, W.RECTIFIER_OR_PROXY,
         needs=("done", "finished_at"), may_have=("cost",), photos=Photos.REQUIRED, event="HazardRectified"),
    Move(A.CLOSE, frozenset({S.REVIEWING}), _to(S.CLOSED), VERIFIERS, W.VERIFIER,
         needs=("conclusion",), guards=(G.DUAL_REPORTED,), event="HazardClosed"),
    Move(A.SEND_BACK, frozenset({S.REVIEWING}), _to(S.RECTIFYING), VERIFIERS, W.VERIFIER,
         needs=("text", "deadline"), event="HazardSentBack"),
    Move(A.VOID, frozenset({S.RECTIFYING, S.REVIEWING}), _to(S.REJECTED), COMMANDERS, W.OFFICER_OR_SUPERIOR,
         needs=("text",), guards=(G.CONSENT_AFTER_POINTS,), event="HazardVoided"),
    Move(A.OBJECT, frozenset({S.CLOSED}), _STAYS, ANYBODY, W.REPORTER,
         needs=("text",), photos=Photos.OPTIONAL, guards=(G.NO_OBJECTION_PENDING, G.AFTER_CLOSURE_IN_TIME),
         event="ClosureObjected"),
    Move(A.REOPEN, frozenset({S.CLOSED}), _to(S.RECTIFYING), COMMANDERS, W.OFFICER_OR_SUPERIOR,
         needs=("text", "deadline"), may_have=_RECTIFIER, guards=(G.AFTER_CLOSURE_IN_TIME,),
         event="HazardReopened"),
    Move(A.DISMISS_OBJECTION, frozenset({S.CLOSED}), _STAYS, COMMANDERS, W.SUPERIOR,
         needs=("text",), guards=(G.OBJECTION_PENDING,), event="ObjectionDismissed"),
)
# fmt: on

TABLE: Final = MappingProxyType({move.action: move for move in _MOVES})
"""The whole life; frozen."""

OPEN: Final = frozenset({S.SUBMITTED, S.NEED_INFO, S.RECTIFYING, S.REVIEWING})
"""States in which somebody still has something to do."""
