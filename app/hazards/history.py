"""The history of a hazard: every step one row, written in the step's own transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.hazards.models import HazardRow, HistoryRow

_INSERT: Final = insert(table_of(HistoryRow))


@dataclass(frozen=True)
class Step:
    """What was done, by whom (None: nobody may know, or the system), from which state, with which details."""

    action: str
    actor_id: int | None
    from_state: str | None
    detail: dict[str, Any] = field(default_factory=dict)


def write_history(session: Session, hazard: HazardRow, step: Step, *, at: datetime) -> None:
    """Insert the step that made `hazard.version`; the unique (hazard, version) refuses a second one."""
    told = {
        "hazard_id": hazard.id,
        "version": hazard.version,
        "action": step.action,
        "at": at,
        "actor_id": step.actor_id,
        "from_state": step.from_state,
        "to_state": hazard.state,
        "detail": step.detail,
    }
    session.execute(_INSERT, told)
