"""How a page becomes an answer."""

from flask import Response, make_response, redirect, render_template

from app.core.errors import Problem, TooMany, Unavailable
from app.edge.http_status import status_of


def page_answer(template: str, page: object, *, status: int = 200) -> Response:
    """The page, never kept by caches: it is somebody's own."""
    answer = make_response(render_template(template, page=page), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def piece_answer(template: str, **values: object) -> Response:
    """A piece of a page for a script of ours, never kept by caches."""
    answer = make_response(render_template(template, **values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def refused_answer(template: str, page: object, *, problem: Problem) -> Response:
    """The page with the status of the problem it tells."""
    answer = page_answer(template, page, status=status_of(problem))
    if isinstance(problem, TooMany | Unavailable):
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def see_other(address: str) -> Response:
    """Go on with a GET there: a reload then repeats nothing."""
    answer = redirect(address, 303)
    assert isinstance(answer, Response)  # noqa: S101  # the application's own response class
    return answer
