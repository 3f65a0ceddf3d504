"""The ground of every map: its tiles, their datum, what its maker asks to be said, and whether there is a map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import current_app

from app.edge.content_security import allow_pictures_from
from app.edge.entrance import runtime
from app.evidence.datums import Datum

MAP_LIBRARY: Final = "vendor/leaflet/leaflet.js"
SHAPES_MOST: Final = 400
"""Areas, or places: more than that makes no map clearer, only slower."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a page's map stands on; `tiles` holds up to two addresses, empty is a plain ground."""

    tiles: str
    datum: Datum
    credit: str


def has_map() -> bool:
    """Whether the map's library was fetched at set-up; every page works without it."""
    return (Path(current_app.static_folder or "") / MAP_LIBRARY).is_file()


def map_datum() -> Datum:
    """The datum of the map's tiles; a map without any is drawn in what is stored."""
    settings = runtime().settings
    return Datum(settings.map_datum) if settings.map_tiles else Datum.WGS84


def ground_of_page() -> Ground | None:
    """The ground for a map on this page, which may then load its tiles; None when there is no map."""
    if not has_map():
        return None
    settings = runtime().settings
    allow_pictures_from(settings.map_origin)
    credit = settings.map_credit if settings.map_tiles else ""
    return Ground(tiles=settings.map_tiles, datum=map_datum(), credit=credit)
