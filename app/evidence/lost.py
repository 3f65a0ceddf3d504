"""Rows whose object the store has lost: looked for slice by slice, reported loudly, counted until it is back."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Column, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, Database
from app.evidence.causes import Cause
from app.evidence.models import PhotoRow
from storage.object_store import ObjectMissing, ObjectStore

SLICE_DIGITS: Final = 3
SLICES: Final = 16**SLICE_DIGITS
"""A key is a hash, so its first digits divide the objects evenly: a million photos make 730 looks a slice."""
SLICE_SECONDS: Final = 300
"""One slice in five minutes: every object is looked for once in a fortnight, whoever else reads it or not."""
_log: Final = structlog.get_logger(__name__)


class MissingObjectRow(Base):
    """An object that a row names and the store does not have, since when it is known."""

    __tablename__ = "missing_object"
    key: Mapped[str] = mapped_column(primary_key=True)
    missed_at: Mapped[datetime]


def slice_of(at: datetime) -> str:
    """The first digits of the keys whose turn it is: no state, so any number of workers take the same turn."""
    return f"{int(at.timestamp()) // SLICE_SECONDS % SLICES:0{SLICE_DIGITS}x}"


def look_for_lost(
    *, store: ObjectStore, db: Database, named_by: Sequence[Column[Any]], at: datetime
) -> Iterator[int]:
    """Look whether the store has what rows name: this turn's slice, and what was missing.

    Yields nought after each look, so that whoever walks the timetable may go on later; at last how many are lost.

    Only existence is asked (`store.size`); what the bytes say is for `verify`. A photo that was set apart because
    its original is missing has told people already and is not counted. Repeatable, and harmless when doubled.

    Raises:
        StoreError, Unavailable: cannot now; a later turn goes on.
    """
    begin = slice_of(at)
    with db.read() as session:
        known = set(session.execute(select(MissingObjectRow.key)).scalars())
        # "g" stands behind every hexadecimal digit.
        wanted = known | {
            key
            for column in named_by
            for key in session.execute(select(column).where(column >= begin, column < begin + "g")).scalars()
        }
    absent = []
    for key in sorted(wanted):
        if _is_absent(store, key):
            absent.append(key)
        yield 0
    with db.write() as session:
        missing = {key for key in absent if not is_known_lost(session, key, named_by=named_by)}
        _remember(session, missing, known=known, at=at)
    if missing:
        _log.error("objects_missing", count=len(missing), first=sorted(missing)[:5])
    yield len(missing)


def note_lost(session: Session, keys: Collection[str], *, at: datetime) -> None:
    """Count these as lost at once, found so by somebody else: the next look asks for them again, and goes on."""
    for key in sorted(keys):
        # Another may have written it down since: then it stands.
        if session.execute(select(MissingObjectRow.key).where(MissingObjectRow.key == key)).first() is None:
            session.execute(insert(MissingObjectRow).values(key=key, missed_at=at))


def _is_absent(store: ObjectStore, key: str) -> bool:
    try:
        store.size(key)
    except (ObjectMissing, ValueError):  # what is no key at all names nothing either
        return True
    return False


def is_known_lost(session: Session, key: str, *, named_by: Sequence[Column[Any]]) -> bool:
    """Whether no row misses the object: none names it any more, or only photos set apart as missing."""
    for column in named_by:
        naming = select(column).where(column == key)
        if column.table.name == PhotoRow.__tablename__:
            naming = naming.where(PhotoRow.cause.is_distinct_from(Cause.MISSING))
        if session.execute(naming.limit(1)).scalar_one_or_none() is not None:
            return False
    return True


def _remember(session: Session, missing: set[str], *, known: set[str], at: datetime) -> None:
    note_lost(session, missing - known, at=at)
    for key in sorted(known - missing):
        session.execute(delete(MissingObjectRow).where(MissingObjectRow.key == key))


def count_missing(session: Session) -> int:
    """How many objects are known to be missing, for `/healthz`."""
    return session.execute(select(func.count()).select_from(MissingObjectRow)).scalar_one()
