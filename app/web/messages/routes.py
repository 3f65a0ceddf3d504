"""Routes of messages: the list, opening one, and what each person wants to hear where."""

from typing import Final

from flask import Blueprint, Response, flash, request, url_for

from app.core.errors import Fault, Invalid, NotFound, Problem
from app.edge.entrance import actor, runtime, signed_in
from app.edge.throttle import code_letters
from app.notifications.letters import send_code
from app.notifications.listed_hosts import ways_of
from app.notifications.mailbox import open_message, read_all
from app.notifications.preferences import choose, confirm_address, forget_address, name_address
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.forms import field_faults
from app.web.messages.present import messages_page, page_language, preferences_page

pages = Blueprint("messages", __name__, url_prefix="/messages")
PREFERENCES: Final = "messages/preferences.html"


def _preferences_again(problem: Problem) -> Response:
    return refused_answer(PREFERENCES, preferences_page(faults=field_faults(problem)), problem=problem)


@pages.get("")
@signed_in
def messages() -> Response:
    """The list, unread first."""
    return page_answer("messages/list.html", messages_page())


@pages.post("/<code>/open")
@signed_in
def opened(code: str) -> Response:
    """Mark one read, and go on to its hazard as this reader may see it."""
    means = runtime()
    opened_message = open_message(code, by=actor(), at=means.now(), db=means.db)
    if opened_message.number:
        return see_other(url_for("reporter.hazard", number=opened_message.number))
    if opened_message.readable:
        return see_other(url_for("account.home"))
    flash("message_out_of_reach")
    return see_other(url_for("messages.messages"))


@pages.post("/read")
@signed_in
def read() -> Response:
    """Mark everything read that the page showed or reached to."""
    means = runtime()
    newest = request.form.get("newest", "")
    if newest:
        read_all(by=actor(), up_to=newest, at=means.now(), db=means.db)
        flash("messages_read")
    return see_other(url_for("messages.messages"))


@pages.get("/preferences")
@signed_in
def preferences() -> Response:
    """What the reader wants to hear, where, and in which language."""
    return page_answer(PREFERENCES, preferences_page())


@pages.post("/preferences")
@signed_in
@shown_again(_preferences_again)
def keep() -> Response:
    """Keep what was chosen."""
    means, form = runtime(), request.form
    hour = form.get("digest_hour", "")
    if not (hour.isascii() and hour.isdecimal() and len(hour) <= 2):  # noqa: PLR2004  # an hour has two digits
        raise Invalid(Fault("digest_hour", "not_a_choice"))
    choose(
        by=actor(),
        language=form.get("language", ""),
        heard=form.getlist("topic"),
        digest=form.get("digest") == "1",
        digest_hour=int(hour),
        at=means.now(),
        db=means.db,
    )
    flash("preferences_kept")
    return see_other(url_for("messages.preferences"))


@pages.post("/preferences/address")
@signed_in
@code_letters
@shown_again(_preferences_again)
def address() -> Response:
    """Name the address, and send it a code."""
    means = runtime()
    if not means.settings.smtp_url:
        raise NotFound
    email = request.form.get("email", "").strip()
    code = name_address(email, by=actor(), at=means.now(), db=means.db)
    with means.db.read() as session:
        ways = ways_of(session, means.settings)
    fault = send_code(ways, email, code, language=page_language())
    flash("code_not_sent" if fault else "code_sent")
    return see_other(url_for("messages.preferences"))


@pages.post("/preferences/code")
@signed_in
@shown_again(_preferences_again)
def confirm() -> Response:
    """Confirm the address with the code that came."""
    means = runtime()
    confirm_address(request.form.get("code", ""), by=actor(), at=means.now(), db=means.db)
    flash("address_confirmed")
    return see_other(url_for("messages.preferences"))


@pages.post("/preferences/address/forget")
@signed_in
def forget() -> Response:
    """No e-mail any more."""
    means = runtime()
    forget_address(by=actor(), at=means.now(), db=means.db)
    flash("address_forgotten")
    return see_other(url_for("messages.preferences"))
