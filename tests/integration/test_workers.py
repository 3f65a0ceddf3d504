"""The workers: whatever is doubled, turned around, broken off or robbed ends in the same rows."""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.core.errors import Unavailable
from app.core.outbox import (
    ErrandRow,
    ErrandState,
    EventRow,
    WorkerPulse,
    release_leases,
    settle,
)
from app.core.relaying import events_to_relay, relay
from app.evidence import reading
from app.evidence.models import PhotoRow
from storage.object_store import ObjectDamaged, StoreUnavailable
from tests.conftest import House, _house_in
from tests.errands import claim
from tests.integration.hazard_world import dump, files, populate, row_of
from tests.integration.test_anonymous import anonymous
from tests.photos import exif_block, photo, png_bomb, talkative
from workers import jobs, runner
from workers.decoder import DecoderUnavailable
from workers.jobs import JOBS, Tools
from workers.reactions import jobs_for
from workers.runner import LEASE, TRIES_MOST, relay_events, run_all, run_errand
from workers.timetable import TIMETABLE, Periodic, Rounds, forget_expired, pulse

QUEUE = frozenset({"errand", "event", "credential"})
"""How the work was done may differ; what came of it may not."""


@pytest.fixture
def busy(house: House) -> House:
    """A house in which every job has something to do, undone."""
    populate(house)
    block = exif_block(position=(38.0470, 114.5071), taken="2026:11:02 09:00:00", offset="+08:00")
    number = house.report(
        "lixia", place_code=None, location_text="东侧", photos=(photo(size=(64, 48), exif=block),)
    )
    house.accept(house.report("lixia"))
    anonymous(house, talkative("jpeg"))
    house.report("lixia", photos=(png_bomb(), photo(size=(64, 48), seed=5)))
    assert row_of(house, number).state == "submitted"
    return house


def tools(house: House) -> Tools:
    return Tools(house.means, house.decoder)


def outcome(house: House) -> tuple[Any, set[str]]:
    rows = dump(house, without=QUEUE, ids=False)
    # A sequence of PostgreSQL's keeps a gap where a transaction was given up: events are told by their place.
    with house.means.db.read() as session:
        ids = session.execute(select(EventRow.id).order_by(EventRow.id)).scalars()
        place = {f"event:{event_id}": f"event {n}" for n, event_id in enumerate(ids)}
    rows["message"] = sorted(
        (account, place.get(source, source), *rest) for _code, account, source, *rest in rows["message"]
    )
    return rows, files(house)


def clone(house: House, folder: Any) -> House:
    """A second house with the same rows and objects, to do the same work otherwise."""
    house.means.db.engine.dispose()
    other = _house_in(shutil.copytree(house.means.settings.data, folder / "other"), house.decoder)
    other.clock.at = house.clock.at
    return other


def in_order(house: House, order: Callable[[list[Any]], list[Any]], *, times: int = 1) -> None:
    """Relay, then do every errand in this order and so often, until no event is left."""
    while relay_events(tools(house)):
        with house.means.db.read() as session:
            waiting = list(session.execute(select(ErrandRow).where(ErrandRow.state == "waiting")).scalars())
        for row in order(waiting) * times:
            errand = as_errand(row)
            JOBS[row.job](tools(house), errand)
        with house.means.db.write() as session:
            session.execute(update(ErrandRow).values(state="done", finished_at=house.clock()))


def relay_photos(house: House) -> None:
    """Relay, with the messages told already: what is left to do is the photos."""
    relay_events(tools(house))
    with house.means.db.write() as session:
        session.execute(update(ErrandRow).where(ErrandRow.job == "tell").values(state="done"))


def as_errand(row: ErrandRow, *, crashes: int = 0) -> Any:
    return jobs.Errand(row.id, row.event_id, row.job, row.subject, 1, crashes, 1)


def shuffled(seed: int) -> Callable[[list[Any]], list[Any]]:
    def shuffle(errands: list[Any]) -> list[Any]:
        return random.Random(seed).sample(errands, len(errands))  # noqa: S311  # an order, not a secret

    return shuffle


