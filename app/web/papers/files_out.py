"""Handing out a finished file as a download, under a name of ours and a type that no browser executes."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from flask import Response

from app.core.errors import NotFound, Unavailable
from storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable

BLOCK: Final = 256 * 1024


def download(key: str, *, name: str, mime_type: str, store: ObjectStore) -> Response:
    """The object as an attachment.

    Raises:
        NotFound: the store has lost it; `verify` names it.
        Unavailable: the store cannot be read now.
    """
    answer = _streamed(key, mime_type=mime_type, store=store)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def shown_picture(key: str, *, store: ObjectStore, fresh_seconds: int) -> Response:
    """One of our own JPEG derivatives; raises like `download`."""
    answer = _streamed(key, mime_type="image/jpeg", store=store)
    answer.headers["Cache-Control"] = f"private, max-age={fresh_seconds}"
    return answer


def _streamed(key: str, *, mime_type: str, store: ObjectStore) -> Response:
    try:
        size = store.size(key)
        stream = store.open(key)
    except ObjectMissing as error:
        raise NotFound from error
    except StoreUnavailable as error:
        raise Unavailable from error
    answer = Response(_blocks(stream), mimetype=mime_type)
    answer.content_length = size
    answer.call_on_close(stream.close)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block
