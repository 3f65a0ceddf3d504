"""Where the next page begins, sealed: what a caller holds tells nothing and cannot be made up."""

from typing import Final

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from app.core.errors import Fault, Invalid

_SALT: Final = "cursor"
LONGEST: Final = 500


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=_SALT)


def sealed(*parts: str) -> str:
    """The parts as an opaque text for an address."""
    return str(_serializer().dumps(parts))


def unsealed(cursor: str | None, *, parts: int) -> tuple[str, ...] | None:
    """The parts of a cursor of ours; None for none.

    Raises:
        Invalid: it is none of ours, or of another list.
    """
    if cursor is None:
        return None
    try:
        told = _serializer().loads(cursor[:LONGEST])
    except BadSignature as forged:
        raise Invalid(Fault("cursor", "not_a_cursor")) from forged
    if not isinstance(told, list) or len(told) != parts:
        raise Invalid(Fault("cursor", "not_a_cursor"))
    return tuple(str(part) for part in told)
