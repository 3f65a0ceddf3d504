"""The people of one's units as a list: by unit, searched by name or login, one page at a time."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Permission, Role
from app.accounts.roster import accounts_of
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by
from app.units.staff import Member, members_of

PAGE: Final = 50


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed by; `after` is the login of the last line before this page."""

    unit: Unit | None = None
    words: str | None = None
    role: Role | None = None
    only: str = ""  # "waiting": no password yet; "disabled"; empty: everybody who is not disabled
    after: str | None = None


@dataclass(frozen=True)
class People:
    """One page of people; `next` is the login to go on after."""

    members: tuple[Member, ...]
    next: str | None


def people_of(session: Session, wanted: Wanted, *, by: Actor, limit: int = PAGE) -> People:
    """The people whom the actor manages, by unit and name."""
    place = tuple_(UnitRow.path, AccountRow.name, AccountRow.id)
    query = (
        select(AccountRow)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(_within(session, wanted, by=by), *_narrowing(wanted))
        .order_by(UnitRow.path, AccountRow.name, AccountRow.id)
        .limit(limit + 1)
    )
    if wanted.after is not None:
        last = session.execute(
            select(UnitRow.path, AccountRow.name, AccountRow.id)
            .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
            .where(AccountRow.login == wanted.after)
        ).one_or_none()
        if last is not None:
            query = query.where(place > tuple_(last.path, last.name, last.id))
    rows = list(session.execute(query).scalars())
    members = members_of(session, accounts_of(session, rows[:limit]), by=by)
    return People(tuple(members), rows[limit - 1].login if len(rows) > limit else None)


def not_signed_in_yet(session: Session, unit: Unit, *, by: Actor) -> list[Member]:
    """Everybody of a unit and below who has never chosen a password and could be invited, by unit and name."""
    rows = session.execute(
        select(AccountRow)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(
            covered_by(session, [unit.id]), AccountRow.password_hash.is_(None), AccountRow.disabled_at.is_(None)
        )
        .order_by(UnitRow.path, AccountRow.name, AccountRow.id)
    ).scalars()
    return [met for met in members_of(session, accounts_of(session, rows), by=by) if met.is_wholly_managed]


def _within(session: Session, wanted: Wanted, *, by: Actor) -> ColumnElement[bool]:
    """Belonging to one of the units, or holding a role in one."""
    tops = by.units_where(Permission.UNIT_MANAGE) if wanted.unit is None else {wanted.unit.id}
    inside = select(UnitRow.id).where(covered_by(session, tops))
    held = exists().where(
        GrantRow.account_id == AccountRow.id, GrantRow.ended_at.is_(None), GrantRow.unit_id.in_(inside)
    )
    return or_(AccountRow.home_unit_id.in_(inside), held)


def _narrowing(wanted: Wanted) -> list[ColumnElement[bool]]:
    disabled = AccountRow.disabled_at.is_not(None)
    conditions: list[ColumnElement[bool]] = [disabled if wanted.only == "disabled" else ~disabled]
    if wanted.only == "waiting":
        conditions.append(AccountRow.password_hash.is_(None))
    if wanted.words:
        named = AccountRow.name.icontains(wanted.words, autoescape=True)
        conditions.append(or_(named, AccountRow.login.icontains(wanted.words, autoescape=True)))
    if wanted.role is not None:
        conditions.append(
            exists().where(
                GrantRow.account_id == AccountRow.id,
                GrantRow.ended_at.is_(None),
                GrantRow.role == wanted.role,
            )
        )
    return conditions
