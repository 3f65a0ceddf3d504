"""How many hazards of a unit still wait for somebody."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.hazards.lifecycle import OPEN
from app.hazards.models import HazardRow


def open_hazards_in(session: Session, unit_id: int) -> int:
    """Hazards of exactly this unit in a state in which somebody has something to do."""
    asked = select(func.count()).where(HazardRow.unit_id == unit_id, HazardRow.state.in_(OPEN))
    return session.execute(asked.select_from(HazardRow)).scalar_one()
