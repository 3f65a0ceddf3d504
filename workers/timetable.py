"""Every periodic job, on one page."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, update

from app.accounts.models import CredentialRow, SpentPassRow
from app.core.db import changed_one
from app.core.outbox import WorkerPulse
from app.evidence.lost import SLICE_SECONDS, look_for_lost
from app.evidence.orphans import remove_orphans
from app.evidence.unfinished import take_up_unfinished
from app.evidence.upload_sweep import sweep_uploads
from app.hazards.clocks import announce_deadlines
from app.notifications.delivering import deliver, prune
from app.notifications.digest import make_digests
from app.notifications.listed_hosts import ways_of
from app.papers.exports import forget_exports
from app.tables import OBJECT_KEYS
from workers.jobs import Tools

WORKER: Final = f"{socket.gethostname()}-{os.getpid()}"
PULSE: Final = timedelta(seconds=15)
STRETCH_SECONDS: Final = 2.0
"""So long one round works at a long line, and until the piece then in hand is done: people wait for the relay."""


@dataclass(frozen=True)
class Periodic:
    """One line of the timetable.

    Work that may be long is an iterator of its pieces: a round does some of them, and the next round goes on.
    """

    every: timedelta
    work: Callable[[Tools], Iterator[object] | None]


def pulse(tools: Tools) -> None:
    """Say that this worker lives and how strong its decoder's jail is, for `/healthz`; forget dead ones."""
    at = tools.runtime.now()
    # Who decodes nothing has not built a jail, and says so.
    values = {"at": at, "jail": tools.decoder.jail.as_json() if tools.decoder.is_started else {}}
    with tools.runtime.db.write() as session:
        session.execute(delete(WorkerPulse).where(WorkerPulse.at < at - timedelta(minutes=10)))
        # Nobody else writes this process's row: no upsert, which each database would spell in its own way.
        if not changed_one(session, update(WorkerPulse).where(WorkerPulse.worker == WORKER).values(**values)):
            session.execute(insert(WorkerPulse).values(worker=WORKER, **values))


def sweep_staging(tools: Tools) -> None:
    """Remove what died half written in the store."""
    tools.runtime.store.sweep_staging(older_than=timedelta(hours=1))


def sweep_orphans(tools: Tools) -> Iterator[int]:
    """Remove objects that no row names and that nobody can still come back for."""
    runtime = tools.runtime
    return remove_orphans(store=runtime.store, db=runtime.db, named_by=OBJECT_KEYS, now=runtime.now)


def sweep_uploads_left(tools: Tools) -> Iterator[int]:
    """Forget uploads whose days are over, and remove pieces that no row speaks of."""
    runtime = tools.runtime
    return sweep_uploads(store=runtime.store, db=runtime.db, now=runtime.now)


def look_after_photos(tools: Tools) -> None:
    """Take up photos that were left behind."""
    take_up_unfinished(at=tools.runtime.now(), db=tools.runtime.db)


def look_after_objects(tools: Tools) -> Iterator[int]:
    """Report rows whose object is gone: a slice of the store a turn."""
    runtime = tools.runtime
    return look_for_lost(store=runtime.store, db=runtime.db, named_by=OBJECT_KEYS, at=runtime.now())


def forget_expired(tools: Tools) -> None:
    """Remove credentials that ended a season ago, and passes too old to be used anyway."""
    at = tools.runtime.now()
    with tools.runtime.db.write() as session:
        session.execute(delete(CredentialRow).where(CredentialRow.expires_at < at - timedelta(days=90)))
        session.execute(delete(SpentPassRow).where(SpentPassRow.spent_hour < at - timedelta(days=8)))


def watch_deadlines(tools: Tools) -> None:
    """Tell of deadlines that come near, come and go by, of late first acts, and supervise overdue majors.

    Every mark is kept once whoever walks by, so that the round may be late, early, doubled or set back.
    """
    announce_deadlines(at=tools.runtime.now(), db=tools.runtime.db)


def forget_old_exports(tools: Tools) -> None:
    """Remove registers that were exported a week ago."""
    forget_exports(at=tools.runtime.now(), db=tools.runtime.db)


def carry_messages(tools: Tools) -> None:
    """Send what waits by e-mail and robots; each delivery is claimed first, so that two rounds never send one."""
    runtime = tools.runtime
    with runtime.db.read() as session:
        ways = ways_of(session, runtime.settings)
    deliver(ways, now=runtime.now, db=runtime.db)


def tell_digests(tools: Tools) -> None:
    """Tell each person once a day what waits; the day is marked with the decision."""
    runtime = tools.runtime
    make_digests(at=runtime.now(), mails=bool(runtime.settings.smtp_url), db=runtime.db)


def forget_old_messages(tools: Tools) -> None:
    """Remove deliveries of last season and read messages of last year."""
    prune(at=tools.runtime.now(), db=tools.runtime.db)


TIMETABLE: Final = (
    Periodic(PULSE, pulse),
    Periodic(timedelta(minutes=1), watch_deadlines),
    Periodic(timedelta(hours=1), sweep_staging),
    Periodic(timedelta(hours=6), sweep_orphans),
    Periodic(timedelta(hours=1), sweep_uploads_left),
    Periodic(timedelta(minutes=5), look_after_photos),
    Periodic(timedelta(seconds=SLICE_SECONDS), look_after_objects),
    Periodic(timedelta(hours=6), forget_expired),
    Periodic(timedelta(seconds=5), carry_messages),
    Periodic(timedelta(minutes=5), tell_digests),
    Periodic(timedelta(hours=6), forget_old_messages),
    Periodic(timedelta(hours=6), forget_old_exports),
)


class Rounds:
    """Remembers when each line of the timetable was last done in this process, and what is half done.

    The first round does all. A line that fails is over until it is due again.
    """

    def __init__(self, *, stretch_seconds: float = STRETCH_SECONDS) -> None:
        self._stretch_seconds = stretch_seconds
        self._done: dict[int, datetime] = {}
        self._left: dict[int, Iterator[object]] = {}

    def walk(self, tools: Tools) -> None:
        """Do what is due, and a stretch of what was left."""
        at = tools.runtime.now()
        for line, periodic in enumerate(TIMETABLE):
            pieces = self._left.pop(line, None)
            if pieces is None and self._is_due(line, periodic, at=at):
                self._done[line] = at
                pieces = periodic.work(tools)
            if pieces is not None and not self._is_finished(pieces):
                self._left[line] = pieces

    def _is_due(self, line: int, periodic: Periodic, *, at: datetime) -> bool:
        last = self._done.get(line)
        # A clock set back must not silence a job until time has caught up.
        return last is None or not timedelta() <= at - last < periodic.every

    def _is_finished(self, pieces: Iterator[object]) -> bool:
        """Whether all pieces are done, after as many as the time allows, and one at least."""
        until = time.monotonic() + self._stretch_seconds
        return all(time.monotonic() < until for _ in pieces)
