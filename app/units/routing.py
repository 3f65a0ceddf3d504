"""Which unit a hazard belongs to and which officer hears of it, with the reasons, in the order they were found.

Source: `domain.md` §5, "Routing". Pure: facts in, one decision out; the order of the facts never matters.
Who hears inside the unit and above it is decided by `app.units.rules`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, inf

from app.core.errors import Fault, Invalid
from app.units.geometry import Position, area_m2, distance_m, is_inside, is_position, is_surely_beyond
from app.units.rules import choose_officer
from app.units.surroundings import (
    Because,
    LocationFact,
    PlaceFact,
    Reason,
    Spot,
    Surroundings,
)

SOURCES = ("place", "pin", "phone", "exif")
"""Where a location came from, best first."""

NEAR_M = 300.0
"""How far the nearest place may be, in metres, unless the setting says otherwise."""

PHONE_ACCURACY_M = 100.0
"""A phone's own position counts when its stated accuracy is at most this."""


@dataclass(frozen=True)
class Routing:
    """The decision: the hazard lies in `unit_id`; `officer_id` hears, from there or above, or nobody (None).

    `source` is the location that was used, None when there was none; compare it with `is_better`.
    """

    unit_id: int
    officer_id: int | None
    source: str | None
    because: tuple[Reason, ...]


def is_better(new_source: str | None, old_source: str | None) -> bool:
    """Whether a new location justifies routing again: strictly earlier in `SOURCES`; none is worst.

    Raises:
        ValueError: a source is none of `SOURCES`.
    """
    return _rank(new_source) < _rank(old_source)


def _rank(source: str | None) -> int:
    return len(SOURCES) if source is None else SOURCES.index(source)


def choose_unit(
    surroundings: Surroundings,
    *,
    scanned: PlaceFact | None,
    locations: Iterable[LocationFact],
    category: str | None,
    reporters_unit_id: int | None,
    near_m: float = NEAR_M,
    phone_accuracy_m: float = PHONE_ACCURACY_M,
    every_rule: bool = False,
) -> Routing:
    """The unit and the officer for a hazard, by the best location (`domain.md` §5).

    A location of source "place" is spoken for by `scanned` and passed over here. `reporters_unit_id` is None for
    guests. The unit stays the one where the hazard lies, also when its officer is found further up. `every_rule`
    tells of the rules that were not for this hazard too.

    Raises:
        Invalid: nothing names a unit: a guest without a scanned place, outside every area and place.
        ValueError: a location's source is none of `SOURCES`.
    """
    names = {unit.id: unit.name for unit in surroundings.units}
    witnesses = tuple(locations)
    if scanned is not None:
        source: str | None = "place"
        unit_id = scanned.unit_id
        because = [Reason(Because.PLACE_SCANNED, _place_values(scanned, names))]
    else:
        location, because = _best_location(witnesses, phone_accuracy_m)
        source = location.source if location else None
        found = _unit_around(location, surroundings, names, near_m) if location else None
        if found is None:
            found = _unit_of_reporter(reporters_unit_id, names, near_m if location else None)
        unit_id, reasons = found
        because += reasons
    officer_id, heard = choose_officer(
        surroundings,
        unit_id=unit_id,
        category=category,
        spot=spot_of(scanned, witnesses, surroundings.places, near_m=near_m, phone_accuracy_m=phone_accuracy_m),
        every_rule=every_rule,
    )
    return Routing(unit_id, officer_id, source, (*because, *heard))


def spot_of(
    scanned: PlaceFact | None,
    locations: Iterable[LocationFact],
    places: Iterable[PlaceFact],
    *,
    near_m: float = NEAR_M,
    phone_accuracy_m: float = PHONE_ACCURACY_M,
) -> Spot:
    """Where the hazard lies for the rules: the scanned place, else the nearest one, and the best position."""
    if scanned is not None and scanned.lat is not None and scanned.lon is not None:
        return Spot(scanned.id, (scanned.lat, scanned.lon))
    location, _ = _best_location(locations, phone_accuracy_m)
    position = (location.lat, location.lon) if location else None
    if scanned is not None or position is None:
        return Spot(scanned.id if scanned else None, position)
    near = _nearest_place(position, places, near_m)
    return Spot(near[1].id if near else None, position)


