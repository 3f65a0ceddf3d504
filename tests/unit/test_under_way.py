"""A silent line is ended while somebody reads there: what came is the photo's, and a sealed line stays sealed."""

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from types import SimpleNamespace

import pytest

from app.core.errors import BadRequest
from app.edge.straight import StraightBody
from app.edge.under_way import UnderWay
from app.evidence.uploads import Maker

ME = Maker("account:1", "account:1", has_pass=False)
CAME = bytes(range(256)) * 40
ANNOUNCED = 2 * len(CAME)
REFUSED = b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Unread:
    """gunicorn's reader of a body of which nothing came with its head."""

    def __init__(self):
        self.length = ANNOUNCED
        self.unreader = SimpleNamespace(take_buffered=lambda: b"")


class Phone:
    """One end of a line, sealed or not; what it is answered is kept as it is on the wire."""

    def __init__(self, line, context=None):
        self.line = line
        self._out = ssl.MemoryBIO()
        self._in = ssl.MemoryBIO()
        self._sealed = context and context.wrap_bio(self._in, self._out)

    def greet(self):
        while True:
            try:
                self._sealed.do_handshake()
            except ssl.SSLWantReadError:
                self.line.sendall(self._out.read())
                self._in.write(self.line.recv(65536))
            else:
                self.line.sendall(self._out.read())
                return

    def send(self, content):
        if self._sealed:
            self._sealed.write(content)
            content = self._out.read()
        self.line.sendall(content)

    def answered(self):
        said = b""
        while block := self.line.recv(65536):
            said += block
        return said


@pytest.fixture(scope="module")
def sealing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=phone.example"
    subprocess.run(["openssl", *asked.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.fixture(params=["plain", "sealed"])
def ends(request, sealing):
    """The phone's end of a line and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname(), timeout=90)
        far = listener.accept()[0]
    if request.param == "plain":
        phone, server = Phone(near), far
    else:
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        theirs.check_hostname, theirs.verify_mode = False, ssl.CERT_NONE
        phone = Phone(near, theirs)
        greeting = threading.Thread(target=phone.greet)
        greeting.start()
        server = sealing.wrap_socket(far, server_side=True)
        greeting.join()
    yield phone, server
    near.close()
    server.close()


def read_all(line):
    """All blocks until the line is cut."""
    body, blocks = StraightBody(Unread(), line, limit=ANNOUNCED), []

    def go_on():
        while True:
            blocks.append(bytes(body.read(1024)))

    with pytest.raises(BadRequest):
        go_on()
    return b"".join(blocks)


def test_what_lies_on_an_ended_line_is_read_as_the_photos_bytes_and_never_answered_in_the_clear(ends):
    phone, server = ends
    under_way = UnderWay(wait_seconds=0)
    with under_way.begun("it", server, by=ME):
        phone.send(CAME)
        assert server.recv(1) == CAME[:1]
        assert under_way.end("it")
        came = read_all(server)
    assert CAME[1:].startswith(came)
    # After its end TLS takes no more; a plain line takes the answer as ever.
    with suppress(ssl.SSLEOFError):
        server.sendall(REFUSED)
    server.close()
    assert (REFUSED in phone.answered()) is not isinstance(server, ssl.SSLSocket)


def test_whoever_waits_for_bytes_on_an_ended_line_waits_no_longer(ends):
    phone, server = ends
    under_way, came = UnderWay(), []
    has_begun = threading.Event()

    def take():
        with under_way.begun("it", server, by=ME):
            has_begun.set()
            came.append(read_all(server))

    phone.send(CAME)
    reader = threading.Thread(target=take)
    reader.start()
    assert has_begun.wait(90)
    assert under_way.end("it")
    reader.join(90)
    assert CAME.startswith(came[0])


def test_nobody_is_waited_for_where_nothing_comes():
    assert not UnderWay().end("it")
