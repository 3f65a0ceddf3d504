"""Many at the same moment, over HTTP, against the web server as the product starts it, in two processes."""

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select, update

from app.accounts.permissions import Role
from app.competition.models import LedgerRow
from app.core.clock import system_clock
from app.core.db import Base
from app.core.outbox import ErrandRow, ErrandState, EventRow
from app.hazards.models import HazardRow, HistoryRow
from app.serving import web_command
from config import DEFAULTS, Settings
from tests.conftest import KINDS, House, _house_in
from tests.crash.conftest import PATIENCE, ROOT, Answer, Report, assert_sound, call, sequence
from tests.databases import forget
from tests.integration.hazard_world import add_person, attempt, fields_of
from tests.photos import photo
from tests.ports import free_port
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.runner import relay_events, run_errand

SMALL = photo(size=(64, 48), seed=5)
SAME, KEYS = 64, 100
OFFICERS = 8
HAZARDS = {"sqlite": 200, "postgresql": 60}
"""How many they close; the fifth part of them all officers accept, too."""
T = TypeVar("T")


@dataclass
class Served:
    """The real web server, in as many processes as there are ports, on the folder of a house."""

    house: House
    ports: list[int]
    kind: str

    def _called(self, port: int, path: str, content: bytes, headers: dict[str, str]) -> Answer:
        """The answer; who is told to come again does so, as a phone would: a slow disk has no turn for so many."""
        for _ in range(5):
            answer = call(port, "POST", f"/api/v1{path}", content, headers)
            assert answer is not None
            if answer.status != 503:
                break
            assert int(answer.headers["Retry-After"]) > 0
        return answer

    def post(self, port: int, path: str, told: Any, login: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.house.token(login)}", "Content-Type": "application/json"}
        return self._called(port, path, json.dumps(told).encode(), headers)

    def send(self, port: int, report: Report) -> Answer:
        content, kind = report.body()
        headers = {"Authorization": f"Bearer {report.token}", "Content-Type": kind}
        return self._called(port, "/hazards", content, headers)


@pytest.fixture(scope="module", params=KINDS)
def served(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    furnish: Callable[[str], Path],
    decoder: Decoder,
) -> Iterator[Served]:
    """Two web servers on one folder and one database; the rate limit is not what is tried here."""
    folder = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(furnish(request.param), folder)
    house = _house_in(folder, decoder)
    house.clock.at = system_clock()  # theirs
    with contextlib.ExitStack() as running:
        ports = [running.enter_context(web_server(house.means.settings)) for _ in range(2)]
        yield Served(house, ports, request.param)
    house.means.db.engine.dispose()
    forget(folder)


