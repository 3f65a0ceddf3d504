"""How an upload grows by one piece: streamed to the store, made durable, and only then told by its row.

Each piece is a stretch of its own in the store, so that two who send at once never mix their bytes: whoever's row
changes first has won, and the other's piece is nobody's. A piece that begins the file and completes it becomes the
object of its hash in that same writing. Otherwise the pieces are joined when the last byte has come, and not
before: what a broken line brings makes nothing else be written again.
"""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.db import Database, changed_one, table_of
from app.core.errors import (
    BadRequest,
    NotFound,
    OffsetConflict,
    PieceAltered,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
    UploadAltered,
)
from app.evidence.arriving import as_problem
from app.evidence.gathering import READ_BYTES, blocks_of, gathered, kept_as_piece, writing_to
from app.evidence.signature import HEAD_BYTES, sniff
from app.evidence.upload_rows import FinishedUploadRow, UploadRow
from app.evidence.uploads import Upload, remove_pieces
from storage.call_time import LOCKED_SECONDS, within
from storage.object_store import ObjectMissing, ObjectStore, Writing

CUT_SHORT: Final = "cut_short"
_U: Final = table_of(UploadRow).c
# Built once: every piece asks one of them. A row is changed only as it was read.
_AS_READ: Final = (_U.code == bindparam("which"), _U.received == bindparam("stood_at"))
_FORGET: Final = delete(table_of(UploadRow)).where(*_AS_READ)
_STANDS: Final = select(_U.code).where(*_AS_READ)
_GROW: Final = update(table_of(UploadRow)).where(*_AS_READ)
_FINISH: Final = insert(table_of(FinishedUploadRow))


class Body(Protocol):
    """The bytes as they come."""

    def read(self, size: int, /) -> bytes | memoryview:
        """At most `size` bytes, none at the end; BadRequest "cut_short" when the line broke.

        They are good until the next `read`.
        """


@dataclass(frozen=True)
class Piece:
    """What is said of the bytes that come: where they begin, how many there are, their SHA-256."""

    offset: int
    announced: int
    checksum: bytes | None = None


def grow_upload(
    upload: Upload,
    piece: Piece,
    body: Body,
    *,
    store: ObjectStore,
    db: Database,
    kept_until: datetime | None = None,
) -> Upload:
    """Take one piece; returns the upload as it stands then, and all that it tells is durable.

    A line that breaks keeps what came, unless the piece has a checksum: then nothing of it. With `kept_until` the
    upload expires then, and no longer when it would have.

    Raises:
        OffsetConflict: the upload stands elsewhere, or somebody else was first.
        PieceAltered: the bytes are not those of the checksum; nothing of them is kept.
        UploadAltered: all came and are not those of the announced hash; the upload is gone.
        UnsupportedMedia: the first bytes are no photograph's; the upload is gone.
        TooLarge: more comes than was announced.
        BadRequest: the line broke; what came is kept, but for a piece with a checksum.
        NotFound: the upload was ended meanwhile.
        Unavailable: the store or the database cannot keep it now (OutOfSpace when full); nothing of it is kept.
    """
    if piece.offset != upload.received:
        raise OffsetConflict
    if upload.is_finished or not piece.announced:
        return upload
    try:
        with _Growth(upload, piece, store=store, expires_at=kept_until or upload.expires_at) as growth:
            cut = growth.take(body)
            if cut is not None and (piece.checksum is not None or not growth.bytes):
                raise cut
            grown = growth.settle(db=db)
    except (UploadAltered, UnsupportedMedia):
        _drop(upload, store=store, db=db)
        raise
    except ObjectMissing as lost:
        # Somebody else's piece took the place of those that we read; or the store has lost them.
        _drop(upload, store=store, db=db)
        raise NotFound from lost
    if cut is not None:
        raise cut
    return grown


def _drop(upload: Upload, *, store: ObjectStore, db: Database) -> None:
    """Forget an upload that can come to nothing; raises OffsetConflict or NotFound when it has changed."""
    with db.write() as session:
        if not changed_one(session, _FORGET, _as_shown(upload)):
            raise _refusal(session, upload)
    remove_pieces(upload.pieces, store=store)


