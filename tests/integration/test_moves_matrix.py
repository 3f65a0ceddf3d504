"""Every situation × every move × every person, against a table written from domain.md §5 and not from the code."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.core.errors import Invalid, NotFound, NotOpen, VersionConflict
from app.edge.wording_moves import WHYS
from app.hazards.lifecycle import TABLE, Action
from app.hazards.moves import move_hazard
from app.hazards.told import Told
from app.units.queries import unit_by_code, unit_by_id
from tests.conftest import House, _house_in
from tests.integration.hazard_world import (
    CAST,
    MINE,
    REPAIRED,
    REPAIRS,
    SITUATIONS,
    WHOLE_CAST,
    attempt,
    bring,
    events,
    fields_of,
    history,
    populate,
    populate_wholly,
    row_of,
    step,
)

OFFICERS = "officer officer_above"
SUPERIORS = "officer_above head_above"
FITTERS = "other_rectifier rectifier_above"
UNIONS = "reviewer reviewer_above own_reviewer"
GENERAL_UNDER_WAY = "rectifying rectifying_asked"
MAJOR_UNDER_WAY = "major_rectifying major_rectifying_asked"
UNDER_WAY = f"{GENERAL_UNDER_WAY} {MAJOR_UNDER_WAY}"
UNDER_REVIEW = "reviewing major_reviewing major_reviewing_reported"

OPEN = (
    # move, situations, people: domain.md §5, line by line
    ("ask", "submitted transferred", OFFICERS),
    ("answer", "need_info", "reporter"),
    ("withdraw", "submitted need_info", "reporter"),
    ("withdraw", "transferred", "sibling_worker"),  # who reported that one keeps it, wherever it lies
    ("reject", "submitted need_info transferred", OFFICERS),
    ("appeal", "rejected", "reporter"),
    ("decide_appeal", "rejected_appealed", f"{SUPERIORS} {UNIONS}"),  # the unit above or the union
    ("recategorize", "submitted transferred", OFFICERS),
    ("transfer", "submitted", OFFICERS),
    ("transfer", "transferred", "officer_above"),  # once; after that only the common parent
    ("return_transfer", "transferred", OFFICERS),
    ("merge", f"submitted need_info transferred {UNDER_WAY}", OFFICERS),
    ("unmerge", "duplicate", OFFICERS),
    ("accept", "submitted transferred", OFFICERS),
    ("fix_on_the_spot", "submitted transferred", f"{OFFICERS} rectifier {FITTERS}"),
    ("acknowledge", UNDER_WAY, "rectifier"),
    ("reassign", UNDER_WAY, OFFICERS),
    ("remind", UNDER_WAY, f"{OFFICERS} head_above"),
    ("request_extension", "rectifying major_rectifying", "rectifier"),
    ("decide_extension", "rectifying_asked", OFFICERS),
    ("decide_extension", "major_rectifying_asked", "head head_above"),
    ("record_dual_report", f"{MAJOR_UNDER_WAY} major_reviewing major_reviewing_reported", OFFICERS),
    ("rectify", UNDER_WAY, "rectifier"),
    ("close", "reviewing", OFFICERS),
    ("close", "major_reviewing_reported", f"head {SUPERIORS}"),  # the head or a superior, both reports recorded
    ("send_back", "reviewing", OFFICERS),
    ("send_back", "major_reviewing major_reviewing_reported", f"head {SUPERIORS}"),
    ("void", f"{UNDER_WAY} {UNDER_REVIEW}", f"{OFFICERS} head_above"),
    ("object", "closed", "reporter"),
    ("reopen", "closed closed_objected", f"{OFFICERS} head_above"),
    ("dismiss_objection", "closed_objected", SUPERIORS),
)
ALLOWED = {
    (situation, action, who)
    for action, situations, people in OPEN
    for situation in situations.split()
    for who in people.split()
}
ABSENT = {who for who in WHOLE_CAST if who.startswith(("child_", "sibling_", "foreign_")) or who.endswith("admin")}
"""For them the hazard does not exist: a role reaches down the tree, never up or sideways."""
BYSTANDERS = {"colleague", "worker_above", *FITTERS.split()}
"""They see the public part, and a withdrawn hazard not at all."""
MOVES = [action for action in Action if action != "submit"]


@dataclass
class Gallery:
    house: House
    numbers: dict[str, str]
    _actors: dict[str, Actor] = field(default_factory=dict)

    def version(self, situation: str) -> int:
        return self.house.version(self.numbers[situation])

    def actor(self, who: str) -> Actor:
        """Somebody of the whole cast; nobody's roles change here."""
        if who not in self._actors:
            self._actors[who] = self.house.actor(WHOLE_CAST[who])
        return self._actors[who]


@pytest.fixture(scope="module")
def gallery(furnished, decoder, tmp_path_factory) -> Iterator[Gallery]:
    """One hazard in each situation; nothing in this module moves them."""
    house = populate_wholly(
        _house_in(shutil.copytree(furnished, tmp_path_factory.mktemp("gallery") / "data"), decoder)
    )
    yield Gallery(house, {situation: bring(house, situation) for situation in SITUATIONS})
    house.means.db.engine.dispose()


