"""Who may enter a view: every route carries a policy line, and one hook holds all of them to it."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app, g, request, session
from flask_wtf.csrf import CSRFProtect

from app.accounts.actor import Actor, Guest, Submitter, Unnamed
from app.accounts.permissions import Permission
from app.accounts.service import CredentialKind, actor_of, pass_holder
from app.core.errors import Forbidden, NotSignedIn
from app.runtime import Runtime

View = TypeVar("View", bound=Callable[..., Any])
SESSION_SECRET: Final = "sid"  # noqa: S105  # the cookie's field, not a secret
_MARK: Final = "entrance"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_csrf: Final = CSRFProtect()


class Door(StrEnum):
    """The two policies that need no permission."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Anybody may enter."""
    setattr(view, _MARK, Door.PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Any account may enter; the service decides the rest."""
    setattr(view, _MARK, Door.SIGNED_IN)
    return view


def needs(permission: Permission) -> Callable[[View], View]:
    """Accounts with this permission somewhere may enter; the service decides where it holds."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def policy_of(view: Callable[..., Any]) -> Door | Permission | None:
    """The view's policy line; None when somebody forgot it."""
    return cast("Door | Permission | None", getattr(view, _MARK, None))


def runtime() -> Runtime:
    """The means of this process, at the edge."""
    return cast("Runtime", current_app.extensions["runtime"])


def actor() -> Actor:
    """The account that acts in this request.

    Raises:
        NotSignedIn: there is none.
    """
    who = submitter()
    if not isinstance(who, Actor):
        raise NotSignedIn
    return who


def actor_or_none() -> Actor | None:
    """The account that acts in this request, if there is one."""
    who = submitter()
    return who if isinstance(who, Actor) else None


def submitter() -> Submitter | None:
    """Who acts, by the request's own credential: a bearer token, an anonymous pass, or the session cookie.

    Raises:
        NotSignedIn: a token or pass was shown that opens nothing.
    """
    if "submitter" not in g:
        g.submitter = _submitter()
    return cast("Submitter | None", g.submitter)


def _submitter() -> Submitter | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if request.path.startswith("/api/") and scheme:
        return _bearer(scheme.lower(), secret.strip())
    secret = str(session.get(SESSION_SECRET, ""))
    return _account(secret, CredentialKind.SESSION) if secret else None


def _bearer(scheme: str, secret: str) -> Actor | Unnamed | Guest:
    if scheme == "pass":
        return pass_holder(secret, secret_key=str(current_app.secret_key))
    who = _account(secret, CredentialKind.TOKEN) if scheme == "bearer" else None
    if who is None:
        raise NotSignedIn(reason="token_ended")
    return who


def _account(secret: str, kind: CredentialKind) -> Actor | None:
    means = runtime()
    return actor_of(secret, kind=kind, at=means.now(), db=means.db)


def _hold_to_policy() -> None:
    if request.endpoint is None or request.endpoint == "static":
        return
    policy = policy_of(current_app.view_functions[request.endpoint])
    if policy is None:
        raise Forbidden
    if policy is not Door.PUBLIC:
        who = actor()
        if isinstance(policy, Permission) and not who.can_somewhere(policy):
            raise Forbidden
    if request.method not in _SAFE and _rides_on_cookie():
        _csrf.protect()


def _rides_on_cookie() -> bool:
    """Whether a foreign page could have sent this with the reader's rights: then it must show the token.

    Pages always; the API only when no credential of its own came and a session did.
    """
    if not request.path.startswith("/api/"):
        return True
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return not scheme and SESSION_SECRET in session


def guard(app: Flask) -> None:
    """Hold every request of `app` to its view's policy, then to the CSRF token."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    _csrf.init_app(app)
    app.before_request(_hold_to_policy)
