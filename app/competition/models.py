"""Tables of the points ledger and of the rules' versions; both insert-only, and the database sees to it."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from app.core.db import Base
from app.core.refusals import insert_only


class LedgerRow(Base):
    """One entry: so many points for one rule of one event, and why; a mistake is reversed by a further row.

    `account_id` is empty while nobody is to be credited (an anonymous or a guest's hazard). `at` is the event's
    instant, `month` the first day of the acceptance's month in the unit's zone, also for a reversal.
    """

    __tablename__ = "ledger_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    rule: Mapped[str]
    rule_version: Mapped[int]
    points: Mapped[int]
    why: Mapped[str]
    values: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    month: Mapped[date]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    __table_args__ = (
        UniqueConstraint("event_id", "rule"),
        UniqueConstraint("reverses_id"),
        Index("ix_ledger_entry_account_month", "account_id", "month"),
        CheckConstraint("account_id IS NOT NULL OR points = 0", name="points_belong_to_somebody"),
    )


class RuleSetRow(Base):
    """One version of the score's or the points' rules, in force from a month (its first day) on."""

    __tablename__ = "rule_set"
    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    made_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("kind IN ('score','points')", name="kind_is_known"),)


_SAME_LEDGER_ENTRY: Final = (
    "id = NEW.id OR (event_id = NEW.event_id AND rule = NEW.rule) OR reverses_id = NEW.reverses_id"
)
_SAME_RULE_SET: Final = "kind = NEW.kind AND version = NEW.version"


def _refuse_on_sqlite(table: str, *, same: str) -> tuple[str, ...]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
    # INSERT OR REPLACE deletes without asking a DELETE trigger, so it is met before it inserts.
    known = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # our own names
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_update BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_delete BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_replace BEFORE INSERT ON {table} WHEN {known} {refused}",
    )


_LEDGER_ON_SQLITE: Final = _refuse_on_sqlite("ledger_entry", same=_SAME_LEDGER_ENTRY)
_RULES_ON_SQLITE: Final = _refuse_on_sqlite("rule_set", same=_SAME_RULE_SET)
TRIGGERS: Final[tuple[str, ...]] = _LEDGER_ON_SQLITE + _RULES_ON_SQLITE
"""SQLite: what makes both tables insert-only; for the migration, repeatable, and done by `create_all` itself."""


def _guard(row: type[Base], sqlite: tuple[str, ...]) -> None:
    statements = {"sqlite": sqlite, "postgresql": insert_only(row.__tablename__)}
    for dialect, those in statements.items():
        for statement in those:
            ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(row.__table__, "after_create", ddl.execute_if(dialect=dialect))


_guard(LedgerRow, _LEDGER_ON_SQLITE)
_guard(RuleSetRow, _RULES_ON_SQLITE)
