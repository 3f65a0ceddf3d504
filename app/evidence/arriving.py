"""One file on its way in: bounded, typed by its own bytes and hashed while it streams to the store."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Generic, TypeVar

from app.core.errors import OutOfSpace, TooLarge, Unavailable, UnsupportedMedia
from app.evidence.signature import HEAD_BYTES, DocumentFormat, PhotoFormat, sniff, sniff_document
from storage.object_store import ObjectStore, StoreError, StoreFull, Writing

STORE_RETRY_SECONDS: Final = 30
F = TypeVar("F", bound=StrEnum)


@dataclass(frozen=True)
class KeptFile(Generic[F]):
    """A file that is durable in the store under its SHA-256."""

    sha256: str
    bytes: int
    format: F


class KeptPhoto(KeptFile[PhotoFormat]):
    """An original."""


class KeptDocument(KeptFile[DocumentFormat]):
    """A paper that proves a report: a PDF, or a picture of it."""


@contextmanager
def as_problem() -> Iterator[None]:
    """Turn the store's refusals into what a person can be told."""
    try:
        yield
    except StoreFull as error:
        raise OutOfSpace(retry_after=STORE_RETRY_SECONDS) from error
    except StoreError as error:
        raise Unavailable(retry_after=STORE_RETRY_SECONDS) from error


class ArrivingFile(Generic[F]):
    """One file while it arrives; nothing is staged before its first bytes say what it is.

    `n` is its position among the request's files of its kind, from 1; `limit` is in bytes.
    """

    what: ClassVar[str]

    def __init__(self, *, store: ObjectStore, limit: int, n: int) -> None:
        self._store = store
        self._limit = limit
        self._n = n
        self._hash = hashlib.sha256()
        self._head = b""
        self._format: F | None = None
        self._writing: Writing | None = None
        self.bytes = 0

    def _sniffed(self, head: bytes) -> F | None:
        """The format that the first HEAD_BYTES bytes announce, None for what is not taken."""
        raise NotImplementedError

    def _not_taken(self) -> UnsupportedMedia:
        return UnsupportedMedia(n=self._n)

    def write(self, part: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLarge: the file is over the limit.
            UnsupportedMedia: its first HEAD_BYTES bytes are none of the signatures taken.
            Unavailable: the store cannot take it (OutOfSpace when it is full).
        """
        self.bytes += len(part)
        if self.bytes > self._limit:
            raise TooLarge(what=self.what, limit=self._limit, n=self._n)
        if self._writing is not None:
            self._pass_on(self._writing, part)
            return
        self._head += part
        if len(self._head) >= HEAD_BYTES:
            self._start()

    def finish(self) -> None:
        """Say that all bytes came; raises like `write` for a file shorter than a signature."""
        if self._writing is None:
            self._start()

    def measured(self) -> tuple[str, int, F]:
        """Its key, its bytes and its format, which `finish` must precede; nothing is kept yet."""
        if self._format is None:
            raise ValueError("a file is described after it is finished")
        return self._hash.hexdigest(), self.bytes, self._format

    def make_durable(self) -> None:
        """Keep it, which `finish` must precede.

        Raises:
            Unavailable: the store cannot keep it (OutOfSpace when it is full).
        """
        key, _bytes, _format = self.measured()
        if self._writing is None:
            raise ValueError("a file is kept after it is finished")
        with as_problem():
            self._writing.keep(key)

    def discard(self) -> None:
        """Leave nothing of it in the store's staging; harmless after it was kept."""
        if self._writing is not None:
            self._writing.discard()

    def _start(self) -> None:
        self._format = self._sniffed(self._head[:HEAD_BYTES])
        if self._format is None:
            raise self._not_taken()
        with as_problem():
            self._writing = self._store.begin()
        self._pass_on(self._writing, self._head)
        self._head = b""

    def _pass_on(self, writing: Writing, part: bytes) -> None:
        self._hash.update(part)
        with as_problem():
            writing.write(part)


class ArrivingPhoto(ArrivingFile[PhotoFormat]):
    """A photograph."""

    what = "photo"

    def _sniffed(self, head: bytes) -> PhotoFormat | None:
        return sniff(head)

    def described(self) -> KeptPhoto:
        """What it is and what its key will be; raises like `measured`."""
        return KeptPhoto(*self.measured())

    def keep(self) -> KeptPhoto:
        """Make it durable; raises like `make_durable`."""
        self.make_durable()
        return self.described()


class ArrivingDocument(ArrivingFile[DocumentFormat]):
    """A document: its bytes are as guilty as a photo's, and nobody ever decodes them here."""

    what = "document"

    def _sniffed(self, head: bytes) -> DocumentFormat | None:
        return sniff_document(head)

    def _not_taken(self) -> UnsupportedMedia:
        return UnsupportedMedia(what=self.what)

    def described(self) -> KeptDocument:
        """What it is and what its key will be; raises like `measured`."""
        return KeptDocument(*self.measured())
