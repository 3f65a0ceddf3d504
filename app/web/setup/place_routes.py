"""Routes of places."""

from flask import Response, flash, request, url_for

from app.accounts.permissions import Permission
from app.edge.entrance import actor, needs, runtime
from app.units.correcting import PlaceWords
from app.units.placing import change_place, make_place, renew_scan_code, retire_place
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.setup.blueprint import pages
from app.web.setup.present_forms import new_place_page, place_page
from app.web.setup.present_units import unit_address
from app.web.setup.typed import again, position

FORM = "setup/form.html"


def _words() -> PlaceWords:
    lat, lon = position(request.form)
    guests = "allows_guests" in request.form
    return PlaceWords(name=request.form.get("name", ""), lat=lat, lon=lon, allows_guests=guests)


@pages.get("/units/<code>/places/new")
@needs(Permission.UNIT_MANAGE)
def new_place(code: str) -> Response:
    """The form of a place."""
    return page_answer(FORM, new_place_page(code))


@pages.post("/units/<code>/places/new")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, new_place_page))
def add_place(code: str) -> Response:
    """Make a place."""
    means, wanted = runtime(), request.form.get("code", "").strip() or None
    make_place(code, _words(), code=wanted, by=actor(), at=means.now(), db=means.db)
    flash("place_made")
    return see_other(url_for("setup.unit", code=code, made="place"))


@pages.get("/places/<code>")
@needs(Permission.UNIT_MANAGE)
def edit_place(code: str) -> Response:
    """The form of a place that exists."""
    return page_answer(FORM, place_page(code))


@pages.post("/places/<code>")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, place_page))
def save_place(code: str) -> Response:
    """Change a place."""
    means, unit = runtime(), request.form.get("unit", "")
    now_in = change_place(code, _words(), unit_code=unit or None, by=actor(), at=means.now(), db=means.db)
    flash("place_changed")
    return see_other(unit_address(now_in.code))


@pages.post("/places/<code>/renew")
@needs(Permission.UNIT_MANAGE)
def renew_place(code: str) -> Response:
    """Make the QR code of a place anew."""
    means = runtime()
    renew_scan_code(code, by=actor(), at=means.now(), db=means.db)
    flash("scan_code_renewed")
    return see_other(url_for("setup.edit_place", code=code))


@pages.post("/places/<code>/retire")
@needs(Permission.UNIT_MANAGE)
def end_place(code: str) -> Response:
    """Retire a place."""
    means = runtime()
    was_in = retire_place(code, by=actor(), at=means.now(), db=means.db)
    flash("place_retired")
    return see_other(unit_address(was_in.code))
