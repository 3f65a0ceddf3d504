"""Which unit a hazard belongs to and which officer hears of it, with the reasons, in the order they were found.

Source: `domain.md` §5, "Routing". Pure: facts in, one decision out; the order of the facts never matters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, inf

from app.core.errors import Fault, Invalid
from app.units.geometry import Position, area_m2, distance_m, is_inside, is_position, is_surely_beyond

SOURCES = ("place", "pin", "phone", "exif")
"""Where a location came from, best first."""

NEAR_M = 300.0
"""How far the nearest place may be, in metres, unless the setting says otherwise."""

PHONE_ACCURACY_M = 100.0
"""A phone's own position counts when its stated accuracy is at most this."""


class Because(StrEnum):
    """Reason codes, stable for ever: tickets keep them. The names are the values that each carries."""

    PLACE_SCANNED = "place_scanned"  # place, code, unit: the place's unit
    PIN_SET = "pin_set"  # a pin set by hand
    PHONE_POSITION = "phone_position"  # accuracy_m
    PHONE_INACCURATE = "phone_inaccurate"  # accuracy_m ("?" when unstated), limit_m: passed over
    EXIF_POSITION = "exif_position"  # the photo's own position
    NO_LOCATION = "no_location"  # nothing usable was sent
    INSIDE_AREA = "inside_area"  # area, unit: the smallest that contains the point
    NEAREST_PLACE = "nearest_place"  # place, code, unit, metres
    OUTSIDE_EVERYTHING = "outside_everything"  # limit_m: no area contains it, no place is near
    REPORTERS_UNIT = "reporters_unit"  # unit
    OFFICER_FOR_CATEGORY = "officer_for_category"  # officer, category, unit
    OFFICER_ON_DUTY_HERE = "officer_on_duty_here"  # officer, unit: any officer there
    CLIMBED = "climbed"  # unit, to: nobody in the unit, so the next one up was asked
    NOBODY = "nobody"  # unit: nobody there, and nothing above it


@dataclass(frozen=True)
class LocationFact:
    """One witness of where the hazard is; degrees in WGS-84, accuracy in metres when it was stated."""

    source: str
    lat: float
    lon: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class PlaceFact:
    """A QR-coded place; its position may be unknown."""

    id: int
    code: str
    name: str
    unit_id: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class AreaFact:
    """A polygon of (lat, lon) corners that belongs to a unit."""

    id: int
    name: str
    unit_id: int
    polygon: tuple[Position, ...]


@dataclass(frozen=True)
class UnitFact:
    """A unit in the tree; the root has no parent."""

    id: int
    name: str
    parent_id: int | None


@dataclass(frozen=True)
class OfficerFact:
    """A safety officer of exactly this unit; no categories means named for none in particular."""

    account_id: int
    name: str
    unit_id: int
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Surroundings:
    """What there is to choose from: the tree and everything standing in it, in any order."""

    units: tuple[UnitFact, ...]
    places: tuple[PlaceFact, ...] = ()
    areas: tuple[AreaFact, ...] = ()
    officers: tuple[OfficerFact, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One step of the decision: a code and the values its sentence needs."""

    code: Because
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


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
) -> Routing:
    """The unit and the officer for a hazard, by the best location (`domain.md` §5).

    A location of source "place" is spoken for by `scanned` and passed over here. `reporters_unit_id` is None for
    guests. The unit stays the one where the hazard lies, also when its officer is found further up.

    Raises:
        Invalid: nothing names a unit: a guest without a scanned place, outside every area and place.
        ValueError: a location's source is none of `SOURCES`.
    """
    names = {unit.id: unit.name for unit in surroundings.units}
    if scanned is not None:
        source: str | None = "place"
        unit_id = scanned.unit_id
        because = [Reason(Because.PLACE_SCANNED, _place_values(scanned, names))]
    else:
        location, because = _best_location(locations, phone_accuracy_m)
        source = location.source if location else None
        found = _unit_around(location, surroundings, names, near_m) if location else None
        if found is None:
            found = _unit_of_reporter(reporters_unit_id, names, near_m if location else None)
        unit_id, reasons = found
        because += reasons
    officer_id, reasons = _officer_above(unit_id, category, surroundings, names)
    return Routing(unit_id, officer_id, source, (*because, *reasons))


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


def _officer_above(
    unit_id: int, category: str | None, surroundings: Surroundings, names: Mapping[int, str]
) -> tuple[int | None, list[Reason]]:
    """The officer of the unit or of the nearest unit above that has one; a loop in the tree ends the climb."""
    parents = {unit.id: unit.parent_id for unit in surroundings.units}
    reasons: list[Reason] = []
    asked: set[int] = set()
    here = unit_id
    while True:
        asked.add(here)
        officer, reason = _officer_in(here, category, surroundings.officers, _name(here, names))
        if officer is not None:
            return officer, [*reasons, reason]
        above = parents.get(here)
        if above is None or above in asked:
            return None, [*reasons, reason]
        reasons.append(Reason(Because.CLIMBED, {"unit": _name(here, names), "to": _name(above, names)}))
        here = above


def _officer_in(
    unit_id: int, category: str | None, officers: Iterable[OfficerFact], unit: str
) -> tuple[int | None, Reason]:
    """The one named for the category, else one named for none in particular, else anyone; lower id first."""
    here = sorted((o for o in officers if o.unit_id == unit_id), key=lambda o: (bool(o.categories), o.account_id))
    for officer in here:
        if category is not None and category in officer.categories:
            values = {"officer": officer.name, "category": category, "unit": unit}
            return officer.account_id, Reason(Because.OFFICER_FOR_CATEGORY, values)
    for officer in here:
        values = {"officer": officer.name, "unit": unit}
        return officer.account_id, Reason(Because.OFFICER_ON_DUTY_HERE, values)
    return None, Reason(Because.NOBODY, {"unit": unit})


def _place_values(place: PlaceFact, names: Mapping[int, str]) -> dict[str, str]:
    return {"place": place.name, "code": place.code, "unit": _name(place.unit_id, names)}


def _name(unit_id: int, names: Mapping[int, str]) -> str:
    return names.get(unit_id, str(unit_id))


def _metres(metres: float) -> str:
    """Rounded up, so that 100.4 m never reads as within a limit of 100 m."""
    return str(ceil(metres))
