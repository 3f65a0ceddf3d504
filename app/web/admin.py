"""Pages of the places: the list, and each place's poster."""

from flask import Blueprint, Response

from app.accounts.permissions import Permission
from app.edge.entrance import needs
from app.web.answers import page_answer
from app.web.present_places import places_page, poster_page

pages = Blueprint("admin", __name__)


@pages.get("/places")
@needs(Permission.PLACE_READ)
def places() -> Response:
    """Every place the reader may see, by unit."""
    return page_answer("admin/places.html", places_page())


@pages.get("/places/<code>/poster")
@needs(Permission.PLACE_READ)
def poster(code: str) -> Response:
    """A place's printable A6 poster."""
    return page_answer("admin/poster.html", poster_page(code))
