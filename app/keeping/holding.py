"""Keeps a backup's hold alive while it copies: renewed each minute by a thread, ended with the block."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import structlog

from app.core.clock import Clock
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.holds import hold_objects, release_hold, renew_hold

RENEWED_EVERY_SECONDS: Final = 60.0
_log: Final = structlog.get_logger(__name__)


@contextmanager
def objects_held(*, now: Clock, db: Database) -> Iterator[None]:
    """While the block runs, nobody removes an object; a process that dies lets go within HOLD_LASTS.

    Raises:
        Unavailable: the hold cannot be written.
    """
    with db.write() as session:
        code = hold_objects(session, at=now())
    over = threading.Event()

    def keep_alive() -> None:
        while not over.wait(RENEWED_EVERY_SECONDS):
            try:
                with db.write() as session:
                    renew_hold(session, code, at=now())
            except Unavailable:
                # Nine more tries before it ends; and what is removed then is found missing, and named.
                _log.warning("hold_not_renewed")

    renewing = threading.Thread(target=keep_alive, name="backup-hold", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        # It ends by itself as well.
        with suppress(Unavailable), db.write() as session:
            release_hold(session, code)
