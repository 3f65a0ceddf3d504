"""Questions about the unit tree and its places."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, bindparam, false, or_, select
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.units.models import HeadcountRow, PlaceRow, UnitRow

# Built once, on the tables: every report asks them.
_UNIT: Final = table_of(UnitRow).c
_UNITS: Final = select(table_of(UnitRow)).where(_UNIT.id.in_(bindparam("ids", expanding=True)))
_PLACE: Final = table_of(PlaceRow).c
_PLACES_IN_USE: Final = select(table_of(PlaceRow)).where(_PLACE.retired_at.is_(None))
_PLACE_CALLED: Final = _PLACES_IN_USE.where(_PLACE.code == bindparam("this"))
_PLACE_FOR_GUESTS: Final = _PLACES_IN_USE.where(_PLACE.id == bindparam("this"), _PLACE.allows_guests)
_PLACE_SAID: Final = _PLACES_IN_USE.where(
    or_(_PLACE.code == bindparam("this"), _PLACE.scan_code == bindparam("this"))
)


class UnitKind(StrEnum):
    """The five levels of units (domain.md §2)."""

    FEDERATION = "federation"
    DISTRICT = "district"
    ENTERPRISE = "enterprise"
    WORKSHOP = "workshop"
    TEAM = "team"


@dataclass(frozen=True)
class Unit:
    """One unit; `lineage` is the ids from the root down to itself."""

    id: int
    code: str
    name: str
    kind: UnitKind
    parent_id: int | None
    path: str
    zone: ZoneInfo
    retired: bool = False

    @cached_property
    def lineage(self) -> tuple[int, ...]:
        """From the root to the unit itself."""
        return tuple(int(step) for step in self.path.strip("/").split("/"))


@dataclass(frozen=True)
class Place:
    """One place in use; `scan_code` opens it to guests and is not for every eye, so it is in no trace either."""

    id: int
    code: str
    name: str
    unit_id: int
    lat: float | None
    lon: float | None
    allows_guests: bool
    scan_code: str = field(repr=False)


def _unit(row: UnitRow | Row[Any]) -> Unit:
    return Unit(
        row.id,
        row.code,
        row.name,
        UnitKind(row.kind),
        row.parent_id,
        row.path,
        ZoneInfo(row.timezone),
        row.retired_at is not None,
    )


def unit_by_id(session: Session, unit_id: int) -> Unit:
    """The unit.

    Raises:
        KeyError: no such unit.
    """
    return units_by_id(session, [unit_id])[unit_id]


def unit_by_code(session: Session, code: str) -> Unit | None:
    """The unit with this code, or None."""
    row = session.execute(select(UnitRow).where(UnitRow.code == code)).scalar_one_or_none()
    return None if row is None else _unit(row)


def units_by_id(session: Session, unit_ids: Collection[int | None]) -> Mapping[int, Unit]:
    """Units by id.

    A session is one moment of the tree: what it has read once is not asked again. (Reading units row by row was a
    third of a submission's time.) Whoever changes a unit calls `forget_units` in the same session.
    """
    known = _known(session)
    missing = {unit_id for unit_id in unit_ids if unit_id is not None} - known.keys()
    if missing:
        rows = session.execute(_UNITS, {"ids": list(missing)})
        known |= {row.id: _unit(row) for row in rows}
    return {unit_id: known[unit_id] for unit_id in unit_ids if unit_id is not None and unit_id in known}


def _known(session: Session) -> dict[int, Unit]:
    known: dict[int, Unit] = session.info.setdefault("units", {})
    return known


def forget_units(session: Session) -> None:
    """Read every unit anew in this session."""
    _known(session).clear()


def covered_by(session: Session, unit_ids: Collection[int]) -> ColumnElement[bool]:
    """A condition on `UnitRow`: the unit lies in the subtree of one of these."""
    units = units_by_id(session, unit_ids)
    return or_(false(), *(UnitRow.path.startswith(unit.path, autoescape=True) for unit in units.values()))


def subtree(session: Session, unit_ids: Collection[int]) -> list[Unit]:
    """The units and everything below them, parents before children."""
    rows = session.execute(select(UnitRow).where(covered_by(session, unit_ids))).scalars()
    units = {row.id: _unit(row) for row in rows}
    _known(session).update(units)
    return sorted(units.values(), key=lambda unit: unit.lineage)


def enterprise_of(session: Session, unit: Unit) -> Unit:
    """The enterprise a unit belongs to; for a unit above enterprises, itself."""
    units = units_by_id(session, unit.lineage)
    over = (units[unit_id] for unit_id in reversed(unit.lineage))
    return next((u for u in over if u.kind is UnitKind.ENTERPRISE), unit)


def place_by_code(session: Session, code: str) -> Place | None:
    """The place in use with this code, or None."""
    row = session.execute(_PLACE_CALLED, {"this": code}).one_or_none()
    return None if row is None else _place(row)


def lets_guests_in(session: Session, place_id: int) -> bool:
    """Whether the place is in use and allows guests."""
    return session.execute(_PLACE_FOR_GUESTS, {"this": place_id}).first() is not None


def place_for(session: Session, said: str, *, home: Unit | None) -> Place | None:
    """The place that somebody named or scanned, if it is open to them; None for absent and foreign alike.

    People of the enterprise (`home` is their unit) may use either code. Everybody else, and a guest (no `home`),
    comes by the QR code alone, and only where the place allows guests.
    """
    found = [_place(row) for row in session.execute(_PLACE_SAID, {"this": said})]
    scanned = next((place for place in found if place.scan_code == said), None)
    own = (place for place in found if home is not None and is_of_enterprise(session, place, home))
    return next(own, scanned if scanned is not None and scanned.allows_guests else None)


def is_of_enterprise(session: Session, place: Place, home: Unit) -> bool:
    """Whether the place lies in the enterprise of this unit."""
    units = units_by_id(session, [place.unit_id])
    theirs = units[place.unit_id]
    units_by_id(session, {*theirs.lineage, *home.lineage})  # both lines up the tree in one question
    return enterprise_of(session, home).id in theirs.lineage


def places_by_id(session: Session, place_ids: Collection[int | None]) -> Mapping[int, Place]:
    """Places by id, retired ones too: an old hazard keeps its place's name."""
    wanted = {place_id for place_id in place_ids if place_id is not None}
    rows = session.execute(select(PlaceRow).where(PlaceRow.id.in_(wanted))).scalars()
    return {row.id: _place(row) for row in rows}


def places_in(session: Session, unit_ids: Collection[int]) -> list[Place]:
    """Every place in use in these units' subtrees, by code."""
    rows = session.execute(
        select(PlaceRow)
        .join(UnitRow, UnitRow.id == PlaceRow.unit_id)
        .where(covered_by(session, unit_ids), PlaceRow.retired_at.is_(None))
        .order_by(PlaceRow.code)
    ).scalars()
    return [_place(row) for row in rows]


def headcount_on(session: Session, unit_id: int, day: date) -> int:
    """People valid on that day; 0 when nothing was ever entered."""
    people = session.execute(
        select(HeadcountRow.people)
        .where(HeadcountRow.unit_id == unit_id, HeadcountRow.valid_from <= day)
        .order_by(HeadcountRow.valid_from.desc())
        .limit(1)
    ).scalar_one_or_none()
    return people or 0


def _place(row: PlaceRow | Row[Any]) -> Place:
    return Place(row.id, row.code, row.name, row.unit_id, row.lat, row.lon, row.allows_guests, row.scan_code)
