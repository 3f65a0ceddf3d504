"""The record of every change to the set-up: who changed what, with before and after, never edited.

A hazard's own life has its own history (`app.hazards.history`); this is about units, people, places, rules and
settings. Rows are written in the transaction of the change itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, table_of


class ChangeRow(Base):
    """One change; `before` is empty for what was made, `after` for what was removed.

    `unit_id` is the unit the change concerns: who manages that unit may read it. `account_id` is empty when the
    machine itself acted (the first set-up). `kind` says what `subject` is: "unit", "person", "place", …
    """

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_change_unit", "unit_id", "id"),)


_INSERT: Final = insert(table_of(ChangeRow))


def record_change(
    session: Session,
    *,
    kind: str,
    subject: str,
    name: str,
    unit_id: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    account_id: int | None,
    at: datetime,
) -> None:
    """Write down what differs between `before` and `after` (JSON-able values by field); nothing when nothing does.

    `subject` is the public key of what changed (a code, a login), `name` what people call it, kept as it was then.
    """
    fields = [field for field in {**before, **after} if before.get(field) != after.get(field)]
    if not fields:
        return
    session.execute(
        _INSERT,
        {
            "at": at,
            "account_id": account_id,
            "unit_id": unit_id,
            "kind": kind,
            "subject": subject,
            "name": name,
            "before": {field: before[field] for field in fields if field in before},
            "after": {field: after[field] for field in fields if field in after},
        },
    )
