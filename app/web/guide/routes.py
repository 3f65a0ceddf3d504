"""Routes of the help."""

from flask import Blueprint, Response

from app.edge.entrance import public
from app.web.answers import page_answer
from app.web.guide.present import guide_page

pages = Blueprint("guide", __name__)


@pages.get("/guide")
@public
def own_guide() -> Response:
    """Help for what this reader does."""
    return page_answer("guide/guide.html", guide_page())


@pages.get("/guide/<role>")
@public
def guide(role: str) -> Response:
    """Help for one role."""
    return page_answer("guide/guide.html", guide_page(role))
