"""A group's host or a mail server that does not answer: nothing else waits for it longer than one post takes."""

import threading
from contextlib import nullcontext
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from app.core.outbox import ErrandRow, EventRow
from app.notifications.channels import ChannelForm, add_channel
from app.notifications.delivering import Ways, deliver
from app.notifications.kinds import Topic
from app.notifications.mail import AWAY, LATER
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow
from app.notifications.outgoing import Refused
from app.notifications.preferences import confirm_address, name_address
from app.notifications.telling import tell
from workers import timetable
from workers import working as worker
from workers.jobs import Tools

TOPICS = tuple(topic.value for topic in Topic)
SECONDS = 10.0
"""What a post to a silent host costs."""


class SilentDoor:
    """Every post takes its whole time, and fails, but for the hosts that answer; the house's clock goes on."""

    def __init__(self, house, *answering):
        self.house, self.answering, self.posts = house, answering, []

    def post(self, url, _body, *, headers):
        assert headers
        self.posts.append((self.house.clock(), url, self._undone()))
        if any(host in url for host in self.answering):
            return type("Answer", (), {"status": 200, "body": b'{"errcode":0}'})()
        self.house.clock.forward(seconds=SECONDS)
        raise Refused("timeout")

    def _undone(self):
        with self.house.means.db.read() as session:
            return session.execute(
                select(func.count()).where(ErrandRow.state == "waiting", ErrandRow.job != "")
            ).scalar_one()


class AwayServer:
    """A mail server that never answers, or one that answers each letter the same."""

    def __init__(self, house, fault=AWAY):
        self.house, self.fault, self.tries = house, fault, []

    def each(self, mails):
        self.tries.append(len(mails))
        if self.fault == AWAY:
            self.house.clock.forward(seconds=15)
        for mail in mails:
            yield None if mail.to in self.taken else self.fault

    taken = frozenset()


class Bed:
    """Where a worker would rest, which ends it instead."""

    def wait(self, _seconds, *, stop):
        stop.set()


def robot(house, host, name="车间群"):
    told = ChannelForm(name=name, kind="feishu", webhook=f"https://{host}/hook", topics=TOPICS)
    return add_channel("HBJX", told, by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)


def waiting(house):
    with house.means.db.read() as session:
        rows = session.execute(select(DeliveryRow).order_by(DeliveryRow.id)).scalars().all()
        return [row for row in rows if row.state == "waiting"]


def carry(house, door, mail=None):
    return deliver(Ways(door, mail, "https://snap.example"), now=house.clock, db=house.means.db)


def test_a_silent_host_costs_one_post_in_five_minutes_however_much_waits(house):
    robot(house, "silent.example")
    for _ in range(40):
        house.report()
    house.work()
    door, until = SilentDoor(house), house.clock() + timedelta(minutes=15)
    assert len(waiting(house)) == 40
    while house.clock() < until:
        carry(house, door)
        house.clock.forward(seconds=5)
    times = [at for at, _, _ in door.posts]
    assert len(times) == 3
    assert all(b - a >= timedelta(minutes=5) for a, b in pairwise(times))
    door.answering = ("silent.example",)
    house.clock.forward(minutes=5)
    for _ in range(200):
        carry(house, door)
        house.clock.forward(minutes=1)
    assert waiting(house) == []


def test_another_robot_goes_on_while_one_rests(house):
    robot(house, "silent.example")
    robot(house, "good.example", name="钉钉群")
    house.report()
    house.work()
    door = SilentDoor(house, "good.example")
    assert carry(house, door) == 1
    assert carry(house, door) == 1
    assert [url.split("/")[2] for _, url, _ in door.posts] == ["silent.example", "good.example"]
    assert carry(house, door) == 0


def test_two_silent_hosts_are_not_tried_in_one_round(house):
    robot(house, "one.example")
    robot(house, "two.example", name="钉钉群")
    house.report()
    house.work()
    door = SilentDoor(house)
    carry(house, door)
    assert len(door.posts) == 1


