"""What is due: the errands that somebody may claim now, for whoever rings others to do it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.outbox import ErrandRow, is_due


@dataclass(frozen=True)
class DueErrand:
    """An errand that somebody may claim now; `attempts` were begun already."""

    id: int
    job: str
    attempts: int


def due_errands(session: Session, *, at: datetime, of_each_job: int) -> list[DueErrand]:
    """What somebody may claim now, oldest first, and of each job at most so many: none hides the others."""
    ranked = (
        select(
            ErrandRow.id,
            ErrandRow.job,
            ErrandRow.attempts,
            func.row_number().over(partition_by=ErrandRow.job, order_by=ErrandRow.id).label("place"),
        )
        .where(is_due(at))
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.id, ranked.c.job, ranked.c.attempts)
        .where(ranked.c.place <= of_each_job)
        .order_by(ranked.c.id)
    )
    return [DueErrand(row.id, row.job, row.attempts) for row in rows]