def knock(gallery: Gallery, situation: str, action: str, who: str, *, version: int | None = None) -> str:
    """What the service says to a move that is told so badly that it can never be made.

    The order of refusals is absent, version, not open, fields: so "invalid" means that the move is open.
    """
    house, number = gallery.house, gallery.numbers[situation]
    wrong = Told(cost=1) if action != "rectify" else Told(measures="x")
    try:
        move_hazard(
            number,
            Action(action),
            wrong,
            version=gallery.version(situation) if version is None else version,
            by=gallery.actor(who),
            at=house.clock(),
            store=house.means.store,
            db=house.means.db,
        )
    except Invalid:
        return "open"
    except NotFound:
        return "absent"
    except NotOpen as refusal:
        return "closed" if refusal.why in WHYS else f"closed without a sentence: {refusal.why}"
    except VersionConflict:
        return "conflict"
    raise AssertionError("a move was made that nobody should be able to make")


def is_absent(situation: str, who: str) -> bool:
    if situation == "transferred" and who in {"reporter", "rectifier", "sibling_worker"}:
        # Reported by somebody of the unit it has left: to the cast's reporter it is a colleague's.
        return False
    hidden = {*BYSTANDERS, "rectifier"} if situation == "withdrawn" else set()
    return who in ABSENT | hidden


def expected(situation: str, action: str, who: str) -> str:
    if is_absent(situation, who):
        return "absent"
    return "open" if (situation, action, who) in ALLOWED else "closed"


def test_each_role_stands_in_the_own_unit_below_above_beside_and_elsewhere(gallery):
    with gallery.house.means.db.read() as session:
        own = unit_by_code(session, MINE)
        assert own is not None
        told = set()
        for who in WHOLE_CAST:
            for grant in gallery.actor(who).grants:
                unit = unit_by_id(session, grant.unit_id)
                told.add((grant.role, place_beside(unit.lineage, own.lineage)))
    assert told == {(role, place) for role in Role for place in ("own", "child", "parent", "sibling", "foreign")}


def place_beside(lineage: tuple[int, ...], own: tuple[int, ...]) -> str:
    """Where a unit lies, seen from the hazard's own."""
    if lineage == own:
        return "own"
    if lineage == own[: len(lineage)]:
        return "parent"
    if lineage[: len(own)] == own:
        return "child"
    return "sibling" if lineage[:-1] == own[:-1] else "foreign"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_move_is_open_exactly_to_whom_the_domain_names(gallery, situation):
    cells = [(action, who) for who in WHOLE_CAST for action in MOVES]
    version = gallery.version(situation)
    told = {cell: knock(gallery, situation, *cell, version=version) for cell in cells}
    wanted = {cell: expected(situation, *cell) for cell in cells}
    assert {c: (told[c], wanted[c]) for c in cells if told[c] != wanted[c]} == {}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_whoever_may_not_see_the_hazard_learns_nothing_from_a_wrong_version(gallery, situation):
    for who in WHOLE_CAST:
        wanted = "absent" if is_absent(situation, who) else "conflict"
        assert knock(gallery, situation, "remind", who, version=99) == wanted, who


@pytest.mark.parametrize("situation", SITUATIONS)
def test_open_actions_of_the_api_are_the_moves_that_are_open(gallery, situation):
    for who, login in WHOLE_CAST.items():
        answer = gallery.house.api(login, "GET", f"/hazards/{gallery.numbers[situation]}")
        assert answer.status_code == (404 if is_absent(situation, who) else 200), who
        if answer.status_code == 200:
            told = answer.json["open_actions"]
            assert sorted(told) == sorted(a for s, a, w in ALLOWED if (s, w) == (situation, who)), who


def test_the_table_of_this_test_names_every_move_but_submit():
    assert {action for action, _, _ in OPEN} == set(MOVES)
    assert set(TABLE) == set(Action)


def test_submit_is_no_action_of_a_hazard_that_exists(gallery):
    house, number = gallery.house, gallery.numbers["submitted"]
    assert house.act("wangmin", number, "submit").status_code == 404
    with pytest.raises(NotFound):
        move_hazard(
            number,
            Action.SUBMIT,
            Told(),
            version=1,
            by=house.actor("wangmin"),
            at=house.clock(),
            store=house.means.store,
            db=house.means.db,
        )


# --- every move, made once by the right person ----------------------------------------------------------

