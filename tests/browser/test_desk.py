"""An officer's day at the inbox in a real browser: a phone under the thumb, a desk under the fingers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
TARGET = 48
SMALL = """() => [...document.querySelectorAll('main :is(a, button, summary, label.pill, label.tick)')]
  .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height > 0)
  .filter((it) => it.getBoundingClientRect().height < 47.5 && getComputedStyle(it).display !== 'inline')
  .map((it) => it.className + ' ' + it.innerText)"""
BEYOND = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def day(house: House) -> House:
    """A morning's work: overdue, due today, new, to re-inspect, one that asks for more time."""
    said = [
        ("配电箱门锁坏，线头裸露", "ELEC"),
        ("灭火器压力不足", "FIRE"),
        ("叉车通道堆放托盘", "TRAF"),
        ("护栏松动", "HIGH"),
        ("地沟盖板缺失", "STRU"),
        ("气瓶没有防倒链", "GASH"),
        ("砂轮机没有防护罩", "MECH"),
    ]
    numbers = [
        house.report(description=words, category=category, photos=(photo(size=(640, 480), seed=n),))
        for n, (words, category) in enumerate(said)
    ]
    overdue, today, reviewed, asked, *_new = numbers
    house.accept(overdue, days=1)
    house.accept(today, days=3)
    house.accept(reviewed, days=9)
    house.accept(asked, days=9)
    house.rectify(reviewed)
    later = house.clock().replace(day=25).isoformat()
    assert house.act("zhanglei", asked, "request_extension", deadline=later, text="等配件").status_code == 200
    house.work()
    house.clock.forward(days=2, hours=20)
    return house


@contextmanager
def sitting(
    day: House, chromium: Browser, address: str, *, size: str, login: str = "wangmin", script: bool = True
) -> Iterator[Page]:
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", java_script_enabled=script
    )
    cookie = day.browser(login).get_cookie("hazards")
    assert cookie is not None
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    # A picture still under way would be cut off, and its file told as left open.
    page.wait_for_load_state("networkidle")
    assert said == []
    context.close()


def whole(page: Page, *, size: str, pictures: Path | None, name: str) -> None:
    """Nothing of the page is cut, too small for a thumb, or out of reach for a reader by ear."""
    page.wait_for_load_state("load")
    page.wait_for_load_state("networkidle")
    if pictures is not None:
        page.screenshot(path=pictures / f"desk-{name}-{size}.png")
    assert page.evaluate(BEYOND) <= 0
    assert page.evaluate(SMALL) == []
    if name not in {"filter", "several", "keys"}:
        return  # every page as it comes is under axe in test_for_everybody.py
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", SIZES)
def test_the_inbox_is_whole_at_both_sizes(day, chromium, address, screenshots, size):
    with sitting(day, chromium, address, size=size) as page:
        page.goto(f"{address}/inbox")
        groups = page.locator(".group-name").all_inner_texts()
        assert groups == ["逾期", "今日到期", "待受理", "待复查", "延期待批"]
        whole(page, size=size, pictures=screenshots, name="inbox")
        page.get_by_text("筛选", exact=True).first.click()
        whole(page, size=size, pictures=screenshots, name="filter")
        page.get_by_label("类别").select_option("FIRE")
        page.locator(".narrow button").click()
        expect(page.get_by_text("筛选：消防")).to_be_visible()
        whole(page, size=size, pictures=screenshots, name="filtered")
        page.goto(f"{address}/inbox?q=没有的东西")
        whole(page, size=size, pictures=screenshots, name="nothing-found")


@pytest.mark.parametrize("size", SIZES)
def test_several_are_ticked_accepted_and_answered_for(day, chromium, address, screenshots, size):
    with sitting(day, chromium, address, size=size) as page:
        page.goto(f"{address}/inbox?only=submitted")
        expect(page.locator(".tick").first).to_be_hidden()
        page.get_by_text("多选", exact=True).click()
        for box in page.locator(".tick input").all():
            box.check()
        expect(page.get_by_text("已选 3 条")).to_be_visible()
        whole(page, size=size, pictures=screenshots, name="several")
        with page.expect_navigation():
            page.get_by_role("button", name="一起受理").click()
        page.get_by_label("类别").select_option("STRU")
        page.get_by_label("物的状态").check()
        page.get_by_label("谁来整改").select_option("zhanglei")
        page.get_by_label("整改措施").fill("按规定整改")
        whole(page, size=size, pictures=screenshots, name="batch")
        page.get_by_role("button", name="一起受理").click()
        expect(page.get_by_role("status")).to_contain_text("3 条做好了")
        whole(page, size=size, pictures=screenshots, name="batch-done")
        with page.expect_navigation():
            page.get_by_role("link", name="回待办").click()
        groups = page.locator(".group-name").all_inner_texts()
        assert groups
        assert "待受理" not in groups


