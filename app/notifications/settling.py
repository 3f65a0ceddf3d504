"""Settles what was told and is over: nobody is left with an unread message that asks for what is already done.

A step of the hazard's history settles two sorts of unread messages about what happened before it: everything that
its own actor had not read, for whoever acts has seen the case; and, for everybody, what asks for a move that this
step has made or made needless. News stays unread until it is read. Settled is read: the message stays in its
person's list, among those already read.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.outbox import EventRow
from app.hazards.lifecycle import Action
from app.hazards.models import HistoryRow
from app.notifications.kinds import Kind, Part
from app.notifications.models import MessageRow

A, K = Action, Kind
_ENDS: Final = frozenset({A.REJECT, A.WITHDRAW, A.MERGE, A.VOID, A.CLOSE})
_TAKEN_UP: Final = _ENDS | {A.ASK, A.TRANSFER, A.RETURN_TRANSFER, A.ACCEPT, A.FIX_ON_THE_SPOT}
_REPAIRED: Final = _ENDS | {A.RECTIFY}
_ASSIGNED: Final = _REPAIRED | {A.REASSIGN}
_ASKS: Final[Mapping[Kind, frozenset[Action]]] = MappingProxyType(
    {
        K.ARRIVED: _TAKEN_UP,
        K.ANSWERED: _TAKEN_UP,
        K.FIRST_ACT_LATE: _TAKEN_UP,
        K.ASKED: _ENDS | {A.ANSWER},
        K.APPEALED: frozenset({A.DECIDE_APPEAL}),
        K.ASSIGNED: _ASSIGNED,
        K.REMINDED: _ASSIGNED,
        K.SENT_BACK: _ASSIGNED,
        K.REOPENED: _ASSIGNED,
        K.DUE_TOMORROW: _REPAIRED,
        K.DUE_TODAY: _REPAIRED,
        K.OVERDUE: _REPAIRED,
        K.EXTENSION_ASKED: _REPAIRED | {A.DECIDE_EXTENSION},
        K.TO_REVIEW: _ENDS | {A.SEND_BACK},
        K.OBJECTED: frozenset({A.REOPEN, A.DISMISS_OBJECTION}),
    }
)
"""The messages that ask somebody to act, and the moves after which there is nothing left to do about them."""
_TO_THE_REPORTER: Final = frozenset({Part.REPORTER, Part.FOLLOWER})
_OVERSIGHT: Final = frozenset({(K.FIRST_ACT_LATE, Part.SUPERIOR), (K.OBJECTED, Part.OFFICER)})
"""The same words, but as news: to whom they ask nothing of."""
_SOURCE: Final = "event:"


def settle(session: Session, hazard_id: int) -> None:
    """Mark read what the steps of this hazard have settled, as of the step that did it.

    Repeatable, and in any order with the telling of other events: it decides from the whole history each time.
    """
    unread = session.execute(
        select(MessageRow)
        .where(MessageRow.hazard_id == hazard_id, MessageRow.read_at.is_(None))
        .order_by(MessageRow.id)
    ).scalars()
    waiting = [(row, int(row.source.removeprefix(_SOURCE))) for row in unread if row.source.startswith(_SOURCE)]
    if not waiting:
        return
    versions = _versions(session, {event_id for _row, event_id in waiting})
    steps = tuple(
        session.execute(
            select(HistoryRow).where(HistoryRow.hazard_id == hazard_id).order_by(HistoryRow.version)
        ).scalars()
    )
    for row, event_id in waiting:
        row.read_at = _settled_at(row, steps, version=versions[event_id])


def _versions(session: Session, event_ids: set[int]) -> dict[int, int]:
    rows = session.execute(select(EventRow.id, EventRow.values).where(EventRow.id.in_(event_ids)))
    return {event_id: int(values["version"]) for event_id, values in rows}


def _settled_at(row: MessageRow, steps: tuple[HistoryRow, ...], *, version: int) -> datetime | None:
    """When the first step after the event (it made `version`) left nothing of this message to do; else None."""
    moot = moves_that_settle(Kind(row.kind), Part(row.part))
    for step in steps:
        if step.version > version and (step.actor_id == row.account_id or step.action in moot):
            return step.at
    return None


def moves_that_settle(kind: Kind, part: Part) -> frozenset[Action]:
    """The moves, by whomever, after which this message asks for nothing any more; none for what is news."""
    news = (kind, part) in _OVERSIGHT or (part in _TO_THE_REPORTER and kind is not Kind.ASKED)
    return frozenset() if news else _ASKS.get(kind, frozenset())