@pytest.mark.parametrize(
    ("order", "times"),
    [(list, 2), (list, 10), (lambda e: e[::-1], 1), (lambda e: e[::-1], 3), (shuffled(1), 10), (shuffled(2), 1)],
    ids=["doubled", "ten times", "reversed", "reversed thrice", "shuffled ten times", "shuffled"],
)
def test_any_order_and_any_repetition_of_errands_ends_in_the_same_rows(busy, tmp_path, order, times):
    other = clone(busy, tmp_path)
    busy.work()
    in_order(other, order, times=times)
    assert outcome(other) == outcome(busy)
    other.means.db.engine.dispose()


def test_an_event_becomes_its_errands_once(busy):
    with busy.means.db.read() as session:
        waiting = events_to_relay(session)
    relay_events(tools(busy))
    before = dump(busy)["errand"]
    for event_id, event in waiting:
        with busy.means.db.write() as session:
            relay(session, event_id, [(j.name, j.subject) for j in jobs_for(event)], at=busy.clock())
    assert dump(busy)["errand"] == before
    assert relay_events(tools(busy)) == 0


STEPS = (
    # where the process dies: module, name
    (reading, "keep_object"),
    (reading, "_settle"),
    (reading, "record"),
    (reading, "_keep_exif_witness"),
    (jobs, "keep_reading"),
    (jobs, "quarantine"),
    (jobs, "locate_and_route"),
    (jobs, "post_awards"),
    (jobs, "remove_replaced_original"),
    (runner, "_settle"),
    (runner, "relay"),
)


