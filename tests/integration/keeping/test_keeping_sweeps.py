"""Rows without objects are reported until they have them again; photos left behind are taken up, a few times."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from app.core.outbox import ErrandRow, EventRow
from app.evidence import lost
from app.evidence.lost import SLICE_SECONDS, SLICES, look_for_lost, slice_of
from app.evidence.models import PhotoRow
from app.evidence.unfinished import LEFT_BEHIND_AFTER, TAKEN_UP_MOST, take_up_unfinished
from app.tables import OBJECT_KEYS
from tests.conftest import START, House
from tests.photos import photo
from workers.jobs import Tools
from workers.runner import relay_events
from workers.timetable import TIMETABLE, look_after_objects, look_after_photos

ONE = photo(size=(64, 48), seed=51)


def look(house: House) -> int:
    means = house.means
    return sum(look_for_lost(store=means.store, db=means.db, named_by=OBJECT_KEYS, at=house.clock()))


def to_the_turn_of(house: House, key: str) -> None:
    """Let the clock stand at the turn in which this key's slice is looked at."""
    while not key.startswith(slice_of(house.clock())):
        house.clock.forward(seconds=SLICE_SECONDS)


def missing_told(house: House) -> int:
    return int(house.app.test_client().get("/healthz").json["store"]["missing"])


def test_every_key_has_its_turn_once_in_a_round():
    turns = [slice_of(START + timedelta(seconds=SLICE_SECONDS * n)) for n in range(SLICES)]
    assert len(set(turns)) == SLICES
    assert {len(turn) for turn in turns} == {3}


def test_a_row_without_its_object_is_reported_until_it_is_back(house, monkeypatch):
    said: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(lost, "_log", SimpleNamespace(error=lambda event, **told: said.append((event, told))))
    number = house.report("lixia", photos=(ONE,))
    house.work()
    key = house.read("wangmin", number)["photos"][0]["sha256"]
    path = house.means.store.path_of(key)
    content = path.read_bytes()
    to_the_turn_of(house, key)
    assert (look(house), missing_told(house)) == (0, 0)
    path.unlink()
    assert (look(house), missing_told(house)) == (1, 1)
    assert said == [("objects_missing", {"count": 1, "first": [key]})]
    # It stays known whichever slice has its turn, and is written down once.
    house.clock.forward(seconds=SLICE_SECONDS)
    assert (look(house), missing_told(house)) == (1, 1)
    path.write_bytes(content)
    assert (look(house), missing_told(house)) == (0, 0)


def test_an_object_of_another_slice_is_not_looked_at(house):
    number = house.report("lixia", photos=(ONE,))
    key = house.read("wangmin", number)["photos"][0]["sha256"]
    to_the_turn_of(house, key)
    house.clock.forward(seconds=SLICE_SECONDS)
    house.means.store.remove(key)
    assert look(house) == 0


def test_a_photo_set_apart_as_missing_is_known_already(house):
    number = house.report("lixia", photos=(ONE,))
    key = house.read("wangmin", number)["photos"][0]["sha256"]
    house.means.store.remove(key)
    to_the_turn_of(house, key)
    assert look(house) == 1
    house.work()
    assert (look(house), missing_told(house)) == (0, 0)


def test_the_store_is_asked_for_one_object_at_a_time_so_that_a_round_may_stop_after_any(house, monkeypatch):
    house.report("lixia", photos=(ONE, photo(size=(64, 48), seed=52)))
    monkeypatch.setattr(lost, "slice_of", lambda _at: "")
    asked: list[str] = []
    monkeypatch.setattr(house.means.store, "size", asked.append)
    (line,) = [line for line in TIMETABLE if line.work is look_after_objects]
    looks = line.work(Tools(house.means, house.decoder))
    for n in (1, 2):
        assert next(looks) == 0
        assert len(asked) == n


@pytest.fixture
def left_behind(house: House) -> int:
    """A photo that waits and whose errand is gone; its id."""
    house.report("lixia", photos=(ONE,))
    relay_events(Tools(house.means, house.decoder))
    with house.means.db.write() as session:
        photo_id = session.execute(select(PhotoRow.id).order_by(PhotoRow.id.desc()).limit(1)).scalar_one()
        session.execute(delete(ErrandRow).where(ErrandRow.job == "process_photo", ErrandRow.subject == photo_id))
    return photo_id


def take_up(house: House) -> int:
    return take_up_unfinished(at=house.clock(), db=house.means.db)


def status(house: House, photo_id: int) -> tuple[str, str | None]:
    with house.means.db.read() as session:
        row = session.execute(select(PhotoRow).where(PhotoRow.id == photo_id)).scalar_one()
        return row.status, row.cause


def test_a_photo_left_behind_is_taken_up_after_a_while_and_finished(house, left_behind):
    assert take_up(house) == 0
    house.clock.forward(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
    assert take_up(house) == 1
    # Its event is under way now, then its errand is.
    assert take_up(house) == 0
    relay_events(Tools(house.means, house.decoder))
    assert take_up(house) == 0
    house.work()
    assert status(house, left_behind) == ("ready", None)
    assert take_up(house) == 0


def test_under_the_lock_only_the_one_photo_is_looked_at(house, left_behind):
    house.clock.forward(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
    looks: list[bool] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM photo" in statement and "errand.subject" in statement:
            looks.append("photo.id = " in statement)

    event.listen(house.means.db.engine, "before_cursor_execute", hear)
    assert take_up(house) == 1
    assert looks == [False, True]


def test_a_photo_whose_errand_waits_is_left_alone_however_late(house):
    house.report("lixia", photos=(ONE,))
    house.clock.forward(hours=9)
    assert take_up(house) == 0
    relay_events(Tools(house.means, house.decoder))
    assert take_up(house) == 0


def test_a_photo_that_is_left_behind_again_and_again_is_set_apart(house, left_behind):
    for _ in range(TAKEN_UP_MOST):
        house.clock.forward(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
        assert take_up(house) == 1
        relay_events(Tools(house.means, house.decoder))
        with house.means.db.write() as session:
            session.execute(update(ErrandRow).where(ErrandRow.subject == left_behind).values(state="done"))
    assert take_up(house) == 0
    assert status(house, left_behind) == ("quarantined", "crashed")
    with house.means.db.read() as session:
        names = session.execute(select(EventRow.name).order_by(EventRow.id.desc()).limit(1)).scalar_one()
    assert names == "PhotoQuarantined"


def test_the_timetable_looks_after_photos(house, left_behind):
    assert look_after_photos in {line.work for line in TIMETABLE}
    house.clock.forward(seconds=LEFT_BEHIND_AFTER.total_seconds() + 1)
    look_after_photos(Tools(house.means, house.decoder))
    house.work()
    assert status(house, left_behind) == ("ready", None)
