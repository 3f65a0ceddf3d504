"""What a unit decides for itself, set and taken back: each choice holds below until a unit there makes its own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Invalid
from app.units.managing import managed_unit
from app.units.queries import Unit
from app.units.settings import UnitSettingRow

DEADLINES: Final = ("calendar", "working")
ALWAYS_SHOWN: Final = "OTHR"
"""其他: without it a hazard might have no category to choose."""


def count_deadlines_in(code: str, days: str | None, *, by: Actor, at: datetime, db: Database) -> None:
    """Calendar or working days for deadlines in this unit and below; None takes the choice back.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: neither of the two.
    """
    if days is not None and days not in DEADLINES:
        raise Invalid(Fault("deadline_days", "not_a_choice"))
    _choose(code, "deadline_days", days, by=by, at=at, db=db)


def hide_categories(
    code: str, hidden: Collection[str] | None, *, known: Collection[str], by: Actor, at: datetime, db: Database
) -> None:
    """The categories that forms do not offer in this unit and below; None takes the choice back.

    Nothing that was reported under a hidden category changes (domain.md §6: hidden, never renamed).

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: a code is none of `known`, or 其他 would be hidden.
    """
    if hidden is not None and not set(hidden) <= set(known):
        raise Invalid(Fault("shown", "not_hideable"))
    if hidden is not None and ALWAYS_SHOWN in hidden:
        raise Invalid(Fault("shown", "other_always_shown"))
    kept = None if hidden is None else sorted(set(hidden))
    _choose(code, "hidden_categories", kept, by=by, at=at, db=db)


def own_choices(session: Session, unit: Unit) -> dict[str, Any]:
    """What exactly this unit has chosen, by name; what it has not follows the unit above."""
    asked = select(UnitSettingRow.name, UnitSettingRow.value).where(UnitSettingRow.unit_id == unit.id)
    return {row.name: row.value for row in session.execute(asked)}


def _choose(code: str, name: str, value: Any, *, by: Actor, at: datetime, db: Database) -> None:
    with db.write() as session:
        unit = managed_unit(session, code, by=by)
        before = {key: said for key, said in own_choices(session, unit).items() if key == name}
        session.execute(
            delete(UnitSettingRow).where(UnitSettingRow.unit_id == unit.id, UnitSettingRow.name == name)
        )
        if value is not None:
            session.add(UnitSettingRow(unit_id=unit.id, name=name, value=value, set_at=at))
            session.flush()
        record_change(
            session,
            kind="setting",
            subject=unit.code,
            name=unit.name,
            unit_id=unit.id,
            before=before,
            after={} if value is None else {name: value},
            account_id=by.account_id,
            at=at,
        )
