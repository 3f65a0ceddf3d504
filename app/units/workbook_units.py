"""What the rows of the units' sheet say, and what becomes of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from app.core.errors import Fault
from app.units.naming import faults_of_code, faults_of_name, written_code, written_name
from app.units.queries import UnitKind
from app.units.workbook import CellFault, Line
from app.units.workbook_known import Doing, Known, Planned, UnitSaid
from app.units.workbook_words import Sheet, kind_of

LEVELS: Final = tuple(UnitKind)
PEOPLE_MOST: Final = 10_000_000


def planned_units(lines: Iterable[Line], known: Known) -> tuple[tuple[Planned[UnitSaid], ...], list[CellFault]]:
    """Every row with what becomes of it, parents before children, and what is wrong."""
    faults: list[CellFault] = []
    said: dict[str, tuple[Line, UnitSaid]] = {}
    for line in lines:
        unit, wrong = _unit_said(line, known)
        faults += [line.wrong(fault) for fault in wrong]
        if unit.code in said:
            faults.append(line.wrong(Fault("code", "row_twice", {"row": said[unit.code][0].row})))
        elif unit.code:
            said[unit.code] = (line, unit)
    kinds = {code: unit.kind for code, unit in known.units.items()} | {c: u.kind for c, (_l, u) in said.items()}
    for line, unit in said.values():
        faults += [line.wrong(fault) for fault in _faults_among_units(unit, known, kinds)]
    ordered = _parents_first({code: unit for code, (_line, unit) in said.items()})
    faults += [said[c][0].wrong(Fault("parent", "parent_in_circle")) for c in said if c not in ordered]
    planned = []
    for code in ordered:
        line, unit = said[code]
        planned.append(Planned(line, unit, _doing_of_unit(unit, known.units.get(code)), code))
    return tuple(planned), faults


def _unit_said(line: Line, known: Known) -> tuple[UnitSaid, list[Fault]]:
    code, name = written_code(line.said.get("code", "")), written_name(line.said.get("name", ""))
    faults = [*faults_of_code(code), *faults_of_name(name)]
    kind = kind_of(line.said.get("kind", ""))
    if kind is None:
        faults.append(Fault("kind", "not_a_level"))
    parent: str | None = written_code(line.said.get("parent", ""))
    there = known.units.get(code)
    if not parent:
        parent = there.parent if there is not None else known.top
        if parent == "":
            faults.append(Fault("parent", "parent_needed"))
    typed = line.said.get("headcount", "")
    headcount = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None  # noqa: PLR2004  # digits that fit
    if typed and (headcount is None or headcount > PEOPLE_MOST):
        faults.append(Fault("headcount", "not_a_count"))
    return UnitSaid(code, name, kind or UnitKind.TEAM, parent, headcount), faults


def _faults_among_units(unit: UnitSaid, known: Known, kinds: Mapping[str, UnitKind]) -> Iterator[Fault]:
    there = known.units.get(unit.code)
    if unit.code in known.taken.get(Sheet.UNITS, ()):
        yield Fault("code", "code_taken")
    if there is not None:
        if unit.kind is not there.kind:
            yield Fault("kind", "not_by_import")
        # What lies above one's own top is not shown, so it is not compared either.
        if there.parent is not None and unit.parent != there.parent:
            yield Fault("parent", "not_by_import")
    elif unit.parent and unit.parent not in kinds:
        yield Fault("parent", "no_such_unit_here")
    elif unit.parent and LEVELS.index(unit.kind) < LEVELS.index(kinds[unit.parent]):
        yield Fault("kind", "kind_above_parent")


def _parents_first(units: Mapping[str, UnitSaid]) -> list[str]:
    """The codes with parents before children; those that go round in a circle are left out."""
    ordered: dict[str, None] = {}
    waiting = list(units)
    while waiting:
        ready = [c for c in waiting if units[c].parent not in units or units[c].parent in ordered]
        if not ready:
            break
        ordered |= dict.fromkeys(ready)
        waiting = [code for code in waiting if code not in ordered]
    return list(ordered)


def _doing_of_unit(said: UnitSaid, there: UnitSaid | None) -> Doing:
    if there is None:
        return Doing.MAKE
    same = said.name == there.name and said.headcount in {None, there.headcount}
    return Doing.SAME if same else Doing.CHANGE
