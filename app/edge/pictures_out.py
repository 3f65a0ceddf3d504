"""Handing out a picture."""

from flask import Response

from app.edge.objects_out import object_answer
from app.evidence.signature import PhotoFormat
from app.hazards.queries import Picture, PictureKey
from storage.object_store import ObjectStore


def picture_answer(found: PictureKey, picture: Picture, *, store: ObjectStore) -> Response:
    """The picture's bytes; an original only as a download, under a name of ours.

    Raises like `object_answer`.
    """
    kind = PhotoFormat(found.format)
    name = found.file_name + kind.suffix if picture is Picture.ORIGINAL else None
    return object_answer(found.key, mime_type=kind.mime_type, store=store, name=name)
