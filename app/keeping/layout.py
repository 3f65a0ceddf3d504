"""Which tables a backup holds, and how a database of any revision is read: by what it says of itself.

The models are not asked. A backup may be older than this version; its tables are those of its own day.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import JSON, Column, DateTime, ForeignKeyConstraint, MetaData, String, Table, inspect, select
from sqlalchemy.engine import Connection

from app.core.db import UtcDateTime

VERSION_TABLE: Final = "alembic_version"
DERIVED: Final = ("desk_line", "hazard_search")
"""Filled by triggers from the rows that they speak of; so is what begins with the second (FTS5's own tables)."""
VOLATILE: Final = ("worker_pulse", "backup_hold", "missing_object", "upload", VERSION_TABLE)
"""True of one machine and one minute: signs of life, holds, what a store has lost, what has not come whole."""
Migrate = Callable[[str], None]
"""Brings the database to a revision ("head" for the newest); the edge lends it."""


def is_kept(name: str) -> bool:
    """Whether a backup holds this table: all but what is derived or volatile, so that no new one is forgotten."""
    return name not in VOLATILE and not name.startswith(DERIVED)


def kept_tables(connection: Connection) -> tuple[Table, ...]:
    """The tables to keep, in an order in which each follows those it refers to (itself aside)."""
    names = [name for name in inspect(connection).get_table_names() if is_kept(name)]
    found = MetaData()
    found.reflect(bind=connection, only=names, resolve_fks=False)
    for table in found.tables.values():
        for column in table.columns:
            _as_we_write_it(column)
    return tuple(found.sorted_tables)


def _as_we_write_it(column: "Column[Any]") -> None:
    """A database knows neither that our instants are UTC nor that an absent JSON value is NULL where it may."""
    if isinstance(column.type, DateTime):
        column.type = UtcDateTime()
    elif isinstance(column.type, JSON):
        column.type = JSON(none_as_null=bool(column.nullable))


def revision_of(connection: Connection) -> str | None:
    """The migration the database stands at; None for a blank one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version = Table(VERSION_TABLE, MetaData(), Column("version_num", String()))
    return connection.execute(select(version.c.version_num)).scalar_one_or_none()


def first_row_anywhere(connection: Connection) -> str | None:
    """The name of a table that holds a row; None when all are empty, as migrations leave them."""
    for table in kept_tables(connection):
        if connection.execute(select(table).limit(1)).first() is not None:
            return table.name
    return None


def references_to_itself(table: Table) -> tuple[ForeignKeyConstraint, ...]:
    """A table's foreign keys into itself: a master, a unit above, a reversed entry."""
    return tuple(
        key
        for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
        if key.elements[0].target_fullname.partition(".")[0] == table.name
    )
