"""Blank databases of the kind that the test stands on, and the servers that integration tests may ask for."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from app.core.db import Base, Database
from app.core.engines import engine_options, prepare_engine
from tests.integration.competition_world import new_database
from tests.servers.postgres import Cluster
from tests.servers.redis import own_redis, redis_url, shared_redis

__all__ = ["blank", "databases", "own_redis", "redis_url", "shared_redis"]


def _engine(url: str) -> Engine:
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


@pytest.fixture(scope="session")
def blank(postgres: Cluster) -> str:
    """A PostgreSQL database with tables, triggers and nothing in them."""
    name = f"blank_{uuid.uuid4().hex}"
    engine = _engine(postgres.create(name))
    Base.metadata.create_all(engine)
    engine.dispose()
    return name


@pytest.fixture
def databases(
    request: pytest.FixtureRequest, tmp_path: Path, database_kind: str
) -> Iterator[Callable[[], Database]]:
    """Makes a further blank database each time."""
    made: list[tuple[str, Database]] = []

    def another() -> Database:
        name = f"blank_{uuid.uuid4().hex}"
        if database_kind == "sqlite":
            database = new_database(tmp_path / f"{name}.sqlite3")
        else:
            cluster, template = request.getfixturevalue("postgres"), request.getfixturevalue("blank")
            database = Database(_engine(cluster.create(name, template=template)))
        made.append((name, database))
        return database

    yield another
    for name, database in made:
        database.engine.dispose()
        if database_kind == "postgresql":
            request.getfixturevalue("postgres").drop(name)
