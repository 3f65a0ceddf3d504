"""Objects that no row speaks of: left by refused forms and lost races, removed after a grace period."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database
from app.core.holds import is_held
from storage.call_time import LOCKED_SECONDS, within
from storage.object_store import ObjectMissing, ObjectStore

GRACE: Final = timedelta(hours=26)
"""Longer than the day for which a refused form may come back for its photos, or by which clocks jump (P22)."""
BATCH: Final = 200


def remove_orphans(
    *, store: ObjectStore, db: Database, named_by: Sequence[Column[Any]], now: Clock, grace: timedelta = GRACE
) -> Iterator[int]:
    """Remove objects older than `grace` that no row names, piece by piece; yields how many each piece removed.

    A piece is one look at rows or one object: whoever walks the timetable stops after any and goes on later, and
    between two no transaction is open. One who never comes back leaves the rest to the next sweep.

    `named_by` are all columns that hold an object's key (`app.tables.OBJECT_KEYS`); one forgotten costs files.

    Each removal happens inside a write transaction that has looked again: a submission that wants the same bytes
    has either spoken by then, or finds them gone and says so. A backup's hold is asked for by the clock of each
    look, so that one begun since ends the sweep.

    Raises:
        StoreError, Unavailable: cannot now; the sweep is over, and the next one begins anew.
    """
    keys = store.keys()
    while batch := list(islice(keys, BATCH)):
        with db.read() as session:
            if is_held(session, at=now()):
                return
            suspects = _unspoken(session, batch, named_by)
        yield 0
        for key in sorted(suspects):
            yield _remove(key, store=store, db=db, named_by=named_by, now=now, grace=grace)


def remove_unnamed(
    session: Session, key: str, *, store: ObjectStore, named_by: Sequence[Column[Any]], at: datetime
) -> None:
    """Remove the object in this write transaction if no row names it any more; the sweep does it after a backup.

    Raises:
        StoreError: cannot now.
    """
    if is_held(session, at=at) or not _unspoken(session, [key], named_by):
        return
    with suppress(ObjectMissing), within(LOCKED_SECONDS):
        store.remove(key)


def _unspoken(session: Session, keys: Collection[str], named_by: Sequence[Column[Any]]) -> set[str]:
    spoken: set[str | None] = set()
    for column in named_by:
        spoken |= set(session.execute(select(column).where(column.in_(keys))).scalars())
    return set(keys) - spoken


def _remove(
    key: str, *, store: ObjectStore, db: Database, named_by: Sequence[Column[Any]], now: Clock, grace: timedelta
) -> int:
    with suppress(ObjectMissing):
        if store.age(key) <= grace:
            return 0
        with db.write() as session, within(LOCKED_SECONDS):
            if is_held(session, at=now()):
                return 0
            # Asked for again: the bytes may have been kept anew while we waited for our turn.
            if store.age(key) > grace and _unspoken(session, [key], named_by):
                store.remove(key)
                return 1
    return 0
