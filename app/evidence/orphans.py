"""Objects that no row speaks of: left by refused forms and lost races, removed after a grace period."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.holds import is_held
from storage.object_store import ObjectMissing, ObjectStore

GRACE: Final = timedelta(hours=26)
"""Longer than the day for which a refused form may come back for its photos."""
BATCH: Final = 200


def remove_orphans(
    *, store: ObjectStore, db: Database, named_by: Sequence[Column[Any]], at: datetime, grace: timedelta = GRACE
) -> int:
    """Remove objects older than `grace` that no row names; returns how many.

    `named_by` are all columns that hold an object's key (`app.tables.OBJECT_KEYS`); one forgotten costs files.

    Each removal happens inside a write transaction that has looked again: a submission that wants the same bytes
    has either spoken by then, or finds them gone and says so.

    Raises:
        StoreError, Unavailable: cannot now; the next round goes on.
    """
    removed = 0
    keys = store.keys()
    while batch := list(islice(keys, BATCH)):
        with db.read() as session:
            if is_held(session, at=at):
                return removed
            suspects = _unspoken(session, batch, named_by)
        removed += sum(
            _remove(key, store=store, db=db, named_by=named_by, at=at, grace=grace) for key in sorted(suspects)
        )
    return removed


def _unspoken(session: Session, keys: Collection[str], named_by: Sequence[Column[Any]]) -> set[str]:
    spoken: set[str | None] = set()
    for column in named_by:
        spoken |= set(session.execute(select(column).where(column.in_(keys))).scalars())
    return set(keys) - spoken


def _remove(
    key: str, *, store: ObjectStore, db: Database, named_by: Sequence[Column[Any]], at: datetime, grace: timedelta
) -> bool:
    with suppress(ObjectMissing):
        if store.age(key) <= grace:
            return False
        with db.write() as session:
            if is_held(session, at=at):
                return False
            if store.age(key) > grace and _unspoken(session, [key], named_by):
                store.remove(key)
                return True
    return False
