"""Mail and robots under somebody who means harm: slow servers, poisoned addresses, pestered strangers."""

import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.core.errors import Invalid, TooMany
from app.notifications import mail_line
from app.notifications.channels import ChannelForm, add_channel, remove_channel
from app.notifications.mail import AWAY, REFUSED, Mail, MailServer, is_address
from app.notifications.mails_out import carry_mails
from app.notifications.models import DeliveryRow
from app.notifications.preferences import confirm_address, forget_address, name_address, preference_of
from app.notifications.robots import harmless
from tests.edges.visitor import Visitor
from tests.receivers import mail_server

POISON = "=?utf-8?q?=0a?=@x.com"


@contextmanager
def server_saying(answer):
    """A mail server that answers each command with `answer(word)`; `None` says one byte now and then."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.split(b":")[0].split()[0].decode().upper()
                said = answer(word)
                if said is None:
                    try:
                        while True:
                            self.wfile.write(b"2")
                            time.sleep(0.1)
                    except OSError:
                        return
                self.wfile.write(f"{said}\r\n".encode())
                if word == "DATA":
                    while self.rfile.readline() != b".\r\n":
                        pass
                    self.wfile.write(b"250 kept\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield MailServer("127.0.0.1", server.server_address[1], "none", "", "", sender="a@example.org")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def usual(word):
    return {"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok")


@pytest.mark.parametrize(
    "text",
    [POISON, "=?@x.com", "a b@x.com", "张@x.com", "a..b@x.com", ".a@x.com", "a@x..com", "a@-x.com", "@x.com"],
)
def test_what_is_no_plain_address_is_refused(text):
    assert not is_address(text)


@pytest.mark.parametrize("text", ["wang.min+a@example.org", "o'neil@a-b.example.org", "a@mailhost"])
def test_a_plain_address_is_taken(text):
    assert is_address(text)


def test_a_poisoned_address_in_a_batch_is_refused_alone():
    with server_saying(usual) as server:
        answers = server.send([Mail("a@x.cn", "s", "t"), Mail(POISON, "s", "t"), Mail("b@x.cn", "s", "t")])
    assert answers == (None, REFUSED, None)


def test_an_odd_goodbye_changes_nothing_of_what_was_taken():
    with server_saying(lambda word: "500 no" if word == "QUIT" else usual(word)) as server:
        assert server.send([Mail("a@x.cn", "s", "t")] * 3) == (None,) * 3


def test_a_server_that_drips_bytes_is_cut_at_the_end_of_its_time(monkeypatch):
    monkeypatch.setattr(mail_line.MailLine.__init__, "__kwdefaults__", {"seconds": 1.0})
    started = time.monotonic()
    with server_saying(lambda word: None if word == "MAIL" else usual(word)) as server:
        answers = tuple(server.each([Mail("a@x.cn", "s", "t")] * 3))
    assert answers == (AWAY,)
    # The server would never end.
    assert time.monotonic() - started < 60


class SlowServer:
    """Takes 6.5 s a letter; in the middle of each, `meanwhile` happens."""

    def __init__(self, clock, meanwhile=lambda: None):
        self.clock, self.meanwhile, self.taken = clock, meanwhile, []

    def each(self, mails):
        for mail in mails:
            self.clock.forward(seconds=6.5)
            self.meanwhile()
            self.taken.append((mail.to, mail.subject))
            yield None


def letters_waiting(house, count):
    who = house.actor("wangmin")
    code = name_address("wang@example.org", by=who, at=house.clock(), db=house.means.db)
    confirm_address(code, by=who, at=house.clock(), db=house.means.db)
    house.app.extensions["runtime"] = replace(
        house.means,
        settings=replace(house.means.settings, smtp_url="smtp+plain://127.0.0.1:1", mail_from="a@b.cn"),
    )
    for _ in range(count):
        house.report()
    house.work()
    with house.means.db.write() as session:
        session.execute(update(DeliveryRow).values(state="waiting", attempts=0, next_at=house.clock(), fault=None))


def test_a_slow_server_holds_nobody_long_and_doubles_nothing(house):
    letters_waiting(house, 6)

    def carry(server):
        return carry_mails(server, "http://x", now=house.clock, db=house.means.db)

    second = SlowServer(house.clock)
    first = SlowServer(house.clock, meanwhile=lambda: carry(second))
    started = house.clock()
    assert carry(SlowServer(house.clock)) == 2
    assert (house.clock() - started).total_seconds() <= 15
    with house.means.db.read() as session:
        states = session.execute(select(DeliveryRow.state, DeliveryRow.attempts).order_by(DeliveryRow.id)).all()
    assert [tuple(row) for row in states] == [("sent", 1)] * 2 + [("waiting", 0)] * 4
    while carry(first):
        pass
    taken = first.taken + second.taken
    assert len(taken) == len(set(taken)) == 4


def test_forgetting_an_address_does_not_end_the_pause_between_letters(house):
    told = {"by": house.actor("wangmin"), "db": house.means.db}
    name_address("a@example.org", at=house.clock(), **told)
    forget_address(at=house.clock(), **told)
    with house.means.db.read() as session:
        assert not preference_of(session, told["by"].account_id, at=house.clock()).waiting_for_code
    with pytest.raises(TooMany):
        name_address("b@example.org", at=house.clock(), **told)


def test_an_account_sends_five_codes_a_day_and_a_poisoned_address_none(house):
    with mail_server() as box:
        settings = replace(house.means.settings, smtp_url=box.url, mail_from="a@example.org")
        house.app.extensions["runtime"] = replace(house.means, settings=settings)
        worker = Visitor(house, "lixia")
        assert worker.post("/messages/preferences/address", email=POISON).status_code == 422
        for n in range(7):
            answer = worker.post("/messages/preferences/address", email="victim@example.org")
            assert answer.status_code == (303 if n < 5 else 429)
            worker.post("/messages/preferences/address/forget")
            house.clock.forward(minutes=2)
    assert len(box.letters) == 5


def test_a_second_robot_with_the_same_address_is_refused_while_the_first_lives(house):
    form = ChannelForm("群", "wecom", "https://qyapi.weixin.qq.com/x?key=1", topics=("new",))
    told = {"by": house.actor("hbjx-admin"), "at": house.clock(), "db": house.means.db}
    code = add_channel("HBJX", form, **told)
    with pytest.raises(Invalid) as refused:
        add_channel("HBJX", form, **told)
    assert [fault.code for fault in refused.value.faults] == ["robot_known"]
    remove_channel(code, **told)
    add_channel("HBJX", form, **told)


def test_a_webhook_with_a_fragment_is_refused(house):
    form = ChannelForm("群", "dingtalk", "https://oapi.dingtalk.com/x?a=1#b", secret="SEC", topics=("new",))
    with pytest.raises(Invalid):
        add_channel("HBJX", form, by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)


@given(name=st.text(st.sampled_from("[]()`*#_~\\!<>@:/w.a隐"), max_size=60))
def test_no_name_is_mark_up_or_a_link_in_a_bundle_and_the_own_address_stays(name):
    own = "https://safe_ty.example.org/hazards/HZ-2026-000001"
    said, _, last = harmless(f"{name}有隐患\n{own}", markdown=True).rpartition("\n")
    assert last == own
    assert not set("[]()`*#_~\\!<>@") & set(said)
    assert "://" not in said
    assert "www." not in said
    assert "://" not in harmless(name)
