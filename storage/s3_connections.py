"""Connections to another machine with a time limit for the whole call, not for each of its bytes."""

import socket
import ssl
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from storage.call_time import seconds_left

POOLED: Final = 32
"""Connections kept open for the next call; more may be open at once."""
_OTHERWISE_SECONDS: Final = 10.0
"""For what is said to the other machine outside any call."""


def _left() -> float:
    """Seconds that remain of the present call, above nought."""
    left = seconds_left()
    if left is None:
        return _OTHERWISE_SECONDS
    if left <= 0:
        raise TimeoutError("the call's time is over")
    return left


# A socket's timeout begins anew with each operation: a machine that sends one byte a second never meets it. So
# each operation gets what remains of the whole.
class _TimedSocket(socket.socket):
    def recv_into(self, *into: Any, **how: Any) -> int:
        self.settimeout(_left())
        return super().recv_into(*into, **how)

    def sendall(self, *what: Any) -> None:
        self.settimeout(_left())
        super().sendall(*what)


class _TimedTlsSocket(ssl.SSLSocket):
    def recv_into(self, *into: Any, **how: Any) -> int:
        self.settimeout(_left())
        return super().recv_into(*into, **how)

    def send(self, *what: Any) -> int:
        # Its own `sendall` comes by here for each record.
        self.settimeout(_left())
        return super().send(*what)


def _timed(plain: socket.socket) -> _TimedSocket:
    timeout = plain.gettimeout()
    timed = _TimedSocket(fileno=plain.detach())
    timed.settimeout(timeout)
    return timed


class _TimedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        self.timeout = min(self.timeout or _OTHERWISE_SECONDS, _left())
        return _timed(super()._new_conn())


class _TimedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        self.timeout = min(self.timeout or _OTHERWISE_SECONDS, _left())
        return _timed(super()._new_conn())


class _TimedPool(HTTPConnectionPool):
    ConnectionCls = _TimedConnection


class _TimedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _TimedTlsConnection


def timed_connections(*, connect_seconds: float, has_tls: bool) -> urllib3.PoolManager:
    """Connections that end with their call; with TLS, to whom this machine trusts.

    One repetition, at once and within the same limit, for a connection that the other side had closed meanwhile.
    None for a status: who answers 503 with Retry-After would keep us waiting. No redirect is followed: what is
    signed for one machine goes to no other.
    """
    trust = None
    if has_tls:
        trust = ssl.create_default_context()
        trust.sslsocket_class = _TimedTlsSocket
    again = urllib3.Retry(
        total=1,
        connect=0,
        read=1,
        status=0,
        other=0,
        redirect=False,
        allowed_methods=None,
        respect_retry_after_header=False,
    )
    manager = urllib3.PoolManager(
        maxsize=POOLED,
        retries=again,
        ssl_context=trust,
        timeout=urllib3.Timeout(connect=connect_seconds, read=_OTHERWISE_SECONDS),
    )
    manager.pool_classes_by_scheme = {"http": _TimedPool, "https": _TimedTlsPool}
    return manager