MADE = (
    # move, from, by, to, event
    ("ask", "submitted", "officer", "need_info", "QuestionAsked"),
    ("answer", "need_info", "reporter", "submitted", "QuestionAnswered"),
    ("withdraw", "submitted", "reporter", "withdrawn", "HazardWithdrawn"),
    ("withdraw", "need_info", "reporter", "withdrawn", "HazardWithdrawn"),
    ("reject", "submitted", "officer", "rejected", "HazardRejected"),
    ("reject", "need_info", "officer", "rejected", "HazardRejected"),
    ("appeal", "rejected", "reporter", "rejected", "RejectionAppealed"),
    ("decide_appeal", "rejected_appealed", "reviewer", "rejected", "AppealDecided"),
    ("decide_appeal", "rejected_appealed", "officer_above", "rejected", "AppealDecided"),
    ("recategorize", "submitted", "officer", "submitted", "HazardRecategorized"),
    ("recategorize", "transferred", "officer", "submitted", "HazardRecategorized"),
    ("transfer", "submitted", "officer", "submitted", "HazardTransferred"),
    ("return_transfer", "transferred", "officer", "submitted", "TransferReturned"),
    ("merge", "submitted", "officer", "duplicate", "HazardMerged"),
    ("merge", "need_info", "officer", "duplicate", "HazardMerged"),
    ("merge", "rectifying", "officer", "duplicate", "HazardMerged"),
    ("unmerge", "duplicate", "officer", "submitted", "HazardUnmerged"),
    ("accept", "submitted", "officer", "rectifying", "HazardAccepted"),
    ("fix_on_the_spot", "submitted", "officer", "reviewing", "HazardAccepted"),
    ("fix_on_the_spot", "submitted", "other_rectifier", "reviewing", "HazardAccepted"),
    ("acknowledge", "rectifying", "rectifier", "rectifying", "RectificationAcknowledged"),
    ("reassign", "rectifying", "officer", "rectifying", "RectifierChanged"),
    ("remind", "rectifying", "officer", "rectifying", "RectifierReminded"),
    ("remind", "rectifying", "head_above", "rectifying", "RectifierReminded"),
    ("request_extension", "rectifying", "rectifier", "rectifying", "ExtensionRequested"),
    ("decide_extension", "rectifying_asked", "officer", "rectifying", "ExtensionDecided"),
    ("decide_extension", "major_rectifying_asked", "head", "rectifying", "ExtensionDecided"),
    ("record_dual_report", "major_rectifying", "officer", "rectifying", "DualReportRecorded"),
    ("record_dual_report", "major_reviewing", "officer", "reviewing", "DualReportRecorded"),
    ("rectify", "rectifying", "rectifier", "reviewing", "HazardRectified"),
    ("close", "reviewing", "officer", "closed", "HazardClosed"),
    ("close", "major_reviewing_reported", "head", "closed", "HazardClosed"),
    ("send_back", "reviewing", "officer", "rectifying", "HazardSentBack"),
    ("void", "rectifying", "officer", "rejected", "HazardVoided"),
    ("void", "reviewing", "officer", "rejected", "HazardVoided"),
    ("object", "closed", "reporter", "closed", "ClosureObjected"),
    ("reopen", "closed", "officer", "rectifying", "HazardReopened"),
    ("dismiss_objection", "closed_objected", "head_above", "closed", "ObjectionDismissed"),
)


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


@pytest.mark.parametrize(("action", "situation", "who", "target", "event"), MADE)
def test_a_move_changes_state_and_version_and_leaves_one_step_and_one_event(
    world, action, situation, who, target, event
):
    number = bring(world, situation)
    before, steps, told = row_of(world, number), history(world, number), events(world, number)
    extra = {"master": world.report("lixia")} if action == "merge" else {}
    answer = attempt(world, CAST[who], number, action, **extra)
    assert answer.status_code == 200, answer.json
    after = row_of(world, number)
    assert (after.state, after.version) == (target, before.version + 1)
    assert (answer.json["state"], answer.json["version"]) == (after.state, after.version)
    new = history(world, number)[len(steps) :]
    assert [(s.action, s.version, s.from_state, s.to_state) for s in new] == [
        (action, after.version, before.state, target)
    ]
    assert new[0].actor_id == world.actor(CAST[who]).account_id
    assert new[0].at == after.changed_at > before.changed_at
    recorded = events(world, number)[len(told) :]
    photos = [("PhotosAdded", after.version)] if action in REPAIRS else []
    assert sorted(recorded) == sorted([(event, after.version), *photos])


def test_every_move_of_the_table_was_made_above():
    assert {action for action, *_ in MADE} == set(MOVES)


NEEDED = {
    # move → each needed field, and the field that the refusal names
    "ask": {"text": "text"},
    "answer": {"text": "text"},
    "reject": {"reason": "reason", "text": "text"},
    "appeal": {"text": "text"},
    "decide_appeal": {"decision": "decision", "text": "text"},
    "recategorize": {"category": "category"},
    "transfer": {"unit": "unit", "text": "text"},
    "return_transfer": {"text": "text"},
    "merge": {"master": "master"},
    "unmerge": {"text": "text"},
    "accept": {name: name for name in ("level", "category", "factor", "measures", "deadline", "rectifier")},
    "fix_on_the_spot": {name: name for name in ("category", "factor", "done", "rectifier", "photos")},
    "reassign": {"rectifier": "rectifier", "text": "text"},
    "request_extension": {"deadline": "deadline", "text": "text"},
    "decide_extension": {"decision": "decision"},
    "record_dual_report": {"to": "to", "on": "on"},
    "rectify": {"done": "done", "finished_at": "finished_at", "photos": "photos"},
    "close": {"conclusion": "conclusion"},
    "send_back": {"text": "text", "deadline": "deadline"},
    "void": {"text": "text"},
    "object": {"text": "text"},
    "reopen": {"text": "text", "deadline": "deadline"},
    "dismiss_objection": {"text": "text"},
}
FIRST_MADE = {action: (situation, who) for action, situation, who, *_ in reversed(MADE)}


