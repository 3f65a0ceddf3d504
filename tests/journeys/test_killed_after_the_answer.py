"""A 201 outlives a product killed the moment it was said; one that is told to stop leaves nobody behind."""

import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from config import DEFAULTS
from tests.photos import photo
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PICTURE = photo(size=(640, 480), seed=11)
UP_SECONDS, DONE_SECONDS, STOP_SECONDS = 240.0, 180.0, 90.0
"""For a machine that does much else."""
T = TypeVar("T")


def soon(ask: Callable[[], T | None], *, within: float, what: str) -> T:
    """What `ask` answers as soon as it answers anything true."""
    deadline = time.monotonic() + within
    pause = socket.socketpair()
    with pause[0], pause[1]:
        pause[0].settimeout(0.05)
        while True:
            found = ask()
            if found:
                return found
            assert time.monotonic() < deadline, what
            # Nobody ever writes here: a pause that gives the processor to the product.
            with contextlib.suppress(TimeoutError):
                pause[0].recv(1)


@dataclass(frozen=True)
class Living:
    """One living process; its number may be given again, number and start together never are."""

    pid: int
    started: int


@dataclass(frozen=True)
class Kin:
    """Where a process belongs."""

    parent: int
    session: int


def processes() -> dict[Living, Kin]:
    """Every living process of this machine; what is only a zombie is dead."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            # The name in parentheses may hold anything, the fields after its end may not.
            told = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if told[0] not in {"Z", "X"}:
            found[Living(int(folder.name), int(told[19]))] = Kin(int(told[1]), int(told[3]))
    return found


@dataclass
class Product:
    """The real product in a session of its own, on one folder and one port."""

    folder: Path
    port: int
    supervisor: subprocess.Popen[bytes] = field(init=False)
    known: set[Living] = field(default_factory=set)
    sessions: set[int] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
        environment |= {"DATA": str(self.folder / "data"), "PORT": str(self.port), "DEMO": "1"}
        environment |= self.settings
        with (self.folder / "said.log").open("ab") as said:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.known, self.sessions = set(), {self.supervisor.pid}
        soon(self._is_up, within=UP_SECONDS, what=f"the product did not come up: {self._said()}")

    def _said(self) -> str:
        return (self.folder / "said.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def _is_up(self) -> bool:
        assert self.supervisor.poll() is None, self._said()
        try:
            status, told = self.call("GET", "/healthz")
        except (OSError, http.client.HTTPException):
            return False
        return status == 200 and bool(json.loads(told)["workers"])

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def sign_in(self, login: str) -> str:
        """The `Authorization` of one of the demo accounts."""
        accounts = json.loads((self.folder / "data" / "demo-accounts.json").read_text(encoding="utf-8"))
        password = next(row["password"] for row in accounts if row["login"] == login)
        told = json.dumps({"login": login, "password": password}).encode()
        status, answer = self.call("POST", "/api/v1/tokens", told, Content_Type="application/json")
        assert status == 201, answer
        return "Bearer " + json.loads(answer)["token"]

    def alive(self) -> set[Living]:
        """Every living process of this run: of one of its sessions, a child of one, or one known before.

        The decoder's zygote has a session of its own and, once its worker is dead, no parent of ours.
        """
        everybody = processes()
        own = {one for one, kin in everybody.items() if kin.session in self.sessions or one in self.known}
        while more := {one for one, kin in everybody.items() if kin.parent in {o.pid for o in own}} - own:
            own |= more
        self.known |= own
        self.sessions |= {everybody[one].session for one in own}
        return own

    def kill(self) -> None:
        """`kill -9` for all of them at once, and again for whoever was just being born."""

        def strike() -> bool:
            for one in self.alive():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
            self.supervisor.poll()
            return not self.alive()

        soon(strike, within=STOP_SECONDS, what="a process survived SIGKILL")
        self.supervisor.wait(timeout=STOP_SECONDS)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    made = Product(tmp_path, free_port())
    try:
        made.start()
        yield made
    finally:
        made.kill()


def report(client_id: str) -> tuple[bytes, str]:
    """The body of a report with one photo, and its type."""
    told = {"client_id": client_id, "place_code": "HBJX-A3", "category": "ELEC", "description": "线头裸露"}
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="hazard"\r\n\r\n{json.dumps(told)}\r\n--{edge}\r\n'
    head += 'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + PICTURE + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def test_what_was_answered_outlives_the_death_of_every_process(product):
    worker, client_id = product.sign_in("lixia"), str(uuid.uuid4())
    body, kind = report(client_id)
    first_run = product.alive()
    status, answer = product.call("POST", "/api/v1/hazards", body, Authorization=worker, Content_Type=kind)
    product.kill()
    assert status == 201, answer
    assert len(first_run) >= 4, "supervisor, web server, workers and decoder"
    assert not first_run & set(processes())
    number = json.loads(answer)["number"]

    product.start()
    officer = product.sign_in("wangmin")
    path = f"/api/v1/hazards/{number}"
    status, seen = product.call("GET", path, Authorization=officer)
    assert (status, json.loads(seen)["number"], json.loads(seen)["state"]) == (200, number, "submitted")
    status, original = product.call("GET", f"{path}/photos/1/original", Authorization=officer)
    assert (status, hashlib.sha256(original).digest()) == (200, hashlib.sha256(PICTURE).digest())
    status, again = product.call("POST", "/api/v1/hazards", body, Authorization=worker, Content_Type=kind)
    assert (status, json.loads(again)["number"]) == (200, number)

    def has_pictures() -> bool:
        told = json.loads(product.call("GET", path, Authorization=officer)[1])
        return [shown["status"] for shown in told["photos"]] == ["ready"]

    soon(has_pictures, within=DONE_SECONDS, what="the photo was never made into pictures")
    for picture in ("thumb", "display"):
        status, made = product.call("GET", f"{path}/photos/1/{picture}", Authorization=worker)
        assert (status, made[:3]) == (200, b"\xff\xd8\xff")


def test_told_to_stop_it_ends_cleanly_and_leaves_nobody_behind(product):
    crew = product.alive()
    product.supervisor.terminate()
    assert product.supervisor.wait(timeout=STOP_SECONDS) == 0, product._said()
    assert len(crew) >= 4
    soon(lambda: not product.alive(), within=STOP_SECONDS, what="a process outlived its supervisor")
