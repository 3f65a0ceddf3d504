"""Whether numbers have no gap, and whether every hazard stands where its history says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.hazards.models import HazardRow, HistoryRow, NumberRow
from app.hazards.numbering import NUMBER_PREFIX
from app.keeping.finding import Finding
from app.papers.models import PaperKind, PaperNumberRow, PaperRow
from app.papers.numbering import PREFIXES
from app.runtime import Runtime

ROWS_AT_ONCE = 500


def check_numbers(means: Runtime) -> Iterator[Finding | None]:
    """The numbers of hazards and papers: each year from 1 to the last one given, none left out."""
    with means.db.read() as session:
        given = {f"{NUMBER_PREFIX}-{row.year}": row.last for row in session.execute(select(NumberRow)).scalars()}
        yield from gaps(_numbers(session, HazardRow.number), given=given)
        papers = session.execute(select(PaperNumberRow)).scalars()
        given = {f"{PREFIXES[PaperKind(row.kind)]}-{row.year}": row.last for row in papers}
        yield from gaps(_numbers(session, PaperRow.number), given=given)


def _numbers(session: Session, column: InstrumentedAttribute[str]) -> Iterator[str]:
    # A millionth hazard of a year has a longer number, which stands behind the shorter ones.
    ordered = select(column).order_by(func.length(column), column)
    yield from session.execute(ordered.execution_options(yield_per=ROWS_AT_ONCE)).scalars()


def gaps(numbers: Iterable[str], *, given: Mapping[str, int]) -> Iterator[Finding | None]:
    """Walk numbers such as HZ-2026-000012 in their order; `given` holds the last of each series (HZ-2026)."""
    reached = dict.fromkeys(given, 0)
    for number in numbers:
        series, _, digits = number.rpartition("-")
        wanted = reached.get(series, 0) + 1
        reached[series] = int(digits)
        yield None if int(digits) == wanted else Finding(f"{series}-{wanted:06d} is missing: {number} follows")
    for series, last in reached.items():
        if last != given.get(series):
            yield Finding(f"{series}: the last number given is {given.get(series)}, the last one there is {last}")


def check_histories(means: Runtime) -> Iterator[Finding | None]:
    """Each hazard's steps: versions 1, 2 … up to its own, each from where the last ended, ending where it is."""
    steps = (
        select(
            HazardRow.number,
            HazardRow.state,
            HazardRow.version,
            HistoryRow.version.label("step"),
            HistoryRow.from_state,
            HistoryRow.to_state,
        )
        .outerjoin(HistoryRow, HistoryRow.hazard_id == HazardRow.id)
        .order_by(HazardRow.id, HistoryRow.version)
    )
    with means.db.read() as session:
        rows = session.execute(steps.execution_options(yield_per=ROWS_AT_ONCE))
        for number, life in groupby(rows, key=lambda row: row.number):
            fault = _fault_in(list(life))
            yield None if fault is None else Finding(f"{number}: {fault}")


def _fault_in(life: Sequence[Any]) -> str | None:
    before = None
    for wanted, row in enumerate(life, start=1):
        if row.step != wanted:
            return f"history row {wanted} is missing"
        if row.from_state != before:
            return f"history row {wanted} begins at {row.from_state}, the one before ended at {before}"
        before = row.to_state
    last = life[-1]
    if last.step != last.version:
        return f"history row {last.step + 1} is missing: the hazard has version {last.version}"
    if last.to_state != last.state:
        return f"the hazard is {last.state}, its last history row says {last.to_state}"
    return None
