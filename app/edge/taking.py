"""Taking a report or a move from a request, the same for pages and API: who, what, photos, one service call."""

from collections.abc import Callable
from typing import Any, Final

from flask import current_app, request

from app.accounts.actor import Actor, Guest, Submitter
from app.accounts.service import bearer_of, issue_guest_pass, issue_pass
from app.core.errors import Fault, Invalid, NotFound, NotSignedIn
from app.edge.entrance import runtime
from app.edge.http import HazardRequest
from app.edge.reading import read_action
from app.evidence.arriving import KeptDocument, KeptPhoto
from app.evidence.uploads import finished_photos
from app.hazards.drafts import DraftPhoto, HazardDraft, StoredPhoto, match_photos
from app.hazards.lifecycle import TABLE, Action
from app.hazards.moves import check_open, move_hazard
from app.hazards.repeats import known_receipt
from app.hazards.submission import Receipt, SubmissionRules, check_submission, submit_hazard
from app.hazards.submitters import unit_to_hide_in
from app.hazards.told import Told, faults_of
from app.runtime import Runtime
from app.units.queries import place_for

NO_PHOTOS: Final[tuple[KeptPhoto, ...]] = ()


def hazard_request() -> HazardRequest:
    """The request, with its photos.

    Raises:
        TypeError: the application was put together without `bound_requests`.
    """
    asked: Any = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's own way
    if not isinstance(asked, HazardRequest):
        raise TypeError("the application reads its requests as something else")
    return asked


def guest_at(place_code: str | None) -> Guest:
    """A guest who scanned the QR code of a place that allows guests; the code printed below it opens nothing.

    Raises:
        NotSignedIn: no such QR code (any more), or the place does not allow guests.
    """
    with runtime().db.read() as session:
        place = place_for(session, place_code, home=None) if place_code else None
    if place is None:
        raise NotSignedIn
    return Guest(place.id)


def reporter_of(draft: HazardDraft, who: Submitter | None, *, anonymous_pass: str | None = None) -> Submitter:
    """Who reports: the account, the guest at the scanned place, or the bearer of the pass.

    An anonymous report drops the account here; nothing below ever sees it.

    Raises:
        NotSignedIn: nobody, and no place that allows guests; a pass that is forged or old.
    """
    if draft.anonymous and anonymous_pass:
        return bearer_of(anonymous_pass, secret_key=str(current_app.secret_key))
    if who is None:
        return guest_at(draft.place_code)
    return who


def take_report(
    draft: HazardDraft, arrived: tuple[KeptPhoto, ...], *, keep: Callable[[], object], by: Submitter
) -> Receipt:
    """Make the hazard of a draft and the photos that arrived; `keep` makes them durable, when they are wanted.

    Raises:
        Problem: as `match_photos`, `check_submission`, `keep` and `submit_hazard`.
    """
    means = runtime()
    try:
        came = _with_uploads(draft.photos, arrived, by=by)
        photos = _whole(draft, came, most=means.settings.limits.photos, nameless=isinstance(by, Guest))
    except Invalid:
        # Uploads are used up by the report they were for: who sends it again has none, and is told its number.
        again = known_receipt(draft, by=by, db=means.db) if _is_by_hash(draft.photos) else None
        if again is not None:
            return again
        raise
    rules = _rules(means)
    known = check_submission(draft, photos, by=by, at=means.now(), db=means.db, rules=rules)
    if known is not None:
        return known
    keep()
    return submit_hazard(draft, photos, by=by, at=means.now(), store=means.store, db=means.db, rules=rules)


def _is_by_hash(told: tuple[DraftPhoto, ...]) -> bool:
    return bool(told) and all(photo.sha256 for photo in told)


