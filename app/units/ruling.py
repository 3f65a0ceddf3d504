"""Routing rules as administrators edit them: make, change, order, switch, remove; each change on record."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Role
from app.accounts.queries import Person, names_of, people_with_role
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Invalid, NotFound
from app.units.managing import managed_unit, manages
from app.units.models import AreaRow, PlaceRow
from app.units.queries import Unit, unit_by_id
from app.units.rule_rows import RoutingRuleRow
from app.units.settings import settings_of
from app.units.surroundings import Scope


@dataclass(frozen=True)
class RuleWords:
    """What a rule says: category (empty: any), a place's code or an area's key (neither: anywhere), a login."""

    officer: str
    category: str = ""
    place: str = ""
    area: str = ""


def make_rule(
    unit_code: str, words: RuleWords, *, known: Collection[str], by: Actor, at: datetime, db: Database
) -> str:
    """A new rule, asked after the others of its unit; its key. `known` are the codes of all categories.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: with every fault.
    """
    with db.write() as session:
        unit = managed_unit(session, unit_code, by=by)
        said = _checked(session, words, unit, known=known)
        made = RoutingRuleRow(unit_id=unit.id, position=len(_rows(session, unit.id)) + 1, is_on=True, **said)
        session.add(made)
        session.flush()
        _record(session, made, {}, _told(session, made), by=by, at=at)
        return made.key


def change_rule(
    key: str, words: RuleWords, *, known: Collection[str], by: Actor, at: datetime, db: Database
) -> None:
    """Another category, spot or officer; the place in the order stays.

    Raises:
        NotFound: absent, or of a unit that `by` does not manage.
        Invalid: with every fault.
    """
    with db.write() as session:
        row = managed_rule(session, key, by=by)
        said = _checked(session, words, unit_by_id(session, row.unit_id), known=known)
        before = _told(session, row)
        for name, value in said.items():
            setattr(row, name, value)
        session.flush()
        _record(session, row, before, _told(session, row), by=by, at=at)


def switch_rule(key: str, *, on: bool, by: Actor, at: datetime, db: Database) -> None:
    """Let a rule rest, or work again; it keeps its place in the order.

    Raises:
        NotFound: absent, or of a unit that `by` does not manage.
    """
    with db.write() as session:
        row = managed_rule(session, key, by=by)
        before = _told(session, row)
        row.is_on = on
        session.flush()
        _record(session, row, before, _told(session, row), by=by, at=at)


def move_rule(key: str, *, up: bool, by: Actor, at: datetime, db: Database) -> None:
    """Ask a rule one place earlier or later; at the end of the order nothing changes.

    Raises:
        NotFound: absent, or of a unit that `by` does not manage.
    """
    with db.write() as session:
        row = managed_rule(session, key, by=by)
        rows = _rows(session, row.unit_id)
        here = rows.index(row)
        there = here + (-1 if up else 1)
        if not 0 <= there < len(rows):
            return
        before = _told(session, row)
        rows[here], rows[there] = rows[there], rows[here]
        _put_in_order(session, rows)
        _record(session, row, before, _told(session, row), by=by, at=at)


def remove_rule(key: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Take a rule away; those after it move up. What it decided keeps its reasons.

    Raises:
        NotFound: absent, or of a unit that `by` does not manage.
    """
    with db.write() as session:
        row = managed_rule(session, key, by=by)
        rest = [other for other in _rows(session, row.unit_id) if other is not row]
        _record(session, row, _told(session, row), {}, by=by, at=at)
        session.delete(row)
        session.flush()
        _put_in_order(session, rest)


def managed_rule(session: Session, key: str, *, by: Actor) -> RoutingRuleRow:
    """The row of a rule.

    Raises:
        NotFound: absent, or of a unit that `by` does not manage.
    """
    row = session.execute(select(RoutingRuleRow).where(RoutingRuleRow.key == key)).scalar_one_or_none()
    if row is None or not manages(unit_by_id(session, row.unit_id), by=by):
        raise NotFound
    return row


def officers_over(session: Session, unit: Unit) -> list[Person]:
    """Whoever a rule of this unit may name: its officers and those of the units above, one line a person."""
    people = people_with_role(session, [Role.OFFICER], unit_ids=unit.lineage)
    return list({person.account_id: person for person in people}.values())


def _rows(session: Session, unit_id: int) -> list[RoutingRuleRow]:
    query = select(RoutingRuleRow).where(RoutingRuleRow.unit_id == unit_id).order_by(RoutingRuleRow.position)
    return list(session.execute(query).scalars())


def _put_in_order(session: Session, rows: Sequence[RoutingRuleRow]) -> None:
    """Positions 1, 2, 3 …; by way of negative ones, since no two may ever be alike."""
    for sign in (-1, 1):
        for position, row in enumerate(rows, 1):
            row.position = sign * position
        session.flush()


def _checked(session: Session, words: RuleWords, unit: Unit, *, known: Collection[str]) -> dict[str, Any]:
    faults = []
    if words.category and words.category not in known:
        faults.append(Fault("category", "not_a_choice"))
    elif words.category in settings_of(session, unit).hidden_categories:
        faults.append(Fault("category", "category_hidden"))
    place_id, area_id = _place_id(session, words.place, unit), _area_id(session, words.area, unit)
    if (words.place and place_id is None) or (words.area and area_id is None) or (words.place and words.area):
        faults.append(Fault("spot", "unknown_spot"))
    officers = {person.login: person.account_id for person in officers_over(session, unit)}
    if words.officer not in officers:
        faults.append(Fault("officer", "unknown_officer"))
    if faults:
        raise Invalid(*faults)
    scope = Scope.PLACE if place_id else Scope.AREA if area_id else Scope.ANYWHERE
    return {
        "category": words.category or None,
        "scope": scope,
        "place_id": place_id,
        "area_id": area_id,
        "account_id": officers[words.officer],
    }


def _place_id(session: Session, code: str, unit: Unit) -> int | None:
    """The place in use with this code, in the unit or below."""
    query = select(PlaceRow).where(PlaceRow.code == code, PlaceRow.retired_at.is_(None))
    row = session.execute(query).scalar_one_or_none() if code else None
    return row.id if row and unit.id in unit_by_id(session, row.unit_id).lineage else None


def _area_id(session: Session, key: str, unit: Unit) -> int | None:
    """The area in use with this key, in the unit or below."""
    query = select(AreaRow).where(AreaRow.key == key, AreaRow.retired_at.is_(None))
    row = session.execute(query).scalar_one_or_none() if key else None
    return row.id if row and unit.id in unit_by_id(session, row.unit_id).lineage else None


def _told(session: Session, row: RoutingRuleRow) -> dict[str, Any]:
    place = session.get(PlaceRow, row.place_id) if row.place_id else None
    area = session.get(AreaRow, row.area_id) if row.area_id else None
    return {
        "position": row.position,
        "category": row.category,
        "place": place.name if place else None,
        "area": area.name if area else None,
        "officer": names_of(session, [row.account_id])[row.account_id],
        "on": row.is_on,
    }


def _record(
    session: Session,
    row: RoutingRuleRow,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> None:
    unit = unit_by_id(session, row.unit_id)
    record_change(
        session,
        kind="rule",
        subject=row.key,
        name=f"{unit.name} → {(after or before)['officer']}",
        unit_id=unit.id,
        before=before,
        after=after,
        account_id=by.account_id,
        at=at,
    )
