"""Tables of the points ledger and of the versions of the rules; both are insert-only, and the database sees to it."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


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


_KEYS: Final = {
    "ledger_entry": "id = NEW.id OR (event_id = NEW.event_id AND rule = NEW.rule) OR reverses_id = NEW.reverses_id",
    "rule_set": "kind = NEW.kind AND version = NEW.version",
}


def _refuse_on_sqlite(table: str) -> tuple[str, ...]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
    # INSERT OR REPLACE deletes without asking a DELETE trigger, so it is met before it inserts.
    same = f"EXISTS (SELECT 1 FROM {table} WHERE {_KEYS[table]})"  # noqa: S608  # our own names
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_update BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_delete BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER IF NOT EXISTS {table}_refuses_replace BEFORE INSERT ON {table} WHEN {same} {refused}",
    )


def _refuse_on_postgresql(table: str) -> tuple[str, ...]:
    return (
        f"CREATE OR REPLACE FUNCTION {table}_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{table} is insert-only'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_is_insert_only()",
        f"CREATE OR REPLACE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_insert_only()",
    )


TRIGGERS: Final[tuple[str, ...]] = (*_refuse_on_sqlite("ledger_entry"), *_refuse_on_sqlite("rule_set"))
"""SQLite: statements that make both tables insert-only; for the migration, and repeatable."""
TRIGGERS_POSTGRESQL: Final[tuple[str, ...]] = (
    *_refuse_on_postgresql("ledger_entry"),
    *_refuse_on_postgresql("rule_set"),
)
"""The same for PostgreSQL."""


def _guard(dialect: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        ddl = DDL(statement).execute_if(dialect=dialect)
        event.listen(Base.metadata, "after_create", ddl)


_guard("sqlite", TRIGGERS)
_guard("postgresql", TRIGGERS_POSTGRESQL)
