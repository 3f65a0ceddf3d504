"""Routes of the routing rules; every one of them for administrators, in the units they manage."""

from flask import Blueprint, Response, flash, request, url_for

from app.accounts.permissions import Permission
from app.core.errors import BadRequest, Invalid, Problem
from app.edge.entrance import actor, needs, runtime
from app.edge.wording import CATEGORY_NAMES
from app.units.ruling import RuleWords, change_rule, make_rule, move_rule, remove_rule, switch_rule
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.forms import field_faults
from app.web.rules.present import edit_form, new_form, remove_page, rules_page
from app.web.rules.present_try import try_page

pages = Blueprint("rules", __name__, url_prefix="/rules")


@pages.get("")
@needs(Permission.UNIT_MANAGE)
def rules() -> Response:
    """Every rule of the units one manages, in order."""
    return page_answer("rules/rules.html", rules_page())


@pages.get("/try")
@needs(Permission.UNIT_MANAGE)
def try_out() -> Response:
    """Who would get a hazard here, of this category, and why; writes nothing."""
    return page_answer("rules/try.html", try_page())


def _new_again(problem: Problem) -> Response | None:
    if not isinstance(problem, Invalid):
        return None
    page = new_form(request.args.get("unit", ""), faults=field_faults(problem))
    return refused_answer("rules/form.html", page, problem=problem)


def _edit_again(problem: Problem, key: str) -> Response | None:
    if not isinstance(problem, Invalid):
        return None
    return refused_answer("rules/form.html", edit_form(key, faults=field_faults(problem)), problem=problem)


@pages.get("/new")
@needs(Permission.UNIT_MANAGE)
def new() -> Response:
    """The form of a new rule."""
    return page_answer("rules/form.html", new_form(request.args.get("unit", "")))


@pages.post("/new")
@needs(Permission.UNIT_MANAGE)
@shown_again(_new_again)
def make() -> Response:
    """Add a rule, last in its unit's order."""
    means = runtime()
    unit = request.args.get("unit", "")
    make_rule(unit, _words(), known=CATEGORY_NAMES, by=actor(), at=means.now(), db=means.db)
    return _done("rule_made", unit)


@pages.get("/<key>/edit")
@needs(Permission.UNIT_MANAGE)
def edit(key: str) -> Response:
    """The form of a rule that is there."""
    return page_answer("rules/form.html", edit_form(key))


@pages.post("/<key>/edit")
@needs(Permission.UNIT_MANAGE)
@shown_again(_edit_again)
def change(key: str) -> Response:
    """Change a rule."""
    means = runtime()
    change_rule(key, _words(), known=CATEGORY_NAMES, by=actor(), at=means.now(), db=means.db)
    return _done("rule_changed")


@pages.post("/<key>/move")
@needs(Permission.UNIT_MANAGE)
def move(key: str) -> Response:
    """Ask a rule one place earlier or later."""
    means, direction = runtime(), request.form.get("direction", "")
    if direction not in {"up", "down"}:
        raise BadRequest
    move_rule(key, up=direction == "up", by=actor(), at=means.now(), db=means.db)
    return _done("rule_moved", key)


@pages.post("/<key>/switch")
@needs(Permission.UNIT_MANAGE)
def switch(key: str) -> Response:
    """Let a rule rest or work."""
    means, wanted = runtime(), request.form.get("on", "")
    if wanted not in {"0", "1"}:
        raise BadRequest
    switch_rule(key, on=wanted == "1", by=actor(), at=means.now(), db=means.db)
    return _done("rule_on" if wanted == "1" else "rule_off", key)


@pages.get("/<key>/remove")
@needs(Permission.UNIT_MANAGE)
def removal(key: str) -> Response:
    """Ask once more."""
    return page_answer("rules/remove.html", remove_page(key))


@pages.post("/<key>/remove")
@needs(Permission.UNIT_MANAGE)
def remove(key: str) -> Response:
    """Remove a rule."""
    means = runtime()
    remove_rule(key, by=actor(), at=means.now(), db=means.db)
    return _done("rule_removed")


def _words() -> RuleWords:
    form = request.form
    kind, _, name = form.get("spot", "").partition(":")
    return RuleWords(
        officer=form.get("officer", ""),
        category=form.get("category", ""),
        place=name if kind == "place" else "",
        # Anything else that was sent names no area, and is refused as one.
        area=name if kind == "area" else "" if kind in {"place", ""} else "?",
    )


def _done(notice: str, anchor: str = "") -> Response:
    flash(notice)
    return see_other(url_for("rules.rules", _anchor=anchor or None))
