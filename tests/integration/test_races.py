"""Two people at once on real SQLite: one acts, the other is told; nothing happens twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.competition.models import LedgerRow
from app.core.errors import NotFound
from app.hazards.following import claim_points
from tests.conftest import House
from tests.integration.hazard_world import attempt, bring, events, history, populate, row_of, rows, step
from tests.integration.test_anonymous import anonymous, claim_of


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def at_once(*acts):
    """Do all of it at the same moment; the answers in their order."""
    together = Barrier(len(acts))

    def run(act):
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return [made.result() for made in [crowd.submit(run, act) for act in acts]]


def ledger_rows(house: House) -> int:
    with house.means.db.read() as session:
        return session.execute(select(func.count()).select_from(LedgerRow)).scalar_one()


def test_two_officers_close_one_version_once(world):
    number = bring(world, "reviewing")
    version = world.version(number)
    for login in ("wangmin", "chenjun"):
        world.token(login)
    answers = at_once(
        *(
            lambda login=login: attempt(world, login, number, "close", version=version)
            for login in ("wangmin", "chenjun")
        )
    )
    won, lost = sorted(answers, key=lambda a: a.status_code)
    assert (won.status_code, won.json["state"]) == (200, "closed")
    assert (lost.status_code, lost.json["code"], lost.json["current_version"]) == (
        409,
        "version_conflict",
        version + 1,
    )
    assert [s.action for s in history(world, number)].count("close") == 1
    assert [name for name, _ in events(world, number)].count("HazardClosed") == 1


def test_two_acceptances_of_one_version_make_one_and_one_ledger_row(world):
    number = bring(world, "submitted")
    for login in ("wangmin", "chenjun"):
        world.token(login)
    before = ledger_rows(world)
    answers = at_once(
        *(
            lambda login=login: attempt(world, login, number, "accept", version=1)
            for login in ("wangmin", "chenjun")
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    world.work()
    assert ledger_rows(world) == before + 1
    world.work()
    assert ledger_rows(world) == before + 1


def test_different_moves_on_one_version_exclude_each_other(world):
    number = bring(world, "submitted")
    for login in ("lixia", "wangmin", "luping"):
        world.token(login)
    answers = at_once(
        lambda: attempt(world, "lixia", number, "withdraw", version=1),
        lambda: attempt(world, "wangmin", number, "reject", version=1),
        lambda: attempt(world, "luping", number, "fix_on_the_spot", version=1),
    )
    assert sorted(a.status_code for a in answers) in ([200, 409, 409], [200, 404, 409])
    assert world.version(number) == 2


def test_the_same_move_tapped_eight_times_is_made_once(world):
    number = bring(world, "rectifying")
    version = world.version(number)
    world.token("wangmin")
    answers = at_once(*[lambda: attempt(world, "wangmin", number, "remind", version=version)] * 8)
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    assert world.version(number) == version + 1


def test_an_old_version_is_told_the_current_one_and_changes_nothing(world):
    number = bring(world, "rectifying")
    before = rows(world)
    answer = attempt(world, "wangmin", number, "remind", version=1)
    assert (answer.status_code, answer.json["current_version"]) == (409, 2)
    future = attempt(world, "wangmin", number, "remind", version=77)
    assert (future.status_code, future.json["current_version"]) == (409, 2)
    assert rows(world) == before


def test_points_are_claimed_by_one_of_many(world):
    number = anonymous(world, claim_hash=claim_of("geheim"))
    step(world, "wangmin", number, "accept")
    world.work()
    people = [world.actor(login) for login in ("lixia", "zhaoqiang", "gaoyang", "luping")]

    def claim(person):
        try:
            claim_points(number, "geheim", by=person, at=world.clock(), db=world.means.db)
        except NotFound:
            return 0
        return person.account_id

    won = [account_id for account_id in at_once(*(lambda p=p: claim(p) for p in people)) if account_id]
    assert len(won) == 1
    assert row_of(world, number).claimed_by_id == won[0]
    before = ledger_rows(world)
    world.work()
    assert ledger_rows(world) == before + 1


def test_reports_moves_and_reads_at_once_all_succeed(world):
    numbers = [bring(world, "submitted") for _ in range(6)]
    for login in ("lixia", "wangmin"):
        world.token(login)
    acts = [lambda n=n: attempt(world, "wangmin", n, "accept", version=1).status_code for n in numbers]
    acts += [lambda: world.send("lixia").status_code] * 6
    acts += [lambda: world.api("wangmin", "GET", "/hazards").status_code] * 4
    assert sorted(at_once(*acts)) == [200] * 10 + [201] * 6
