"""Another process holds the database: a report is told to come again within its time, never that we are broken."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import engines
from app.core.errors import Unavailable
from tests.conftest import House, _house_in
from tests.integration.hazard_world import attempt, files

TIMEOUT_SECONDS = 1
"""Scaled from the product's own BUSY_TIMEOUT_SECONDS; whoever holds the lock holds it for longer than that."""
IN_TIME = 60
HOLDER = """
import sys, pysqlite3.dbapi2 as sqlite
held = sqlite.connect(sys.argv[1], isolation_level=None)
held.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hasty(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house, with less patience for a lock."""
    house.means.db.engine.dispose()
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", TIMEOUT_SECONDS)
    made = _house_in(house.means.settings.data, house.decoder)
    yield made
    made.means.db.engine.dispose()


@contextlib.contextmanager
def locked(folder: Path, begin: str) -> Iterator[None]:
    """Another process has begun a transaction that nobody else can write beside."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder / "hazards.sqlite3"), begin],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.kill()


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_lock_that_is_held_means_503_in_time_and_the_same_report_is_taken_later(hasty, begin):
    number, client_id = hasty.report("lixia"), "0f0e9b50-7d0c-4d2e-8f3b-2b6f8c1f9a11"
    hasty.token("wangmin")
    before = files(hasty)
    with locked(hasty.means.settings.data, begin):
        began = time.monotonic()
        answer = hasty.send("lixia", client_id=client_id)
        took = time.monotonic() - began
        assert answer.status_code == 503, answer.json
        assert int(answer.headers["Retry-After"]) > 0
        # The holder would never let it go.
        assert TIMEOUT_SECONDS <= took < IN_TIME
        assert attempt(hasty, "wangmin", number, "accept", version=1).status_code == 503
        # Whoever only reads is not kept waiting.
        assert hasty.read("wangmin", number)["version"] == 1
    assert {name for name in files(hasty) - before if name.startswith("staging")} == set()
    assert hasty.send("lixia", client_id=client_id).status_code == 201
    assert hasty.send("lixia", client_id=client_id).status_code == 200
    assert attempt(hasty, "wangmin", number, "accept", version=1).status_code == 200


def test_a_worker_that_meets_a_lock_waits_and_does_its_errands_afterwards(hasty):
    number = hasty.report("lixia")
    with locked(hasty.means.settings.data, "BEGIN IMMEDIATE"), pytest.raises(Unavailable):
        hasty.work()
    hasty.work()
    assert hasty.read("wangmin", number)["photos"][0]["status"] == "ready"
