"""A body read straight off the connection: all of it, nothing beyond it, and an end when the line ends."""

import os
import socket
import threading

import pytest
from gunicorn.http.body import LengthReader
from gunicorn.http.unreader import SocketUnreader

from app.core.errors import BadRequest, TooLarge
from app.edge.straight import BUFFER_BYTES, StraightBody
from app.edge.under_way import UnderWay
from app.evidence.uploads import Maker

ME = Maker("account:1", "account:1", has_pass=False)
CONTENT = os.urandom(3 * BUFFER_BYTES + 17)


@pytest.fixture
def ends():
    server, phone = socket.socketpair()
    with server, phone:
        yield server, phone


def body_on(server, *, length, ahead=b"", limit=None):
    unreader = SocketUnreader(server)
    unreader.unread(ahead)
    reader = LengthReader(unreader, length)
    return StraightBody(reader, server, limit=length if limit is None else limit), reader


def sent(phone, content, *, hang_up=False):
    def send():
        phone.sendall(content)
        if hang_up:
            phone.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def all_of(body):
    came = bytearray()
    while block := body.read(BUFFER_BYTES):
        came += block
    return bytes(came)


@pytest.mark.parametrize("ahead", [0, 1, 5000, BUFFER_BYTES + 5])
def test_all_bytes_come_with_those_that_were_read_ahead(ends, ahead):
    server, phone = ends
    body, reader = body_on(server, length=len(CONTENT), ahead=CONTENT[:ahead])
    sender = sent(phone, CONTENT[ahead:])
    assert all_of(body) == CONTENT
    assert reader.length == 0
    sender.join()


def test_the_next_request_stays_where_the_server_finds_it(ends):
    server, phone = ends
    body, reader = body_on(server, length=10, ahead=b"0123456789GET / HTTP/1.1")
    assert all_of(body) == b"0123456789"
    assert reader.unreader.take_buffered() == b"GET / HTTP/1.1"
    sender = sent(phone, b"later")
    sender.join()
    assert server.recv(5) == b"later"


def test_what_came_before_the_line_broke_is_given_out_first(ends):
    server, phone = ends
    body, _reader = body_on(server, length=len(CONTENT))
    sender = sent(phone, CONTENT[:1000], hang_up=True)
    assert bytes(body.read(BUFFER_BYTES)) == CONTENT[:1000]
    with pytest.raises(BadRequest) as cut:
        body.read(BUFFER_BYTES)
    assert cut.value.values == {"reason": "cut_short"}
    sender.join()


def test_more_than_the_limit_is_refused_from_the_announcement(ends):
    with pytest.raises(TooLarge):
        body_on(ends[0], length=11, limit=10)


def test_whoever_asks_ends_a_silent_line_and_waits_for_what_came(ends):
    server, phone = ends
    under_way, came = UnderWay(), []
    body, _reader = body_on(server, length=1000)
    begun = threading.Event()

    def take():
        with under_way.begun("code", server, by=ME):
            begun.set()
            came.append(bytes(body.read(BUFFER_BYTES)))

    phone.sendall(b"x" * 300)
    taker = threading.Thread(target=take)
    taker.start()
    assert begun.wait(90)
    assert under_way.end("code")
    assert came == [b"x" * 300]
    assert not under_way.end("code")
    taker.join()
