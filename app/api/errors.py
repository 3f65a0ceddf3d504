"""Problems as `application/problem+json` (RFC 9457), with stable codes and titles in the caller's language."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import Invalid, NotOpen, Problem, Unavailable, VersionConflict
from app.core.errors import TooMany as TooManyHazards
from app.edge.http_status import status_of, status_of_http
from app.edge.throttle import retry_after
from app.edge.wording import PROBLEMS, sentence_of, title_of


def _answer(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps({**body, "status": status}, ensure_ascii=False, sort_keys=True)
    answer = Response(text, status, headers, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def problem_answer(problem: Problem) -> Response:
    """The answer to a refused call; a foreign and an absent hazard give the same bytes."""
    body: dict[str, Any] = {"code": problem.code, "title": title_of(problem)}
    headers: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors: dict[str, list[dict[str, Any]]] = {}
        for fault in problem.faults:
            told = {"code": fault.code, "message": sentence_of(fault), **fault.values}
            errors.setdefault(fault.field, []).append(told)
        body["errors"] = errors
    elif isinstance(problem, VersionConflict):
        body["current_version"] = problem.current_version
    elif isinstance(problem, NotOpen):
        body["why"] = problem.why
    elif isinstance(problem, TooManyHazards | Unavailable):
        headers["Retry-After"] = str(problem.retry_after)
    else:
        body |= {name: value for name, value in problem.values.items() if name in {"what", "limit", "n", "reason"}}
    if status_of(problem) == 401:  # noqa: PLR2004  # the status has a header of its own
        headers["WWW-Authenticate"] = 'Bearer realm="hazards"'
    return _answer(body, status_of(problem), headers)


def http_answer(error: HTTPException) -> Response:
    """What the framework itself refuses: an unknown address, a method, a broken request."""
    code, status = status_of_http(error)
    if isinstance(error, CSRFError):
        code = "csrf"
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    if status == HTTPStatus.TOO_MANY_REQUESTS and (seconds := retry_after()):
        headers["Retry-After"] = str(seconds)
    return _answer({"code": code, "title": str(PROBLEMS[code])}, status, headers)


def internal_answer() -> Response:
    """A bug, told without any of it."""
    return _answer({"code": "internal", "title": str(PROBLEMS["internal"])}, 500)
