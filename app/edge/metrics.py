"""`/metrics`: the house's figures for Prometheus, for who stands beside it or holds the token."""

import hmac
import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, cast

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.errors import NotFound
from app.edge import asking
from app.edge.asking import Asker, Outcome, asker
from app.edge.entrance import public, runtime
from app.edge.figures import Figures
from app.edge.soundings import Backlog, DatabaseSounding, questions_about, seconds_since, sound_backlog
from app.runtime import Runtime
from app.version import VERSION

metrics: Final = Blueprint("metrics", __name__)
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""Headers of a proxy: without TRUSTED_PROXIES the address is the proxy's, and says nothing of who asks."""


@metrics.get("/metrics")
@public
def show() -> Response:
    """Every figure; absent for everybody who has no business here."""
    means = runtime()
    if not (_has_token(means) or _stands_beside(means)):
        raise NotFound
    figures = cast("Figures", current_app.extensions["figures"])
    text = generate_latest(cast("Collector", _House(means, figures, asker())))
    return Response(text, headers={"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


def _has_token(means: Runtime) -> bool:
    wanted = means.settings.metrics_token
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), str(wanted).encode())
    )


def _stands_beside(means: Runtime) -> bool:
    """Whether the request was made on this machine itself."""
    if not means.settings.trusted_proxies and any(name in request.headers for name in FORWARDED):
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    return False


class _House:
    """Collects the figures of the web processes, and those of the house's tables as they stand now."""

    def __init__(self, means: Runtime, figures: Figures, parts: Asker) -> None:
        self._means = means
        self._figures = figures
        self._asker = parts

    def collect(self) -> Iterator[Metric]:
        """Every family, once."""
        board = self._figures.board
        yield from self._figures.registry.collect() if board is None else board.collect()
        yield InfoMetricFamily("hazards_build", "The version that answers.", {"version": VERSION})
        questions = {**questions_about(self._means), "backlog": lambda: sound_backlog(self._means)}
        outcomes = self._asker.ask(questions, within=asking.PATIENCE_SECONDS)
        backlog = outcomes.pop("backlog").told
        yield _up(outcomes)
        sounding = outcomes["database"].told
        if isinstance(sounding, DatabaseSounding):
            yield from _of_queue(sounding, self._means)
        if isinstance(backlog, Backlog):
            yield from _of_backlog(backlog, self._means)


def _up(outcomes: dict[str, Outcome]) -> Metric:
    family = GaugeMetricFamily("hazards_up", "Whether a part answers: 1 or 0.", labels=("part",))
    for part, outcome in outcomes.items():
        family.add_metric((part,), not outcome.fault)
    return family


def _of_queue(sounding: DatabaseSounding, means: Runtime) -> Iterator[Metric]:
    queue = sounding.queue
    oldest = seconds_since(queue.oldest_at, means.now())
    yield _one("hazards_queue_waiting", "Events and errands that wait or are being done.", queue.waiting)
    yield _one("hazards_queue_failed", "Errands that failed for good.", queue.failed)
    yield _one("hazards_queue_oldest_seconds", "Since when the oldest of them waits.", oldest)
    yield _one("hazards_objects_missing", "Objects that rows name and the store has lost.", sounding.missing)
    yield _one("hazards_workers", "Worker processes with a sign of life in ten minutes.", len(sounding.pulses))
    if sounding.pulses:
        latest = min(pulse.seen_seconds_ago for pulse in sounding.pulses)
        yield _one("hazards_worker_seen_seconds", "Since the last sign of life of any worker.", latest)


def _of_backlog(backlog: Backlog, means: Runtime) -> Iterator[Metric]:
    now = means.now()
    photos = GaugeMetricFamily("hazards_photos", "Photographs, by how far the workers are.", labels=("status",))
    for status, number in backlog.photos.counts.items():
        photos.add_metric((status.value,), number)
    yield photos
    oldest = seconds_since(backlog.photos.oldest_pending_at, now)
    yield _one("hazards_photos_oldest_pending_seconds", "Since when the oldest pending photograph waits.", oldest)
    sent = GaugeMetricFamily("hazards_deliveries", "E-mails and posts that have not arrived.", labels=("state",))
    sent.add_metric(("waiting",), backlog.deliveries.waiting)
    sent.add_metric(("failed",), backlog.deliveries.failed)
    yield sent
    uploads = GaugeMetricFamily("hazards_uploads", "Resumable uploads that no report has.", labels=("state",))
    for state, number in zip(("unfinished", "finished"), backlog.uploads, strict=True):
        uploads.add_metric((state,), number)
    yield uploads
    oldest = seconds_since(backlog.deliveries.oldest_waiting_at, now)
    yield _one("hazards_deliveries_oldest_seconds", "Since when the oldest of them waits.", oldest)


def _one(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)
