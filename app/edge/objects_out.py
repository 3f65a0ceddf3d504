"""Handing out a stored object: allowed by the app on each request, of a type that no browser executes."""

import weakref
from typing import BinaryIO, Final

from flask import Response

from app.core.errors import NotFound, Unavailable
from app.edge.entrance import runtime
from storage.object_store import ObjectMissing, ObjectStore, StoreError

BLOCK: Final = 256 * 1024
FRESH_SECONDS: Final = 60
"""A right that was taken away stops working within this (P13)."""


def object_answer(key: str, *, mime_type: str, store: ObjectStore, name: str | None = None) -> Response:
    """The object's bytes: under a file's name as a download that nothing keeps, without one to be shown.

    Where a web server in front can fetch it, the answer is empty and says to that server where it lies.

    Raises:
        NotFound: the store has lost it; `verify` names it.
        Unavailable: the store cannot be read now.
    """
    address = store.internal_address(key) if runtime().settings.is_accelerated else None
    try:
        size = store.size(key)
        stream = None if address else store.open(key)
    except ObjectMissing as error:
        raise NotFound from error
    except StoreError as error:
        raise Unavailable from error
    answer = Response(Blocks(stream) if stream else None, mimetype=mime_type)
    if address:
        answer.headers["X-Accel-Redirect"] = address
    else:
        answer.content_length = size
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}" if name is None else "no-store"
    if name is not None:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class Blocks:
    """The stream in blocks, so that no file is ever whole in memory.

    Closed at its end, with the answer, and when it is dropped: a server whose reader has left may never come to
    close what it was sending.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._close = weakref.finalize(self, stream.close)

    def __iter__(self) -> "Blocks":
        return self

    def __next__(self) -> bytes:
        block = self._stream.read(BLOCK) if self._close.alive else b""
        if not block:
            self.close()
            raise StopIteration
        return block

    def close(self) -> None:
        """Let the file go; harmless when it is gone."""
        self._close()
