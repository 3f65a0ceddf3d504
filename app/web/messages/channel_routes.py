"""Routes of the units' robots, and of the private hosts that may be reached."""

from flask import Response, flash, request, url_for

from app.accounts.permissions import Permission
from app.core.errors import Problem
from app.edge.entrance import actor, needs, runtime
from app.notifications.channels import (
    ChannelForm,
    add_channel,
    change_channel,
    remove_channel,
    send_trial,
    try_again,
)
from app.notifications.listed_hosts import list_host, unlist_host, ways_of
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.forms import field_faults
from app.web.messages.present_channels import channel_page, channels_page, new_channel_page
from app.web.messages.routes import pages

__all__ = ["pages"]
LIST, FORM = "messages/channels.html", "messages/channel.html"


def _form() -> ChannelForm:
    texts = ("name", "kind", "webhook", "secret", "keyword", "language")
    said = {name: request.form.get(name, "").strip() for name in texts}
    return ChannelForm(topics=tuple(request.form.getlist("topic")), **said)


def _new_again(problem: Problem) -> Response:
    return refused_answer(FORM, new_channel_page(faults=field_faults(problem)), problem=problem)


def _change_again(problem: Problem, code: str) -> Response:
    return refused_answer(FORM, channel_page(code, faults=field_faults(problem)), problem=problem)


def _host_again(problem: Problem) -> Response:
    return refused_answer(LIST, channels_page(faults=field_faults(problem)), problem=problem)


@pages.get("/channels")
@needs(Permission.UNIT_MANAGE)
def channels() -> Response:
    """Every robot of the units the reader manages, and what could not be sent."""
    return page_answer(LIST, channels_page())


@pages.get("/channels/new")
@needs(Permission.UNIT_MANAGE)
def new_channel() -> Response:
    """The form of a new robot."""
    return page_answer(FORM, new_channel_page())


@pages.post("/channels/new")
@needs(Permission.UNIT_MANAGE)
@shown_again(_new_again)
def add() -> Response:
    """Set up a robot."""
    means = runtime()
    code = add_channel(request.form.get("unit", ""), _form(), by=actor(), at=means.now(), db=means.db)
    flash("channel_added")
    return see_other(url_for("messages.channel", code=code))


@pages.get("/channels/<code>")
@needs(Permission.UNIT_MANAGE)
def channel(code: str) -> Response:
    """One robot."""
    return page_answer(FORM, channel_page(code))


@pages.post("/channels/<code>")
@needs(Permission.UNIT_MANAGE)
@shown_again(_change_again)
def change(code: str) -> Response:
    """Change a robot."""
    means = runtime()
    change_channel(code, _form(), by=actor(), at=means.now(), db=means.db)
    flash("channel_changed")
    return see_other(url_for("messages.channel", code=code))


@pages.post("/channels/<code>/trial")
@needs(Permission.UNIT_MANAGE)
@shown_again(_change_again)
def trial(code: str) -> Response:
    """Send a trial message, and show what the robot answered."""
    means = runtime()
    with means.db.read() as session:
        ways = ways_of(session, means.settings)
    fault = send_trial(code, ways, by=actor(), at=means.now(), db=means.db)
    return page_answer(FORM, channel_page(code, trial=fault, tried=True))


@pages.post("/channels/<code>/again")
@needs(Permission.UNIT_MANAGE)
def again(code: str) -> Response:
    """Try again what could not be sent."""
    means = runtime()
    try_again(code, by=actor(), at=means.now(), db=means.db)
    flash("again_waiting")
    return see_other(url_for("messages.channels"))


@pages.post("/channels/<code>/remove")
@needs(Permission.UNIT_MANAGE)
def remove(code: str) -> Response:
    """Remove a robot and forget its key."""
    means = runtime()
    remove_channel(code, by=actor(), at=means.now(), db=means.db)
    flash("channel_removed")
    return see_other(url_for("messages.channels"))


@pages.post("/hosts")
@needs(Permission.UNIT_MANAGE)
@shown_again(_host_again)
def list_one() -> Response:
    """List a private host."""
    means = runtime()
    list_host(request.form.get("entry", ""), by=actor(), at=means.now(), db=means.db)
    flash("host_listed")
    return see_other(url_for("messages.channels"))


@pages.post("/hosts/remove")
@needs(Permission.UNIT_MANAGE)
def unlist_one() -> Response:
    """Take a host off the list."""
    means = runtime()
    unlist_host(request.form.get("entry", ""), by=actor(), at=means.now(), db=means.db)
    flash("host_unlisted")
    return see_other(url_for("messages.channels"))
