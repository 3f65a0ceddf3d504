"""Messages, choices and robots in a real browser: readable on a phone, whole on a desk, without violations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from app.accounts.models import GrantRow
from app.notifications.delivering import deliver
from app.notifications.digest import make_digests
from app.notifications.listed_hosts import ways_of
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.receivers import Receiver, receiver

pytestmark = pytest.mark.browser
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
SMALL = """() => [...document.querySelectorAll(
    'main :is(a, button, select, input:not([type=checkbox]), label.tick), .bar .btn')]
  .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height > 0 && it.type !== 'hidden')
  .filter((it) => it.getBoundingClientRect().height < 47.5 && getComputedStyle(it).display !== 'inline')
  .map((it) => it.tagName + ' ' + it.className + ' ' + it.innerText)"""
TINY = """() => [...document.querySelectorAll('main *')].filter((it) => it.checkVisibility() && it.innerText
  && parseFloat(getComputedStyle(it).fontSize) < 15).map((it) => it.className)"""
BEYOND = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def robot() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


@pytest.fixture
def told(house: House, robot: Receiver) -> House:
    """Some days of messages; one robot that works and one whose key is gone."""
    means = house.means
    settings = replace(
        means.settings,
        outgoing_allowed=("127.0.0.1",),
        smtp_url="smtp+plain://127.0.0.1:1",
        mail_from="a@b.example",
    )
    house.app.extensions["runtime"] = replace(means, settings=settings)
    with means.db.write() as session:
        account = house.actor("hbjx-admin").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == account).values(unit_id=1))
    robot.answer = lambda post: (200, {}, b'{"errcode":0}' if "good" in post.path else b'{"errcode":300001}')
    admin = Visitor(house, "hbjx-admin")
    form = {"unit": "HBJX-3", "kind": "wecom", "language": "zh", "topic": ["new", "clocks", "major"]}
    good, bad = f"http://127.0.0.1:{robot.port}/good?key=k", f"http://127.0.0.1:{robot.port}/gone?key=k"
    admin.post("/messages/channels/new", **form, name="三车间安全群", webhook=good)
    admin.post("/messages/channels/new", **{**form, "kind": "dingtalk"}, name="钉钉值班群", webhook=bad)
    admin.post("/messages/hosts", entry="10.1.0.0/16")
    first = house.report(description="配电箱门锁坏，线头裸露")
    house.accept(first)
    house.rectify(first)
    house.work()
    house.act("wangmin", first, "send_back", text="门还是关不严，请换锁舌", deadline="2026-11-09T10:00:00Z")
    house.work()
    house.clock.forward(days=1)
    second = house.report(description="灭火器压力不足", category="FIRE")
    house.act("wangmin", second, "ask", text="是东门的哪一个？")
    house.act("lixia", second, "answer", text="左边第二个")
    house.report(description="叉车通道堆放托盘", category="TRAF")
    house.work()
    make_digests(at=house.clock(), mails=False, db=means.db)
    with means.db.read() as session:
        ways = ways_of(session, settings)
    deliver(ways, now=house.clock, db=means.db)
    return house


@contextmanager
def sitting(house: House, chromium: Browser, address: str, *, size: str, login: str) -> Iterator[Page]:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    cookie = house.browser(login).get_cookie("hazards")
    assert cookie is not None
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def sound(page: Page, screenshots: Path | None, name: str) -> None:
    """Nothing too small, nothing beyond the edge; axe sees these pages in test_for_everybody.py."""
    if screenshots is not None:
        page.screenshot(path=screenshots / f"messages-{name}.png", full_page=True)
    assert page.evaluate(BEYOND) <= 0
    assert page.evaluate(SMALL) == []
    assert page.evaluate(TINY) == []


@pytest.mark.parametrize("size", list(SIZES))
def test_an_officer_reads_her_messages_and_chooses(told, chromium, address, screenshots, size):
    with sitting(told, chromium, address, size=size, login="wangmin") as page:
        page.goto(f"{address}/messages")
        expect(page.get_by_role("heading", name="消息")).to_be_visible()
        sound(page, screenshots, f"list-{size}")
        page.get_by_text("上报人已补充情况").click()
        page.wait_for_url("**/tickets/**")
        page.goto(f"{address}/messages/preferences")
        sound(page, screenshots, f"preferences-{size}")
        page.get_by_text("每天汇总一次等我办的事").click()
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.get_by_text("已保存。")).to_be_visible()
        expect(page.get_by_label("每天汇总一次等我办的事")).not_to_be_checked()


@pytest.mark.parametrize("size", list(SIZES))
def test_an_administrator_sees_the_robot_that_fails_and_tries_it(told, chromium, address, screenshots, size):
    with sitting(told, chromium, address, size=size, login="hbjx-admin") as page:
        page.goto(f"{address}/messages/channels")
        expect(page.get_by_text("发不出去")).to_be_visible()
        sound(page, screenshots, f"robots-{size}")
        page.get_by_role("link", name="设置与试发").first.click()
        page.get_by_role("button", name="试发一条消息").click()
        expect(page.get_by_text("试发成功。")).to_be_visible()
        sound(page, screenshots, f"robot-{size}")
        page.goto(f"{address}/messages/channels/new")
        sound(page, screenshots, f"robot-new-{size}")


def test_an_empty_list_is_sound_too(house, chromium, address, screenshots):
    with sitting(house, chromium, address, size="phone", login="zhaoqiang") as page:
        page.goto(f"{address}/messages")
        expect(page.get_by_text("还没有消息")).to_be_visible()
        sound(page, screenshots, "empty-phone")
