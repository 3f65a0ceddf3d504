"""The pieces of uploads that arrive in this process now, so that whoever asks for an upload can end a silent one.

A phone that changes its network leaves a line on which nothing comes and nothing breaks. It asks where its upload
stands on another line: then the old one is ended, what came on it is kept, and the answer counts it.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

WAIT_SECONDS: Final = 10.0
"""Whoever asks waits so long for what came to be durable; then is told what was durable before."""


class _Arrival:
    def __init__(self, line: socket.socket | None) -> None:
        self.line = line
        self.is_over = threading.Event()


class UnderWay:
    """Arrivals by the upload's code."""

    def __init__(self, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._arrivals: dict[str, set[_Arrival]] = {}

    @contextmanager
    def begun(self, code: str, line: socket.socket | None) -> Iterator[None]:
        """While a piece arrives on this line."""
        arrival = _Arrival(line)
        with self._lock:
            self._arrivals.setdefault(code, set()).add(arrival)
        try:
            yield
        finally:
            with self._lock:
                self._arrivals[code].discard(arrival)
                if not self._arrivals[code]:
                    del self._arrivals[code]
            arrival.is_over.set()

    def end(self, code: str) -> bool:
        """Let nothing more come for this upload, and wait until what came is settled; whether anything was."""
        with self._lock:
            arrivals = list(self._arrivals.get(code, ()))
        for arrival in arrivals:
            if arrival.line is not None:
                # Whoever reads there meets the end, as if the phone had hung up. TLS's own `shutdown` would take the
                # cipher off the line: the reader would take sealed bytes for the photo's, and answer in the clear.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(arrival.line, socket.SHUT_RD)
        for arrival in arrivals:
            arrival.is_over.wait(self._wait_seconds)
        return bool(arrivals)
