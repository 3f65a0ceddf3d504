"""A set-up workbook as rows of cells, whatever file it came in, and what is wrong with single cells. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.core.errors import Fault
from app.units.workbook_words import COLUMNS, NOTES, Sheet, field_of_heading, letter_of, plain

SHOWN: Final = 60
"""Characters of a cell's value that a fault repeats."""


@dataclass(frozen=True)
class Formula:
    """A cell that computes: what it says today may be something else tomorrow, so it is refused, not evaluated."""

    text: str


Cell = str | int | float | bool | Formula | None


@dataclass(frozen=True)
class SheetRows:
    """One sheet: its headings (row 1) and the rows below that hold anything, by their number."""

    headings: tuple[Cell, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    cut_at: int | None = None  # the first row that was not read any more


Workbook = Mapping[Sheet, SheetRows]


@dataclass(frozen=True)
class CellFault:
    """What is wrong with one cell; `column` and `heading` are empty where it is the whole sheet or row."""

    sheet: Sheet
    row: int
    column: str
    heading: str
    value: str
    fault: Fault


@dataclass(frozen=True)
class Line:
    """One row of a sheet, its cells as texts by field; numbers are written as people write them."""

    sheet: Sheet
    row: int
    said: Mapping[str, str]
    at: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # field → column letter, heading

    def wrong(self, fault: Fault) -> CellFault:
        """The fault, at the cell of its field."""
        column, heading = self.at.get(fault.field, ("", ""))
        return CellFault(self.sheet, self.row, column, heading, self.said.get(fault.field, "")[:SHOWN], fault)


@dataclass(frozen=True)
class Read:
    """The lines of one sheet with what was wrong before anybody looked at their meaning."""

    lines: tuple[Line, ...]
    faults: tuple[CellFault, ...]


def read_sheet(sheet: Sheet, cells: SheetRows) -> Read:
    """The lines of a sheet: headings matched, formulas refused, numbers as text."""
    columns, faults = _columns(sheet, cells.headings)
    at = {name: (letter_of(index), _text(cells.headings[index])) for index, name in columns.items()}
    lines = []
    for number, row in cells.rows:
        said = {name: _text(row[index]) for index, name in columns.items() if index < len(row)}
        line = Line(sheet, number, said, at)
        lines.append(line)
        faults += [
            line.wrong(Fault(name, "formula"))
            for index, name in columns.items()
            if index < len(row) and isinstance(row[index], Formula)
        ]
        faults += _missing(line)
    if cells.cut_at is not None:
        last = cells.cut_at - 1
        faults.append(CellFault(sheet, cells.cut_at, "", "", "", Fault("", "too_many_rows", {"limit": last})))
    return Read(tuple(lines), tuple(faults))


def _columns(sheet: Sheet, headings: tuple[Cell, ...]) -> tuple[dict[int, str], list[CellFault]]:
    found: dict[int, str] = {}
    faults: list[CellFault] = []
    for index, cell in enumerate(headings):
        heading = _text(cell)
        if not heading or plain(heading) in NOTES:
            continue
        name = field_of_heading(sheet, heading)
        if name is None or name in found.values():
            code = "unknown_column" if name is None else "column_twice"
            shown = heading[:SHOWN]
            faults.append(CellFault(sheet, 1, letter_of(index), shown, shown, Fault("", code)))
        else:
            found[index] = name
    missing = [column for column in COLUMNS[sheet] if column.needed and column.field not in found.values()]
    faults += [
        CellFault(sheet, 1, "", "", "", Fault("", "column_missing", {"column": " ".join(column.heading.split())}))
        for column in missing
    ]
    return found, faults


def _missing(line: Line) -> Iterator[CellFault]:
    for column in COLUMNS[line.sheet]:
        if column.needed and column.field in line.at and not line.said.get(column.field):
            yield line.wrong(Fault(column.field, "required"))


def _text(cell: Cell) -> str:
    """What a cell says, as people would write it: 36.0 is 36."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return cell.text[:SHOWN]
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004  # exact below
        return str(int(cell))
    return " ".join(str(cell).split())
