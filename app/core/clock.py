"""What time it is, and nothing else: below the edges an instant arrives as `at=`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present instant, aware, in UTC."""


def system_clock() -> datetime:
    """The machine's clock, aware, in UTC."""
    return datetime.now(UTC)


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the instant has no zone; a naive time means nothing below the edges.
    """
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no meaning here")
    return instant.astimezone(UTC)