class _Growth(AbstractContextManager["_Growth"]):
    """One piece on its way; behind what came before it while that is no more than a signature (`is_first`)."""

    def __init__(self, upload: Upload, piece: Piece, *, store: ObjectStore, expires_at: datetime) -> None:
        self._upload = upload
        self._expires_at = expires_at
        self._piece = piece
        self._store = store
        self.is_first = upload.received < HEAD_BYTES
        self.bytes = 0
        self._head = b""
        self._format = upload.format
        self._all = hashlib.sha256() if self.is_first else None
        # A piece that begins the file is hashed once for both.
        self._own = hashlib.sha256() if piece.checksum is not None and (upload.received or not self._all) else None
        with as_problem():
            self._writing = store.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writing.discard()

    def take(self, body: Body) -> BadRequest | None:
        """All bytes of the body; returns how the line broke, if it did."""
        if self.is_first:
            for earlier in blocks_of(self._upload.pieces, store=self._store):
                self._write(earlier)
        rest = self._upload.length - self._upload.received
        try:
            while block := body.read(READ_BYTES):
                self.bytes += len(block)
                if self.bytes > rest:
                    raise TooLarge(what="photo", limit=self._upload.length)
                self._write(block)
                if self._own is not None:
                    self._own.update(block)
        except BadRequest as cut:
            if cut.values.get("reason") != CUT_SHORT:
                raise
            return cut
        return None

    def _write(self, block: bytes | memoryview) -> None:
        if self._all is not None:
            self._all.update(block)
            if self._format is None and len(self._head) < HEAD_BYTES:
                self._head += bytes(block[:HEAD_BYTES])
                self._see_format(is_end=False)
        with as_problem():
            self._writing.write(block)

    def _see_format(self, *, is_end: bool) -> None:
        if self._format is None and (is_end or len(self._head) >= HEAD_BYTES):
            self._format = sniff(self._head[:HEAD_BYTES])
            if self._format is None:
                raise UnsupportedMedia(n=1)

    def settle(self, *, db: Database) -> Upload:
        """Make the bytes durable, then let the row tell them."""
        hashed = self._own or self._all
        if self._piece.checksum is not None and hashed is not None and hashed.digest() != self._piece.checksum:
            raise PieceAltered
        received = self._upload.received + self.bytes
        grown = replace(self._upload, received=received, expires_at=self._expires_at)
        if not grown.is_finished:
            return self._keep_piece(grown, db=db)
        if self._all is not None:
            self._see_format(is_end=True)
            return self._finish(grown, self._writing, self._all.hexdigest(), db=db)
        return self._join(grown, db=db)

    def _join(self, grown: Upload, *, db: Database) -> Upload:
        """All pieces as the object; the last one lies in the store for so long, and no row ever speaks of it."""
        last = (kept_as_piece(self._writing), self.bytes)
        hashed = hashlib.sha256()
        try:
            with writing_to(self._store) as whole:
                for block in blocks_of([*self._upload.pieces, last], store=self._store):
                    hashed.update(block)
                    with as_problem():
                        whole.write(block)
                return self._finish(grown, whole, hashed.hexdigest(), db=db)
        finally:
            remove_pieces([last], store=self._store)

    def _finish(self, grown: Upload, writing: Writing, hexed: str, *, db: Database) -> Upload:
        assert self._format is not None  # noqa: S101  # known once HEAD_BYTES have come, or all
        if hexed != grown.sha256:
            raise UploadAltered
        self._see_row(db=db)
        with as_problem():
            writing.keep(grown.sha256)
        with db.write() as session:
            if not changed_one(session, _FORGET, _as_shown(self._upload)):
                raise _refusal(session, self._upload)
            self._see_object(grown.sha256)
            told = {
                "code": grown.code,
                "maker": grown.maker.scope,
                "pool": grown.maker.pool,
                "sha256": grown.sha256,
                "bytes": grown.length,
                "format": self._format,
                "expires_at": grown.expires_at,
            }
            session.execute(_FINISH, told)
        remove_pieces(self._upload.pieces, store=self._store)
        return replace(grown, pieces=(), format=self._format)

    def _see_row(self, *, db: Database) -> None:
        """Whoever ended the upload meanwhile leaves no object behind that nothing counts."""
        with db.read() as session:
            if session.execute(_STANDS, _as_shown(self._upload)).first() is None:
                raise _refusal(session, self._upload)

    def _see_object(self, key: str) -> None:
        """No row speaks of bytes that are not there: an anonymous original of these bytes may just have gone."""
        with within(LOCKED_SECONDS), as_problem():
            self._store.size(key)

    def _keep_piece(self, grown: Upload, *, db: Database) -> Upload:
        name = kept_as_piece(self._writing)
        if self.is_first:
            pieces: tuple[tuple[str, int], ...] = ((name, grown.received),)
        else:
            pieces = (*self._gathered(name), (name, self.bytes))
        told: dict[str, Any] = {
            "received": grown.received,
            "pieces": [list(piece) for piece in pieces],
            "expires_at": grown.expires_at,
        }
        try:
            with db.write() as session:
                shown = _as_shown(self._upload)
                if not changed_one(session, _GROW, {**shown, **told, "format": self._format}):
                    raise _refusal(session, self._upload)
        except (OffsetConflict, NotFound):
            # Nobody's. After any other failure the row may speak of it: then only the sweep may remove it.
            remove_pieces(set(pieces) - set(self._upload.pieces), store=self._store)
            raise
        remove_pieces(set(self._upload.pieces) - set(pieces), store=self._store)
        return replace(grown, pieces=pieces, format=self._format)

    def _gathered(self, name: str) -> tuple[tuple[str, int], ...]:
        """The earlier pieces, fewer if they are many; `name` is nobody's when they cannot be gathered."""
        try:
            return gathered(self._upload.pieces, store=self._store)
        except (Unavailable, ObjectMissing):
            remove_pieces([(name, self.bytes)], store=self._store)
            raise


def _as_shown(upload: Upload) -> dict[str, Any]:
    return {"which": upload.code, "stood_at": upload.received}


def _refusal(session: Session, upload: Upload) -> NotFound | OffsetConflict:
    """Why the row was no longer as it was read: it stands elsewhere, or is gone (or finished)."""
    for columns in (_U, table_of(FinishedUploadRow).c):
        if session.execute(select(columns.code).where(columns.code == upload.code)).first() is not None:
            return OffsetConflict()
    return NotFound()
