"""The only door through which a request of ours leaves to an address that somebody typed (P20).

A name is resolved once, every address it has is judged, and the connection goes to exactly the address that was
judged, so that a name which changes its mind cannot lead inside. Each redirect passes the same door. No proxy is
taken from the environment. Nothing here logs, and no fault carries an address: a robot's address is its key.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from app.notifications.addresses import Address, may_reach

REDIRECTS_AT_MOST: Final = 3
ANSWER_BYTES: Final = 64 * 1024
SECONDS: Final = 10.0
"""For a whole request with its redirects."""
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD: Final = frozenset({307, 308})
_PORT_OF: Final = {"http": 80, "https": 443}


class Refused(Exception):  # noqa: N818  # a decision of ours, not an error
    """The request may not go there, or nobody could be reached; `code` says why, in our own words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What came back: the status and at most `ANSWER_BYTES` of the body."""

    status: int
    body: bytes


def resolve(host: str, port: int) -> tuple[str, ...]:
    """Every address of a name, as the system knows it.

    Raises:
        OSError: no such name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Door:
    """The way out: what an administrator listed, how names are resolved, and whom TLS trusts."""

    listed: Collection[str] = ()
    resolve: Callable[[str, int], tuple[str, ...]] = resolve
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = SECONDS

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Answer:
        """Post to the address and take the answer, through at most three redirects.

        301, 302 and 303 go on as GET without the body, as browsers do; 307 and 308 repeat the post.

        Raises:
            Refused: with `code` address, scheme, port, unresolved, private, redirects, downgrade, timeout, tls,
                unreachable or broken.
        """
        ends = monotonic() + self.seconds
        hop = _Hop("POST", url, body, dict(headers))
        for _ in range(REDIRECTS_AT_MOST + 1):
            answer, location = self._go(hop, ends=ends)
            if location is None:
                return answer
            hop = hop.moved(location, status=answer.status)
        raise Refused("redirects")

    def _go(self, hop: "_Hop", *, ends: float) -> tuple[Answer, str | None]:
        parts, port = hop.parts()
        address = self._judged(str(parts.hostname), port)
        connection = self._connection(parts, port, address, seconds=ends - monotonic())
        try:
            with closing(connection), _watched(connection, ends=ends):
                connection.request(
                    hop.method, _target(parts), body=hop.body, headers=hop.headers, preload_content=False
                )
                # Closing the connection alone leaves the line open until the response is forgotten.
                with closing(connection.getresponse()) as response:
                    location = response.headers.get("Location") if response.status in _MOVED else None
                    body = b"" if location else _bounded(response, ends=ends)
                    return Answer(response.status, body), location
        except TimeoutError as fault:
            raise Refused("timeout") from fault
        except ssl.SSLError as fault:
            raise Refused("tls") from fault
        except (HTTPError, HTTPException, OSError, ValueError) as fault:
            raise Refused(_why(fault, ends=ends)) from fault

    def _judged(self, host: str, port: int) -> Address:
        """The address to connect to; a name of which any address leads inside is refused whole."""
        try:
            found = [ipaddress.ip_address(text) for text in self.resolve(host, port)]
        except (OSError, UnicodeError, ValueError) as fault:
            raise Refused("unresolved") from fault
        if not found:
            raise Refused("unresolved")
        if not all(may_reach(address, host=host, port=port, listed=self.listed) for address in found):
            inside = [
                address for address in found if not may_reach(address, host=host, port=443, listed=self.listed)
            ]
            raise Refused("private" if inside else "port")
        return found[0]

    def _connection(
        self, parts: SplitResult, port: int, address: Address, *, seconds: float
    ) -> HTTPConnection | HTTPSConnection:
        timeout = max(0.1, min(seconds, self.seconds))
        if parts.scheme == "http":
            return HTTPConnection(str(address), port, timeout=timeout)
        name = str(parts.hostname)
        return HTTPSConnection(
            str(address),
            port,
            timeout=timeout,
            ssl_context=self.trust(),
            server_hostname=name,
        )


@dataclass(frozen=True)
class _Hop:
    """One request on the way; its address is in no representation, because it is a key."""

    method: str
    url: str = field(repr=False)
    body: bytes | None = field(repr=False)
    headers: dict[str, str] = field(repr=False)

    def parts(self) -> tuple[SplitResult, int]:
        """The parts of the address, and its port; sets the Host it is asked under.

        Raises:
            Refused: it is no address, or not one of http and https.
        """
        try:
            parts = urlsplit(self.url)
            port = parts.port or _PORT_OF.get(parts.scheme, 0)
        except ValueError as fault:
            raise Refused("address") from fault
        if parts.scheme not in _PORT_OF:
            raise Refused("scheme")
        if not parts.hostname or parts.username is not None or not self.url.isprintable() or " " in self.url:
            raise Refused("address")
        self.headers["Host"] = parts.netloc
        return parts, port

    def moved(self, location: str, *, status: int) -> "_Hop":
        """The next request after a redirect.

        Raises:
            Refused: it leads from https to http.
        """
        url = urljoin(self.url, location)
        if self.url.startswith("https:") and not url.startswith("https:"):
            raise Refused("downgrade")
        if status in _KEEPS_METHOD:
            return _Hop(self.method, url, self.body, dict(self.headers))
        kept = {name: value for name, value in self.headers.items() if name != "Content-Type"}
        return _Hop("GET", url, None, kept)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@contextmanager
def _watched(connection: HTTPConnection, *, ends: float) -> Iterator[None]:
    """Cut the line at the end of the time, also under somebody who sends one byte at a time."""

    def cut() -> None:
        line: Any = connection.sock
        if line is not None:
            _shut(line)

    watch = threading.Timer(max(0.1, ends - monotonic()), cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:  # closed already: that is what was wanted
        return


def _bounded(response: BaseHTTPResponse, *, ends: float) -> bytes:
    body = b""
    while len(body) < ANSWER_BYTES and monotonic() < ends:
        piece = response.read(4096)
        if not piece:
            break
        body += piece
    # A line that the watch has cut looks like an answer that has ended.
    if monotonic() >= ends:
        raise TimeoutError
    return body[:ANSWER_BYTES]


def _why(fault: Exception, *, ends: float) -> str:
    if monotonic() >= ends or "timed out" in str(fault).lower():
        return "timeout"
    if "certificate" in str(fault).lower() or "ssl" in type(fault).__name__.lower():
        return "tls"
    return "unreachable" if isinstance(fault, OSError) or "connect" in str(fault).lower() else "broken"
