"""Masters and their duplicates: who was joined to whom, and how the master ended."""

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.hazards.lifecycle import State
from app.hazards.models import HazardRow, HistoryRow
from app.hazards.views import MasterEnd


def duplicates_of(session: Session, hazard_id: int) -> tuple[str, ...]:
    """The numbers of the reports that were joined to this hazard."""
    numbers = select(HazardRow.number).where(HazardRow.master_id == hazard_id).order_by(HazardRow.id)
    return tuple(session.execute(numbers).scalars())


def master_end(session: Session, master_id: int | None) -> MasterEnd | None:
    """How the master ended, None while it has not: a duplicate stays one, and its reporters see that end."""
    if master_id is None:
        return None
    ended = session.execute(
        select(HazardRow.state, HistoryRow.at, HistoryRow.detail)
        .join(HistoryRow, and_(HistoryRow.hazard_id == HazardRow.id, HistoryRow.to_state == HazardRow.state))
        .where(HazardRow.id == master_id, HazardRow.state.in_((State.CLOSED, State.REJECTED)))
        .order_by(HistoryRow.version.desc())
        .limit(1)
    ).one_or_none()
    if ended is None:
        return None
    return MasterEnd(State(ended.state), ended.at, ended.detail.get("text") or ended.detail.get("conclusion"))
