"""The map as a page and as marks: the same hazards, cut to the reader, by the place and by the spot."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, NotFound
from app.edge.entrance import actor, runtime
from app.hazards.on_the_map import Marked, OnTheMap, Shown, hazards_on_the_map, units_on_the_map
from app.units.queries import Unit
from app.web.frames import came_as, frame_of, here
from app.web.ground import ground_of_page
from app.web.map.pages import MapPage, PlaceGroup
from app.web.map.shapes import drawn, shapes_of
from app.web.map.words import MARKS, SHOWN
from app.web.pages import Choice
from app.web.present_pieces import card_of, states_of, where_of
from app.web.unit_choices import indented


@dataclass(frozen=True)
class _Asked:
    """What the address asks for: a unit (None: all that the reader sees) and which hazards."""

    units: tuple[Unit, ...]
    unit: Unit | None
    shown: Shown

    @property
    def drawn_units(self) -> list[int]:
        """Whose areas and places are drawn."""
        return [unit.id for unit in self.units if self.unit is None or self.unit.id in unit.lineage]


def _asked(session: Session) -> _Asked:
    """The unit by `?unit=`, the hazards by `?show=`; a word that is none of the offered shows what is open.

    Raises:
        Forbidden: this person sees no unit's hazards.
        NotFound: a unit that is not there for this reader.
    """
    units = tuple(units_on_the_map(session, by=actor()))
    if not units:
        raise Forbidden
    code, show = request.args.get("unit", ""), request.args.get("show", "")
    unit = next((unit for unit in units if unit.code == code), None)
    if code and unit is None:
        raise NotFound
    return _Asked(units, unit, Shown(show) if show in set(Shown) else Shown.OPEN)


def _found(session: Session, it: _Asked) -> OnTheMap:
    code = it.unit.code if it.unit else None
    return hazards_on_the_map(session, by=actor(), at=runtime().now(), shown=it.shown, unit_code=code)


def map_page() -> MapPage:
    """The page: the list by place, and the frame in which a script draws the map.

    Raises:
        Forbidden, NotFound: as `_asked`.
    """
    with runtime().db.read() as session:
        it = _asked(session)
        found = _found(session, it)
    return MapPage(
        frame=frame_of(current="map"),
        unit=it.unit.name if it.unit else it.units[0].name,
        units=(
            Choice(value="", label=str(_("全部单位")), chosen=it.unit is None),
            *indented(it.units, chosen=it.unit.code if it.unit else ""),
        ),
        shown=tuple(Choice(value=s, label=str(word), chosen=s is it.shown) for s, word in SHOWN.items()),
        marks_href=url_for("map.hazard_marks", show=it.shown, unit=it.unit.code if it.unit else None),
        marks=MARKS,
        ground=ground_of_page(),
        groups=_groups(found.hazards),
        total=len(found.hazards),
        is_cut=found.is_cut,
        all_href=url_for("map.hazard_map"),
    )


def marks() -> dict[str, Any]:
    """What the map draws: areas, places, and hazards by the spot where this reader may know them to be.

    Raises:
        Forbidden, NotFound: as `_asked`.
    """
    at = runtime().now()
    with runtime().db.read() as session:
        it = _asked(session)
        found = _found(session, it)
        shapes = shapes_of(session, it.drawn_units)
    spots: dict[tuple[float, float], dict[str, Any]] = {}
    for marked in found.hazards:
        if marked.at is None:
            continue
        line = marked.line
        spot = spots.setdefault(marked.at, {"name": where_of(line), "at": drawn(marked.at), "hazards": []})
        state = states_of(line, at=at, zone=line.unit.zone)[0].code
        spot["hazards"].append({"number": line.number, "href": _address(line.number, came=""), "state": state})
    return {**shapes, "spots": list(spots.values()), "is_cut": found.is_cut}


def _address(number: str, *, came: str) -> str:
    return url_for("reporter.hazard", number=number, **came_as(came))


def _groups(hazards: Iterable[Marked]) -> tuple[PlaceGroup, ...]:
    """By the place's name, or the words for the spot; the most pressing first."""
    at, came = runtime().now(), here()
    together: dict[str, list[Marked]] = {}
    for marked in hazards:
        together.setdefault(where_of(marked.line), []).append(marked)
    groups = [
        PlaceGroup(
            name=name,
            on_map=any(marked.at is not None for marked in those),
            cards=tuple(
                card_of(marked.line, href=_address(marked.line.number, came=came), at=at) for marked in those
            ),
        )
        for name, those in together.items()
    ]
    return tuple(sorted(groups, key=_pressing))


def _pressing(group: PlaceGroup) -> tuple[int, int]:
    return min(MARKS.index(card.states[0].code) for card in group.cards), -len(group.cards)
