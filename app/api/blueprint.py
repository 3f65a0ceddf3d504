"""The one blueprint of the API, and what its views share."""

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from app.core.errors import BadRequest
from app.edge.http import once_each

api: Final = Blueprint("api", __name__, url_prefix="/api/v1")


def answer(body: Any, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, {"Cache-Control": "no-store"}, mimetype="application/json")


def json_body() -> Any:
    """The request's JSON.

    Raises:
        BadRequest: it is none.
        TooLarge: over the limit.
    """
    try:
        text = request.get_data(cache=False)
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=once_each)
    except (ValueError, RecursionError) as error:
        raise BadRequest(reason="no_json") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
