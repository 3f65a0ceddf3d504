"""What each request leaves behind: one log line, and its part in the figures that `/metrics` shows.

Labels and fields are names from our own sources (endpoints, methods, codes): never a path, an address or a word of
anybody's, which would be personal data and, as labels, without bound.
"""

import time
from typing import Final

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from app.edge.figure_board import FigureBoard
from config import Settings

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are made up by whoever sends them."""
NOWHERE: Final = "none"
"""The endpoint of an address that leads nowhere."""
BOARD_FOLDER: Final = "figures"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
"""The last are for phones that send slowly, and for nobody else."""
_log = structlog.get_logger("web")


class Figures:
    """The figures of one web process, in a registry of its own; shared with its sisters where there are some."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "hazards_requests",
            "Requests answered, by endpoint, method and class of status.",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "hazards_request_seconds",
            "Seconds from a request's headers to its answer's headers; an upload takes as long as its phone.",
            ("endpoint",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._problems = Counter(
            "hazards_problems", "Requests refused, by the problem's code.", ("code",), registry=self.registry
        )
        self.board: FigureBoard | None = None
        if settings.web_processes > 1:
            self.board = FigureBoard(settings.data / BOARD_FOLDER, self.registry)

    def count(self, *, endpoint: str, method: str, status: int, seconds: float, problem: str | None) -> None:
        """Add one answered request."""
        self._requests.labels(endpoint, method, f"{status // 100}xx").inc()
        self._seconds.labels(endpoint).observe(seconds)
        if problem is not None:
            self._problems.labels(problem).inc()
        if self.board is not None:
            self.board.touch()


def note_problem(code: str) -> None:
    """Remember with which code this request is refused."""
    g.problem = code


def watch_requests(app: Flask, figures: Figures) -> None:
    """Count and log every request of `app`; call it before anything else looks at requests."""

    def begin() -> None:
        g.began = time.perf_counter()

    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        method = request.method if request.method in METHODS else "other"
        problem: str | None = g.get("problem")
        figures.count(
            endpoint=request.endpoint or NOWHERE,
            method=method,
            status=answer.status_code,
            seconds=seconds,
            problem=problem,
        )
        # The request's id and endpoint are bound already.
        told = {} if problem is None else {"problem": problem}
        _log.info(
            "request",
            method=method,
            status=answer.status_code,
            ms=round(seconds * 1000),
            bytes_in=request.content_length or 0,
            **told,
        )
        return answer

    app.before_request(begin)
    app.after_request(end)
