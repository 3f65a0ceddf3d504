"""Holding back who guesses passwords, and who would send letters to strangers."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.edge.entrance import actor

FAILURES: Final = "20 per minute; 200 per hour"
"""Per address, and only what failed: a whole shift may sign in through one router; a guesser needs millions."""
GUEST_PASSES: Final = "60 per minute; 600 per hour"
"""Per address: a whole workshop may stand behind one router, and who guesses codes of places needs millions."""
LETTERS: Final = "5 per day"
"""Per account: a code goes to whatever address somebody typed, so it must not become a way to pester."""
REDIS_SECONDS: Final = 1.0
"""How long a request may wait for Redis before this process counts by itself."""
# Where Redis is away, each process counts in its own memory and looks for it again after 1, 2, 4 … 32 seconds; and
# what cannot be counted at all is let through: a door that Redis could close would be Redis's door.
_limiter: Final = Limiter(get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True)
_REFUSED: Final = frozenset({401, 404, 422})


def _is_read() -> bool:
    return request.method in {"GET", "HEAD"}


def _failed(answer: Response) -> bool:
    return answer.status_code in _REFUSED


login_attempts: Final = _limiter.limit(FAILURES, exempt_when=_is_read, deduct_when=_failed)
"""Marks a view that takes passwords or secrets."""


def _is_no_guest() -> bool:
    return request.mimetype != "application/json"


guest_passes: Final = _limiter.limit(GUEST_PASSES, exempt_when=_is_no_guest)
"""Marks the view that gives passes to whoever has scanned a place; an account asks without a body."""


def _account() -> str:
    return str(actor().account_id)


def _sent(answer: Response) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER


code_letters: Final = _limiter.limit(LETTERS, key_func=_account, deduct_when=_sent)
"""Marks the view that sends a code to an address nobody has confirmed."""


def hold_back(app: Flask, *, redis_url: str) -> None:
    """Count in Redis, for all web processes together; without it in the memory of the one there is."""
    app.config["RATELIMIT_STORAGE_URI"] = redis_url.replace("unix://", "redis+unix://") or "memory://"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = (
        {
            "socket_timeout": REDIS_SECONDS,
            "socket_connect_timeout": REDIS_SECONDS,
            # Redis's own patience, seconds for each of several tries, would be the caller's.
            "retry": Retry(NoBackoff(), 0),
        }
        if redis_url
        else {}
    )
    _limiter.init_app(app)
