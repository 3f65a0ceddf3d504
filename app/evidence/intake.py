"""Photographs and documents on their way in: the parts of one request, none kept before all are wanted."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from app.core.errors import BadRequest, Fault, Invalid, Problem, TooLarge, Unavailable
from app.evidence.arriving import (
    STORE_RETRY_SECONDS,
    ArrivingDocument,
    ArrivingPhoto,
    KeptDocument,
    KeptPhoto,
)
from storage.object_store import ObjectStore

Arriving = ArrivingPhoto | ArrivingDocument
KEEPING_SECONDS: Final = 45
"""After this, no further photo of a request is begun: whoever waits is told before he stops listening."""


class PhotoSink:
    """The photos and the small parts of one multipart request, taken while the request is being read.

    The edge opens a part with `open_photo` or `open_text` and writes into it; the parser's closing
    `seek(0)` ends it. Any refusal discards all photos of the request at once, and so must whoever does
    not come to `keep`: `discard` leaves nothing in the store's staging.
    """

    def __init__(self, *, store: ObjectStore, photo_bytes: int, photos: int, text_bytes: int) -> None:
        """Bounds: bytes of a photo, number of photos, bytes of a small part."""
        self._store = store
        self._photo_bytes = photo_bytes
        self._photos = photos
        self._text_bytes = text_bytes
        self._arriving: list[ArrivingPhoto] = []
        self._document: ArrivingDocument | None = None
        self._texts: dict[str, TextPart] = {}

    def open_photo(self, *, file_name: str | None) -> "FilePart":
        """Where one photo's bytes go; a part without a name and without bytes is no photo at all."""
        return FilePart(self, self.add_photo, has_name=bool(file_name))

    def open_document(self, *, file_name: str | None) -> "FilePart":
        """Where the one document's bytes go; a part without a name and without bytes is none."""
        return FilePart(self, self.add_document, has_name=bool(file_name))

    def open_text(self, name: str) -> "TextPart":
        """Where a small part's bytes go.

        Raises:
            BadRequest: a part of that name came already; nobody can say which was meant.
        """
        if name in self._texts:
            raise BadRequest(reason="part_twice", part=name)
        self._texts[name] = TextPart(limit=self._text_bytes)
        return self._texts[name]

    def text(self, name: str) -> bytes | None:
        """The bytes of the small part `name`, None when it did not come."""
        part = self._texts.get(name)
        return None if part is None else part.getvalue()

    def add_photo(self) -> ArrivingPhoto:
        """Count one more photo.

        Raises:
            Invalid: it is one too many.
        """
        if len(self._arriving) >= self._photos:
            raise Invalid(Fault("photos", "too_many_photos", {"limit": self._photos}))
        photo = ArrivingPhoto(store=self._store, limit=self._photo_bytes, n=len(self._arriving) + 1)
        self._arriving.append(photo)
        return photo

    def add_document(self) -> ArrivingDocument:
        """The document of this request; it may be as large as a photo.

        Raises:
            BadRequest: there is one already; nobody can say which was meant.
        """
        if self._document is not None:
            raise BadRequest(reason="part_twice", part="document")
        self._document = ArrivingDocument(store=self._store, limit=self._photo_bytes, n=1)
        return self._document

    @property
    def document(self) -> KeptDocument | None:
        """The document that came, before it is kept."""
        return None if self._document is None else self._document.described()

    @property
    def count(self) -> int:
        """How many photos came."""
        return len(self._arriving)

    def arrived(self) -> tuple[KeptPhoto, ...]:
        """The photos as they came, in order, before any is kept."""
        return tuple(photo.described() for photo in self._arriving)

    def keep(self) -> tuple[KeptPhoto, ...]:
        """Make every photo, and the document, durable, in the order they came.

        When the store refuses one, those kept before it stay as objects that no row names: they may be
        another hazard's photos by now, so they are not taken back.

        Raises:
            Unavailable: the store cannot keep one (OutOfSpace when it is full), or takes too long; the rest
                is discarded.
        """
        ends_at = monotonic() + KEEPING_SECONDS
        try:
            if self._document is not None:
                self._document.make_durable()
            return tuple(_kept_in_time(photo, ends_at) for photo in self._arriving)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing in the store's staging; harmless after `keep` and when called twice."""
        for file in (*self._arriving, self._document):
            if file is not None:
                file.discard()


def _kept_in_time(photo: ArrivingPhoto, ends_at: float) -> KeptPhoto:
    if monotonic() > ends_at:
        raise Unavailable(retry_after=STORE_RETRY_SECONDS)
    return photo.keep()


class FilePart(io.RawIOBase):
    """A photo's or document's part of a multipart request, as the parser sees it: a file that can only be written.

    `begin` counts it when its first byte comes.
    """

    def __init__(self, sink: PhotoSink, begin: Callable[[], Arriving], *, has_name: bool) -> None:
        super().__init__()
        self._sink = sink
        self._begin = begin
        self._has_name = has_name
        self._file: Arriving | None = None

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        """Take the next bytes; raises like `ArrivingFile.write` and `begin`."""
        if part:
            with self._discarding():
                self._arriving().write(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """The parser rewinds a part when it has ended; a file ends here and is not rewound."""
        if offset or whence:
            raise io.UnsupportedOperation("a photo's part is not read back")
        with self._discarding():
            # A browser sends an empty part without a name when no file was chosen.
            if self._file is not None or self._has_name:
                self._arriving().finish()
        return 0

    def _arriving(self) -> Arriving:
        if self._file is None:
            self._file = self._begin()
        return self._file

    @contextmanager
    def _discarding(self) -> Iterator[None]:
        try:
            yield
        except Problem:
            self._sink.discard()
            raise


class TextPart(io.BytesIO):
    """A small part of a multipart request, kept in memory up to `limit` bytes."""

    def __init__(self, *, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        """Take the next bytes.

        Raises:
            TooLarge: the part is over its limit.
        """
        if self.tell() + len(part) > self._limit:
            raise TooLarge(what="json", limit=self._limit)
        return super().write(part)
