"""One machine's processes: starts the web server and the workers, watches them, and stops them together."""

import ctypes
import errno
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from app.tls_files import TlsFiles, tls_files
from config import Settings

ROOT: Final = Path(__file__).resolve().parent.parent
WEB_THREADS: Final = 240
"""Enough for 200 phones that each hold a thread for minutes; an idle thread costs some 100 KiB."""
STOP_SECONDS: Final = 8.0
START_SECONDS: Final = 180.0
"""Six processes that start at once take 27 s of processor before the web server answers; this is for a busy or a
small machine. A web server that ends is seen at once: only one that hangs is waited for."""
LOOK_SECONDS: Final = 0.2
RESTARTS: Final = 5
"""A process that dies more often within RESTART_WINDOW_SECONDS is not coming back."""
RESTART_WINDOW_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 1.0
LONG_PAUSE_SECONDS: Final = 15.0
"""For a process that keeps dying but is not vital."""
ALLOCATOR: Final = {
    # An upload moves through blocks of hundreds of KiB. glibc maps and unmaps each one anew, and the kernel
    # zeroes its pages every time: measured, that is a third of the CPU of a request.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
    "MALLOC_ARENA_MAX": "2",
}
_PR_SET_PDEATHSIG: Final = 1
QUEUES: Final = ("photos", "papers", "swift")
"""What RQ's workers listen to, one process for each; `workers/queues.py` says which job goes where."""


@dataclass(frozen=True)
class Program:
    """A process to keep running: what people call it, its command line, and whether all stops without it."""

    name: str
    command: tuple[str, ...]
    is_vital: bool = True


def web_command(settings: Settings) -> tuple[str, ...]:
    """The web server's command line (docs/decisions/0001-wsgi-server.md)."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = {
        "bind": f"{host}:{settings.port}",
        "worker-class": "app.web_worker.PatientWorker",
        "workers": str(settings.web_processes),
        "threads": str(WEB_THREADS),
        "graceful-timeout": "5",
        "keep-alive": "5",
        # A notice about two hundred hazards names them in its address.
        "limit-request-line": "8190",
        # Its warnings name the addresses of clients.
        "log-level": "error",
    }
    if settings.has_own_tls:
        files = tls_files(settings.data)
        options |= {"certfile": str(files.certificate), "keyfile": str(files.key)}
    named = (f"--{name}={value}" for name, value in options.items())
    allocator = (f"{name}={value}" for name, value in ALLOCATOR.items())
    return ("env", *allocator, sys.executable, "-m", "gunicorn", *named, "--no-control-socket", "wsgi:application")


def programs_for(settings: Settings) -> tuple[Program, ...]:
    """Web and workers, as `make run` starts them: embedded, or with Redis a relay and a worker of each queue."""
    return (Program("web", web_command(settings)), *_workers(settings))


def _workers(settings: Settings) -> tuple[Program, ...]:
    """None is vital: reports are taken without workers, and read once they live again."""
    start = (sys.executable, "-m", "workers")
    if not settings.redis_url:
        return (Program("workers", start, is_vital=False),)
    return (
        Program("relay", (*start, "relay"), is_vital=False),
        *(Program(f"queue {name}", (*start, "queue", name), is_vital=False) for name in QUEUES),
    )


def serve(settings: Settings, *, closing: str = "") -> int:
    """Run web and workers in the foreground until SIGINT or SIGTERM; the exit code.

    When the product answers, its address and then `closing` are printed.
    """
    fault = port_fault(settings.host, settings.port)
    if fault:
        print(fault, file=sys.stderr)  # noqa: T201  # the person who typed the command reads it
        return 1
    crew = Crew(programs_for(settings))
    tls = (settings.public_host, tls_files(settings.data)) if settings.has_own_tls else None
    said = "\n".join(part for part in (f"\n  {settings.public_url}\n", closing) if part)
    return crew.run(answers=lambda: answers(settings.host, settings.port, tls=tls), when_up=said)


def port_fault(host: str, port: int) -> str | None:
    """Why nobody can listen there, as a sentence; None when one can."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} on {host} is in use: stop what listens there, or choose another with PORT=8001."
        return f"Cannot listen on {host} port {port}: {error.strerror}. Check HOST and PORT."
    return None


def answers(host: str, port: int, *, tls: tuple[str, TlsFiles] | None = None) -> bool:
    """Whether `/healthz` answers, well or not; with `tls`, also with a certificate that a phone believes."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
    connection = http.client.HTTPConnection(near, port, timeout=5)
    try:
        if tls is not None:
            name, files = tls
            connection.connect()
            trusting = ssl.create_default_context(cafile=str(files.authority))
            connection.sock = trusting.wrap_socket(connection.sock, server_hostname=name)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


class Crew:
    """Processes that live and die together with this one."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: dict[str, deque[float]] = {program.name: deque(maxlen=RESTARTS) for program in programs}
        self._stopping = threading.Event()

    def run(self, *, answers: Callable[[], bool], when_up: str) -> int:
        """Start all, print `when_up` once `answers`, restart what dies, stop all on a signal; the exit code."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for program in self._programs:
                self._start(program)
            return self._watch(answers, when_up)
        finally:
            self._end_all()
            for number, former in before.items():
                signal.signal(number, former)

    def _watch(self, answers: Callable[[], bool], when_up: str) -> int:
        deadline: float | None = time.monotonic() + START_SECONDS
        while not self._stopping.is_set():
            for program in self._programs:
                if self._running[program.name].poll() is not None and not self._revive(program):
                    return 1
            if deadline is not None and not self._stopping.is_set():
                if answers():
                    deadline = None
                    _say(when_up)
                elif time.monotonic() > deadline:
                    _say("The web server does not answer; stopping.")
                    return 1
            self._stopping.wait(LOOK_SECONDS)
        return 0

    def _start(self, program: Program) -> None:
        self._running[program.name] = subprocess.Popen(  # noqa: S603  # our own command line
            program.command,
            cwd=ROOT,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  # only the main thread runs here
        )

    def _revive(self, program: Program) -> bool:
        """Start a dead program again after a pause; False when it keeps dying."""
        code = self._running[program.name].returncode
        if self._stopping.is_set():
            return True
        deaths = self._deaths[program.name]
        deaths.append(time.monotonic())
        keeps_dying = len(deaths) == RESTARTS and deaths[-1] - deaths[0] < RESTART_WINDOW_SECONDS
        if keeps_dying and program.is_vital:
            _say(f"The {program.name} process keeps ending (last code {code}); stopping everything.")
            return False
        _say(f"The {program.name} process ended with code {code}; starting it again.")
        if not self._stopping.wait(LONG_PAUSE_SECONDS if keeps_dying else PAUSE_SECONDS):
            self._start(program)
        return True

    def _end_all(self) -> None:
        running = list(self._running.values())
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201  # the person who typed the command reads it


def _die_with(parent: int) -> Callable[[], None]:
    """What a child does before its program starts: ask the kernel to end it when `parent` is gone."""
    libc = ctypes.CDLL(None, use_errno=True)

    def tether() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the kernel knew.
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return tether
