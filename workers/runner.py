"""Claims errands and does them, one at a time; every end is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from app.core.due import DueErrand
from app.core.outbox import Errand, ErrandState, claim_this, first_due, settle
from app.core.relaying import events_to_relay, relay
from workers.jobs import DESERVES_ANOTHER_TRY, JOBS, Tools, give_up
from workers.reactions import jobs_for

LEASE: Final = timedelta(minutes=3)
"""Longer than any photo may take (30 s of wall clock), so that a living worker is never robbed."""
TRIES_MOST: Final = 200
PAUSE_LONGEST: Final = timedelta(minutes=5)
"""200 tries at 5 minutes: a store may be away for most of a day before a person is asked."""
_log = structlog.get_logger(__name__)


def relay_events(tools: Tools, *, heard: Callable[[list[DueErrand]], None] | None = None) -> int:
    """Turn events that have none yet into errands, in one transaction; returns how many events.

    `heard` is told of the errands that were made here, after their commit.
    """
    runtime = tools.runtime
    with runtime.db.read() as session:
        waiting = events_to_relay(session)
    if not waiting:
        return 0
    asked = [(event_id, [(job.name, job.subject) for job in jobs_for(event)]) for event_id, event in waiting]
    made = []
    with runtime.db.write() as session:
        for event_id, jobs in asked:
            ids = relay(session, event_id, jobs, at=runtime.now())
            # Shorter than `jobs` only when it is empty: another relay was quicker.
            made += [DueErrand(errand_id, job, 0) for errand_id, (job, _) in zip(ids, jobs, strict=False)]
    if heard is not None and made:
        heard(made)
    return len(waiting)


def run_errand(tools: Tools) -> bool:
    """Do the oldest errand that is due, unless somebody was quicker; False when there was none."""
    runtime = tools.runtime
    # Only looked at: a look that took the one lock for writing would hold up reports, many times a second.
    with runtime.db.read() as session:
        errand_id = first_due(session, at=runtime.now())
    if errand_id is None:
        return False
    run_this(tools, errand_id)
    return True


def run_this(tools: Tools, errand_id: int, *, lease: timedelta = LEASE) -> bool:
    """Claim this errand and do it; False when it is done, somebody's, not yet due, or not there at all.

    The one way in which errands are done, whoever finds them: the embedded runner or a ring.

    Raises:
        Unavailable: the database is away; the errand is done once its lease ran out.
    """
    runtime = tools.runtime
    with runtime.db.write() as session:
        errand = claim_this(session, errand_id, at=runtime.now(), lease=lease)
    if errand is None:
        return False
    with structlog.contextvars.bound_contextvars(errand=errand.id, event_id=errand.event_id, job=errand.job):
        _do(tools, errand)
    return True


def _do(tools: Tools, errand: Errand) -> None:
    try:
        JOBS[errand.job](tools, errand)
    except DESERVES_ANOTHER_TRY as fault:
        _try_later(tools, errand, fault)
    except Exception as fault:  # noqa: BLE001  # the last line of defence: a bug must not stop the other errands
        _log.exception("errand_failed")
        _fail(tools, errand, fault)
    else:
        _settle(tools, errand, ErrandState.DONE)


def _try_later(tools: Tools, errand: Errand, fault: Exception) -> None:
    if errand.attempt >= TRIES_MOST:
        _fail(tools, errand, fault)
        return
    pause = min(timedelta(seconds=2 ** min(errand.attempt, 10)), PAUSE_LONGEST)
    _log.warning("errand_waits", fault=type(fault).__name__, attempt=errand.attempt)
    with tools.runtime.db.write() as session:
        at = tools.runtime.now()
        settle(session, errand, state=ErrandState.WAITING, at=at, due_at=at + pause, fault=type(fault).__name__)


def _fail(tools: Tools, errand: Errand, fault: Exception) -> None:
    give_up(tools, errand)
    _settle(tools, errand, ErrandState.FAILED, fault=type(fault).__name__)


def _settle(tools: Tools, errand: Errand, state: ErrandState, *, fault: str | None = None) -> None:
    with tools.runtime.db.write() as session:
        settle(session, errand, state=state, at=tools.runtime.now(), fault=fault)


def run_all(tools: Tools) -> int:
    """Relay and run until nothing is due; returns how many errands were run. For tests and one-off commands."""
    done = 0
    while relay_events(tools) or run_errand(tools):
        done += 1
    return done
