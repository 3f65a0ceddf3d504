"""Queue workers as processes: killed, stopped, cut off from Redis."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import DEFAULTS
from tests.conftest import House
from tests.integration.test_doorbell import Ringing, ringing_with, tools, waiting
from tests.integration.test_workers import errand_of
from tests.journeys.test_killed_after_the_answer import soon
from tests.probes import order
from workers import __main__ as entrance
from workers import listening
from workers.listening import QueueWorker
from workers.ringing import AWAY_SECONDS, RING_AGAIN_SECONDS

__all__ = ["ringing_with"]

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, WORK_SECONDS, STOP_SECONDS = 120.0, 60.0, 60.0
"""Patience of a test on a machine that has other work, not of the product."""


@contextmanager
def process(*command: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS}
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment | settings) as running:
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def plain_worker(house: House, url: str, part: str = "queue photos") -> Iterator[subprocess.Popen[bytes]]:
    """A process as `make run` starts it, once it has shown that it lives."""
    with process("workers", *part.split(), **house.beside(REDIS_URL=url)) as running:
        yield running


def claimed(house: House, *, attempts: int) -> bool:
    row = errand_of(house, "process_photo")
    return (row.state, row.attempts) == ("claimed", attempts)


def hold_and_die(rung: Ringing, *, attempts: int) -> None:
    """A worker takes the photo, and is killed while its decoder works."""
    moment = rung.house.clock().isoformat()
    settings = rung.house.beside(REDIS_URL=rung.url)
    with process("tests.servers.queue_worker", "photos", moment, **settings) as worker:
        soon(
            lambda: claimed(rung.house, attempts=attempts),
            within=START_SECONDS,
            what="no worker took the photo",
        )
        worker.kill()


@pytest.mark.parametrize(("kills", "status"), [(1, "ready"), (2, "quarantined")])
def test_a_photo_whose_worker_is_killed_comes_back_and_after_the_second_time_is_set_apart(
    house, redis_url, ringing_with, kills, status
):
    house.work()
    rung = ringing_with(house, redis_url)
    number = house.report("lixia", photos=(order("wait"),))
    rung.relay()
    for n in range(kills):
        hold_and_die(rung, attempts=n + 1)
        rung.look(RING_AGAIN_SECONDS + 1)
        rung.answer()
        assert claimed(house, attempts=n + 1), "before its lease ran out it is nobody else's"
        house.clock.forward(minutes=4)
        rung.look()
    rung.answer()
    rung.work()
    row, seen = errand_of(house, "process_photo"), house.read("wangmin", number)["photos"][0]
    assert (row.state, row.attempts, row.crashes) == ("done", kills + 1, kills)
    assert seen["status"] == status
    assert seen.get("cause") == ("crashed" if kills == 2 else None)


def test_a_worker_lives_through_a_restart_of_redis_and_ends_cleanly(house, own_redis, ringing_with):
    house.work()
    rung = ringing_with(house, own_redis.url)
    with plain_worker(house, rung.url) as worker:
        client = own_redis.client()
        soon(lambda: client.scard("rq:workers"), within=START_SECONDS, what="the worker did not come up")
        own_redis.stop()
        own_redis.start()
        number = house.report("lixia")
        rung.relay()
        if not rung.look(AWAY_SECONDS):
            rung.look(AWAY_SECONDS)
        soon(
            lambda: house.read("lixia", number)["photos"][0]["status"] == "ready",
            within=WORK_SECONDS,
            what="the worker did not find Redis again",
        )
        own_redis.stop()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(STOP_SECONDS) == 0, "also while Redis is away"
        client.close()


@pytest.mark.parametrize("part", ["relay", "queue swift"])
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_whoever_waits_ends_at_once_when_told(house, redis_url, shared_redis, part, told):
    with plain_worker(house, redis_url, part) as running:
        soon(lambda: lives(house), within=START_SECONDS, what="it did not come up")
        running.send_signal(told)
        assert running.wait(STOP_SECONDS) == 0


def lives(house: House) -> bool:
    return bool(house.app.test_client().get("/healthz").json["workers"])


def test_told_to_end_in_the_middle_it_finishes_the_errand_in_hand_and_no_other(
    house, redis_url, ringing_with, monkeypatch
):
    rung = ringing_with(house, redis_url)
    for _ in range(3):
        house.report("lixia")
    rung.relay()
    worker = QueueWorker("photos", url=redis_url, tools=tools(house))
    real = listening.run_this

    def end_first(*args, **more):
        worker.end()
        return real(*args, **more)

    monkeypatch.setattr(listening, "run_this", end_first)
    worker.work()
    assert sorted(errand.job for errand in waiting(house)) == ["process_photo"] * 2 + ["tell"] * 3
    assert len(rung._queue("photos").get_job_ids()) == 2


@pytest.mark.parametrize("part", [["relay"], ["queue", "photos"]])
def test_relay_and_queue_workers_say_that_they_need_redis(tmp_path, monkeypatch, capsys, part):
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA", str(tmp_path))
    assert entrance.main(part) == 2
    assert "REDIS_URL must be set" in capsys.readouterr().err
