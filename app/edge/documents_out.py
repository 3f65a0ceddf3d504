"""Handing out a document: as a download under a name of ours, never as a page a browser opens."""

from flask import Response

from app.edge.objects_out import object_answer
from app.evidence.signature import DocumentFormat
from app.hazards.documents import DocumentKey
from storage.object_store import ObjectStore


def document_answer(found: DocumentKey, *, store: ObjectStore) -> Response:
    """The document's bytes; a PDF may carry scripts, so no browser is ever asked to show it here (P18).

    Raises like `object_answer`.
    """
    kind = DocumentFormat(found.format)
    return object_answer(found.key, mime_type=kind.mime_type, store=store, name=found.file_name + kind.suffix)
