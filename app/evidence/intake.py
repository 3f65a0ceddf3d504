"""Photographs on their way in: bounded, typed by their own bytes and hashed while they stream to the store."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from app.core.errors import (
    BadRequest,
    Fault,
    Invalid,
    OutOfSpace,
    Problem,
    TooLarge,
    Unavailable,
    UnsupportedMedia,
)
from app.evidence.signature import HEAD_BYTES, PhotoFormat, sniff
from storage.object_store import ObjectStore, StoreError, StoreFull, Writing

READ_BYTES: Final = 256 * 1024
STORE_RETRY_SECONDS: Final = 30


class Readable(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""


@dataclass(frozen=True)
class KeptPhoto:
    """An original that is durable in the store under its SHA-256."""

    sha256: str
    bytes: int
    format: PhotoFormat


@contextmanager
def _as_problem() -> Iterator[None]:
    """Turn the store's refusals into what a person can be told."""
    try:
        yield
    except StoreFull as error:
        raise OutOfSpace(retry_after=STORE_RETRY_SECONDS) from error
    except StoreError as error:
        raise Unavailable(retry_after=STORE_RETRY_SECONDS) from error


class ArrivingPhoto:
    """One photo while it arrives; nothing is staged before its first bytes say what it is.

    `n` is its position among the request's photos, from 1; `limit` is in bytes.
    """

    def __init__(self, *, store: ObjectStore, limit: int, n: int) -> None:
        self._store = store
        self._limit = limit
        self._n = n
        self._hash = hashlib.sha256()
        self._head = b""
        self._format: PhotoFormat | None = None
        self._writing: Writing | None = None
        self.bytes = 0

    def write(self, part: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLarge: the photo is over the limit.
            UnsupportedMedia: its first HEAD_BYTES bytes are none of the signatures taken.
            Unavailable: the store cannot take it (OutOfSpace when it is full).
        """
        self.bytes += len(part)
        if self.bytes > self._limit:
            raise TooLarge(what="photo", limit=self._limit, n=self._n)
        if self._writing is not None:
            self._pass_on(self._writing, part)
            return
        self._head += part
        if len(self._head) >= HEAD_BYTES:
            self._start()

    def finish(self) -> None:
        """Say that all bytes came; raises like `write` for a photo shorter than a signature."""
        if self._writing is None:
            self._start()

    def described(self) -> KeptPhoto:
        """What it is and what its key will be, which `finish` must precede; nothing is kept yet."""
        if self._format is None:
            raise ValueError("a photo is described after it is finished")
        return KeptPhoto(sha256=self._hash.hexdigest(), bytes=self.bytes, format=self._format)

    def keep(self) -> KeptPhoto:
        """Make it durable, which `finish` must precede.

        Raises:
            Unavailable: the store cannot keep it (OutOfSpace when it is full).
        """
        photo = self.described()
        if self._writing is None:
            raise ValueError("a photo is kept after it is finished")
        with _as_problem():
            self._writing.keep(photo.sha256)
        return photo

    def discard(self) -> None:
        """Leave nothing of it in the store's staging; harmless after `keep`."""
        if self._writing is not None:
            self._writing.discard()

    def _start(self) -> None:
        self._format = sniff(self._head[:HEAD_BYTES])
        if self._format is None:
            raise UnsupportedMedia(n=self._n)
        with _as_problem():
            self._writing = self._store.begin()
        self._pass_on(self._writing, self._head)
        self._head = b""

    def _pass_on(self, writing: Writing, part: bytes) -> None:
        self._hash.update(part)
        with _as_problem():
            writing.write(part)


def keep_original(stream: Readable, *, store: ObjectStore, limit: int) -> KeptPhoto:
    """Keep one photo read from `stream`; durable on return, and nothing is left when it is refused.

    `limit` is in bytes.

    Raises:
        TooLarge: more than `limit` bytes; read no further than one block beyond it.
        UnsupportedMedia: none of the signatures taken (an empty stream has none).
        Unavailable: the store cannot keep it (OutOfSpace when it is full).
    """
    photo = ArrivingPhoto(store=store, limit=limit, n=1)
    try:
        while part := stream.read(READ_BYTES):
            photo.write(part)
        photo.finish()
        return photo.keep()
    finally:
        photo.discard()


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
        self._texts: dict[str, TextPart] = {}

    def open_photo(self, *, file_name: str | None) -> "PhotoPart":
        """Where one photo's bytes go; a part without a name and without bytes is no photo at all."""
        return PhotoPart(self, has_name=bool(file_name))

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

    @property
    def count(self) -> int:
        """How many photos came."""
        return len(self._arriving)

    def arrived(self) -> tuple[KeptPhoto, ...]:
        """The photos as they came, in order, before any is kept."""
        return tuple(photo.described() for photo in self._arriving)

    def keep(self) -> tuple[KeptPhoto, ...]:
        """Make every photo durable, in the order they came.

        When the store refuses one, those kept before it stay as objects that no row names: they may be
        another hazard's photos by now, so they are not taken back.

        Raises:
            Unavailable: the store cannot keep one (OutOfSpace when it is full); the rest is discarded.
        """
        try:
            return tuple(photo.keep() for photo in self._arriving)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing in the store's staging; harmless after `keep` and when called twice."""
        for photo in self._arriving:
            photo.discard()


class PhotoPart(io.RawIOBase):
    """A photo's part of a multipart request, as the parser sees it: a file that can only be written."""

    def __init__(self, sink: PhotoSink, *, has_name: bool) -> None:
        super().__init__()
        self._sink = sink
        self._has_name = has_name
        self._photo: ArrivingPhoto | None = None

    def write(self, part: bytes, /) -> int:  # type: ignore[override]
        """Take the next bytes; raises like `ArrivingPhoto.write` and `PhotoSink.add_photo`."""
        if part:
            with self._discarding():
                self._arriving().write(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """The parser rewinds a part when it has ended; a photo ends here and is not rewound."""
        if offset or whence:
            raise io.UnsupportedOperation("a photo's part is not read back")
        with self._discarding():
            # A browser sends an empty part without a name when no file was chosen.
            if self._photo is not None or self._has_name:
                self._arriving().finish()
        return 0

    def _arriving(self) -> ArrivingPhoto:
        if self._photo is None:
            self._photo = self._sink.add_photo()
        return self._photo

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
