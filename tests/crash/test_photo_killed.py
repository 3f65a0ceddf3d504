"""kill -9 at the durable system calls of one photo's way through a worker: the next worker makes it good."""

import pytest
from sqlalchemy import func, select

from app.core.outbox import EventRow
from tests.conftest import House
from tests.crash.conftest import (
    Report,
    Scene,
    assert_once,
    assert_sound,
    finish,
    word,
)
from tests.crash.tracing import DURABLE, traced
from tests.integration.hazard_world import dump

SAMPLED = {"pwrite64": 5, "sendmsg": 1, "openat": 6}
"""Of calls that are many, each so-manieth; of all others, every one."""


@pytest.fixture
def reported(scene: Scene) -> Report:
    """A report of which no job is done; the scene is put back to here from now on."""
    report = scene.report()
    with scene.looking() as house:
        answer = house.send(
            "lixia", photos=(report.picture,), client_id=report.client_id, description=report.description
        )
        assert answer.status_code == 201
    scene.begin_here()
    return report


def outcome(house: House) -> dict[str, object]:
    """All that the work may leave: every row but the queue's own, and how often each event was told."""
    with house.means.db.read() as session:
        told = dict(session.execute(select(EventRow.name, func.count()).group_by(EventRow.name)).all())
    return {"rows": dump(house, without=frozenset({"errand", "event", "credential"}), ids=False), "events": told}


def test_a_photos_worker_killed_at_its_calls_is_made_good_by_the_next(scene, reported):
    with scene.waiting(works=True) as (child, line), traced(child.pid, scene.log) as trace:
        line.sendall(b"g")
        assert word(line) == b"done\n"
    calls = trace.counted()
    with scene.looking() as house:
        expected = outcome(house)
    blows = [(name, n) for name in (*DURABLE, "openat") for n in range(1, calls[name] + 1, SAMPLED.get(name, 1))]
    for name, n in blows:
        scene.put_back()
        with scene.waiting(works=True) as (child, line):
            with traced(child.pid, scene.log, inject=(f"{name}:signal=SIGKILL:when={n}",), calls=(name,)) as trace:
                line.sendall(b"g")
                said = word(line)
            assert trace.was_killed, f"{name} number {n} never came"
            assert said == b""
        with scene.looking() as house:
            finish(house)
            assert_once(house, reported)
            assert outcome(house) == expected
            assert_sound(house)