def test_a_keyboard_walks_ticks_opens_and_searches(day, chromium, address, screenshots):
    with sitting(day, chromium, address, size="desk") as page:
        page.goto(f"{address}/inbox")
        cards = page.locator(".list .card")
        page.keyboard.press("j")
        expect(cards.nth(0)).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(cards.nth(2)).to_be_focused()
        page.keyboard.press("k")
        expect(cards.nth(1)).to_be_focused()
        page.keyboard.press("x")
        expect(page.locator(".tick input").nth(1)).to_be_checked()
        page.keyboard.press("x")
        expect(page.locator(".tick input").nth(1)).not_to_be_checked()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        whole(page, size="desk", pictures=screenshots, name="keys")
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator(".top input[name=q]")).to_be_focused()
        page.keyboard.type("jxk?/")
        expect(page.locator(".top input[name=q]")).to_have_value("jxk?/")
        expect(page.locator("#keys")).to_be_hidden()
        page.locator(".top input[name=q]").fill("灭火")
        page.keyboard.press("Enter")
        expect(page.get_by_text("搜索：灭火")).to_be_visible()
        page.wait_for_load_state("load")  # the keys are heard
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tickets/**")
        expect(page.locator(".ticket h2")).to_have_text("灭火器压力不足")


@pytest.mark.parametrize("size", SIZES)
def test_everything_works_without_script(day, chromium, address, size):
    with sitting(day, chromium, address, size=size, script=False) as page:
        page.goto(f"{address}/inbox?only=overdue")
        page.get_by_text("多选", exact=True).click()
        page.locator(".tick input").first.check()
        with page.expect_navigation():  # the button of the next page has the same name
            page.get_by_role("button", name="一起催办").click()
        page.get_by_role("button", name="一起催办").click()
        expect(page.get_by_role("status")).to_contain_text("1 条做好了")
        page.goto(f"{address}/inbox")
        page.locator('input[name="q"]:visible').fill("护栏")
        page.keyboard.press("Enter")
        expect(page.locator(".list .card")).to_have_count(1)


def test_a_phone_keeps_the_thumbs_bar_and_hides_what_a_keyboard_needs(day, chromium, address):
    with sitting(day, chromium, address, size="phone") as page:
        page.goto(f"{address}/inbox")
        bar = page.locator("footer.bar a:visible")
        expect(bar).to_be_visible()
        box = bar.bounding_box()
        assert box is not None
        assert box["height"] >= TARGET
        assert box["y"] + box["height"] <= SIZES["phone"][1]
        page.get_by_text("多选", exact=True).click()
        expect(bar).to_be_hidden()
        expect(page.get_by_role("button", name="一起受理")).to_be_in_viewport()
        expect(page.get_by_role("button", name="一起受理")).to_be_disabled()


def test_a_ticket_beside_the_list_leaves_the_list_usable(day, chromium, address, screenshots):
    with sitting(day, chromium, address, size="desk") as page:
        page.goto(f"{address}/inbox")
        page.locator(".list .card").last.click()
        page.wait_for_url("**/tickets/**")
        whole(page, size="desk", pictures=screenshots, name="beside")
        # What stands open is in sight, and so is what narrows the list, however far it is scrolled.
        expect(page.locator(".list .card[aria-current]")).to_be_in_viewport()
        expect(page.locator(".side [aria-current]")).to_contain_text("待办")
        expect(page.get_by_text("多选", exact=True)).to_be_in_viewport()
        page.get_by_text("筛选", exact=True).first.click()
        page.get_by_label("类别").select_option("MECH")
        with page.expect_navigation():
            page.locator(".narrow button").click()
        page.locator(".list .card").first.click()
        page.wait_for_url("**/tickets/**")
        expect(page.get_by_text("筛选：机械")).to_be_visible()
        expect(page.locator(".list .card")).to_have_count(1)
        page.get_by_text("多选", exact=True).click()
        page.locator(".tick input").first.check()
        expect(page.get_by_role("button", name="一起催办")).to_be_enabled()
        whole(page, size="desk", pictures=screenshots, name="beside-several")


def test_on_a_wide_screen_the_menu_stands_beside_every_page_of_the_office(day, chromium, address):
    with sitting(day, chromium, address, size="desk") as page:
        for path, line in (
            ("/papers", "通知书"),
            ("/papers/register", "台账"),
            ("/numbers", "数据"),
            ("/map", "地图"),
        ):
            page.goto(address + path)
            expect(page.locator(".side [aria-current]")).to_have_text(line)
            side, main = page.locator(".side").bounding_box(), page.locator("main").bounding_box()
            assert side is not None
            assert main is not None
            assert side["x"] + side["width"] <= main["x"] + 1
            assert page.evaluate(BEYOND) <= 0
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator(".side")).to_be_hidden()
