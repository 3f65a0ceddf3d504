"""People in the tree of units: who manages whom, and the use cases of one person at a time.

Whoever manages a unit (`unit:manage`) manages the people who belong to it or to a unit below. Roles are given and
ended only inside one's own subtree; an account that also holds a role beyond it can be neither reset nor disabled
from below, because a new link to it would open what its holder may there. A person one does not manage is absent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts import people
from app.accounts.actor import Actor, Grant
from app.accounts.invitations import Link, renew_link
from app.accounts.people import RoleIn
from app.accounts.permissions import Role
from app.accounts.roster import Account, able_administrators, account_of, as_now, link_expiry
from app.core.db import Database
from app.core.errors import Fault, Invalid, NotFound
from app.units.managing import manages
from app.units.queries import Unit, unit_by_code, units_by_id


@dataclass(frozen=True)
class RoleHeld:
    """A role in a unit that the reader manages."""

    role: Role
    unit: Unit


@dataclass(frozen=True)
class Member:
    """A person as the manager meets them: only the roles inside the managed subtree are named.

    `home` is None where the person belongs to a unit outside; `is_wholly_managed` says that home and every role
    lie inside.
    """

    account: Account
    home: Unit | None
    roles: tuple[RoleHeld, ...]
    is_wholly_managed: bool
    link_expires_at: datetime | None = None


@dataclass(frozen=True)
class NewPerson:
    """What is said of a person who is to be made; a missing login is made from the home unit's code."""

    login: str | None
    name: str
    unit: str
    roles: tuple[tuple[Role, str], ...]


def chosen_unit(session: Session, code: str, *, by: Actor, field: str = "unit") -> Unit:
    """A unit in use that the actor manages, by the code that was chosen in a form's `field`.

    Raises:
        Invalid: absent, foreign or retired.
    """
    unit = unit_by_code(session, code)
    if unit is None or not manages(unit, by=by) or unit.retired:
        raise Invalid(Fault(field, "no_such_unit"))
    return unit


def members_of(session: Session, accounts: Collection[Account], *, by: Actor) -> list[Member]:
    """The accounts as the actor meets them."""
    wanted = {a.home_unit_id for a in accounts} | {g.unit_id for a in accounts for g in a.grants}
    units = units_by_id(session, wanted)
    inside = {unit_id for unit_id, unit in units.items() if manages(unit, by=by)}
    links = link_expiry(session, [account.account_id for account in accounts])
    return [
        Member(
            account,
            units[account.home_unit_id] if account.home_unit_id in inside else None,
            tuple(RoleHeld(g.role, units[g.unit_id]) for g in account.grants if g.unit_id in inside),
            account.home_unit_id in inside and all(grant.unit_id in inside for grant in account.grants),
            links.get(account.account_id),
        )
        for account in accounts
    ]


def member(session: Session, login: str, *, by: Actor) -> Member:
    """The person, if the actor manages their unit or a unit in which they hold a role.

    Raises:
        NotFound: absent or foreign.
    """
    account = account_of(session, login)
    if account is None:
        raise NotFound
    met = members_of(session, [account], by=by)[0]
    if met.home is None and not met.roles:
        raise NotFound
    return met


def wholly_managed(session: Session, login: str, *, by: Actor) -> Member:
    """The person, for what reaches beyond one role: the link, the name, the unit, shutting the account.

    Raises:
        NotFound: absent or foreign.
        Invalid: the account also belongs, or holds a role, beyond the actor's units.
    """
    met = member(session, login, by=by)
    if not met.is_wholly_managed:
        raise Invalid(Fault("login", "held_above"))
    return met


