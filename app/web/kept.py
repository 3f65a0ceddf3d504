"""Photos of a form: those of this request, and those an earlier, refused one already brought."""

from contextlib import suppress
from typing import Any, Final, cast

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.core.errors import Fault, Invalid, Problem
from app.edge.entrance import runtime
from app.edge.taking import hazard_request
from app.evidence.arriving import KeptDocument, KeptPhoto
from app.evidence.signature import PhotoFormat
from app.web import pages
from storage.object_store import StoreError

KEPT_SECONDS: Final = 24 * 3600


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="kept-photo")


def _token(photo: KeptPhoto, *, scope: str) -> str:
    return _signer().dumps({"s": scope, "h": photo.sha256, "b": photo.bytes, "f": photo.format})


def _photo(token: str, *, scope: str) -> KeptPhoto | None:
    """The photo a token stands for; None when it is forged, old, or another person's."""
    try:
        told: dict[str, Any] = _signer().loads(token, max_age=KEPT_SECONDS)
    except BadData:
        return None
    if told["s"] != scope:
        return None
    return KeptPhoto(sha256=told["h"], bytes=told["b"], format=PhotoFormat(told["f"]))


def _is_there(photo: KeptPhoto) -> bool:
    """Whether the store still has its bytes: no hazard speaks of them yet, so they may have been swept away."""
    try:
        runtime().store.size(photo.sha256)
    except StoreError:
        return False
    return True


def kept_wanted() -> list[str]:
    """The tokens of earlier photos, without those that were ticked off."""
    dropped = set(request.form.getlist("dropped"))
    return [token for token in request.form.getlist("kept") if token not in dropped]


def _earlier(scope: str) -> list[KeptPhoto | None]:
    return [_photo(token, scope=scope) for token in kept_wanted()]


def photo_count() -> int:
    """How many photos this form brings, earlier ones included; raises like `HazardRequest.photos`."""
    return len(kept_wanted()) + hazard_request().photos.count


def arrived_photos(*, scope: str) -> tuple[KeptPhoto, ...]:
    """Every photo of this form: the earlier ones first, then those of this request, which are not kept yet.

    `scope` names whom the earlier ones belong to.

    Raises:
        Invalid: a token opens nothing any more; that photo must be added again.
        Problem: as `HazardRequest.photos`.
    """
    earlier = _earlier(scope)
    gone = [n for n, photo in enumerate(earlier, 1) if photo is None]
    if gone:
        raise Invalid(*(Fault("photos", "photo_missing", {"n": n}) for n in gone))
    return (*(photo for photo in earlier if photo is not None), *hazard_request().photos.arrived())


def arrived_document() -> KeptDocument | None:
    """The document of this form, before it is kept; raises like `HazardRequest.photos`."""
    return hazard_request().photos.document


def keep_photos() -> tuple[KeptPhoto, ...]:
    """This request's photos, durable, kept once.

    Raises:
        Problem: as `HazardRequest.photos` and `PhotoSink.keep`.
    """
    if "fresh_photos" not in g:
        # Once only: a store that could not take them has discarded them all.
        g.fresh_photos = ()
        g.fresh_photos = hazard_request().photos.keep()
    return cast("tuple[KeptPhoto, ...]", g.fresh_photos)


def kept_tokens(*, scope: str, keeps_new: bool = True) -> tuple[pages.KeptPhoto, ...]:
    """What a form shown again carries: earlier photos, and this request's when nothing was wrong with them.

    With `keeps_new` off this request's are let go: a stranger at a gate could fill the disk with refused forms,
    and an anonymous original would lie there with everything its phone wrote into it.
    """
    photos = [photo for photo in _earlier(scope) if photo is not None and _is_there(photo)]
    if not keeps_new:
        return tuple(pages.KeptPhoto(token=_token(photo, scope=scope)) for photo in photos)
    # When the refusal was about the photos, or the store cannot take them, its sentence is on the page already.
    with suppress(Problem):
        photos += keep_photos()
    return tuple(pages.KeptPhoto(token=_token(photo, scope=scope)) for photo in photos)
