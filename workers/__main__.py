"""`python -m workers`: the embedded runner, which needs neither Redis nor a second machine."""

import fcntl
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog

from app.core.errors import Unavailable
from app.core.outbox import release_leases
from app.runtime import Runtime, create_runtime
from config import SettingsError, settings_of_this_process
from storage.object_store import StoreError
from workers.decoder import Decoder, DecoderUnavailable
from workers.jobs import Tools
from workers.runner import relay_events, run_errand
from workers.timetable import Rounds

ERRANDS_AT_ONCE = 50
ERRAND_SECONDS = 5.0
"""Between two rounds so many errands are done, or for so long: a round may carry one slow message, and photos that
wait must not wait for one each. Rounds come often enough for the clocks, which count minutes."""
IDLE_SECONDS = 0.3
"""How long a report may wait for the next look at the database; a look costs less than a millisecond."""
_log = structlog.get_logger("workers")


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether this is the only embedded worker on this data; the lock dies with the process."""
    with (folder / "worker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def work_until(stop: threading.Event, tools: Tools) -> None:
    """Walk the rounds, relay, run, rest; until told to stop. A database that is away is waited for."""
    rounds = Rounds()
    while not stop.is_set():
        try:
            rounds.walk(tools)
            busy = relay_events(tools) > 0
            busy = _run_errands(stop, tools) or busy
        except (Unavailable, StoreError) as fault:
            _log.warning("worker_waits", fault=type(fault).__name__)
            stop.wait(2)
        except Exception:  # noqa: BLE001  # a bug in one round or one event must not end all the others
            _log.exception("round_failed")
            stop.wait(2)
        else:
            if not busy:
                stop.wait(IDLE_SECONDS)


def _run_errands(stop: threading.Event, tools: Tools) -> bool:
    """Do what is due, a bounded while; False when there was nothing."""
    until, done = time.monotonic() + ERRAND_SECONDS, 0
    while done < ERRANDS_AT_ONCE and time.monotonic() < until and not stop.is_set():
        if not run_errand(tools):
            break
        done += 1
    return done > 0


def _run(runtime: Runtime) -> int:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with _alone(runtime.settings.data) as alone:
        if alone:
            with runtime.db.write() as session:
                release_leases(session, at=runtime.now())
        with Decoder() as decoder:
            _log.info("worker_started", jail=decoder.jail.as_json())
            work_until(stop, Tools(runtime, decoder))
    return 0


def main() -> int:
    """Read the settings, start, and work until SIGTERM or Ctrl-C."""
    try:
        runtime = create_runtime(settings_of_this_process())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        return _run(runtime)
    except DecoderUnavailable as error:
        sys.stderr.write(f"The photo decoder's jail cannot be built here ({error}); photos would stay unread.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
