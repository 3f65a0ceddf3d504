"""Notices and the register in a real browser, on a phone and on a desk: whole, reachable, readable, printable."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.test_walk import BEYOND, SIZES
from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
PROBLEMS = ("配电箱门锁坏，线头裸露", "安全出口堆放纸箱，通道不足 0.8 米", "冲床光栅被短接，双手按钮失灵")


def furnish(house: House) -> list[str]:
    house.clock.at = datetime.now(UTC)
    numbers = [
        house.report(
            description=words, photos=tuple(photo(size=size, seed=n) for size in ((800, 600), (600, 800)))
        )
        for n, words in enumerate(PROBLEMS)
    ]
    for number in numbers:
        house.accept(number, measures="更换门锁，线头压接后装盖板，清出通道并划线")
    house.send(None, place_code="HBJX-DM", description="东门路灯不亮")
    house.work()
    return numbers


def sit_down(house: House, chromium: Browser, address: str, *, size: str, language: str) -> Page:
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN" if language == "zh" else "en-US"
    )
    cookie = house.browser("wangmin").get_cookie("hazards")
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def look(page: Page, name: str, pictures: Path | None) -> None:
    page.wait_for_load_state("networkidle")
    if pictures is not None:
        page.screenshot(path=pictures / f"papers-{name}.png", full_page=True)
    assert page.evaluate(BEYOND) == [], name
    if "phone" not in name or "en-" in name:
        return  # axe sees no size and reads no words
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == [], name


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_from_the_list_to_the_pdf(
    house: House, chromium: Browser, address: str, screenshots: Path | None, size: str, language: str
):
    numbers = furnish(house)
    suffix = f"{size}" if language == "zh" else f"en-{size}"
    page = sit_down(house, chromium, address, size=size, language=language)
    page.goto(f"{address}/papers")
    look(page, f"empty-{suffix}", screenshots)
    with page.expect_navigation():  # all of it is there
        page.click("footer a.btn")
    for box in page.locator("input[name=hazard]").all():
        box.check()
    look(page, f"choose-{suffix}", screenshots)
    page.click("button.btn[form=choose-form]")
    page.fill("#inspector_2", "陈军")
    page.fill("#basis", "GB 50054-2011 第 4.2.1 条")
    look(page, f"form-{suffix}", screenshots)
    page.click("button.btn[form=notice-form]")
    page.wait_for_url("**/papers/TZ-*")
    look(page, f"issued-{suffix}", screenshots)
    house.work()
    page.wait_for_selector("#paper-file a.file")  # it comes by itself
    look(page, f"notice-{suffix}", screenshots)
    page.emulate_media(media="print")
    assert page.locator("header.top, footer.bar, aside").evaluate_all("them => them.every(it => !it.offsetParent)")
    page.emulate_media(media="screen")
    with page.expect_download() as fetched:
        page.click("a.file >> nth=0")
    pdf = Path(fetched.value.path()).read_bytes()
    assert pdf.startswith(b"%PDF-")
    if screenshots is not None:
        (screenshots / "notice.pdf").write_bytes(pdf)
    page.goto(f"{address}/tickets/{numbers[0]}")
    assert page.locator("a.btn[href*='/papers/TZ-']").count() == 1
    look(page, f"ticket-{suffix}", screenshots)
    page.goto(f"{address}/papers")
    look(page, f"list-{suffix}", screenshots)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_an_opinion_in_the_browser(
    house: House, chromium: Browser, address: str, screenshots: Path | None, size: str
):
    first, second, *_others = furnish(house)
    page = sit_down(house, chromium, address, size=size, language="zh")
    page.goto(f"{address}/papers/new")
    for box in page.locator("input[name=hazard]").all():
        box.check()
    page.click("button.btn[form=choose-form]")
    page.click("button.btn[form=notice-form]")
    page.wait_for_url("**/papers/TZ-*")
    notice = page.url
    house.clock.forward(hours=5)
    for number in (first, second):
        house.rectify(number)
    house.work()
    house.close(first)
    page.goto(f"{notice}/opinion")
    look(page, f"opinion-form-{size}", screenshots)
    page.click("button.btn[form=opinion-form]")
    page.wait_for_url("**/papers/FC-*")
    house.work()
    page.reload()
    look(page, f"opinion-{size}", screenshots)
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_register_in_the_browser(
    house: House, chromium: Browser, address: str, screenshots: Path | None, size: str
):
    furnish(house)
    page = sit_down(house, chromium, address, size=size, language="zh")
    page.goto(f"{address}/papers/register")
    look(page, f"register-{size}", screenshots)
    assert all(box["height"] >= 44 for box in [it.bounding_box() for it in page.locator("tbody th a").all()])
    page.select_option("#state", "rectifying")
    page.click(".filters button")
    page.wait_for_url("**state=rectifying*")
    page.click("#files form:first-of-type button")
    page.wait_for_url("**#files")
    house.work()
    page.reload()
    look(page, f"register-files-{size}", screenshots)
    with page.expect_download() as fetched:
        page.click("#files a.file")
    assert Path(fetched.value.path()).read_bytes().startswith(b"PK")
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_large_text_fits_papers_too(house: House, chromium: Browser, address: str, size: str, language: str):
    furnish(house)
    page = sit_down(house, chromium, address, size=size, language=language)
    page.context.add_cookies([{"name": "size", "value": "large", "url": address}])
    page.goto(f"{address}/papers/new")
    look(page, "large choose", None)
    page.locator("input[name=hazard]").first.check()
    page.click("button.btn[form=choose-form]")
    look(page, "large form", None)
    page.click("button.btn[form=notice-form]")
    page.wait_for_url("**/papers/TZ-*")
    look(page, "large notice", None)
    page.goto(f"{address}/papers/register")
    look(page, "large register", None)
    page.context.close()


def test_a_notice_is_issued_without_script(house: House, chromium: Browser, address: str):
    furnish(house)
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    cookie = house.browser("wangmin").get_cookie("hazards")
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/papers/new")
    page.locator("input[name=hazard]").first.check()
    page.click("button.btn[form=choose-form]")
    page.click("button.btn[form=notice-form]")
    page.wait_for_url("**/papers/TZ-*")
    assert page.locator("[data-without-script]").is_visible()
    context.close()
