"""A warm fork server: each child serves reports, or works, in one thread until it is done or killed.

The settings are the environment's. The application is built once: that takes longer than all that a child does.
A line of JSON on standard input makes a child, which serves HTTP, or waits for a word on a connection and then
does what is due; `PID PORT` is the answer. Nothing of the database is open before: a child inherits no state.
"""

import contextlib
import ctypes
import io
import json
import os
import signal
import socket
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from flask_migrate import upgrade
from sqlalchemy import event

from app.core.outbox import queue_depth, release_leases
from app.factory import create_app
from app.runtime import Runtime
from config import settings_of_this_process
from storage import filesystem
from tests.conftest import START
from tests.crash.dying import die_when
from workers.decoder import Decoder
from workers.jobs import Tools
from workers.runner import run_all

PR_SET_PDEATHSIG, PR_SET_PTRACER, PR_SET_PTRACER_ANY = 1, 0x59616D61, -1


class Quiet(WSGIRequestHandler):
    """Says nothing: what a traced child writes is an answer, or the product's own."""

    def log_message(self, *_told: Any) -> None:
        pass

    def get_stderr(self) -> Any:
        return io.StringIO()


@dataclass(frozen=True)
class Wish:
    """What a child is to be: `without` names the leg that it lacks, `migrates_to` the revision to bring it to.

    `dies` names the moment of a report at which it kills itself, where no system call tells the moment.
    """

    works: bool = False
    migrates_to: str | None = None
    checkpoint_always: bool = False
    without: str | None = None
    dies: str | None = None


def main() -> None:
    _die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    app = create_app(settings_of_this_process(), clock=_standing_still)
    means: Runtime = app.extensions["runtime"]
    _say("ready")
    for line in sys.stdin:
        _child(app, means, Wish(**json.loads(line)))


def _standing_still() -> datetime:
    return START


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _child(app: Any, means: Runtime, wish: Wish) -> None:
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    with contextlib.closing(server.socket):
        pid = os.fork()
        if pid == 0:
            try:
                _live(server, app, means, wish)
            finally:
                os._exit(1)
        _say(f"{pid} {server.server_port}")


def _live(server: WSGIServer, app: Any, means: Runtime, wish: Wish) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _die_with_parent()
    # Where only an ancestor may trace, the tests' strace is none.
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(PR_SET_PTRACER_ANY))
    if wish.checkpoint_always:
        _pragma(means, "wal_autocheckpoint=1")
    _break(means, wish.without)
    die_when(wish.dies, app, means)
    if wish.works:
        _work(server.socket, means)
    elif wish.migrates_to is not None:
        _migrate(server.socket, app, wish.migrates_to)
    else:
        _serve(server, app)


def _serve(server: WSGIServer, app: Any) -> None:
    server.set_app(app)
    while True:
        server.handle_request()


def _work(listener: socket.socket, means: Runtime) -> None:
    """Warm up, say so, wait for the word, do all that is due, say so."""
    with Decoder() as decoder:
        with means.db.read() as session:
            queue_depth(session)
        line, _ = listener.accept()
        with line:
            line.sendall(b"ready\n")
            while line.recv(1):
                with means.db.write() as session:
                    release_leases(session, at=means.now())
                run_all(Tools(means, decoder))
                line.sendall(b"done\n")


def _migrate(listener: socket.socket, app: Any, revision: str) -> None:
    """Bring the database to this revision when the word comes, and say so."""
    line, _ = listener.accept()
    with line, app.app_context():
        line.sendall(b"ready\n")
        line.recv(1)
        upgrade(revision=revision)
        line.sendall(b"done\n")


def _break(means: Runtime, without: str | None) -> None:
    """Take away one of the promises' legs, so that a test can show that it would notice."""
    match without:
        case "photo":
            filesystem.os = _ForgetfulOs()  # type: ignore[assignment]
        case "folder":
            filesystem._sync_folder = lambda _folder: None
        case "commit":
            _pragma(means, "synchronous=OFF")


class _ForgetfulOs:
    """The module `os`, whose fsync forgets what is being staged."""

    def fsync(self, descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().suffix != ".part":
            os.fsync(descriptor)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def _pragma(means: Runtime, pragma: str) -> None:
    """Set it on every connection, after the product's own; only SQLite knows pragmas."""
    if means.db.engine.dialect.name != "sqlite":
        return

    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(means.db.engine, "connect", on_connect)


if __name__ == "__main__":
    main()
