"""What importing a workbook would do: every row made, changed or left, and everything that is wrong. Pure.

What a row says is compared with what is known, by code or login; a person or a place without one is known by its
name within its unit. So the same file, imported twice, changes nothing. Rows only add and correct: nobody is
disabled and no role ends because a row is missing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Fault
from app.units.workbook import CellFault, Read, Workbook, read_sheet
from app.units.workbook_known import Doing, Known, PersonSaid, PlaceSaid, Planned, UnitSaid
from app.units.workbook_people import planned_people
from app.units.workbook_places import planned_places
from app.units.workbook_units import planned_units
from app.units.workbook_words import Sheet


@dataclass(frozen=True)
class Plan:
    """The whole import; nothing is written while there are faults. Units come parents first."""

    units: tuple[Planned[UnitSaid], ...]
    people: tuple[Planned[PersonSaid], ...]
    places: tuple[Planned[PlaceSaid], ...]
    faults: tuple[CellFault, ...]
    unit_names: Mapping[str, str] = field(default_factory=dict)  # by code: known and said

    def count(self, sheet: Sheet, doing: Doing) -> int:
        """How many rows of a sheet are made, changed or left."""
        rows: Mapping[Sheet, tuple[Planned[Any], ...]]
        rows = {Sheet.UNITS: self.units, Sheet.PEOPLE: self.people, Sheet.PLACES: self.places}
        return sum(1 for row in rows[sheet] if row.doing is doing)

    @property
    def changes_nothing(self) -> bool:
        """Whether every row is there already."""
        return all(row.doing is Doing.SAME for rows in (self.units, self.people, self.places) for row in rows)


def plan_of(workbook: Workbook, known: Known) -> Plan:
    """What importing this workbook would do, with every fault in it."""
    reads = {sheet: read_sheet(sheet, workbook[sheet]) for sheet in Sheet if sheet in workbook}
    faults = [fault for read in reads.values() for fault in read.faults]
    if not any(read.lines for read in reads.values()) and not faults:
        faults.append(CellFault(Sheet.UNITS, 1, "", "", "", Fault("", "nothing_to_import")))
    if any(fault.fault.code == "column_missing" for fault in faults):
        # Without its columns a sheet says nothing: every row of it, and of the others, would seem wrong.
        return Plan((), (), (), tuple(fault for fault in faults if fault.row == 1))
    empty = Read((), ())
    units, wrong = planned_units(reads.get(Sheet.UNITS, empty).lines, known)
    faults += wrong
    codes = {*known.units, *(unit.said.code for unit in units)}
    people, wrong = planned_people(reads.get(Sheet.PEOPLE, empty).lines, known, codes)
    faults += wrong
    places, wrong = planned_places(reads.get(Sheet.PLACES, empty).lines, known, codes)
    faults += wrong
    order = {sheet: n for n, sheet in enumerate(Sheet)}
    faults.sort(key=lambda fault: (order[fault.sheet], fault.row, len(fault.column), fault.column))
    names = {code: unit.name for code, unit in known.units.items()} | {u.said.code: u.said.name for u in units}
    return Plan(units, people, places, tuple(_once_each(faults)), names)


def _once_each(faults: Iterable[CellFault]) -> Iterator[CellFault]:
    """One fault for each cell: an empty one is missing, not also malformed."""
    seen: set[tuple[Sheet, int, str]] = set()
    for fault in faults:
        cell = (fault.sheet, fault.row, fault.column)
        if not fault.column or cell not in seen:
            seen.add(cell)
            yield fault
