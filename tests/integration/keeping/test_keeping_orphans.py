"""The sweep of orphans beside backups, a store that does not answer, and people who wait for the same lock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.errors import Unavailable
from app.core.holds import hold_objects
from app.core.outbox import ErrandRow
from app.evidence.orphans import remove_orphans
from app.evidence.reading import keep_object, remove_replaced_original
from app.tables import OBJECT_KEYS
from storage.call_time import LOCKED_SECONDS, seconds_left
from storage.object_store import StoreUnavailable
from tests.conftest import House
from tests.integration.hazard_world import sha256
from tests.integration.test_anonymous import anonymous
from tests.photos import talkative
from workers.jobs import Tools
from workers.timetable import TIMETABLE, Rounds, sweep_orphans

MINUTE = timedelta(minutes=1)


@pytest.fixture
def orphans(house: House) -> list[str]:
    """Keys of three objects that no row names, in order."""
    return sorted(keep_object(b"nobody speaks of %d" % n, store=house.means.store) for n in range(3))


def sweep(house: House, *, now: Callable[[], datetime] | None = None) -> Any:
    means, at_once = house.means, timedelta(seconds=-1)
    return remove_orphans(
        store=means.store, db=means.db, named_by=OBJECT_KEYS, now=now or house.clock, grace=at_once
    )


def hold(house: House) -> None:
    with house.means.db.write() as session:
        hold_objects(session, at=house.clock())


def left(house: House, keys: list[str]) -> int:
    return len(set(keys) & set(house.means.store.keys()))


def watched(house: House, name: str, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each call of the store's had, filled as it is asked."""
    seen: list[float] = []
    asked = getattr(house.means.store, name)

    def ask(key: str) -> Any:
        seen.append(seconds_left() or 3600)
        return asked(key)

    monkeypatch.setattr(house.means.store, name, ask)
    return seen


# By the start of a sweep of a day and more, the hold would look like one made before a clock was set back.
@pytest.mark.parametrize("hours", [0, 30])
def test_a_sweep_begun_before_a_backup_removes_nothing_more(house, orphans, hours):
    pieces = sweep(house)
    assert next(pieces) == 0
    assert next(pieces) == 1
    house.clock.forward(hours=hours, minutes=5)
    hold(house)
    assert sum(pieces) == 0
    assert left(house, orphans) == 2


def test_a_remover_whose_clock_is_a_minute_behind_waits_for_the_backup_too(house, orphans):
    original = talkative("jpeg")
    anonymous(house, original)
    hold(house)
    house.work()
    assert sum(sweep(house, now=lambda: house.clock() - MINUTE)) == 0
    assert left(house, orphans) == 3
    with house.means.db.read() as session:
        told = select(ErrandRow.event_id).where(ErrandRow.job == "remove_replaced_original")
        event_id = session.execute(told).scalar_one()
    means = house.means
    with pytest.raises(Unavailable):
        remove_replaced_original(event_id, at=house.clock() - MINUTE, store=means.store, db=means.db)
    assert left(house, [sha256(original)]) == 1


def test_a_sweep_ends_with_the_first_object_that_the_store_does_not_answer_for(house, orphans, monkeypatch):
    asked: list[str] = []

    def silent(key: str) -> None:
        asked.append(key)
        raise StoreUnavailable("TimeoutError")

    monkeypatch.setattr(house.means.store, "remove", silent)
    with pytest.raises(StoreUnavailable):
        sum(sweep(house))
    assert asked == orphans[:1]


def test_the_sweep_asks_the_store_under_the_lock_only_as_long_as_writers_can_wait(house, orphans, monkeypatch):
    removals = watched(house, "remove", monkeypatch)
    ages = watched(house, "age", monkeypatch)
    assert sum(sweep(house)) == 3
    assert [seconds <= LOCKED_SECONDS for seconds in removals] == [True] * 3
    assert [seconds <= LOCKED_SECONDS for seconds in ages] == [False, True] * 3


def test_an_original_is_removed_under_the_lock_only_as_long_as_writers_can_wait(house, monkeypatch):
    removals = watched(house, "remove", monkeypatch)
    original = talkative("jpeg")
    anonymous(house, original)
    house.work()
    assert left(house, [sha256(original)]) == 0
    assert [seconds <= LOCKED_SECONDS for seconds in removals] == [True]


def test_a_report_looks_for_all_its_bytes_only_as_long_as_writers_can_wait(house, monkeypatch):
    looks = watched(house, "size", monkeypatch)
    house.report("lixia", photos=(talkative("jpeg"), talkative("png")))
    # One limit for both: the second look has what the first has left.
    assert LOCKED_SECONDS >= looks[-2] > looks[-1]


def test_the_timetable_sweeps_a_stretch_a_round(house, orphans, monkeypatch):
    (line,) = [line for line in TIMETABLE if line.work is sweep_orphans]
    monkeypatch.setattr("workers.timetable.TIMETABLE", (line,))
    monkeypatch.setitem(remove_orphans.__kwdefaults__, "grace", timedelta(seconds=-1))
    rounds = Rounds(stretch_seconds=0)
    lefts = []
    for _ in range(5):
        rounds.walk(Tools(house.means, house.decoder))
        lefts.append(left(house, orphans))
    assert lefts == [3, 2, 1, 0, 0]
