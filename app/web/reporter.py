"""Pages for whoever reports: the form, the receipt, what became of it, pictures, following an anonymous report."""

from typing import Final

from flask import Blueprint, Response, flash, jsonify, request, session, url_for

from app.accounts.actor import Actor, Guest
from app.accounts.permissions import Permission
from app.core.errors import NotFound, Problem
from app.edge.compression import compressible
from app.edge.documents_out import document_answer
from app.edge.entrance import actor, needs, public, runtime, signed_in, submitter
from app.edge.http import takes_photos
from app.edge.looking_alike import alike_asked
from app.edge.pictures_out import picture_answer
from app.edge.reading import read_draft
from app.edge.taking import reporter_of, take_report
from app.edge.throttle import login_attempts
from app.hazards.documents import document_key
from app.hazards.following import claim_points, make_code
from app.hazards.numbering import IS_NUMBER
from app.hazards.queries import Picture, picture_key
from app.hazards.submission import Receipt
from app.web.again import shown_again
from app.web.answers import page_answer, piece_answer, see_other
from app.web.errors import SENT
from app.web.forms import draft_fields
from app.web.frames import came_from
from app.web.kept import arrived_photos, keep_photos, photo_count
from app.web.nameless import nameless_answer, nameless_receipt
from app.web.present_alike import SAME, alike_first, cards_of_alike, join, joined_instead
from app.web.present_places import qr_file
from app.web.present_points import points_page
from app.web.present_report import (
    follow_address,
    own_receipt,
    receipt_page,
    report_again,
    report_page,
    reporter_at,
    scope_of,
)
from app.web.present_reported import (
    WORKS_THE_TICKET,
    follow_page,
    followed_page,
    hazard_page,
    is_follow_refusal,
    list_page,
    view_for_reader,
)
from app.web.present_ticket import ticket_address

pages = Blueprint("reporter", __name__)
SENT_MOST: Final = 5
"""Reports that a browser remembers by their form."""


@pages.get("/report")
@needs(Permission.HAZARD_SUBMIT)
@compressible
def report() -> Response:
    """The report form."""
    return page_answer("reporter/report.html", report_page())


@pages.post("/report")
@needs(Permission.HAZARD_SUBMIT)
@takes_photos
@shown_again(report_again)
def send() -> Response:
    """Report a hazard."""
    return _send()


@pages.get("/p/<code>")
@public
@compressible
def scanned(code: str) -> Response:
    """The report form of a place whose code was scanned."""
    return page_answer("reporter/report.html", report_page(place_code=code))


@pages.post("/p/<code>")
@public
@takes_photos
@shown_again(report_again)
def send_from(code: str) -> Response:
    """Report a hazard at a scanned place."""
    return _send(place_code=code)


@pages.post("/report/alike")
@needs(Permission.HAZARD_SUBMIT)
def look_alike() -> Response:
    """Open hazards that this report may repeat, as a piece of a page; a POST, so that no log keeps a position."""
    cards = cards_of_alike(alike_asked(request.form, by=actor()))
    return piece_answer("reporter/_alike_offer.html", cards=cards) if cards else Response(status=204)


@pages.post("/report/same")
@needs(Permission.HAZARD_SUBMIT)
def join_alike() -> Response:
    """Follow a hazard that is there already instead of reporting it again; a script goes on to it itself."""
    joined = join(request.form.get(SAME, ""))
    if request.accept_mimetypes.best == "application/json":
        return jsonify(href=joined.location)
    return joined


def _send(place_code: str | None = None) -> Response:
    who = reporter_at(place_code)
    scope = scope_of(who)
    joined = joined_instead()
    if joined is not None:
        return joined
    nameless = isinstance(who, Guest) or "anonymous" in request.form
    code, claim_hash = make_code() if nameless else ("", None)
    photos = photo_count()
    draft = read_draft(draft_fields(request.form, place_code=place_code, photos=photos, claim_hash=claim_hash))
    by = reporter_of(draft, submitter(), anonymous_pass=request.form.get("pass"))
    offered = alike_first(draft, by=by, scope=scope, photos=photos)
    if offered is not None:
        return offered
    receipt = take_report(draft, arrived_photos(scope=scope), keep=keep_photos, by=by)
    if isinstance(by, Actor):
        _remember(receipt)
        return see_other(url_for("reporter.receipt", number=receipt.number))
    return nameless_answer(receipt, code=code, place=place_code or "", anonymous=draft.anonymous)


