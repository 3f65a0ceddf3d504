"""Waking whoever waits for events the moment they are committed, instead of at the next look.

SQLite tells by a counter that another connection has committed; PostgreSQL by a notification, delivered on commit.
What is told here may be lost: every waiter also looks by itself, after a pause.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

CHANNEL: Final = "events"
SQLITE_LOOK_SECONDS: Final = 0.025
"""Forty looks at the counter in a second: decision 0017 has what they cost."""
STOP_SECONDS: Final = 0.25
"""How long a waiter on PostgreSQL may overhear that it shall stop."""
_NOTIFY: Final = text(f"NOTIFY {CHANNEL}")


def ring(session: Session) -> None:
    """Wake who waits, when this transaction commits; nothing to do on SQLite, where they see the commit itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_NOTIFY)


class Waking(Protocol):
    """Where a process waits for the next commit."""

    def wait(self, seconds: float, *, stop: threading.Event) -> None:
        """Return when something was committed, when `stop` is set, or after so many seconds."""


@contextmanager
def waking(engine: Engine) -> Iterator[Waking]:
    """A place to wait, with a connection of its own that is opened when it is first needed."""
    place: _Counter | _Notices
    place = _Notices(engine) if engine.dialect.name == "postgresql" else _Counter(engine)
    try:
        yield place
    finally:
        place.close()


class _Kept:
    """A driver's own connection, outside the pool and outside every transaction; opened anew after a fault."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None

    def connection(self) -> Any:
        """The connection.

        Raises:
            DBAPIError: there is none to be had.
        """
        if self._connection is None:
            pooled = self._engine.raw_connection()
            self._connection = pooled.driver_connection
            pooled.detach()
            self._prepare(self._connection)
        return self._connection

    def _prepare(self, connection: Any) -> None:
        """What the connection needs once."""

    @property
    def fault(self) -> type[Exception]:
        """What the driver raises, whatever goes wrong."""
        kind: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        return kind

    def close(self) -> None:
        """Hang up; the next wait opens anew."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class _Counter(_Kept):
    """SQLite's `data_version`, which changes when another connection has committed."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._seen: int | None = None

    def wait(self, seconds: float, *, stop: threading.Event) -> None:
        """Look at the counter until it has changed since the last wait."""
        for _ in range(max(1, round(seconds / SQLITE_LOOK_SECONDS))):
            before, self._seen = self._seen, self._version()
            # A first look knows nothing of what was committed before: the waiter goes and sees.
            if self._seen != before or stop.wait(SQLITE_LOOK_SECONDS):
                return

    def _version(self) -> int | None:
        """The counter; None when the database is away or locked, which its user will see for itself."""
        try:
            found: int = self.connection().execute("PRAGMA data_version").fetchone()[0]
        except (self.fault, OSError):
            self.close()
            return None
        return found


class _Notices(_Kept):
    """PostgreSQL's notifications."""

    def _prepare(self, connection: Any) -> None:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float, *, stop: threading.Event) -> None:
        """Listen; where the server is away, wait all the same."""
        left = seconds
        while left > 0 and not stop.is_set():
            try:
                is_new = self._connection is None
                notices = list(self.connection().notifies(timeout=min(left, STOP_SECONDS), stop_after=1))
            except (self.fault, OSError):
                self.close()
                stop.wait(left)
                return
            # What was committed before this connection listened, it has not heard.
            if notices or is_new:
                return
            left -= STOP_SECONDS
