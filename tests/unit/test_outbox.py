"""The queue by itself: claimed in order, once each, when due; depth told."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.events import KINDS
from app.core.outbox import ErrandState as S
from app.core.outbox import event_of, queue_depth, record, release_leases, settle
from app.core.relaying import events_to_relay, relay
from app.hazards.events import HazardClosed
from tests.errands import claim
from tests.integration.competition_world import new_database

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=3)


@pytest.fixture
def db(tmp_path):
    made = new_database(tmp_path / "queue.sqlite3")
    yield made
    made.engine.dispose()


def queue(db, *jobs, at=NOW):
    with db.write() as session:
        event_id = record(session, HazardClosed(1, 2), at=at)
        relay(session, event_id, list(jobs), at=at)
    return event_id


def take(db, at=NOW):
    with db.write() as session:
        return claim(session, at=at, lease=LEASE)


def test_an_event_is_kept_as_it_was_recorded(db):
    event_id = queue(db)
    with db.read() as session:
        assert event_of(session, event_id) == HazardClosed(1, 2)
        assert KINDS["HazardClosed"] is HazardClosed
        assert events_to_relay(session) == []


def test_a_transaction_that_fails_records_nothing(db):
    def fail():
        with db.write() as session:
            record(session, HazardClosed(1, 2), at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with db.read() as session:
        assert queue_depth(session).waiting == 0


def test_errands_are_claimed_oldest_first_and_once(db):
    queue(db, ("a", 1), ("b", 2))
    assert [take(db).job, take(db).job, take(db)] == ["a", "b", None]


def test_an_errand_put_off_is_not_claimed_before_it_is_due(db):
    queue(db, ("a", 1))
    errand = take(db)
    with db.write() as session:
        assert settle(session, errand, state=S.WAITING, at=NOW, due_at=NOW + LEASE, fault="Tired")
    assert take(db) is None
    again = take(db, NOW + LEASE)
    assert (again.attempt, again.crashes) == (2, 0)


def test_a_lone_worker_lets_all_leases_run_out_when_it_starts(db):
    queue(db, ("a", 1))
    take(db)
    with db.write() as session:
        release_leases(session, at=NOW)
    again = take(db)
    assert (again.attempt, again.crashes) == (2, 1)


def test_the_same_errand_of_an_event_is_made_once(db):
    event_id = queue(db, ("a", 1))
    with db.write() as session:
        relay(session, event_id, [("a", 1)], at=NOW)
    assert take(db) is not None
    assert take(db) is None


def test_depth_counts_events_and_errands_and_knows_the_oldest(db):
    queue(db, ("a", 1), ("b", 1), at=NOW - LEASE)
    with db.write() as session:
        record(session, HazardClosed(1, 3), at=NOW)
        settle(session, claim(session, at=NOW, lease=LEASE), state=S.FAILED, at=NOW)
    with db.read() as session:
        depth = queue_depth(session)
    assert (depth.waiting, depth.failed, depth.oldest_at) == (2, 1, NOW - LEASE)