@pytest.mark.parametrize("action", NEEDED)
def test_a_move_without_a_needed_field_is_refused_naming_the_field_and_changes_nothing(world, action):
    situation, who = FIRST_MADE[action]
    number = bring(world, situation)
    before = row_of(world, number).version
    full = fields_of(world, action) | ({"master": world.report("lixia")} if action == "merge" else {})
    for missing, named in NEEDED[action].items():
        told = {name: None for name in full if name == missing}
        photos = {"photos": ()} if missing == "photos" else {}
        master = {"master": full["master"]} if action == "merge" and missing != "master" else {}
        answer = attempt(world, CAST[who], number, action, **{**master, **told, **photos})
        assert answer.status_code == 422, (missing, answer.json)
        assert list(answer.json["errors"]) == [named]
    assert row_of(world, number).version == before


@pytest.mark.parametrize("name", ["funds", "emergency_plan", "interim_control", "measures", "deadline"])
def test_a_major_hazard_needs_each_of_its_five_items(world, name):
    number = bring(world, "submitted")
    answer = attempt(world, "wangmin", number, "accept", major=True, **{name: None})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [name]


@pytest.mark.parametrize("action", ["ask", "withdraw", "reject", "accept", "transfer"])
def test_a_move_that_takes_no_photos_refuses_them(world, action):
    number = bring(world, "submitted")
    who = CAST["reporter"] if action == "withdraw" else CAST["officer"]
    answer = attempt(world, who, number, action, photos=(REPAIRED,))
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["photos"]


def test_a_field_of_another_move_is_refused(world):
    answer = attempt(world, "wangmin", bring(world, "submitted"), "ask", conclusion="合格")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["conclusion"]


def test_account_and_bare_name_of_a_rectifier_exclude_each_other(world):
    number = bring(world, "submitted")
    both = attempt(world, "wangmin", number, "accept", rectifier_name="外包老李")
    assert both.json["errors"]["rectifier_name"][0]["code"] == "one_rectifier_only"
    step(world, "wangmin", number, "accept", rectifier=None, rectifier_name="外包老李")
    assert world.read("wangmin", number)["rectifier"] == "外包老李"


@pytest.mark.parametrize("login", ["guotao", "nobody-of-this-name", "hbjx-admin"])
def test_only_somebody_of_the_enterprise_who_can_repair_may_be_named_rectifier(world, login):
    answer = attempt(world, "wangmin", bring(world, "submitted"), "accept", rectifier=login)
    assert answer.status_code == 422
    assert answer.json["errors"]["rectifier"][0]["code"] == "unknown_rectifier"


# --- the guards, each closing its move ------------------------------------------------------------------


def refused(world: House, login: str, number: str, action: str, **told: object) -> str:
    answer = attempt(world, login, number, action, **told)
    assert answer.status_code == 403, answer.json
    assert answer.json["code"] == "not_open"
    return str(answer.json["why"])


def test_nobody_is_asked_who_cannot_answer(world):
    number = world.report(None, place_code="HBJX-DM")
    assert refused(world, "chenjun", number, "ask") == "reporter_reachable"


def test_an_appeal_can_be_made_once(world):
    number = bring(world, "rejected_appealed")
    assert refused(world, "lixia", number, "appeal") == "appeal_not_used"
    step(world, "tianye", number, "decide_appeal", decision="uphold")
    assert refused(world, "lixia", number, "appeal") == "appeal_not_used"
    assert refused(world, "tianye", number, "decide_appeal") == "appeal_pending"


def test_five_working_days_to_appeal_step_over_the_national_day_holidays(world):
    world.clock.at = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)
    number = world.report("lixia")
    step(world, "wangmin", number, "reject")
    # 30 September, 8, 9 and the swapped Saturday 10, Monday 12 October: five working days, in Shanghai.
    world.clock.at = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
    assert refused(world, "lixia", number, "appeal") == "appeal_in_time"
    world.clock.at = datetime(2026, 10, 12, 15, 59, tzinfo=UTC)
    assert attempt(world, "lixia", number, "appeal").status_code == 200


def test_whoever_rejected_does_not_decide_the_appeal(world):
    number = bring(world, "submitted")
    step(world, "chenjun", number, "reject")
    step(world, "lixia", number, "appeal")
    assert refused(world, "chenjun", number, "decide_appeal") == "own_rejection"
    assert refused(world, "wangmin", number, "decide_appeal") == "who"
    step(world, "liujianguo", number, "decide_appeal")


