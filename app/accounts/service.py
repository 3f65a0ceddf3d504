"""Signing in and out: passwords, browser sessions, API tokens, anonymous passes."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import bindparam, insert, select, update

from app.accounts.actor import Actor, Grant, Guest, Unnamed
from app.accounts.models import AccountRow, CredentialRow, GrantRow
from app.accounts.permissions import Permission, Role
from app.core.db import Database, changed_one, table_of
from app.core.errors import Fault, Invalid, NotFound, NotSignedIn

PASSWORD_SHORTEST: Final = 10
PASSWORD_LONGEST: Final = 200
PASS_LIFETIME: Final = timedelta(days=7)
_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""One verification takes 64 MiB: as many at once as there are threads would take the machine's memory."""
_ABSENT_ACCOUNT_HASH: Final = _HASHER.hash(secrets.token_hex(16))
"""Verified when no account has the login, so that both answers take the same 0.2 s."""


# Built once: every request asks them.
_A, _C, _G = table_of(AccountRow).c, table_of(CredentialRow).c, table_of(GrantRow).c
_BEHIND: Final = (
    select(_A.id, _A.login, _A.name, _A.home_unit_id)
    .select_from(table_of(AccountRow).join(table_of(CredentialRow), _C.account_id == _A.id))
    .where(
        _C.token_hash == bindparam("token_hash"),
        _C.kind == bindparam("kind"),
        _C.ended_at.is_(None),
        _C.expires_at > bindparam("at"),
        _A.disabled_at.is_(None),
    )
)
_GRANTS: Final = (
    select(_G.role, _G.unit_id)
    .where(_G.account_id == bindparam("account_id"), _G.ended_at.is_(None))
    .order_by(_G.id)
)


class CredentialKind(StrEnum):
    """A browser session or an API token, and how long each lives."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  # the kind's name, not a secret

    @property
    def lifetime(self) -> timedelta:
        """A session outlives a shift pattern; a token a season."""
        return timedelta(days=30) if self is CredentialKind.SESSION else timedelta(days=90)


@dataclass(frozen=True)
class Credential:
    """A fresh secret, to be handed over once."""

    secret: str
    expires_at: datetime


def hash_of(secret: str) -> str:
    """SHA-256, hex: enough for 256 random bits, which cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """The argon2id hash to store.

    Raises:
        Invalid: shorter than PASSWORD_SHORTEST or longer than PASSWORD_LONGEST characters.
    """
    if len(password) < PASSWORD_SHORTEST:
        raise Invalid(Fault("password", "too_short", {"limit": PASSWORD_SHORTEST}))
    if len(password) > PASSWORD_LONGEST:
        raise Invalid(Fault("password", "too_long", {"limit": PASSWORD_LONGEST}))
    return _HASHER.hash(password)


def _is_password(password: str, password_hash: str | None) -> bool:
    try:
        with _AT_ONCE:
            _HASHER.verify(password_hash or _ABSENT_ACCOUNT_HASH, password[:PASSWORD_LONGEST])
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def sign_in(login: str, password: str, *, kind: CredentialKind, at: datetime, db: Database) -> Credential:
    """A new session or token for the right password.

    Raises:
        NotSignedIn: unknown login, wrong password or disabled account: one answer for the three.
    """
    with db.read() as session:
        account = session.execute(select(AccountRow).where(AccountRow.login == login)).scalar_one_or_none()
    right = _is_password(password, account.password_hash if account else None)
    if account is None or not right or account.disabled_at is not None:
        raise NotSignedIn(reason="wrong_password")
    return _issue(account.id, kind=kind, at=at, db=db)


def _issue(account_id: int, *, kind: CredentialKind, at: datetime, db: Database) -> Credential:
    credential = Credential(secret=secrets.token_urlsafe(32), expires_at=at + kind.lifetime)
    with db.write() as session:
        session.execute(
            insert(CredentialRow).values(
                kind=kind,
                token_hash=hash_of(credential.secret),
                account_id=account_id,
                made_at=at,
                expires_at=credential.expires_at,
            )
        )
    return credential


