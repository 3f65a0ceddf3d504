"""Lives that do not go straight: each closes as domain.md §5 says, by the pages its people use."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import GrantRow
from app.hazards import submission
from app.hazards.lifecycle import TABLE, State
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.integration.hazard_world import bring, populate, step
from tests.integration.test_submission import report_of, submit
from tests.photos import photo

AFTER = photo(size=(64, 48), seed=9)


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def acts(
    house: House, login: str, number: str, action: str, *, photos: tuple[bytes, ...] = (), **fields: Any
) -> None:
    """The move by its page, a minute later; what the form asks is filled in sensibly unless told otherwise."""
    house.clock.forward(minutes=1)
    usual: dict[str, dict[str, Any]] = {
        "accept": {
            "level": "general", "category": "ELEC", "factor": "thing", "measures": "更换", "deadline_days": "7",
        },
        "fix_on_the_spot": {"category": "ELEC", "factor": "thing", "done": "当场换好"},
        "rectify": {"done": "换好了", "finished_at": f"{house.clock() + timedelta(hours=8):%Y-%m-%dT%H:%M}"},
        "close": {"conclusion": "现场看过，合格"},
        "reject": {"reason": "untrue", "text": "现场没有看到"},
    }  # fmt: skip
    told = {**usual.get(action, {}), **fields}
    sent = Visitor(house, login).fill(f"/tickets/{number}/{action}", photos=photos, **told)
    assert sent.status_code == 303, (action, sent.status_code, sent.text[sent.text.find("<main") :][:1500])


def is_refused(house: House, login: str, number: str, action: str) -> bool:
    return Visitor(house, login).get(f"/tickets/{number}/{action}").status_code == 403


def balance(house: House, login: str) -> int:
    house.work()
    return int(house.api(login, "GET", "/points").json["balance"])


def test_where_the_only_officer_repairs_the_nearest_above_verifies(world: House) -> None:
    number = world.report("lixia")
    acts(world, "wangmin", number, "fix_on_the_spot", photos=(AFTER,), rectifier="wangmin")
    assert is_refused(world, "wangmin", number, "close")
    acts(world, "chenjun", number, "close")
    assert world.state(number) == State.CLOSED


def test_where_nobody_above_is_an_officer_either_the_head_verifies(world: House) -> None:
    with world.means.db.write() as session:
        gone = world.actor("chenjun").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == gone).values(ended_at=world.clock()))
    number = world.report("lixia")
    acts(world, "wangmin", number, "accept", rectifier="wangmin")
    acts(world, "wangmin", number, "rectify", photos=(AFTER,))
    assert is_refused(world, "wangmin", number, "close")
    acts(world, "songtao", number, "close")
    assert world.state(number) == State.CLOSED


def test_a_rectifier_without_an_account_is_stood_in_for_and_that_officer_does_not_verify(world: House) -> None:
    number = world.report("lixia")
    acts(world, "wangmin", number, "accept", rectifier_name="外协电工老李")
    acts(world, "wangmin", number, "request_extension", deadline="2026-11-20T18:00", text="等配件")
    assert is_refused(world, "wangmin", number, "decide_extension")
    acts(world, "chenjun", number, "decide_extension", decision="yes")
    acts(world, "wangmin", number, "rectify", photos=(AFTER,))
    assert is_refused(world, "wangmin", number, "close")
    acts(world, "chenjun", number, "close")
    ticket = world.read("wangmin", number)
    assert (ticket["state"], ticket["rectifier"]) == ("closed", "外协电工老李")
    assert ticket["first_deadline"] < ticket["deadline"]


def test_an_appeal_that_succeeds_gives_the_hazard_to_the_unit_above_which_brings_it_to_its_end(
    world: House,
) -> None:
    number = world.report("lixia")
    acts(world, "wangmin", number, "ask", text="哪一个柜子？")
    acts(world, "lixia", number, "answer", text="靠门那个")
    acts(world, "wangmin", number, "reject")
    acts(world, "lixia", number, "appeal", text="线头还露着")
    assert is_refused(world, "wangmin", number, "decide_appeal")
    acts(world, "tianye", number, "decide_appeal", decision="overturn", text="照片清楚，应当受理")
    assert world.read("chenjun", number)["unit"]["code"] == "HBJX"
    assert Visitor(world, "wangmin").get(f"/tickets/{number}").status_code in {302, 303, 404}
    acts(world, "chenjun", number, "accept", rectifier="zhanglei")
    acts(world, "zhanglei", number, "acknowledge")
    acts(world, "zhanglei", number, "rectify", photos=(AFTER,))
    acts(world, "chenjun", number, "close")
    assert world.state(number) == State.CLOSED
    assert is_refused(world, "lixia", number, "appeal")


def test_a_chain_of_merges_ends_at_one_master_whose_end_all_reporters_see(world: House) -> None:
    first, second = world.report("gaoyang"), world.report("lixia")
    third = world.report("lixia", anonymous=False, description="同一个箱子")
    acts(world, "wangmin", first, "merge", master=second)
    acts(world, "wangmin", second, "merge", master_typed=third)
    assert world.read("wangmin", first)["master"] == third
    assert is_refused(world, "lixia", third, "withdraw")  # others' reports hang on it
    acts(world, "wangmin", third, "accept", rectifier="zhanglei")
    acts(world, "wangmin", third, "void", text="重复派发")
    # The duplicates stay duplicates; their reporters see how the master ended, in its officer's words.
    assert (world.state(first), world.state(second)) == ("duplicate", "duplicate")
    seen = Visitor(world, "gaoyang").get(f"/hazards/{first}").text
    assert "不予受理" in seen
    assert "重复派发" in seen
    # The officer may still take one up by itself, also more than 30 days after the merge.
    world.clock.forward(days=29)
    acts(world, "wangmin", first, "unmerge", text="不是同一个箱子")
    acts(world, "wangmin", first, "accept", rectifier="zhanglei")
    assert world.state(first) == State.RECTIFYING


def test_the_time_to_unmerge_begins_anew_when_the_master_is_refused(world: House) -> None:
    number, master = world.report("gaoyang"), world.report("lixia")
    acts(world, "wangmin", number, "merge", master=master)
    world.clock.forward(days=31)
    assert is_refused(world, "wangmin", number, "unmerge")
    acts(world, "wangmin", master, "reject")
    acts(world, "wangmin", number, "unmerge", text="它单独办")
    assert world.state(number) == State.SUBMITTED


def test_a_void_after_points_is_the_superiors_and_takes_them_back(world: House) -> None:
    number = world.report("lixia")
    acts(world, "wangmin", number, "accept", rectifier="zhanglei")
    assert balance(world, "lixia") == 5
    assert is_refused(world, "wangmin", number, "void")
    assert "积分已发，撤销受理要由上级单位办" in Visitor(world, "wangmin").get(f"/tickets/{number}/void").text
    acts(world, "chenjun", number, "void", text="不是隐患，是正常检修")
    assert balance(world, "lixia") == 0
    assert world.state(number) == State.REJECTED
    assert Visitor(world, "lixia").get(f"/tickets/{number}/appeal").status_code == 200


def test_a_ping_pong_of_transfers_ends_with_the_common_parent(world: House) -> None:
    number = world.report("lixia")
    acts(world, "wangmin", number, "transfer", unit="HBJX-D", text="配电归动力部")
    acts(world, "qianlin", number, "return_transfer", text="箱子是车间的")
    assert is_refused(world, "wangmin", number, "transfer")
    assert "再转由共同上级指定" in Visitor(world, "wangmin").get(f"/tickets/{number}/transfer").text
    acts(world, "chenjun", number, "transfer", unit="HBJX-D", text="定下来，动力部办")
    assert is_refused(world, "qianlin", number, "return_transfer")
    acts(world, "qianlin", number, "accept", rectifier="zhanglei")
    acts(world, "zhanglei", number, "rectify", photos=(AFTER,))
    acts(world, "qianlin", number, "close")
    assert (world.state(number), number) == (State.CLOSED, world.read("qianlin", number)["number"])


def test_a_closure_is_doubted_reopened_doubted_again_and_upheld(world: House) -> None:
    number = bring(world, "closed")
    acts(world, "lixia", number, "object", text="门还是关不上", photos=(AFTER,))
    acts(world, "wangmin", number, "reopen", text="确实没关严", deadline_days="3")
    acts(world, "zhanglei", number, "rectify", photos=(AFTER,))
    acts(world, "wangmin", number, "close")
    acts(world, "lixia", number, "object", text="还是不好看")
    assert is_refused(world, "wangmin", number, "dismiss_objection")
    acts(world, "chenjun", number, "dismiss_objection", text="功能完好")
    assert world.state(number) == State.CLOSED


def test_every_state_is_reached_and_every_one_that_may_be_left_is_left(world: House) -> None:
    """A walk over the table: along each edge between two states a hazard went from the one to the other."""
    edges = {
        (source, move.target(source, decision=decision))
        for move in TABLE.values()
        for source in move.sources
        for decision in move.targets
    }
    reached = {target for _, target in edges} | {State.SUBMITTED}
    assert reached == set(State)
    assert {source for source, target in edges if source != target} == set(State) - {
        State.WITHDRAWN,
        State.CLOSED,
    } | {State.CLOSED}
    walked = set()
    for situation, who, action in (
        ("submitted", "wangmin", "ask"),
        ("need_info", "lixia", "answer"),
        ("need_info", "lixia", "withdraw"),
        ("submitted", "wangmin", "reject"),
        ("submitted", "wangmin", "merge"),
        ("duplicate", "wangmin", "unmerge"),
        ("submitted", "wangmin", "accept"),
        ("submitted", "wangmin", "fix_on_the_spot"),
        ("rectifying", "zhanglei", "rectify"),
        ("rectifying", "wangmin", "merge"),
        ("rectifying", "wangmin", "void"),
        ("reviewing", "wangmin", "send_back"),
        ("reviewing", "wangmin", "close"),
        ("reviewing", "wangmin", "void"),
        ("closed", "wangmin", "reopen"),
        ("submitted", "lixia", "withdraw"),
        ("need_info", "wangmin", "reject"),
        ("need_info", "wangmin", "merge"),
    ):
        number = bring(world, situation)
        extra = {"master": world.report("lixia")} if action == "merge" else {}
        before = State(world.state(number))
        step(world, who, number, action, **extra)
        walked.add((before, State(world.state(number))))
    appealed = bring(world, "rejected_appealed")
    step(world, "tianye", appealed, "decide_appeal", decision="overturn")
    walked.add((State.REJECTED, State(world.state(appealed))))
    assert {(source, target) for source, target in edges if source != target} <= walked


def test_numbers_stay_gapless_and_are_never_given_twice_when_half_of_a_crowd_fails(
    world: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = int(submit(world, report_of()).number[-6:])
    true_record, lock = submission.record_all, threading.Lock()
    luck = random.Random(7)  # noqa: S311  # a test, not a secret

    def record(*told: Any, **more: Any) -> None:
        with lock:
            fails = luck.random() < 0.5  # half of them
        if fails:
            raise RuntimeError("the power went")
        true_record(*told, **more)

    def try_one(_n: int) -> int | None:
        try:
            return int(submit(world, report_of()).number[-6:])
        except RuntimeError:
            return None

    monkeypatch.setattr(submission, "record_all", record)
    with ThreadPoolExecutor(12) as crowd:
        given = [number for number in crowd.map(try_one, range(40)) if number is not None]
    assert 0 < len(given) < 40
    assert sorted(given) == list(range(first + 1, first + 1 + len(given)))