def test_an_appeal_that_is_overturned_goes_to_the_unit_above(world):
    number = bring(world, "rejected_appealed")
    seen = step(world, "tianye", number, "decide_appeal", decision="overturn")
    assert (seen["state"], seen["unit"]["code"]) == ("submitted", "HBJX")
    assert seen["routing"]["officer"] == world.actor("chenjun").name
    assert world.api("wangmin", "GET", f"/hazards/{number}").status_code == 404
    assert row_of(world, number).first_act_at is None


def test_an_overturned_appeal_stays_where_somebody_can_take_it_up(world):
    # Above the enterprise stands a federation without officers: handed there, nobody could ever accept it.
    number = world.report("lixia", place_code="HBJX-DM")
    step(world, "chenjun", number, "reject")
    step(world, "lixia", number, "appeal")
    seen = step(world, "tianye", number, "decide_appeal", decision="overturn")
    assert (seen["state"], seen["unit"]["code"]) == ("submitted", "HBJX")
    assert seen["routing"]["officer"] == world.actor("chenjun").name
    step(world, "chenjun", number, "accept")


def test_a_decision_is_one_of_two(world):
    number = bring(world, "rejected_appealed")
    assert attempt(world, "tianye", number, "decide_appeal", decision="yes").status_code == 422
    assert attempt(world, "tianye", number, "decide_appeal", decision="").status_code == 422
    number = bring(world, "rectifying_asked")
    assert attempt(world, "wangmin", number, "decide_extension", decision="uphold").status_code == 422


def test_a_transfer_can_be_returned_once_and_then_only_the_common_parent_assigns(world):
    number = bring(world, "submitted")
    step(world, "wangmin", number, "transfer", unit="HBJX-D")
    assert world.api("wangmin", "GET", f"/hazards/{number}").status_code == 404
    step(world, "qianlin", number, "return_transfer")
    assert row_of(world, number).first_act_at is None
    assert refused(world, "wangmin", number, "transfer") == "transfer_left"
    assert refused(world, "wangmin", number, "return_transfer") == "transfer_to_return"
    seen = step(world, "chenjun", number, "transfer", unit="HBJX-D")
    assert seen["unit"]["code"] == "HBJX-D"
    assert row_of(world, number).number == number


def test_a_transfer_is_no_longer_returned_after_the_receivers_first_act(world):
    number = bring(world, "transferred")
    step(world, "wangmin", number, "ask")
    step(world, "zhaoqiang", number, "answer")
    assert refused(world, "wangmin", number, "return_transfer") == "transfer_to_return"


def test_an_officer_above_only_one_of_the_two_units_is_not_their_common_parent(world):
    number = world.report("zhaoqiang", place_code="HBJX-PD")
    step(world, "qianlin", number, "transfer", unit="HBJX-3-A")
    # wangmin stands above the team, but not above the workshop that it came from
    answer = attempt(world, "wangmin", number, "transfer", unit="HBJX-D")
    assert answer.status_code == 422
    assert answer.json["errors"]["unit"][0]["code"] == "unknown_unit"
    step(world, "chenjun", number, "transfer", unit="HBJX-D")


@pytest.mark.parametrize(
    ("unit", "code"), [("RMYY-W", "unknown_unit"), ("NOWHERE", "unknown_unit"), ("HBJX-3", "same_unit")]
)
def test_a_hazard_is_transferred_only_to_another_unit_of_the_enterprise(world, unit, code):
    answer = attempt(world, "wangmin", bring(world, "submitted"), "transfer", unit=unit)
    assert answer.status_code == 422
    assert answer.json["errors"]["unit"][0]["code"] == code


def test_a_merge_can_be_undone_for_thirty_days(world):
    number = bring(world, "duplicate")
    merged = row_of(world, number).merged_at
    world.clock.at = merged + timedelta(days=30, seconds=1)
    assert refused(world, "wangmin", number, "unmerge") == "unmerge_in_time"
    world.clock.at = merged + timedelta(days=30)
    assert attempt(world, "wangmin", number, "unmerge").status_code == 200
    row = row_of(world, number)
    assert (row.state, row.master_id, row.merged_at) == ("submitted", None, None)


def test_a_master_is_another_living_hazard_of_the_same_unit(world):
    number = bring(world, "submitted")

    def fault(master: str) -> str:
        answer = attempt(world, "wangmin", number, "merge", master=master)
        assert answer.status_code == 422, master
        return str(answer.json["errors"]["master"][0]["code"])

    elsewhere = world.report("zhaoqiang", place_code="HBJX-PD")
    foreign = world.report("sunli", place_code="RMYY-7N")
    assert fault(elsewhere) == fault(foreign) == fault("HZ-2026-999999") == "unknown_master"
    assert fault(number) == "same_hazard"
    for ended in ("duplicate", "withdrawn", "rejected"):
        assert fault(bring(world, ended)) == "master_is_ended"


