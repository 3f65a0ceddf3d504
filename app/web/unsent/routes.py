"""The drafts of this phone, and who is signed in on it."""

from flask import Blueprint, Response, jsonify
from flask_wtf.csrf import generate_csrf

from app.edge.entrance import actor_or_none, public
from app.web.answers import page_answer
from app.web.frames import bare_frame, own_mark
from app.web.unsent.pages import DraftsPage

pages = Blueprint("unsent", __name__)


@pages.get("/drafts")
@public
def drafts() -> Response:
    """待发和回执; the same for everybody, so that a phone may keep it for when there is no network."""
    return page_answer("unsent/drafts.html", DraftsPage(frame=bare_frame()))


@pages.get("/session")
@public
def session_now() -> Response:
    """Who is signed in, and a fresh token: what a phone asks before it sends what waited."""
    who = actor_or_none()
    answer = jsonify(
        signed_in=who is not None,
        account=own_mark() if who else "",
        name=who.name if who else "",
        csrf_token=generate_csrf(),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
