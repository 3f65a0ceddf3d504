"""The register as a page, and the files made of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.accounts.permissions import Permission
from app.core.errors import Invalid, Problem
from app.edge.entrance import actor, runtime
from app.hazards.category_choice import categories_to_narrow_by
from app.hazards.lifecycle import State
from app.papers.exports import PICTURED_ROWS_MOST, Export, ExportFault, exports_of
from app.papers.models import FileFormat, FileStatus
from app.papers.register import RegisterFilter, RegisterLine, names_reporters, register_page
from app.units.queries import Unit, subtree
from app.web import words as house_words
from app.web.frames import frame_of, reader
from app.web.pages.frame import Choice
from app.web.papers import words
from app.web.papers.pages import ExportRow, RegisterPage, RegisterRow
from app.web.papers.present import size_words
from app.web.papers.typed import FILTERS, faults_of, register_filter
from app.web.present_pieces import contested_word
from app.web.present_ticket import ticket_address
from app.web.times import moment


def register_page_of(given: Mapping[str, str], *, problem: Problem | None = None) -> RegisterPage:
    """台账 as this query narrows it; a query that cannot be read narrows nothing and is told.

    Raises:
        NotFound: the unit is absent or foreign.
    """
    means, who = runtime(), actor()
    asked = {name: given.get(name, "") for name in FILTERS}
    narrowed, problem = _read(asked, problem)
    with means.db.read() as session:
        try:
            found = register_page(session, narrowed, by=who, at=means.now(), before=_cursor())
        except Invalid as refusal:
            problem, narrowed = refusal, RegisterFilter()
            found = register_page(session, narrowed, by=who, at=means.now())
        units = subtree(session, who.units_where(Permission.HAZARD_READ))
        shown = {*categories_to_narrow_by(session, units, by=who), asked["category"]}
        exports = exports_of(session, by=who)
    has_reporter = names_reporters(who)
    onward: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return RegisterPage(
        frame=frame_of(current="register"),
        rows=tuple(_row(line) for line in found.lines),
        total=found.total,
        has_reporter=has_reporter,
        states=_choices(((state, str(house_words.STATES[state].word)) for state in State), asked["state"]),
        units=_choices(((unit.code, _indented(unit)) for unit in units), asked["unit"]),
        categories=_choices(
            ((c, str(w)) for c, w in house_words.CATEGORIES.items() if c in shown), asked["category"]
        ),
        from_month=asked["from_month"],
        to_month=asked["to_month"],
        is_narrowed=bool(onward),
        clear_href=url_for("papers.register"),
        export_action=url_for("papers.ask_export"),
        filters=onward,
        exports=tuple(_export(export) for export in exports),
        pictured_rows=PICTURED_ROWS_MOST,
        more_href=url_for("papers.register", before=found.next, **onward) if found.next else "",
        faults=faults_of(problem) if problem else (),
    )


def _read(asked: Mapping[str, str], problem: Problem | None) -> tuple[RegisterFilter, Problem | None]:
    try:
        return register_filter(asked), problem
    except Invalid as refusal:
        return RegisterFilter(), refusal


def _cursor() -> int | None:
    before = request.args.get("before", "")
    return int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None  # noqa: PLR2004


def _choices(options: Iterable[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=label, chosen=value == chosen) for value, label in options)


def _indented(unit: Unit) -> str:
    return "　" * (len(unit.lineage) - 1) + unit.name


def _row(line: RegisterLine) -> RegisterRow:
    zone, now = line.unit.zone, runtime().now()
    return RegisterRow(
        number=line.number,
        href=ticket_address(line.number),
        state=str(house_words.STATES[line.state].word),
        contested=contested_word(line.state) if line.is_contested else "",
        level=str(house_words.LEVELS[line.level]) if line.level else "",
        category=str(house_words.CATEGORIES[line.category]) if line.category else "",
        unit=line.unit.name,
        place=line.place,
        problem=line.description,
        reporter=_reporter(line),
        submitted=moment(line.submitted_at, zone, now=now),
        rectifier=line.rectifier,
        deadline=moment(line.deadline, zone, now=now) if line.deadline else "",
        is_overdue=line.is_overdue,
        closed=moment(line.closed_at, zone, now=now) if line.closed_at else "",
    )


def _reporter(line: RegisterLine) -> str:
    if line.anonymous:
        return str(_("匿名"))
    return str(_("访客")) if line.guest else line.reporter or ""


def _export(export: Export) -> ExportRow:
    is_ready = export.status is FileStatus.READY
    return ExportRow(
        name=_("XLSX 表格") if export.format is FileFormat.XLSX else _("CSV 表格"),
        asked=moment(export.asked_at, reader().home.zone, now=runtime().now()),
        rows=export.rows,
        size=size_words(export.bytes),
        status=export.status,
        fault=str(words.EXPORT_FAULTS[ExportFault(export.fault)]) if export.fault else "",
        href=url_for("papers.export_file", public_id=export.public_id) if is_ready else "",
    )
