"""A4 sheets with the QR labels of many places."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from flask import url_for
from flask_babel import ngettext

from app.accounts.permissions import Permission
from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.units.managing import hands_out_codes
from app.units.queries import Place, Unit, places_in, subtree, unit_by_code, units_by_id
from app.web.frames import frame_of
from app.web.pages.admin import Label, SheetGroup, SheetPage, SheetPlace
from app.web.pages.frame import Choice
from app.web.present_places import address_of, qr_of
from app.web.reachable import only_here

SIZES: Final = (8, 15)
"""Labels on one sheet: to be read from a step away, and for doors and machines."""
LABELS_MOST: Final = 300
"""Twenty to forty sheets: a browser prints no more with pleasure."""


def sheet_page(*, unit: str, chosen: Collection[str], per: str) -> SheetPage:
    """The sheets of one unit's places with everything below it, or of the chosen ones.

    Raises:
        NotFound: the unit is absent or outside the reader's subtree.
    """
    with runtime().db.read() as session:
        mine = actor().units_where(Permission.PLACE_READ)
        inside = _unit_inside(unit_by_code(session, unit)) if unit else None
        places = places_in(session, [inside.id] if inside else mine)
        units = units_by_id(session, [place.unit_id for place in places])
        places = [place for place in places if hands_out_codes(units[place.unit_id], by=actor())]
        offered = [one for one in subtree(session, mine) if not one.retired]
    wanted = [place for place in places if not chosen or place.code in chosen][:LABELS_MOST]
    size = int(per) if per in {str(size) for size in SIZES} else SIZES[0]
    labels = [_label(place, units[place.unit_id]) for place in wanted]
    return SheetPage(
        frame=frame_of(current="places", tells=False),
        back_href=url_for("admin.places"),
        units=tuple(Choice(value=one.code, label=one.name, chosen=one.code == unit) for one in offered),
        sizes=tuple(
            Choice(value=str(n), label=ngettext("每张 %(num)s 个", "每张 %(num)s 个", n), chosen=n == size)
            for n in SIZES
        ),
        groups=_groups(places, units, {place.code for place in wanted}),
        per=size,
        chosen=len(labels),
        only_here=only_here(),
        sheets=tuple(tuple(labels[first : first + size]) for first in range(0, len(labels), size)),
    )


def _unit_inside(unit: Unit | None) -> Unit:
    if unit is None or not actor().can(Permission.PLACE_READ, lineage=unit.lineage):
        raise NotFound
    return unit


def _groups(places: list[Place], units: Mapping[int, Unit], chosen: Collection[str]) -> tuple[SheetGroup, ...]:
    rows: dict[int, list[SheetPlace]] = defaultdict(list)
    for place in places:
        rows[place.unit_id].append(SheetPlace(code=place.code, name=place.name, chosen=place.code in chosen))
    return tuple(
        SheetGroup(unit=units[unit_id].name, places=tuple(rows[unit_id]))
        for unit_id in sorted(rows, key=lambda unit_id: units[unit_id].lineage)
    )


def _label(place: Place, unit: Unit) -> Label:
    return Label(place=place.name, unit=unit.name, code=place.code, qr_svg=qr_of(address_of(place)))
