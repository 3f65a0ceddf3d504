"""Routes of the officer's numbers."""

from flask import Blueprint, Response

from app.accounts.permissions import Permission
from app.edge.entrance import needs
from app.web.answers import page_answer
from app.web.numbers.present import behind_page, numbers_page
from app.web.numbers.present_gallery import gallery_page

pages = Blueprint("numbers", __name__)


@pages.get("/numbers")
@needs(Permission.HAZARD_READ)
def numbers() -> Response:
    """On-time rate, ages, trend, categories and places of a unit."""
    return page_answer("numbers/numbers.html", numbers_page())


@pages.get("/numbers/gallery")
@needs(Permission.HAZARD_READ)
def gallery() -> Response:
    """Repairs, before beside after."""
    return page_answer("numbers/gallery.html", gallery_page())


@pages.get("/numbers/hazards/<figure>")
@needs(Permission.HAZARD_READ)
def behind(figure: str) -> Response:
    """The hazards behind one figure."""
    return page_answer("numbers/behind.html", behind_page(figure))