def test_reporters_and_duplicates_follow_the_master_and_a_merge_of_the_master_points_them_on(world):
    first, second, third = (
        world.report(login, place_code="HBJX-DM") for login in ("lixia", "zhaoqiang", "gaoyang")
    )
    step(world, "chenjun", first, "merge", master=second)
    assert first != second
    assert world.read("lixia", second)["number"] == second  # not in her unit's subtree, but hers to follow
    step(world, "chenjun", second, "merge", master=third)
    assert row_of(world, first).master_id == row_of(world, second).master_id == row_of(world, third).id
    assert world.read("lixia", third)["number"] == world.read("zhaoqiang", third)["number"] == third
    assert "description" not in world.read("lixia", third)
    listed = world.api("lixia", "GET", "/hazards?mine=true").json["items"]
    assert {third, first} <= {line["number"] for line in listed}
    step(world, "chenjun", first, "unmerge")
    assert world.api("lixia", "GET", f"/hazards/{third}").status_code == 404
    assert world.api("zhaoqiang", "GET", f"/hazards/{third}").status_code == 200


def test_a_rectifier_signs_once(world):
    number = bring(world, "rectifying")
    step(world, "zhanglei", number, "acknowledge")
    assert refused(world, "zhanglei", number, "acknowledge") == "not_acknowledged"
    step(world, "wangmin", number, "reassign", rectifier="luping")
    assert world.api("zhanglei", "GET", f"/hazards/{number}").json.get("timeline") is None
    step(world, "luping", number, "acknowledge")


def test_one_extension_waits_at_a_time_and_the_first_deadline_stays(world):
    number = bring(world, "rectifying")
    assert refused(world, "wangmin", number, "decide_extension") == "extension_pending"
    first = world.read("wangmin", number)["first_deadline"]
    step(world, "zhanglei", number, "request_extension")
    assert refused(world, "zhanglei", number, "request_extension") == "no_extension_pending"
    seen = step(world, "wangmin", number, "decide_extension", decision="no")
    assert seen["deadline"] == first
    step(world, "zhanglei", number, "request_extension")
    seen = step(world, "wangmin", number, "decide_extension", decision="yes")
    assert seen["first_deadline"] == first
    assert seen["deadline"] > first
    assert seen["extension_deadline"] is None


def test_nobody_decides_an_extension_that_is_to_the_own_profit(world):
    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", rectifier=None, rectifier_name="外包老李")
    step(world, "wangmin", number, "request_extension")
    assert refused(world, "wangmin", number, "decide_extension") == "own_request"
    step(world, "chenjun", number, "decide_extension")
    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", rectifier="chenjun")
    step(world, "chenjun", number, "request_extension")
    assert refused(world, "chenjun", number, "decide_extension") == "own_request"


def test_an_extension_is_later_than_the_deadline_and_not_too_far(world):
    number = bring(world, "rectifying")
    row = row_of(world, number)

    def fault(deadline: datetime) -> str:
        answer = attempt(world, "zhanglei", number, "request_extension", deadline=deadline.isoformat())
        assert answer.status_code == 422
        return str(answer.json["errors"]["deadline"][0]["code"])

    assert fault(row.deadline) == "deadline_not_later"
    assert fault(world.clock() + timedelta(days=31, minutes=1)) == "deadline_too_far"


def test_only_a_major_hazard_takes_dual_reports_and_it_needs_both_to_be_closed(world):
    assert refused(world, "wangmin", bring(world, "rectifying"), "record_dual_report") == "is_major"
    number = bring(world, "major_reviewing")
    assert refused(world, "songtao", number, "close") == "dual_reported"
    step(world, "wangmin", number, "record_dual_report", to="regulator")
    step(world, "wangmin", number, "record_dual_report", to="regulator")
    assert refused(world, "songtao", number, "close") == "dual_reported"
    step(world, "wangmin", number, "record_dual_report", to="congress")
    assert refused(world, "wangmin", number, "close") == "major_needs_head"
    seen = step(world, "songtao", number, "close")
    assert (seen["state"], seen["dual_reports"]) == ("closed", ["congress", "regulator"])


def test_a_dual_report_is_not_dated_in_the_future(world):
    number = bring(world, "major_rectifying")
    world.clock.at = world.clock.at.replace(hour=17)  # it is the next day in Shanghai
    today = date.fromisoformat(world.clock().date().isoformat()) + timedelta(days=1)
    tomorrow = attempt(world, "wangmin", number, "record_dual_report", on=(today + timedelta(days=1)).isoformat())
    assert tomorrow.json["errors"]["on"][0]["code"] == "day_in_future"
    step(world, "wangmin", number, "record_dual_report", on=today.isoformat())


def test_a_major_extension_is_the_heads_to_decide(world):
    number = bring(world, "major_rectifying_asked")
    assert refused(world, "wangmin", number, "decide_extension") == "major_needs_head"
    assert refused(world, "chenjun", number, "decide_extension") == "major_needs_head"
    step(world, "liujianguo", number, "decide_extension")


