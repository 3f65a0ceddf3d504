"""The import as pages: the upload, every fault with its cell, and what would be done."""

from typing import Any

from flask import url_for

from app.edge.wording import sentence_of
from app.units.workbook import CellFault
from app.units.workbook_known import Doing, Planned
from app.units.workbook_plan import Plan
from app.units.workbook_words import Sheet
from app.web.frames import frame_of
from app.web.pages.frame import FieldFault
from app.web.people import words
from app.web.people.pages import CellLine, Counted, ImportPage, PlannedLine
from app.web.people.workbook_file import BYTES_MOST, ROWS_MOST

FAULTS_SHOWN = 500
"""More are counted: by then the file has one mistake many times."""
ROWS_SHOWN = 200


def upload_page(*, faults: tuple[FieldFault, ...] = ()) -> ImportPage:
    """Where a workbook is handed in."""
    return ImportPage(**_around(), faults=faults)


def dry_run_page(plan: Plan, *, token: str, faults: tuple[FieldFault, ...] = ()) -> ImportPage:
    """What a workbook would do; with faults there is nothing to press."""
    lines = [
        *_lines(Sheet.UNITS, plan.units),
        *_lines(Sheet.PEOPLE, plan.people),
        *_lines(Sheet.PLACES, plan.places),
    ]
    cells = tuple(_cell(fault) for fault in plan.faults[:FAULTS_SHOWN])
    more = max(0, len(plan.faults) - FAULTS_SHOWN) if plan.faults else max(0, len(lines) - ROWS_SHOWN)
    return ImportPage(
        **_around(),
        token="" if plan.faults else token,
        counted=tuple(
            Counted(
                sheet=str(words.SHEETS[sheet]),
                make=plan.count(sheet, Doing.MAKE),
                change=plan.count(sheet, Doing.CHANGE),
                same=plan.count(sheet, Doing.SAME),
            )
            for sheet in Sheet
        ),
        planned=() if plan.faults else tuple(lines[:ROWS_SHOWN]),
        more=more,
        cells=cells,
        changes_nothing=not plan.faults and plan.changes_nothing,
        faults=faults,
    )


def _around() -> dict[str, Any]:
    return {
        "frame": frame_of(current="people"),
        "back_href": url_for("people.people"),
        "template_href": url_for("people.template"),
        "limit_mib": BYTES_MOST // 2**20,
        "rows_most": ROWS_MOST,
    }


def _lines(sheet: Sheet, rows: tuple[Planned[Any], ...]) -> list[PlannedLine]:
    return [
        PlannedLine(
            sheet=str(words.SHEETS[sheet]),
            row=row.line.row,
            doing=row.doing,
            name=row.said.name,
            key=row.key or "",
        )
        for row in rows
        if row.doing is not Doing.SAME
    ]


def _cell(fault: CellFault) -> CellLine:
    return CellLine(
        sheet=str(words.SHEETS[fault.sheet]),
        row=fault.row,
        cell=f"{fault.column}{fault.row}" if fault.column else "",
        heading=" ".join(fault.heading.split()),
        value=fault.value,
        sentence=sentence_of(fault.fault),
    )
