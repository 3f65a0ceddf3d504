"""The line between a phone and a real server process: it counts what the phone sends, and it can be cut."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 16 * 1024
OFFSET = re.compile(rb"\r\nupload-offset: (\d+)\r\n", re.IGNORECASE)


@dataclass
class Server:
    """The product's web server on a house's data, in a session of its own."""

    told: dict[str, str]
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, **self.told, "HOST": "127.0.0.1", "PORT": str(self.port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.web_server"],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 90
        while not self._answers():
            assert time.monotonic() < deadline, "the server does not come up"
            assert self._process.poll() is None, "the server ended"
            threading.Event().wait(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/session", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Line:
    """Carries bytes to `port`; `carried` counts those from the phone since `watch`."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut_at: int | None = None
        self._on_cut: Callable[[], None] = lambda: None
        self.carried = 0
        self.after_cut = 0
        self.offsets_after_cut: list[int] = []
        self.was_cut = threading.Event()
        self.cut_is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def watch(self, *, cut_at: int, on_cut: Callable[[], None] = lambda: None) -> None:
        """From now on count, and cut every connection once `cut_at` bytes have gone up.

        `on_cut` is done first, in a thread of the line's own: `cut_is_over` tells when it is done.
        """
        with self._lock:
            self.carried = self.after_cut = 0
            self.offsets_after_cut = []
            self._cut_at, self._on_cut = cut_at, on_cut
            self.was_cut.clear()
            self.cut_is_over.clear()

    def end(self) -> None:
        self._listener.close()
        self._hang_up()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _where = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._port), timeout=30)
                except OSError:
                    phone.close()
                    continue
                server.settimeout(None)
                with self._lock:
                    self._open |= {phone, server}
                threading.Thread(target=self._carry, args=(phone, server, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, phone, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, up: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while block := source.recv(BLOCK):
                if up and self._count(block):
                    return
                target.sendall(block)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _count(self, block: bytes) -> bool:
        with self._lock:
            self.carried += len(block)
            if self.was_cut.is_set():
                self.after_cut += len(block)
                self.offsets_after_cut += [int(told) for told in OFFSET.findall(block)]
            cut = self._cut_at is not None and self.carried >= self._cut_at
            if cut:
                self._cut_at = None
                self.was_cut.set()  # before anybody can notice: the phone's next request is counted as one after
        if cut:
            self._on_cut()  # before the phone can notice: its next request must not find what is about to go
            self._hang_up()
            self.cut_is_over.set()
        return cut

    def _hang_up(self) -> None:
        with self._lock:
            gone, self._open = self._open, set()
        for one in gone:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
