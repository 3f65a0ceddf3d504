"""How much of a unit is set up: people, places, areas and headcounts, counted for many units at once."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.units.models import AreaRow, HeadcountRow, PlaceRow
from app.units.queries import Unit


@dataclass(frozen=True)
class Census:
    """What stands in exactly one unit, without what lies below."""

    people: int = 0
    places: int = 0
    areas: int = 0
    headcount: int | None = None


NOTHING: Final = Census()


def census_of(session: Session, units: Collection[Unit], *, day: date) -> Mapping[int, Census]:
    """A census of each unit by its id; four questions however many units there are."""
    ids = [unit.id for unit in units]
    people = _count(session, AccountRow.home_unit_id, ids, AccountRow.disabled_at.is_(None))
    places = _count(session, PlaceRow.unit_id, ids, PlaceRow.retired_at.is_(None))
    areas = _count(session, AreaRow.unit_id, ids, AreaRow.retired_at.is_(None))
    heads = _headcounts(session, ids, day=day)
    return {
        unit_id: Census(people[unit_id], places[unit_id], areas[unit_id], heads.get(unit_id)) for unit_id in ids
    }


def _count(
    session: Session, of_unit: InstrumentedAttribute[int], unit_ids: list[int], in_use: ColumnElement[bool]
) -> Counter[int]:
    asked = select(of_unit, func.count()).where(of_unit.in_(unit_ids), in_use).group_by(of_unit)
    return Counter({row[0]: row[1] for row in session.execute(asked)})


def _headcounts(session: Session, unit_ids: list[int], *, day: date) -> dict[int, int]:
    rows = session.execute(
        select(HeadcountRow.unit_id, HeadcountRow.people)
        .where(HeadcountRow.unit_id.in_(unit_ids), HeadcountRow.valid_from <= day)
        .order_by(HeadcountRow.valid_from)
    )
    return {row.unit_id: row.people for row in rows}  # in order of days: the last one stays


def headcounts_of(session: Session, unit: Unit) -> list[tuple[date, int]]:
    """Every headcount ever entered, the latest day first."""
    rows = session.execute(
        select(HeadcountRow.valid_from, HeadcountRow.people)
        .where(HeadcountRow.unit_id == unit.id)
        .order_by(HeadcountRow.valid_from.desc())
    )
    return [(row.valid_from, row.people) for row in rows]


def holders_of(session: Session, unit_ids: Collection[int]) -> Counter[Role]:
    """How many enabled accounts hold each role in these units."""
    rows = session.execute(
        select(GrantRow.role, func.count(GrantRow.account_id.distinct()))
        .join(AccountRow, AccountRow.id == GrantRow.account_id)
        .where(GrantRow.unit_id.in_(unit_ids), GrantRow.ended_at.is_(None), AccountRow.disabled_at.is_(None))
        .group_by(GrantRow.role)
    )
    return Counter({Role(role): count for role, count in rows})
