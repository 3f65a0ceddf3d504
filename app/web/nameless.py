"""The receipt of a report without an account: the browser itself keeps it, signed, for a quarter of an hour."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import Response, current_app, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from app.edge.entrance import runtime
from app.hazards.submission import Receipt
from app.web.answers import see_other

RECEIPT_SECONDS: Final = 15 * 60
_FIRST: Final = "sent"
_AGAIN: Final = "sent_again"


@dataclass(frozen=True)
class NamelessReceipt:
    """What such a receipt shows; `code` is empty where a repeat was recognised (`again`)."""

    number: str
    photos: int
    unit: str
    officer: str
    code: str
    place: str  # the scanned place's code
    anonymous: bool
    again: bool
    received_at: str = ""  # ISO 8601
    zone: str = ""  # the unit's


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="nameless-receipt")


def nameless_answer(receipt: Receipt, *, code: str, place: str, anonymous: bool) -> Response:
    """Go on to the receipt. The server keeps no code: whoever reloads the page shows the cookie again.

    The address carries no number, so that no access log ties one to a phone; the cookie goes there only.
    """
    told = NamelessReceipt(
        number=receipt.number,
        photos=len(receipt.photos),
        unit=receipt.unit.name,
        officer=receipt.officer or "",
        code=code if receipt.is_new else "",
        place=place,
        anonymous=anonymous,
        again=not receipt.is_new,
        received_at=receipt.received_at.isoformat(),
        zone=receipt.unit.zone.key,
    )
    path = url_for("reporter.sent")
    answer = see_other(path)
    answer.set_cookie(
        _FIRST if receipt.is_new else _AGAIN,
        _signer().dumps(asdict(told)),
        max_age=RECEIPT_SECONDS,
        path=path,
        secure=runtime().settings.has_secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    if receipt.is_new:
        answer.delete_cookie(_AGAIN, path=path)
    return answer


def nameless_receipt() -> NamelessReceipt | None:
    """The receipt this browser was given last; None when there is none or its time is over."""
    first, again = _read(_FIRST), _read(_AGAIN)
    # A double tap must not hide the code that the first answer gave.
    if again is not None and (first is None or first.number != again.number):
        return again
    return first


def _read(name: str) -> NamelessReceipt | None:
    try:
        told: dict[str, Any] = _signer().loads(request.cookies.get(name, ""), max_age=RECEIPT_SECONDS)
    except BadData:
        return None
    return NamelessReceipt(**told)
