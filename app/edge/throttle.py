"""Holding back who guesses passwords, and who would send letters to strangers."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.edge.entrance import actor

FAILURES: Final = "20 per minute; 200 per hour"
"""Per address, and only what failed: a whole shift may sign in through one router; a guesser needs millions."""
LETTERS: Final = "5 per day"
"""Per account: a code goes to whatever address somebody typed, so it must not become a way to pester."""
_limiter: Final = Limiter(get_remote_address)
_REFUSED: Final = frozenset({401, 404, 422})


def _is_read() -> bool:
    return request.method in {"GET", "HEAD"}


def _failed(answer: Response) -> bool:
    return answer.status_code in _REFUSED


login_attempts: Final = _limiter.limit(FAILURES, exempt_when=_is_read, deduct_when=_failed)
"""Marks a view that takes passwords or secrets."""


def _account() -> str:
    return str(actor().account_id)


def _sent(answer: Response) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER


code_letters: Final = _limiter.limit(LETTERS, key_func=_account, deduct_when=_sent)
"""Marks the view that sends a code to an address nobody has confirmed."""


def hold_back(app: Flask) -> None:
    """Count in this process's memory: one machine has one web process; more come with Redis."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    _limiter.init_app(app)
