"""The pin by hand of the report form."""

from typing import Any

from flask import request, url_for

from app.edge.entrance import actor, actor_or_none, runtime
from app.units.queries import Place, enterprise_of, subtree, unit_by_id
from app.web.forms import kept_pin
from app.web.ground import ground_of_page
from app.web.map.shapes import shapes_of
from app.web.pages.reporter import PinField


def pin_field(place: Place | None) -> PinField:
    """The field with what this request already brought; the scanned place is where its map opens."""
    lat, lon = kept_pin(request.form)
    return PinField(
        lat=lat,
        lon=lon,
        ground=ground_of_page(),
        around_href=url_for("map.around_here") if actor_or_none() else "",
        at="" if place is None or place.lat is None else f"{place.lat},{place.lon}",
    )


def around() -> dict[str, Any]:
    """Areas and places of the enterprise of whoever reports."""
    with runtime().db.read() as session:
        enterprise = enterprise_of(session, unit_by_id(session, actor().home_unit_id))
        return shapes_of(session, [unit.id for unit in subtree(session, [enterprise.id])])
