"""A process that kills itself at chosen points of a restore or of the migrations, once for each point.

`python -m tests.integration.keeping.killer restore FILE POINT…` or `migrate POINT…`, with the settings in the
environment. Until one is not reached, each point is tried in a fork of this process, on the data that the one
before left; what became of it is printed, one word a line: "killed", or "done" when the work ended first.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import event

from app.factory import create_app
from app.runtime import Runtime
from config import settings_of_this_process
from tests.integration.keeping.world import into


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def restore_until(point: str, path: Path, means: Runtime) -> None:
    """Restore, and die when the restore has told the line `point`."""
    into(path, means, tell=lambda line: _die() if line == point else None)


def migrate_until(point: str, means: Runtime) -> None:
    """Migrate, and die before the statement of this number, from 1, is sent."""
    sent = 0

    def count(*_told: object) -> None:
        nonlocal sent
        sent += 1
        if sent == int(point):
            _die()

    event.listen(means.db.engine, "before_cursor_execute", count)
    with means.flask.app_context():
        upgrade()


def in_a_fork(work: Callable[[Runtime], None]) -> str:
    """Do the work in a child, which opens the database itself."""
    child = os.fork()
    if child == 0:
        try:
            work(create_app(settings_of_this_process()).extensions["runtime"])
        except BaseException:  # noqa: BLE001  # a child that returned would go on as its parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return {0: "done", signal.SIGKILL: "killed"}.get(status, f"status {status}")


def main(what: str, *rest: str) -> None:
    """Try each point in its turn."""
    path, points = (Path(rest[0]), rest[1:]) if what == "restore" else (Path(), rest)
    for point in points:
        work = {
            "restore": lambda means, point=point: restore_until(point, path, means),
            "migrate": lambda means, point=point: migrate_until(point, means),
        }[what]
        ended = in_a_fork(work)
        sys.stdout.write(f"{ended}\n")
        if ended == "done":
            break


if __name__ == "__main__":
    main(*sys.argv[1:])
