"""What the two databases need for rows that come in the order of their keys, and for the ids given afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Integer, Table, cast, func, select, text
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.engine import Connection

from app.keeping.layout import references_to_itself


@contextmanager
def references_deferred(connection: Connection, tables: tuple[Table, ...]) -> Iterator[None]:
    """Foreign keys are looked at when the block ends, not row by row: a duplicate may stand before its master.

    SQLite has a switch that ends with the transaction (and looks at COMMIT). On PostgreSQL a key must be declared
    deferrable; that is undone in the same transaction, so nobody ever sees the tables so.

    Raises:
        IntegrityError: a row refers to none.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        yield
        return
    named = connection.dialect.identifier_preparer
    keys = [
        (named.format_table(table), named.format_constraint(key))
        for table in tables
        for key in references_to_itself(table)
    ]
    for table, key in keys:
        connection.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {key} DEFERRABLE INITIALLY DEFERRED"))
    yield
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for table, key in keys:
        connection.execute(text(f"ALTER TABLE {table} ALTER CONSTRAINT {key} NOT DEFERRABLE"))


def count_on_from(connection: Connection, tables: tuple[Table, ...]) -> None:
    """Let PostgreSQL's sequences go on behind the highest id; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key:
            if not isinstance(column.type, Integer):
                continue
            named = connection.dialect.identifier_preparer.format_table(table)
            sequence = connection.execute(select(func.pg_get_serial_sequence(named, column.name))).scalar_one()
            if sequence is None:
                continue
            highest = connection.execute(select(func.max(column))).scalar_one()
            # The third argument: whether the number was given already; with no rows the first is 1.
            connection.execute(select(func.setval(cast(sequence, REGCLASS), highest or 1, highest is not None)))
