"""The register as a file: XLSX with frozen headings, filters and thumbnails, or CSV; only workers write one."""

import csv
import io
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from app.papers.cells import Cell, Column, csv_text
from app.papers.register import RegisterLine

PICTURE_HEADINGS: Final = ("整改前照片", "整改后照片")
PICTURE_COLUMN_WIDTH: Final = 15
PICTURE_PIXELS: Final = (100, 75)
ROW_POINTS: Final = 60
BOM: Final = "\ufeff"
"""Table programs on Windows read a CSV as UTF-8 only with it."""
Pictures = Callable[[str], bytes | None]


def write_csv(path: Path, lines: Iterable[RegisterLine], *, columns: tuple[Column, ...]) -> int:
    """Write the register as CSV; returns how many lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BOM)
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow([column.heading for column in columns])
        for count, line in enumerate(lines, 1):  # noqa: B007  # the last number is how many there were
            table.writerow([csv_text(column.value(line)) for column in columns])
    return count


def write_xlsx(
    path: Path,
    lines: Iterable[RegisterLine],
    *,
    columns: tuple[Column, ...],
    pictures: Pictures | None,
    at: datetime,
) -> int:
    """Write the register as XLSX, row by row; returns how many lines.

    `pictures` gives a thumbnail's JPEG by its key; None leaves the photos out (they stay in memory until the end).
    """
    # Every text is written as a text: nothing that somebody typed is ever looked at for a formula or an address.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with closing(Workbook(path, options)) as book:
        book.set_properties({"title": "隐患台账", "created": at.replace(tzinfo=None)})
        return _Sheet(book, columns, pictures).fill(lines)


class _Sheet:
    """One sheet being filled from the top; constant memory never lets it go back."""

    def __init__(self, book: Any, columns: tuple[Column, ...], pictures: Pictures | None) -> None:
        self._columns = columns
        self._pictures = pictures
        self._sheet = book.add_worksheet("隐患台账")
        common = {"valign": "top", "border": 1, "border_color": "#D5DAD3"}
        self._heading = book.add_format({**common, "bold": True, "bg_color": "#E6F0FA", "text_wrap": True})
        self._text = book.add_format({**common, "text_wrap": True})
        self._moment = book.add_format({**common, "num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self._day = book.add_format({**common, "num_format": "yyyy-mm-dd", "align": "left"})
        self._money = book.add_format({**common, "num_format": "0.00"})

    def fill(self, lines: Iterable[RegisterLine]) -> int:
        headings = [column.heading for column in self._columns]
        widths = [column.width for column in self._columns]
        if self._pictures is not None:
            headings += PICTURE_HEADINGS
            widths += [PICTURE_COLUMN_WIDTH] * len(PICTURE_HEADINGS)
        for n, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self._sheet.set_column(n, n, width)
            self._sheet.write_string(0, n, heading, self._heading)
        self._sheet.freeze_panes(1, 1)
        count = 0
        for count, line in enumerate(lines, 1):
            self._row(count, line)
        self._sheet.autofilter(0, 0, count, len(headings) - 1)
        return count

    def _row(self, n: int, line: RegisterLine) -> None:
        keys = (line.before_key, line.after_key) if self._pictures is not None else ()
        if keys:
            self._sheet.set_row(n, ROW_POINTS)
        for place, column in enumerate(self._columns):
            self._cell(n, place, column.value(line))
        for place, key in enumerate(keys, len(self._columns)):
            self._sheet.write_blank(n, place, None, self._text)
            self._picture(n, place, key)

    def _cell(self, row: int, place: int, cell: Cell) -> None:
        match cell:
            case None | "":
                self._sheet.write_blank(row, place, None, self._text)
            case datetime():
                self._sheet.write_datetime(row, place, cell, self._moment)
            case date():
                self._sheet.write_datetime(row, place, cell, self._day)
            case Decimal():
                self._sheet.write_number(row, place, float(cell), self._money)
            case int():
                self._sheet.write_number(row, place, cell, self._text)
            case str():
                self._sheet.write_string(row, place, cell, self._text)

    def _picture(self, row: int, place: int, key: str | None) -> None:
        content = self._pictures(key) if key and self._pictures else None
        if content is None:
            return
        width, height = jpeg_size(content)
        scale = min(PICTURE_PIXELS[0] / width, PICTURE_PIXELS[1] / height)
        options = {
            "image_data": io.BytesIO(content),
            "x_scale": scale,
            "y_scale": scale,
            "x_offset": 3,
            "y_offset": 2,
            "object_position": 1,
            "description": "照片",
        }
        self._sheet.insert_image(row, place, f"{key}.jpg", options)


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height out of a JPEG's frame header; our own thumbnails always have one.

    Raises:
        ValueError: it has none.
    """
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004  # a marker's first byte
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # noqa: PLR2004  # a start of frame
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise ValueError("no frame header")
