"""An RQ worker that listens to one queue, in its own process and without a fork: the photo has its child anyway.

What Redis says is not believed: of a ring only the errand's id is taken, and the row decides whether there is
anything to do. Whoever can write into Redis can make us look at a row, and no more.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any, Final

import structlog
from redis import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.utils import now
from rq.worker import WorkerStatus

from workers.jobs import Tools
from workers.ringing import ANSWER, redis_at
from workers.runner import LEASE, run_this
from workers.timetable import PULSE, pulse

REST_SECONDS: Final = 1.0
"""Between two lives of a listener that Redis ended."""
WORKER_TTL_SECONDS: Final = 30
"""RQ waits for a ring half as long, then shows that it lives."""
BELIEVED: Final = frozenset(
    {
        *("data", "description", "origin", "status", "timeout", "result_ttl", "failure_ttl", "worker_name"),
        *("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat"),
    }
)
"""The fields of a ring that are read; not callbacks, webhooks and retries, which nobody of ours ever writes."""
PACKED_MOST: Final = 1024
"""Bytes of a ring's packed part; ours have about a hundred."""
_log: Final = structlog.get_logger(__name__)


def answer(tools: Tools, errand_id: int, *, lease: timedelta) -> None:
    """Do this errand, if it is still to be done; never raises, for RQ would write the trace into Redis.

    Repeatable and harmless at any time: the row is claimed first, and the relay rings again for what waits.
    """
    try:
        run_this(tools, errand_id, lease=lease)
    except Exception as fault:  # noqa: BLE001  # what escapes `run_this` is the database's; the relay rings again
        _log.warning("ring_unanswered", errand=errand_id, fault=type(fault).__name__)


class Ring(Job):
    """An RQ job as we make them: one function, one id."""

    tools: Tools
    lease: timedelta

    def restore(self, raw_data: Mapping[bytes, bytes]) -> Any:
        """Take from Redis what a ring of ours may hold, and drop the rest unread.

        Raises:
            NoSuchJobError: its packed part is larger than an id can be; RQ would unpack it without a bound.
        """
        if len(raw_data.get(b"data", b"")) > PACKED_MOST:
            raise NoSuchJobError
        return super().restore({key: told for key, told in raw_data.items() if key.decode() in BELIEVED})

    def perform(self) -> None:
        """Answer the ring; whatever else it asks for is refused."""
        match self.func_name, self.args, self.kwargs:
            case (name, [int(errand_id)], {}) if name == ANSWER:
                answer(self.tools, errand_id, lease=self.lease)
            case _:
                _log.error("foreign_job_refused")


class Unhurried(BaseDeathPenalty):
    """No alarm: it would strike between two writes of a job, whose own steps are bounded."""

    def setup_death_penalty(self) -> None:
        """Do nothing."""

    def cancel_death_penalty(self) -> None:
        """Do nothing."""


class Listener(SimpleWorker):
    """One life of an RQ worker; signals, and commands sent through Redis, do not reach into it."""

    job_class = Ring
    death_penalty_class = Unhurried
    max_connection_wait_time = 2.0

    def __init__(self, queue: str, *, url: str, tools: Tools, lease: timedelta) -> None:
        super().__init__(
            [queue],
            connection=redis_at(url, patience=WORKER_TTL_SECONDS),
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            log_job_description=False,
        )
        self._tools = tools
        self._lease = lease
        self._pulsed_at: float | None = None

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Give the ring what it needs to be answered, then as RQ does."""
        if isinstance(job, Ring):
            job.tools, job.lease = self._tools, self._lease
        super().execute_job(job, queue)

    def heartbeat(self, *args: Any, **more: Any) -> None:
        """Show RQ that we live, and `/healthz` once in a while."""
        super().heartbeat(*args, **more)
        at = time.monotonic()
        if self._pulsed_at is not None and at - self._pulsed_at < PULSE.total_seconds():
            return
        self._pulsed_at = at
        try:
            pulse(self._tools)
        except StopRequested:
            raise
        except Exception as fault:  # noqa: BLE001  # a worker that cannot say that it lives can still work
            _log.warning("pulse_failed", fault=type(fault).__name__)

    def run_maintenance_tasks(self) -> None:
        """Let RQ clear away what killed workers left; what it cannot read there is thrown away: the rows know."""
        try:
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ types most of itself
        except (RedisError, StopRequested):
            raise
        except Exception as fault:  # noqa: BLE001  # foreign bytes would end every worker at its start
            _log.warning("queue_cleared", fault=type(fault).__name__)
            for queue in self.queues:
                self.connection.delete(queue.intermediate_queue_key)
            self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ does the same

    def request_stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """End after the errand in hand; at once when there is none.

        RQ's own would speak to Redis here, in the middle of the errand, whose writes a fault would break off.

        Raises:
            StopRequested: there is none; RQ's loop expects it.
        """
        del signum, frame
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def _install_signal_handlers(self) -> None:
        """Leave signals to the process."""

    def subscribe(self) -> None:
        """Take no commands: a thread and a connection for what nobody sends."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001  # RQ's signature
        """Never rest on a key in Redis that somebody forgot."""
        del burst


class QueueWorker:
    """A process's work on one queue: one listener after the other, whatever Redis does, until `end`."""

    def __init__(self, queue: str, *, url: str, tools: Tools, lease: timedelta = LEASE) -> None:
        self._queue = queue
        self._url = url
        self._tools = tools
        self._lease = lease
        self._stop = threading.Event()
        self._listener: Listener | None = None

    def work(self, *, is_burst: bool = False) -> None:
        """Listen until `end`, or (`is_burst`) until nothing is rung any more."""
        troubles = _tell_troubles()
        with suppress(StopRequested):
            while not self._stop.is_set():
                self._live(troubles, is_burst=is_burst)
                if is_burst:
                    return
                self._stop.wait(REST_SECONDS)

    def _live(self, troubles: "_Troubles", *, is_burst: bool) -> None:
        listener = None
        try:
            listener = Listener(self._queue, url=self._url, tools=self._tools, lease=self._lease)
            self._listener = listener
            listener.work(burst=is_burst, logging_level="ERROR")
        except RedisError as fault:
            troubles.tell("redis_away", type(fault).__name__)
        finally:
            self._listener = None
            if listener is not None:
                listener.connection.close()

    def end(self) -> None:
        """End soon; for the signal handler of the thread that works.

        Raises:
            StopRequested: it waits for a ring; its own loop takes this.
        """
        self._stop.set()
        if self._listener is not None:
            self._listener.request_stop()


class _Troubles(logging.Handler):
    """RQ's errors as lines of ours: the fixed words only, and each once in a row."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        self.tell(str(record.msg), kind.__name__ if kind else None)

    def tell(self, said: str, fault: str | None) -> None:
        """Log what was said, unless it was the last thing said."""
        if said != self._last:
            _log.warning("queue_trouble", said=said, fault=fault)
        self._last = said


def _tell_troubles() -> _Troubles:
    logger = logging.getLogger("rq")
    logger.propagate = False
    troubles = _Troubles()
    logger.handlers = [troubles]
    return troubles
