"""Absences as their readers see them: one's own, those one stands in for, those of the units one manages."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Permission
from app.accounts.queries import Person
from app.units.absence import STAND_IN_FOR, AbsenceRow, deputies_on
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, units_by_id
from app.units.taking_leave import arranges, day_in

SHOWN_AFTER: Final = timedelta(days=30)
"""How long an absence that is over stays in the list."""


@dataclass(frozen=True)
class LeaveView:
    """One absence as a reader of the list sees it.

    `deputy` is the name of who was named, `acting` of who really stands in today: somebody else, or nobody, when
    the deputy is away too or has left.
    """

    key: str
    login: str
    name: str
    unit: Unit
    from_on: date
    until_on: date
    deputy: str | None
    acting: str | None
    is_mine: bool
    is_for_me: bool
    is_now: bool
    is_over: bool
    taken_back: bool
    may_take_back: bool


def people_to_arrange(session: Session, *, by: Actor) -> list[Person]:
    """Everybody with a duty whose absence the actor, as an administrator, may enter; by name."""
    rows = session.execute(
        select(AccountRow.id, AccountRow.login, AccountRow.name, AccountRow.home_unit_id)
        .join(GrantRow, GrantRow.account_id == AccountRow.id)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(
            covered_by(session, by.units_where(Permission.UNIT_MANAGE)),
            GrantRow.role.in_(STAND_IN_FOR),
            GrantRow.ended_at.is_(None),
            AccountRow.disabled_at.is_(None),
        )
        .distinct()
        .order_by(AccountRow.name, AccountRow.id)
    ).all()
    mine = arranges(session, {row.id for row in rows}, by=by)
    return [Person(row.id, row.login, row.name, row.home_unit_id) for row in rows if row.id in mine]


def has_duty(by: Actor) -> bool:
    """Whether somebody could stand in for the actor at all."""
    return any(grant.role in STAND_IN_FOR for grant in by.grants)


def absences_known_to(session: Session, *, by: Actor, at: datetime) -> list[LeaveView]:
    """The actor's own absences, those the actor stands in for, and those of the units the actor manages.

    Present and coming ones first by their first day; then those that ended within SHOWN_AFTER.
    """
    person, deputy = aliased(AccountRow), aliased(AccountRow)
    managed = covered_by(session, by.units_where(Permission.UNIT_MANAGE))
    rows = session.execute(
        select(AbsenceRow, person.login, person.name, UnitRow.id, deputy.name.label("deputy"))
        .join(person, person.id == AbsenceRow.account_id)
        .join(UnitRow, UnitRow.id == person.home_unit_id)
        .outerjoin(deputy, deputy.id == AbsenceRow.deputy_id)
        .where(
            or_(AbsenceRow.account_id == by.account_id, AbsenceRow.deputy_id == by.account_id, managed),
            AbsenceRow.until_on >= (at - SHOWN_AFTER).date(),
        )
        .order_by(AbsenceRow.from_on, AbsenceRow.id)
    ).all()
    units = units_by_id(session, {row[3] for row in rows})
    mine = arranges(session, {row[0].account_id for row in rows}, by=by)
    seen = [_view(session, row, units[row[3]], arranged=row[0].account_id in mine, by=by, at=at) for row in rows]
    return sorted(seen, key=lambda view: (view.is_over or view.taken_back, not view.is_now))


def _view(session: Session, row: Any, unit: Unit, *, arranged: bool, by: Actor, at: datetime) -> LeaveView:
    absence, login, name, _unit_id, deputy = row
    today = day_in(unit.zone, at=at)
    holds = absence.taken_back_at is None
    is_now = holds and absence.from_on <= today <= absence.until_on
    acting = _acting(session, absence, today) if is_now else None
    return LeaveView(
        key=absence.key,
        login=login,
        name=name,
        unit=unit,
        from_on=absence.from_on,
        until_on=absence.until_on,
        deputy=deputy,
        acting=acting,
        is_mine=absence.account_id == by.account_id,
        is_for_me=absence.deputy_id == by.account_id,
        is_now=is_now,
        is_over=absence.until_on < today,
        taken_back=not holds,
        may_take_back=holds and absence.until_on >= today and arranged,
    )


def _acting(session: Session, absence: AbsenceRow, today: date) -> str | None:
    stand_in = deputies_on(session, today, [absence.account_id]).get(absence.account_id)
    if stand_in is None:
        return None
    return session.execute(select(AccountRow.name).where(AccountRow.id == stand_in)).scalar_one()
