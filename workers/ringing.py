"""The doorbell: tells RQ's workers through Redis which errands are due; the rows are the truth, Redis is not."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from app.core.due import DueErrand, due_errands
from app.runtime import Runtime
from workers.queues import queue_of

ANSWER: Final = "workers.listening.answer"
"""The one function that a ring names; its one argument is the errand's id."""
RING_AGAIN_SECONDS: Final = 30.0
"""What still waits after so long is rung again, unless its ring still lies in the queue."""
LOOK_SECONDS: Final = 1.0
"""How often the rows are searched for what nobody rang: what is due again, or was lost by Redis or by a worker."""
AWAY_SECONDS: Final = 5.0
"""How long Redis is left alone after it did not answer."""
PATIENCE_SECONDS: Final = 2.0
"""For one answer of Redis; errands can be done without it."""
RINGS_OF_EACH_JOB: Final = 500
"""At most so many old errands are rung by one look; the next looks ring the others as these are done."""
KEEP_FAILED_SECONDS: Final = 60
_log: Final = structlog.get_logger(__name__)


def redis_at(url: str, *, patience: float = PATIENCE_SECONDS) -> Redis:
    """A client that is told of a fault at once: every caller knows what to do without Redis."""
    return Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )


def ring_id(errand: DueErrand) -> str:
    """The RQ job's id: another for each attempt, so that an old ring is not taken for a new one."""
    return f"errand-{errand.id}-{errand.attempts}"


class Doorbell:
    """Rings for errands, each once in a while; never raises for Redis, but tells that it is away."""

    def __init__(
        self, url: str, *, again: float = RING_AGAIN_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis_at(url)
        self._again = again
        self._clock = clock
        self._rung: dict[str, float] = {}
        self._looked_at: float | None = None
        self._away_until: float | None = None

    def ring(self, errands: Sequence[DueErrand]) -> None:
        """Ring for these now; what cannot be rung, a later look finds."""
        if self._away_until is None:
            self._bravely(lambda: self._ring(errands))

    def ring_due(self, runtime: Runtime) -> bool:
        """Ring what is due and was not rung lately; False while Redis is away: then the caller does the errands.

        Raises:
            Unavailable: the database is away.
        """
        now = self._clock()
        if self._away_until is not None and (now < self._away_until or not self._is_back()):
            return False
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return True
        with runtime.db.read() as session:
            due = due_errands(session, at=runtime.now(), of_each_job=RINGS_OF_EACH_JOB)
        self._looked_at = now
        self._rung = {name: at for name, at in self._rung.items() if now - at < self._again}
        unheard = [errand for errand in due if ring_id(errand) not in self._rung]
        return not unheard or self._bravely(lambda: self._ring(self._not_lying(unheard)))

    def close(self) -> None:
        """Hang up."""
        self._redis.close()

    def _ring(self, errands: Iterable[DueErrand]) -> None:
        by_queue: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for errand in errands:
            by_queue[queue_of(errand.job)][ring_id(errand)] = errand.id
        for name, rings in by_queue.items():
            self._queue(name).enqueue_many(
                [
                    Queue.prepare_data(
                        ANSWER,
                        args=(errand_id,),
                        job_id=ring,
                        description=ring,
                        timeout=-1,  # the job's own bounds count; an alarm could strike between two of its writes
                        result_ttl=0,
                        failure_ttl=KEEP_FAILED_SECONDS,
                    )
                    for ring, errand_id in rings.items()
                ]
            )
            self._rung.update(dict.fromkeys(rings, self._clock()))

    def _not_lying(self, errands: Sequence[DueErrand]) -> list[DueErrand]:
        """Those whose ring lies in no queue; the others count as rung, so that the queues do not grow."""
        names = {queue_of(errand.job) for errand in errands}
        lying = {ring for name in names for ring in self._queue(name).get_job_ids()}
        self._rung.update(dict.fromkeys(lying, self._clock()))
        return [errand for errand in errands if ring_id(errand) not in lying]

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self._redis, serializer=JSONSerializer)

    def _is_back(self) -> bool:
        if not self._bravely(self._redis.ping):
            return False
        _log.info("redis_back")
        self._away_until = None
        # It may have come back empty.
        self._rung.clear()
        self._looked_at = None
        return True

    def _bravely(self, call: Callable[[], object]) -> bool:
        """Whether Redis took the call; that it is away is logged once."""
        try:
            call()
        except RedisError as fault:
            if self._away_until is None:
                _log.warning("redis_away", fault=type(fault).__name__)
            self._away_until = self._clock() + AWAY_SECONDS
            return False
        return True