def sign_out(secret: str, *, at: datetime, db: Database) -> None:
    """End a session or token; it fails from the next request on."""
    with db.write() as session:
        session.execute(
            update(CredentialRow).where(CredentialRow.token_hash == hash_of(secret)).values(ended_at=at)
        )


def actor_of(secret: str, *, kind: CredentialKind, at: datetime, db: Database) -> Actor | None:
    """The account behind a secret with its grants as they stand now; None when it no longer opens anything."""
    with db.read() as session:
        shown = {"token_hash": hash_of(secret), "kind": kind, "at": at}
        account = session.execute(_BEHIND, shown).one_or_none()
        if account is None:
            return None
        grants = session.execute(_GRANTS, {"account_id": account.id}).all()
        return Actor(
            account_id=account.id,
            login=account.login,
            name=account.name,
            home_unit_id=account.home_unit_id,
            grants=tuple(Grant(Role(row.role), row.unit_id) for row in grants),
        )


def change_password(actor: Actor, old: str, new: str, *, keep: str, at: datetime, db: Database) -> None:
    """Choose another password; every session and token but the one with the secret `keep` ends.

    Raises:
        Invalid: the old password is wrong; the new one is too short, too long or the old one again.
    """
    if old == new:
        raise Invalid(Fault("password", "password_unchanged"))
    with db.read() as session:
        account = session.execute(select(AccountRow).where(AccountRow.id == actor.account_id)).scalar_one()
    if not _is_password(old, account.password_hash):
        raise Invalid(Fault("old_password", "wrong_password"))
    password_hash = hash_password(new)
    with db.write() as session:
        others = update(CredentialRow).where(
            CredentialRow.account_id == actor.account_id,
            CredentialRow.ended_at.is_(None),
            CredentialRow.token_hash != hash_of(keep),
        )
        session.execute(others.values(ended_at=at).execution_options(synchronize_session=False))
        # Compare-and-set: a reset by an administrator meanwhile is not undone.
        mine = (AccountRow.id == actor.account_id) & (AccountRow.password_hash == account.password_hash)
        if not changed_one(session, update(AccountRow).where(mine).values(password_hash=password_hash)):
            raise Invalid(Fault("old_password", "wrong_password"))


def issue_pass(actor: Actor, *, unit_id: int, secret_key: str) -> str:
    """A one-use pass that says "somebody of this unit" and nothing else; the server keeps no trace of it.

    `unit_id` must be large enough to hide in: see `hazards.submitters.unit_to_hide_in`.

    Raises:
        NotFound: the actor may not report at all.
    """
    if not actor.can_somewhere(Permission.HAZARD_SUBMIT):
        raise NotFound
    return _passes(secret_key).dumps({"u": unit_id, "n": secrets.token_urlsafe(16)})


def bearer_of(anonymous_pass: str, *, secret_key: str) -> Unnamed:
    """Who a pass stands for: someone of a unit.

    Raises:
        NotSignedIn: forged or older than 7 days.
    """
    try:
        told = _passes(secret_key).loads(anonymous_pass, max_age=int(PASS_LIFETIME.total_seconds()))
    except BadData as error:
        raise NotSignedIn(reason="pass_expired") from error
    return Unnamed(unit_id=int(told["u"]), pass_hash=hash_of(anonymous_pass))


def issue_guest_pass(*, place_id: int, secret_key: str) -> str:
    """A one-use pass that says "a guest at this place"; the server keeps no trace of it."""
    return _guest_passes(secret_key).dumps({"p": place_id, "n": secrets.token_urlsafe(16)})


def pass_holder(shown: str, *, secret_key: str) -> Unnamed | Guest:
    """Who a pass of either kind stands for.

    Raises:
        NotSignedIn: forged or older than 7 days.
    """
    try:
        told = _guest_passes(secret_key).loads(shown, max_age=int(PASS_LIFETIME.total_seconds()))
    except BadData:
        return bearer_of(shown, secret_key=secret_key)
    return Guest(place_id=int(told["p"]), pass_hash=hash_of(shown))


def _passes(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="anonymous-pass")


def _guest_passes(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="guest-pass")
