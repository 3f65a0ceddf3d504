"""tus 1.0 (https://tus.io/protocols/resumable-upload), as far as it is headers: what is said, read and refused."""

import base64
import binascii
import re
from collections.abc import Mapping
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final

from flask import request

from app.core.errors import BadRequest, LengthUnsaid, NotAPiece, ProtocolUnknown, TooLarge
from app.evidence.growing import Piece
from app.evidence.uploads import Upload

VERSION: Final = "1.0.0"
ALGORITHM: Final = "sha256"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
PIECE_TYPE: Final = "application/offset+octet-stream"
DIGEST_BYTES: Final = 32
_WHOLE: Final = re.compile(r"[0-9]{1,18}")
_SHA256: Final = re.compile(rb"[0-9a-f]{64}")


def abilities(*, limit: int) -> Mapping[str, str]:
    """What OPTIONS tells; `limit` is the largest file in bytes."""
    return MappingProxyType(
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(limit),
            "Tus-Checksum-Algorithm": ALGORITHM,
        }
    )


def see_version() -> None:
    """See that the client speaks our version.

    Raises:
        ProtocolUnknown: it says none, or another.
    """
    if request.headers.get("Tus-Resumable") != VERSION:
        raise ProtocolUnknown


def is_piece() -> bool:
    """Whether the body is bytes of an upload."""
    return request.mimetype == PIECE_TYPE


def announced_file(*, limit: int) -> tuple[str, int]:
    """SHA-256 and bytes of the file that POST announces.

    Raises:
        BadRequest: no length, a length that comes later, or metadata without the hash.
        TooLarge: over the limit.
    """
    if "Upload-Defer-Length" in request.headers:
        raise BadRequest(reason="length_deferred")
    length = _whole("Upload-Length")
    if length > limit:
        raise TooLarge(what="photo", limit=limit)
    if not length:
        raise BadRequest(reason="empty")
    return _announced_hash(), length


def _announced_hash() -> str:
    """`Upload-Metadata: sha256 <base64 of hex>`; other keys stay unread: a file's name is nobody's business."""
    said = [entry.split() for entry in request.headers.get("Upload-Metadata", "").split(",")]
    values = [words[1] for words in said if len(words) == 2 and words[0] == ALGORITHM]  # noqa: PLR2004  # key, value
    if len(values) != 1:
        raise BadRequest(reason="no_sha256")
    hexed = _unbased(values[0], reason="no_sha256")
    if not _SHA256.fullmatch(hexed):
        raise BadRequest(reason="no_sha256")
    return hexed.decode()


def piece_of(*, offset: int | None = None) -> Piece:
    """What the headers say of the bytes that come; `offset` is where they begin if the headers need not say.

    Raises:
        NotAPiece: another content type.
        LengthUnsaid: they come in chunks.
        BadRequest: no offset, or a checksum that cannot be read.
    """
    if not is_piece():
        raise NotAPiece
    if "Transfer-Encoding" in request.headers:
        raise LengthUnsaid
    begins = _whole("Upload-Offset") if offset is None else offset
    return Piece(begins, request.content_length or 0, _checksum())


def _checksum() -> bytes | None:
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _, value = said.partition(" ")
    digest = _unbased(value.strip(), reason="checksum")
    if algorithm != ALGORITHM or len(digest) != DIGEST_BYTES:
        raise BadRequest(reason="checksum")
    return digest


def _unbased(text: str, *, reason: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(reason=reason) from error


def _whole(name: str) -> int:
    said = request.headers.get(name, "")
    if not _WHOLE.fullmatch(said):
        raise BadRequest(reason=name.lower().replace("-", "_"))
    return int(said)


def standing(upload: Upload) -> dict[str, str]:
    """Where an upload stands, and until when it is kept."""
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