@contextlib.contextmanager
def web_server(settings: Settings) -> Iterator[int]:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    environment |= {"DATA": str(settings.data), "DATABASE_URL": settings.database_url}
    environment |= {"PORT": str(port), "HAZARDS_PER_MINUTE": "100000"}
    process = subprocess.Popen(
        web_command(Settings.from_environment(environment)),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_up(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = socket.socketpair()
    with pause[0], pause[1]:
        pause[0].settimeout(0.05)
        while call(port, "GET", "/healthz", b"", {}) is None:
            assert process.poll() is None, "the web server ended"
            assert time.monotonic() < deadline, "the web server does not answer"
            # Nobody ever writes here: a pause that gives the processor to the server.
            with contextlib.suppress(TimeoutError):
                pause[0].recv(1)


def at_once(acts: list[Callable[[], T]]) -> list[T]:
    """All of it at the same moment; the answers in their order."""
    together = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return [made.result() for made in [crowd.submit(run, act) for act in acts]]


def test_64_identical_reports_at_once_and_then_100_keys_make_one_hazard_each(served):
    house = served.house
    token, before = house.token("lixia"), count(house, HazardRow)
    same = Report(token, SMALL)
    answers = at_once([lambda i=i: served.send(served.ports[i % 2], same) for i in range(SAME)])
    assert Counter(answer.status for answer in answers) == {201: 1, 200: SAME - 1}
    assert len({answer.told["number"] for answer in answers}) == 1
    assert {answer.told["receipt"]["client_id"] for answer in answers} == {same.client_id}

    reports = [Report(token, SMALL, description=f"第 {n} 处线头裸露") for n in range(KEYS)]
    twice = [report for report in reports for _ in range(2)]
    answers = at_once([lambda i=i, r=r: served.send(served.ports[i % 2], r) for i, r in enumerate(twice)])
    assert Counter(answer.status for answer in answers) == {201: KEYS, 200: KEYS}
    numbers = {answer.told["receipt"]["client_id"]: answer.told["number"] for answer in answers}
    assert numbers.keys() == {report.client_id for report in reports}
    assert all(answer.told["number"] == numbers[answer.told["receipt"]["client_id"]] for answer in answers)
    given = sorted(sequence(number) for number in numbers.values())
    assert given == list(range(given[0], given[0] + KEYS)), "no gap"

    others = [replace(report, description="另一处") for report in reports]
    others += [replace(report, picture=photo(size=(64, 48), seed=6)) for report in reports]
    answers = at_once([lambda i=i, r=r: served.send(served.ports[i % 2], r) for i, r in enumerate(others)])
    assert {(answer.status, answer.told["code"]) for answer in answers} == {(409, "client_id_reused")}
    assert count(house, HazardRow) == before + 1 + KEYS
    house.work()
    assert_sound(house)


def test_8_officers_close_the_same_hazards_and_each_is_closed_once(served):
    house, hazards = served.house, HAZARDS[served.kind]
    officers = [f"officer{n}" for n in range(OFFICERS)]
    for login in officers:
        add_person(house, login, Role.OFFICER, "HBJX-3")
        house.token(login)
    # Long enough ago: what the test before has reported counts for the house's limit by minute, too.
    house.clock.at = system_clock() - timedelta(minutes=10)
    numbers = []
    for _ in range(hazards):
        house.clock.forward(seconds=1)
        numbers.append(house.report("lixia", photos=(SMALL,)))
    raced(served, officers, numbers[: hazards // 5], "accept", version=1)
    house.clock.at = system_clock()
    for number in numbers[hazards // 5 :]:
        assert attempt(house, "wangmin", number, "accept", version=1).status_code == 200
    for number in numbers:
        assert attempt(house, "zhanglei", number, "rectify", version=2).status_code == 200
    raced(served, officers, numbers, "close", version=3)
    house.clock.at = system_clock()
    post_points(house)
    ids = ids_of(house, numbers)
    with house.means.db.read() as session:
        steps = session.execute(select(HistoryRow.action).where(HistoryRow.hazard_id.in_(ids))).scalars()
        assert Counter(steps) == dict.fromkeys(("submit", "accept", "rectify", "close"), hazards)
        states = session.execute(select(HazardRow.state, HazardRow.version).where(HazardRow.id.in_(ids)))
        assert set(states) == {("closed", 4)}
        told = Counter(
            (row.name, row.values["hazard_id"])
            for row in session.execute(select(EventRow)).scalars()
            if row.values.get("hazard_id") in ids
        )
    for name in ("HazardAccepted", "HazardClosed"):
        assert [told[name, hazard_id] for hazard_id in ids] == [1] * hazards
    entries = ledger(house, ids)
    assert set(entries.values()) == {1}
    house.work()
    assert ledger(house, ids) == entries
    assert_sound(house)


def post_points(house: House) -> None:
    """Do what is due but photos and messages, which are many and not what is tried here."""
    tools = Tools(house.means, house.decoder)
    while relay_events(tools):
        with house.means.db.write() as session:
            others = update(ErrandRow).where(ErrandRow.job.in_(("process_photo", "tell")))
            session.execute(others.values(state=ErrandState.DONE))
        while run_errand(tools):
            pass


def raced(served: Served, officers: list[str], numbers: list[str], action: str, *, version: int) -> None:
    """Everybody makes one move on all hazards, each in an order of their own; one is first, the others told."""
    fields = {"version": version, **fields_of(served.house, action)}

    def shift(n: int) -> list[tuple[str, Answer]]:
        order = random.Random(n).sample(numbers, len(numbers))  # noqa: S311  # an order, not a secret
        port, login = served.ports[n % len(served.ports)], officers[n]
        return [(one, served.post(port, f"/hazards/{one}/actions/{action}", fields, login)) for one in order]

    answers = [pair for made in at_once([lambda n=n: shift(n) for n in range(len(officers))]) for pair in made]
    won = [number for number, answer in answers if answer.status == 200]
    assert sorted(won) == sorted(numbers)
    lost = [answer for _number, answer in answers if answer.status != 200]
    told = {(answer.status, answer.told["code"], answer.told["current_version"]) for answer in lost}
    assert told == {(409, "version_conflict", version + 1)}


def ids_of(house: House, numbers: list[str]) -> list[int]:
    with house.means.db.read() as session:
        return list(session.execute(select(HazardRow.id).where(HazardRow.number.in_(numbers))).scalars())


def ledger(house: House, ids: list[int]) -> Counter[tuple[int, str]]:
    """How many entries each hazard has by rule."""
    with house.means.db.read() as session:
        return Counter(
            session.execute(select(LedgerRow.hazard_id, LedgerRow.rule).where(LedgerRow.hazard_id.in_(ids)))
        )


def count(house: House, model: type[Base]) -> int:
    with house.means.db.read() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()
