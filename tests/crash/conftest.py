"""A prepared folder, a warm driver on a copy of it, and the eyes that look at what a death has left."""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import select, text

from app.core.outbox import ErrandRow, release_leases
from app.hazards.models import HazardRow
from config import DEFAULTS, Settings
from tests.conftest import House, _house_in
from tests.crash.driver import Wish
from tests.crash.tracing import needs_strace
from tests.integration.hazard_world import history, row_of
from tests.photos import exif_block, photo
from workers.decoder import Decoder

ROOT = Path(__file__).resolve().parents[2]
TAKEN = exif_block(position=(38.0470, 114.5071), taken="2026:11:02 09:00:00", offset="+08:00")
PICTURE = photo(size=(160, 120), seed=77, exif=TAKEN)
TOKENS = "tokens.json"
PATIENCE = 180.0
"""For a machine that does much else: it only ends what would hang."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.crash)


@dataclass(frozen=True)
class Report:
    """A report as a phone sends it, byte for byte the same each time."""

    token: str
    picture: bytes = PICTURE
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    description: str = "线头裸露"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.picture).hexdigest()

    def body(self) -> tuple[bytes, str]:
        told = {
            "client_id": self.client_id,
            "place_code": "HBJX-A3",
            "category": "ELEC",
            "description": self.description,
        }
        edge = "edge-of-a-part"
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="hazard"\r\n\r\n{json.dumps(told)}\r\n--{edge}\r\n'
        )
        head += (
            'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        return (
            head.encode() + self.picture + f"\r\n--{edge}--\r\n".encode(),
            f"multipart/form-data; boundary={edge}",
        )


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    told: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True)
class Child:
    """One process of the driver, and how to speak to it."""

    pid: int
    port: int
    last: int = 0
    """The last hazard's number that it gave while it warmed up."""

    def send(self, report: Report) -> Answer | None:
        """The report's answer; None when the connection died before it was whole."""
        content, kind = report.body()
        return call(
            self.port,
            "POST",
            "/api/v1/hazards",
            content,
            {"Authorization": f"Bearer {report.token}", "Content-Type": kind},
        )

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 9)


def call(
    port: int, method: str, path: str, content: bytes, headers: dict[str, str], *, empty: bool = False
) -> Answer | None:
    """One exchange; None when it broke off. `empty`: an answer without a body is one too."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        said = answer.read()
        told = {} if empty and not said else json.loads(said)
        return Answer(answer.status, told, dict(answer.getheaders()))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


class Driver:
    """The fork server of tests/crash/driver.py, on the settings of a house."""

    def __init__(self, settings: Settings) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
        environment |= {
            "DATA": str(settings.data),
            "DATABASE_URL": settings.database_url,
            "STORE_URL": settings.store_url,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._said() == "ready"

    def child(self, wish: Wish) -> Child:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(asdict(wish)) + "\n")
        stdin.flush()
        pid, _, port = self._said().partition(" ")
        return Child(int(pid), int(port))

    def _said(self) -> str:
        stdout: IO[str] | None = self._process.stdout
        assert stdout is not None
        return stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class Scene:
    """A folder on which processes live and die, the driver that makes them, the house that looks afterwards."""

    def __init__(self, prepared: Path, folder: Path, decoder: Decoder) -> None:
        self._prepared = self._begun = prepared
        self.folder = folder
        self.log = folder / "trace"
        self._tokens: dict[str, str] = json.loads((prepared / TOKENS).read_text(encoding="utf-8"))
        shutil.copytree(prepared, folder / "data")
        self._house = _house_in(folder / "data", decoder)
        self._driver = Driver(self._house.means.settings)
        self._children: list[Child] = []

    def begin_anew(self) -> None:
        """Forget what another test made here."""
        self._begun = self._prepared
        self.put_back()

    def put_back(self) -> None:
        """The folder again as it was when the scene began; nobody lives on it any more."""
        while self._children:
            self._children.pop().end()
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        shutil.copytree(self._begun, self.folder / "data")

    def begin_here(self) -> None:
        """What is there now is what `put_back` brings back from now on."""
        self._begun = self.folder / "begun"
        shutil.rmtree(self._begun, ignore_errors=True)
        shutil.copytree(self.folder / "data", self._begun)

    @contextlib.contextmanager
    def looking(self) -> Iterator[House]:
        """The product opened anew on what is there; closed at the end, so that the next death finds no witness."""
        self._house.means.store._settled.clear()  # type: ignore[attr-defined]
        self._house._tokens = dict(self._tokens)
        try:
            yield self._house
        finally:
            self._house.means.db.engine.dispose()

    def report(self, **more: Any) -> Report:
        return Report(self._tokens["lixia"], **more)

    def server(self, **wish: Any) -> Child:
        """A child that has taken one report already."""
        child = self._child(Wish(**wish))
        first = child.send(self.report(picture=photo(size=(64, 48), seed=78)))
        assert first is not None
        assert first.status == 201, first.told
        return replace(child, last=sequence(first.told["number"]))

    @contextlib.contextmanager
    def waiting(self, **wish: Any) -> Iterator[tuple[Child, socket.socket]]:
        """A child that is ready and waits for the word, with the line on which to say it."""
        child = self._child(Wish(**wish))
        with socket.create_connection(("127.0.0.1", child.port), timeout=PATIENCE) as line:
            assert word(line) == b"ready\n"
            yield child, line

    def _child(self, wish: Wish) -> Child:
        child = self._driver.child(wish)
        self._children.append(child)
        return child

    def end(self) -> None:
        self._driver.end()
        self._house.means.db.engine.dispose()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, furnished: Path, decoder: Decoder) -> Path:
    """The cast and the noise, a token on file, nothing left to do."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    shutil.copytree(furnished, folder)
    house = _house_in(folder, decoder)
    house.work()
    tokens = {login: house.token(login) for login in ("lixia", "wangmin")}
    (folder / TOKENS).write_text(json.dumps(tokens), encoding="utf-8")
    house.means.db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, prepared: Path, decoder: Decoder) -> Iterator[Scene]:
    needs_strace()
    made = Scene(prepared, tmp_path_factory.mktemp("scene"), decoder)
    yield made
    made.end()


