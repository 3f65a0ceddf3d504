"""An S3-compatible server that fails in a chosen way: it hangs, drips, cuts off, resets or lies."""

import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

KEY, SECRET, BUCKET = "TESTKEY", "very-secret-indeed", "bucket-0"
DRIP_SECONDS = 0.02
PATIENT_SECONDS = 300
"""How long it hangs or drips: whoever has no limit of its own is kept that long."""
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Asked:
    """One request as it arrived, and the line it came by; `kept` remembers the last PUT of the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    line: socket.socket
    stop: threading.Event
    kept: dict[str, bytes]


Behaviour = Callable[[Asked], None]


@dataclass
class FaultyS3:
    """The running server: `behave` may be changed while it runs. A behaviour that returns hangs up."""

    port: int
    behave: Behaviour
    asked: list[Asked] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    lines: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"s3+http://{KEY}:{SECRET}@127.0.0.1:{self.port}/{BUCKET}?region=cn"

    def take(self, line: socket.socket) -> None:
        """One connection: requests until it is closed."""
        with line, suppress(OSError):
            while (asked := self._read(line)) is not None:
                self.asked.append(asked)
                self.behave(asked)
                if asked.headers.get("x-then") == "hang up":
                    return

    def _read(self, line: socket.socket) -> Asked | None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = line.recv(65536)
            if not part:
                return None
            head += part
        text, _, body = head.partition(b"\r\n\r\n")
        first, *rest = text.decode().split("\r\n")
        method, path, _version = first.split(" ")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
        if self.behave is not deaf:
            while len(body) < int(headers.get("content-length", "0")):
                part = line.recv(1 << 20)
                if not part:
                    return None
                body += part
        return Asked(method, path, headers, body, line, self.stop, self.kept)


@contextmanager
def faulty_s3(behave: Behaviour) -> Iterator[FaultyS3]:
    """The server on a free port of this machine until the block ends."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = FaultyS3(listening.getsockname()[1], behave)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    line, _address = listening.accept()
                    server.lines.append(line)
                    threads.append(threading.Thread(target=server.take, args=(line,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            server.stop.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for line in server.lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def answering(status: int, code: str = "", *, mime: str = "application/xml", **headers: str) -> Behaviour:
    """Refuses everything with this status, and an error's XML when there is a code."""

    def behave(asked: Asked) -> None:
        xml = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>" if code else ""
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        _answer(asked, status, {"Content-Type": mime, **extra}, b"" if asked.method == "HEAD" else xml.encode())

    return behave


def honest(asked: Asked) -> None:
    """Keeps and gives back, as a store should; knows no signature."""
    name = asked.path.partition("?")[0]
    match asked.method:
        case "PUT":
            asked.kept[name] = asked.body
            _answer(asked, 200, {"ETag": f'"{hashlib.md5(asked.body, usedforsecurity=False).hexdigest()}"'})
        case "DELETE":
            asked.kept.pop(name, None)
            _answer(asked, 204, {})
        case "HEAD" if name.strip("/") == BUCKET:
            _answer(asked, 200, {})
        case _ if name in asked.kept:
            headers = {"Last-Modified": "Mon, 02 Nov 2026 01:00:00 GMT", "Date": "Mon, 02 Nov 2026 02:00:00 GMT"}
            _answer(asked, 200, headers, asked.kept[name])
        case _:
            answering(404, "NoSuchKey")(asked)


def by_method(behaviours: Mapping[str, Behaviour]) -> Behaviour:
    """Each method its own way; honest where nothing is said."""
    return lambda asked: behaviours.get(asked.method, honest)(asked)


def first(behave: Behaviour) -> Behaviour:
    """The first request this way, all others honestly."""
    left = [behave]

    def behaves(asked: Asked) -> None:
        now = left.pop() if left else honest
        now(asked)

    return behaves


def hanging(asked: Asked) -> None:
    """Takes the request and does not answer."""
    asked.stop.wait(PATIENT_SECONDS)
    asked.headers["x-then"] = "hang up"


def deaf(asked: Asked) -> None:
    """Takes the connection and the request's head, and reads no body."""
    hanging(asked)


def dripping_head(asked: Asked) -> None:
    """One byte of its headers at a time."""
    asked.line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(asked)


def dripping_body(asked: Asked) -> None:
    """Honest headers, then a byte at a time."""
    asked.line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    _drip(asked)


def truncating(asked: Asked) -> None:
    """Promises all of it and hangs up half way."""
    content = asked.kept[asked.path]
    asked.line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
    asked.line.sendall(content[: len(content) // 2])
    asked.headers["x-then"] = "hang up"


def shortening(asked: Asked) -> None:
    """Half of it, called the whole."""
    content = asked.kept[asked.path]
    _answer(asked, 200, {}, content[: len(content) // 2])


def altering(asked: Asked) -> None:
    """Other bytes of the same length."""
    _answer(asked, 200, {}, bytes(len(asked.kept[asked.path])))


def resetting(asked: Asked) -> None:
    """Breaks the connection off with a reset."""
    asked.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    asked.headers["x-then"] = "hang up"


def hanging_up(asked: Asked) -> None:
    """Closes the connection without a word."""
    asked.headers["x-then"] = "hang up"


def babbling(asked: Asked) -> None:
    """Speaks something that is not HTTP."""
    asked.line.sendall(b"220 mail.example.org ESMTP\r\n\r\n")
    asked.headers["x-then"] = "hang up"


def lying_about_digest(asked: Asked) -> None:
    """Keeps what was sent and says it was something else."""
    asked.kept[asked.path] = asked.body
    _answer(asked, 200, {"ETag": f'"{"0" * 32}"'})


def portal(asked: Asked) -> None:
    """A captive portal: friendly to everybody, keeps nothing."""
    _answer(asked, 200, {"Content-Type": "text/html"}, b"<html>welcome</html>")


def losing(asked: Asked) -> None:
    """Confirms the bytes and does not keep them."""
    honest(asked)
    asked.kept.clear()


def shrinking(asked: Asked) -> None:
    """Confirms the bytes and keeps half of them."""
    honest(asked)
    name = asked.path.partition("?")[0]
    asked.kept[name] = asked.kept[name][: len(asked.body) // 2]


def circling(asked: Asked) -> None:
    """Lists one page for ever."""
    key = "0" * 64
    _answer(
        asked,
        200,
        {"Content-Type": "application/xml"},
        f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>true</IsTruncated>"
        f"<NextContinuationToken>again</NextContinuationToken>"
        f"<Contents><Key>objects/00/00/{key}</Key><LastModified>2026-11-02T01:00:00.000Z</LastModified>"
        f"<Size>1</Size></Contents></ListBucketResult>".encode(),
    )


def _drip(asked: Asked) -> None:
    for _ in range(int(PATIENT_SECONDS / DRIP_SECONDS)):
        if asked.stop.wait(DRIP_SECONDS):
            break
        asked.line.sendall(b"x")
    asked.headers["x-then"] = "hang up"


def _answer(asked: Asked, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    told = {"Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    asked.line.sendall(f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode())
    if asked.method != "HEAD":
        asked.line.sendall(body)