def _with_uploads(
    told: tuple[DraftPhoto, ...], came: tuple[KeptPhoto, ...], *, by: Submitter
) -> tuple[KeptPhoto, ...]:
    """The photos of the request, and of those it only names, what the same person has uploaded."""
    wanted = {photo.sha256 for photo in told if photo.sha256} - {photo.sha256 for photo in came}
    if not wanted:
        return came
    means = runtime()
    with means.db.read() as session:
        return came + finished_photos(session, wanted, by=by, at=means.now())


def _whole(
    draft: HazardDraft, arrived: tuple[KeptPhoto, ...], *, most: int, nameless: bool
) -> tuple[StoredPhoto, ...]:
    """The draft's photos; what is missing of photos and words is told together, not in rounds."""
    faults: list[Fault] = []
    photos: tuple[StoredPhoto, ...] = ()
    try:
        photos = match_photos(draft.photos, arrived, most=most)
    except Invalid as unmatched:
        faults += unmatched.faults
    try:
        draft.check(nameless=nameless)
    except Invalid as lacking:
        faults += lacking.faults
    if faults:
        raise Invalid(*faults)
    return photos


def read_move(action: Action, fields: dict[str, Any], *, photos: int) -> tuple[Told, int, tuple[DraftPhoto, ...]]:
    """As `read_action`, but what cannot be read and what is missing are told together.

    Raises:
        Invalid: with every fault.
    """
    try:
        return read_action(action, fields)
    except Invalid as unread:
        faulty = {fault.field.partition(".")[0] for fault in unread.faults}
        rest = {"version": 1, **{name: said for name, said in fields.items() if name not in faulty}}
        told, _version, _photos = read_action(action, rest)
        missing = faults_of(TABLE[action], told, photos=photos)
        raise Invalid(*unread.faults, *(fault for fault in missing if fault.field not in faulty)) from unread


def _rules(means: Runtime) -> SubmissionRules:
    limits = means.settings.limits
    return SubmissionRules(
        per_account=limits.hazards_per_minute,
        per_guest_place=limits.guest_hazards_per_minute,
        near_m=means.settings.nearest_place_metres,
    )


def take_move(
    number: str,
    action: Action,
    told: Told,
    *,
    version: int,
    photos: tuple[DraftPhoto, ...],
    arrive: Callable[[], tuple[KeptPhoto, ...]],
    keep: Callable[[], object],
    document: Callable[[], KeptDocument | None],
    by: Actor,
) -> int:
    """Make one move with the photos and the document that came; `keep` makes them durable, when the move is open.

    `arrive` and `document` tell what came: a move that is closed never has its files looked at.

    Raises:
        Problem: as `check_open`, `arrive`, `match_photos`, `keep` and `move_hazard`.
    """
    means = runtime()
    check_open(number, action, version=version, by=by, at=means.now(), db=means.db)
    came, paper = _with_uploads(photos, arrive(), by=by), document()
    faults = faults_of(TABLE[action], told, photos=len(came) or len(photos), has_document=paper is not None)
    if faults:
        raise Invalid(*faults)
    matched = match_photos(photos, came, most=means.settings.limits.photos) if came or photos else ()
    if matched or paper is not None:
        keep()
    return move_hazard(
        number,
        action,
        told,
        version=version,
        photos=matched,
        document=paper,
        by=by,
        at=means.now(),
        store=means.store,
        db=means.db,
    )


def guest_pass(place_code: str) -> str:
    """A one-use pass for a report by a guest at this place.

    Raises:
        NotFound: no such place, or it does not allow guests: one answer.
    """
    try:
        guest = guest_at(place_code)
    except NotSignedIn as closed:
        raise NotFound from closed
    return issue_guest_pass(place_id=guest.place_id, secret_key=str(current_app.secret_key))


def fresh_pass(who: Actor) -> str:
    """A one-use pass for an anonymous report by somebody of a unit large enough to hide in.

    Raises:
        NotFound: the account may not report.
    """
    with runtime().db.read() as session:
        unit_id = unit_to_hide_in(session, who)
    return issue_pass(who, unit_id=unit_id, secret_key=str(current_app.secret_key))