def test_taking_back_an_acceptance_needs_the_superior_once_points_were_paid(world):
    number = bring(world, "rectifying")
    world.work()
    assert row_of(world, number).points_paid_at is not None
    assert world.api("lixia", "GET", "/points").json["balance"] == 5
    assert refused(world, "wangmin", number, "void") == "consent_after_points"
    step(world, "liujianguo", number, "void")
    world.work()
    assert world.api("lixia", "GET", "/points").json["balance"] == 0
    assert row_of(world, number).points_paid_at is None


def test_a_voided_hazard_may_be_appealed_and_accepted_again(world):
    number = bring(world, "reviewing")
    step(world, "wangmin", number, "void")
    step(world, "lixia", number, "appeal")
    step(world, "tianye", number, "decide_appeal", decision="overturn")
    step(world, "chenjun", number, "accept")
    step(world, "zhanglei", number, "rectify")
    seen = step(world, "chenjun", number, "close")
    assert seen["state"] == "closed"
    assert seen["accepted_at"] <= seen["finished_at"] <= seen["closed_at"]


def test_one_objection_waits_at_a_time_and_may_follow_a_dismissed_one(world):
    number = bring(world, "closed")
    assert refused(world, "liujianguo", number, "dismiss_objection") == "objection_pending"
    step(world, "lixia", number, "object", photos=(REPAIRED,))
    assert refused(world, "lixia", number, "object") == "no_objection_pending"
    step(world, "chenjun", number, "dismiss_objection")
    step(world, "lixia", number, "object")


@pytest.mark.parametrize(("action", "who"), [("object", "reporter"), ("reopen", "officer")])
def test_a_closure_can_be_doubted_for_thirty_days(world, action, who):
    number = bring(world, "closed")
    closed = row_of(world, number).closed_at
    world.clock.at = closed + timedelta(days=30, seconds=1)
    assert refused(world, CAST[who], number, action) == "after_closure_in_time"
    world.clock.at = closed + timedelta(days=30)
    assert attempt(world, CAST[who], number, action).status_code == 200


def test_reopening_keeps_the_rectifier_unless_another_is_named_and_settles_the_objection(world):
    number = bring(world, "closed_objected")
    seen = step(world, "wangmin", number, "reopen")
    row = row_of(world, number)
    assert seen["rectifier"] == world.actor("zhanglei").name
    assert (row.closed_at, row.closed_by_id) == (None, None)
    assert row.objection_decided_at is not None
    step(world, "zhanglei", number, "rectify")
    step(world, "wangmin", number, "close")
    seen = step(world, "wangmin", number, "reopen", rectifier="luping")
    assert seen["rectifier"] == world.actor("luping").name
    assert "rectify" in world.read("luping", number)["open_actions"]


# --- a verifier is somebody else ------------------------------------------------------------------------


def test_whoever_reported_repaired_or_handed_in_does_not_verify(world):
    number = world.report("wangmin")
    step(world, "wangmin", number, "accept")
    step(world, "zhanglei", number, "rectify")
    assert refused(world, "wangmin", number, "close") == "own_report"
    step(world, "chenjun", number, "close")

    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", rectifier="wangmin")
    step(world, "wangmin", number, "rectify")
    assert refused(world, "wangmin", number, "close") == "own_repair"
    assert refused(world, "wangmin", number, "send_back") == "own_repair"
    step(world, "chenjun", number, "close")  # the unit has no other officer: the nearest above

    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", rectifier=None, rectifier_name="外包老李")
    step(world, "wangmin", number, "rectify")
    assert refused(world, "wangmin", number, "close") == "own_repair"
    step(world, "chenjun", number, "close")


def test_whoever_handed_a_repair_in_does_not_verify_it_even_when_another_was_named(world):
    number = bring(world, "submitted")
    step(world, "wangmin", number, "fix_on_the_spot", rectifier=None, rectifier_name="班组自己修")
    assert refused(world, "wangmin", number, "close") == "own_repair"
    step(world, "chenjun", number, "close")


def test_an_officer_hands_in_only_for_a_rectifier_without_an_account(world):
    number = bring(world, "rectifying")
    assert refused(world, "wangmin", number, "rectify") == "who"
    assert refused(world, "wangmin", number, "request_extension") == "who"


def test_the_officer_who_accepted_may_verify(world):
    number = bring(world, "reviewing")
    assert step(world, "wangmin", number, "close")["state"] == "closed"


# --- time -----------------------------------------------------------------------------------------------


