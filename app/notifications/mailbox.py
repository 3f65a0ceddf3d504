"""A person's messages: listed unread first, read, and cut when their hazard is no longer this person's to see."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.db import Database
from app.core.errors import Fault, Invalid, NotFound
from app.hazards.lists import visible_to
from app.hazards.models import HazardRow
from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import Kind
from app.notifications.models import MessageRow
from app.units.models import UnitRow

PAGE: Final = 30
_CURSOR: Final = re.compile(r"([ur])([0-9]{1,18})")


@dataclass(frozen=True)
class Message:
    """One message as its person may read it; `readable` is whether its hazard may (still) be opened."""

    code: str
    kind: Kind
    made_at: datetime
    is_read: bool
    readable: bool
    number: str
    public: PublicFacts
    private: PrivateFacts


@dataclass(frozen=True)
class MailboxPage:
    """Some messages, and the cursor of those after them."""

    items: tuple[Message, ...]
    next: str | None


def unread_count(session: Session, account_id: int) -> int:
    """How many messages this person has not read: one look at the index of unread messages."""
    unread = select(func.count()).where(MessageRow.account_id == account_id, MessageRow.read_at.is_(None))
    return int(session.execute(unread).scalar_one())


def mailbox(session: Session, *, by: Actor, cursor: str | None = None, limit: int = PAGE) -> MailboxPage:
    """This person's messages, unread first, each newest first; `cursor` is the `next` of the page before.

    Raises:
        Invalid: the cursor is none of ours.
    """
    read, before = _place_of(cursor)
    rows: list[MessageRow] = []
    if not read:
        rows += _messages(session, by, read=False, before=before, limit=limit + 1)
        before = None
    if len(rows) <= limit:
        rows += _messages(session, by, read=True, before=before, limit=limit + 1 - len(rows))
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    following = f"{'r' if last.read_at else 'u'}{last.id}" if last else None
    return MailboxPage(_as_messages(session, shown, by=by), following)


def _place_of(cursor: str | None) -> tuple[bool, int | None]:
    if cursor is None:
        return False, None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Invalid(Fault("cursor", "not_a_cursor"))
    return match[1] == "r", int(match[2])


def _messages(session: Session, by: Actor, *, read: bool, before: int | None, limit: int) -> Sequence[MessageRow]:
    query = select(MessageRow).where(MessageRow.account_id == by.account_id)
    query = query.where(MessageRow.read_at.is_not(None) if read else MessageRow.read_at.is_(None))
    if before is not None:
        query = query.where(MessageRow.id < before)
    return session.execute(query.order_by(MessageRow.id.desc()).limit(limit)).scalars().all()


def _as_messages(session: Session, rows: Sequence[MessageRow], *, by: Actor) -> tuple[Message, ...]:
    seen = readable(session, [row.hazard_id for row in rows], by=by)
    return tuple(_as_message(row, can_read=row.hazard_id is None or row.hazard_id in seen) for row in rows)


def _as_message(row: MessageRow, *, can_read: bool) -> Message:
    """P12 holds for what was told before a role ended, too: then only the title is left."""
    public = PublicFacts.from_values(row.facts) if can_read else PublicFacts()
    private = PrivateFacts.from_values(row.facts) if can_read else PrivateFacts()
    kind = Kind(row.kind)
    return Message(row.code, kind, row.made_at, row.read_at is not None, can_read, public.number, public, private)


def readable(session: Session, hazard_ids: Collection[int | None], *, by: Actor) -> frozenset[int]:
    """Those of these hazards that the person may see anything of now."""
    wanted = {hazard_id for hazard_id in hazard_ids if hazard_id is not None}
    if not wanted:
        return frozenset()
    rows = session.execute(
        select(HazardRow.id)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(HazardRow.id.in_(wanted), visible_to(session, by))
    ).scalars()
    return frozenset(rows)


def open_message(code: str, *, by: Actor, at: datetime, db: Database) -> Message:
    """Mark one message read; it is cut like in the list.

    Raises:
        NotFound: absent, or somebody else's.
    """
    with db.write() as session:
        row = session.execute(
            select(MessageRow).where(MessageRow.code == code, MessageRow.account_id == by.account_id)
        ).scalar_one_or_none()
        if row is None:
            raise NotFound
        if row.read_at is None:
            row.read_at = at
        return _as_messages(session, [row], by=by)[0]


def read_all(*, by: Actor, up_to: str, at: datetime, db: Database) -> None:
    """Mark everything read that was there when the page was made; `up_to` is its newest message.

    Raises:
        NotFound: `up_to` is none of this person's messages.
    """
    with db.write() as session:
        newest = session.execute(
            select(MessageRow.id).where(MessageRow.code == up_to, MessageRow.account_id == by.account_id)
        ).scalar_one_or_none()
        if newest is None:
            raise NotFound
        session.execute(
            update(MessageRow)
            .where(MessageRow.account_id == by.account_id, MessageRow.id <= newest, MessageRow.read_at.is_(None))
            .values(read_at=at)
        )
