"""What the rows of the places' sheet say, and what becomes of them. Pure."""

import math
from collections.abc import Collection, Iterable

from app.core.errors import Fault
from app.units.geometry import is_position
from app.units.naming import faults_of_code, faults_of_name, written_code, written_name
from app.units.workbook import CellFault, Line
from app.units.workbook_known import Doing, Known, PlaceSaid, Planned
from app.units.workbook_words import Sheet, yes_or_no


def planned_places(
    lines: Iterable[Line], known: Known, units: set[str]
) -> tuple[tuple[Planned[PlaceSaid], ...], list[CellFault]]:
    """Every row with what becomes of it, and what is wrong; `units` are the codes a row may name."""
    faults: list[CellFault] = []
    by_name: dict[tuple[str, str], str] = {}
    for code, place in known.places.items():
        by_name.setdefault((place.name, place.unit), code)
    rows: dict[object, int] = {}
    planned = []
    for line in lines:
        said, wrong = place_said(line, units)
        code = said.code or by_name.get((said.name, said.unit), "")
        key: object = code or (said.name, said.unit)
        if key in rows:
            wrong.append(Fault("code", "row_twice", {"row": rows[key]}))
        rows.setdefault(key, line.row)
        there = known.places.get(code)
        if code in known.taken.get(Sheet.PLACES, ()):
            wrong.append(Fault("code", "code_taken"))
        if there is not None and there.unit != said.unit:
            wrong.append(Fault("unit", "not_by_import"))
        faults += [line.wrong(fault) for fault in wrong]
        doing = Doing.MAKE if there is None else Doing.SAME if said.over(there) == there else Doing.CHANGE
        planned.append(Planned(line, said, doing, code))
    return tuple(planned), faults


def place_said(line: Line, units: Collection[str]) -> tuple[PlaceSaid, list[Fault]]:
    """The row and what is wrong with it."""
    code, name = written_code(line.said.get("code", "")), written_name(line.said.get("name", ""))
    unit, guests = written_code(line.said.get("unit", "")), yes_or_no(line.said.get("guests", ""))
    faults = [*(faults_of_code(code) if code else ()), *faults_of_name(name)]
    if unit not in units:
        faults.append(Fault("unit", "no_such_unit_here"))
    if guests is None:
        faults.append(Fault("guests", "not_yes_or_no"))
    lat, lon = (_degrees(line.said.get(name, ""), name, faults) for name in ("lat", "lon"))
    if (lat is None) != (lon is None) and not any(fault.field in {"lat", "lon"} for fault in faults):
        faults.append(Fault("lat" if lat is None else "lon", "position_half"))
    if lat is not None and lon is not None and (not is_position(lat, lon) or (lat == 0 and lon == 0)):
        faults.append(Fault("lat", "position_impossible"))
    return PlaceSaid(code or None, name, unit, lat, lon, bool(guests)), faults


def _degrees(typed: str, name: str, faults: list[Fault]) -> float | None:
    if not typed:
        return None
    try:
        degrees = float(typed)
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        faults.append(Fault(name, "not_a_number"))
        return None
    return degrees
