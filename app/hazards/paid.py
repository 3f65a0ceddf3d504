"""Whether points stand for a hazard: kept beside it, because taking an acceptance back then needs consent."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.hazards.models import HazardRow


def note_points_paid(session: Session, hazard_id: int, *, at: datetime | None) -> None:
    """Since when points stand for the hazard, None when none do; no step of its life, so its version stays."""
    session.execute(
        update(HazardRow)
        .where(HazardRow.id == hazard_id)
        .values(points_paid_at=at)
        .execution_options(synchronize_session=False)
    )
