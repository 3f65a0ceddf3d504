"""Taking the next errand as a worker does."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.outbox import Errand, claim_this, first_due


def claim(session: Session, *, at: datetime, lease: timedelta) -> Errand | None:
    """The oldest errand that is due, taken; None when there is none."""
    errand_id = first_due(session, at=at)
    return None if errand_id is None else claim_this(session, errand_id, at=at, lease=lease)
