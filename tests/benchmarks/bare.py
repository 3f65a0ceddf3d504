"""What one report says to the database, recorded; and the very same said again on the bare driver."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, event, text

from app.core.db import Database
from app.core.engines import engine_options
from app.hazards.submission import Receipt


@dataclass(frozen=True)
class Said:
    """One statement with its parameters, as the driver was given them."""

    statement: str
    told: Any


@dataclass(frozen=True)
class Record:
    """What was said for one report, and the keys that it was given or gave itself."""

    said: list[Said]
    keys: dict[str, list[Any]]
    at: datetime


def recorded(take: Callable[[], Receipt], db: Database) -> Record:
    """Take one report and listen at the driver."""
    said: list[Said] = []

    def hear(_connection: Any, _cursor: Any, statement: str, told: Any, *_more: Any) -> None:
        said.append(Said(statement, told))

    event.listen(db.engine, "before_cursor_execute", hear)
    receipt = take()
    event.remove(db.engine, "before_cursor_execute", hear)
    with db.read() as session:
        asked = "SELECT id FROM photo WHERE hazard_id = :id ORDER BY n"
        photo_ids = list(session.execute(text(asked), {"id": receipt.hazard_id}).scalars())
    keys = {
        "client": [receipt.client_id],
        "number": [receipt.number],
        "hazard": [receipt.hazard_id],
        "photo": photo_ids,
    }
    return Record(said, keys, receipt.received_at)


@dataclass(frozen=True)
class Key:
    """In place of a parameter: the n-th key of this name."""

    name: str
    n: int


@dataclass(frozen=True)
class Moment:
    """In place of a parameter: a time that lies so far from the report's own."""

    after: timedelta


@dataclass(frozen=True)
class Script:
    """What a report says, with a gap wherever two reports differ."""

    lines: list[Said]
    year: str


def script_of(take: Callable[[], Receipt], db: Database) -> Script:
    """Listen to two reports; what is told in both alike is told to the bare driver as it is."""
    take()  # the year's first makes its row of numbers
    one, two = recorded(take, db), recorded(take, db)
    assert [line.statement for line in one.said] == [line.statement for line in two.said]
    pairs = {
        (a, b): Key(name, n)
        for name, firsts in one.keys.items()
        for n, (a, b) in enumerate(zip(firsts, two.keys[name], strict=True))
    }

    def gap(a: Any, b: Any) -> Any:
        if isinstance(a, int | str) and (a, b) in pairs:
            return pairs[a, b]
        moment = as_time(a) if a != b else None
        # Other texts that name the hazard, such as the event's, may say the old one: they cost the same.
        return a if moment is None else Moment(moment - one.at)

    def gaps(first: Any, second: Any) -> Any:
        if isinstance(first, list):  # many rows by one statement
            return [gaps(*pair) for pair in zip(first, second, strict=True)]
        if isinstance(first, dict):
            return {name: gap(value, second[name]) for name, value in first.items()}
        return tuple(gap(a, b) for a, b in zip(first or (), second or (), strict=True))

    both = zip(one.said, two.said, strict=True)
    lines = [Said(first.statement, gaps(first.told, second.told)) for first, second in both]
    return Script(lines, one.keys["number"][0].rpartition("-")[0])


def as_time(value: Any) -> datetime | None:
    """A time as the driver was given it: SQLite gets it as text in UTC."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None


@dataclass
class Bare:
    """One connection of the driver's own: the product's manners, nothing of ours or SQLAlchemy's around it."""

    connection: Any
    script: Script
    is_sqlite: bool

    def take(self, at: datetime) -> None:
        """The script once, with fresh keys, as one transaction."""
        keys: dict[str, list[Any]] = {"client": [str(uuid.uuid4())], "number": [], "hazard": [], "photo": []}
        for line in self.script.lines:
            cursor = self.connection.cursor()
            if isinstance(line.told, list):
                cursor.executemany(line.statement, [self._filled(told, keys, at) for told in line.told])
            else:
                cursor.execute(line.statement, self._filled(line.told, keys, at))
            found = cursor.fetchall() if cursor.description else []
            given = [row[0] for row in found] or [cursor.lastrowid if self.is_sqlite else None]
            if line.statement.startswith("UPDATE hazard_number "):
                keys["number"] = [f"{self.script.year}-{given[0]:06d}"]
            elif line.statement.startswith("INSERT INTO hazard "):
                keys["hazard"] = given
            elif line.statement.startswith("INSERT INTO photo "):
                keys["photo"] += given
            cursor.close()
        self.connection.commit()

    def _filled(self, told: Any, keys: dict[str, list[Any]], at: datetime) -> Any:
        if isinstance(told, dict):
            return {name: self._value(value, keys, at) for name, value in told.items()}
        return tuple(self._value(value, keys, at) for value in told)

    def _value(self, value: Any, keys: dict[str, list[Any]], at: datetime) -> Any:
        if isinstance(value, Key):
            return keys[value.name][value.n]
        if isinstance(value, Moment):
            moment = at + value.after
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds") if self.is_sqlite else moment
        return value


def bare_on(engine: Engine, script: Script) -> Bare:
    """Opened as the product opens its own (app/core/engines.py)."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        connection = sqlite.connect(url.database, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return Bare(connection, script, is_sqlite=True)
    options = engine_options(str(url))["connect_args"]
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return Bare(psycopg.connect(plain, **options), script, is_sqlite=False)
