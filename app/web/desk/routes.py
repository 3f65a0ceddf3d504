"""Routes of this room: acts on several hazards at once."""

from flask import Blueprint, Response

from app.core.errors import Forbidden, NotFound, NotSignedIn, Problem
from app.edge.entrance import signed_in
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer
from app.web.desk.batch import batched, form_page, move_each

pages = Blueprint("desk", __name__)


@pages.get("/desk/<action>")
@signed_in
def batch_form(action: str) -> Response:
    """The form for the hazards that were ticked."""
    return page_answer("desk/batch.html", form_page(batched(action)))


def _again(problem: Problem, action: str) -> Response | None:
    """The refused form, kept; None where another try would be refused the same way."""
    if isinstance(problem, NotFound | NotSignedIn | Forbidden):
        return None
    return refused_answer("desk/batch.html", form_page(batched(action), problem=problem), problem=problem)


@pages.post("/desk/<action>")
@signed_in
@shown_again(_again)
def batch(action: str) -> Response:
    """Make one move with each of them; the answer tells what became of each."""
    return page_answer("desk/done.html", move_each(batched(action)))
