"""The import as pages: the upload, every fault with its cell, and what would be done."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.edge.wording import sentence_of
from app.units.workbook import CellFault
from app.units.workbook_known import Doing, PersonSaid, PlaceSaid, Planned, UnitSaid
from app.units.workbook_plan import Plan
from app.units.workbook_words import Sheet
from app.web.frames import frame_of
from app.web.pages.frame import FieldFault
from app.web.people import words
from app.web.people.pages import CellLine, Counted, ImportPage, PlannedLine
from app.web.people.workbook_file import BYTES_MOST, ROWS_MOST
from app.web.setup.words import KINDS as UNIT_KINDS

FAULTS_SHOWN = 500
"""More are counted: by then the file has one mistake many times."""
ROWS_SHOWN = 200


def upload_page(*, faults: tuple[FieldFault, ...] = ()) -> ImportPage:
    """Where a workbook is handed in."""
    return ImportPage(**_around(), faults=faults)


def dry_run_page(plan: Plan, *, token: str, faults: tuple[FieldFault, ...] = ()) -> ImportPage:
    """What a workbook would do; with faults there is nothing to press."""
    lines = [
        *(_line(Sheet.UNITS, row, unit_facts(row.said, plan.unit_names)) for row in plan.units),
        *(_line(Sheet.PEOPLE, row, person_facts(row.said, plan.unit_names)) for row in plan.people),
        *(_line(Sheet.PLACES, row, place_facts(row.said, plan.unit_names)) for row in plan.places),
    ]
    lines = [line for line in lines if line.doing != Doing.SAME]
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


def _line(sheet: Sheet, row: Planned[Any], facts: str) -> PlannedLine:
    return PlannedLine(
        sheet=str(words.SHEETS[sheet]),
        row=row.line.row,
        doing=row.doing,
        name=row.said.name,
        key=row.key or "",
        facts=facts,
    )


def unit_facts(said: UnitSaid, names: Mapping[str, str]) -> str:
    """Where a unit will stand, its level, its people."""
    above = str(_("上级 %(unit)s", unit=names.get(said.parent, said.parent))) if said.parent else ""
    heads = "" if said.headcount is None else ngettext("%(num)s 人", "%(num)s 人", said.headcount)
    return " · ".join(fact for fact in (above, str(UNIT_KINDS[said.kind]), heads) if fact)


def person_facts(said: PersonSaid, names: Mapping[str, str]) -> str:
    """What a person will be, and where; a role elsewhere names its unit."""
    roles = str(_("、")).join(
        str(words.ROLES[role])
        if code == said.unit
        else str(_("%(role)s（%(unit)s）", role=words.ROLES[role], unit=names.get(code, code)))
        for role, code in sorted(said.roles)
    )
    return " · ".join(fact for fact in (roles, names.get(said.unit, said.unit)) if fact)


def place_facts(said: PlaceSaid, names: Mapping[str, str]) -> str:
    """Whose place it will be, and whether guests may report there."""
    guests = _("访客可报") if said.allows_guests else _("仅限职工")
    return f"{names.get(said.unit, said.unit)} · {guests}"


def _cell(fault: CellFault) -> CellLine:
    return CellLine(
        sheet=str(words.SHEETS[fault.sheet]),
        row=fault.row,
        cell=f"{fault.column}{fault.row}" if fault.column else "",
        heading=" ".join(fault.heading.split()),
        value=fault.value,
        sentence=sentence_of(fault.fault),
    )
