"""The database: one place that begins, commits and rolls back, on SQLite now and PostgreSQL later."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import CursorResult, DateTime, Dialect, Engine, MetaData, Table, Update, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import JSON, TypeDecorator

from app.core.clock import as_utc
from app.core.errors import OutOfSpace, Unavailable

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
WAL_RESET_FIXED: Final = (3, 51, 3)
"""SQLite's WAL-reset bug can lose a commit; it is mended from this version on."""
BUSY_TIMEOUT_SECONDS: Final = 20
WRITES: Final = "begins_to_write"


NAMES_AN_OBJECT: Final = {"names_an_object": True}
"""`mapped_column(info=…)` of every column that holds an object's key: what it names is never swept away."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; SQLite keeps the UTC wall clock without a zone."""
        if value is None:
            return None
        utc = as_utc(value)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the house; plain, so that `mypy --strict` sees its columns."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        # Flask-SQLAlchemy copies this class; a registry survives that, the class's own type map does not.
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: JSON(none_as_null=True),
            list[Any]: JSON(none_as_null=True),
        },
    )


def table_of(model: type[Base]) -> Table:
    """The table behind a model, for the hot path: a statement built once on it skips the ORM's own work."""
    return cast("Table", model.__table__)


def changed_one(session: Session, statement: Update) -> bool:
    """Run a compare-and-set; whether it found exactly the one row it named."""
    changed = cast("CursorResult[Any]", session.execute(statement.execution_options(synchronize_session=False)))
    return changed.rowcount == 1


def engine_options() -> dict[str, Any]:
    """What `create_engine` needs beside the address."""
    return {
        "module": sqlite,
        # A fault's text would carry names, words and positions into the log.
        "hide_parameters": True,
        "connect_args": {"timeout": BUSY_TIMEOUT_SECONDS},
        # Many more threads than this hold slow phones; few of them are in the database at the same time.
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": BUSY_TIMEOUT_SECONDS,
    }


def journal_mode_for(version: tuple[int, ...]) -> str:
    """WAL where it is safe, TRUNCATE elsewhere (SQLite's WAL-reset bug, fixed in 3.51.3)."""
    return "WAL" if version >= WAL_RESET_FIXED else "TRUNCATE"


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred and comes too late; we begin ourselves, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA journal_mode={journal_mode_for(sqlite.sqlite_version_info)}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once when another writes: 214 of 240 did.
    # So a writer says so at its first word.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def prepare_engine(engine: Engine) -> None:
    """Attach the pragmas and the way transactions begin; once per engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _as_problem(error: OperationalError) -> Unavailable | None:
    text = str(error.orig)
    if re.search(r"disk is full|No space left", text):
        return OutOfSpace()
    if re.search(r"locked|busy|I/O error|unable to open|readonly", text):
        return Unavailable(retry_after=5)
    return None


class Database:
    """Hands out sessions: `read()` sees one moment, `write()` is one transaction, all or nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one snapshot; whatever was changed in it is rolled back.

        Raises:
            Unavailable: the database did not answer in time.
        """
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises:
            Unavailable: locked for longer than BUSY_TIMEOUT_SECONDS, or the disk is full (OutOfSpace).
        """
        with self._session(writes=True) as session:
            yield session
            session.commit()

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(**{WRITES: writes}) as connection,
                Session(bind=connection, expire_on_commit=False) as session,
            ):
                yield session
        except PoolTimeoutError as error:
            raise Unavailable(retry_after=5) from error
        except OperationalError as error:
            problem = _as_problem(error)
            if problem is None:
                raise
            raise problem from error

    def journal_mode(self) -> str:
        """What `/healthz` tells: the journal mode in force, or the server's name.

        Raises:
            DBAPIError: the database does not answer.
        """
        with self.engine.connect() as connection:
            if self.engine.dialect.name != "sqlite":
                return self.engine.dialect.name
            return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
