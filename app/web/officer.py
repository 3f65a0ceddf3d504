"""Pages for whoever works on hazards: the inbox, a ticket, and the moves that have a form."""

from flask import Blueprint, Response, request

from app.edge.entrance import actor, runtime, signed_in
from app.edge.http import takes_photos
from app.edge.taking import read_move, take_move
from app.evidence.arriving import KeptPhoto
from app.hazards.lifecycle import TABLE, Action, Photos
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.forms import action_fields
from app.web.frames import came_from
from app.web.kept import arrived_document, arrived_photos, keep_photos, photo_count
from app.web.present_act import act_again, act_answer, after_move, paged_action, scope_of_actor
from app.web.present_deadline import counting_in
from app.web.present_desk import desk_page, ticket_page
from app.web.present_reported import WORKS_THE_TICKET, hazard_address, view_for_reader

pages = Blueprint("officer", __name__)


@pages.get("/inbox")
@signed_in
def desk() -> Response:
    """What waits for this person, most urgent first."""
    return page_answer("officer/inbox.html", desk_page())


@pages.get("/tickets/<number>")
@signed_in
def ticket(number: str) -> Response:
    """One hazard with everything its workers need; who only reads it is sent to its own page."""
    view = view_for_reader(number)
    if view.view not in WORKS_THE_TICKET:
        return see_other(hazard_address(number, came=came_from()))
    return page_answer("officer/ticket.html", ticket_page(view))


@pages.get("/tickets/<number>/<action>")
@signed_in
def act_form(number: str, action: str) -> Response:
    """The form of a move."""
    return act_answer(number, paged_action(action))


@pages.post("/tickets/<number>/<action>")
@signed_in
@takes_photos
@shown_again(act_again)
def act(number: str, action: str) -> Response:
    """Make a move."""
    move, view, means = paged_action(action), view_for_reader(number), runtime()
    photos = photo_count()
    counting = counting_in(view.unit)
    fields = action_fields(
        move, request.form, photos=photos, zone=view.unit.zone, at=means.now(), counting=counting
    )
    told, version, said = read_move(move, fields, photos=photos)
    take_move(
        number,
        move,
        told,
        version=version,
        photos=said,
        arrive=lambda: _arrive(move),
        keep=keep_photos,
        document=arrived_document,
        by=actor(),
    )
    return after_move(number, move)


def _arrive(move: Action) -> tuple[KeptPhoto, ...]:
    """Photos that an earlier try of this form brought count too; a move without photos asks for none."""
    return arrived_photos(scope=scope_of_actor()) if TABLE[move].photos is not Photos.NONE else ()
