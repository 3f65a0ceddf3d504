"""The private hosts that outgoing requests may reach, listed by an administrator of the whole tree (P20)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Forbidden, Invalid
from app.notifications.delivering import Ways
from app.notifications.mail import MailServer
from app.notifications.models import ListedHostRow
from app.notifications.outgoing import Door
from app.units.queries import Unit, units_by_id
from config import Settings, listed_host


def manages_whole_tree(session: Session, by: Actor) -> bool:
    """Whether this person administers a root unit: only there may private hosts be listed (P20)."""
    units = units_by_id(session, by.units_where(Permission.UNIT_MANAGE))
    return any(unit.parent_id is None for unit in units.values())


def listed_hosts(session: Session) -> tuple[str, ...]:
    """What administrators listed, in order."""
    return tuple(session.execute(select(ListedHostRow.entry).order_by(ListedHostRow.entry)).scalars())


def list_host(entry: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Let outgoing requests reach a private name, address or network.

    Raises:
        Forbidden: this person does not administer a root unit.
        Invalid: it is none of these.
    """
    try:
        written = listed_host(entry)
    except ValueError as fault:
        raise Invalid(Fault("entry", "not_a_host")) from fault
    with db.write() as session:
        root = _root_of(session, by)
        if written not in listed_hosts(session):
            session.add(ListedHostRow(entry=written, listed_by_id=by.account_id, listed_at=at))
            _record_host(session, written, root, by=by, at=at, after={"entry": written})


def unlist_host(entry: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Take an entry off the list.

    Raises:
        Forbidden: this person does not administer a root unit.
    """
    with db.write() as session:
        root = _root_of(session, by)
        if entry in listed_hosts(session):
            session.execute(delete(ListedHostRow).where(ListedHostRow.entry == entry))
            _record_host(session, entry, root, by=by, at=at, before={"entry": entry})


def _root_of(session: Session, by: Actor) -> Unit:
    if not manages_whole_tree(session, by):
        raise Forbidden
    units = units_by_id(session, by.units_where(Permission.UNIT_MANAGE)).values()
    return next(unit for unit in units if unit.parent_id is None)


def _record_host(
    session: Session,
    entry: str,
    root: Unit,
    *,
    by: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record_change(
        session,
        kind="listed_host",
        subject=entry,
        name=entry,
        unit_id=root.id,
        before=before or {},
        after=after or {},
        account_id=by.account_id,
        at=at,
    )


def ways_of(session: Session, settings: Settings) -> Ways:
    """How messages leave: with what the operator and the administrators listed, and the operator's mail server."""
    return Ways(
        door=Door(listed=(*settings.outgoing_allowed, *listed_hosts(session))),
        mail=MailServer.of(settings.smtp_url, sender=settings.mail_from),
        public_url=settings.public_url,
    )
