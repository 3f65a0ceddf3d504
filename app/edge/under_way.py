"""The pieces of uploads that arrive in this process now, so that whoever asks for an upload can end a silent one.

A phone that changes its network leaves a line on which nothing comes and nothing breaks. It asks where its upload
stands on another line, or sends on there: then the old one is ended, what came on it is kept, and counted.

Each arrival holds a thread for as long as its phone likes. So they are bounded (docs/decisions/0021).
"""

import contextlib
import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from app.core.errors import Unavailable
from app.evidence.uploads import Maker

IN_PROCESS: Final = 200
"""Two hundred phones that each send a photo at 20 kB/s have a place at once (P21); of the 240 threads 40 are left
for whoever asks, looks or reports otherwise."""
OF_POOL: Final = 60
"""Of one account, one guest place, one unit's anonymous passes. A team that shares an account sends from so many
phones at once; no QR code fills more than a third of IN_PROCESS."""
OF_PASS: Final = 9
"""A pass is for one report: as many as it has photos."""
RETRY_SECONDS: Final = 5
"""A piece of 512 KiB holds its place for 26 s on the poorest line, and 200 of them free one every moment."""
WAIT_SECONDS: Final = 10.0
"""Whoever asks waits so long for what came to be durable; then is told what was durable before."""


class _Arrival:
    def __init__(self, line: socket.socket | None, by: Maker) -> None:
        self.line = line
        self.by = by
        self.is_over = threading.Event()


class UnderWay:
    """Arrivals by the upload's code."""

    def __init__(self, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._arrivals: dict[str, set[_Arrival]] = {}

    @contextmanager
    def begun(self, code: str, line: socket.socket | None, *, by: Maker) -> Iterator[None]:
        """While a piece arrives on this line; earlier lines of the same maker's upload are ended first.

        Raises:
            Unavailable: as many arrive as may.
        """
        arrival = _Arrival(line, by)
        with self._lock:
            self._see_room(by)
            earlier = [it for it in self._arrivals.get(code, ()) if it.by.scope == by.scope]
            self._arrivals.setdefault(code, set()).add(arrival)
        try:
            self._end(earlier)
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
        self._end(arrivals)
        return bool(arrivals)

    def _end(self, arrivals: Collection[_Arrival]) -> None:
        for arrival in arrivals:
            if arrival.line is not None:
                hang_up_reading(arrival.line)
        for arrival in arrivals:
            arrival.is_over.wait(self._wait_seconds)

    def _see_room(self, by: Maker) -> None:
        all_of_them = [it.by for those in self._arrivals.values() for it in those]
        is_full = (
            len(all_of_them) >= IN_PROCESS
            or sum(it.pool == by.pool for it in all_of_them) >= OF_POOL
            or (by.has_pass and sum(it.scope == by.scope for it in all_of_them) >= OF_PASS)
        )
        if is_full:
            raise Unavailable(retry_after=RETRY_SECONDS)


def hang_up_reading(line: socket.socket) -> None:
    """Let whoever reads there meet the end, as if the phone had hung up; answers still go out."""
    # TLS's own `shutdown` would take the cipher off the line: sealed bytes would be read as the photo's, answers
    # go in the clear.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RD)
