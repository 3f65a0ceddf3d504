"""kill -9 of the jailed child alone: the photo is tried again, and set apart only when that happens each time."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.outbox import ErrandRow
from tests.conftest import House
from tests.crash import slow_child
from tests.crash.conftest import PATIENCE, assert_sound
from workers.decoder import Decoder
from workers.jobs import KILLS_MOST, Tools
from workers.runner import relay_events, run_errand


@pytest.fixture
def slow() -> Iterator[Decoder]:
    with Decoder(work=slow_child.WORK) as decoder:
        yield decoder


def killed_in_the_middle(house: House, slow: Decoder) -> None:
    """Let a worker begin the photo, and kill the child that develops it."""
    worker = threading.Thread(target=run_errand, args=(Tools(house.means, slow),))
    worker.start()
    os.kill(child_of(slow._zygote._process.pid), signal.SIGKILL)  # type: ignore[union-attr]
    worker.join(PATIENCE)
    assert not worker.is_alive()


def child_of(zygote: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text(encoding="ascii").split()
        if children:
            return int(children[0])
        os.sched_yield()
    raise AssertionError("the zygote has no child")


def waiting_photo(house: House) -> str:
    """A report of which everything is done but the photo."""
    number = house.report("lixia")
    relay_events(Tools(house.means, house.decoder))
    with house.means.db.write() as session:
        for row in session.execute(select(ErrandRow).where(ErrandRow.job == "tell")).scalars():
            row.state = "done"
    return number


def shown(house: House, number: str) -> tuple[str, str | None]:
    seen = house.read("wangmin", number)["photos"][0]
    return seen["status"], seen.get("cause")


def test_a_child_that_is_killed_once_costs_a_pause_and_the_photo_is_ready(house, slow):
    number = waiting_photo(house)
    killed_in_the_middle(house, slow)
    assert shown(house, number)[0] == "pending"
    house.clock.forward(minutes=5)
    house.work()
    assert shown(house, number)[0] == "ready"
    assert_sound(house)


def test_a_photo_whose_child_is_killed_each_time_is_set_apart_with_a_cause(house, slow):
    number = waiting_photo(house)
    for _ in range(KILLS_MOST):
        assert shown(house, number)[0] == "pending"
        killed_in_the_middle(house, slow)
        house.clock.forward(minutes=5)
    assert shown(house, number) == ("quarantined", "out_of_memory")
    house.work()
    assert_sound(house)
