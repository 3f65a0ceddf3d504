"""The tree of units as administrators arrange it: make, rename, move, count and retire a unit."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Permission
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Invalid, NotFound
from app.units.correcting import UnitWords, record_unit, set_headcount, set_unit_words
from app.units.making import (
    LEVELS,
    add_unit,
    faults_of_headcount,
    faults_of_kind,
    faults_of_zone,
)
from app.units.managing import managed_unit, manages, rows_below, unit_row
from app.units.models import AreaRow, PlaceRow, UnitRow
from app.units.naming import faults_of_code, faults_of_name, written_code, written_name
from app.units.queries import Unit, UnitKind, forget_units, unit_by_code, unit_by_id

HEADCOUNT_AHEAD: Final = timedelta(days=366)
"""A headcount may be entered for a year ahead; farther is a mistyped year."""
HEADCOUNT_BEHIND: Final = timedelta(days=366 * 10)
OpenHazards = Callable[[Session, int], int]
"""How many hazards of a unit still wait for somebody: asked of whoever knows hazards."""


def make_unit(
    parent_code: str, words: UnitWords, *, headcount: int | None = None, by: Actor, at: datetime, db: Database
) -> Unit:
    """A new unit below one that `by` manages.

    Raises:
        NotFound: the parent is absent or not managed by `by`.
        Invalid: as `add_unit`.
    """
    with db.write() as session:
        parent = managed_unit(session, parent_code, by=by)
        return add_unit(
            session,
            code=words.code,
            name=words.name,
            kind=words.kind,
            parent=parent,
            headcount=headcount,
            timezone=words.timezone,
            account_id=by.account_id,
            at=at,
        )


def change_unit(code: str, words: UnitWords, *, by: Actor, at: datetime, db: Database) -> Unit:
    """Another name, code, level or zone; hazards keep the name that their history told.

    Raises:
        NotFound: absent or not managed by `by`.
        Invalid: with every fault.
    """
    with db.write() as session:
        unit = managed_unit(session, code, by=by)
        new_code, name = written_code(words.code or unit.code), written_name(words.name)
        zone = words.timezone or unit.zone.key
        other = unit_by_code(session, new_code)
        faults = [
            *faults_of_code(new_code),
            *faults_of_name(name),
            *_faults_of_level(session, unit, words.kind),
            *faults_of_zone(zone),
        ]
        if other is not None and other.id != unit.id:
            faults.append(Fault("code", "code_taken"))
        if faults:
            raise Invalid(*faults)
        checked = UnitWords(name, words.kind, new_code, zone)
        return set_unit_words(session, unit, checked, account_id=by.account_id, at=at)


def _faults_of_level(session: Session, unit: Unit, kind: str) -> list[Fault]:
    parent = None if unit.parent_id is None else unit_by_id(session, unit.parent_id)
    faults = faults_of_kind(kind, parent=parent)
    if faults:
        return faults
    below = session.execute(
        select(UnitRow.kind).where(UnitRow.parent_id == unit.id, UnitRow.retired_at.is_(None))
    ).scalars()
    highest = min((LEVELS.index(UnitKind(child)) for child in below), default=len(LEVELS))
    return [Fault("kind", "kind_below_children")] if LEVELS.index(UnitKind(kind)) > highest else []


def put_under(session: Session, code: str, *, parent_code: str, by: Actor, at: datetime) -> Unit:
    """Put the unit with everything below it under another one; both must be managed by `by`.

    Whoever calls hands over what is open there: `app.hazards.moving_units`.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: the new parent is unknown, retired, of a lower level, or lies in the unit itself.
    """
    unit = managed_unit(session, code, by=by)
    parent = unit_by_code(session, written_code(parent_code))
    if parent is None or parent.retired or not manages(parent, by=by):
        raise Invalid(Fault("parent", "unknown_unit"))
    if unit.id in parent.lineage:
        raise Invalid(Fault("parent", "unit_in_itself"))
    if unit.parent_id is None or not _manages_above(unit, by=by):
        raise NotFound
    if faults_of_kind(unit.kind, parent=parent):
        raise Invalid(Fault("parent", "kind_above_parent"))
    before = unit_by_id(session, unit.parent_id)
    path = f"{parent.path}{unit.id}/"
    for row in rows_below(session, unit):
        row.path = path + row.path.removeprefix(unit.path)
        if row.id == unit.id:
            row.parent_id = parent.id
    session.flush()
    forget_units(session)
    told = ({"parent": before.name}, {"parent": parent.name})
    record_unit(session, unit, *told, account_id=by.account_id, at=at)
    return unit_by_id(session, unit.id)


def count_people(code: str, *, headcount: int, since: date | None, by: Actor, at: datetime, db: Database) -> None:
    """So many people in the unit with everything below it, from a day on (today when none is said).

    Raises:
        NotFound: absent or not managed by `by`.
        Invalid: the number or the day is out of range.
    """
    with db.write() as session:
        unit = managed_unit(session, code, by=by)
        today = at.astimezone(unit.zone).date()
        day = since or today
        faults = faults_of_headcount(headcount)
        if not today - HEADCOUNT_BEHIND <= day <= today + HEADCOUNT_AHEAD:
            faults.append(Fault("since", "headcount_day_far"))
        if faults:
            raise Invalid(*faults)
        set_headcount(session, unit, headcount, since=day, account_id=by.account_id, at=at)


def retire_unit(code: str, *, open_hazards: OpenHazards, by: Actor, at: datetime, db: Database) -> None:
    """Nothing new goes to the unit from now on; its places and areas retire with it, its past stays.

    Raises:
        NotFound: absent, already retired, or `by` does not manage the unit above it.
        Invalid: units, people or open hazards remain, each with how many.
    """
    with db.write() as session:
        unit = managed_unit(session, code, by=by)
        if unit.retired or not _manages_above(unit, by=by):
            raise NotFound
        faults = what_remains(session, unit, open_hazards=open_hazards)
        if faults:
            raise Invalid(*faults)
        _retire_what_stands_in(session, unit, by=by, at=at)
        unit_row(session, unit).retired_at = at
        session.flush()
        forget_units(session)
        record_unit(session, unit, {"in_use": True}, {"in_use": False}, account_id=by.account_id, at=at)


def what_remains(session: Session, unit: Unit, *, open_hazards: OpenHazards) -> list[Fault]:
    """What keeps a unit from being retired, each with its count."""
    remaining = {
        "unit_has_units": _count_units(session, unit),
        "unit_has_people": _count_people(session, [unit.id]),
        "unit_has_hazards": open_hazards(session, unit.id),
    }
    return [Fault("retire", code, {"count": count}) for code, count in remaining.items() if count]


def may_retire(unit: Unit, *, by: Actor) -> bool:
    """Whether `by` stands above the unit: nobody retires the unit that their own right comes from."""
    return not unit.retired and _manages_above(unit, by=by)


def _manages_above(unit: Unit, *, by: Actor) -> bool:
    return by.can(Permission.UNIT_MANAGE, lineage=unit.lineage[:-1])


def _count_units(session: Session, unit: Unit) -> int:
    asked = select(func.count()).where(UnitRow.parent_id == unit.id, UnitRow.retired_at.is_(None))
    return session.execute(asked).scalar_one()


def _count_people(session: Session, unit_ids: Collection[int]) -> int:
    """Enabled accounts that live here or hold a role here."""
    held = select(GrantRow.account_id).where(GrantRow.unit_id.in_(unit_ids), GrantRow.ended_at.is_(None))
    asked = select(func.count()).where(
        or_(AccountRow.home_unit_id.in_(unit_ids), AccountRow.id.in_(held)), AccountRow.disabled_at.is_(None)
    )
    return session.execute(asked.select_from(AccountRow)).scalar_one()


def _retire_what_stands_in(session: Session, unit: Unit, *, by: Actor, at: datetime) -> None:
    places = session.execute(select(PlaceRow).where(PlaceRow.unit_id == unit.id, PlaceRow.retired_at.is_(None)))
    areas = session.execute(select(AreaRow).where(AreaRow.unit_id == unit.id, AreaRow.retired_at.is_(None)))
    standing: list[tuple[str, str, PlaceRow | AreaRow]] = [("place", row.code, row) for row in places.scalars()]
    standing += [("area", row.key, row) for row in areas.scalars()]
    for kind, subject, row in standing:
        row.retired_at = at
        record_change(
            session,
            kind=kind,
            subject=subject,
            name=row.name,
            unit_id=unit.id,
            before={"in_use": True},
            after={"in_use": False},
            account_id=by.account_id,
            at=at,
        )
