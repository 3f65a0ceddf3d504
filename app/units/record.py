"""The record of changes as administrators read it: newest first, only of units they manage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.permissions import Permission
from app.core.changes import ChangeRow
from app.units.managing import managed_unit
from app.units.models import UnitRow
from app.units.queries import covered_by

PAGE: Final = 50


@dataclass(frozen=True)
class Change:
    """One change; `who` is empty when the machine itself acted."""

    id: int
    at: datetime
    who: str
    unit: str
    kind: str
    subject: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Changes:
    """One page; `older` continues it, None at the end."""

    items: tuple[Change, ...]
    older: int | None


def changes_made(
    session: Session,
    *,
    by: Actor,
    unit_code: str = "",
    kind: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> Changes:
    """What was changed in the units that `by` manages, or in one of them with everything below it.

    Raises:
        NotFound: `unit_code` is absent or not managed by `by`.
    """
    units = [managed_unit(session, unit_code, by=by).id] if unit_code else by.units_where(Permission.UNIT_MANAGE)
    asked = _changes().where(covered_by(session, units))
    if kind:
        asked = asked.where(ChangeRow.kind == kind)
    if before is not None:
        asked = asked.where(ChangeRow.id < before)
    rows = session.execute(asked.order_by(ChangeRow.id.desc()).limit(limit + 1)).all()
    items = tuple(Change(*row) for row in rows[:limit])
    return Changes(items, items[-1].id if len(rows) > limit else None)


def _changes() -> Select[Any]:
    return (
        select(
            ChangeRow.id,
            ChangeRow.at,
            func.coalesce(AccountRow.name, ""),
            UnitRow.name,
            ChangeRow.kind,
            ChangeRow.subject,
            ChangeRow.name,
            ChangeRow.before,
            ChangeRow.after,
        )
        .join(UnitRow, UnitRow.id == ChangeRow.unit_id)
        .outerjoin(AccountRow, AccountRow.id == ChangeRow.account_id)
    )
