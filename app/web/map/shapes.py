"""Areas and places as a map's script reads them: names, and degrees in WGS-84 that it shifts."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy.orm import Session

from app.units.areas import areas_in
from app.units.geometry import Position
from app.units.queries import places_in
from app.web.ground import SHAPES_MOST

_DIGITS: Final = 6
"""A decimetre."""


def shapes_of(session: Session, unit_ids: Collection[int]) -> dict[str, Any]:
    """What stands in these units and below; `unit_ids` names each of them for areas."""
    areas = areas_in(session, unit_ids)[:SHAPES_MOST]
    places = [place for place in places_in(session, unit_ids) if place.lat is not None][:SHAPES_MOST]
    return {
        "areas": [{"name": area.name, "corners": [drawn(corner) for corner in area.corners]} for area in areas],
        "places": [
            {"code": place.code, "name": place.name, "at": drawn((place.lat, place.lon))}
            for place in places
            if place.lat is not None and place.lon is not None
        ],
    }


def drawn(at: Position) -> list[float]:
    """A position as the script reads it."""
    return [round(degrees, _DIGITS) for degrees in at]
