"""Leaving a duty: a person is disabled, loses a role or moves, and hands over what is open in the same step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import people
from app.accounts.actor import Actor, Grant
from app.accounts.people import RoleIn
from app.accounts.permissions import Role
from app.accounts.roster import Account, as_now
from app.core.db import Database
from app.core.errors import NotFound
from app.hazards.handing_over import Task, hand_over, tasks_of
from app.units.queries import Unit, unit_by_id
from app.units.staff import (
    Member,
    RoleHeld,
    check_administration_stays,
    chosen_unit,
    member,
    wholly_managed,
)


@dataclass(frozen=True)
class Leaving:
    """What somebody is about to leave, and what they must hand over for it."""

    member: Member
    tasks: tuple[Task, ...]
    role: RoleHeld | None = None  # None: the account is disabled


def about_to_leave(session: Session, login: str, *, role: Role | None, unit: str, by: Actor) -> Leaving:
    """What disabling a person (`role` is None) or ending a role would leave behind.

    Raises:
        NotFound: the person or the role is absent or foreign.
        Invalid: the account is also managed from above, or is the last administrator's.
    """
    if role is None:
        met = wholly_managed(session, login, by=by)
        check_administration_stays(session, met.account, lost=met.account.grants, by=by)
        return Leaving(met, tasks_of(session, met.account, keeps=()))
    met = member(session, login, by=by)
    held = _held(met, role, unit)
    lost = Grant(held.role, held.unit.id)
    check_administration_stays(session, met.account, lost=[lost], by=by)
    keeps = [grant for grant in met.account.grants if grant != lost]
    # A disabled person's hazards have been handed over already.
    tasks = tasks_of(session, met.account, keeps=keeps) if met.account.disabled_at is None else ()
    return Leaving(met, tasks, held)


def disable_person(login: str, heirs: Mapping[str, str], *, by: Actor, at: datetime, db: Database) -> int:
    """Shut an account at once (P13) and hand its open hazards over; returns how many times one changed hands.

    `heirs` are logins by `Task.key`. A second time changes nothing.

    Raises:
        NotFound: absent or foreign.
        Invalid: as `about_to_leave`; a duty without an heir, by the task's key.
    """
    with db.write() as session:
        by = as_now(session, by)
        if member(session, login, by=by).account.disabled_at is not None:
            return 0
        leaving = about_to_leave(session, login, role=None, unit="", by=by)
        account = leaving.member.account
        steps = hand_over(session, leaving.tasks, heirs, leaver=account, by=by, at=at)
        people.disable(session, account, by=by, at=at)
        return steps


def end_role(
    login: str, role: Role, unit: str, heirs: Mapping[str, str], *, by: Actor, at: datetime, db: Database
) -> int:
    """End a role and hand over what only that role covered; returns how many times a hazard changed hands.

    Raises:
        NotFound: the person or the role is absent or foreign.
        Invalid: as `about_to_leave`; a duty without an heir, by the task's key.
    """
    with db.write() as session:
        by = as_now(session, by)
        leaving = about_to_leave(session, login, role=role, unit=unit, by=by)
        held = _held(leaving.member, role, unit)
        account = leaving.member.account
        steps = hand_over(session, leaving.tasks, heirs, leaver=account, by=by, at=at)
        people.take_role(session, account, RoleIn(held.role, held.unit), by=by, at=at)
        return steps


def about_to_move(session: Session, login: str, *, unit: str, by: Actor) -> tuple[Leaving, Unit]:
    """What moving a person to another unit would leave behind, and that unit.

    Raises:
        NotFound: the person is absent or foreign.
        Invalid: no such unit of one's own; the account is also managed from above.
    """
    met = wholly_managed(session, login, by=by)
    target = chosen_unit(session, unit, by=by)
    before = unit_by_id(session, met.account.home_unit_id)
    keeps = _grants_after_move(met.account, before, target)
    return Leaving(met, tasks_of(session, met.account, keeps=keeps)), target


def move_person(login: str, unit: str, heirs: Mapping[str, str], *, by: Actor, at: datetime, db: Database) -> int:
    """Move a person to another unit: being a worker there goes along, duties stay where they were given.

    Raises:
        NotFound: the person is absent or foreign.
        Invalid: as `about_to_move`; a duty without an heir, by the task's key.
    """
    with db.write() as session:
        by = as_now(session, by)
        leaving, target = about_to_move(session, login, unit=unit, by=by)
        account = leaving.member.account
        before = unit_by_id(session, account.home_unit_id)
        if before.id == target.id:
            return 0
        steps = hand_over(session, leaving.tasks, heirs, leaver=account, by=by, at=at)
        people.set_home(session, account, before=before, after=target, by=by, at=at)
        for grant in _left_behind(account.grants, before, target):
            people.take_role(
                session, account, RoleIn(grant.role, unit_by_id(session, grant.unit_id)), by=by, at=at
            )
            people.give_role(session, account, RoleIn(grant.role, target), by=by, at=at)
        return steps


def _left_behind(grants: Collection[Grant], before: Unit, target: Unit) -> list[Grant]:
    """The worker's roles that came with the old unit and do not reach the new one."""
    return [
        grant
        for grant in grants
        if grant.role is Role.WORKER and grant.unit_id in before.lineage and grant.unit_id not in target.lineage
    ]


def _grants_after_move(account: Account, before: Unit, target: Unit) -> list[Grant]:
    gone = _left_behind(account.grants, before, target)
    kept = [grant for grant in account.grants if grant not in gone]
    return [*kept, Grant(Role.WORKER, target.id)] if gone else kept


def _held(met: Member, role: Role, code: str) -> RoleHeld:
    held = next((one for one in met.roles if one.role is role and one.unit.code == code), None)
    if held is None:
        raise NotFound
    return held
