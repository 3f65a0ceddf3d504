"""What `/healthz` and `/metrics` ask of the parts below: database, queue, workers, store, Redis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.outbox import QueueDepth, WorkerPulse, queue_depth
from app.evidence.lost import count_missing
from app.evidence.stages import PhotoStages, photo_stages
from app.evidence.upload_sweep import uploads_waiting
from app.notifications.backlog import DeliveryBacklog, delivery_backlog
from app.runtime import Runtime

REDIS_SECONDS: Final = 2.0
STORE_KINDS: Final[Mapping[str, str]] = {
    "file": "filesystem",
    "s3+http": "s3",
    "s3+https": "s3",
    "memory": "memory",
}


@dataclass(frozen=True)
class Pulse:
    """A worker's last sign of life, in seconds ago, and what its decoder's jail achieves."""

    seen_seconds_ago: float
    jail: Mapping[str, Any]


@dataclass(frozen=True)
class DatabaseSounding:
    """What the database is, and how much waits in it."""

    about: dict[str, str]
    queue: QueueDepth
    pulses: tuple[Pulse, ...]
    missing: int
    """Objects that rows name and the store has lost."""


@dataclass(frozen=True)
class Backlog:
    """What stands unfinished in the house's own tables."""

    photos: PhotoStages
    deliveries: DeliveryBacklog
    uploads: tuple[int, int]
    """Uploads that have not come whole, and those that wait for their report."""


def questions_about(means: Runtime) -> dict[str, Callable[[], Any]]:
    """What decides whether a hazard can be accepted, and whether it will be worked on; by part."""
    questions: dict[str, Callable[[], Any]] = {
        "database": lambda: _sound_database(means),
        "store": means.store.check,
    }
    if means.settings.redis_url:
        questions["redis"] = lambda: _ping(means.settings.redis_url)
    return questions


def sound_backlog(means: Runtime) -> Backlog:
    """Count what stands unfinished; reads the index of every photo, so not for everybody who asks."""
    with means.db.read() as session:
        return Backlog(photo_stages(session), delivery_backlog(session), uploads_waiting(session))


def store_kind(means: Runtime) -> str:
    """Which kind of store this is; its address may hold a password."""
    return STORE_KINDS[urlsplit(means.settings.store_url).scheme]


def seconds_since(at: datetime | None, now: datetime) -> float:
    """Seconds from `at` to `now`; 0 for nothing, and for a moment that a clock set back put ahead."""
    return max(0.0, (now - at).total_seconds()) if at else 0.0


def _sound_database(means: Runtime) -> DatabaseSounding:
    about = means.db.describe()
    with means.db.read() as session:
        return DatabaseSounding(
            about,
            queue_depth(session),
            _pulses(session, now=means.now()),
            missing=count_missing(session),
        )


def _pulses(session: Session, *, now: datetime) -> tuple[Pulse, ...]:
    rows = session.execute(select(WorkerPulse).order_by(WorkerPulse.at.desc())).scalars()
    return tuple(Pulse(seconds_since(row.at, now), row.jail) for row in rows)


def _ping(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS) as line:
        return bool(line.ping())
