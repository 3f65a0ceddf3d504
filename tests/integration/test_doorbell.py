"""The doorbell on a real Redis: whatever it loses, doubles or shuffles, each errand is done, and once."""

import json
import random
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, update

from app.core.due import DueErrand, due_errands
from app.core.outbox import ErrandRow
from app.serving import QUEUES
from tests.conftest import House
from tests.integration.hazard_world import dump, files, row_of
from tests.integration.test_workers import QUEUE, busy, clone, tools
from workers import jobs, listening, ringing
from workers.listening import BELIEVED, PACKED_MOST, QueueWorker
from workers.queues import PHOTOS
from workers.ringing import ANSWER, AWAY_SECONDS, LOOK_SECONDS, RING_AGAIN_SECONDS, Doorbell, ring_id
from workers.runner import relay_events
from workers.working import work_until

__all__ = ["busy"]


@dataclass
class Seconds:
    """A clock of seconds that tests move."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Ringing:
    """A relay and the workers of all queues, taken step by step."""

    house: House
    url: str
    seconds: Seconds = field(default_factory=Seconds)

    def __post_init__(self) -> None:
        self.bell = Doorbell(self.url, clock=self.seconds)
        self.redis = Redis.from_url(self.url)

    def relay(self) -> int:
        return relay_events(tools(self.house), heard=self.bell.ring)

    def look(self, after: float = LOOK_SECONDS) -> bool:
        self.seconds.now += after
        return self.bell.ring_due(self.house.means)

    def answer(self) -> None:
        """Let a worker of each queue answer all that is rung."""
        for name in QUEUES:
            QueueWorker(name, url=self.url, tools=tools(self.house)).work(is_burst=True)

    def work(self) -> None:
        while self.relay():
            self.answer()

    def rings(self) -> list[str]:
        return [ring for name in QUEUES for ring in self._queue(name).get_job_ids()]

    def deliver(self, errands: list[DueErrand], *, copy: int) -> None:
        """Ring as nobody of ours does: each copy under a name of its own."""
        for errand in errands:
            self._queue(ringing.queue_of(errand.job)).enqueue_call(
                ANSWER, args=(errand.id,), job_id=f"copy-{copy}-{errand.id}", result_ttl=0
            )

    def _queue(self, name: str) -> Queue:
        return Queue(name, connection=self.redis, serializer=JSONSerializer)

    def close(self) -> None:
        self.bell.close()
        self.redis.close()


@pytest.fixture
def ringing_with():
    made: list[Ringing] = []

    def make(house: House, url: str) -> Ringing:
        made.append(Ringing(house, url))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def rung(house, redis_url, ringing_with) -> Ringing:
    """A house whose errands are done by RQ's workers."""
    house.work()
    return ringing_with(house, redis_url)


def waiting(house: House) -> list[DueErrand]:
    with house.means.db.read() as session:
        return due_errands(session, at=house.clock(), of_each_job=1000)


def outcome(house: House) -> tuple[Any, set[str]]:
    """What came of the work; how it was done, and by whom, may differ."""
    return dump(house, without=QUEUE | {"worker_pulse"}, ids=False), files(house)


def errands(house: House) -> list[ErrandRow]:
    with house.means.db.read() as session:
        return list(session.execute(select(ErrandRow).order_by(ErrandRow.id)).scalars())


def test_errands_done_through_redis_end_as_those_done_without(busy, tmp_path, redis_url, ringing_with):
    other = clone(busy, tmp_path)
    busy.work()
    ringing_with(other, redis_url).work()
    assert outcome(other) == outcome(busy)
    assert {row.state for row in errands(other)} == {"done"}
    other.means.db.engine.dispose()


def shuffled(seed: int) -> Callable[[list[Any]], list[Any]]:
    return lambda rung: random.Random(seed).sample(rung, len(rung))  # noqa: S311  # an order, not a secret


