"""Routes of the overview, the tree, and a unit."""

from flask import Response, flash, request, url_for

from app.accounts.permissions import Permission
from app.core.errors import Fault, Invalid
from app.edge.entrance import actor, needs, runtime
from app.hazards.moving_units import move_unit
from app.hazards.open_here import open_hazards_in
from app.units.arranging import change_unit, count_people, make_unit, retire_unit
from app.units.correcting import UnitWords
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.setup.blueprint import pages
from app.web.setup.present_forms import headcount_page, move_page, new_unit_page, retire_page, unit_form_page
from app.web.setup.present_overview import overview_page
from app.web.setup.present_units import tree_page, unit_address, unit_page
from app.web.setup.typed import again, day, whole_number

FORM = "setup/form.html"


@pages.get("")
@needs(Permission.UNIT_MANAGE)
def overview() -> Response:
    """What is set up and what is missing."""
    return page_answer("setup/overview.html", overview_page(request.args.get("unit", "")))


@pages.get("/units")
@needs(Permission.UNIT_MANAGE)
def units() -> Response:
    """The tree."""
    return page_answer("setup/tree.html", tree_page())


@pages.get("/units/<code>")
@needs(Permission.UNIT_MANAGE)
def unit(code: str) -> Response:
    """One unit."""
    return page_answer("setup/unit.html", unit_page(code, made=request.args.get("made", "")))


def _words() -> UnitWords:
    form = request.form
    return UnitWords(
        name=form.get("name", ""),
        kind=form.get("kind", ""),
        code=form.get("code", "").strip() or None,
        timezone=form.get("timezone") or None,
    )


@pages.get("/units/<code>/new")
@needs(Permission.UNIT_MANAGE)
def new_unit(code: str) -> Response:
    """The form of a unit below this one."""
    return page_answer(FORM, new_unit_page(code))


@pages.post("/units/<code>/new")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, new_unit_page))
def add_unit(code: str) -> Response:
    """Make a unit below this one."""
    people, means = whole_number(request.form, "headcount"), runtime()
    made = make_unit(code, _words(), headcount=people, by=actor(), at=means.now(), db=means.db)
    flash("unit_made")
    return see_other(unit_address(made.code))


@pages.get("/units/<code>/edit")
@needs(Permission.UNIT_MANAGE)
def edit_unit(code: str) -> Response:
    """The form of a unit."""
    return page_answer(FORM, unit_form_page(code))


@pages.post("/units/<code>/edit")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, unit_form_page))
def save_unit(code: str) -> Response:
    """Change a unit."""
    means = runtime()
    changed = change_unit(code, _words(), by=actor(), at=means.now(), db=means.db)
    flash("unit_changed")
    return see_other(unit_address(changed.code))


@pages.get("/units/<code>/headcount")
@needs(Permission.UNIT_MANAGE)
def headcount(code: str) -> Response:
    """The form of a headcount."""
    return page_answer(FORM, headcount_page(code))


@pages.post("/units/<code>/headcount")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, headcount_page))
def count(code: str) -> Response:
    """Enter a headcount."""
    people, since, means = whole_number(request.form, "headcount"), day(request.form, "since"), runtime()
    if people is None:
        raise Invalid(Fault("headcount", "required"))
    count_people(code, headcount=people, since=since, by=actor(), at=means.now(), db=means.db)
    flash("people_counted")
    return see_other(unit_address(code))


@pages.get("/units/<code>/move")
@needs(Permission.UNIT_MANAGE)
def move(code: str) -> Response:
    """The form that puts a unit under another one."""
    return page_answer(FORM, move_page(code))


@pages.post("/units/<code>/move")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, move_page))
def put_under(code: str) -> Response:
    """Put a unit under another one."""
    means = runtime()
    move_unit(code, parent_code=request.form.get("parent", ""), by=actor(), at=means.now(), db=means.db)
    flash("unit_moved")
    return see_other(unit_address(code))


@pages.get("/units/<code>/retire")
@needs(Permission.UNIT_MANAGE)
def retire(code: str) -> Response:
    """What retiring the unit means, or what is in the way."""
    return page_answer("setup/retire.html", retire_page(code))


@pages.post("/units/<code>/retire")
@needs(Permission.UNIT_MANAGE)
@shown_again(again("setup/retire.html", retire_page))
def end_unit(code: str) -> Response:
    """Retire the unit."""
    means = runtime()
    retire_unit(code, open_hazards=open_hazards_in, by=actor(), at=means.now(), db=means.db)
    flash("unit_retired")
    return see_other(url_for("setup.units"))
