"""Accounts as those who manage them see them: who they are, which roles they hold, which links wait."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Grant
from app.accounts.models import AccountRow, GrantRow, InvitationRow
from app.accounts.naming import login_head, made_logins
from app.accounts.permissions import Role


@dataclass(frozen=True)
class Account:
    """One account with the roles it holds now; `has_password`: somebody has used a link."""

    account_id: int
    login: str
    name: str
    home_unit_id: int
    has_password: bool
    disabled_at: datetime | None
    grants: tuple[Grant, ...]


def account_of(session: Session, login: str) -> Account | None:
    """The account with this login."""
    row = session.execute(select(AccountRow).where(AccountRow.login == login)).scalar_one_or_none()
    return accounts_of(session, [row])[0] if row else None


def accounts_of(session: Session, rows: Iterable[AccountRow]) -> list[Account]:
    """Rows with their roles, in their order."""
    rows = list(rows)
    held: dict[int, list[Grant]] = {}
    ids = [row.id for row in rows]
    for start in range(0, len(ids), 500):
        grants = session.execute(
            select(GrantRow)
            .where(GrantRow.account_id.in_(ids[start : start + 500]), GrantRow.ended_at.is_(None))
            .order_by(GrantRow.id)
        ).scalars()
        for grant in grants:
            held.setdefault(grant.account_id, []).append(Grant(Role(grant.role), grant.unit_id))
    return [
        Account(
            row.id,
            row.login,
            row.name,
            row.home_unit_id,
            row.password_hash is not None,
            row.disabled_at,
            tuple(dict.fromkeys(held.get(row.id, ()))),
        )
        for row in rows
    ]


def actor_now(session: Session, account_id: int) -> Actor | None:
    """The account as it stands at this moment, with the roles it holds; None when absent or disabled (P13)."""
    row = session.execute(select(AccountRow).where(AccountRow.id == account_id)).scalar_one_or_none()
    if row is None or row.disabled_at is not None:
        return None
    account = accounts_of(session, [row])[0]
    return Actor(account.account_id, account.login, account.name, account.home_unit_id, account.grants)


def as_now(session: Session, actor: Actor) -> Actor:
    """Who acts, as `actor_now`: since the request began somebody may have ended roles, or shut the account (P13).

    Somebody whose account was shut is left without any role, and so is refused like everybody without one.
    """
    found = actor_now(session, actor.account_id)
    return found or Actor(actor.account_id, actor.login, actor.name, actor.home_unit_id, ())


class MadeLogins:
    """Free logins made from units' codes, one after the other, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._streams: dict[str, Iterator[str]] = {}

    def next_for(self, prefix: str) -> str:
        """The next free login for a unit with this code."""
        head = login_head(prefix)
        if head not in self._streams:
            like = AccountRow.login.startswith(f"{head}-", autoescape=True)
            taken = set(self._session.execute(select(AccountRow.login).where(like)).scalars())
            self._streams[head] = made_logins(prefix, taken)
        return next(self._streams[head])


def link_expiry(session: Session, account_ids: Collection[int]) -> dict[int, datetime]:
    """When the unused link of each account dies; accounts without one are left out."""
    found: dict[int, datetime] = {}
    ids = list(account_ids)
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(InvitationRow.account_id, InvitationRow.expires_at).where(
                InvitationRow.account_id.in_(ids[start : start + 500]), InvitationRow.used_at.is_(None)
            )
        )
        found |= {row.account_id: row.expires_at for row in rows}
    return found


def able_administrators(session: Session, unit_ids: Collection[int], *, but: int) -> bool:
    """Whether somebody else administers one of these units and could sign in to do it."""
    other = (
        select(GrantRow.id)
        .join(AccountRow, AccountRow.id == GrantRow.account_id)
        .where(
            GrantRow.role == Role.ADMIN,
            GrantRow.unit_id.in_(unit_ids),
            GrantRow.ended_at.is_(None),
            AccountRow.id != but,
            AccountRow.disabled_at.is_(None),
            AccountRow.password_hash.is_not(None),
        )
    )
    return session.execute(other.limit(1)).scalar_one_or_none() is not None
