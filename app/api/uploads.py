"""Resumable uploads by tus 1.0: announced, grown piece by piece, asked for, ended."""

from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Final

from flask import Response, request

from app.accounts.actor import Submitter
from app.api.blueprint import api
from app.core.errors import NotFound, NotSignedIn, OffsetConflict
from app.edge import tus
from app.edge.entrance import public, runtime, submitter
from app.edge.taking import hazard_request
from app.edge.under_way import UnderWay
from app.evidence.growing import Piece, grow_upload
from app.evidence.uploads import (
    Maker,
    Upload,
    UploadRules,
    begin_upload,
    end_upload,
    fresh_code,
    kept_until,
    maker_of,
    upload_of,
)
from app.hazards.submitters import check_right_to_upload
from app.tables import OBJECT_KEYS

PATH: Final = "/api/v1/uploads"
NO_CONTENT: Final = 204
IN_VAIN: Final = frozenset({401, 404, 411, 503})
_under_way: Final = UnderWay()


@api.after_request
def _say_version(answer: Response) -> Response:
    """Every answer names the protocol, also a refusal."""
    if request.path.startswith(PATH):
        answer.headers["Tus-Resumable"] = tus.VERSION
        if answer.status_code == 412:  # noqa: PLR2004  # the protocol asks for it there
            answer.headers["Tus-Version"] = tus.VERSION
    return answer


@api.after_request
def _read_no_more(answer: Response) -> Response:
    """Whoever sends to no purpose holds no thread meanwhile: no proxy gathers uploads before they come here."""
    if request.path.startswith(PATH) and answer.status_code in IN_VAIN:
        hazard_request().read_no_more()
    return answer


def _answer(status: int, headers: dict[str, str]) -> Response:
    answer = Response(status=status, headers={"Cache-Control": "no-store", **headers})
    # No body, so no type.
    answer.headers.pop("Content-Type", None)
    return answer


def _rules() -> UploadRules:
    limits = runtime().settings.limits
    return UploadRules(
        kept_for=timedelta(days=limits.upload_days),
        uploads=limits.uploads,
        bytes=limits.upload_bytes,
        # Photos taken anew, and those they replace.
        pass_uploads=2 * limits.photos,
        pass_bytes=2 * limits.photos * limits.photo_bytes,
    )


def _acting() -> tuple[Submitter, Maker]:
    """Whoever acts; refuses whoever does not speak the protocol, and whoever is nobody."""
    tus.see_version()
    who = submitter()
    if who is None:
        raise NotSignedIn
    return who, maker_of(who)


def _maker() -> Maker:
    return _acting()[1]


def _found(code: str, by: Maker) -> Upload:
    means = runtime()
    with means.db.read() as session:
        return upload_of(session, code, by=by, at=means.now())


@api.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@api.route("/uploads/<code>", methods=["OPTIONS"], provide_automatic_options=False)
@public
def upload_abilities(code: str = "") -> Response:
    """What is spoken here; the same of every address."""
    del code
    return _answer(NO_CONTENT, dict(tus.abilities(limit=runtime().settings.limits.photo_bytes)))


@api.route("/uploads", methods=["POST"], provide_automatic_options=False)
@public
def announce_upload() -> Response:
    """Announce a file; its first bytes may come along."""
    who, by = _acting()
    means = runtime()
    sha256, length = tus.announced_file(limit=means.settings.limits.photo_bytes)
    piece = tus.piece_of(offset=0) if tus.is_piece() else None
    code = fresh_code()
    with _under_way.begun(code, hazard_request().line, by=by) if piece else nullcontext():
        upload = begin_upload(
            code=code,
            sha256=sha256,
            length=length,
            by=by,
            may=partial(check_right_to_upload, by=who),
            at=means.now(),
            db=means.db,
            rules=_rules(),
        )
        if piece is not None:
            upload = _grow(upload, piece)
    return _answer(201, {"Location": f"{PATH}/{upload.code}", **tus.standing(upload)})


@api.route("/uploads/<code>", methods=["HEAD"], provide_automatic_options=False)
@public
def where_upload_stands(code: str) -> Response:
    """How much of it is durable. A piece that is under way in this process is ended first, and counted."""
    by = _maker()
    upload = _found(code, by)
    if _under_way.end(code):
        upload = _found(code, by)
    return _answer(200, {**tus.standing(upload), "Upload-Length": str(upload.length)})


@api.route("/uploads/<code>", methods=["PATCH"], provide_automatic_options=False)
@public
def continue_upload(code: str) -> Response:
    """Take the bytes that follow."""
    by = _maker()
    piece = tus.piece_of()
    # From here on whoever asks where it stands waits for what comes.
    with _under_way.begun(code, hazard_request().line, by=by):
        return _answer(NO_CONTENT, tus.standing(_grow(_found(code, by), piece)))


@api.route("/uploads/<code>", methods=["POST"], provide_automatic_options=False)
@public
def continue_upload_by_post(code: str) -> Response:
    """The same for whoever sits behind a line that knows no PATCH: `X-HTTP-Method-Override`."""
    if request.headers.get("X-HTTP-Method-Override", "").upper() != "PATCH":
        raise NotFound
    return continue_upload(code)


@api.route("/uploads/<code>", methods=["DELETE"], provide_automatic_options=False)
@public
def forget_upload(code: str) -> Response:
    """End it: the server lets its bytes go, also those that are under way in this process."""
    by, means = _maker(), runtime()
    upload = _found(code, by)
    if _under_way.end(code):
        upload = _found(code, by)
    end_upload(upload, at=means.now(), named_by=OBJECT_KEYS, store=means.store, db=means.db)
    return _answer(NO_CONTENT, {})


def _grow(upload: Upload, piece: Piece) -> Upload:
    means, asked = runtime(), hazard_request()
    if piece.offset != upload.received:
        raise OffsetConflict
    # Refused from the headers when they announce more.
    body = asked.straight(limit=upload.length - upload.received)
    until = kept_until(upload.maker, at=means.now())
    return grow_upload(upload, piece, body, store=means.store, db=means.db, kept_until=until)
