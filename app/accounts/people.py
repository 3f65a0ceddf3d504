"""What is done to accounts by those who manage them: made, renamed, given roles, disabled; all on record.

Everything here runs inside a caller's transaction, and the caller has decided that the person may:
`app.units.staff` for one person at a time, the import of a workbook for many. Nothing secret goes into the record.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Grant
from app.accounts.invitations import end_credentials, end_links
from app.accounts.models import AccountRow, GrantRow
from app.accounts.naming import faults_of_login, faults_of_person, written_login, written_person
from app.accounts.permissions import Role
from app.accounts.roster import Account, MadeLogins
from app.core.changes import record_change
from app.core.errors import Fault, Invalid


class HomeUnit(Protocol):
    """What is needed of a unit here; the tree itself belongs to `app.units`."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def code(self) -> str:
        """Its code."""


@dataclass(frozen=True)
class RoleIn:
    """A role in a unit, as it is given."""

    role: Role
    unit: HomeUnit


def add_person(
    session: Session,
    *,
    login: str | None,
    name: str,
    home: HomeUnit,
    roles: Collection[RoleIn],
    account_id: int | None,
    at: datetime,
) -> Account:
    """A new account without a password; without a login one is made from the home unit's code.

    `account_id` is who makes it.

    Raises:
        Invalid: with every fault, by the names of these arguments.
    """
    written = written_login(login) if login else MadeLogins(session).next_for(home.code)
    called = written_person(name)
    faults = [*faults_of_login(written), *faults_of_person(called)]
    if session.execute(select(AccountRow.id).where(AccountRow.login == written)).scalar_one_or_none() is not None:
        faults.append(Fault("login", "login_taken"))
    if faults:
        raise Invalid(*faults)
    row = AccountRow(login=written, name=called, password_hash=None, home_unit_id=home.id, made_at=at)
    session.add(row)
    session.flush()
    given = list(dict.fromkeys((one.role, one.unit.id, one.unit.code) for one in roles))
    for role, unit_id, _code in given:
        _grant(session, row.id, role, unit_id, at=at)
    after: dict[str, Any] = {"login": written, "name": called, "unit": home.code}
    if given:
        after["roles"] = _told([f"{role}@{code}" for role, _unit_id, code in given])
    change = Change(written, called, home.id, account_id, at)
    change.record(session, before={}, after=after)
    return Account(row.id, written, called, home.id, False, None, tuple(Grant(r, u) for r, u, _c in given))


@dataclass(frozen=True)
class Change:
    """Whose set-up changes, who changes it, when: the sides of a row of `app.core.changes` that stay the same."""

    login: str
    name: str
    unit_id: int
    account_id: int | None
    at: datetime

    def record(self, session: Session, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Write down what differs."""
        record_change(
            session,
            kind="person",
            subject=self.login,
            name=self.name,
            unit_id=self.unit_id,
            before=before,
            after=after,
            account_id=self.account_id,
            at=self.at,
        )


def change_of(account: Account, *, by: Actor, at: datetime) -> Change:
    """A change that `by` makes to this account."""
    return Change(account.login, account.name, account.home_unit_id, by.account_id, at)


def set_name(session: Session, account: Account, name: str, *, by: Actor, at: datetime) -> None:
    """Call the person otherwise.

    Raises:
        Invalid: no name, or too long.
    """
    called = written_person(name)
    faults = faults_of_person(called)
    if faults:
        raise Invalid(*faults)
    session.execute(update(AccountRow).where(AccountRow.id == account.account_id).values(name=called))
    change_of(account, by=by, at=at).record(session, before={"name": account.name}, after={"name": called})


def set_home(
    session: Session, account: Account, *, before: HomeUnit, after: HomeUnit, by: Actor, at: datetime
) -> None:
    """Move the person to another unit."""
    session.execute(update(AccountRow).where(AccountRow.id == account.account_id).values(home_unit_id=after.id))
    change = Change(account.login, account.name, after.id, by.account_id, at)
    change.record(session, before={"unit": before.code}, after={"unit": after.code})


def give_role(session: Session, account: Account, given: RoleIn, *, by: Actor, at: datetime) -> None:
    """Give a role that is not held yet; a second time changes nothing."""
    if Grant(given.role, given.unit.id) in account.grants:
        return
    _grant(session, account.account_id, given.role, given.unit.id, at=at)
    change = Change(account.login, account.name, given.unit.id, by.account_id, at)
    held = _roles_in(account, given.unit)
    added = [*held, f"{given.role}@{given.unit.code}"]
    change.record(session, before={"roles": _told(held)}, after={"roles": _told(added)})


def take_role(session: Session, account: Account, taken: RoleIn, *, by: Actor, at: datetime) -> None:
    """End a role from the next request on (P13)."""
    session.execute(
        update(GrantRow)
        .where(
            GrantRow.account_id == account.account_id,
            GrantRow.unit_id == taken.unit.id,
            GrantRow.role == taken.role,
            GrantRow.ended_at.is_(None),
        )
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )
    change = Change(account.login, account.name, taken.unit.id, by.account_id, at)
    held = _roles_in(account, taken.unit)
    left = [role for role in held if role != f"{taken.role}@{taken.unit.code}"]
    change.record(session, before={"roles": _told(held)}, after={"roles": _told(left)})


def disable(session: Session, account: Account, *, by: Actor, at: datetime) -> None:
    """Shut the account: sessions, tokens and links end at once (P13); roles stay for when it is opened again."""
    session.execute(update(AccountRow).where(AccountRow.id == account.account_id).values(disabled_at=at))
    end_credentials(session, account.account_id, at=at)
    end_links(session, account.account_id)
    change_of(account, by=by, at=at).record(session, before={"disabled": False}, after={"disabled": True})


def enable(session: Session, account: Account, *, by: Actor, at: datetime) -> None:
    """Open a disabled account again, with the roles and the password it had."""
    session.execute(update(AccountRow).where(AccountRow.id == account.account_id).values(disabled_at=None))
    change_of(account, by=by, at=at).record(session, before={"disabled": True}, after={"disabled": False})


def forget_password(session: Session, account: Account, *, by: Actor, at: datetime) -> None:
    """The password opens nothing any more, nor does any session or token that it opened."""
    session.execute(update(AccountRow).where(AccountRow.id == account.account_id).values(password_hash=None))
    end_credentials(session, account.account_id, at=at)
    change = change_of(account, by=by, at=at)
    change.record(session, before={"password": "set"}, after={"password": "to_choose"})


def _roles_in(account: Account, unit: HomeUnit) -> list[str]:
    """The roles held in one unit, as the record of that unit's changes tells them."""
    return [f"{grant.role}@{unit.code}" for grant in account.grants if grant.unit_id == unit.id]


def _told(roles: list[str]) -> str | None:
    return "、".join(roles) or None


def _grant(session: Session, account_id: int, role: Role, unit_id: int, *, at: datetime) -> None:
    same = (GrantRow.account_id == account_id) & (GrantRow.unit_id == unit_id) & (GrantRow.role == role)
    before = session.execute(select(func.max(GrantRow.granted_at)).where(same)).scalar_one()
    # Ended and given again within one tick, or after the clock was set back: still two grants, in their order.
    granted_at = max(at, before + timedelta(microseconds=1)) if before else at
    told = {"account_id": account_id, "unit_id": unit_id, "role": role, "granted_at": granted_at}
    session.execute(insert(GrantRow).values(**told))
