"""Routes of absences."""

from flask import Blueprint, Response, flash, request, url_for

from app.edge.entrance import actor, runtime, signed_in
from app.edge.fields import Day, Text
from app.edge.reading import CODE_LONGEST, StrictSchema, read
from app.units.taking_leave import LeaveAsked, take_back_leave, take_leave
from app.web.absence.present import FORM, NOBODY, absences_page, leave_again, leave_page
from app.web.again import shown_again
from app.web.answers import page_answer, see_other

pages = Blueprint("absence", __name__)


class LeaveSchema(StrictSchema):
    """An absence as its form says it."""

    login = Text(limit=CODE_LONGEST, required=True)
    from_on = Day(required=True)
    until_on = Day(required=True)
    deputy = Text(limit=CODE_LONGEST, required=True)


@pages.get("/absence")
@signed_in
def absences() -> Response:
    """Who is away, and who stands in."""
    return page_answer("absence/list.html", absences_page())


@pages.get("/absence/new")
@signed_in
def leave() -> Response:
    """The form of an absence: one's own, or that of the person whom an administrator chose."""
    return page_answer(FORM, leave_page(request.args.get("person") or actor().login))


@pages.post("/absence/new")
@signed_in
@shown_again(leave_again)
def enter() -> Response:
    """Enter an absence."""
    means = runtime()
    said = {name: request.form.get(name, "").strip() for name in ("login", "from_on", "until_on", "deputy")}
    told = read(LeaveSchema(), {name: value for name, value in said.items() if value})
    told["deputy"] = None if told["deputy"] == NOBODY else told["deputy"]
    take_leave(LeaveAsked(**told), by=actor(), at=means.now(), db=means.db)
    flash("leave_taken" if told["deputy"] else "leave_taken_alone")
    return see_other(url_for("absence.absences"))


@pages.post("/absence/<key>/end")
@signed_in
def end(key: str) -> Response:
    """Come back early, or not go at all."""
    means = runtime()
    take_back_leave(key, by=actor(), at=means.now(), db=means.db)
    flash("leave_taken_back")
    return see_other(url_for("absence.absences"))
