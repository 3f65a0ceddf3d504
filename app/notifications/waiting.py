"""Deliveries that wait: which are due, how often each is tried, how long it is put off, and how it ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.notifications.models import DeliveryRow

TRIES: Final = 8
OLDEST: Final = timedelta(days=2)
"""A message older than this is no news; it stays in its person's list."""
LEASE: Final = timedelta(minutes=2)
PAUSE: Final = timedelta(seconds=30)
PAUSE_LONGEST: Final = timedelta(hours=1)
PLANNED_AT_MOST: Final = timedelta(hours=2)
"""No try is put off further; one that is was planned before the clock was set back (P22)."""


def hazard_address(public_url: str, number: str) -> str:
    """Where a hazard is read; the page shows each reader what that reader may see."""
    return f"{public_url}/hazards/{number}"


def due(at: datetime) -> ColumnElement[bool]:
    """A condition on `DeliveryRow`: to be tried now."""
    waits = DeliveryRow.state == "waiting"
    return and_(waits, or_(DeliveryRow.next_at <= at, DeliveryRow.next_at > at + PLANNED_AT_MOST))


def count_attempt(session: Session, ids: Sequence[int], *, at: datetime) -> None:
    """Count a try before it is made, and keep others off meanwhile."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids))
        .values(attempts=DeliveryRow.attempts + 1, next_at=at + LEASE)
    )


def give_back(session: Session, ids: Sequence[int], *, claimed_at: datetime, at: datetime) -> None:
    """Undo a claim whose try was never begun, where nobody else has claimed it since."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids), DeliveryRow.state == "waiting", DeliveryRow.next_at == claimed_at + LEASE)
        .values(attempts=DeliveryRow.attempts - 1, next_at=at)
    )


def put_off(
    session: Session,
    ids: Sequence[int],
    *,
    fault: str,
    for_good: bool,
    at: datetime,
    at_least: timedelta = PAUSE,
) -> None:
    """Try again later, twice as late each time; or end it: for good, or tried often enough."""
    rows = session.execute(select(DeliveryRow).where(DeliveryRow.id.in_(ids))).scalars()
    for row in rows:
        if for_good:
            end(session, [row.id], state="failed", fault=fault, at=at)
        elif row.attempts >= TRIES:
            end(session, [row.id], state="given_up", fault=fault, at=at)
        else:
            row.next_at = at + min(max(PAUSE * 2 ** (row.attempts - 1), at_least), PAUSE_LONGEST)
            row.fault = fault


def end(session: Session, ids: Sequence[int], *, state: str, fault: str | None, at: datetime) -> None:
    """Write down how these ended: sent, failed or given up."""
    ended = {"state": state, "fault": fault, "ended_at": at}
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(**ended))