@pytest.mark.parametrize(
    ("order", "times"),
    [(list, 10), (lambda e: e[::-1], 1), (shuffled(1), 10), (shuffled(2), 1)],
    ids=["ten times", "reversed", "shuffled ten times", "shuffled"],
)
def test_rings_in_any_order_and_number_end_in_the_same_rows(busy, tmp_path, redis_url, ringing_with, order, times):
    other = clone(busy, tmp_path)
    busy.work()
    others = ringing_with(other, redis_url)
    while relay_events(tools(other)):
        due = waiting(other)
        for copy in range(times):
            others.deliver(order(due), copy=copy)
        others.answer()
    assert outcome(other) == outcome(busy)
    assert {row.attempts for row in errands(other)} == {1}
    other.means.db.engine.dispose()


def test_two_relays_at_once_ring_twice_and_nothing_is_done_twice(busy, tmp_path, redis_url, ringing_with):
    other = clone(busy, tmp_path)
    busy.work()
    pair = [ringing_with(other, redis_url) for _ in range(2)]
    start = threading.Barrier(2)

    def relay(one: Ringing) -> None:
        start.wait()
        one.relay()
        one.look()

    for _ in range(6):
        threads = [threading.Thread(target=relay, args=(one,)) for one in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pair[0].answer()
    assert outcome(other) == outcome(busy)
    assert {(row.state, row.attempts) for row in errands(other)} == {("done", 1)}
    other.means.db.engine.dispose()


def test_a_flushed_redis_is_rung_again_and_nothing_is_lost(rung):
    number = rung.house.report("lixia")
    rung.relay()
    rung.redis.flushall()
    rung.answer()
    assert len(waiting(rung.house)) == 2
    assert rung.look(RING_AGAIN_SECONDS + 1)
    rung.answer()
    rung.work()
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "ready"
    assert waiting(rung.house) == []


def test_what_waits_long_is_rung_again_without_the_queues_growing(rung):
    rung.house.report("lixia")
    rung.relay()
    before = sorted(rung.rings())
    assert len(before) == 2
    for _ in range(5):
        assert rung.look(RING_AGAIN_SECONDS + 1)
    assert sorted(rung.rings()) == before


def test_one_ring_that_was_taken_and_never_answered_is_rung_again_alone(rung):
    rung.house.report("lixia")
    rung.relay()
    rung.redis.delete("rq:queue:photos")
    rung.look()
    assert len(rung.rings()) == 1
    rung.look(RING_AGAIN_SECONDS + 1)
    assert len(rung.rings()) == 2


def test_an_errand_that_waits_for_its_next_try_is_rung_when_it_is_due(rung, monkeypatch):
    number = rung.house.report("lixia")
    rung.relay()
    with monkeypatch.context() as patch:
        patch.setattr(rung.house.decoder, "decode", _store_is_away)
        rung.answer()
    rung.look()
    assert rung.rings() == []
    rung.house.clock.forward(seconds=3)
    rung.look()
    rung.answer()
    rung.work()
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "ready"


def _store_is_away(*_args: Any, **_more: Any) -> None:
    raise jobs.StoreError


def test_a_relay_that_restarts_rings_what_its_former_self_left(rung, ringing_with):
    rung.house.report("lixia")
    relay_events(tools(rung.house))
    second = ringing_with(rung.house, rung.url)
    assert second.bell.ring_due(rung.house.means)
    assert len(second.rings()) == 2


def test_each_errand_is_rung_in_the_queue_of_its_job(rung):
    rung.house.report("lixia")
    rung.relay()
    by_job = {errand.job: ring_id(errand) for errand in waiting(rung.house)}
    assert rung._queue("photos").get_job_ids() == [by_job["process_photo"]]
    assert rung._queue("swift").get_job_ids() == [by_job["tell"]]


# --- what Redis gets to see, and what it may say ---------------------------------------------------------


def everything_in(redis: Redis) -> bytes:
    """Every key and value, as bytes."""
    found = []
    for key in redis.keys("*"):
        match redis.type(key):
            case b"hash":
                found += [part for pair in redis.hgetall(key).items() for part in pair]
            case b"string":
                found.append(redis.get(key))
            case b"list":
                found += redis.lrange(key, 0, -1)
            case b"set":
                found += redis.smembers(key)
            case b"zset":
                found += redis.zrange(key, 0, -1)
            case b"stream":
                found += [part for _, told in redis.xrange(key) for pair in told.items() for part in pair]
        found.append(key)
    return b"\n".join(found)


def test_a_ring_holds_the_errands_id_and_no_more(rung):
    rung.house.report("lixia")
    rung.relay()
    for errand in waiting(rung.house):
        told = rung.redis.hgetall(f"rq:job:{ring_id(errand)}")
        assert json.loads(zlib.decompress(told[b"data"])) == [ANSWER, None, [errand.id], {}]
        filled = {name.decode() for name, value in told.items() if value not in {b"", b"0", b"[]", b"{}"}}
        assert filled <= BELIEVED


def test_no_word_of_a_hazard_reaches_redis_even_when_its_errands_fail(rung, monkeypatch):
    def trip(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError("线头裸露 lixia")

    monkeypatch.setattr(jobs, "zone_of", trip)
    monkeypatch.setattr(listening, "run_this", trip)
    number = rung.house.report("lixia", description="线头裸露")
    rung.relay()
    rung.answer()
    monkeypatch.undo()
    monkeypatch.setattr(jobs, "zone_of", trip)
    rung.look(RING_AGAIN_SECONDS + 1)
    rung.answer()
    seen = everything_in(rung.redis)
    for word in ("线头裸露", "lixia", number, "Traceback", "ZeroDivisionError"):
        assert word.encode() not in seen
        assert word.encode("unicode_escape") not in seen
    assert {row.state for row in errands(rung.house) if row.job == "process_photo"} >= {"failed"}


def test_a_job_that_somebody_else_put_into_redis_is_not_done(rung, tmp_path):
    queue, made = rung._queue("photos"), tmp_path / "made"
    queue.enqueue_call("os.mkdir", args=(str(made),))
    queue.enqueue_call(ANSWER, args=("1",))
    queue.enqueue_call(ANSWER, args=(1,), kwargs={"lease": 1})
    job = queue.enqueue_call(ANSWER, args=(0,))
    for name in ("success_callback_name", "failure_callback_name"):
        rung.redis.hset(job.key, name, "tests.integration.test_doorbell.never")
    before = [(row.id, row.attempts) for row in errands(rung.house)]
    rung.answer()
    assert not made.exists()
    assert [(row.id, row.attempts) for row in errands(rung.house)] == before
    assert queue.get_job_ids() == []


def never(*_args: Any) -> None:
    raise AssertionError("a callback that Redis named was called")


def test_bytes_in_redis_that_are_no_job_do_not_stop_a_queue(rung):
    rung.redis.hset("rq:job:broken", mapping={"data": b"\xff\x00", "created_at": "never"})
    rung.redis.rpush("rq:queue:photos", "broken", "not-there")
    number = rung.house.report("lixia")
    rung.relay()
    rung.answer()
    rung.answer()
    rung.work()
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "ready"


def test_a_ring_packed_larger_than_an_id_can_be_is_never_unpacked(rung, monkeypatch):
    unpacked, whole = [], zlib.decompress
    monkeypatch.setattr(zlib, "decompress", lambda packed: unpacked.append(len(packed)) or whole(packed))
    rung.redis.hset("rq:job:bomb", mapping={"data": zlib.compress(bytes(50_000_000)), "created_at": "never"})
    rung.redis.rpush("rq:queue:photos", "bomb")
    number = rung.house.report("lixia")
    rung.relay()
    rung.answer()
    rung.answer()
    rung.work()
    assert 0 < max(unpacked) <= PACKED_MOST
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "ready"


# --- Redis away ------------------------------------------------------------------------------------------


class Told:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def info(self, word: str, **_more: Any) -> None:
        self.words.append(word)

    warning = info


def test_redis_away_for_an_hour_is_said_once_and_rung_again_after(house, own_redis, ringing_with, monkeypatch):
    house.work()
    told = Told()
    monkeypatch.setattr(ringing, "_log", told)
    rung = ringing_with(house, own_redis.url)
    house.report("lixia")
    own_redis.stop()
    rung.relay()
    for _ in range(720):
        assert not rung.look(AWAY_SECONDS)
    assert told.words == ["redis_away"]
    own_redis.start()
    assert rung.look(AWAY_SECONDS)
    assert told.words == ["redis_away", "redis_back"]
    assert len(rung.rings()) == 2
    rung.answer()
    rung.work()
    assert waiting(house) == []
    assert {row.attempts for row in errands(house)} == {1}


def test_a_redis_restarted_in_the_middle_costs_no_errand(busy, tmp_path, own_redis, ringing_with):
    other = clone(busy, tmp_path)
    busy.work()
    rung = ringing_with(other, own_redis.url)
    rung.relay()
    QueueWorker(PHOTOS, url=rung.url, tools=tools(other)).work(is_burst=True)
    rung.relay()
    own_redis.stop()
    own_redis.start()
    rung.look(RING_AGAIN_SECONDS + 1)
    if not rung.look(AWAY_SECONDS):
        rung.look(AWAY_SECONDS)
    rung.answer()
    rung.work()
    assert outcome(other) == outcome(busy)
    assert {(row.state, row.attempts) for row in errands(other)} == {("done", 1)}
    other.means.db.engine.dispose()


class UntilDone(threading.Event):
    """Stops a loop when nothing waits any more."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house

    def is_set(self) -> bool:
        with self._house.means.db.read() as session:
            unfinished = session.execute(
                select(ErrandRow.id).where(ErrandRow.state != "done").limit(1)
            ).scalar_one_or_none()
        return unfinished is None and not waiting(self._house) and self._relayed()

    def _relayed(self) -> bool:
        return self._house.app.test_client().get("/healthz").json["queue"]["waiting"] == 0


def test_while_redis_is_away_the_relay_does_the_errands_itself(house, own_redis, ringing_with):
    own_redis.stop()
    rung = ringing_with(house, own_redis.url)
    number = house.report("lixia")
    work_until(UntilDone(house), tools(house), bell=rung.bell)
    assert house.read("lixia", number)["photos"][0]["status"] == "ready"


def test_with_redis_there_the_relay_leaves_the_errands_to_others(rung):
    rung.house.report("lixia")
    stop = threading.Event()
    bell = rung.bell

    class Once:
        """A bell that stops its relay after one look."""

        ring = staticmethod(bell.ring)

        def ring_due(self, runtime: Any) -> bool:
            stop.set()
            return bell.ring_due(runtime)

    work_until(stop, tools(rung.house), bell=Once())
    assert len(rung.rings()) == 2
    assert {errand.attempts for errand in waiting(rung.house)} == {0}


def test_old_rings_of_one_job_do_not_hide_the_other_jobs(rung, monkeypatch):
    monkeypatch.setattr(ringing, "RINGS_OF_EACH_JOB", 1)
    for _ in range(3):
        rung.house.report("lixia")
    relay_events(tools(rung.house))
    rung.look()
    assert {errand.split("-")[0] for errand in rung.rings()} == {"errand"}
    assert len(rung.rings()) == 2


def test_an_errand_whose_holder_died_is_rung_when_its_lease_ran_out(rung):
    number = rung.house.report("lixia")
    rung.relay()
    with rung.house.means.db.write() as session:
        session.execute(
            update(ErrandRow)
            .where(ErrandRow.job == "process_photo", ErrandRow.state == "waiting")
            .values(state="claimed", attempts=1, fence=1, lease_until=rung.house.clock.forward(minutes=3))
        )
    rung.answer()
    rung.look(RING_AGAIN_SECONDS + 1)
    rung.answer()
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "pending"
    rung.house.clock.forward(minutes=4)
    rung.look()
    rung.answer()
    rung.work()
    assert rung.house.read("lixia", number)["photos"][0]["status"] == "ready"
    assert row_of(rung.house, number).state == "submitted"
