"""Which HTTP status each problem is: one table for both edges."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from werkzeug.exceptions import HTTPException

from app.core import errors

STATUSES: Final[Mapping[str, int]] = MappingProxyType(
    {
        errors.BadRequest.code: 400,
        errors.NotSignedIn.code: 401,
        errors.Forbidden.code: 403,
        errors.NotOpen.code: 403,
        errors.NotFound.code: 404,
        errors.Conflict.code: 409,
        errors.VersionConflict.code: 409,
        errors.ClientIdReused.code: 409,
        errors.OffsetConflict.code: 409,
        errors.LengthUnsaid.code: 411,
        errors.ProtocolUnknown.code: 412,
        errors.TooLarge.code: 413,
        errors.UnsupportedMedia.code: 415,
        errors.NotAPiece.code: 415,
        errors.Invalid.code: 422,
        errors.TooMany.code: 429,
        errors.UploadsFull.code: 429,
        # The number that tus gives to a checksum that does not match.
        errors.PieceAltered.code: 460,
        errors.UploadAltered.code: 460,
        errors.Unavailable.code: 503,
        errors.OutOfSpace.code: 507,
    }
)
_BY_HTTP: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "bad_request",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
        429: "too_many",
    }
)


def status_of(problem: errors.Problem) -> int:
    """The status of a problem."""
    return STATUSES[problem.code]


def status_of_http(error: HTTPException) -> tuple[str, int]:
    """The code and status of what the framework refused by itself."""
    status = error.code or 500
    return _BY_HTTP.get(status, "bad_request" if status < 500 else "internal"), status  # noqa: PLR2004  # HTTP's classes
