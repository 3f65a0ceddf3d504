"""`python -m workers`: the embedded runner; with Redis, `relay`, and `queue NAME` for each queue."""

import argparse
import fcntl
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from types import FrameType

import structlog

from app.core.outbox import release_leases
from app.runtime import Runtime, create_runtime
from app.serving import QUEUES
from config import SettingsError, settings_of_this_process
from workers.decoder import Decoder, DecoderUnavailable
from workers.jobs import Tools
from workers.listening import QueueWorker
from workers.queues import PHOTOS
from workers.ringing import RING_AGAIN_SECONDS, Doorbell
from workers.runner import LEASE
from workers.working import work_until

_log = structlog.get_logger("workers")


@contextmanager
def _present(runtime: Runtime, *, shares: bool) -> Iterator[bool]:
    """Whether this is certainly the only worker on this data; the lock dies with the process.

    On a database that other machines reach nobody can know that.
    """
    with (runtime.settings.data / "worker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shares else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield not shares and runtime.db.engine.dialect.name == "sqlite"


def _embedded(runtime: Runtime) -> None:
    stop = threading.Event()
    _on_signal(stop.set)
    with _present(runtime, shares=False) as is_alone:
        if is_alone:
            with runtime.db.write() as session:
                release_leases(session, at=runtime.now())
        with Decoder() as decoder:
            _log.info("worker_started", jail=decoder.jail.as_json())
            work_until(stop, Tools(runtime, decoder))


def _relay(runtime: Runtime, *, again: float) -> None:
    stop = threading.Event()
    _on_signal(stop.set)
    # Its decoder starts with the first photo that it must read itself, while Redis is away.
    with (
        _present(runtime, shares=True),
        closing(Doorbell(runtime.settings.redis_url, again=again)) as bell,
        closing(Decoder()) as decoder,
    ):
        _log.info("relay_started")
        work_until(stop, Tools(runtime, decoder), bell=bell)


def _queue(runtime: Runtime, name: str, *, lease: timedelta) -> None:
    with _present(runtime, shares=True), closing(Decoder()) as decoder:
        if name == PHOTOS:
            decoder.start()
        worker = QueueWorker(name, url=runtime.settings.redis_url, tools=Tools(runtime, decoder), lease=lease)
        _on_signal(worker.end)
        _log.info("queue_worker_started", queue=name)
        worker.work()


def _on_signal(end: Callable[[], None]) -> None:
    def heard(_signal: int, _frame: FrameType | None) -> None:
        end()

    signal.signal(signal.SIGTERM, heard)
    signal.signal(signal.SIGINT, heard)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parts = parser.add_subparsers(dest="part", metavar="PART")
    relay = parts.add_parser("relay", help="walk the timetable, relay events, ring RQ's workers")
    relay.add_argument("--again", type=float, default=RING_AGAIN_SECONDS, help="seconds until it rings again")
    queue = parts.add_parser("queue", help="an RQ worker of one queue")
    queue.add_argument("name", choices=QUEUES)
    queue.add_argument(
        "--lease", type=float, default=LEASE.total_seconds(), help="seconds until others may take its errand"
    )
    asked = parser.parse_args(arguments)
    asked.part = asked.part or "embedded"
    return asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the settings, start, and work until SIGTERM or Ctrl-C."""
    asked = _asked(arguments)
    try:
        settings = settings_of_this_process()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if asked.part != "embedded" and not settings.redis_url:
        sys.stderr.write("REDIS_URL must be set: relay and queue workers speak through Redis.\n")
        return 2
    runtime = create_runtime(settings)
    try:
        match asked.part:
            case "relay":
                _relay(runtime, again=asked.again)
            case "queue":
                _queue(runtime, asked.name, lease=timedelta(seconds=asked.lease))
            case _:
                _embedded(runtime)
    except DecoderUnavailable as error:
        sys.stderr.write(f"The photo decoder's jail cannot be built here ({error}); photos would stay unread.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
