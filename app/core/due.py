"""What is due: the errands that somebody may claim now, for whoever rings others to do it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.core.outbox import IS_DUE, ErrandRow, moment

_RANKED: Final = (
    select(
        ErrandRow.id,
        ErrandRow.job,
        ErrandRow.attempts,
        func.row_number().over(partition_by=ErrandRow.job, order_by=ErrandRow.id).label("place"),
    )
    .where(IS_DUE)
    .subquery()
)
_DUE_OF_EACH: Final = (
    select(_RANKED.c.id, _RANKED.c.job, _RANKED.c.attempts)
    .where(_RANKED.c.place <= bindparam("most"))
    .order_by(_RANKED.c.id)
)


@dataclass(frozen=True)
class DueErrand:
    """An errand that somebody may claim now; `attempts` were begun already."""

    id: int
    job: str
    attempts: int


def due_errands(session: Session, *, at: datetime, of_each_job: int) -> list[DueErrand]:
    """What somebody may claim now, oldest first, and of each job at most so many: none hides the others."""
    rows = session.execute(_DUE_OF_EACH, {"most": of_each_job, **moment(at)})
    return [DueErrand(row.id, row.job, row.attempts) for row in rows]
