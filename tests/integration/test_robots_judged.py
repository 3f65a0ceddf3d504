"""The three robots together against hosts that judge as their vendors do, through busy minutes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from app.notifications.channel_list import channel_of
from app.notifications.channels import ChannelForm, add_channel
from app.notifications.delivering import deliver
from app.notifications.kinds import Topic
from app.notifications.listed_hosts import ways_of
from app.notifications.models import ChannelRow, DeliveryRow
from tests.conftest import House
from tests.receivers import Receiver, receiver
from tests.robot_judges import DingtalkJudge, FeishuJudge, Judge, WecomJudge

TOPICS = tuple(topic.value for topic in Topic)
SECRETS = {"wecom": "", "dingtalk": "SEC-ding", "feishu": "feishu-secret"}
JUDGES: dict[str, type[Judge]] = {"wecom": WecomJudge, "dingtalk": DingtalkJudge, "feishu": FeishuJudge}
LIMITS = {"wecom": 20, "dingtalk": 20, "feishu": 100}


@dataclass
class Groups:
    """A unit with one robot of each kind."""

    house: House
    hosts: dict[str, Receiver]
    judges: dict[str, Judge]
    codes: dict[str, str]

    def carry(self) -> int:
        """Carry until nothing more goes out now; how many deliveries were tried."""
        with self.house.means.db.read() as session:
            wanted = replace(self.house.means.settings, outgoing_allowed=("127.0.0.1",))
            ways = ways_of(session, wanted)
        tried = 0
        while now := deliver(ways, now=self.house.clock, db=self.house.means.db):
            tried += now
        return tried

    def said(self, kind: str) -> str:
        """Everything that this group read."""
        return "\n".join(words for _, words in self.judges[kind].taken)

    def fates(self, kind: str) -> list[tuple[str, str | None]]:
        """State and fault of each delivery to this group."""
        with self.house.means.db.read() as session:
            rows = session.execute(
                select(DeliveryRow.state, DeliveryRow.fault)
                .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
                .where(ChannelRow.kind == kind)
                .order_by(DeliveryRow.id)
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def groups(house: House) -> Iterator[Groups]:
    admin = house.actor("hbjx-admin")
    with ExitStack() as open_hosts:
        made = Groups(house, {}, {}, {})
        for kind, judge in JUDGES.items():
            host = open_hosts.enter_context(receiver())
            host.answer = made.judges[kind] = judge(house.clock, SECRETS[kind], LIMITS[kind])
            made.hosts[kind] = host
            form = ChannelForm(f"{kind} 群", kind, host.url, SECRETS[kind], topics=TOPICS)
            made.codes[kind] = add_channel("HBJX", form, by=admin, at=house.clock(), db=house.means.db)
        yield made


def test_a_flood_and_two_busy_minutes_reach_every_group_within_each_vendors_rules(groups: Groups):
    house = groups.house
    long = "配电箱门锁坏，" * 250  # near the longest description that is taken
    numbers = [house.report(description=long, location_text="冲压线东侧") for _ in range(30)]
    house.work()
    for tick in range(28):  # 140 seconds
        if tick % 2 == 0:
            numbers.append(house.report())
            house.work()
        groups.carry()
        house.clock.forward(seconds=5)
    house.clock.forward(minutes=2)
    groups.carry()
    for kind, judge in groups.judges.items():
        assert {verdict[0] for verdict in judge.verdicts} == {0}, (kind, judge.verdicts)
        assert judge.busiest_minute() <= LIMITS[kind]
        said = groups.said(kind)
        assert [number for number in numbers if number not in said] == [], kind
        assert groups.fates(kind) == [("sent", None)] * len(numbers), kind
        assert "李霞" not in said
        first, last = judge.taken[0][0], judge.taken[-1][0]
        assert (last - first).total_seconds() >= 120


def test_a_minute_that_others_have_filled_is_waited_for_and_nothing_is_lost(groups: Groups):
    house = groups.house
    for judge in groups.judges.values():
        judge.others = [house.clock()] * judge.a_minute
    number = house.report()
    house.work()
    groups.carry()
    for kind in JUDGES:
        assert groups.fates(kind) == [("waiting", "too_fast")], kind
    house.clock.forward(seconds=50)
    groups.carry()
    assert [len(judge.verdicts) for judge in groups.judges.values()] == [1, 1, 1], "nobody is pestered"
    for _ in range(10):
        house.clock.forward(minutes=2)
        groups.carry()
    for kind, judge in groups.judges.items():
        assert groups.fates(kind) == [("sent", None)], kind
        assert [verdict[0] for verdict in judge.verdicts[1:]] == [0], kind
        assert number in groups.said(kind)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_a_fault_that_the_administrator_sees_and_nobody_tries_again(groups: Groups, kind: str):
    house = groups.house
    groups.judges[kind].secret = "another"
    house.report()
    house.work()
    groups.carry()
    house.clock.forward(hours=3)
    groups.carry()
    assert groups.fates(kind) == [("failed", "robot_signature")]
    assert len(groups.judges[kind].verdicts) == 1
    with house.means.db.read() as session:
        shown = channel_of(session, groups.codes[kind], by=house.actor("hbjx-admin"), at=house.clock())
    assert (shown.fault, shown.ended_badly) == ("robot_signature", 1)


def test_a_stamp_of_a_clock_an_hour_and_more_away_is_refused_by_the_vendor_and_seen(groups: Groups):
    house = groups.house
    real = house.clock
    for kind in ("dingtalk", "feishu"):
        groups.judges[kind].now = lambda: real().replace(year=2027)
    house.report()
    house.work()
    groups.carry()
    for kind in ("dingtalk", "feishu"):
        assert groups.fates(kind) == [("failed", "robot_signature")], kind


@pytest.mark.parametrize("status", [302, 307])
def test_a_robots_host_that_sends_us_on_to_loopback_is_refused_and_the_fault_is_shown(groups: Groups, status: int):
    """The robot's own name is listed; the loopback address it points at is not."""
    house, admin = groups.house, groups.house.actor("hbjx-admin")
    with receiver() as outside, receiver() as inside:
        outside.answer = lambda _post: (status, {"Location": inside.url}, b"")
        form = ChannelForm("改道群", "wecom", f"http://hook.lan:{outside.port}/send", topics=TOPICS)
        code = add_channel("HBJX-3", form, by=admin, at=house.clock(), db=house.means.db)
        house.report()
        house.work()
        with house.means.db.read() as session:
            ways = ways_of(session, replace(house.means.settings, outgoing_allowed=("hook.lan",)))
        door = replace(ways.door, resolve=lambda host, _port: ("127.0.0.1",) if host == "hook.lan" else (host,))
        while deliver(replace(ways, door=door), now=house.clock, db=house.means.db):
            pass
        assert (len(outside.posts), inside.posts) == (1, [])
    with house.means.db.read() as session:
        shown = channel_of(session, code, by=admin, at=house.clock())
    assert shown.fault == "outgoing_private"
    page = house.browser("hbjx-admin").get("/messages/channels").text
    assert "这是内网或本机地址" in page
    assert "secret-key" not in page
