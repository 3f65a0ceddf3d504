"""Routes of areas."""

from flask import Response, flash, request

from app.accounts.permissions import Permission
from app.edge.entrance import actor, needs, runtime
from app.units.areas import change_area, make_area, retire_area
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.setup.blueprint import pages
from app.web.setup.present_areas import area_page, new_area_page
from app.web.setup.present_units import unit_address
from app.web.setup.typed import again, positions

EDITOR = "setup/area.html"


@pages.get("/units/<code>/areas/new")
@needs(Permission.UNIT_MANAGE)
def new_area(code: str) -> Response:
    """The editor of a new area."""
    return page_answer(EDITOR, new_area_page(code))


@pages.post("/units/<code>/areas/new")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(EDITOR, new_area_page))
def add_area(code: str) -> Response:
    """Make an area."""
    name, corners, means = request.form.get("name", ""), positions(request.form, "corners"), runtime()
    make_area(code, name=name, corners=corners, by=actor(), at=means.now(), db=means.db)
    flash("area_made")
    return see_other(unit_address(code))


@pages.get("/areas/<key>")
@needs(Permission.UNIT_MANAGE)
def edit_area(key: str) -> Response:
    """The editor of an area that exists."""
    return page_answer(EDITOR, area_page(key))


@pages.post("/areas/<key>")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(EDITOR, area_page))
def save_area(key: str) -> Response:
    """Change an area."""
    name, corners, means = request.form.get("name", ""), positions(request.form, "corners"), runtime()
    unit = change_area(key, name=name, corners=corners, by=actor(), at=means.now(), db=means.db)
    flash("area_changed")
    return see_other(unit_address(unit.code))


@pages.post("/areas/<key>/retire")
@needs(Permission.UNIT_MANAGE)
def end_area(key: str) -> Response:
    """Remove an area."""
    means = runtime()
    unit = retire_area(key, by=actor(), at=means.now(), db=means.db)
    flash("area_retired")
    return see_other(unit_address(unit.code))
