"""A throw-away redis-server on a free port: made for a test session, gone with it."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis, RedisError

from tests.ports import free_port

START_SECONDS = 90.0
_PR_SET_PDEATHSIG = 1


@dataclass
class RedisServer:
    """One server that keeps nothing on disk: stopped and started again it is empty, at the same address."""

    folder: Path
    port: int
    program: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> Redis:
        return Redis.from_url(self.url)

    def start(self) -> None:
        # Started from a folder that nobody else reads, and told to save nothing.
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, *options, "--dir", str(self.folder)],
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_ends_with(os.getpid()),  # noqa: PLW1509  # it only asks the kernel
            )
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)

    def answers(self) -> bool:
        client = self.client()
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=90)
            self.process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A server of one's own; skips by name where Redis is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    server = RedisServer(folder, free_port(), program)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """The session's server; for tests that leave it running."""
    with redis_server() as server:
        yield server


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> Iterator[str]:
    """The address of an empty Redis."""
    client = shared_redis.client()
    client.flushall()
    yield shared_redis.url
    client.close()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server that the test may stop, start and kill."""
    with redis_server() as server:
        yield server


def _ends_with(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def tether() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return tether