@pytest.fixture
def scene(stage: Scene) -> Iterator[Scene]:
    """A folder with the cast, on which this test may let processes die."""
    stage.begin_anew()
    yield stage
    stage.begin_anew()


def finish(house: House) -> None:
    """What a restart does: the leases of the dead run out, and everything due is done."""
    with house.means.db.write() as session:
        release_leases(session, at=house.clock())
    house.work()


def assert_sound(house: House) -> None:
    """The database is whole, every object is what its name says, nothing is left to do or half done."""
    store = house.means.store
    store.sweep_staging(older_than=timedelta(seconds=-5))
    assert not list((house.means.settings.data / "store" / "staging").iterdir())
    for key in list(store.keys()):
        with store.open(key) as held:
            assert hashlib.sha256(held.read()).hexdigest() == key
    with house.means.db.read() as session:
        if house.means.db.engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert set(session.execute(select(ErrandRow.state)).scalars()) <= {"done"}


def assert_once(house: House, report: Report) -> str:
    """Exactly one hazard of this report, complete, with its original; its number."""
    with house.means.db.read() as session:
        numbers = (
            session.execute(select(HazardRow.number).where(HazardRow.client_id == report.client_id))
            .scalars()
            .all()
        )
    assert len(numbers) == 1
    number = str(numbers[0])
    seen = house.read("wangmin", number)
    assert [(p["status"], p["sha256"]) for p in seen["photos"]] == [("ready", report.sha256)]
    assert sorted(w["source"] for w in seen["photos"][0]["witnesses"]) == ["exif", "place"]
    assert [(s.action, s.version) for s in history(house, number)] == [("submit", 1)]
    with house.means.store.open(report.sha256) as original:
        assert original.read() == report.picture
    for picture in ("display", "thumb"):
        shown = house.api("wangmin", "GET", f"/hazards/{number}/photos/1/{picture}")
        assert (shown.status_code, shown.data[:3]) == (200, b"\xff\xd8\xff")
        shown.close()
    assert row_of(house, number).version == 1
    return number


def sequence(number: str) -> int:
    return int(number.rpartition("-")[2])


def word(line: socket.socket) -> bytes:
    """The next line of a working child; empty when it is gone."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while not said.endswith(b"\n"):
            more = line.recv(64)
            if not more:
                break
            said += more
    return said
