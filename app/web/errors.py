"""What went wrong, as pages; none of them asks the database, which may be what failed."""

from typing import Final

from flask import Response, g, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import (
    ClientIdReused,
    Invalid,
    NotOpen,
    NotSignedIn,
    Problem,
    TooMany,
    Unavailable,
    VersionConflict,
)
from app.edge.http_status import status_of, status_of_http
from app.edge.wording import PROBLEMS, sentence_of, title_of
from app.web.again import form_again
from app.web.answers import page_answer, see_other
from app.web.frames import bare_frame, here
from app.web.pages import ErrorPage

SENT: Final = "sent"
"""The session's field: what this account's forms became, number by client_id."""


def problem_page(problem: Problem) -> Response:
    """The form once more, the login, or the page that says what to do next."""
    shown = form_again(problem)
    if shown is not None:
        return shown
    if isinstance(problem, NotSignedIn) and request.method in {"GET", "HEAD"}:
        return see_other(url_for("account.login", next=here()))
    page = ErrorPage(
        frame=bare_frame(),
        status=status_of(problem),
        code=problem.code,
        detail=_detail(problem),
        hazard_href=_hazard(problem),
        retry_after=problem.retry_after if isinstance(problem, TooMany | Unavailable) else None,
        next_href=_next(problem),
        request_id=_request_id(),
    )
    answer = page_answer("error.html", page, status=page.status)
    if page.retry_after is not None:
        answer.headers["Retry-After"] = str(page.retry_after)
    return answer


def _detail(problem: Problem) -> str:
    if isinstance(problem, Invalid):
        return " ".join(sentence_of(fault) for fault in problem.faults)
    if isinstance(problem, NotOpen) or (isinstance(problem, NotSignedIn) and problem.values.get("reason")):
        return title_of(problem)
    number = _own_number(problem)
    return str(_("第一次交的已经收到，编号 %(number)s。", number=number)) if number else ""


def _own_number(problem: Problem) -> str:
    """What this form became when it was first sent from here with an account; never for an anonymous report."""
    if not isinstance(problem, ClientIdReused):
        return ""
    return str(session.get(SENT, {}).get(request.form.get("client_id", ""), ""))


def _hazard(problem: Problem) -> str:
    number = _own_number(problem)
    return url_for("reporter.hazard", number=number) if number else ""


def _next(problem: Problem) -> str:
    number = (request.view_args or {}).get("number")
    if isinstance(problem, VersionConflict | NotOpen) and number:
        return url_for("officer.ticket", number=number)
    if isinstance(problem, NotSignedIn):
        return url_for("account.login", next=here() if request.method == "GET" else "")
    if isinstance(problem, ClientIdReused):
        return request.path
    return ""


def _request_id() -> str:
    return str(g.get("request_id", ""))


def http_page(error: HTTPException) -> Response:
    """What the framework itself refuses; its own redirects pass through."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004  # HTTP's classes
        passed = error.get_response()
        return Response(passed.get_data(), passed.status_code, dict(passed.headers))
    code, status = ("csrf", status) if isinstance(error, CSRFError) else status_of_http(error)
    detail = str(PROBLEMS[code]) if code in {"csrf", "method_not_allowed"} else ""
    page = ErrorPage(frame=bare_frame(), status=status, code=code, detail=detail, request_id=_request_id())
    answer = page_answer("error.html", page, status=status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def internal_page() -> Response:
    """A bug, told without any of it."""
    page = ErrorPage(frame=bare_frame(), status=500, code="problem", request_id=_request_id())
    return page_answer("error.html", page, status=500)
