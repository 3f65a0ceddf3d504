"""The step from events to errands: which events have none yet, and making them once."""

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.core.db import UtcDateTime, table_of
from app.core.events import KINDS, Event
from app.core.outbox import ErrandRow, EventRow

# Built once, as those of the outbox are.
_EVENT: Final = table_of(EventRow).c
_WAITING: Final = (
    select(_EVENT.id, _EVENT.name, _EVENT["values"])
    .where(_EVENT.relayed_at.is_(None), _EVENT.name.in_(bindparam("known", expanding=True)))
    .order_by(_EVENT.id)
    .limit(bindparam("most"))
)
_MARK: Final = (
    update(table_of(EventRow))
    .where(_EVENT.id == bindparam("this"), _EVENT.relayed_at.is_(None))
    .values(relayed_at=bindparam("now", type_=UtcDateTime()))
)
_MAKE: Final = insert(table_of(ErrandRow)).returning(table_of(ErrandRow).c.id, sort_by_parameter_order=True)


def events_to_relay(session: Session, *, limit: int = 50) -> list[tuple[int, Event]]:
    """The oldest events without errands, with their ids.

    One that this version does not know (after a step back) stays as it is, and counts as waiting.
    """
    rows = session.execute(_WAITING, {"known": tuple(KINDS), "most": limit})
    return [(event_id, KINDS[name].from_values(values)) for event_id, name, values in rows]


def relay(session: Session, event_id: int, jobs: list[tuple[str, int]], *, at: datetime) -> list[int]:
    """Turn one event into its errands, once: the mark and the errands share the transaction.

    Returns the ids of the errands that were made here; none when another relay was quicker.
    """
    marked = cast("CursorResult[Any]", session.execute(_MARK, {"this": event_id, "now": at}))
    if marked.rowcount != 1 or not jobs:
        return []
    told = [
        {"event_id": event_id, "job": job, "subject": subject, "made_at": at, "due_at": at}
        for job, subject in jobs
    ]
    return list(session.execute(_MAKE, told).scalars())
