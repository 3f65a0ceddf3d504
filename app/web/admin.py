"""Pages of the places: the list, each place's poster, and sheets of many."""

from flask import Blueprint, Response, request

from app.accounts.permissions import Permission
from app.core.errors import Forbidden
from app.edge.entrance import actor, needs
from app.web.answers import page_answer
from app.web.present_places import places_page, poster_page
from app.web.present_sheet import sheet_page

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


@pages.get("/places/sheet")
@needs(Permission.PLACE_READ)
def sheet() -> Response:
    """A4 sheets with the labels of a unit's places, or of the chosen ones."""
    _check_duty()
    said = request.args
    page = sheet_page(unit=said.get("unit", ""), chosen=said.getlist("place"), per=said.get("per", ""))
    return page_answer("admin/sheet.html", page)


@pages.get("/places/<code>/poster")
@needs(Permission.PLACE_READ)
def poster(code: str) -> Response:
    """A place's printable A6 poster."""
    _check_duty()
    return page_answer("admin/poster.html", poster_page(code))
