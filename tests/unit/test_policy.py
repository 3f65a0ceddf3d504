"""Who may make a move, asked of the pure policy: each person, each guard, each reason, each view."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.actor import Actor, Grant
from app.accounts.permissions import GRANTED, Permission, Role
from app.edge.wording_moves import WHYS
from app.hazards.lifecycle import TABLE, Action, State
from app.hazards.policy import (
    CaseFacts,
    Standing,
    View,
    Why,
    closed_moves,
    open_actions,
    standing_of,
    view_of,
    why_closed,
)
from app.hazards.words import Level, ReportedTo

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVERYTHING = frozenset(Permission)
MAJOR = {"level": Level.MAJOR}
BOTH = frozenset(ReportedTo)


def asked(action: str, state: str, who: Standing, **facts: object) -> str | None:
    return why_closed(Action(action), facts=CaseFacts(State(state), **facts), standing=who, at=NOW)


def person(**parts: bool) -> Standing:
    return Standing(permissions=EVERYTHING, **parts)


REPORTER, OFFICER, RECTIFIER = person(is_reporter=True), person(is_officer=True), person(is_rectifier=True)
SUPERIOR, HEAD, UNION = person(is_superior=True), person(is_head=True), person(is_union=True)
NOBODY = person()

GUARDS = (
    # action, state, person, facts that open it, facts that close it, why
    ("ask", "submitted", OFFICER, {}, {"reporter_reachable": False}, "reporter_reachable"),
    ("appeal", "rejected", REPORTER, {"appeal_until": NOW}, {"appeal_until": NOW - SECOND}, "appeal_in_time"),
    ("appeal", "rejected", REPORTER, {"appeal_until": NOW}, {}, "appeal_in_time"),
    (
        "appeal",
        "rejected",
        REPORTER,
        {"appeal_until": NOW},
        {"appeal_until": NOW, "appealed": True},
        "appeal_not_used",
    ),
    ("decide_appeal", "rejected", UNION, {"appeal_pending": True}, {}, "appeal_pending"),
    ("transfer", "submitted", OFFICER, {}, {"transfers": 1}, "transfer_left"),
    ("return_transfer", "submitted", OFFICER, {"transfer_returnable": True}, {}, "transfer_to_return"),
    ("unmerge", "duplicate", OFFICER, {"unmerge_until": NOW}, {"unmerge_until": NOW - SECOND}, "unmerge_in_time"),
    ("acknowledge", "rectifying", RECTIFIER, {}, {"acknowledged": True}, "not_acknowledged"),
    ("request_extension", "rectifying", RECTIFIER, {}, {"extension_pending": True}, "no_extension_pending"),
    ("decide_extension", "rectifying", OFFICER, {"extension_pending": True}, {}, "extension_pending"),
    ("record_dual_report", "rectifying", OFFICER, MAJOR, {"level": Level.GENERAL}, "is_major"),
    ("close", "reviewing", HEAD, {**MAJOR, "dual_reports": BOTH}, MAJOR, "dual_reported"),
    *(
        (
            "close",
            "reviewing",
            HEAD,
            {**MAJOR, "dual_reports": BOTH},
            {**MAJOR, "dual_reports": frozenset({half})},
            "dual_reported",
        )
        for half in ReportedTo
    ),
    ("withdraw", "submitted", REPORTER, {}, {"has_duplicates": True}, "not_a_master"),
    ("withdraw", "submitted", REPORTER, {}, {"is_followed": True}, "not_a_master"),
    ("void", "rectifying", OFFICER, {}, {"points_paid": True}, "consent_after_points"),
    (
        "object",
        "closed",
        REPORTER,
        {"closure_until": NOW},
        {"closure_until": NOW, "objection_pending": True},
        "no_objection_pending",
    ),
    (
        "object",
        "closed",
        REPORTER,
        {"closure_until": NOW},
        {"closure_until": NOW - SECOND},
        "after_closure_in_time",
    ),
    (
        "reopen",
        "closed",
        OFFICER,
        {"closure_until": NOW},
        {"closure_until": NOW - SECOND},
        "after_closure_in_time",
    ),
    ("dismiss_objection", "closed", SUPERIOR, {"objection_pending": True}, {}, "objection_pending"),
)


@pytest.mark.parametrize(("action", "state", "who", "opened", "closed", "why"), GUARDS)
def test_a_guard_closes_its_move_and_nothing_else_does(action, state, who, opened, closed, why):
    assert asked(action, state, who, **opened) is None
    assert asked(action, state, who, **closed) == why


def test_every_guard_of_the_table_is_tried_above():
    assert {row[5] for row in GUARDS} == {guard for move in TABLE.values() for guard in move.guards}


def test_a_superior_hands_on_and_takes_back_where_an_officer_may_not():
    both = person(is_officer=True, is_superior=True)
    assert asked("transfer", "submitted", both, transfers=2) is None
    assert asked("void", "reviewing", SUPERIOR, points_paid=True) is None


VERIFYING = (
    # standing, level, why
    (person(is_officer=True), "general", None),
    (person(is_officer=True, is_rectifier=True), "general", "own_repair"),
    (person(is_officer=True, repaired=True), "general", "own_repair"),
    (person(is_officer=True, is_reporter=True), "general", "own_report"),
    (person(is_officer=True, is_reporter=True, repaired=True), "general", "own_repair"),
    (HEAD, "general", "who"),
    (SUPERIOR, "general", "who"),
    (NOBODY, "general", "who"),
    (person(is_officer=True), "major", "major_needs_head"),
    (NOBODY, "major", "who"),
    (HEAD, "major", None),
    (SUPERIOR, "major", None),
    (person(is_head=True, is_rectifier=True), "major", "own_repair"),
    (person(is_superior=True, repaired=True), "major", "own_repair"),
    (person(is_head=True, is_reporter=True), "major", "own_report"),
)


@pytest.mark.parametrize(("who", "level", "why"), VERIFYING)
@pytest.mark.parametrize("action", ["close", "send_back"])
def test_a_verifier_is_an_officer_who_neither_repaired_nor_reported(action, who, level, why):
    assert asked(action, "reviewing", who, level=Level(level), dual_reports=BOTH) == why


@pytest.mark.parametrize(
    ("who", "level", "why"),
    [
        (OFFICER, "general", None),
        (HEAD, "general", "who"),
        (OFFICER, "major", "major_needs_head"),
        (SUPERIOR, "major", "who"),
        (HEAD, "major", None),
        (person(is_officer=True, asked_for_extension=True), "general", "own_request"),
        (person(is_officer=True, is_rectifier=True), "general", "own_request"),
        (person(is_head=True, is_rectifier=True), "major", "own_request"),
    ],
)
def test_an_extension_is_decided_by_an_officer_or_for_a_major_hazard_the_head(who, level, why):
    assert asked("decide_extension", "rectifying", who, level=Level(level), extension_pending=True) == why


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (SUPERIOR, None),
        (UNION, None),
        (OFFICER, "who"),
        (REPORTER, "who"),
        (person(is_superior=True, rejected=True), "own_rejection"),
        (person(is_union=True, rejected=True), "own_rejection"),
    ],
)
def test_an_appeal_is_decided_above_or_by_the_union_and_not_by_whoever_rejected(who, why):
    assert asked("decide_appeal", "rejected", who, appeal_pending=True) == why


@pytest.mark.parametrize(
    ("who", "has_account", "why"),
    [
        (RECTIFIER, True, None),
        (OFFICER, True, "who"),
        (OFFICER, False, None),
        (NOBODY, False, "who"),
        (HEAD, False, "who"),
    ],
)
def test_an_officer_stands_in_only_for_a_rectifier_without_an_account(who, has_account, why):
    for action in ("rectify", "request_extension"):
        assert asked(action, "rectifying", who, has_rectifier_account=has_account) == why


@pytest.mark.parametrize("who", [OFFICER, person(is_unit_rectifier=True)])
def test_officers_and_rectifiers_of_the_unit_fix_on_the_spot(who):
    assert asked("fix_on_the_spot", "submitted", who) is None
    assert asked("fix_on_the_spot", "submitted", RECTIFIER) == "who"


def test_anybody_who_may_report_may_submit():
    assert asked("submit", "submitted", NOBODY) == "state"  # a hazard that exists is not submitted again
    assert Action.SUBMIT not in open_actions(facts=CaseFacts(State.SUBMITTED), standing=NOBODY, at=NOW)


def test_the_person_is_judged_before_the_state_and_the_part_before_the_guards():
    powerless = Standing(is_officer=True)
    assert asked("accept", "closed", powerless) == Why.PERMISSION
    assert asked("accept", "closed", NOBODY) == Why.STATE
    assert asked("unmerge", "duplicate", NOBODY) == Why.WHO
    assert asked("unmerge", "duplicate", OFFICER) == "unmerge_in_time"


def test_open_actions_are_the_moves_that_nothing_closes_in_the_tables_order():
    facts = CaseFacts(State.SUBMITTED, transfer_returnable=True)
    assert open_actions(facts=facts, standing=OFFICER, at=NOW) == (
        "ask", "reject", "recategorize", "transfer", "return_transfer", "merge", "accept", "fix_on_the_spot",
    )  # fmt: skip
    assert open_actions(facts=CaseFacts(State.WITHDRAWN), standing=OFFICER, at=NOW) == ()


def test_closed_moves_are_others_turn_now_and_ones_own_part_later():
    told = {
        m.action: (m.why, m.awaits_state)
        for m in closed_moves(facts=CaseFacts(State.SUBMITTED), standing=OFFICER, at=NOW)
    }
    assert told["withdraw"] == (Why.WHO, False)  # open now, to the reporter
    assert told["return_transfer"] == ("transfer_to_return", False)
    assert told["close"] == (Why.STATE, True)  # the officer's own, once it is repaired
    assert "appeal" not in told  # neither now nor ever this person's
    assert "accept" not in told  # open
    repairs = person(is_officer=True, is_rectifier=True)
    later = {m.action: m.why for m in closed_moves(facts=CaseFacts(State.RECTIFYING), standing=repairs, at=NOW)}
    assert later["close"] == Why.OWN_REPAIR  # no state will open it


def test_every_reason_has_a_sentence_that_says_what_would_open_the_move():
    reasons = {*Why, *(guard for move in TABLE.values() for guard in move.guards)}
    assert {str(reason) for reason in reasons} == set(WHYS)


# --- standing, from grants ------------------------------------------------------------------------------

ROOT, PLANT, SHOP, TEAM = 1, 2, 3, 4
LINEAGE = (ROOT, PLANT, SHOP)


def actor(*grants: tuple[Role, int], account_id: int = 7) -> Actor:
    return Actor(account_id, "a", "甲", SHOP, tuple(Grant(role, unit) for role, unit in grants))


def standing(*grants: tuple[Role, int], lineage: tuple[int, ...] = LINEAGE, **roles: int | None) -> Standing:
    return standing_of(actor(*grants), lineage=lineage, roles=roles)


@pytest.mark.parametrize(
    ("role", "unit", "holds"),
    [
        (Role.OFFICER, SHOP, {"is_officer", "is_unit_rectifier"}),
        (Role.OFFICER, PLANT, {"is_officer", "is_unit_rectifier", "is_superior"}),
        (Role.HEAD, SHOP, {"is_head"}),
        (Role.HEAD, ROOT, {"is_head", "is_superior"}),
        (Role.REVIEWER, ROOT, {"is_union"}),
        (Role.REVIEWER, SHOP, {"is_union"}),
        (Role.RECTIFIER, PLANT, {"is_unit_rectifier"}),
        (Role.WORKER, SHOP, set()),
        (Role.ADMIN, ROOT, set()),
        (Role.OFFICER, TEAM, set()),
        (Role.OFFICER, 30, set()),
    ],
)
def test_a_role_counts_in_its_unit_and_below_and_makes_a_superior_only_from_above(role, unit, holds):
    made = standing((role, unit))
    flags = {name for name in Standing.__dataclass_fields__ if getattr(made, name) is True}
    assert flags == holds
    assert made.permissions == GRANTED[role]


def test_above_a_root_unit_stands_its_head_and_nobody_else():
    assert standing((Role.HEAD, ROOT), lineage=(ROOT,)).is_superior
    assert not standing((Role.OFFICER, ROOT), lineage=(ROOT,)).is_superior


@pytest.mark.parametrize(
    ("part", "flag"),
    [
        ("reporter", "is_reporter"),
        ("rectifier", "is_rectifier"),
        ("rectified_by", "repaired"),
        ("rejected_by", "rejected"),
        ("extension_by", "asked_for_extension"),
    ],
)
def test_a_part_in_a_hazard_is_the_own_account_and_no_other(part, flag):
    assert getattr(standing(**{part: 7}), flag)
    assert not getattr(standing(**{part: 8}), flag)
    assert not getattr(standing(**{part: None}), flag)
    assert not getattr(standing(), flag)


# --- views ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "reads", "view"),
    [
        (NOBODY, (True, True, True), View.COMMAND),
        (REPORTER, (True, True, True), View.COMMAND),
        (REPORTER, (True, False, True), View.FULL),
        (REPORTER, (False, True, True), View.OWN),
        (RECTIFIER, (False, True, True), View.ASSIGNED),
        (person(is_reporter=True, is_rectifier=True), (False, False, False), View.OWN),
        (NOBODY, (False, False, True), View.PUBLIC),
        (NOBODY, (False, True, False), None),
    ],
)
def test_a_person_sees_the_most_that_any_part_of_theirs_allows(who, reads, view):
    reads_all, reads_reporter, reads_public = reads
    assert view_of(who, reads=reads_all, reads_reporter=reads_reporter, reads_public=reads_public) is view


def test_a_head_verifies_a_general_hazard_only_where_every_officer_is_involved():
    head = Standing(permissions=frozenset({Permission.HAZARD_OVERSEE}), is_head=True)
    for free, expected in ((True, Why.WHO), (False, None)):
        facts = CaseFacts(state=State.REVIEWING, level=Level.GENERAL, has_free_verifier=free)
        assert why_closed(Action.CLOSE, facts=facts, standing=head, at=NOW) == expected
