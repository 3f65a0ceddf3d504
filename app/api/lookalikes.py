"""Look-alikes by JSON, and joining one of them instead of reporting it again."""

from typing import Any

from flask import Response, request

from app.accounts.permissions import Permission
from app.api.blueprint import answer, api
from app.api.shapes import line_shape
from app.edge.entrance import actor, needs, runtime, signed_in
from app.edge.looking_alike import alike_asked
from app.hazards.followers import follow_hazard
from app.hazards.lookalikes import Lookalike


@api.get("/hazards/lookalikes")
@needs(Permission.HAZARD_SUBMIT)
def look_alike() -> Response:
    """Open hazards that a report here, of this category, may repeat; the likeliest first."""
    return answer({"items": [_shape(one) for one in alike_asked(request.args, by=actor())]})


def _shape(one: Lookalike) -> dict[str, Any]:
    return {"hazard": line_shape(one.line), "metres": one.metres}


@api.post("/hazards/<number>/followers")
@signed_in
def follow(number: str) -> Response:
    """Follow a hazard that was met instead of reporting it again."""
    means = runtime()
    joined = follow_hazard(number, by=actor(), at=means.now(), db=means.db)
    return answer({"number": joined}, 200)