def _best_location(locations: Iterable[LocationFact], limit_m: float) -> tuple[LocationFact | None, list[Reason]]:
    """The best usable location; among several of one source the most accurate, then the southernmost."""
    usable = [at for at in locations if at.source != "place" and is_position(at.lat, at.lon)]
    usable.sort(key=lambda at: (_rank(at.source), _accuracy(at), at.lat, at.lon))
    passed_over: list[Reason] = []
    for at in usable:
        if at.source == "pin":
            return at, [Reason(Because.PIN_SET)]
        if at.source == "exif":
            return at, [*passed_over, Reason(Because.EXIF_POSITION)]
        if _accuracy(at) <= limit_m:
            return at, [Reason(Because.PHONE_POSITION, {"accuracy_m": _metres(_accuracy(at))})]
        if not passed_over:
            stated = "?" if _accuracy(at) == inf else _metres(_accuracy(at))
            values = {"accuracy_m": stated, "limit_m": _metres(limit_m)}
            passed_over = [Reason(Because.PHONE_INACCURATE, values)]
    return None, [*passed_over, Reason(Because.NO_LOCATION)]


def _accuracy(at: LocationFact) -> float:
    """Stated accuracy; unstated, negative and NaN are as good as none."""
    return at.accuracy_m if at.accuracy_m is not None and at.accuracy_m >= 0 else inf


def _unit_around(
    at: LocationFact, surroundings: Surroundings, names: Mapping[int, str], near_m: float
) -> tuple[int, list[Reason]] | None:
    position = (at.lat, at.lon)
    # Whole square metres: the same outline drawn from another corner must tie, and ties go to the lower id.
    around = [(round(area_m2(a.polygon)), a.id, a) for a in surroundings.areas if is_inside(a.polygon, position)]
    if around:
        area = min(around, key=lambda found: found[:2])[2]
        values = {"area": area.name, "unit": _name(area.unit_id, names)}
        return area.unit_id, [Reason(Because.INSIDE_AREA, values)]
    near = _nearest_place(position, surroundings.places, near_m)
    if near is None:
        return None
    metres, place = near
    values = {**_place_values(place, names), "metres": _metres(metres)}
    return place.unit_id, [Reason(Because.NEAREST_PLACE, values)]


def _nearest_place(
    position: Position, places: Iterable[PlaceFact], near_m: float
) -> tuple[float, PlaceFact] | None:
    best: tuple[float, PlaceFact] | None = None
    for place in sorted(places, key=lambda p: p.id):  # so that the lower id keeps a tie
        if place.lat is None or place.lon is None:
            continue
        there = (place.lat, place.lon)
        if is_surely_beyond(position, there, near_m):
            continue
        metres = distance_m(position, there)
        if metres <= near_m and (best is None or metres < best[0]):
            best = metres, place
    return best


def _unit_of_reporter(
    unit_id: int | None, names: Mapping[int, str], searched_m: float | None
) -> tuple[int, list[Reason]]:
    if unit_id is None:
        raise Invalid(Fault("place_code", "needs_place"))
    outside = [] if searched_m is None else [Reason(Because.OUTSIDE_EVERYTHING, {"limit_m": _metres(searched_m)})]
    return unit_id, [*outside, Reason(Because.REPORTERS_UNIT, {"unit": _name(unit_id, names)})]


def _place_values(place: PlaceFact, names: Mapping[int, str]) -> dict[str, str]:
    return {"place": place.name, "code": place.code, "unit": _name(place.unit_id, names)}


def _name(unit_id: int, names: Mapping[int, str]) -> str:
    return names.get(unit_id, str(unit_id))


def _metres(metres: float) -> str:
    """Rounded up, so that 100.4 m never reads as within a limit of 100 m."""
    return str(ceil(metres))
