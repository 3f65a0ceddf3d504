"""Pages of the places: the list, and each place's poster."""

from flask import Blueprint, Response

from app.accounts.permissions import Permission
from app.core.errors import Forbidden
from app.edge.entrance import actor, needs
from app.web.answers import page_answer
from app.web.present_places import places_page, poster_page

pages = Blueprint("admin", __name__)


def _check_duty() -> None:
    """Posters are for who answers for a unit; others read places only in the report form."""
    duties = (Permission.UNIT_MANAGE, Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)
    if not any(actor().can_somewhere(duty) for duty in duties):
        raise Forbidden


@pages.get("/places")
@needs(Permission.PLACE_READ)
def places() -> Response:
    """Every place the reader may see, by unit."""
    _check_duty()
    return page_answer("admin/places.html", places_page())


@pages.get("/places/<code>/poster")
@needs(Permission.PLACE_READ)
def poster(code: str) -> Response:
    """A place's printable A6 poster."""
    _check_duty()
    return page_answer("admin/poster.html", poster_page(code))
