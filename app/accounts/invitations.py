"""One-time links: how a person comes by a password, the first time and after it was reset."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow, CredentialRow, InvitationRow
from app.accounts.service import hash_of, hash_password
from app.core.db import Database
from app.core.errors import NotFound

INVITATION_LIFETIME: Final = timedelta(days=7)


@dataclass(frozen=True)
class Link:
    """A fresh one-time secret, to be handed over once; only its hash is kept."""

    secret: str
    expires_at: datetime


def renew_link(session: Session, account_id: int, *, at: datetime) -> Link:
    """The only link that opens this account from now on: whatever was handed out before is dead."""
    end_links(session, account_id)
    link = Link(secrets.token_urlsafe(32), at + INVITATION_LIFETIME)
    session.execute(
        insert(InvitationRow).values(
            token_hash=hash_of(link.secret), account_id=account_id, made_at=at, expires_at=link.expires_at
        )
    )
    return link


def end_links(session: Session, account_id: int) -> None:
    """Links that nobody has used open nothing any more."""
    unused = InvitationRow.used_at.is_(None)
    session.execute(delete(InvitationRow).where(InvitationRow.account_id == account_id, unused))


def end_credentials(session: Session, account_id: int, *, at: datetime, but: str | None = None) -> None:
    """End every session and token of an account at once (P13), `but` the one with this secret."""
    ending = update(CredentialRow).where(CredentialRow.account_id == account_id, CredentialRow.ended_at.is_(None))
    if but is not None:
        ending = ending.where(CredentialRow.token_hash != hash_of(but))
    session.execute(ending.values(ended_at=at).execution_options(synchronize_session=False))


def invite(account_id: int, *, at: datetime, db: Database) -> str:
    """A one-time secret with which this account's password can be chosen within 7 days."""
    with db.write() as session:
        return renew_link(session, account_id, at=at).secret


def invited_login(secret: str, *, at: datetime, db: Database) -> str:
    """The login an invitation is for.

    Raises:
        NotFound: unknown, used or expired, or the account is disabled.
    """
    with db.read() as session:
        login = session.execute(
            select(AccountRow.login)
            .join(InvitationRow, InvitationRow.account_id == AccountRow.id)
            .where(
                InvitationRow.token_hash == hash_of(secret),
                InvitationRow.used_at.is_(None),
                InvitationRow.expires_at > at,
                AccountRow.disabled_at.is_(None),
            )
        ).scalar_one_or_none()
    if login is None:
        raise NotFound
    return login


def choose_password(secret: str, password: str, *, at: datetime, db: Database) -> None:
    """Use an invitation: set the password, once; what was signed in before is signed out.

    Raises:
        Invalid: the password is too short or too long.
        NotFound: the invitation is unknown, used or expired, or the account is disabled.
    """
    password_hash = hash_password(password)
    with db.write() as session:
        account_id = session.execute(
            update(InvitationRow)
            .where(
                InvitationRow.token_hash == hash_of(secret),
                InvitationRow.used_at.is_(None),
                InvitationRow.expires_at > at,
                InvitationRow.account_id.in_(select(AccountRow.id).where(AccountRow.disabled_at.is_(None))),
            )
            .values(used_at=at)
            .returning(InvitationRow.account_id)
            .execution_options(synchronize_session=False)
        ).scalar_one_or_none()
        if account_id is None:
            raise NotFound
        end_credentials(session, account_id, at=at)
        session.execute(update(AccountRow).where(AccountRow.id == account_id).values(password_hash=password_hash))
