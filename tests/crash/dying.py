"""Moments of a report at which a web process kills itself, where no system call of its own tells the moment."""

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import event

from app.evidence.intake import PhotoSink
from app.runtime import Runtime

MOMENTS = {
    "photo kept": 0,
    "hazard inserted": 0,
    "rows written": 0,
    "committed": 1,
    "answer made": 1,
}
"""How many hazards of the report there are once the process has died at the moment."""
COMMIT_SENT = "commit sent"
"""PostgreSQL alone: it has been told to commit, and nobody is there to hear that it did."""


def die_when(moment: str | None, app: Any, means: Runtime) -> None:
    """Have this process kill itself at the moment of its next report."""
    match moment:
        case "photo kept":
            PhotoSink.keep = _dying_after(PhotoSink.keep)  # type: ignore[method-assign]
        case "hazard inserted":
            _at_insert(means, _die)
        case "rows written":
            _around_commit(means, lambda _commit, _connection: None)
        case "committed":
            _around_commit(means, lambda commit, connection: commit(connection))
        case "commit sent":
            _around_commit(means, lambda _commit, connection: _send_commit(connection))
        case "answer made":
            app.wsgi_app = _dying_after(app.wsgi_app)


def _die(*_told: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_after(work: Callable[..., Any]) -> Callable[..., Any]:
    def died(*told: Any, **named: Any) -> Iterable[bytes]:
        work(*told, **named)
        _die()
        return []

    return died


def _at_insert(means: Runtime, act: Callable[..., None]) -> None:
    """Do this when a hazard's own row has been sent."""

    def look(_connection: Any, _cursor: Any, statement: str, *_told: Any) -> None:
        if statement.startswith("INSERT INTO hazard "):
            act()

    event.listen(means.db.engine, "after_cursor_execute", look)


def _around_commit(means: Runtime, last: Callable[[Callable[[Any], None], Any], None]) -> None:
    """At the commit of the hazard do this, and die."""
    armed: list[bool] = []
    _at_insert(means, lambda: armed.append(True))
    dialect = means.db.engine.dialect
    commit = dialect.do_commit

    def dying(connection: Any) -> None:
        if not armed:
            commit(connection)
            return
        last(commit, connection)
        _die()

    dialect.do_commit = dying  # type: ignore[method-assign]


def _send_commit(connection: Any) -> None:
    line = connection.pgconn
    line.send_query(b"COMMIT")
    while line.flush():
        pass