def _remember(receipt: Receipt) -> None:
    """Let this browser find its own report again when the same form comes once more with other words."""
    earlier = dict(list(session.get(SENT, {}).items())[-SENT_MOST + 1 :])
    session[SENT] = {**earlier, receipt.client_id: receipt.number}


@pages.get("/sent")
@public
def sent() -> Response:
    """The receipt of a report without an account; afterwards, the way to follow it."""
    told = nameless_receipt()
    if told is None:
        return see_other(url_for("reporter.follow"))
    return page_answer("reporter/receipt.html", receipt_page(told))


@pages.get("/receipt/<number>")
@signed_in
def receipt(number: str) -> Response:
    """The receipt of an own report."""
    return page_answer("reporter/receipt.html", own_receipt(number))


@pages.get("/mine")
@signed_in
def mine() -> Response:
    """我的上报."""
    return page_answer("reporter/list.html", list_page("mine"))


@pages.get("/points")
@signed_in
def points() -> Response:
    """我的积分."""
    return page_answer("reporter/points.html", points_page())


@pages.get("/hazards")
@signed_in
def unit_hazards() -> Response:
    """本单位隐患."""
    return page_answer("reporter/list.html", list_page("unit"))


@pages.get("/hazards/<number>")
@signed_in
def hazard(number: str) -> Response:
    """One hazard; who works on it is sent to its ticket."""
    view = view_for_reader(number)
    if view.view in WORKS_THE_TICKET:
        return see_other(ticket_address(number, came=came_from()))
    return page_answer("reporter/hazard.html", hazard_page(view))


@pages.get("/hazards/<number>/photos/<int:n>/<any(display, thumb, original):picture>")
@signed_in
def photo(number: str, n: int, picture: str) -> Response:
    """A picture, checked on each request, for every role."""
    wanted = Picture(picture)
    with runtime().db.read() as session:
        found = picture_key(session, number, n, wanted, by=actor())
    return picture_answer(found, wanted, store=runtime().store)


@pages.get("/hazards/<number>/documents/<int:n>")
@signed_in
def document(number: str, n: int) -> Response:
    """A document kept with a hazard, as a download, checked on each request."""
    with runtime().db.read() as session:
        found = document_key(session, number, n, by=actor())
    return document_answer(found, store=runtime().store)


def _follow_again(problem: Problem) -> Response | None:
    if not is_follow_refusal(problem):
        return None
    return page_answer("reporter/follow.html", follow_page(refused=True), status=404)


def _said() -> tuple[str, str]:
    form = request.form
    return form.get("number", "").strip().upper(), form.get("code", "").strip()


@pages.get("/follow")
@public
def follow() -> Response:
    """The form that finds an anonymous report again."""
    return page_answer("reporter/follow.html", follow_page())


@pages.get("/follow/<number>/qr")
@public
def follow_qr(number: str) -> Response:
    """The QR code on the phone's own receipt; whether there is such a hazard is not asked, and so not told."""
    if not IS_NUMBER.fullmatch(number):
        raise NotFound
    return Response(
        qr_file(follow_address(number)), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


@pages.post("/follow")
@public
@login_attempts
@shown_again(_follow_again)
def find() -> Response:
    """An anonymous report, for whoever knows its number and code."""
    number, code = _said()
    return page_answer("reporter/hazard.html", followed_page(number, code))


@pages.post("/claim")
@signed_in
@login_attempts
@shown_again(_follow_again)
def claim() -> Response:
    """Give up anonymity towards the ledger: the points go to this account."""
    number, code = _said()
    means = runtime()
    claim_points(number, code, by=actor(), at=means.now(), db=means.db)
    flash("claimed")
    return see_other(url_for("reporter.mine"))
