"""What uploads leave behind: rows whose days are over, and pieces that no row speaks of."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.db import Database, table_of
from app.evidence.orphans import GRACE
from app.evidence.upload_rows import FinishedUploadRow, UploadRow
from storage.object_store import ObjectStore

BATCH: Final = 200


def sweep_uploads(*, store: ObjectStore, db: Database, now: Clock) -> Iterator[int]:
    """Forget expired uploads, then remove pieces that no row names; yields how many each step took.

    A finished one's object is an orphan from then on (`orphans.remove_orphans`). A piece is looked at before the
    rows are: a row that names it was written after it was kept, and its name is never given twice, so that what no
    row names a transaction later no row will. It waits as long as an orphan does all the same: a clock that is set
    ahead by a day must not make it old (P22). Repeatable, and harmless when doubled.

    Raises:
        StoreError, Unavailable: cannot now; a later turn goes on.
    """
    yield _forget_expired(db=db, now=now)
    found = store.pieces()
    while batch := list(islice(found, BATCH)):
        old = [name for name, age in batch if age > GRACE]
        with db.read() as session:
            spoken = _spoken(session) if old else set()
        for name in old:
            if name not in spoken:
                store.remove_piece(name)
                yield 1
        yield 0


def _forget_expired(*, db: Database, now: Clock) -> int:
    forgotten = 0
    with db.write() as session:
        for model in (UploadRow, FinishedUploadRow):
            expired = table_of(model).c.expires_at <= now()
            gone = delete(model).where(expired).execution_options(synchronize_session=False)
            forgotten += len(session.execute(gone.returning(table_of(model).c.code)).all())
    return forgotten


def _spoken(session: Session) -> set[str]:
    """The names of all pieces that rows speak of: a few for each upload under way."""
    rows = session.execute(select(table_of(UploadRow).c.pieces)).scalars()
    return {str(name) for pieces in rows for name, _size in pieces}


def uploads_waiting(session: Session) -> tuple[int, int]:
    """How many uploads have not come whole, and how many wait for their report."""
    counted = (select(func.count()).select_from(table_of(model)) for model in (UploadRow, FinishedUploadRow))
    unfinished, finished = (session.execute(each).scalar_one() for each in counted)
    return unfinished, finished
