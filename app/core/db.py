"""The database: one place that begins, commits and rolls back, on SQLite and on PostgreSQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Table,
    Update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

from app.core.clock import as_utc
from app.core.engines import as_problem, describe, prepared_for
from app.core.errors import Unavailable

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
NAMES_AN_OBJECT: Final = {"names_an_object": True}
"""`mapped_column(info=…)` of every column that holds an object's key: what it names is never swept away."""


LARGE: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number beyond 2,147,483,647, such as the fen of a large repair; SQLite's integers hold it anyway."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL keeps the zone, so that no session's own setting can move an instant."""
        plain: TypeEngine[Any] = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else DateTime()
        return dialect.type_descriptor(plain)

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


def changed_one(session: Session, statement: Update | Delete, told: Mapping[str, Any] | None = None) -> bool:
    """Run a compare-and-set; whether it found exactly the one row it named.

    `told` are the parameters of a statement that was built once, on a table and not on a model.
    """
    if told is None:
        statement = statement.execution_options(synchronize_session=False)
    changed = cast("CursorResult[Any]", session.execute(statement, told))
    return changed.rowcount == 1


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
            Unavailable: no turn came within `engines.BUSY_TIMEOUT_SECONDS`, or the disk is full (OutOfSpace).
        """
        with self._session(writes=True) as session:
            yield session
            session.commit()

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        try:
            with (
                self.engine.connect() as connection,
                Session(bind=prepared_for(connection, writes=writes), expire_on_commit=False) as session,
            ):
                yield session
        except PoolTimeoutError as error:
            raise Unavailable(retry_after=5) from error
        except DBAPIError as error:
            problem = as_problem(error)
            if problem is None:
                raise
            raise problem from error

    def describe(self) -> dict[str, str]:
        """What `/healthz` tells: kind, version, and on SQLite the journal mode in force.

        Raises:
            DBAPIError: the database does not answer.
        """
        return describe(self.engine)
