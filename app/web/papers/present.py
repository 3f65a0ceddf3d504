"""Papers as pages: the list, one paper, and the forms that issue one."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.accounts.permissions import Permission
from app.accounts.queries import names_of
from app.core.errors import NotFound, Problem
from app.edge.entrance import actor, runtime
from app.hazards.models import HazardRow
from app.hazards.words import Level
from app.papers.composing import items_of_opinion
from app.papers.content import Content, Result
from app.papers.issuing import HAZARDS_MOST, UNDER_WAY, commands
from app.papers.models import FileStatus, PaperKind
from app.papers.printing import PrintFault
from app.papers.queries import (
    PaperLine,
    open_hazards_for,
    paper_view,
    papers_of,
    papers_of_hazard,
    readable_paper,
)
from app.papers.sheet import sheet_html
from app.units.queries import places_by_id, units_by_id
from app.web import words as house_words
from app.web.frames import came_from, frame_of, reader
from app.web.papers import words
from app.web.papers.pages import (
    ChoosePage,
    DraftLine,
    OpinionFormPage,
    PaperPage,
    PaperRow,
    PapersPage,
)
from app.web.papers.typed import TEXT_LONGEST, faults_of, hazard_numbers
from app.web.times import moment

KIB = 1024


def issues_papers() -> bool:
    """Whether this reader may issue papers anywhere."""
    can = reader().actor.can_somewhere
    return can(Permission.HAZARD_TRIAGE) or can(Permission.HAZARD_OVERSEE)


def size_words(size: int | None) -> str:
    """`412 KB`."""
    return f"{max(1, round(size / KIB))} KB" if size else ""


def papers_page() -> PapersPage:
    """Every paper of the reader's units, newest first."""
    before = request.args.get("before", "")
    cursor = int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None  # noqa: PLR2004
    with runtime().db.read() as session:
        found = papers_of(session, by=actor(), before=cursor)
    return PapersPage(
        frame=frame_of(current="papers"),
        rows=tuple(row_of(line) for line in found.lines),
        new_href=url_for("papers.new_notice") if issues_papers() else "",
        more_href=url_for("papers.papers", before=found.next) if found.next else "",
    )


def row_of(line: PaperLine) -> PaperRow:
    """One paper in a list."""
    return PaperRow(
        number=line.number,
        href=url_for("papers.paper", number=line.number),
        kind=words.KINDS[line.kind],
        unit=line.unit.name,
        when=moment(line.issued_at, line.unit.zone, now=runtime().now()),
        hazards=line.hazards,
        pdf=words.PDF_STATES[line.pdf_status],
        is_failed=line.pdf_status is FileStatus.FAILED,
    )


def rows_of_hazard(number: str) -> tuple[PaperRow, ...]:
    """The papers that speak of a hazard, for its ticket."""
    with runtime().db.read() as session:
        return tuple(row_of(line) for line in papers_of_hazard(session, number, by=actor()))


def paper_page(number: str) -> PaperPage:
    """One paper: the same sheet as the PDF's.

    Raises:
        NotFound: absent or foreign.
    """
    with runtime().db.read() as session:
        view = paper_view(session, number, by=actor())
    content = view.content
    sheet = sheet_html(content, picture_address=lambda n, _key: url_for("papers.picture", number=number, n=n))
    related = (*view.answered_by, *((content.answers,) if content.answers else ()))
    answers = content.kind is PaperKind.NOTICE and commands(actor(), view.unit)
    return PaperPage(
        frame=frame_of(current="papers"),
        number=number,
        kind=words.KINDS[content.kind],
        sheet=Markup(sheet),  # noqa: S704  # rendered with autoescape by app.papers.sheet
        back_href=came_from() or url_for("papers.papers"),
        pdf_status=view.pdf_status,
        pdf_href=url_for("papers.pdf", number=number) if view.pdf_status is FileStatus.READY else "",
        pdf_size=size_words(view.pdf_bytes),
        sha256=view.pdf_sha256 or "",
        fault=str(words.PRINT_FAULTS[PrintFault(view.pdf_fault)]) if view.pdf_fault else "",
        again_href=url_for("papers.print_again", number=number),
        opinion_href=url_for("papers.new_opinion", number=number) if answers else "",
        related=tuple((other, url_for("papers.paper", number=other)) for other in related),
    )


