"""How many messages are still on their way, or stuck, for whoever watches the house."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.notifications.models import DeliveryRow


@dataclass(frozen=True)
class DeliveryBacklog:
    """How many deliveries wait and since when the oldest does, and how many failed for good."""

    waiting: int
    failed: int
    oldest_waiting_at: datetime | None


def delivery_backlog(session: Session) -> DeliveryBacklog:
    """Count what has not arrived; what was sent or given up is not looked at."""
    waiting, oldest = session.execute(
        select(func.count(), func.min(DeliveryRow.made_at)).where(DeliveryRow.state == "waiting")
    ).one()
    failed = session.execute(select(func.count()).where(DeliveryRow.state == "failed")).scalar_one()
    return DeliveryBacklog(waiting, failed, oldest)
