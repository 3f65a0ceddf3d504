"""Routes of the map."""

from flask import Blueprint, Response, jsonify

from app.accounts.permissions import Permission
from app.edge.entrance import needs, signed_in
from app.web.answers import page_answer
from app.web.map.present import map_page, marks
from app.web.map.present_pin import around

pages = Blueprint("map", __name__)


@pages.get("/map")
@signed_in
def hazard_map() -> Response:
    """Hazards where they are."""
    return page_answer("map/map.html", map_page())


@pages.get("/map/marks")
@signed_in
def hazard_marks() -> Response:
    """What the map draws, cut to the reader."""
    return _kept_by_nobody(jsonify(marks()))


@pages.get("/map/around")
@needs(Permission.HAZARD_SUBMIT)
def around_here() -> Response:
    """Areas and places of the own enterprise, for the pin of a report."""
    return _kept_by_nobody(jsonify(around()))


def _kept_by_nobody(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
