"""Routes of what a unit decides for itself, and of the record of changes."""

from flask import Response, flash, request

from app.accounts.permissions import Permission
from app.edge.entrance import actor, needs, runtime
from app.edge.wording import CATEGORY_NAMES
from app.units.choosing import ALWAYS_SHOWN, count_deadlines_in, hide_categories
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.setup.blueprint import pages
from app.web.setup.present_changes import changes_page
from app.web.setup.present_choices import categories_page, deadlines_page
from app.web.setup.present_units import unit_address
from app.web.setup.typed import again

FORM = "setup/form.html"
CATEGORIES = "setup/categories.html"


@pages.get("/units/<code>/categories")
@needs(Permission.UNIT_MANAGE)
def categories(code: str) -> Response:
    """Which categories the unit's forms offer."""
    return page_answer(CATEGORIES, categories_page(code))


@pages.post("/units/<code>/categories")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(CATEGORIES, categories_page))
def choose_categories(code: str) -> Response:
    """Show and hide categories; 其他 has no box, because it always stays."""
    follows, means = request.form.get("follows") == "1", runtime()
    shown = {*request.form.getlist("shown"), ALWAYS_SHOWN}
    hidden = None if follows else CATEGORY_NAMES.keys() - shown
    hide_categories(code, hidden, known=CATEGORY_NAMES.keys(), by=actor(), at=means.now(), db=means.db)
    flash("categories_chosen")
    return see_other(unit_address(code))


@pages.get("/units/<code>/deadlines")
@needs(Permission.UNIT_MANAGE)
def deadlines(code: str) -> Response:
    """How days of a deadline are counted in the unit."""
    return page_answer(FORM, deadlines_page(code))


@pages.post("/units/<code>/deadlines")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(FORM, deadlines_page))
def choose_deadlines(code: str) -> Response:
    """Choose how days of a deadline are counted."""
    means, days = runtime(), request.form.get("deadline_days", "")
    count_deadlines_in(code, days or None, by=actor(), at=means.now(), db=means.db)
    flash("deadlines_chosen")
    return see_other(unit_address(code))


@pages.get("/changes")
@needs(Permission.UNIT_MANAGE)
def changes() -> Response:
    """Who changed what, newest first."""
    said = request.args
    page = changes_page(unit=said.get("unit", ""), kind=said.get("kind", ""), before=said.get("before", ""))
    return page_answer("setup/changes.html", page)
