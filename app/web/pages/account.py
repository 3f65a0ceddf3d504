"""The pages about the person: signing in, the first administrator, and what went wrong."""

from dataclasses import dataclass

from app.web.pages.frame import FieldFault, Frame
from app.web.pages.pieces import Fact


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """Signing in; `refused` is bad_credentials or too_many."""

    frame: Frame
    login: str = ""
    next: str = ""
    refused: str = ""
    demo_note: bool = False
    scanned: bool = False  # a QR code led here that does not open without an account


@dataclass(frozen=True, kw_only=True)
class SetupPage:
    """Choosing the first password, by a one-time link."""

    frame: Frame
    action: str
    login: str
    minimum_length: int = 10
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MinePage:
    """One's own account."""

    frame: Frame
    login: str
    name: str
    unit: str
    minimum_length: int = 10
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """What went wrong and what to do next; `code` is a stable code of `app.core.errors`."""

    frame: Frame
    status: int
    code: str
    detail: str = ""  # a finished sentence when the error carries values
    retry_after: int | None = None  # seconds
    next_href: str = ""  # where the blue button leads; empty: home
    hazard_href: str = ""  # the hazard that this form already made
    typed: tuple[Fact, ...] = ()  # the words of the refused form; codes of words.TYPED
    happened: str = ""  # who did what before
    request_id: str = ""
