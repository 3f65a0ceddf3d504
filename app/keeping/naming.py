"""Which rows name which object: for a backup from one snapshot, for a check page by page, for people in words."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Column, Select, Table, or_, select, union
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.evidence.causes import Cause
from app.evidence.lost import is_known_lost
from app.evidence.models import PhotoRow
from app.hazards.models import DocumentRow, HazardRow
from app.papers.models import ExportRow, PaperRow
from app.tables import OBJECT_KEYS

KEYS_AT_ONCE: Final = 1000


def keys_named(connection: Connection, tables: tuple[Table, ...]) -> Iterator[str]:
    """Every key that a row of these tables names, in order, each once, streamed.

    Only columns that the database has by now are asked: it may stand at an older migration than the models.
    """
    named = {(column.table.name, column.name) for column in OBJECT_KEYS}
    columns = [column for table in tables for column in table.columns if (table.name, column.name) in named]
    wanted = union(*(_keys_in(column) for column in columns)).subquery()
    ordered = select(wanted.c.key).order_by(wanted.c.key)
    yield from connection.execution_options(yield_per=KEYS_AT_ONCE).execute(ordered).scalars()


def keys_missed(connection: Connection, tables: tuple[Table, ...]) -> set[str]:
    """Originals of photos that were set apart because they are missing: lost before, and told to people."""
    photos = [table for table in tables if table.name == PhotoRow.__tablename__]
    return {
        key
        for photo in photos
        for key in connection.execute(select(photo.c.sha256).where(photo.c.cause == Cause.MISSING)).scalars()
    }


def _keys_in(column: "Column[str]") -> Select[str]:
    return select(column.label("key")).where(column.is_not(None))


def keys_after(session: Session, last: str) -> list[str]:
    """The next KEYS_AT_ONCE keys that rows name, in order, behind `last` ("" at the beginning)."""
    found: set[str] = set()
    for column in OBJECT_KEYS:
        # Each column's own smallest are enough: the smallest of all are among them.
        following = select(column).where(column > last).order_by(column).limit(KEYS_AT_ONCE)
        found |= set(session.execute(following).scalars())
    return sorted(found)[:KEYS_AT_ONCE]


def is_missed(session: Session, key: str) -> bool:
    """Whether a row names the object and nobody has been told that it is missing."""
    return not is_known_lost(session, key, named_by=OBJECT_KEYS)


def who_names(session: Session, key: str) -> list[str]:
    """The places that the object is wanted at, as an operator finds them again."""
    photos = session.execute(
        select(HazardRow.number, PhotoRow.n, PhotoRow.sha256, PhotoRow.display_key, PhotoRow.thumb_key)
        .join(HazardRow, HazardRow.id == PhotoRow.hazard_id)
        .where(or_(PhotoRow.sha256 == key, PhotoRow.display_key == key, PhotoRow.thumb_key == key))
        .order_by(HazardRow.id, PhotoRow.n)
    )
    told = [
        f"{number} photo {n} ({kind})"
        for number, n, *keys in photos
        for kind, named in zip(("original", "display", "thumb"), keys, strict=True)
        if named == key
    ]
    documents = session.execute(
        select(HazardRow.number, DocumentRow.n)
        .join(HazardRow, HazardRow.id == DocumentRow.hazard_id)
        .where(DocumentRow.sha256 == key)
        .order_by(HazardRow.id, DocumentRow.n)
    )
    told += [f"{number} document {n}" for number, n in documents]
    papers = session.execute(select(PaperRow.number).where(PaperRow.pdf_sha256 == key).order_by(PaperRow.id))
    told += [f"paper {number}" for number in papers.scalars()]
    exports = session.execute(select(ExportRow.public_id).where(ExportRow.sha256 == key).order_by(ExportRow.id))
    return told + [f"register export {code}" for code in exports.scalars()]
