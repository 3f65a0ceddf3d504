"""A row as one line, the same whichever database holds it, and back; a table's digest is that of its lines.

A line is JSON with sorted keys: instants in RFC 3339, UTC, with microseconds; days as YYYY-MM-DD; numbers as
Python writes them, so that a double returns bit for bit; bytes in base64. Lines stand in the order of the primary
key, texts by their bytes, whatever collation a server prefers.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, Date, Float, LargeBinary, Row, String, Table, select
from sqlalchemy.engine import Connection

from app.core.db import UtcDateTime

ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True)
class TableDigest:
    """How many rows, and the SHA-256 of their lines."""

    rows: int
    sha256: str


class Digest:
    """Counts and hashes lines as they pass."""

    def __init__(self) -> None:
        self._rows = 0
        self._hash = hashlib.sha256()

    def add(self, line: bytes) -> None:
        """One more line, with its end."""
        self._rows += 1
        self._hash.update(line)

    def result(self) -> TableDigest:
        """What passed so far."""
        return TableDigest(self._rows, self._hash.hexdigest())


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Every row of the table as a line, streamed: neither the table nor more than ROWS_AT_ONCE rows in memory."""
    columns = list(table.columns)
    order = [_by_bytes(column, dialect=connection.dialect.name) for column in table.primary_key]
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(*columns).order_by(*order))
    yield from (_line(columns, row) for row in rows)


def digest_of(connection: Connection, table: Table) -> TableDigest:
    """The table's rows, hashed as a backup would hold them."""
    digest = Digest()
    for line in lines_of(connection, table):
        digest.add(line)
    return digest.result()


def _by_bytes(column: "Column[Any]", *, dialect: str) -> ColumnElement[Any]:
    is_text = isinstance(column.type, String)
    return column.collate("C") if is_text and dialect == "postgresql" else column


def _line(columns: "list[Column[Any]]", row: "Row[Any]") -> bytes:
    told = {column.name: _told(value) for column, value in zip(columns, row, strict=True)}
    return canonical(told)


def canonical(told: dict[str, Any]) -> bytes:
    """JSON that is written in one way only, with a line's end."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value


def row_of(line: bytes, table: Table) -> dict[str, Any]:
    """The values of a line, ready to be inserted.

    Raises:
        ValueError: the line is none, or its columns are not the table's.
    """
    told = json.loads(line.decode("utf-8", "surrogatepass"))
    if not isinstance(told, dict) or set(told) != set(table.columns.keys()):
        raise ValueError(f"a line of {table.name} has other columns than the table")
    return {column.name: _value(told[column.name], column) for column in table.columns}


def _value(told: Any, column: "Column[Any]") -> Any:
    if told is None or isinstance(column.type, JSON):
        return told
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(told)
    if isinstance(column.type, Date):
        return date.fromisoformat(told)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(told, validate=True)
    if isinstance(column.type, Float):
        return float(told)
    return told
