"""Photos that wait although nothing is to be done for them any more: taken up again, a bounded number of times."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.outbox import ErrandRow, ErrandState, EventRow, record
from app.evidence.causes import Cause
from app.evidence.events import PhotoLeftBehind
from app.evidence.models import PhotoRow, PhotoStatus
from app.evidence.reading import pending_photo, quarantine

LEFT_BEHIND_AFTER: Final = timedelta(minutes=10)
JOB: Final = "process_photo"
TAKEN_UP_MOST: Final = 3
"""Then the photo is set apart, where reporter and officer see it (P6)."""
AT_ONCE: Final = 200
_ANY: Final = true()
_log: Final = structlog.get_logger(__name__)


def take_up_unfinished(*, at: datetime, db: Database) -> int:
    """Record `PhotoLeftBehind` for each photo that waits and has no errand to come; returns how many.

    An errand that waits or is being done is left alone, however late. Looked at again inside the write
    transaction, so that two workers record one event.

    Raises:
        Unavailable: the database cannot now; the next round goes on.
    """
    with db.read() as session:
        suspects = _left_behind(session, at=at)
    taken_up = 0
    for photo_id in suspects:
        with db.write() as session:
            if not _left_behind(session, at=at, among=PhotoRow.id == photo_id):
                continue
            if _times_taken_up(session, photo_id) < TAKEN_UP_MOST:
                record(session, PhotoLeftBehind(photo_id), at=at)
                _log.warning("photo_left_behind", photo=photo_id)
                taken_up += 1
                continue
        _give_up(photo_id, at=at, db=db)
    return taken_up


def _left_behind(session: Session, *, at: datetime, among: ColumnElement[bool] = _ANY) -> list[int]:
    """Ids of photos that wait and have no errand to come; `among` narrows what is looked at under the lock."""
    to_come = select(ErrandRow.subject).where(
        ErrandRow.job == JOB, ErrandRow.state.in_((ErrandState.WAITING, ErrandState.CLAIMED))
    )
    waiting = session.execute(
        select(PhotoRow.id)
        .where(
            among,
            PhotoRow.status == PhotoStatus.PENDING,
            PhotoRow.received_at < at - LEFT_BEHIND_AFTER,
            PhotoRow.id.not_in(to_come),
        )
        .order_by(PhotoRow.id)
        .limit(AT_ONCE)
    ).scalars()
    announced = _announced(session)
    return [photo_id for photo_id in waiting if photo_id not in announced]


def _announced(session: Session) -> set[int]:
    """Photos of events that no errand was made of yet: the relay will come to them."""
    told = session.execute(select(EventRow.values).where(EventRow.relayed_at.is_(None))).scalars()
    return {photo for values in told for photo in (*values.get("photo_ids", ()), values.get("photo_id"))} - {None}


def _times_taken_up(session: Session, photo_id: int) -> int:
    return session.execute(
        select(func.count())
        .select_from(ErrandRow)
        .join(EventRow, EventRow.id == ErrandRow.event_id)
        .where(EventRow.name == PhotoLeftBehind.name, ErrandRow.job == JOB, ErrandRow.subject == photo_id)
    ).scalar_one()


def _give_up(photo_id: int, *, at: datetime, db: Database) -> None:
    photo = pending_photo(photo_id, db=db)
    if photo is not None:
        _log.error("photo_given_up", photo=photo_id)
        quarantine(photo, Cause.CRASHED, at=at, db=db)
