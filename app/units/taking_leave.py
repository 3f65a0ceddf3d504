"""Being away with a deputy: taking leave, and coming back early."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.accounts.queries import Person, people_with_role
from app.accounts.roster import accounts_of
from app.core.changes import record_change
from app.core.db import Database, changed_one
from app.core.errors import Fault, Invalid, NotFound
from app.units.absence import STAND_IN_FOR, AbsenceRow, Away, closes_circle, covers
from app.units.queries import unit_by_id, units_by_id
from app.units.staff import members_of, wholly_managed

LONGEST_DAYS: Final = 366
"""An absence is at most a year: who is away longer hands over."""


@dataclass(frozen=True)
class LeaveAsked:
    """Who is to be away, from which day to which (both included), and whose login stands in, if anybody."""

    login: str
    from_on: date
    until_on: date
    deputy: str | None


def take_leave(asked: LeaveAsked, *, by: Actor, at: datetime, db: Database) -> str:
    """Enter that somebody is away: oneself, or as an administrator somebody wholly of the own units; its key.

    An administrator of a workshop cannot send the officer of the enterprise on leave, though they work there.

    The deputy holds the same duties in the same units or above, so that standing in needs no new right.

    Raises:
        NotFound: no such person, or not the actor's to arrange for.
        Invalid: as `arranged_person`; a person without a duty to stand in for; days in the wrong order, over, too
            many, or taken; a deputy who cannot stand in, or who would lead back to the absent person.
    """
    with db.write() as session:
        person = arranged_person(session, asked.login, by=by)
        faults = _day_faults(session, asked, person, at=at)
        deputy_id, fault = _deputy(session, asked, person)
        faults += [fault] if fault else []
        if faults:
            raise Invalid(*faults)
        key = str(uuid.uuid4())
        row = AbsenceRow(
            key=key,
            account_id=person.account_id,
            deputy_id=deputy_id,
            from_on=asked.from_on,
            until_on=asked.until_on,
            made_at=at,
            made_by_id=by.account_id,
        )
        session.add(row)
        after = {"from": str(asked.from_on), "until": str(asked.until_on), "deputy": asked.deputy}
        _tell_change(session, person, before={}, after=after, by=by, at=at)
        return key


def take_back_leave(key: str, *, by: Actor, at: datetime, db: Database) -> None:
    """The person is (or stays) here after all: from now on nobody stands in. Doing it again changes nothing.

    Raises:
        NotFound: no such absence, or not the actor's to arrange.
        Invalid: as `arranged_person`.
    """
    with db.write() as session:
        row = session.execute(select(AbsenceRow).where(AbsenceRow.key == key)).scalar_one_or_none()
        if row is None:
            raise NotFound
        login = session.execute(select(AccountRow.login).where(AccountRow.id == row.account_id)).scalar_one()
        person = arranged_person(session, login, by=by)
        open_one = update(AbsenceRow).where(AbsenceRow.id == row.id, AbsenceRow.taken_back_at.is_(None))
        if not changed_one(session, open_one.values(taken_back_at=at)):
            return
        before = {"from": str(row.from_on), "until": str(row.until_on)}
        _tell_change(session, person, before=before, after={}, by=by, at=at)


def arranged_person(session: Session, login: str, *, by: Actor) -> Person:
    """The person, if the actor may arrange this person's absence: it is the actor, or somebody wholly managed.

    Raises:
        NotFound: absent, disabled or foreign, which answer alike.
        Invalid: one of the actor's units, but belonging or holding a role beyond them too (`held_above`).
    """
    row = session.execute(
        select(AccountRow).where(AccountRow.login == login, AccountRow.disabled_at.is_(None))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.id != by.account_id:
        wholly_managed(session, login, by=by)
    return Person(row.id, row.login, row.name, row.home_unit_id)


def arranges(session: Session, account_ids: Collection[int], *, by: Actor) -> frozenset[int]:
    """Those of these accounts whose absence the actor may arrange: the own, and those wholly managed."""
    rows = session.execute(select(AccountRow).where(AccountRow.id.in_(account_ids))).scalars()
    met = members_of(session, accounts_of(session, rows), by=by)
    wholly = {one.account.account_id for one in met if one.is_wholly_managed}
    return frozenset(wholly | ({by.account_id} & set(account_ids)))


def deputies_for(session: Session, person: Person) -> list[Person]:
    """Everybody who may stand in for this person, by name; one line each."""
    duties = session.execute(
        select(GrantRow.unit_id).where(
            GrantRow.account_id == person.account_id,
            GrantRow.role.in_(STAND_IN_FOR),
            GrantRow.ended_at.is_(None),
        )
    ).scalars()
    units = units_by_id(session, set(duties))
    above = {unit_id for unit in units.values() for unit_id in unit.lineage}
    found = {
        one.account_id: one
        for one in people_with_role(session, STAND_IN_FOR, unit_ids=above)
        if one.account_id != person.account_id
    }
    return [one for one in found.values() if covers(session, one.account_id, person.account_id)]


def day_in(zone: ZoneInfo, *, at: datetime) -> date:
    """The day it is in a zone."""
    return at.astimezone(zone).date()


def _day_faults(session: Session, asked: LeaveAsked, person: Person, *, at: datetime) -> list[Fault]:
    today = day_in(unit_by_id(session, person.unit_id).zone, at=at)
    if asked.until_on < asked.from_on:
        return [Fault("until_on", "absence_ends_before")]
    if asked.until_on < today:
        return [Fault("until_on", "absence_is_over")]
    if (asked.until_on - asked.from_on).days >= LONGEST_DAYS:
        return [Fault("until_on", "absence_too_long", {"days": LONGEST_DAYS})]
    taken = select(AbsenceRow.id).where(
        AbsenceRow.account_id == person.account_id,
        AbsenceRow.from_on <= asked.until_on,
        AbsenceRow.until_on >= asked.from_on,
        AbsenceRow.taken_back_at.is_(None),
    )
    if session.execute(taken.limit(1)).scalar_one_or_none() is not None:
        return [Fault("from_on", "absence_overlaps")]
    return []


def _deputy(session: Session, asked: LeaveAsked, person: Person) -> tuple[int | None, Fault | None]:
    if not _has_role(session, person.account_id, STAND_IN_FOR):
        return None, Fault("login", "no_duty_to_stand_in")
    if asked.deputy is None:
        return None, None
    chosen = next((one for one in deputies_for(session, person) if one.login == asked.deputy), None)
    if chosen is None:
        return None, Fault("deputy", "unknown_deputy")
    new = Away(person.account_id, chosen.account_id, asked.from_on, asked.until_on)
    if closes_circle(new, _overlapping(session, asked)):
        return None, Fault("deputy", "deputies_in_circle")
    return chosen.account_id, None


def _has_role(session: Session, account_id: int, roles: Collection[Role]) -> bool:
    held = select(GrantRow.id).where(
        GrantRow.account_id == account_id, GrantRow.role.in_(roles), GrantRow.ended_at.is_(None)
    )
    return session.execute(held.limit(1)).scalar_one_or_none() is not None


def _overlapping(session: Session, asked: LeaveAsked) -> list[Away]:
    rows = session.execute(
        select(AbsenceRow).where(
            AbsenceRow.from_on <= asked.until_on,
            AbsenceRow.until_on >= asked.from_on,
            AbsenceRow.taken_back_at.is_(None),
        )
    ).scalars()
    return [Away(row.account_id, row.deputy_id, row.from_on, row.until_on) for row in rows]


def _tell_change(
    session: Session,
    person: Person,
    *,
    before: dict[str, str],
    after: dict[str, str | None],
    by: Actor,
    at: datetime,
) -> None:
    record_change(
        session,
        kind="absence",
        subject=person.login,
        name=person.name,
        unit_id=person.unit_id,
        before=before,
        after=after,
        account_id=by.account_id,
        at=at,
    )
