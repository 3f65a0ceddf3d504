"""How the house logs: one JSON object a line, with ids and codes; never a name, a text, a token or a position."""

import logging
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

ROOT: Final = Path(__file__).resolve().parent.parent
FRAMES_MOST: Final = 30
"""The innermost; a fault of ours is there."""


def trace_without_words(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Tell an exception as classes and places in the sources: its message may repeat what somebody wrote."""
    given = event.pop("exc_info", None)
    fault = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(fault, BaseException):
        event["trace"] = _chain_of(fault)
    return event


def _chain_of(fault: BaseException) -> list[dict[str, Any]]:
    """From what was caught to what began it."""
    chain: list[dict[str, Any]] = []
    link: BaseException | None = fault
    while link is not None and len(chain) < FRAMES_MOST:
        chain.append(
            {"fault": f"{type(link).__module__}.{type(link).__qualname__}", "at": _places(link.__traceback__)}
        )
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES_MOST:]
    return [f"{frame.filename.removeprefix(f'{ROOT}/')}:{frame.lineno} {frame.name}" for frame in frames]


JSON: Final = structlog.processors.JSONRenderer(ensure_ascii=False)
PROCESSORS: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    trace_without_words,
    JSON,
]
"""One list for the whole process: a logger that has spoken once keeps the list it was given."""


class Forgiving:
    """A stream whose disk may be full and whose reader may be gone: a line is lost, never what it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write if that can be done."""
        # A closed stream says ValueError.
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        """Flush if that can be done."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def configure_logs() -> None:
    """Send structured lines to standard error; once per process."""
    structlog.configure(
        processors=PROCESSORS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", Forgiving(sys.stderr))),
        cache_logger_on_first_use=True,
    )
