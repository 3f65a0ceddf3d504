"""The editor of an area, with what already stands around it for the map."""

import json
from collections.abc import Iterable

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.edge.entrance import actor, runtime
from app.evidence.datums import Datum, degrees_from_wgs84
from app.units.areas import Area, area_of, areas_in
from app.units.geometry import Position
from app.units.managing import managed_area, managed_unit
from app.units.naming import NAME_LONGEST
from app.units.outlines import written_corners
from app.units.queries import Unit, enterprise_of, places_in, subtree, unit_by_id
from app.web.frames import frame_of
from app.web.ground import SHAPES_MOST, ground_of_page, map_datum
from app.web.pages.frame import Choice, FieldFault
from app.web.setup import words
from app.web.setup.pages import AreaPage
from app.web.setup.present_units import size_in_words, unit_address
from app.web.setup.typed import said

Faults = tuple[FieldFault, ...]


def new_area_page(code: str, *, faults: Faults = ()) -> AreaPage:
    """The editor of a new area in the unit `code`."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
        shapes = _around(session, unit, but="")
    return _page(str(_("新建区域")), unit, None, shapes, faults)


def area_page(key: str, *, faults: Faults = ()) -> AreaPage:
    """The editor of an area that exists."""
    with runtime().db.read() as session:
        area = area_of(managed_area(session, key, by=actor()))
        unit = unit_by_id(session, area.unit_id)
        shapes = _around(session, unit, but=area.key)
    return _page(str(_("修改区域")), unit, area, shapes, faults)


def _page(title: str, unit: Unit, area: Area | None, shapes: str, faults: Faults) -> AreaPage:
    drawn_in = map_datum()
    datum = said("datum", drawn_in)
    return AreaPage(
        frame=frame_of(current="setup"),
        title=title,
        unit=unit.name,
        back_href=unit_address(unit.code),
        action=request.path,
        name=said("name", area.name if area else _("%(unit)s区域", unit=unit.name)),
        name_limit=NAME_LONGEST,
        corners=said("corners", _written(area, drawn_in) if area else ""),
        datums=tuple(
            Choice(value=code, label=str(word), chosen=code == datum) for code, word in words.DATUMS.items()
        ),
        shapes=shapes,
        ground=ground_of_page(),
        size=size_in_words(area.size_m2) if area else "",
        retire_action=url_for("setup.end_area", key=area.key) if area else "",
        faults=faults,
    )


def _written(area: Area, datum: Datum) -> str:
    """The corners as the map's datum has them; digits enough that saving them again changes nothing."""
    if datum is Datum.WGS84:
        return written_corners(area.corners)
    return written_corners(_drawn(area.corners, datum), digits=9)


def _drawn(corners: Iterable[Position], datum: Datum) -> list[Position]:
    return [degrees_from_wgs84(lat, lon, datum=datum) for lat, lon in corners]


def _around(session: Session, unit: Unit, *, but: str) -> str:
    """The other areas and the places of the enterprise, as the map reads them."""
    around = [one.id for one in subtree(session, [enterprise_of(session, unit).id])]
    areas = [area for area in areas_in(session, around) if area.key != but][:SHAPES_MOST]
    places = [place for place in places_in(session, around[:1]) if place.lat is not None][:SHAPES_MOST]
    datum = map_datum()
    points = [
        (place.name, (place.lat, place.lon)) for place in places if place.lat is not None and place.lon is not None
    ]
    drawn = {
        "areas": [{"name": area.name, "corners": _drawn(area.corners, datum)} for area in areas],
        "places": [{"name": name, "at": degrees_from_wgs84(*at, datum=datum)} for name, at in points],
    }
    return json.dumps(drawn, ensure_ascii=False)
