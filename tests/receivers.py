"""Receivers on this machine: a robot that keeps what was posted and answers as told, and a mail server."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]
GOOD: Reply = (200, {"Content-Type": "application/json"}, b'{"errcode":0,"errmsg":"ok"}')


@dataclass
class Post:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A robot's server: `answer` may be changed while it runs."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[Post], Reply] = lambda _post: GOOD

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send?key=secret-key"


@contextmanager
def receiver(wrap: Callable[[Any], Any] | None = None) -> Iterator[Receiver]:
    """A receiver on a free port; `wrap` puts TLS around its socket."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            post = Post(self.command, self.path, dict(self.headers.items()), body)
            kept.posts.append(post)
            status, headers, answer = kept.answer(post)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _take  # noqa: N815

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_what: Any) -> None:
            """A caller that hung up is a case, not a fault."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if wrap is not None:
        server.socket = wrap(server.socket)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailBox:
    """A mail server without encryption: `letters` are (recipient, raw text); some recipients it refuses."""

    port: int = 0
    letters: list[tuple[str, str]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.port}"


@contextmanager
def mail_server() -> Iterator[MailBox]:
    """The least of SMTP that a sender needs."""
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            to = ""
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                word = line.split(":")[0].split()[0].upper()
                if word == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                    self.say("550 nobody" if to in box.refuses else "250 ok")
                elif word == "DATA":
                    self.say("354 go on")
                    text = []
                    while (row := self.rfile.readline().decode()) != ".\r\n":
                        text.append(row)
                    box.letters.append((to, "".join(text)))
                    self.say("250 kept")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
