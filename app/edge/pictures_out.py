"""Handing out a picture: read through the app on each request, of a type that no browser executes."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from flask import Response

from app.core.errors import NotFound, Unavailable
from app.evidence.signature import PhotoFormat
from app.hazards.queries import Picture, PictureKey
from storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable

BLOCK: Final = 256 * 1024
FRESH_SECONDS: Final = 60
"""A right that was taken away stops working within this (P13)."""


def picture_answer(found: PictureKey, picture: Picture, *, store: ObjectStore) -> Response:
    """The picture's bytes; an original only as a download, under a name of ours.

    Raises:
        NotFound: the store has lost it; `verify` names it.
        Unavailable: the store cannot be read now.
    """
    try:
        size = store.size(found.key)
        stream = store.open(found.key)
    except ObjectMissing as error:
        raise NotFound from error
    except StoreUnavailable as error:
        raise Unavailable from error
    photo_format = PhotoFormat(found.format)
    answer = Response(blocks_of(stream), mimetype=photo_format.mime_type)
    answer.content_length = size
    answer.call_on_close(stream.close)
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if picture is Picture.ORIGINAL:
        answer.headers["Cache-Control"] = "no-store"
        name = found.file_name + photo_format.suffix
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def blocks_of(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in blocks, so that no file is ever whole in memory."""
    while block := stream.read(BLOCK):
        yield block
