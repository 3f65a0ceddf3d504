"""Making units and places inside a caller's transaction: checked, written, and in the record of changes.

Whoever calls has decided that the person may: the use cases of `app.units.arranging` and `app.units.placing` for
one at a time, the import of a workbook for many.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.changes import record_change
from app.core.errors import Fault, Invalid
from app.units.geometry import is_position
from app.units.models import HeadcountRow, PlaceRow, UnitRow
from app.units.naming import PREFIX_LONGEST, faults_of_code, faults_of_name, next_code, written_code, written_name
from app.units.queries import Place, Unit, UnitKind, unit_by_id

LEVELS: Final = tuple(UnitKind)
"""From the highest level to the lowest (domain.md §2)."""
PEOPLE_MOST: Final = 10_000_000
DEFAULT_ZONE: Final = "Asia/Shanghai"


def add_unit(
    session: Session,
    *,
    code: str | None,
    name: str,
    kind: str,
    parent: Unit | None,
    headcount: int | None,
    timezone: str | None,
    account_id: int | None,
    at: datetime,
) -> Unit:
    """A new unit below `parent`; without a code one is made from the parent's, without a zone it has the parent's.

    `headcount` counts the unit with everything below it and holds from today on in the unit's zone.

    Raises:
        Invalid: with every fault, by the names of these arguments.
    """
    written = written_code(code) if code else _free_unit_code(session, parent)
    called = written_name(name)
    zone = timezone or (parent.zone.key if parent else DEFAULT_ZONE)
    faults = [
        *faults_of_code(written),
        *_taken(session, written),
        *faults_of_name(called),
        *faults_of_kind(kind, parent=parent),
        *faults_of_headcount(headcount),
        *faults_of_zone(zone),
    ]
    if parent is not None and parent.retired:
        faults.append(Fault("parent", "unit_retired"))
    if faults:
        raise Invalid(*faults)
    made = UnitRow(code=written, name=called, kind=kind, timezone=zone, made_at=at)
    _put_below(session, made, parent)
    if headcount is not None:
        enter_headcount(session, made.id, people=headcount, day=at.astimezone(ZoneInfo(zone)).date())
    after = {"code": written, "name": called, "kind": kind, "timezone": zone, "people": headcount}
    after |= {"parent": parent.name if parent else None}
    _record(session, "unit", written, called, made.id, after=after, account_id=account_id, at=at)
    return unit_by_id(session, made.id)


def _put_below(session: Session, made: UnitRow, parent: Unit | None) -> None:
    """Write the new unit with its path, which ends in an id that it has only when it is written."""
    made.parent_id = parent.id if parent else None
    made.path = f"new-{made.code}"
    session.add(made)
    session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    session.flush()


def add_place(
    session: Session,
    *,
    code: str | None,
    name: str,
    unit: Unit,
    lat: float | None,
    lon: float | None,
    allows_guests: bool,
    account_id: int | None,
    at: datetime,
) -> Place:
    """A new place of `unit`; the position is in WGS-84 degrees and may be unknown, a missing code is made.

    Raises:
        Invalid: with every fault, by the names of these arguments.
    """
    written = written_code(code) if code else _free_place_code(session, unit)
    called = written_name(name)
    faults = [*faults_of_code(written), *faults_of_name(called), *faults_of_position(lat, lon)]
    if _place_exists(session, written):
        faults.append(Fault("code", "code_taken"))
    if unit.retired:
        faults.append(Fault("unit", "unit_retired"))
    if faults:
        raise Invalid(*faults)
    made = PlaceRow(code=written, name=called, unit_id=unit.id, lat=lat, lon=lon, allows_guests=allows_guests)
    session.add(made)
    session.flush()
    after: dict[str, object] = {"code": written, "name": called, "unit": unit.name}
    after |= {"position": position_text(lat, lon), "allows_guests": allows_guests}
    _record(session, "place", written, called, unit.id, after=after, account_id=account_id, at=at)
    return Place(made.id, written, called, unit.id, lat, lon, allows_guests, made.scan_code)


def faults_of_kind(kind: str, *, parent: Unit | None) -> list[Fault]:
    """A level is one of the five, and never above its parent's."""
    if kind not in set(LEVELS):
        return [Fault("kind", "not_a_choice")]
    if parent is not None and LEVELS.index(UnitKind(kind)) < LEVELS.index(parent.kind):
        return [Fault("kind", "kind_above_parent")]
    return []


def faults_of_headcount(people: int | None) -> list[Fault]:
    """Nobody, or so many as a country's largest employer."""
    return [] if people is None or 0 <= people <= PEOPLE_MOST else [Fault("headcount", "out_of_range")]


def faults_of_zone(zone: str) -> list[Fault]:
    """A name of the time zone database."""
    return [] if zone in available_timezones() else [Fault("timezone", "unknown_zone")]


def faults_of_position(lat: float | None, lon: float | None) -> list[Fault]:
    """Both or neither; in range; (0, 0) is an instrument's way to say nothing (domain.md §7)."""
    if lat is None and lon is None:
        return []
    if lat is None or lon is None:
        return [Fault("lat" if lat is None else "lon", "position_half")]
    if not is_position(lat, lon) or (lat == 0 and lon == 0):
        return [Fault("lat", "position_impossible")]
    return []


def position_text(lat: float | None, lon: float | None) -> str | None:
    """A position as the record of changes keeps it, to about a metre."""
    return None if lat is None or lon is None else f"{lat:.6f}, {lon:.6f}"


def enter_headcount(session: Session, unit_id: int, *, people: int, day: date) -> int | None:
    """So many people from that day on; a second word on the same day replaces the first. Returns the replaced."""
    row = session.execute(
        select(HeadcountRow).where(HeadcountRow.unit_id == unit_id, HeadcountRow.valid_from == day)
    ).scalar_one_or_none()
    if row is None:
        session.add(HeadcountRow(unit_id=unit_id, valid_from=day, people=people))
        session.flush()
        return None
    before, row.people = row.people, people
    session.flush()
    return before


def _taken(session: Session, code: str) -> list[Fault]:
    taken = session.execute(select(UnitRow.id).where(UnitRow.code == code)).scalar_one_or_none() is not None
    return [Fault("code", "code_taken")] if taken else []


def _place_exists(session: Session, code: str) -> bool:
    # Retired ones too: a printed code must never lead to another place.
    return session.execute(select(PlaceRow.id).where(PlaceRow.code == code)).scalar_one_or_none() is not None


def _free_unit_code(session: Session, parent: Unit | None) -> str:
    prefix = parent.code if parent else "UNIT"
    like = UnitRow.code.startswith(prefix[:PREFIX_LONGEST].rstrip("-"), autoescape=True)
    return next_code(prefix, set(session.execute(select(UnitRow.code).where(like)).scalars()))


def _free_place_code(session: Session, unit: Unit) -> str:
    like = PlaceRow.code.startswith(unit.code[:PREFIX_LONGEST].rstrip("-"), autoescape=True)
    taken = set(session.execute(select(PlaceRow.code).where(like)).scalars())
    return next_code(unit.code, taken, letter="P")


def _record(
    session: Session,
    kind: str,
    subject: str,
    name: str,
    unit_id: int,
    *,
    after: Mapping[str, object],
    account_id: int | None,
    at: datetime,
) -> None:
    said = {field: value for field, value in after.items() if value is not None}
    record_change(
        session,
        kind=kind,
        subject=subject,
        name=name,
        unit_id=unit_id,
        before={},
        after=said,
        account_id=account_id,
        at=at,
    )
