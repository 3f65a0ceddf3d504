"""Taking a report or a move from a request, the same for pages and API: who, what, photos, one service call."""

from typing import Any, Final

from flask import current_app, request

from app.accounts.actor import Actor, Guest, Submitter
from app.accounts.service import bearer_of
from app.core.errors import Fault, Invalid, NotSignedIn
from app.edge.entrance import runtime
from app.edge.http import HazardRequest
from app.evidence.intake import KeptPhoto
from app.hazards.drafts import DraftPhoto, HazardDraft, match_photos
from app.hazards.lifecycle import TABLE, Action
from app.hazards.moves import check_open, move_hazard
from app.hazards.submission import Receipt, SubmissionRules, check_submission, submit_hazard
from app.hazards.told import Told, faults_of
from app.runtime import Runtime
from app.units.queries import place_by_code

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
    """A guest at a place that allows guests.

    Raises:
        NotSignedIn: no such place, or it does not allow them.
    """
    with runtime().db.read() as session:
        place = place_by_code(session, place_code) if place_code else None
    if place is None or not place.allows_guests:
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


def take_report(draft: HazardDraft, kept: tuple[KeptPhoto, ...], *, by: Submitter) -> Receipt:
    """Make the hazard of a draft and its durable photos.

    Raises:
        Problem: as `submit_hazard` and `match_photos`.
    """
    means = runtime()
    photos = match_photos(draft.photos, kept, most=means.settings.limits.photos)
    return submit_hazard(draft, photos, by=by, at=means.now(), db=means.db, rules=_rules(means))


def _rules(means: Runtime) -> SubmissionRules:
    limits = means.settings.limits
    return SubmissionRules(
        per_account=limits.hazards_per_minute,
        per_guest_place=limits.guest_hazards_per_minute,
        near_m=means.settings.nearest_place_metres,
    )


def check_report(draft: HazardDraft, *, photos: int, by: Submitter) -> None:
    """Find what can be found before any photo is kept for good.

    Raises:
        Problem: no photo; and as `check_submission`.
    """
    draft.check()
    if photos == 0 and not draft.photos:
        raise Invalid(Fault("photos", "photo_required"))
    means = runtime()
    check_submission(draft, by=by, at=means.now(), db=means.db, rules=_rules(means))


def take_move(
    number: str,
    action: Action,
    told: Told,
    *,
    version: int,
    photos: tuple[DraftPhoto, ...],
    by: Actor,
) -> int:
    """Make one move with the photos of this request; they are kept only when the move is open.

    Raises:
        Problem: as `move_hazard`.
    """
    means = runtime()
    check_open(number, action, version=version, by=by, at=means.now(), db=means.db)
    arrived = hazard_request().photos
    faults = faults_of(TABLE[action], told, photos=arrived.count or len(photos))
    if faults:
        raise Invalid(*faults)
    kept = arrived.keep()
    matched = match_photos(photos, kept, most=means.settings.limits.photos) if kept or photos else ()
    return move_hazard(number, action, told, version=version, photos=matched, by=by, at=means.now(), db=means.db)
