"""What a message can be about: its kinds, the topics people choose by, and the parts people play in a case."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Part(StrEnum):
    """Whom of a case a message is for."""

    REPORTER = "reporter"
    FOLLOWER = "follower"
    OFFICER = "officer"
    FORMER_OFFICER = "former_officer"
    RECTIFIER = "rectifier"
    RECTIFIER_OR_PROXY = "rectifier_or_proxy"
    FORMER_RECTIFIER = "former_rectifier"
    VERIFIER = "verifier"
    DECIDER = "decider"
    REQUESTER = "requester"
    JUDGE = "judge"
    HEAD = "head"
    SUPERIOR = "superior"
    UNION = "union"
    NAMED = "named"
    DEPUTY = "deputy"


class Kind(StrEnum):
    """What a message says; the wording of each is in `what_is_said`."""

    ARRIVED = "arrived"
    MOVED_AWAY = "moved_away"
    HANDED_ON = "handed_on"
    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    APPEALED = "appealed"
    DISPUTED = "disputed"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_OVERTURNED = "appeal_overturned"
    MERGED = "merged"
    JOINED_MERGED = "joined_merged"
    JOINED_REJECTED = "joined_rejected"
    UNMERGED = "unmerged"
    ACCEPTED = "accepted"
    MAJOR_ACCEPTED = "major_accepted"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    ACKNOWLEDGED = "acknowledged"
    REMINDED = "reminded"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GIVEN = "extension_given"
    EXTENSION_REFUSED = "extension_refused"
    DUAL_REPORTED = "dual_reported"
    TO_REVIEW = "to_review"
    REPAIRED = "repaired"
    REPAIR_RETURNED = "repair_returned"
    CLOSED = "closed"
    SENT_BACK = "sent_back"
    VOIDED = "voided"
    OBJECTED = "objected"
    REOPENED = "reopened"
    OBJECTION_DISMISSED = "objection_dismissed"
    FOLLOWED = "followed"
    HANDED_OVER = "handed_over"
    DUE_TOMORROW = "due_tomorrow"
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    LONG_OVERDUE = "long_overdue"
    FIRST_ACT_LATE = "first_act_late"
    SUPERVISED = "supervised"
    DIGEST = "digest"
    TRIAL = "trial"


class Topic(StrEnum):
    """What people and groups switch on and off: kinds that belong together."""

    NEW = "new"
    MINE = "mine"
    REPAIR = "repair"
    REVIEW = "review"
    CLOCKS = "clocks"
    CONTESTED = "contested"
    MAJOR = "major"
    DIGEST = "digest"


_KINDS_OF: Final[Mapping[Topic, tuple[Kind, ...]]] = {
    Topic.NEW: (
        Kind.ARRIVED,
        Kind.MOVED_AWAY,
        Kind.ANSWERED,
        Kind.WITHDRAWN,
        Kind.FOLLOWED,
        Kind.HANDED_OVER,
        Kind.TRIAL,
    ),
    Topic.MINE: (
        Kind.HANDED_ON,
        Kind.ASKED,
        Kind.REJECTED,
        Kind.MERGED,
        Kind.JOINED_MERGED,
        Kind.JOINED_REJECTED,
        Kind.UNMERGED,
        Kind.ACCEPTED,
        Kind.REPAIRED,
        Kind.REPAIR_RETURNED,
        Kind.CLOSED,
        Kind.VOIDED,
    ),
    Topic.REPAIR: (
        Kind.ASSIGNED,
        Kind.UNASSIGNED,
        Kind.ACKNOWLEDGED,
        Kind.SENT_BACK,
        Kind.REOPENED,
        Kind.EXTENSION_GIVEN,
        Kind.EXTENSION_REFUSED,
    ),
    Topic.REVIEW: (Kind.TO_REVIEW, Kind.EXTENSION_ASKED),
    Topic.CLOCKS: (
        Kind.REMINDED,
        Kind.DUE_TOMORROW,
        Kind.DUE_TODAY,
        Kind.OVERDUE,
        Kind.LONG_OVERDUE,
        Kind.FIRST_ACT_LATE,
    ),
    Topic.CONTESTED: (
        Kind.APPEALED,
        Kind.DISPUTED,
        Kind.APPEAL_UPHELD,
        Kind.APPEAL_OVERTURNED,
        Kind.OBJECTED,
        Kind.OBJECTION_DISMISSED,
    ),
    Topic.MAJOR: (Kind.MAJOR_ACCEPTED, Kind.DUAL_REPORTED, Kind.SUPERVISED),
    Topic.DIGEST: (Kind.DIGEST,),
}
TOPIC_OF: Final[Mapping[Kind, Topic]] = MappingProxyType(
    {kind: topic for topic, kinds in _KINDS_OF.items() for kind in kinds}
)
"""The topic of every kind; a test finds a kind that has none."""
