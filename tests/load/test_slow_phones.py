"""P21: two hundred phones on a poor line each send a large photo while an officer reads the inbox all the time."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app.factory import create_app
from app.first_steps import make_demo
from app.serving import answers
from config import DEFAULTS, Settings
from tests.conftest import House
from tests.load.phones import Plan
from tests.ports import free_port
from tests.servers.nginx import ROOT, ends_with, wait_until

PHONES, PHOTO_BYTES, BYTES_A_SECOND = 200, 3_000_000, 20_000
REPORTERS = ("lixia", "zhaoqiang", "wangmin", "zhanglei", "sunli", "hewei", "maling", "guotao")
OFFICER = "chenjun"
IN_THE_INBOX = 30
UP_SECONDS, IDLE_SECONDS, PAUSE_SECONDS, ANSWER_SECONDS = 180.0, 15.0, 0.1, 60.0
WARM_UP = 3


@dataclass(frozen=True)
class Looks:
    """Seconds that each look at the list took, the page and the API in turn."""

    page: list[float]
    api: list[float]

    def told(self) -> str:
        return ", ".join(
            f"{name} {_ms(p95(times))} (slowest {_ms(max(times))})" for name, times in asdict(self).items()
        )


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


class Officer:
    """Somebody who reads the list again and again, each time on a new connection."""

    def __init__(self, port: int, house: House) -> None:
        self._port = port
        session = house.browser(OFFICER).get_cookie("hazards")
        assert session is not None
        self._page = ("/inbox", {"Cookie": f"hazards={session.value}"})
        self._api = ("/api/v1/hazards", {"Authorization": f"Bearer {house.token(OFFICER)}"})

    def look(self, path: str, headers: dict[str, str]) -> float:
        """Seconds until the whole answer is there."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200, (path, answer.status)
            assert b"HZ-" in answer.read(), "there are hazards to be seen"
        finally:
            connection.close()
        return time.monotonic() - begun

    def read(self, goes_on: Callable[[], bool]) -> Looks:
        """Read as long as it goes on, with short pauses."""
        looks, pause = Looks([], []), threading.Event()
        while goes_on():
            pause.wait(PAUSE_SECONDS)
            looks.page.append(self.look(*self._page))
            looks.api.append(self.look(*self._api))
        return looks


@contextmanager
def furnished(data: Path) -> Iterator[House]:
    """The demo organisation with some hazards, in a house of its own and on the real clock."""
    app = create_app(Settings.from_environment({"DATA": str(data), "HAZARDS_PER_MINUTE": "1000"}))
    with app.app_context():
        upgrade()
    house = House(app, lambda: datetime.now(UTC), None)
    make_demo(house.means)
    try:
        for _ in range(IN_THE_INBOX):
            house.report()
        yield house
    finally:
        house.means.db.engine.dispose()


@contextmanager
def product(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Web and workers as `make run` starts them."""
    told = {"DATA": str(data), "PORT": str(port), "DEMO": "1", "HAZARDS_PER_MINUTE": "1000"}
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS} | told
    with (
        (data.parent / "product.log").open("wb") as said,
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=ends_with(os.getpid()),  # noqa: PLW1509  # no lock is held that its one system call needs
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def calling(plan: Plan, told: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The phones, in a process of their own: they must not share the officer's interpreter."""
    asked = told.with_name("plan.json")
    asked.write_text(json.dumps(asdict(plan)), "utf-8")
    with (
        asked.open("rb") as stdin,
        told.open("wb") as stdout,
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("phones.py"))],
            stdin=stdin,
            stdout=stdout,
            preexec_fn=ends_with(os.getpid()),  # noqa: PLW1509  # as above
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def cost_of(supervisor: int) -> str:
    """The most memory that the web server's worker ever held, and its threads."""
    children = f"/proc/{supervisor}/task/{supervisor}/children"
    web = next(
        p for p in Path(children).read_text().split() if b"gunicorn" in Path(f"/proc/{p}/cmdline").read_bytes()
    )
    worker = Path(f"/proc/{web}/task/{web}/children").read_text().split()[0]
    told = dict(line.split(":", 1) for line in Path(f"/proc/{worker}/status").read_text().splitlines())
    return f"{int(told['VmHWM'].split()[0]) // 1024} MiB at most, {told['Threads'].strip()} threads"


@pytest.mark.load
def test_two_hundred_slow_phones_lose_nothing_and_the_officer_reads_on(tmp_path, record_property):
    data, port = tmp_path / "data", free_port()
    with furnished(data) as house:
        officer, tokens = Officer(port, house), [house.token(login) for login in REPORTERS]
    with product(data, port) as served:
        wait_until(lambda: answers("127.0.0.1", port), process=served, folder=tmp_path, within=UP_SECONDS)
        plan = Plan(port, tokens, PHONES, PHOTO_BYTES, BYTES_A_SECOND)
        officer.read(iter([True] * WARM_UP + [False]).__next__)
        until = time.monotonic() + IDLE_SECONDS
        idle = officer.read(lambda: time.monotonic() < until)
        told = tmp_path / "outcomes.json"
        with calling(plan, told) as phones:
            busy = officer.read(lambda: phones.poll() is None)
        cost = cost_of(served.pid)
    outcomes = json.loads(told.read_text("utf-8"))
    waited = [outcome["waited"] for outcome in outcomes]
    record_property(
        "figures", f"{PHONES} phones at {BYTES_A_SECOND} B/s with {PHOTO_BYTES} B each; web worker {cost}"
    )
    record_property("figures", f"  inbox p95, idle: {idle.told()} ({len(idle.page)} looks each)")
    record_property("figures", f"  inbox p95, busy: {busy.told()} ({len(busy.page)} looks each)")
    record_property("figures", f"  receipt after the last byte, p95: {_ms(p95(waited))}")
    failed = [outcome for outcome in outcomes if not (outcome["status"] == 201 and outcome["is_receipt"])]
    assert not failed, (Counter(outcome["status"] for outcome in failed), failed[:3])
    assert len(outcomes) == PHONES
