"""What is logged is a help, never a condition: a log that cannot be written fails no request."""

import errno
import io

import pytest
import structlog

from app.logs import PROCESSORS, Forgiving


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("broken", [Full, io.StringIO])
def test_a_line_that_cannot_be_written_is_lost_and_nothing_else(broken):
    stream = broken()
    if broken is io.StringIO:
        stream.close()
    log = structlog.wrap_logger(structlog.PrintLogger(Forgiving(stream)), processors=PROCESSORS)
    log.info("request", status=201)


def test_a_line_that_can_be_written_is():
    stream = io.StringIO()
    structlog.wrap_logger(structlog.PrintLogger(Forgiving(stream)), processors=PROCESSORS).info(
        "request", status=201
    )
    assert '"status": 201' in stream.getvalue()
