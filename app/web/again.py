"""Forms that are shown again when they are refused, with everything that was typed kept."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Response, current_app, request

from app.core.errors import Problem

View = TypeVar("View", bound=Callable[..., Any])
ShowAgain = Callable[..., Response | None]
_MARK: Final = "show_again"


def shown_again(show: ShowAgain) -> Callable[[View], View]:
    """Mark a view: its form `show(problem, **view_args)` renders once more, or None.

    A mark and no `try` in the view, because a refusal often comes before the view: the check against forged
    requests reads the form, and with it the photos.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, show)
        return view

    return mark


def form_again(problem: Problem) -> Response | None:
    """The refused form of this request, if its view has one and enough of it arrived to show."""
    if request.method != "POST" or request.endpoint is None:
        return None
    show = getattr(current_app.view_functions[request.endpoint], _MARK, None)
    # A body refused by its headers was never read: an empty form would lose the choice to stay anonymous.
    if show is None or "csrf_token" not in request.form:
        return None
    try:
        shown: Response | None = show(problem, **(request.view_args or {}))
    except Problem:
        # What refused the form also keeps it from being shown (the database is away): the plain page tells it.
        return None
    return shown
