"""Routes of the import: the template, the upload with its dry run, and the import itself."""

from typing import Any

from flask import Response, flash, make_response, request, url_for

from app.accounts.permissions import Permission
from app.core.errors import Fault, Forbidden, Invalid, NotFound, NotSignedIn, Problem, TooLarge
from app.edge.entrance import actor, needs, runtime
from app.edge.http import takes_file
from app.edge.taking import hazard_request
from app.units.importing import PlanChanged, dry_run, import_workbook
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.people.blueprint import pages
from app.web.people.kept_workbook import keep_workbook, kept_workbook
from app.web.people.present_import import dry_run_page, upload_page
from app.web.people.typed import faults_in
from app.web.people.workbook_file import BYTES_MOST, read_workbook
from app.web.people.workbook_sheets import XLSX
from app.web.people.workbook_sheets import template as template_sheet

IMPORT = "people/import.html"


def _upload_again(problem: Problem, **_view_args: Any) -> Response | None:
    if isinstance(problem, NotFound | NotSignedIn | Forbidden):
        return None
    if isinstance(problem, TooLarge):
        problem = Invalid(Fault("workbook", "workbook_too_large", {"mib": BYTES_MOST // 2**20}))
    if isinstance(problem, PlanChanged):
        problem = Invalid(Fault("workbook", "plan_changed"))
    return refused_answer(IMPORT, upload_page(faults=faults_in(problem)), problem=problem)


@pages.get("/import")
@needs(Permission.UNIT_MANAGE)
def upload() -> Response:
    """Where a workbook is handed in."""
    return page_answer(IMPORT, upload_page())


@pages.get("/import/template")
@needs(Permission.UNIT_MANAGE)
def template() -> Response:
    """The workbook to fill."""
    answer = make_response(template_sheet())
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = 'attachment; filename="import.xlsx"'
    return answer


@pages.post("/import")
@needs(Permission.UNIT_MANAGE)
@takes_file(BYTES_MOST)
@shown_again(_upload_again)
def look() -> Response:
    """The dry run: every fault, or what would be done; nothing is written."""
    means, content = runtime(), hazard_request().file_part()
    if not content:
        raise Invalid(Fault("workbook", "required"))
    plan = dry_run(read_workbook(content), by=actor(), at=means.now(), db=means.db)
    token = "" if plan.faults else keep_workbook(content)
    return page_answer(IMPORT, dry_run_page(plan, token=token), status=422 if plan.faults else 200)


@pages.post("/import/do")
@needs(Permission.UNIT_MANAGE)
@shown_again(_upload_again)
def bring_in() -> Response:
    """Import the very bytes that were looked at, all of them or nothing."""
    means = runtime()
    workbook = read_workbook(kept_workbook(request.form.get("token", "")))
    import_workbook(workbook, by=actor(), at=means.now(), db=means.db)
    flash("imported")
    return see_other(url_for("people.links"))
