"""Who hears of each event: the whole table, cell by cell, and what holds for every circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.events import KINDS
from app.hazards import events as life
from app.hazards.events import HazardEvent
from app.notifications.kinds import TOPIC_OF, Kind, Part
from app.notifications.what_is_said import TO_A_GROUP, TO_A_PERSON
from app.notifications.who_hears import GROUP_KINDS, HEARERS, Circle, group_kind, who_hears

PARTS = {part: (n,) for n, part in enumerate(Part, start=1)}
EVERYBODY = frozenset(range(1, 100))
P, K = Part, Kind

EXPECTED: list[tuple[type, dict, set]] = [
    (life.PhotosAdded, {}, set()),
    (life.PointsClaimed, {}, set()),
    (life.HazardSubmitted, {}, {(P.OFFICER, K.ARRIVED)}),
    (life.HazardRerouted, {}, {(P.OFFICER, K.ARRIVED), (P.FORMER_OFFICER, K.MOVED_AWAY)}),
    (life.HazardRerouted, {"officer_changed": False}, set()),
    (life.HazardRecategorized, {}, {(P.OFFICER, K.ARRIVED), (P.FORMER_OFFICER, K.MOVED_AWAY)}),
    (life.HazardRecategorized, {"officer_changed": False}, set()),
    (life.QuestionAsked, {}, {(P.REPORTER, K.ASKED)}),
    (life.QuestionAnswered, {}, {(P.OFFICER, K.ANSWERED)}),
    (life.HazardWithdrawn, {}, {(P.OFFICER, K.WITHDRAWN)}),
    (life.HazardRejected, {}, {(P.REPORTER, K.REJECTED), (P.FOLLOWER, K.JOINED_REJECTED)}),
    (life.RejectionAppealed, {}, {(P.SUPERIOR, K.APPEALED), (P.UNION, K.APPEALED), (P.JUDGE, K.DISPUTED)}),
    (life.AppealDecided, {"decision": "uphold"}, {(P.REPORTER, K.APPEAL_UPHELD), (P.JUDGE, K.APPEAL_UPHELD)}),
    (
        life.AppealDecided,
        {"decision": "overturn"},
        {(P.REPORTER, K.APPEAL_OVERTURNED), (P.JUDGE, K.APPEAL_OVERTURNED), (P.OFFICER, K.ARRIVED)},
    ),
    (
        life.HazardTransferred,
        {},
        {(P.OFFICER, K.ARRIVED), (P.FORMER_OFFICER, K.MOVED_AWAY), (P.REPORTER, K.HANDED_ON)},
    ),
    (
        life.TransferReturned,
        {},
        {(P.OFFICER, K.ARRIVED), (P.FORMER_OFFICER, K.MOVED_AWAY), (P.REPORTER, K.HANDED_ON)},
    ),
    (
        life.HazardMerged,
        {},
        {(P.REPORTER, K.MERGED), (P.FOLLOWER, K.JOINED_MERGED), (P.RECTIFIER, K.UNASSIGNED)},
    ),
    (life.HazardUnmerged, {}, {(P.REPORTER, K.UNMERGED), (P.OFFICER, K.ARRIVED)}),
    (life.HazardAccepted, {}, {(P.RECTIFIER, K.ASSIGNED), (P.REPORTER, K.ACCEPTED), (P.FOLLOWER, K.ACCEPTED)}),
    (
        life.HazardAccepted,
        {"on_the_spot": True},
        {(P.VERIFIER, K.TO_REVIEW), (P.REPORTER, K.ACCEPTED), (P.FOLLOWER, K.ACCEPTED)},
    ),
    (
        life.HazardAccepted,
        {"major": True},
        {
            (P.RECTIFIER, K.ASSIGNED),
            (P.HEAD, K.MAJOR_ACCEPTED),
            (P.SUPERIOR, K.MAJOR_ACCEPTED),
            (P.REPORTER, K.ACCEPTED),
            (P.FOLLOWER, K.ACCEPTED),
        },
    ),
    (life.RectificationAcknowledged, {}, {(P.OFFICER, K.ACKNOWLEDGED)}),
    (life.RectifierChanged, {}, {(P.RECTIFIER, K.ASSIGNED), (P.FORMER_RECTIFIER, K.UNASSIGNED)}),
    (life.RectifierReminded, {}, {(P.RECTIFIER_OR_PROXY, K.REMINDED)}),
    (life.ExtensionRequested, {}, {(P.DECIDER, K.EXTENSION_ASKED)}),
    (
        life.ExtensionDecided,
        {"decision": "yes"},
        {(P.RECTIFIER_OR_PROXY, K.EXTENSION_GIVEN), (P.REQUESTER, K.EXTENSION_GIVEN)},
    ),
    (
        life.ExtensionDecided,
        {"decision": "no"},
        {(P.RECTIFIER_OR_PROXY, K.EXTENSION_REFUSED), (P.REQUESTER, K.EXTENSION_REFUSED)},
    ),
    (life.DualReportRecorded, {}, {(P.HEAD, K.DUAL_REPORTED), (P.SUPERIOR, K.DUAL_REPORTED)}),
    (
        life.HazardRectified,
        {},
        {(P.VERIFIER, K.TO_REVIEW), (P.REPORTER, K.REPAIRED), (P.FOLLOWER, K.REPAIRED)},
    ),
    (life.HazardClosed, {}, {(p, K.CLOSED) for p in (P.REPORTER, P.FOLLOWER, P.RECTIFIER, P.OFFICER)}),
    (
        life.HazardSentBack,
        {},
        {(p, K.SENT_BACK) for p in (P.RECTIFIER_OR_PROXY, P.OFFICER)}
        | {(p, K.REPAIR_RETURNED) for p in (P.REPORTER, P.FOLLOWER)},
    ),
    (life.HazardVoided, {}, {(p, K.VOIDED) for p in (P.REPORTER, P.FOLLOWER, P.RECTIFIER, P.OFFICER)}),
    (life.ClosureObjected, {}, {(P.SUPERIOR, K.OBJECTED), (P.OFFICER, K.OBJECTED), (P.JUDGE, K.DISPUTED)}),
    (
        life.HazardReopened,
        {},
        {(p, K.REOPENED) for p in (P.RECTIFIER_OR_PROXY, P.REPORTER, P.FOLLOWER, P.OFFICER)},
    ),
    (life.ObjectionDismissed, {}, {(P.REPORTER, K.OBJECTION_DISMISSED), (P.JUDGE, K.OBJECTION_DISMISSED)}),
    (life.HazardFollowed, {}, {(P.OFFICER, K.FOLLOWED)}),
    (life.HazardHandedOver, {}, {(P.NAMED, K.HANDED_OVER)}),
    (life.DeadlineMarked, {"days": -1}, {(P.RECTIFIER, K.DUE_TOMORROW), (P.OFFICER, K.DUE_TOMORROW)}),
    (life.DeadlineMarked, {"days": 0}, {(P.RECTIFIER, K.DUE_TODAY), (P.OFFICER, K.DUE_TODAY)}),
    (life.DeadlineMarked, {"days": 1}, {(P.RECTIFIER, K.OVERDUE), (P.OFFICER, K.OVERDUE)}),
    (life.DeadlineMarked, {"days": 3}, {(P.SUPERIOR, K.LONG_OVERDUE), (P.UNION, K.LONG_OVERDUE)}),
    (life.DeadlineMarked, {"days": 2}, set()),
    (life.FirstActLate, {}, {(P.OFFICER, K.FIRST_ACT_LATE), (P.SUPERIOR, K.FIRST_ACT_LATE)}),
    (
        life.HazardSupervised,
        {},
        {(p, K.SUPERVISED) for p in (P.RECTIFIER, P.OFFICER, P.HEAD, P.SUPERIOR, P.UNION)},
    ),
]


@pytest.mark.parametrize(
    ("event", "facts", "expected"), EXPECTED, ids=lambda value: getattr(value, "__name__", "")
)
def test_everybody_concerned_hears_and_nobody_else(event, facts, expected):
    heard = who_hears(event, Circle(parts=PARTS, enabled=EVERYBODY, **facts))
    assert {(hearer.part, hearer.kind) for hearer in heard} == expected
    assert all(PARTS[hearer.part] == (hearer.account_id,) for hearer in heard)


def test_somebody_decided_about_every_event_of_a_hazards_life():
    kinds = {kind for kind in KINDS.values() if issubclass(kind, HazardEvent) and kind is not HazardEvent}
    assert set(HEARERS) == kinds
    assert {event for event, _, _ in EXPECTED} == kinds


def test_every_kind_has_a_topic_and_words():
    assert set(TOPIC_OF) == set(Kind)
    assert set(TO_A_PERSON) == set(Kind) - {Kind.DIGEST}
    said = {kind for lines in GROUP_KINDS.values() for kind, _ in lines}
    assert said | {Kind.TRIAL} == set(TO_A_GROUP)
    heard = {line.kind for lines in HEARERS.values() for line in lines}
    assert heard == set(Kind) - {Kind.DIGEST, Kind.TRIAL}


people = st.sets(st.integers(1, 12), max_size=3).map(tuple)
circles = st.builds(
    Circle,
    parts=st.dictionaries(st.sampled_from(list(Part)), people),
    actor=st.none() | st.integers(1, 12),
    enabled=st.frozensets(st.integers(1, 12)),
    deputies=st.dictionaries(st.integers(1, 12), people),
    major=st.booleans(),
    on_the_spot=st.booleans(),
    officer_changed=st.booleans(),
    decision=st.sampled_from(["", "uphold", "overturn", "yes", "no"]),
    days=st.sampled_from([-1, 0, 1, 3]),
)


@given(event=st.sampled_from(list(HEARERS)), circle=circles)
def test_nobody_hears_twice_nor_of_their_own_act_nor_after_leaving(event, circle):
    heard = [hearer.account_id for hearer in who_hears(event, circle)]
    assert len(heard) == len(set(heard))
    assert circle.actor not in heard
    assert set(heard) <= circle.enabled


@given(event=st.sampled_from(list(HEARERS)), circle=circles)
def test_without_a_reporter_nobody_hears_as_one(event, circle):
    anonymous = Circle(**{**vars(circle), "parts": {**circle.parts, Part.REPORTER: ()}})
    assert all(hearer.part is not Part.REPORTER for hearer in who_hears(event, anonymous))


def test_a_deputy_hears_too_but_not_of_somebodys_own_report():
    away = {PARTS[P.OFFICER][0]: (50,), PARTS[P.REPORTER][0]: (51,)}
    circle = Circle(parts=PARTS, enabled=EVERYBODY, deputies=away)
    submitted = who_hears(life.HazardSubmitted, circle)
    assert [(h.account_id, h.part) for h in submitted] == [(PARTS[P.OFFICER][0], P.OFFICER), (50, P.DEPUTY)]
    assert 51 not in {h.account_id for h in who_hears(life.HazardRejected, circle)}


@pytest.mark.parametrize(
    ("event", "facts", "kind"),
    [
        (life.HazardSubmitted, {}, K.ARRIVED),
        (life.HazardAccepted, {}, K.ASSIGNED),
        (life.HazardAccepted, {"major": True}, K.MAJOR_ACCEPTED),
        (life.HazardAccepted, {"on_the_spot": True}, K.TO_REVIEW),
        (life.DeadlineMarked, {"days": 3}, K.LONG_OVERDUE),
        (life.QuestionAsked, {}, None),
        (life.HazardFollowed, {}, None),
    ],
)
def test_a_group_hears_of_what_concerns_everybody(event, facts, kind):
    assert group_kind(event, Circle(**facts)) is kind