def test_photos_wait_for_one_slow_post_and_no_more(house, monkeypatch):
    robot(house, "silent.example")
    for _ in range(8):
        house.report()
    house.work()
    for _ in range(8):
        house.report()
    door = SilentDoor(house)
    monkeypatch.setattr(timetable, "ways_of", lambda _session, _settings: Ways(door, None, "https://x.example"))
    monkeypatch.setattr(worker, "waking", lambda _engine: nullcontext(Bed()))
    worker.work_until(threading.Event(), Tools(house.means, house.decoder))
    with house.means.db.read() as session:
        left = session.execute(select(func.count()).where(ErrandRow.state == "waiting")).scalar_one()
        relayed = session.execute(select(func.count()).where(EventRow.relayed_at.is_(None))).scalar_one()
    assert (left, relayed) == (0, 0)
    assert len(door.posts) == 1


def test_errands_between_two_rounds_are_bounded(house, monkeypatch):
    done = []
    monkeypatch.setattr(worker, "run_errand", lambda tools: done.append(tools) or True)
    assert worker._run_errands(threading.Event(), Tools(house.means, house.decoder))
    assert len(done) == worker.ERRANDS_AT_ONCE
    told_to_stop = threading.Event()
    told_to_stop.set()
    assert not worker._run_errands(told_to_stop, Tools(house.means, house.decoder))
    clock = iter([0.0, 0.0, 4.0, 6.0])
    monkeypatch.setattr(worker.time, "monotonic", lambda: next(clock))
    done.clear()
    worker._run_errands(threading.Event(), Tools(house.means, house.decoder))
    assert len(done) == 2


@pytest.fixture
def letters(house):
    """Twelve letters that wait, to two people."""
    for login in ("wangmin", "lixia"):
        who, at = house.actor(login), house.clock()
        code = name_address(f"{login}@example.org", by=who, at=at, db=house.means.db)
        confirm_address(code, by=who, at=at, db=house.means.db)
    for _ in range(6):
        house.accept(house.report())
    house.work()
    with house.means.db.write() as session:
        session.execute(MessageRow.__table__.delete())
        events = session.execute(select(EventRow.id)).scalars().all()
    for event_id in events:
        tell(event_id, at=house.clock(), mails=True, db=house.means.db)
    assert len(waiting(house)) >= 12


def test_a_mail_server_that_is_away_is_asked_once_in_five_minutes(house, letters):
    server, until = AwayServer(house), house.clock() + timedelta(minutes=14)
    while house.clock() < until:
        carry(house, SilentDoor(house), server)
        house.clock.forward(seconds=5)
    assert len(server.tries) == 3
    server.fault = None
    house.clock.forward(hours=1)
    for _ in range(3):
        carry(house, SilentDoor(house), server)
    assert waiting(house) == []


def test_one_letter_that_is_not_taken_yet_keeps_no_other_back(house, letters):
    server = AwayServer(house, LATER)
    server.taken = frozenset({"lixia@example.org"})
    carry(house, SilentDoor(house), server)
    assert {row.fault for row in waiting(house)} == {LATER}
    assert sum(server.tries) >= 12


def test_a_rest_ends_when_the_clock_is_set_back(house, letters):
    robot(house, "silent.example")
    server = AwayServer(house)
    carry(house, SilentDoor(house), server)
    house.clock.forward(days=-1)
    server.fault = None
    carry(house, SilentDoor(house), server)
    assert waiting(house) == []


def test_the_rest_is_written_on_the_robots_row_so_that_every_worker_keeps_it(house):
    robot(house, "silent.example")
    house.report()
    house.work()
    carry(house, SilentDoor(house))
    with house.means.db.read() as session:
        blocked = session.execute(select(ChannelRow.blocked_until)).scalar_one()
    assert blocked == house.clock() + timedelta(minutes=5)
