"""The two databases under the house: how each is opened, begins, and says that it cannot now.

SQLite (one machine) and PostgreSQL (many) keep the same promises: a writer sees everything that was committed
before it began and is alone among writers; a reader sees one moment. See docs/decisions/0019-postgresql.md.
"""

import re
from typing import Any, Final

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError

from app.core.errors import BadRequest, OutOfSpace, Problem, Unavailable

WAL_RESET_FIXED: Final = (3, 51, 3)
"""SQLite's WAL-reset bug can lose a commit; it is mended from this version on."""
BUSY_TIMEOUT_SECONDS: Final = 20
CONNECT_SECONDS: Final = 5
WRITES: Final = "begins_to_write"
"""Execution option of a connection: its transaction will write, and waits for its turn among writers."""
TURN: Final = 0x48415A41
"""The key of PostgreSQL's advisory lock that writers take in turn; any number, as long as it stays."""
SORTED_BY_BYTES: Final = frozenset({"C", "POSIX", "C.UTF-8", "C.utf8", "ucs_basic"})
"""Collations that sort as SQLite does: pages of a list then end at the same line on both."""


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs beside the address."""
    shared = {
        # A fault's text would carry names, words and positions into the log.
        "hide_parameters": True,
        # Many more threads than this hold slow phones; few of them are in the database at the same time.
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": BUSY_TIMEOUT_SECONDS,
    }
    if url.startswith("sqlite"):
        return {**shared, "module": sqlite, "connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    return {
        **shared,
        # A server that was restarted has closed every connection; that is found out before work is given to one.
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            # A commit that was answered is on the disk, whatever the server's own default says (P1).
            "options": f"-c timezone=UTC -c synchronous_commit=on -c lock_timeout={BUSY_TIMEOUT_SECONDS}s",
            # A server that vanished without a word is given up within a minute.
            "tcp_user_timeout": 30_000,
        },
    }


def journal_mode_for(version: tuple[int, ...]) -> str:
    """WAL where it is safe, TRUNCATE elsewhere (SQLite's WAL-reset bug, fixed in 3.51.3)."""
    return "WAL" if version >= WAL_RESET_FIXED else "TRUNCATE"


def prepare_engine(engine: Engine) -> None:
    """Attach the pragmas and the way transactions begin; once per engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect_sqlite)
        event.listen(engine, "begin", _on_begin_sqlite)
    else:
        event.listen(engine, "begin", _on_begin_postgresql)
        event.listen(engine, "handle_error", _without_values)


def prepared_for(connection: Connection, *, writes: bool) -> Connection:
    """The connection with its next transaction's manners: a writer takes its turn, a reader sees one moment.

    A PostgreSQL writer sees what others committed before each of its statements: as it is alone among writers,
    that is what they left before its turn. SQLite's transactions are serializable as they are.
    """
    if connection.dialect.name == "sqlite" or writes:
        return connection.execution_options(**{WRITES: writes})
    return connection.execution_options(**{WRITES: False}, isolation_level="REPEATABLE READ")


def _on_connect_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred and comes too late; we begin ourselves, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA journal_mode={journal_mode_for(sqlite.sqlite_version_info)}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _on_begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns to writing fails at once when another writes: 214 of 240 did.
    # So a writer says so at its first word.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _on_begin_postgresql(connection: Connection) -> None:
    # Gapless numbers queue every report behind one row anyway. One queue for all writers, as SQLite has, lets a
    # use case look and then act in its transaction without a lock of its own, and deadlocks cannot happen.
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")


def _without_values(context: ExceptionContext) -> None:
    """Take a row's words out of the server's complaint: "Failing row contains (…)", "invalid input syntax …"."""
    fault, wrapped = context.original_exception, context.sqlalchemy_exception
    code = getattr(fault, "sqlstate", None)
    if code is None:  # the driver's own complaint, not the server's
        return
    diagnosis: Any = fault.diag  # type: ignore[attr-defined]  # psycopg's, as it has a code
    places = [diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name]
    # Of data that cannot be (class 22) already the first line repeats a value.
    said = None if code.startswith("22") else diagnosis.message_primary
    plain = " ".join(str(word) for word in (code, said, *places) if word)
    fault.args = (plain,)
    if wrapped is not None:
        wrapped.args = (f"({type(fault).__name__}) {plain}",)


def as_problem(error: DBAPIError) -> Problem | None:
    """What a person is told of a database that cannot now, or of words it cannot hold; None: a fault of ours."""
    if type(error.orig).__module__.startswith("psycopg"):
        return _postgresql_problem(error)
    text = str(error.orig)
    if re.search(r"disk is full|No space left", text):
        return OutOfSpace()
    if re.search(r"locked|busy|I/O error|unable to open|readonly", text):
        return Unavailable(retry_after=5)
    return None


def _postgresql_problem(error: DBAPIError) -> Problem | None:
    """The server or the way to it cannot for the moment.

    Those are psycopg's operational errors (classes 08, 40, 53, 55 and 57 of SQLSTATE) and closed connections.
    """
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code == "53100":
        return OutOfSpace()
    if code.startswith("54"):  # a limit of the server's own: the same again meets it again
        return None
    if isinstance(error, OperationalError) or error.connection_invalidated or isinstance(error, InterfaceError):
        return Unavailable(retry_after=5)
    # No text of PostgreSQL's holds a NUL: an address with one names nothing, and whoever typed it meant mischief.
    if isinstance(error, DataError) and "NUL (0x00)" in str(error.orig):
        return BadRequest(reason="control_characters")
    # A standby that was promoted late, or a failover under way: the server is there, but read-only.
    return Unavailable(retry_after=5) if code == "25006" else None


def describe(engine: Engine) -> dict[str, str]:
    """What `/healthz` tells of the database: kind, version, and on SQLite the journal mode.

    Raises:
        DBAPIError: it does not answer.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
            return {"kind": "sqlite", "version": sqlite.sqlite_version, "journal_mode": mode}
        version = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
        return {"kind": "postgresql", "version": version}


def check_collation(connection: Connection) -> None:
    """Refuse a PostgreSQL database that sorts texts by a language: lists would be cut in two ways.

    Raises:
        ValueError: with a sentence for the person who made the database.
    """
    if connection.dialect.name == "sqlite":
        return
    # The language's name stands elsewhere in each of PostgreSQL 15, 16 and 17.
    asked = (
        "SELECT coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', datcollate),"
        " pg_encoding_to_char(encoding) FROM pg_database d WHERE datname = current_database()"
    )
    collation, encoding = connection.exec_driver_sql(asked).one()
    if collation not in SORTED_BY_BYTES or encoding != "UTF8":
        raise ValueError(
            f"This database sorts by {collation} in {encoding}. Make it anew: "
            "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
