"""The real product with Redis: one command starts all of it, Redis may go and come, one signal ends all of it."""

import json
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.serving import QUEUES
from tests.journeys import test_killed_after_the_answer as killed
from tests.journeys.test_killed_after_the_answer import Product, processes, report, soon
from tests.ports import free_port
from tests.servers.redis import RedisServer, redis_server

UP_SECONDS, READ_SECONDS, STOP_SECONDS = 240.0, 180.0, 90.0
WEB_PROCESSES = 2


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def product(tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    made = Product(tmp_path, free_port())
    made.settings = {"REDIS_URL": redis.url, "WEB_PROCESSES": str(WEB_PROCESSES)}
    # Six processes come up instead of two, and a second web process.
    monkeypatch.setattr(killed, "UP_SECONDS", UP_SECONDS)
    try:
        made.start()
        yield made
    finally:
        made.kill()


def commands(product: Product) -> list[str]:
    """What each living process of the product was started as."""
    found = []
    for one in product.alive():
        try:
            found.append(Path(f"/proc/{one.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def report_is_read(product: Product, worker: str) -> None:
    body, kind = report(str(uuid.uuid4()))
    status, answer = product.call("POST", "/api/v1/hazards", body, Authorization=worker, Content_Type=kind)
    assert status == 201, answer
    path = f"/api/v1/hazards/{json.loads(answer)['number']}"

    def is_ready() -> bool:
        told = json.loads(product.call("GET", path, Authorization=worker)[1])
        return told["photos"][0]["status"] == "ready"

    soon(is_ready, within=READ_SECONDS, what="the photo was not read")


def test_one_command_starts_all_redis_may_go_and_come_and_one_signal_ends_all(product, redis):
    worker = product.sign_in("lixia")
    report_is_read(product, worker)
    told = commands(product)
    assert sum("wsgi:application" in command for command in told) == WEB_PROCESSES + 1
    for part in ("relay", *(f"queue {name}" for name in QUEUES)):
        assert sum(f"-m workers {part}" in command for command in told) == 1, part

    redis.stop()
    report_is_read(product, worker)
    redis.start()
    report_is_read(product, worker)

    everybody = product.alive()
    product.supervisor.send_signal(signal.SIGINT)
    assert product.supervisor.wait(STOP_SECONDS) == 0
    soon(lambda: not everybody & set(processes()), within=STOP_SECONDS, what="a process outlived the product")
