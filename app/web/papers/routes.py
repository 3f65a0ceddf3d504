"""Routes of papers and register."""

from typing import Any, Final

from flask import Blueprint, Response, flash, request, url_for

from app.accounts.permissions import Permission
from app.core.errors import BadRequest, Invalid, NotFound, Problem
from app.edge.entrance import actor, needs, runtime, signed_in
from app.edge.objects_out import object_answer
from app.papers.exports import ask_for_export, ready_export
from app.papers.issuing import ask_for_print, issue_notice, issue_opinion
from app.papers.models import FileFormat
from app.papers.queries import paper_picture, paper_view
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.papers.present import (
    choose_page,
    opinion_form_page,
    paper_page,
    papers_page,
    rows_of_hazard,
)
from app.web.papers.present_notice import notice_form_page
from app.web.papers.present_register import register_page_of
from app.web.papers.typed import FILTERS, hazard_numbers, notice_draft, opinion_draft, register_filter

pages = Blueprint("papers", __name__, url_prefix="/papers")
pages.add_app_template_global(rows_of_hazard, "papers_of_hazard")
FILE_TYPES: Final = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
}


@pages.get("")
@needs(Permission.HAZARD_READ)
def papers() -> Response:
    """Notices and opinions of the reader's units."""
    return page_answer("papers/list.html", papers_page())


@pages.get("/new")
@needs(Permission.HAZARD_READ)
def new_notice() -> Response:
    """The form of a notice about the hazards named by `hazard`; without any, hazards to choose from."""
    numbers = hazard_numbers(request.args)
    if not numbers:
        return page_answer("papers/choose.html", choose_page())
    return page_answer("papers/notice_form.html", notice_form_page(numbers, request.form))


def _chosen_again(problem: Problem) -> Response | None:
    if not isinstance(problem, Invalid | BadRequest):
        return None
    return refused_answer("papers/choose.html", choose_page(problem), problem=problem)


@pages.post("/draft")
@needs(Permission.HAZARD_READ)
@shown_again(_chosen_again)
def draft() -> Response:
    """The form of a notice about the chosen hazards; nothing is kept yet."""
    return page_answer("papers/notice_form.html", notice_form_page(hazard_numbers(request.form), request.form))


def _notice_again(problem: Problem) -> Response | None:
    if not isinstance(problem, Invalid | BadRequest):
        return None
    page = notice_form_page(hazard_numbers(request.form), request.form, problem=problem)
    return refused_answer("papers/notice_form.html", page, problem=problem)


@pages.post("/new")
@needs(Permission.HAZARD_READ)
@shown_again(_notice_again)
def issue() -> Response:
    """Issue a notice."""
    means = runtime()
    number = issue_notice(notice_draft(request.form), by=actor(), at=means.now(), db=means.db)
    flash("notice_issued")
    return see_other(url_for("papers.paper", number=number))


@pages.get("/<number>")
@signed_in
def paper(number: str) -> Response:
    """One paper, as it is printed."""
    return page_answer("papers/paper.html", paper_page(number))


@pages.get("/<number>/pictures/<int:n>")
@signed_in
def picture(number: str, n: int) -> Response:
    """A picture of a paper."""
    means = runtime()
    with means.db.read() as session:
        key = paper_picture(session, number, n, by=actor())
    return object_answer(key, mime_type="image/jpeg", store=means.store)


@pages.get("/<number>/pdf")
@signed_in
def pdf(number: str) -> Response:
    """The paper's PDF, once it is there."""
    means = runtime()
    with means.db.read() as session:
        view = paper_view(session, number, by=actor())
    if view.pdf_sha256 is None:
        raise NotFound
    return object_answer(view.pdf_sha256, name=f"{number}.pdf", mime_type="application/pdf", store=means.store)


@pages.post("/<number>/print")
@signed_in
def print_again(number: str) -> Response:
    """Have a failed PDF made once more."""
    means = runtime()
    ask_for_print(number, by=actor(), at=means.now(), db=means.db)
    flash("print_asked")
    return see_other(url_for("papers.paper", number=number))


@pages.get("/<number>/opinion")
@needs(Permission.HAZARD_READ)
def new_opinion(number: str) -> Response:
    """The form of the opinion that answers a notice."""
    return page_answer("papers/opinion_form.html", opinion_form_page(number, request.form))


def _opinion_again(problem: Problem, number: str) -> Response | None:
    if not isinstance(problem, Invalid | BadRequest):
        return None
    page = opinion_form_page(number, request.form, problem=problem)
    return refused_answer("papers/opinion_form.html", page, problem=problem)


@pages.post("/<number>/opinion")
@needs(Permission.HAZARD_READ)
@shown_again(_opinion_again)
def issue_answer(number: str) -> Response:
    """Issue the opinion that answers a notice."""
    means = runtime()
    draft_id, inspectors = opinion_draft(request.form)
    answer = issue_opinion(
        number, draft_id=draft_id, inspectors=inspectors, by=actor(), at=means.now(), db=means.db
    )
    flash("opinion_issued")
    return see_other(url_for("papers.paper", number=answer))


@pages.get("/register")
@needs(Permission.HAZARD_READ)
def register() -> Response:
    """The register, narrowed by the query."""
    return page_answer("papers/register.html", register_page_of(request.args))


def _register_again(problem: Problem) -> Response | None:
    if not isinstance(problem, Invalid | BadRequest):
        return None
    return refused_answer("papers/register.html", register_page_of(request.form, problem=problem), problem=problem)


@pages.post("/register/exports")
@needs(Permission.HAZARD_READ)
@shown_again(_register_again)
def ask_export() -> Response:
    """Ask for the register as a file."""
    means, wanted = runtime(), request.form.get("format", "")
    if wanted not in set(FileFormat):
        raise BadRequest
    ask_for_export(register_filter(request.form), FileFormat(wanted), by=actor(), at=means.now(), db=means.db)
    flash("export_asked")
    onward: dict[str, Any] = {name: request.form[name] for name in FILTERS if request.form.get(name)}
    return see_other(url_for("papers.register", **onward) + "#files")


@pages.get("/register/exports/<public_id>")
@needs(Permission.HAZARD_READ)
def export_file(public_id: str) -> Response:
    """A finished file, for whoever asked for it and may still see what is in it."""
    means = runtime()
    with means.db.read() as session:
        export = ready_export(session, public_id, by=actor())
    day = export.asked_at.strftime("%Y%m%d")
    name = f"register-{day}.{export.format}"
    return object_answer(export.sha256 or "", name=name, mime_type=FILE_TYPES[export.format], store=means.store)