class Died(BaseException):
    """The power goes: nothing may catch it."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "name"), STEPS, ids=[f"{m.__name__}.{n}" for m, n in STEPS])
def test_a_worker_that_dies_at_any_step_is_made_good_by_the_next(busy, tmp_path, monkeypatch, module, name, after):
    other = clone(busy, tmp_path)
    busy.work()
    real = getattr(module, name)

    def die(*args: Any, **more: Any) -> Any:
        if after:
            real(*args, **more)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        with pytest.raises(Died):
            run_all(tools(other))
    with other.means.db.write() as session:
        release_leases(session, at=other.clock())
    other.work()
    assert outcome(other) == outcome(busy)
    with other.means.db.read() as session:
        assert set(session.execute(select(ErrandRow.state)).scalars()) == {"done"}
    other.means.db.engine.dispose()


def errand_of(house: House, job: str) -> ErrandRow:
    with house.means.db.read() as session:
        return session.execute(
            select(ErrandRow).where(ErrandRow.job == job).order_by(ErrandRow.id.desc()).limit(1)
        ).scalar_one()


def test_a_photo_that_kills_its_worker_twice_is_set_apart(house, monkeypatch):
    number = house.report("lixia")
    relay_photos(house)
    decodes = []

    def kill(*_args: Any, **_more: Any) -> None:
        decodes.append(1)
        raise Died

    monkeypatch.setattr(house.decoder, "decode", kill)
    for _ in range(2):
        with pytest.raises(Died):
            run_errand(tools(house))
        house.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert run_errand(tools(house))
    assert len(decodes) == 2
    seen = house.read("wangmin", number)["photos"][0]
    assert (seen["status"], seen["cause"]) == ("quarantined", "crashed")
    row = errand_of(house, "process_photo")
    assert (row.state, row.attempts, row.crashes) == ("done", 3, 2)


def test_an_errand_is_nobody_elses_before_its_lease_ran_out(house):
    house.report("lixia")
    relay_photos(house)
    with house.means.db.write() as session:
        first = claim(session, at=house.clock(), lease=LEASE)
    house.clock.forward(seconds=LEASE.total_seconds())
    with house.means.db.write() as session:
        assert claim(session, at=house.clock(), lease=LEASE) is None
    house.clock.forward(seconds=1)
    with house.means.db.write() as session:
        second = claim(session, at=house.clock(), lease=LEASE)
    assert first is not None
    assert second is not None
    assert (second.id, second.fence, second.attempt, second.crashes) == (first.id, first.fence + 1, 2, 1)


def test_a_lost_lease_cannot_settle(house):
    house.report("lixia")
    relay_photos(house)
    with house.means.db.write() as session:
        robbed = claim(session, at=house.clock(), lease=LEASE)
    house.clock.forward(minutes=4)
    with house.means.db.write() as session:
        holder = claim(session, at=house.clock(), lease=LEASE)
    assert robbed is not None
    assert holder is not None
    before = dump(house)["errand"]
    with house.means.db.write() as session:
        assert not settle(session, robbed, state=ErrandState.FAILED, at=house.clock(), fault="late")
    assert dump(house)["errand"] == before
    with house.means.db.write() as session:
        assert settle(session, holder, state=ErrandState.DONE, at=house.clock())


@pytest.mark.parametrize(
    "fault", [Unavailable(), StoreUnavailable(), DecoderUnavailable("no jail")], ids=lambda f: type(f).__name__
)
def test_a_fault_of_the_machine_is_tried_again_later_and_more_patiently(house, monkeypatch, fault):
    number = house.report("lixia")
    relay_photos(house)

    def fail(*_args: Any, **_more: Any) -> None:
        raise fault

    pauses = []
    with monkeypatch.context() as patch:
        patch.setattr(house.decoder, "decode", fail)
        for _ in range(12):
            assert run_errand(tools(house))
            row = errand_of(house, "process_photo")
            assert (row.state, row.fault, row.crashes) == ("waiting", type(fault).__name__, 0)
            pauses.append((row.due_at - house.clock()).total_seconds())
            assert not run_errand(tools(house))
            house.clock.at = row.due_at
    assert pauses[:4] == [2, 4, 8, 16]
    assert pauses[-1] == 300
    house.work()
    assert house.read("lixia", number)["photos"][0]["status"] == "ready"


def test_patience_ends_and_the_photo_is_visibly_set_apart(house, monkeypatch):
    number = house.report("lixia")
    relay_photos(house)
    with house.means.db.write() as session:
        session.execute(update(ErrandRow).where(ErrandRow.state == "waiting").values(attempts=TRIES_MOST - 1))

    def fail(*_args: Any, **_more: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(house.decoder, "decode", fail)
    run_all(tools(house))
    assert errand_of(house, "process_photo").state == "failed"
    assert house.read("lixia", number)["photos"][0]["cause"] == "crashed"


def test_a_bug_fails_its_errand_at_once_and_stops_no_other(house, monkeypatch):
    first, second = house.report("lixia"), house.report("lixia")
    bad = row_of(house, first).id
    real = jobs.zone_of

    def trip(hazard_id: int, **more: Any) -> Any:
        if hazard_id == bad:
            raise ZeroDivisionError
        return real(hazard_id, **more)

    monkeypatch.setattr(jobs, "zone_of", trip)
    house.work()
    assert house.read("lixia", first)["photos"][0]["cause"] == "crashed"
    assert house.read("lixia", second)["photos"][0]["status"] == "ready"
    report = house.app.test_client().get("/healthz").json
    assert report["queue"]["failed"] == 1


def test_an_errand_of_an_unknown_job_fails_visibly(house):
    with house.means.db.write() as session:
        event_id = session.execute(select(EventRow.id).limit(1)).scalar_one()
        session.execute(
            insert(ErrandRow).values(
                event_id=event_id, job="no_such_job", subject=1, made_at=house.clock(), due_at=house.clock()
            )
        )
    house.work()
    row = errand_of(house, "no_such_job")
    assert (row.state, row.fault) == ("failed", "KeyError")


def test_an_original_that_the_store_lost_is_said_to_be_missing_at_once(house):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=31),))
    with house.means.db.read() as session:
        key = session.execute(
            select(PhotoRow.sha256).where(PhotoRow.hazard_id == row_of(house, number).id)
        ).scalar_one()
    house.means.store.remove(key)
    house.work()
    assert errand_of(house, "process_photo").state == "done"
    seen = house.read("lixia", number)["photos"][0]
    assert (seen["status"], seen["cause"]) == ("quarantined", "missing")


def test_an_original_that_comes_as_other_bytes_again_and_again_is_said_to_be_altered(house, monkeypatch):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=32),))
    asked: list[str] = []

    def other_bytes(key: str) -> None:
        asked.append(key)
        raise ObjectDamaged("digest")

    monkeypatch.setattr(house.means.store, "open", other_bytes)
    house.work()
    assert house.read("lixia", number)["photos"][0]["status"] == "pending"
    for _ in range(2):
        house.clock.forward(minutes=1)
        house.work()
    seen = house.read("lixia", number)["photos"][0]
    assert (len(asked), seen["status"], seen["cause"]) == (3, "quarantined", "altered")
    assert errand_of(house, "process_photo").state == "done"


def test_health_counts_what_waits_and_since_when(house):
    house.report("lixia")
    house.clock.forward(seconds=90)
    queue = house.app.test_client().get("/healthz").json["queue"]
    assert (queue["waiting"], queue["oldest_seconds"]) == (2, 90)
    house.work()
    queue = house.app.test_client().get("/healthz").json["queue"]
    assert (queue["waiting"], queue["failed"], queue["oldest_seconds"]) == (0, 0, 0)


# --- the timetable --------------------------------------------------------------------------------------


@dataclass
class Counted:
    times: int = 0

    def __call__(self, _tools: Tools) -> None:
        self.times += 1


def test_rounds_do_each_line_when_it_is_due_and_survive_a_clock_set_back(house, monkeypatch):
    counted = Counted()
    line = type(TIMETABLE[0])(timedelta(minutes=1), counted)
    monkeypatch.setattr("workers.timetable.TIMETABLE", (line,))
    rounds = Rounds()
    for step, done in ((0, 1), (59, 1), (1, 2), (-86_400, 3), (30, 3), (30, 4)):
        house.clock.forward(seconds=step)
        rounds.walk(tools(house))
        assert counted.times == done


def test_a_long_line_goes_on_where_it_stopped_and_the_others_are_done_meanwhile(house, monkeypatch):
    told: list[str] = []

    def long(_tools: Tools) -> Iterator[None]:
        for piece in ("one", "two", "three"):
            told.append(piece)
            yield

    lines = (Periodic(timedelta(hours=6), long), Periodic(timedelta(seconds=1), lambda _tools: told.append("-")))
    monkeypatch.setattr("workers.timetable.TIMETABLE", lines)
    rounds = Rounds(stretch_seconds=0)
    for _ in range(5):
        house.clock.forward(seconds=1)
        rounds.walk(tools(house))
    assert told == ["one", "-", "two", "-", "three", "-", "-", "-"]
    house.clock.forward(hours=6)
    rounds.walk(tools(house))
    assert told[8:] == ["one", "-"]


def test_a_long_line_is_done_at_once_when_there_is_time(house, monkeypatch):
    told: list[int] = []
    lines = (Periodic(timedelta(hours=6), lambda _tools: map(told.append, range(100))),)
    monkeypatch.setattr("workers.timetable.TIMETABLE", lines)
    Rounds(stretch_seconds=3600).walk(tools(house))
    assert told == list(range(100))


def test_a_long_line_that_fails_is_over_until_it_is_due_again(house, monkeypatch):
    begun: list[datetime] = []

    def failing(_tools: Tools) -> Iterator[None]:
        begun.append(house.clock())
        yield
        raise StoreUnavailable("TimeoutError")

    monkeypatch.setattr("workers.timetable.TIMETABLE", (Periodic(timedelta(hours=6), failing),))
    rounds = Rounds(stretch_seconds=0)
    rounds.walk(tools(house))
    with pytest.raises(StoreUnavailable):
        rounds.walk(tools(house))
    rounds.walk(tools(house))
    assert len(begun) == 1
    house.clock.forward(hours=6)
    rounds.walk(tools(house))
    assert len(begun) == 2


def test_a_worker_shows_that_it_lives_and_the_dead_are_forgotten(house):
    with house.means.db.write() as session:
        session.execute(insert(WorkerPulse).values(worker="dead-1", at=house.clock(), jail={}))
    house.clock.forward(minutes=11)
    pulse(tools(house))
    house.clock.forward(seconds=7)
    seen = house.app.test_client().get("/healthz").json["workers"]
    assert [w["seen_seconds_ago"] for w in seen] == [7]


def test_spent_passes_and_old_credentials_are_forgotten_in_time(house):
    anonymous(house)
    forget_expired(tools(house))
    assert len(dump(house)["spent_pass"]) == 1
    house.clock.forward(days=9)
    forget_expired(tools(house))
    assert dump(house)["spent_pass"] == []
    held = len(dump(house)["credential"])
    house.clock.forward(days=400)
    forget_expired(tools(house))
    assert len(dump(house)["credential"]) == 0 < held
