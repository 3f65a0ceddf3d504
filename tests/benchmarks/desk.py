"""Inbox, counts and search in a large house beside a small one, and the deepest page beside the first.

SQLite: 1,000,000 hazards beside 1,000, in processor time, since the database works inside this process.
PostgreSQL, whose work is another process's: 200,000 beside 1,000, by the clock on the wall.
"""

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from app.accounts.service import CredentialKind, _issue
from app.hazards.desk import Mark, counts_of, desk_of, inbox
from app.hazards.lists import ListFilter, hazard_list
from tests.benchmarks.many_hazards import NOW, ZONE, House, house_of
from tests.servers.postgres import cluster

SMALL, LARGE, LARGE_POSTGRESQL = 1_000, 1_000_000, 200_000
ROUNDS = 25
AIM = 1.3
LINES = 5
"""Lines of a search that is measured alone: as many are found in the small house as in the large."""
APART = "配电箱 灭火器"
APART_BOUND = 8.0
"""Two common words that no hazard has together: to say that nothing is found, the index walks the lists of both to
their end, and those grow with the house. No page of such a search is skipped or guessed; its cost is bounded here.
"""
SEARCHES = ("配电", "箱", "配电箱 松动", APART, "张磊", "李霞")


@dataclass(frozen=True)
class Spent:
    """Milliseconds of one call: of this process's CPU, and by the clock on the wall."""

    cpu: float
    wall: float


def middle(*calls: Callable[[], object]) -> list[Spent]:
    """What each call takes, the median of rounds in which they take turns."""
    spent: list[list[Spent]] = [[] for _call in calls]
    for turn in range(ROUNDS + 3):
        for call, times in zip(calls, spent, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            call()
            if turn >= 3:  # warm
                times.append(Spent((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
    return [
        Spent(statistics.median(one.cpu for one in times), statistics.median(one.wall for one in times))
        for times in spent
    ]


def page(house: House, login: str, path: str) -> Callable[[], object]:
    """A page as a browser asks for it."""
    client = house.app.test_client()
    kept = _issue(house.actor(login).account_id, kind=CredentialKind.SESSION, at=NOW, db=house.means.db)
    with client.session_transaction() as session:
        session["sid"], session.permanent = kept.secret, True

    def ask() -> object:
        answer = client.get(path)
        assert answer.status_code == 200, answer.status  # a figure of a refusal is none
        return answer.data

    return ask


def counts(house: House, login: str) -> Callable[[], object]:
    """The counts alone."""
    who = house.actor(login)

    def ask() -> object:
        with house.means.db.read() as session:
            return counts_of(session, desk_of(session, by=who, at=NOW, zone=ZONE))

    return ask


def waiting(house: House, login: str, after: Mark | None = None) -> Callable[[], object]:
    """One page of the inbox without its counts."""
    who = house.actor(login)

    def ask() -> object:
        with house.means.db.read() as session:
            return inbox(session, by=who, at=NOW, zone=ZONE, after=after, counted={})

    return ask


def search(house: House, login: str, words: str | None, cursor: str | None = None) -> Callable[[], object]:
    """One page of what is found; without words, of all that there is."""
    who = house.actor(login)

    def ask() -> object:
        with house.means.db.read() as session:
            return hazard_list(
                session, by=who, at=NOW, narrowed=ListFilter(words=words), cursor=cursor, limit=LINES
            )

    return ask


def deepest_mark(house: House, login: str) -> Mark:
    """Where the last full page of the inbox begins, found by going there."""
    who, after, before = house.actor(login), None, None
    with house.means.db.read() as session:
        while True:
            seen = inbox(session, by=who, at=NOW, zone=ZONE, after=after, counted={}, limit=200)
            if seen.next is None:
                break
            before, after = after, seen.next
    assert before is not None  # more than a page is open
    return before


def report(
    what: str,
    one: Spent,
    other: Spent,
    names: tuple[str, str],
    *,
    bound: float = AIM,
    by: Literal["cpu", "wall"] = "cpu",
) -> bool:
    """Print one ratio; whether it keeps its bound, judged `by` the CPU or the wall."""
    ratios = {"cpu": other.cpu / one.cpu, "wall": other.wall / one.wall}
    kept = ratios[by] <= bound
    told = "" if kept and bound == AIM else f"  declared: <= {bound}" if kept else f"  OVER {bound}"
    print(
        f"{what:<44} {names[0]} {one.cpu:7.2f} ms  {names[1]} {other.cpu:7.2f} ms  {ratios['cpu']:5.2f} x"
        f"  (wall {one.wall:7.2f} and {other.wall:7.2f} ms, {ratios['wall']:5.2f} x){told}"
    )
    return kept


def beside(small: House, large: House, by: Literal["cpu", "wall"], searches: tuple[str, ...]) -> list[bool]:
    """Print every ratio of two houses; which keep their bound."""
    kept, sizes = [], (f"{small.hazards:,}", f"{large.hazards:,}")
    for login, whose in (("wangmin", "workshop"), ("chenjun", "enterprise")):
        pairs = {
            f"inbox, page ({whose})": [page(house, login, "/inbox") for house in (small, large)],
            f"inbox, its lines ({whose})": [waiting(house, login) for house in (small, large)],
            f"counts ({whose})": [counts(house, login) for house in (small, large)],
            f"search page 2026 ({whose})": [page(house, login, "/inbox?q=2026") for house in (small, large)],
        }
        for words in searches:
            pairs[f"search {words} ({whose})"] = [search(house, login, words) for house in (small, large)]
        for what, calls in pairs.items():
            bound = APART_BOUND if APART in what else AIM
            kept.append(report(what, *middle(*calls), sizes, bound=bound, by=by))
        deep, many = deepest_mark(large, login), large.hazards
        firsts = {
            f"inbox, deepest page ({whose})": (waiting(large, login), waiting(large, login, deep)),
            f"list, deepest page ({whose})": (
                search(large, login, None),
                search(large, login, None, _number(large, 700)),
            ),
            f"search 配电, deepest page ({whose})": (
                search(large, login, "配电"),
                search(large, login, "配电", _number(large, min(12_000, many // 20))),
            ),
        }
        for what, (first, last) in firsts.items():
            kept.append(report(what, *middle(first, last), ("first", "deepest"), by=by))
    return kept


def main(*databases: str) -> int:
    """Measure and print; 0 when every bound is kept, else 1."""
    kept = []
    with ExitStack() as stack:
        if "sqlite" in databases:
            print("SQLite, judged by processor time")
            small, large = (stack.enter_context(house_of(size)) for size in (SMALL, LARGE))
            kept += beside(small, large, "cpu", SEARCHES)
        if "postgresql" in databases:
            print("PostgreSQL, judged by the wall")
            server = stack.enter_context(cluster())
            small, large = (
                stack.enter_context(house_of(size, DATABASE_URL=server.create(f"house_{size}")))
                for size in (SMALL, LARGE_POSTGRESQL)
            )
            kept += beside(small, large, "wall", SEARCHES[:1])
    print(f"{sum(kept)} of {len(kept)} within their bounds ({AIM} x; {APART_BOUND} x where declared)")
    return 0 if all(kept) else 1


def _number(house: House, n: int) -> str:
    with house.means.db.read() as session:
        return str(session.execute(text("SELECT number FROM hazard WHERE id = :n"), {"n": n}).scalar_one())


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ("sqlite", "postgresql"))))
