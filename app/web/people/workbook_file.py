"""The bytes of an uploaded workbook, guilty until read: bounded before they are parsed, never evaluated.

An XLSX is a ZIP of XML. What it says of itself is held against limits before anything is unpacked; macros, links
to other files, encryption and XML entities are refused; formulas come out as formulas: faults of their cells.
"""

import io
import threading
import zipfile
from collections.abc import Iterable
from typing import Any, Final

from openpyxl import load_workbook

from app.core.errors import Fault, Invalid
from app.units.workbook import Cell, Formula, SheetRows, Workbook
from app.units.workbook_words import Sheet, sheet_of_title

BYTES_MOST: Final = 2 * 1024 * 1024
"""Of the file as uploaded."""
UNPACKED_MOST: Final = 12 * 1024 * 1024
"""Of everything in it, in bytes: read in some seconds and some tens of megabytes."""
PARTS_MOST: Final = 200
ROWS_MOST: Final = 2000
"""In each sheet: one import is one transaction, and others wait for it."""
COLUMNS_MOST: Final = 30
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENTITIES: Final = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_ONE_AT_A_TIME: Final = threading.Lock()
"""Parsing is the most expensive thing a page does: two at once would starve the reports."""


def read_workbook(content: bytes) -> Workbook:
    """The rows of the sheets we know.

    Raises:
        Invalid: `workbook`: too large, none, old or encrypted, with macros or entities, or without our sheets.
    """
    with _ONE_AT_A_TIME:
        _check(content)
        try:
            return _parse(content)
        except Invalid:
            raise
        except Exception as error:  # a hostile file makes the parser raise anything at all
            raise Invalid(Fault("workbook", "not_a_workbook")) from error


def _check(content: bytes) -> None:
    if len(content) > BYTES_MOST:
        raise Invalid(Fault("workbook", "workbook_too_large", {"mib": BYTES_MOST // 2**20}))
    if content.startswith(_OLE):
        raise Invalid(Fault("workbook", "workbook_old_or_locked"))
    if not content.startswith(_ZIP):
        raise Invalid(Fault("workbook", "not_a_workbook"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _check_parts(parts)
    # NotImplementedError: a compression nobody uses; RuntimeError: a password; EOFError: cut short.
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise Invalid(Fault("workbook", "not_a_workbook")) from error


def _check_parts(parts: zipfile.ZipFile) -> None:
    inside = parts.infolist()
    # A part is never read beyond what it says it is, so these sums hold whatever the bytes are.
    if len(inside) > PARTS_MOST or sum(part.file_size for part in inside) > UNPACKED_MOST:
        raise Invalid(Fault("workbook", "workbook_too_full"))
    for part in inside:
        name = part.filename.lower()
        if "vbaproject" in name or "/macrosheets/" in name or "/activex/" in name:
            raise Invalid(Fault("workbook", "workbook_macros"))
        if "/externallinks/" in name:
            raise Invalid(Fault("workbook", "workbook_links"))
        body = parts.read(part)
        if name == "[content_types].xml" and b"macroenabled" in body.lower():
            raise Invalid(Fault("workbook", "workbook_macros"))
        # Every part: a relationship may name any of them a sheet, whatever its ending. Behind this: defusedxml.
        if any(word in body for word in _ENTITIES):
            raise Invalid(Fault("workbook", "not_a_workbook"))


def _parse(content: bytes) -> Workbook:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        found: dict[Sheet, SheetRows] = {}
        for tab in book.worksheets:
            sheet = sheet_of_title(tab.title)
            if sheet is None:
                continue
            if sheet in found:
                raise Invalid(Fault("workbook", "sheet_twice", {"sheet": tab.title}))
            # What the sheet says of its own size is a claim like any other.
            tab.reset_dimensions()
            found[sheet] = _rows(tab.iter_rows(max_row=ROWS_MOST + 2, max_col=COLUMNS_MOST))
    finally:
        book.close()
    if not found:
        raise Invalid(Fault("workbook", "no_sheets"))
    return found


def _rows(rows: Iterable[tuple[Any, ...]]) -> SheetRows:
    headings: tuple[Cell, ...] = ()
    kept: list[tuple[int, tuple[Cell, ...]]] = []
    for number, row in enumerate(rows, start=1):
        cells = tuple(_cell(cell) for cell in row)
        if number == 1:
            headings = cells
        elif any(cell is not None and cell != "" for cell in cells):
            if number > ROWS_MOST + 1:
                return SheetRows(headings, tuple(kept), cut_at=number)
            kept.append((number, cells))
    return SheetRows(headings, tuple(kept))


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Formula(str(value))
    if value is None or isinstance(value, str | int | float | bool):
        return value.strip() if isinstance(value, str) else value
    # A date or a duration where a word was meant: shown as it reads, and refused by its column.
    return str(value)
