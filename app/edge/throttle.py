"""Holding back who guesses passwords, and who would send letters to strangers."""

import math
import time
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.errors import TooMany
from app.edge.entrance import actor

FAILURES: Final = "20 per minute; 200 per hour"
"""Per address, and only what failed: a whole shift may sign in through one router; a guesser needs millions."""
GUEST_PASSES: Final = "60 per minute; 600 per hour"
"""Per address: a whole workshop may stand behind one router, and who guesses codes of places needs millions."""
LETTERS: Final = "5 per day"
"""Per account: a code goes to whatever address somebody typed, so it must not become a way to pester."""
ACCOUNT_PASSES: Final = "60 per hour"
"""Per account, in each web process: a phone that sends what waited since the morning asks for one a report."""
REDIS_SECONDS: Final = 1.0
"""How long a request may wait for Redis before this process counts by itself."""
# Where Redis is away, each process counts in its own memory and looks for it again after 1, 2, 4 … 32 seconds; and
# what cannot be counted at all is let through: a door that Redis could close would be Redis's door.
_limiter: Final = Limiter(get_remote_address, in_memory_fallback_enabled=True, swallow_errors=True)
_ACCOUNT_PASSES: Final = "hazard_account_passes"
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


class AccountPasses:
    """Counts the passes that accounts ask for in the memory of this process, and nowhere else.

    A pass opens an anonymous report. How often and when an account asked for one stands in no Redis, whose disk
    would keep it beside the hour in which a pass was spent (decision 0004).
    """

    def __init__(self, rate: str = ACCOUNT_PASSES) -> None:
        self._rate = parse(rate)
        self.counter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, account_id: int) -> None:
        """Count one.

        Raises:
            TooMany: more than the rate.
        """
        if not self.counter.hit(self._rate, str(account_id)):
            raise TooMany(
                retry_after=_seconds_until(self.counter.get_window_stats(self._rate, str(account_id))[0])
            )


def count_account_pass() -> None:
    """Count a pass that the account which acts asks for.

    Raises:
        TooMany: more than the rate.
    """
    counter: AccountPasses = current_app.extensions[_ACCOUNT_PASSES]
    counter.count(actor().account_id)


def _seconds_until(instant: float) -> int:
    return max(1, math.ceil(instant - time.time()))


def retry_after() -> int | None:
    """In how many seconds whoever was just held back may come again; None when this request was not."""
    held = _limiter.current_limit
    if held is None or not held.breached:
        return None
    try:
        return _seconds_until(held.reset_at)
    except RedisError:
        # It has just gone, and what it counted is not counted now.
        return 1


def _account() -> str:
    return str(actor().account_id)


def _sent(answer: Response) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER


code_letters: Final = _limiter.limit(LETTERS, key_func=_account, deduct_when=_sent)
"""Marks the view that sends a code to an address nobody has confirmed."""


def hold_back(app: Flask, *, redis_url: str) -> None:
    """Count in Redis, for all web processes together; without it in the memory of the one there is."""
    app.extensions[_ACCOUNT_PASSES] = AccountPasses()
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
