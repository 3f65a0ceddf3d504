"""A body of known length read straight off the server's connection into one buffer, without a copy in between.

gunicorn's own reading passes each byte through three buffers, which costs as much time as hashing it. Here
the bytes that came with the head are taken over, the rest is received where it is hashed and written from, and the
server is told how much of the body is left, so that its connection goes on as ever.
"""

import socket
from typing import Any, Final

from app.core.errors import BadRequest, TooLarge

BUFFER_BYTES: Final = 256 * 1024


class StraightBody:
    """What `read` returns is good until the next `read`."""

    def __init__(self, reader: Any, line: socket.socket, *, limit: int) -> None:
        """`reader` is gunicorn's reader of a body with a length; `limit` in bytes.

        Raises:
            TooLarge: more is announced than `limit`.
        """
        if reader.length > limit:
            raise TooLarge(what="photo", limit=limit)
        self._reader = reader
        self._line = line
        self._buffer = memoryview(bytearray(min(BUFFER_BYTES, reader.length)))
        # Filling the buffer in one call; TLS knows no such flag.
        self._flags = socket.MSG_WAITALL if type(line) is socket.socket else 0

    def read(self, size: int, /) -> bytes | memoryview:
        """At most `size` bytes, none at the end.

        Raises:
            BadRequest: the connection ended before the announced length, or fell silent.
        """
        wanted = min(size, self._reader.length, len(self._buffer))
        if not wanted:
            return b""
        came = self._ahead(wanted) or self._received(wanted)
        self._reader.length -= len(came)
        return came

    def _ahead(self, wanted: int) -> memoryview:
        """What the server has read beyond the head; what is not of this body goes back."""
        held = memoryview(self._reader.unreader.take_buffered())
        if len(held) > wanted:
            self._reader.unreader.unread(held[wanted:])
        return held[:wanted]

    def _received(self, wanted: int) -> memoryview:
        try:
            count = self._line.recv_into(self._buffer, wanted, self._flags)
        except OSError as error:
            raise BadRequest(reason="cut_short") from error
        if not count:
            raise BadRequest(reason="cut_short")
        return self._buffer[:count]
