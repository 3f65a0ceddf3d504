"""How long this thread may speak to another machine: the limit of a call, and a nearer one of whoever makes it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LOCKED_SECONDS: Final = 5.0
"""For all that is asked of a store while others wait for the same lock: writers wait 20 s for their turn."""
_call: Final = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let everything that this thread says to another machine in the block end in time, or fail with TimeoutError.

    The nearer end holds when blocks are nested: around calls of an `ObjectStore` this shortens the store's own
    limits, and the store is then unavailable as ever. What lies on this machine is not limited.
    """
    outer: float | None = getattr(_call, "ends_at", None)
    ends_at = time.monotonic() + seconds
    _call.ends_at = ends_at if outer is None else min(outer, ends_at)
    try:
        yield
    finally:
        _call.ends_at = outer


def seconds_left() -> float | None:
    """What remains of the nearest limit, below nought when it is over; None where there is no limit."""
    ends_at: float | None = getattr(_call, "ends_at", None)
    return None if ends_at is None else ends_at - time.monotonic()
