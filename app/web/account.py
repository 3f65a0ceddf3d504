"""Pages about the person: signing in and out, an invitation, the own password, language and text size."""

from typing import Final

from flask import Blueprint, Response, flash, request, session, url_for

from app.accounts.invitations import choose_password, invited_login
from app.accounts.service import PASSWORD_SHORTEST, CredentialKind, change_password, sign_in, sign_out
from app.core.errors import Fault, Invalid, NotFound, NotSignedIn, Problem, TooMany
from app.edge.entrance import SESSION_SECRET, actor, public, runtime, signed_in
from app.edge.language import COOKIE, LOCALES
from app.edge.reading import LoginSchema, read
from app.edge.throttle import login_attempts
from app.web.again import shown_again
from app.web.answers import page_answer, refused_answer, see_other
from app.web.forms import field_faults
from app.web.frames import LARGE, SIZE_COOKIE, frame_of, home_address, local_path, reader
from app.web.pages import FieldFault, LoginPage, SetupPage
from app.web.pages.account import MinePage
from config import Demo

pages = Blueprint("account", __name__)
_SCANNED: Final = "/p/"
COOKIE_SECONDS: Final = 365 * 24 * 3600


def _login_page(*, refused: str = "") -> LoginPage:
    return LoginPage(
        frame=frame_of(),
        login=request.form.get("login", ""),
        next=local_path(request.values.get("next", "")) if request.values.get("next") else "",
        refused=refused,
        demo_note=runtime().settings.demo is not Demo.OFF,
        scanned=request.values.get("next", "").startswith(_SCANNED),
    )


def _login_again(problem: Problem) -> Response | None:
    if isinstance(problem, TooMany):
        return refused_answer("account/login.html", _login_page(refused="too_many"), problem=problem)
    if not isinstance(problem, NotSignedIn | Invalid):
        return None
    page = _login_page(refused="bad_credentials")
    return page_answer("account/login.html", page, status=401)


def _open_session(login: str, password: str) -> None:
    means = runtime()
    credential = sign_in(login, password, kind=CredentialKind.SESSION, at=means.now(), db=means.db)
    # A fresh session: nothing that was there before signing in may ride along.
    session.clear()
    session.permanent = True
    session[SESSION_SECRET] = credential.secret


@pages.get("/")
@public
def home() -> Response:
    """Where each person's work begins."""
    return see_other(home_address())


@pages.get("/login")
@public
def login() -> Response:
    """The login."""
    return page_answer("account/login.html", _login_page())


@pages.post("/login")
@public
@login_attempts
@shown_again(_login_again)
def enter() -> Response:
    """Sign in, and go on to where one was going."""
    told = read(LoginSchema(), {name: request.form.get(name, "") for name in ("login", "password")})
    _open_session(told["login"] or "", told["password"])
    return see_other(local_path(request.form.get("next", "")))


@pages.post("/logout")
@public
def logout() -> Response:
    """Sign out; the session opens nothing from now on."""
    means = runtime()
    secret = session.get(SESSION_SECRET)
    if secret:
        sign_out(str(secret), at=means.now(), db=means.db)
    session.clear()
    return see_other(url_for("account.login"))


def _setup_page(secret: str, *, faults: tuple[FieldFault, ...] = ()) -> SetupPage:
    means = runtime()
    return SetupPage(
        frame=frame_of(),
        action=url_for("account.choose", secret=secret),
        login=invited_login(secret, at=means.now(), db=means.db),
        minimum_length=PASSWORD_SHORTEST,
        faults=faults,
    )


def _setup_again(problem: Problem, secret: str) -> Response | None:
    if isinstance(problem, NotFound):
        return None
    page = _setup_page(secret, faults=field_faults(problem))
    return refused_answer("account/setup.html", page, problem=problem)


@pages.get("/welcome/<secret>")
@public
def welcome(secret: str) -> Response:
    """The one-time link with which a person chooses the password."""
    return page_answer("account/setup.html", _setup_page(secret))


@pages.post("/welcome/<secret>")
@public
@login_attempts
@shown_again(_setup_again)
def choose(secret: str) -> Response:
    """Choose the password and sign in with it."""
    means = runtime()
    # The link first: one that opens nothing says the same whatever was typed.
    invited = invited_login(secret, at=means.now(), db=means.db)
    password = request.form.get("password", "")
    if password != request.form.get("password_again", ""):
        raise Invalid(Fault("password_again", "passwords_differ"))
    choose_password(secret, password, at=means.now(), db=means.db)
    _open_session(invited, password)
    return see_other(url_for("account.home"))


def _mine_page(*, faults: tuple[FieldFault, ...] = ()) -> MinePage:
    who = reader()
    return MinePage(
        frame=frame_of(current="account"),
        login=who.actor.login,
        name=who.actor.name,
        unit=who.home.name,
        minimum_length=PASSWORD_SHORTEST,
        faults=faults,
    )


def _mine_again(problem: Problem) -> Response | None:
    if isinstance(problem, NotSignedIn):
        return None
    return refused_answer("account/mine.html", _mine_page(faults=field_faults(problem)), problem=problem)


@pages.get("/account")
@signed_in
def mine() -> Response:
    """One's own account: who one is here, and another password."""
    return page_answer("account/mine.html", _mine_page())


@pages.post("/account")
@signed_in
@login_attempts
@shown_again(_mine_again)
def change() -> Response:
    """Choose another password; every other device is signed out."""
    means, said = runtime(), request.form
    if said.get("password", "") != said.get("password_again", ""):
        raise Invalid(Fault("password_again", "passwords_differ"))
    old, new = said.get("old_password", ""), said.get("password", "")
    change_password(actor(), old, new, keep=str(session[SESSION_SECRET]), at=means.now(), db=means.db)
    flash("password_changed")
    return see_other(url_for("account.mine"))


def _remember(name: str, value: str) -> Response:
    answer = see_other(local_path(request.args.get("next", "")))
    secure = runtime().settings.has_secure_cookies
    answer.set_cookie(name, value, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return answer


@pages.get("/language/<code>")
@public
def language(code: str) -> Response:
    """Switch the language of this browser."""
    if code not in LOCALES:
        raise NotFound
    return _remember(COOKIE, code)


@pages.get("/text-size/<size>")
@public
def text_size(size: str) -> Response:
    """Switch this browser between normal and large text."""
    if size not in {"normal", LARGE}:
        raise NotFound
    return _remember(SIZE_COOKIE, size)
