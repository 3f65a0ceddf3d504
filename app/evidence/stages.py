"""How far the workers are with all photographs together, for whoever watches the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.evidence.models import PhotoRow, PhotoStatus


@dataclass(frozen=True)
class PhotoStages:
    """How many photographs stand in each status, and when the oldest pending one came."""

    counts: Mapping[PhotoStatus, int]
    oldest_pending_at: datetime | None


def photo_stages(session: Session) -> PhotoStages:
    """Count every photograph of the house, of all units: for the operator, never for a page."""
    found = session.execute(select(PhotoRow.status, func.count()).group_by(PhotoRow.status)).all()
    counts = {PhotoStatus(status): number for status, number in found}
    oldest = session.execute(
        select(func.min(PhotoRow.received_at)).where(PhotoRow.status == PhotoStatus.PENDING)
    ).scalar_one()
    return PhotoStages({status: counts.get(status, 0) for status in PhotoStatus}, oldest)
