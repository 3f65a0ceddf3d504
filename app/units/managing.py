"""Whose set-up a unit's is: who manages it finds it, for everybody else it does not exist."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.errors import NotFound
from app.units.models import AreaRow, PlaceRow, UnitRow
from app.units.queries import Unit, covered_by, subtree, unit_by_code, unit_by_id


def manages(unit: Unit, *, by: Actor) -> bool:
    """Whether `by` sets up this unit: an administrator of it or of one above."""
    return by.can(Permission.UNIT_MANAGE, lineage=unit.lineage)


def managed_unit(session: Session, code: str, *, by: Actor) -> Unit:
    """The unit, also a retired one.

    Raises:
        NotFound: absent, or not managed by `by`.
    """
    unit = unit_by_code(session, code)
    if unit is None or not manages(unit, by=by):
        raise NotFound
    return unit


def managed_units(session: Session, *, by: Actor) -> list[Unit]:
    """Every unit in use that `by` sets up, parents before children."""
    return [unit for unit in subtree(session, by.units_where(Permission.UNIT_MANAGE)) if not unit.retired]


def hands_out_codes(unit: Unit, *, by: Actor) -> bool:
    """Whether this person prints the QR codes of the unit's places: who manages it, or answers for it."""
    duties = (Permission.UNIT_MANAGE, Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)
    return any(by.can(duty, lineage=unit.lineage) for duty in duties)


def managed_place(session: Session, code: str, *, by: Actor) -> PlaceRow:
    """The row of a place in use.

    Raises:
        NotFound: absent, retired, or of a unit that `by` does not manage.
    """
    row = session.execute(
        select(PlaceRow).where(PlaceRow.code == code, PlaceRow.retired_at.is_(None))
    ).scalar_one_or_none()
    if row is None or not manages(unit_by_id(session, row.unit_id), by=by):
        raise NotFound
    return row


def managed_area(session: Session, key: str, *, by: Actor) -> AreaRow:
    """The row of an area in use.

    Raises:
        NotFound: absent, retired, or of a unit that `by` does not manage.
    """
    row = session.execute(
        select(AreaRow).where(AreaRow.key == key, AreaRow.retired_at.is_(None))
    ).scalar_one_or_none()
    if row is None or not manages(unit_by_id(session, row.unit_id), by=by):
        raise NotFound
    return row


def unit_row(session: Session, unit: Unit) -> UnitRow:
    """The row behind a unit, to be changed."""
    return session.execute(select(UnitRow).where(UnitRow.id == unit.id)).scalar_one()


def rows_below(session: Session, unit: Unit) -> list[UnitRow]:
    """The rows of the unit and of everything below it, retired ones too."""
    return list(session.execute(select(UnitRow).where(covered_by(session, [unit.id]))).scalars())
