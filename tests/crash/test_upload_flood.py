"""Uploads that never come to an end leave the web server's threads to the others: against the server itself."""

import base64
import contextlib
import hashlib
import secrets
import select
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.clock import system_clock
from app.edge.under_way import OF_POOL
from tests.conftest import House, _house_in
from tests.crash.conftest import PATIENCE, call
from tests.crash.test_at_once import web_server
from tests.databases import forget
from workers.decoder import Decoder

LINES = 245
"""More than the server has threads."""
CONTENT = b"\xff\xd8\xff\xe0" + secrets.token_bytes(1_000_000)
AT_ONCE = 20.0


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, furnish: Callable[[str], Path], decoder: Decoder
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("flooded") / "data"
    shutil.copytree(furnish("sqlite"), folder)
    house = _house_in(folder, decoder)
    house.clock.at = system_clock()
    yield house
    house.means.db.engine.dispose()
    forget(folder)


@pytest.fixture(scope="module")
def port(house: House) -> Iterator[int]:
    with web_server(house.means.settings) as port:
        yield port


def told(house: House, login: str | None = "lixia") -> dict[str, str]:
    credential = {"Authorization": f"Bearer {house.token(login)}"} if login else {}
    return {**credential, "Tus-Resumable": "1.0.0"}


def begun(house: House, port: int, *, login: str = "lixia") -> str:
    named = base64.b64encode(hashlib.sha256(CONTENT).hexdigest().encode()).decode()
    said = {"Upload-Length": str(len(CONTENT)), "Upload-Metadata": f"sha256 {named}"}
    answer = call(port, "POST", "/api/v1/uploads", b"", {**told(house, login), **said}, empty=True)
    assert answer is not None
    assert answer.status == 201
    return str(answer.headers["Location"])


@contextlib.contextmanager
def silent(port: int, paths: list[str], headers: dict[str, str]) -> Iterator[list[socket.socket]]:
    """A line for each path, on which a PATCH of everything brings its first byte and then nothing."""
    lines = []
    with contextlib.ExitStack() as held:
        for path in paths:
            line = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=AT_ONCE))
            head = [
                f"PATCH {path} HTTP/1.1",
                "Host: x",
                *(f"{name}: {value}" for name, value in headers.items()),
                "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream",
                f"Content-Length: {len(CONTENT)}",
            ]
            line.sendall("\r\n".join([*head, "", ""]).encode() + CONTENT[:1])
            lines.append(line)
        yield lines


def is_alive(port: int) -> bool:
    """Whether others are answered while it lasts."""
    began = time.monotonic()
    answer = call(port, "GET", "/healthz", b"", {})
    return answer is not None and answer.status == 200 and time.monotonic() - began < AT_ONCE


def told_first(lines: list[socket.socket], count: int) -> list[socket.socket]:
    """Those on which an answer has come, as soon as they are so many: the server takes all of them at once."""
    until = time.monotonic() + PATIENCE
    while len(told := select.select(lines, [], [], 0.1)[0]) < count:
        assert time.monotonic() < until, f"{len(told)} were answered"
    return told


def answered(line: socket.socket) -> int:
    """The status that comes on a line; 0 when it ends without."""
    with contextlib.suppress(OSError):
        said = line.recv(4096)
        return int(said.split()[1]) if said else 0
    return 0


def ends_within(line: socket.socket, seconds: float) -> bool:
    """Whether the server hangs up; the rest of its answer comes in one piece or in several."""
    line.settimeout(seconds)
    try:
        while line.recv(4096):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def test_many_lines_of_one_upload_hold_one_thread(house, port):
    path = begun(house, port)
    with silent(port, [path] * LINES, told(house)) as lines:
        assert is_alive(port)
        # All but the last were ended: each was told so, or refused because too many came at once.
        statuses = Counter(answered(line) for line in lines[:100])
        assert set(statuses) <= {0, 400, 409, 503}
        stands = call(port, "HEAD", path, b"", told(house), empty=True)
        assert stands is not None
        assert 0 < int(stands.headers["Upload-Offset"]) < LINES


def test_many_uploads_of_one_account_hold_no_more_threads_than_its_share(house, port):
    # An account of its own: the server sees a while later than we that a line of another test was closed.
    paths = [begun(house, port, login="zhaoqiang") for _ in range(OF_POOL + 5)]
    with silent(port, paths, told(house, "zhaoqiang")) as lines:
        assert is_alive(port)
        # Once so many are refused all have been looked at: the others are in.
        refused = told_first(lines, 5)
        assert [answered(line) for line in refused] == [503] * 5
        assert not select.select([line for line in lines if line not in refused], [], [], 1)[0]


@pytest.mark.parametrize("login", [None, "lixia"])
def test_who_is_refused_holds_no_thread_with_what_it_goes_on_to_send(house, port, login):
    path = "/api/v1/uploads/" + secrets.token_urlsafe(16)
    # Nobody waits for the million bytes that it announced, as the server by itself would for 5 s, each time. A
    # busy machine may be late for reasons of its own, though not again and again.
    ended = []
    while not any(ended) and len(ended) < 5:
        with silent(port, [path], told(house, login)) as (line,):
            assert answered(line) == (404 if login else 401)
            ended.append(ends_within(line, 3))
    assert any(ended)
