"""Handing out a document: as a download under a name of ours, never as a page a browser opens."""

from flask import Response

from app.core.errors import NotFound, Unavailable
from app.edge.pictures_out import blocks_of
from app.evidence.signature import DocumentFormat
from app.hazards.documents import DocumentKey
from storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable


def document_answer(found: DocumentKey, *, store: ObjectStore) -> Response:
    """The document's bytes; a PDF may carry scripts, so no browser is ever asked to show it here (P18).

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
    kind = DocumentFormat(found.format)
    answer = Response(blocks_of(stream), mimetype=kind.mime_type)
    answer.content_length = size
    answer.call_on_close(stream.close)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}{kind.suffix}"'
    return answer
