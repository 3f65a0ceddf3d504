"""Holding back who guesses passwords."""

from typing import Final

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

LOGINS: Final = "20 per minute; 200 per hour"
"""Per address: a shift may sign in through one router; a guesser needs millions."""
_limiter: Final = Limiter(get_remote_address, headers_enabled=False)


def _is_read() -> bool:
    return request.method in {"GET", "HEAD"}


login_attempts: Final = _limiter.limit(LOGINS, exempt_when=_is_read)
"""Marks a view that takes passwords."""


def hold_back(app: Flask) -> None:
    """Count in this process's memory: one machine has one web process; more come with Redis."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    _limiter.init_app(app)