def choose_page(problem: Problem | None = None) -> ChoosePage:
    """Hazards under way from which an officer chooses those of a notice."""
    chosen = set(hazard_numbers(request.form))
    with runtime().db.read() as session:
        hazards = open_hazards_for(session, by=actor(), states=UNDER_WAY, limit=HAZARDS_MOST)
        lines = draft_lines(session, hazards, form=MultiDict(), chosen=chosen)
    return ChoosePage(
        frame=frame_of(current="papers"),
        lines=lines,
        action=url_for("papers.draft"),
        back_href=url_for("papers.papers"),
        faults=faults_of(problem) if problem else (),
    )


def inspectors_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """The two inspectors: as typed, else the reader and nobody yet."""
    return {"inspector_1": form.get("inspector_1", actor().name), "inspector_2": form.get("inspector_2", "")}


def draft_lines(
    session: Session, hazards: Sequence[HazardRow], *, form: MultiDict[str, str], chosen: set[str]
) -> tuple[DraftLine, ...]:
    """The hazards as the forms list them."""
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    places = places_by_id(session, [hazard.place_id for hazard in hazards])
    names = names_of(session, [hazard.rectifier_id for hazard in hazards])
    now = runtime().now()

    def deadline(hazard: HazardRow) -> str:
        at: datetime | None = hazard.deadline
        return moment(at, units[hazard.unit_id].zone, now=now) if at else ""

    def title(hazard: HazardRow) -> str:
        if hazard.description or not hazard.category:
            return hazard.description or str(_("隐患"))
        return str(_("%(category)s隐患", category=house_words.CATEGORIES[hazard.category]))

    def where(hazard: HazardRow) -> str:
        place = places.get(hazard.place_id or 0)
        return (place.name if place else hazard.location_text) or ""

    return tuple(
        DraftLine(
            number=hazard.number,
            title=title(hazard),
            where=where(hazard),
            unit=units[hazard.unit_id].name,
            deadline=deadline(hazard),
            rectifier=(names.get(hazard.rectifier_id) if hazard.rectifier_id else hazard.rectifier_name) or "",
            is_major=hazard.level == Level.MAJOR,
            basis=form.get(f"basis-{hazard.number}", ""),
            chosen=hazard.number in chosen,
        )
        for hazard in hazards
    )


def opinion_form_page(
    number: str, form: MultiDict[str, str], *, problem: Problem | None = None
) -> OpinionFormPage:
    """The form of the opinion that answers a notice, with what it would say now.

    Raises:
        NotFound: no such notice for this person, or not one that this person may answer.
    """
    with runtime().db.read() as session:
        notice = readable_paper(session, number, by=actor())
        unit = units_by_id(session, [notice.unit_id])[notice.unit_id]
        if notice.kind != PaperKind.NOTICE or not commands(actor(), unit):
            raise NotFound
        content = Content.from_json(notice.content)
        results = [i.result for i in items_of_opinion(session, notice.id, content, since=notice.issued_at)]
    fixed, not_fixed = results.count(Result.FIXED), results.count(Result.NOT_FIXED)
    return OpinionFormPage(
        frame=frame_of(current="papers"),
        notice=number,
        fixed=fixed,
        not_fixed=not_fixed,
        others=len(results) - fixed - not_fixed,
        action=url_for("papers.issue_answer", number=number),
        back_href=url_for("papers.paper", number=number),
        draft_id=form.get("draft_id") or str(uuid.uuid4()),
        text_limit=TEXT_LONGEST,
        faults=faults_of(problem) if problem else (),
        **inspectors_of(form),
    )
