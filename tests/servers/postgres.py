"""A throw-away PostgreSQL cluster on a free port: made for a test session, gone with it."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

_PR_SET_PDEATHSIG = 1
# Nothing of it outlives the session, so nothing need reach the disk; tests that kill the server pass `durable`.
QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off")


def programs() -> Path | None:
    """Where the newest server's programs are; None when there is none on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    known = shutil.which("initdb")
    return Path(known).resolve().parent if known else None


@dataclass
class Cluster:
    """One server; `url(name)` is the address of a database on it."""

    folder: Path
    port: int
    bin: Path
    options: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def url(self, name: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        options = [
            f"-c{each}"
            for each in (*self.options, f"port={self.port}", "listen_addresses=127.0.0.1", "max_connections=200")
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=_as_server(os.getpid()),  # noqa: PLW1509  # sets its user and its end, nothing else
            )
        until = time.monotonic() + 180
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: rolls back and ends ("fast"); SIGQUIT: ends as if it had been killed ("immediate")."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=180)
            self.process = None

    def run(self, statement: str, *, database: str = "postgres") -> None:
        """One statement outside any transaction."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement)

    def create(self, name: str, *, template: str = "template0") -> str:
        """A database as the product wants it; its address."""
        made = f'CREATE DATABASE "{name}" TEMPLATE "{template}"'
        if template == "template0":
            made += " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        self.run(made)
        return self.url(name)

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server of one's own; skips by name where PostgreSQL is not installed."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's server is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, *_server_ids())
        subprocess.run(
            [found / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
            + ([] if durable else ["--no-sync"]),
            check=True,
            capture_output=True,
            preexec_fn=_as_server(os.getpid()),
        )
        made = Cluster(folder, free_port(), found, () if durable else QUICK)
        made.start()
        try:
            yield made
        finally:
            made.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_ids() -> tuple[int, int]:
    """The server refuses to run as root."""
    for name in ("postgres", "nobody"):
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return known.pw_uid, known.pw_gid
    pytest.skip("PostgreSQL refuses to run as root, and there is no other user here")


def _as_server(parent: int):
    """What a child does before its program starts: become the server's user, and end with the tests."""
    ids = _server_ids() if os.geteuid() == 0 else None
    libc = ctypes.CDLL(None)

    def become() -> None:
        if ids is not None:
            os.setgroups([])
            os.setgid(ids[1])
            os.setuid(ids[0])
            os.chdir("/")
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
        if os.getppid() != parent:
            os._exit(1)

    return become
