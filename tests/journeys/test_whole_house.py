"""The whole house on real servers: PostgreSQL, a bucket, Redis, nginx; a hazard from report to points and home."""

import contextlib
import hashlib
import http.client
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from app.factory import create_app
from app.first_steps import make_demo
from app.serving import QUEUES
from config import DEFAULTS, Settings
from tests.integration.keeping.world import digests, objects
from tests.photos import exif_block, photo
from tests.ports import free_port
from tests.servers.nginx import NAME, ROOT, Nginx, needed, nginx, wait_until
from tests.servers.postgres import Cluster
from tests.servers.redis import RedisServer, redis_server
from tests.servers.s3 import S3Server
from tests.servers.units import prepare, unit

BEFORE = photo(size=(640, 480), seed=21, exif=exif_block(position=(38.0431, 114.5032)))
AFTER = photo(size=(640, 480), seed=22)
DATABASE = "whole_house"
WEB_PROCESSES = 2
SHANGHAI = ZoneInfo("Asia/Shanghai")
UP_SECONDS, DONE_SECONDS = 240.0, 180.0
"""For a machine that does much else."""
UNITS = ("hazards-web.service", "hazards-relay.service", *(f"hazards-queue@{name}.service" for name in QUEUES))


@dataclass
class WholeHouse:
    """The running house: its front door, and the settings that every part was started with."""

    front: Nginx
    environment: dict[str, str]
    folder: Path
    bucket: Path
    units: list[subprocess.Popen[bytes]]
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def web(self) -> subprocess.Popen[bytes]:
        return self.units[0]

    def ask(
        self, login: str | None, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One call of the API through nginx, as this person."""
        headers = {"Content_Type": kind} if body is not None else {}
        if login is not None:
            headers["Authorization"] = self.token(login)
        return self.front.call(method, f"/api/v1{path}", body, **headers)

    def told(self, login: str, path: str) -> Any:
        status, _, body = self.ask(login, "GET", path)
        assert status == 200, body
        return json.loads(body)

    def token(self, login: str) -> str:
        if login not in self._tokens:
            accounts = json.loads((self.folder / "data" / "demo-accounts.json").read_text("utf-8"))
            password = next(row["password"] for row in accounts if row["login"] == login)
            said = json.dumps({"login": login, "password": password}).encode()
            status, _, body = self.ask(None, "POST", "/tokens", said)
            assert status == 201, body
            self._tokens[login] = "Bearer " + json.loads(body)["token"]
        return self._tokens[login]

    def move(self, login: str, number: str, action: str, *, picture: bytes | None = None, **told: Any) -> None:
        """A move that succeeds, on the version that this person sees."""
        said = {"version": self.told(login, f"/hazards/{number}")["version"], **told}
        body, kind = form("action", said, picture) if picture else (json.dumps(said).encode(), "application/json")
        status, _, answer = self.ask(login, "POST", f"/hazards/{number}/actions/{action}", body, kind)
        assert status == 200, answer

    def wait(self, ready: Any) -> None:
        wait_until(ready, process=self.web, folder=self.folder, within=DONE_SECONDS)

    def health(self) -> dict[str, Any]:
        status, _, body = self.front.call("GET", "/healthz")
        return dict(json.loads(body)) if status == 200 else {}

    def straight(self, login: str, path: str) -> tuple[http.client.HTTPMessage, bytes]:
        """What the product itself answers, before nginx has done its part."""
        line = http.client.HTTPConnection("127.0.0.1", int(self.environment["PORT"]), timeout=120)
        with contextlib.closing(line):
            line.request("GET", f"/api/v1{path}", headers={"Authorization": self.token(login)})
            answer = line.getresponse()
            assert answer.status == 200
            return answer.headers, answer.read()


def form(name: str, told: dict[str, Any], picture: bytes) -> tuple[bytes, str]:
    """A multipart body of one JSON part and one photo, and its type."""
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{json.dumps(told)}\r\n--{edge}\r\n'
    head += 'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + picture + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def settings(folder: Path, **told: str) -> dict[str, str]:
    """The environment of every part: this machine's, without settings of its own, and `told`."""
    plain = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    return plain | {"DATA": str(folder), "DEMO": "1"} | told


def flask(environment: dict[str, str], *words: str) -> str:
    """What `flask --app wsgi …` said; it must end well."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@contextlib.contextmanager
def opened(environment: dict[str, str]) -> Iterator[Any]:
    """The means of a process of one's own on these settings."""
    told = {name: value for name, value in environment.items() if name in DEFAULTS}
    means = create_app(Settings.from_environment(told)).extensions["runtime"]
    try:
        yield means
    finally:
        means.db.engine.dispose()


@contextlib.contextmanager
def running(folder: Path, redis: RedisServer, database_url: str, s3: S3Server) -> Iterator[WholeHouse]:
    """Every unit of the many-machines layout on this machine, and nginx before them."""
    port, shown, bucket_url = free_port(), folder / "front", s3.fresh()
    shown.mkdir()
    bucket = s3.folder / urlsplit(bucket_url).path.strip("/")
    environment = settings(
        folder / "data",
        PORT=str(port),
        PUBLIC_URL=f"https://{NAME}",
        TRUSTED_PROXIES="1",
        ACCEL_REDIRECT="1",
        WEB_PROCESSES=str(WEB_PROCESSES),
        DATABASE_URL=database_url,
        STORE_URL=bucket_url,
        REDIS_URL=redis.url,
    )
    prepare("hazards-web.service", environment)
    with opened(environment) as means:
        make_demo(means)
    with contextlib.ExitStack() as stack:
        units = [stack.enter_context(unit(name, environment, folder / f"{name}.log")) for name in UNITS]
        ahead = {"upstream": f"127.0.0.1:{port}", "bucket": f"127.0.0.1:{s3.port}"}
        front = stack.enter_context(nginx(shown, store=folder / "no-store", **ahead))
        house = WholeHouse(front, environment, folder, bucket, units)

        def is_up() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                # The relay and each queue give signs of life of their own.
                return len(house.health().get("workers", ())) == len(UNITS) - 1
            return False

        wait_until(is_up, process=house.web, folder=folder, within=UP_SECONDS)
        yield house
    assert [process.returncode for process in units] == [0] * len(units)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def database_url(postgres: Cluster) -> Iterator[str]:
    yield postgres.create(DATABASE)
    postgres.drop(DATABASE)


def web_processes(house: WholeHouse) -> int:
    return len(Path(f"/proc/{house.web.pid}/task/{house.web.pid}/children").read_text().split())


def assert_stands_on_servers(house: WholeHouse) -> None:
    told = house.health()
    kinds = (told["database"]["kind"], told["store"]["kind"], told["redis"])
    assert kinds == ("postgresql", "s3", {"kind": "redis", "check": "reachable"})
    assert web_processes(house) == WEB_PROCESSES


def reported(house: WholeHouse) -> str:
    """A worker's report with a photo, and its number when the photo has been read."""
    told = {"client_id": str(uuid.uuid4()), "place_code": "HBJX-A3", "category": "ELEC", "description": "线头裸露"}
    body, kind = form("hazard", told, BEFORE)
    status, _, answer = house.ask("lixia", "POST", "/hazards", body, kind)
    assert status == 201, answer
    receipt = json.loads(answer)["receipt"]
    kept = {"sha256": hashlib.sha256(BEFORE).hexdigest(), "bytes": len(BEFORE)}
    assert (receipt["client_id"], receipt["photos"]) == (told["client_id"], [kept])
    assert house.ask("lixia", "POST", "/hazards", body, kind)[0] == 200
    number = str(json.loads(answer)["number"])
    house.wait(lambda: photos_are_ready(house, number, 1))
    return number


def photos_are_ready(house: WholeHouse, number: str, count: int) -> bool:
    shown = house.told("wangmin", f"/hazards/{number}")["photos"]
    return [each["status"] for each in shown] == ["ready"] * count


def assert_handed_out_of_the_bucket(house: WholeHouse, path: str) -> bytes:
    """The app says where it lies and sends no byte; nginx fetches it there and says nothing of where."""
    headers, body = house.straight("lixia", path)
    lies = urlsplit(headers["X-Accel-Redirect"])
    assert (body, lies.path.startswith(f"/_s3/{house.bucket.name}/")) == (b"", True)
    assert "X-Amz-Signature" in lies.query
    status, shown, picture = house.ask("lixia", "GET", path)
    stored = (house.bucket.parent / lies.path.removeprefix("/_s3/")).read_bytes()
    assert (status, picture) == (200, stored)
    assert hashlib.sha256(picture).hexdigest() == lies.path.rpartition("/")[2]
    assert (shown["X-Accel-Redirect"], shown["Content-Type"]) == (None, "image/jpeg")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    # Nobody outside can go there himself, not even with the signed address.
    assert house.front.call("GET", f"{lies.path}?{lies.query}")[0] == 404
    return picture


def repaired_and_closed(house: WholeHouse, number: str) -> str:
    """Accepted by the workshop's officer, repaired with a photo, closed by another; the month of the closure."""
    seen = datetime.fromisoformat(house.told("wangmin", f"/hazards/{number}")["submitted_at"])
    named = {"level": "general", "category": "ELEC", "factor": "thing", "rectifier": "zhanglei"}
    deadline = (seen + timedelta(days=7)).isoformat()
    house.move("wangmin", number, "accept", **named, measures="包扎线头", deadline=deadline)
    accepted = house.told("zhanglei", f"/hazards/{number}")["accepted_at"]
    house.move("zhanglei", number, "rectify", picture=AFTER, done="已包扎", finished_at=accepted)
    house.wait(lambda: photos_are_ready(house, number, 2))
    house.move("chenjun", number, "close", conclusion="复查合格")
    closed = house.told("lixia", f"/hazards/{number}")
    assert closed["state"] == "closed"
    assert [each["stage"] for each in closed["photos"]] == ["before", "after"]
    # The month of a statement is the one on the unit's own calendar.
    return f"{datetime.fromisoformat(closed['closed_at']).astimezone(SHANGHAI):%Y-%m}"


def assert_paid_and_counted(house: WholeHouse, number: str, month: str) -> None:
    house.wait(lambda: house.told("lixia", "/points")["balance"] == 5)
    assert {entry["hazard"] for entry in house.told("lixia", "/points")["items"]} == {number}
    statement = house.told("wangmin", f"/months/{month}/statements/HBJX-3")
    links = [figure["hazards"] for block in statement["blocks"] for figure in block["figures"]]
    assert any(number in str(house.told("wangmin", link.removeprefix("/api/v1"))) for link in links)


def test_a_hazards_whole_way_on_real_servers_through_nginx_and_home_by_a_backup(
    tmp_path, redis, database_url, s3_server
):
    needed()
    with running(tmp_path, redis, database_url, s3_server) as house:
        assert_stands_on_servers(house)
        number = reported(house)
        assert assert_handed_out_of_the_bucket(house, f"/hazards/{number}/photos/1/display") != BEFORE
        assert house.ask("wangmin", "GET", f"/hazards/{number}/photos/1/original")[2] == BEFORE
        assert_paid_and_counted(house, number, repaired_and_closed(house, number))
        house.wait(lambda: house.health()["queue"]["waiting"] == 0)
    # As a move is made: the service stands still (docs/grow.md).
    flask(house.environment, "backup", str(tmp_path / "move.backup"))
    assert "all as they must be" in flask(house.environment, "verify")
    home = settings(tmp_path / "home")
    flask(home, "restore", str(tmp_path / "move.backup"))
    assert "all as they must be" in flask(home, "verify")
    with opened(house.environment) as there, opened(home) as here:
        assert digests(here) == digests(there)
        assert objects(here.store).items() <= objects(there.store).items()
        assert here.db.engine.dialect.name == "sqlite"
        kept = {hashlib.sha256(picture).hexdigest() for picture in (BEFORE, AFTER)}
        assert kept <= set(here.store.keys())