def test_the_end_of_a_repair_lies_between_acceptance_and_now(world):
    number = bring(world, "rectifying")
    accepted = row_of(world, number).accepted_at
    world.clock.forward(hours=5)

    def fault(finished: datetime) -> str:
        answer = attempt(world, "zhanglei", number, "rectify", finished_at=finished.isoformat())
        assert answer.status_code == 422
        return str(answer.json["errors"]["finished_at"][0]["code"])

    assert fault(accepted - timedelta(minutes=3)) == "finished_before_accepted"
    assert fault(world.clock() + timedelta(minutes=3)) == "finished_in_future"
    seen = attempt(world, "zhanglei", number, "rectify", finished_at=(accepted + timedelta(hours=1)).isoformat())
    assert seen.json["finished_at"] == (accepted + timedelta(hours=1)).isoformat().replace("+00:00", "Z")


def test_a_typed_minute_is_nudged_into_the_order_of_time(world):
    number = bring(world, "rectifying")
    accepted = row_of(world, number).accepted_at
    typed = (accepted - timedelta(minutes=1)).isoformat()
    seen = attempt(world, "zhanglei", number, "rectify", finished_at=typed)
    assert seen.json["finished_at"] == seen.json["accepted_at"]


def test_a_clock_that_was_set_back_does_not_turn_a_hazards_time_around(world):
    number = bring(world, "submitted")
    world.clock.forward(days=-3)
    assert attempt(world, "wangmin", number, "accept").status_code == 200
    world.clock.forward(days=-1)
    seen = attempt(world, "zhanglei", number, "rectify")
    # Its true time lies before an acceptance that a wrong clock put ahead: that must not shut the door for days.
    assert (seen.status_code, seen.json["finished_at"]) == (200, seen.json["accepted_at"])
    moments = [s.at for s in history(world, number)]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)


@pytest.mark.parametrize(
    ("level", "days", "code"),
    [
        ("general", -1, "deadline_passed"),
        ("general", 31.1, "deadline_too_far"),
        ("major", 61.1, "deadline_too_far"),
        ("general", 0, None),
        ("general", 30, None),
        ("major", 60, None),
    ],
)
def test_a_deadline_lies_ahead_and_within_what_its_level_allows(world, level, days, code):
    number = bring(world, "submitted")
    deadline = (world.clock() + timedelta(days=days)).isoformat()
    answer = attempt(world, "wangmin", number, "accept", major=level == "major", deadline=deadline)
    told = answer.json.get("errors", {}).get("deadline", [{"code": None}])
    assert told[0]["code"] == code
    assert answer.status_code == (200 if code is None else 422)


def test_sending_back_and_reopening_keep_the_first_deadline(world):
    number = bring(world, "reviewing")
    first = world.read("wangmin", number)["first_deadline"]
    late = (world.clock() + timedelta(days=12)).isoformat()
    seen = step(world, "wangmin", number, "send_back", deadline=late)
    assert (seen["first_deadline"], seen["times_returned"]) == (first, 1)
    assert seen["deadline"] != first
    assert attempt(world, "wangmin", number, "remind").status_code == 200
    past = (world.clock() - timedelta(days=1)).isoformat()
    step(world, "zhanglei", number, "rectify")
    assert attempt(world, "wangmin", number, "send_back", deadline=past).status_code == 422


def test_only_the_first_reinspection_counts_for_quality(world):
    number = bring(world, "reviewing")
    step(world, "wangmin", number, "send_back")
    first = row_of(world, number)
    assert first.first_review_passed is False
    step(world, "zhanglei", number, "rectify")
    step(world, "wangmin", number, "close")
    after = row_of(world, number)
    assert (after.first_reviewed_at, after.first_review_passed) == (first.first_reviewed_at, False)


def test_fixing_on_the_spot_is_acceptance_and_repair_in_one(world):
    number = bring(world, "submitted")
    seen = step(world, "luping", number, "fix_on_the_spot", rectifier="luping")
    assert seen["state"] == "reviewing"
    row = row_of(world, number)
    assert row.accepted_at == row.finished_at == row.deadline == row.first_deadline == row.rectified_at
    assert (row.level, row.fixed_on_the_spot) == ("general", True)
    ticket = world.read("wangmin", number)
    assert [p["stage"] for p in ticket["photos"]] == ["before", "after"]
    step(world, "wangmin", number, "close")
    assert (
        attempt(world, "wangmin", bring(world, "submitted"), "fix_on_the_spot", level="major").status_code == 422
    )


def test_a_major_hazard_goes_its_whole_way(world):
    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", major=True)
    step(world, "zhanglei", number, "acknowledge")
    step(world, "wangmin", number, "record_dual_report", to="regulator", document="应急〔2026〕7号")
    step(world, "zhanglei", number, "rectify", cost="1234.50")
    step(world, "wangmin", number, "record_dual_report", to="congress")
    step(world, "songtao", number, "send_back")
    step(world, "zhanglei", number, "rectify")
    seen = step(world, "songtao", number, "close")
    assert [s["action"] for s in seen["timeline"]] == [
        "submit", "accept", "acknowledge", "record_dual_report", "rectify", "record_dual_report",
        "send_back", "rectify", "close",
    ]  # fmt: skip
    assert (seen["funds"], seen["emergency_plan"], seen["interim_control"]) == ("两万元", "断电撤人", "围挡")
