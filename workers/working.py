"""The loop of whoever walks the timetable and relays events: the embedded runner, and the relay."""

import threading
import time
from typing import Final

import structlog

from app.core.errors import Unavailable
from app.core.waking import waking
from storage.object_store import StoreError
from workers.jobs import Tools
from workers.ringing import Doorbell
from workers.runner import relay_events, run_errand
from workers.timetable import Rounds

ERRANDS_AT_ONCE = 50
ERRAND_SECONDS = 5.0
"""Between two rounds so many errands are done, or for so long: a round may carry one slow message, and photos that
wait must not wait for one each. Rounds come often enough for the clocks, which count minutes."""
IDLE_SECONDS = 0.5
"""How long at most until the next look at the database; a commit wakes sooner."""
FAULT_SECONDS: Final = 2.0
_log: Final = structlog.get_logger("workers")


def work_until(stop: threading.Event, tools: Tools, *, bell: Doorbell | None = None) -> None:
    """Walk the rounds, relay, run or ring, rest; until told to stop. A database that is away is waited for.

    With a `bell` others do the errands, as long as Redis carries its ring; without, and while Redis is away, they
    are done here.
    """
    rounds = Rounds()
    with waking(tools.runtime.db.engine) as bed:
        while not stop.is_set():
            try:
                rounds.walk(tools)
                busy = relay_events(tools, heard=bell.ring if bell else None) > 0
                if bell is None or not bell.ring_due(tools.runtime):
                    busy = _run_errands(stop, tools) or busy
            except (Unavailable, StoreError) as fault:
                _log.warning("worker_waits", fault=type(fault).__name__)
                stop.wait(FAULT_SECONDS)
            except Exception:  # noqa: BLE001  # a bug in one round or one event must not end all the others
                _log.exception("round_failed")
                stop.wait(FAULT_SECONDS)
            else:
                if not busy:
                    bed.wait(IDLE_SECONDS, stop=stop)


def _run_errands(stop: threading.Event, tools: Tools) -> bool:
    """Do what is due, a bounded while; False when there was nothing."""
    until, done = time.monotonic() + ERRAND_SECONDS, 0
    while done < ERRANDS_AT_ONCE and time.monotonic() < until and not stop.is_set():
        if not run_errand(tools):
            break
        done += 1
    return done > 0
