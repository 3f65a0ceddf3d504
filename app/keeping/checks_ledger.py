"""Whether every entry of the points ledger stands for one event and rule, and every reversal for one entry."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.competition.models import LedgerRow
from app.core.outbox import EventRow
from app.hazards.models import HazardRow
from app.keeping.finding import Finding
from app.runtime import Runtime

ROWS_AT_ONCE = 500


def check_ledger(means: Runtime) -> Iterator[Finding | None]:
    """Each entry by itself; then what belongs to no single one: doubles, and sums that the hazards disown."""
    with means.db.read() as session:
        yield from _entries(session)
        yield from _doubles(session)
        yield from _sums(session)


def _entries(session: Session) -> Iterator[Finding | None]:
    origin = aliased(LedgerRow)
    rows = session.execute(
        select(LedgerRow, origin, HazardRow.number, EventRow.id)
        .outerjoin(origin, origin.id == LedgerRow.reverses_id)
        .outerjoin(HazardRow, HazardRow.id == LedgerRow.hazard_id)
        .outerjoin(EventRow, EventRow.id == LedgerRow.event_id)
        .order_by(LedgerRow.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for entry, reversed_entry, number, event_id in rows:
        fault = _fault_in(entry, reversed_entry, has_event=event_id is not None)
        yield None if fault is None else Finding(f"ledger entry {entry.id} ({number}): {fault}")


def _fault_in(entry: LedgerRow, reversed_entry: LedgerRow | None, *, has_event: bool) -> str | None:
    if not has_event:
        return f"its event {entry.event_id} is missing"
    if entry.account_id is None and entry.points:
        return "it has points and nobody they belong to"
    if entry.reverses_id is None:
        return None
    if reversed_entry is None:
        return f"it reverses entry {entry.reverses_id}, which is missing"
    same = (entry.account_id, entry.hazard_id, entry.rule, -entry.points)
    if same != (reversed_entry.account_id, reversed_entry.hazard_id, reversed_entry.rule, reversed_entry.points):
        return f"it is not the contrary of entry {reversed_entry.id}, which it reverses"
    return None


def _doubles(session: Session) -> Iterator[Finding]:
    """UNIQUE stands before them; a file that was edited by hand may still hold one."""
    for column, told in ((LedgerRow.reverses_id, "reversed"), (None, "posted")):
        keys = [LedgerRow.event_id, LedgerRow.rule] if column is None else [column]
        first = select(func.min(LedgerRow.id)).group_by(*keys).having(func.count() > 1)
        if column is not None:
            first = first.where(column.is_not(None))
        for entry_id in session.execute(first).scalars():
            yield Finding(f"ledger entry {entry_id}: {told} twice")


def _sums(session: Session) -> Iterator[Finding]:
    """A hazard is marked as paid exactly when its entries add up to more than nothing."""
    total = func.coalesce(func.sum(LedgerRow.points), 0)
    sums = (
        select(HazardRow.number, total)
        .outerjoin(LedgerRow, LedgerRow.hazard_id == HazardRow.id)
        .group_by(HazardRow.id, HazardRow.number, HazardRow.points_paid_at)
        .having((total > 0) != HazardRow.points_paid_at.is_not(None))
        .order_by(HazardRow.id)
    )
    for number, points in session.execute(sums.execution_options(yield_per=ROWS_AT_ONCE)):
        yield Finding(f"{number}: its ledger entries add up to {points}, and the hazard says otherwise")
