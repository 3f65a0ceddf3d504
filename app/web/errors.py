"""What went wrong, as pages; they get by without the database, which may be what failed."""

from contextlib import suppress
from typing import Final

from flask import Response, current_app, g, request, session, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import (
    ClientIdReused,
    Invalid,
    NotFound,
    NotOpen,
    NotSignedIn,
    Problem,
    TooMany,
    Unavailable,
    VersionConflict,
)
from app.edge.entrance import actor_or_none, runtime
from app.edge.http_status import status_of, status_of_http
from app.edge.throttle import retry_after
from app.edge.wording import sentence_of, title_of
from app.web import words
from app.web.again import form_again
from app.web.answers import page_answer, see_other
from app.web.forms import FormExpired
from app.web.frames import bare_frame, frame_of, here
from app.web.pages import ErrorPage, Fact, Frame
from app.web.present_reported import view_for_reader
from app.web.present_timeline import timeline_of

SENT: Final = "sent"
"""The session's field: what this account's forms became, number by client_id."""
LINK_GONE: Final = "link_gone"
CODE_GONE: Final = "code_gone"
SCANNED_VIEWS: Final = frozenset({"reporter.scanned", "reporter.send_from"})
"""Where a place's code leads: absent, foreign, retired and renewed ones answer alike."""
LINK_VIEWS: Final = frozenset({"account.welcome", "account.choose"})
"""Where a one-time link leads."""


def problem_page(problem: Problem) -> Response:
    """The form once more, the login, or the page that says what to do next."""
    shown = form_again(problem)
    number = str((request.view_args or {}).get("number", ""))
    if shown is not None:
        return shown
    if isinstance(problem, NotSignedIn) and request.method in {"GET", "HEAD"}:
        return see_other(url_for("account.login", next=here()))
    page = ErrorPage(
        frame=_frame(status_of(problem)),
        status=status_of(problem),
        code=_code(problem),
        detail=_detail(problem),
        hazard_href=_hazard(problem),
        typed=typed_texts() if isinstance(problem, NotSignedIn | VersionConflict) else (),
        happened=_latest(number) if isinstance(problem, VersionConflict) and number else "",
        retry_after=problem.retry_after if isinstance(problem, TooMany | Unavailable) else None,
        next_href=_next(problem),
        request_id=_request_id(),
    )
    answer = page_answer("error.html", page, status=page.status)
    if page.retry_after is not None:
        answer.headers["Retry-After"] = str(page.retry_after)
    return answer


def _code(problem: Problem) -> str:
    """A one-time link or a QR code that opens nothing says so, whatever it was once; the rest by its own code."""
    if isinstance(problem, NotFound) and request.endpoint in LINK_VIEWS:
        return LINK_GONE
    if isinstance(problem, NotFound | NotSignedIn) and request.endpoint in SCANNED_VIEWS:
        return CODE_GONE
    return problem.code


def _detail(problem: Problem) -> str:
    if isinstance(problem, Invalid):
        return " ".join(sentence_of(fault) for fault in problem.faults)
    if isinstance(problem, NotOpen) or (isinstance(problem, NotSignedIn) and problem.values.get("reason")):
        return title_of(problem)
    number = _own_number(problem)
    return str(_("第一次交的已经收到，编号 %(number)s。", number=number)) if number else ""


def _readable_path() -> str:
    """This address, if it can be opened again after signing in."""
    try:
        current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return ""
    return request.path


def typed_texts() -> tuple[Fact, ...]:
    """What the refused form said in words: it must not be lost with the page."""
    return tuple(Fact(code=name, value=request.form[name]) for name in words.TYPED if request.form.get(name))


def _latest(number: str) -> str:
    """Who did what before; empty when the hazard is out of sight by now."""
    try:
        lines = timeline_of(view_for_reader(number), at=runtime().now())
    except Problem:
        return ""
    return f"{lines[-1].at} {lines[-1].who} {lines[-1].what}" if lines else ""


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
        return url_for("account.login", next=here() if request.method == "GET" else _readable_path())
    if _code(problem) == LINK_GONE:
        return url_for("account.login")
    if isinstance(problem, ClientIdReused):
        return request.path
    return ""


def _request_id() -> str:
    return str(g.get("request_id", ""))


def _frame(status: int) -> Frame:
    """With the reader's menu, unless what failed is what the menu would ask."""
    if status < 500:  # noqa: PLR2004  # HTTP's classes
        with suppress(Problem):
            return frame_of(tells=False)
    return bare_frame()


def _signed_in() -> bool:
    try:
        return actor_or_none() is not None
    except Problem:
        return False


def http_page(error: HTTPException) -> Response:
    """What the framework itself refuses; its own redirects pass through."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004  # HTTP's classes
        passed = error.get_response()
        return Response(passed.get_data(), passed.status_code, dict(passed.headers))
    if isinstance(error, CSRFError):
        shown = form_again(FormExpired()) if _signed_in() else None
        if shown is not None:
            return shown
    if status == 429:  # noqa: PLR2004  # the limiter's own exception
        shown = form_again(TooMany(retry_after=retry_after() or 60))
        if shown is not None:
            return shown
    code, status = ("csrf", status) if isinstance(error, CSRFError) else status_of_http(error)
    page = ErrorPage(
        frame=_frame(status),
        status=status,
        code=code,
        typed=typed_texts() if isinstance(error, CSRFError) else (),
        request_id=_request_id(),
    )
    answer = page_answer("error.html", page, status=status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    if status == 429 and (seconds := retry_after()):  # noqa: PLR2004  # as above
        answer.headers["Retry-After"] = str(seconds)
    return answer


def internal_page() -> Response:
    """A bug, told without any of it."""
    page = ErrorPage(frame=bare_frame(), status=500, code="problem", request_id=_request_id())
    return page_answer("error.html", page, status=500)