def make_person(told: NewPerson, *, by: Actor, at: datetime, db: Database) -> tuple[str, Link]:
    """A new person with roles and a one-time link. Returns the login and the link.

    Raises:
        Invalid: with every fault.
    """
    with db.write() as session:
        by = as_now(session, by)
        home = chosen_unit(session, told.unit, by=by)
        roles = [RoleIn(role, chosen_unit(session, code, by=by, field="role_unit")) for role, code in told.roles]
        made = people.add_person(
            session, login=told.login, name=told.name, home=home, roles=roles, account_id=by.account_id, at=at
        )
        return made.login, _fresh_link(session, made, before=None, by=by, at=at)


def invite_person(login: str, *, by: Actor, at: datetime, db: Database) -> Link:
    """A fresh one-time link; the one before is dead.

    For somebody who has a password this is `reset_password`.

    Raises:
        NotFound: absent or foreign.
        Invalid: managed from above, disabled, or already signed in once.
    """
    with db.write() as session:
        by = as_now(session, by)
        met = wholly_managed(session, login, by=by)
        if met.account.disabled_at is not None:
            raise Invalid(Fault("login", "person_disabled"))
        if met.account.has_password:
            raise Invalid(Fault("login", "has_password"))
        return _fresh_link(session, met.account, before=met.link_expires_at, by=by, at=at)


def reset_password(login: str, *, by: Actor, at: datetime, db: Database) -> Link:
    """Forget the password, end every session and token, and give a one-time link to choose another.

    Raises:
        NotFound: absent or foreign.
        Invalid: managed from above, disabled, oneself, or nobody else could then administer the root.
    """
    with db.write() as session:
        by = as_now(session, by)
        met = wholly_managed(session, login, by=by)
        if met.account.disabled_at is not None:
            raise Invalid(Fault("login", "person_disabled"))
        if met.account.account_id == by.account_id:
            raise Invalid(Fault("login", "own_password"))
        check_administration_stays(session, met.account, lost=met.account.grants, by=by)
        people.forget_password(session, met.account, by=by, at=at)
        return _fresh_link(session, met.account, before=met.link_expires_at, by=by, at=at)


def rename_person(login: str, name: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Call a person otherwise.

    Raises:
        NotFound: absent or foreign.
        Invalid: managed from above, or no name.
    """
    with db.write() as session:
        by = as_now(session, by)
        met = wholly_managed(session, login, by=by)
        people.set_name(session, met.account, name, by=by, at=at)


def grant_role(login: str, role: Role, unit: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Give a person a role in a unit of one's own.

    Raises:
        NotFound: the person is absent or foreign.
        Invalid: no such unit of one's own.
    """
    with db.write() as session:
        by = as_now(session, by)
        met = member(session, login, by=by)
        given = RoleIn(role, chosen_unit(session, unit, by=by))
        people.give_role(session, met.account, given, by=by, at=at)


def enable_person(login: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Open a disabled account again.

    Raises:
        NotFound: absent or foreign.
        Invalid: managed from above.
    """
    with db.write() as session:
        by = as_now(session, by)
        met = wholly_managed(session, login, by=by)
        if met.account.disabled_at is not None:
            people.enable(session, met.account, by=by, at=at)


def check_administration_stays(session: Session, account: Account, *, lost: Collection[Grant], by: Actor) -> None:
    """See that a root keeps an administrator who can sign in, and that nobody locks themselves out.

    Raises:
        Invalid: the last administrator would be gone.
    """
    administered = units_by_id(session, [grant.unit_id for grant in lost if grant.role is Role.ADMIN])
    for unit in administered.values():
        is_vital = unit.parent_id is None or account.account_id == by.account_id
        if is_vital and not able_administrators(session, unit.lineage, but=account.account_id):
            raise Invalid(Fault("login", "last_administrator", {"unit": unit.name}))


def _fresh_link(session: Session, account: Account, *, before: datetime | None, by: Actor, at: datetime) -> Link:
    link = renew_link(session, account.account_id, at=at)
    change = people.change_of(account, by=by, at=at)
    change.record(
        session,
        before={"link_until": before.isoformat() if before else None},
        after={"link_until": link.expires_at.isoformat()},
    )
    return link
