"""Hazards by JSON: report, list, read, pictures, moves."""

import re
from typing import Any, Final

from flask import Response, request

from app.api.blueprint import answer, api, json_body
from app.api.shapes import hazard_shape, line_shape, receipt_shape
from app.core.errors import Fault, Invalid, NotFound
from app.edge.cursors import sealed, unsealed
from app.edge.documents_out import document_answer
from app.edge.entrance import actor, public, runtime, signed_in, submitter
from app.edge.http import takes_photos
from app.edge.pictures_out import picture_answer
from app.edge.reading import read_action, read_draft
from app.edge.taking import hazard_request, reporter_of, take_move, take_report
from app.hazards.documents import document_key
from app.hazards.lifecycle import Action, State
from app.hazards.lists import PAGE, ListFilter, hazard_list
from app.hazards.queries import Picture, hazard_view, picture_key, state_of

LIMIT_MOST: Final = 200


def _told(part: str) -> Any:
    """The JSON of a call: the part of that name beside the photos, or the whole body."""
    asked = hazard_request()
    return asked.json_part(part) if asked.mimetype == "multipart/form-data" else json_body()


@api.post("/hazards")
@public
@takes_photos
def report() -> Response:
    """Report a hazard; idempotent by `client_id`."""
    who = submitter()
    draft = read_draft(_told("hazard"))
    by = reporter_of(draft, who)
    photos = hazard_request().photos
    receipt = take_report(draft, photos.arrived(), keep=photos.keep, by=by)
    return answer(receipt_shape(receipt), 201 if receipt.is_new else 200)


@api.get("/hazards")
@signed_in
def hazards() -> Response:
    """What the caller may see, newest first."""
    means = runtime()
    narrowed, limit, after = _narrowed(), _limit(), unsealed(request.args.get("cursor"), parts=1)
    with means.db.read() as session:
        page = hazard_list(
            session,
            by=actor(),
            at=means.now(),
            narrowed=narrowed,
            limit=limit,
            cursor=after[0] if after else None,
        )
    items = [line_shape(line) for line in page.items]
    return answer({"items": items, "next": sealed(page.next) if page.next else None})


def _narrowed() -> ListFilter:
    asked = request.args
    state = asked.get("state")
    if state is not None and state not in set(State):
        raise Invalid(Fault("state", "not_a_choice"))
    return ListFilter(
        state=State(state) if state else None,
        unit_code=asked.get("unit"),
        mine=_flag("mine"),
        overdue=_flag("overdue"),
        words=asked.get("q"),
    )


def _flag(name: str) -> bool:
    value = request.args.get(name, "false")
    if value not in {"true", "false", "1", "0"}:
        raise Invalid(Fault(name, "not_a_flag"))
    return value in {"true", "1"}


def _limit() -> int:
    text = request.args.get("limit", str(PAGE))
    if re.fullmatch(r"[0-9]{1,6}", text) is None or not 0 < int(text) <= LIMIT_MOST:
        raise Invalid(Fault("limit", "out_of_range"))
    return int(text)


@api.get("/hazards/<number>")
@signed_in
def hazard(number: str) -> Response:
    """One hazard, as the caller may see it."""
    return answer(_shape(number))


def _shape(number: str) -> dict[str, Any]:
    means = runtime()
    with means.db.read() as session:
        return hazard_shape(hazard_view(session, number, by=actor(), at=means.now()))


@api.get("/hazards/<number>/photos/<int:n>/<any(display, thumb, original):picture>")
@signed_in
def photo(number: str, n: int, picture: str) -> Response:
    """A picture, checked on each request."""
    wanted = Picture(picture)
    with runtime().db.read() as session:
        found = picture_key(session, number, n, wanted, by=actor())
    return picture_answer(found, wanted, store=runtime().store)


@api.get("/hazards/<number>/documents/<int:n>")
@signed_in
def document(number: str, n: int) -> Response:
    """A document kept with a hazard, as a download, checked on each request."""
    with runtime().db.read() as session:
        found = document_key(session, number, n, by=actor())
    return document_answer(found, store=runtime().store)


@api.post("/hazards/<number>/actions/<action>")
@signed_in
@takes_photos
def act(number: str, action: str) -> Response:
    """Make one move of the lifecycle table."""
    if action not in set(Action) - {Action.SUBMIT}:
        raise NotFound
    move = Action(action)
    told, version, photos = read_action(move, _told("action"))
    sent = hazard_request().photos
    made = take_move(
        number,
        move,
        told,
        version=version,
        photos=photos,
        arrive=sent.arrived,
        keep=sent.keep,
        document=lambda: sent.document,
        by=actor(),
    )
    return answer(_shape_after(number, made))


def _shape_after(number: str, version: int) -> dict[str, Any]:
    """The hazard; of one that the move took out of the caller's sight (a transfer), what the caller has done."""
    try:
        return _shape(number)
    except NotFound:
        with runtime().db.read() as session:
            state = state_of(session, number)
        return {"number": number, "state": state, "version": version, "open_actions": []}
