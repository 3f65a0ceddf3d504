"""The web server's worker: gunicorn's threads, with an end to silence."""

import logging
import os
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

SILENCE_SECONDS: Final = 30
"""A phone at 20 kB/s is never silent for as long; 240 connections that say nothing would hold every thread."""

_PLAIN: Final = (
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    "请在地址前写 https://\nType https:// before the address.\n"
).encode()


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Drops a connection that neither sends nor takes a byte for SILENCE_SECONDS."""

    def init_process(self) -> None:
        """Start, and let a dropped connection be no news: 240 of them would write 240 traces."""
        self.log.error_log.addFilter(_is_news)
        self.log.error_log.addFilter(_without_address)
        self.cfg.set("ssl_context", modern_tls)
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """Bound every read and write of this connection in the kernel: gunicorn itself waits without end."""
        bound = struct.pack("ll", SILENCE_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)
        super().enqueue_req(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Tell a browser that spoke plain http to an https port what to type; everything else as ever."""
        if isinstance(exc, ssl.SSLError) and exc.reason == "HTTP_REQUEST":
            with suppress(OSError), socket.socket(fileno=os.dup(client.fileno())) as plain:
                plain.sendall(_PLAIN)
                plain.shutdown(socket.SHUT_WR)
            return
        super().handle_error(req, client, addr, exc)


def modern_tls(_config: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The server's side of TLS, 1.2 at least (RFC 8996): Debian's Python leaves the lowest version to OpenSSL."""
    context = make()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_news(record: logging.LogRecord) -> bool:
    kind = record.exc_info[0] if record.exc_info else None
    return kind is not BlockingIOError


def _without_address(record: logging.LogRecord) -> bool:
    """Take the page out of the server's own complaint: it may name a hazard, or open a one-time link."""
    if str(record.msg).startswith("Error handling request"):
        record.msg, record.args = "Error handling request", ()
    return True
