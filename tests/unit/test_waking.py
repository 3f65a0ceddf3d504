"""Who waits for events wakes with the commit, not with the next look."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.engines import engine_options, prepare_engine
from app.core.waking import ring, waking

LONG = 30.0
"""Seconds that nobody waits: a waiter that sleeps so long has overheard the commit."""


@contextmanager
def engine_at(url: str) -> Iterator[Engine]:
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path) -> Iterator[Engine]:
    if request.param == "sqlite":
        with engine_at(f"sqlite:///{tmp_path}/rows.sqlite3") as made:
            yield made
        return
    postgres = pytest.importorskip("tests.servers.postgres", reason="no throw-away PostgreSQL here")
    with postgres.cluster() as server, engine_at(server.url()) as made:
        yield made


def commit(engine: Engine, *, then: Callable[[], object] = bool) -> None:
    with Database(engine).write() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS kept (id INTEGER)"))
        session.execute(text("INSERT INTO kept VALUES (1)"))
        ring(session)
        then()


def break_off() -> None:
    raise ZeroDivisionError


def waited(bed, *, seconds: float = LONG, stop: threading.Event | None = None) -> float:
    before = time.monotonic()
    bed.wait(seconds, stop=stop or threading.Event())
    return time.monotonic() - before


def test_a_commit_wakes_at_once_and_silence_does_not(engine):
    with waking(engine) as bed:
        assert waited(bed) < LONG / 2, "the first wait does not know what was committed before"
        assert waited(bed, seconds=0.3) >= 0.2
        commit(engine)
        assert waited(bed) < LONG / 2, "committed before it waits"
        timer = threading.Timer(0.2, commit, (engine,))
        timer.start()
        assert waited(bed) < LONG / 2, "committed while it waits"
        timer.join()


def test_what_is_rolled_back_wakes_nobody(engine):
    commit(engine)
    with waking(engine) as bed:
        waited(bed)
        with pytest.raises(ZeroDivisionError):
            commit(engine, then=break_off)
        assert waited(bed, seconds=0.3) >= 0.2


def test_who_waits_can_be_told_to_stop(engine):
    with waking(engine) as bed:
        waited(bed)
        stop = threading.Event()
        timer = threading.Timer(0.2, stop.set)
        timer.start()
        assert waited(bed, stop=stop) < LONG / 2
        timer.join()


def test_a_connection_that_broke_is_opened_anew(engine):
    with waking(engine) as bed:
        waited(bed)
        bed._connection.close()
        waited(bed, seconds=0.1)
        waited(bed)
        timer = threading.Timer(0.2, commit, (engine,))
        timer.start()
        assert waited(bed) < LONG / 2
        timer.join()


def test_a_database_that_is_away_is_waited_for_quietly(tmp_path):
    with engine_at(f"sqlite:///{tmp_path}/no/such/folder.sqlite3") as engine, waking(engine) as bed:
        assert 0.2 <= waited(bed, seconds=0.3) < LONG / 2


def test_ringing_costs_sqlite_nothing(tmp_path):
    with engine_at(f"sqlite:///{tmp_path}/rows.sqlite3") as engine, Session(engine) as session:
        ring(session)
        assert not session.in_transaction()
