"""An administrator's first hour on a clean installation: from the one-time link to a printed QR sheet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from app.factory import create_app
from app.first_steps import first_link
from app.units.models import AreaRow, PlaceRow
from config import Settings
from tests.browser.first_hour_people import (
    import_a_workbook,
    invite_two_officers,
    make_a_rule_and_try_it,
    one_leaves_and_hands_over,
    reset_a_password,
)
from tests.browser.phone import until
from tests.browser.test_walk import BEYOND
from tests.conftest import PASSWORD, FakeClock
from tests.serving import serving

pytestmark = pytest.mark.browser
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
MAP = Path("app/web/static/vendor/leaflet/leaflet.js")
WHOLE = BEYOND.replace("[hidden], .anon", "[hidden], .anon, .leaflet-pane")
"""What lies beyond the screen; the map's own layers do, behind its frame."""
AREA = "熔炼区<i>"
"""A name that would be markup if anything read it as such."""
CHINESE = re.compile(r"[\u3400-\u9fff]+")


@dataclass
class FirstHour:
    """A clean installation on real HTTP, and the browser of its first administrator."""

    address: str
    link: str
    page: Page
    app: object
    size: str
    pictures: Path | None
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def look(self, name: str) -> None:
        """The page is whole, clean in the console, and without a violation; its picture is kept."""
        self.page.wait_for_load_state("load")
        if self.pictures is not None:
            self.page.screenshot(path=self.pictures / f"setup-{name}-{self.size}.png", full_page=True)
        assert self.page.evaluate(WHOLE) == [], name
        assert self.faults == [], name
        if self.size != "phone":
            return  # axe sees no size
        found = Axe().run(self.page, options=WCAG).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name

    def send(self, button: str) -> None:
        # Listened for from before: the page that is left is loaded too; to go on from there would undo this.
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def rows(self, model: type, *what: object) -> list[tuple]:
        with self.app.extensions["runtime"].db.read() as session:  # type: ignore[attr-defined]
            return [tuple(row) for row in session.execute(select(*what).select_from(model))]


@pytest.fixture(params=SIZES)
def hour(
    request: pytest.FixtureRequest, tmp_path: Path, chromium: Browser, screenshots: Path | None
) -> Iterator[FirstHour]:
    clock = FakeClock()
    clock.at = datetime.now(UTC)
    app = create_app(Settings.from_environment({"DATA": str(tmp_path), "DEMO": "0"}), clock=clock)
    with app.app_context():
        upgrade()
    link = first_link(app.extensions["runtime"])
    assert link is not None
    width, height = SIZES[request.param]
    context: BrowserContext = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        geolocation={"latitude": 38.0431, "longitude": 114.5032, "accuracy": 8},
        permissions=["geolocation"],
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    with serving(app) as address:
        made = FirstHour(address, urlsplit(link.split()[-1]).path, page, app, request.param, screenshots)
        page.on("console", lambda said: made.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: made.faults.append(str(error)))
        yield made
        context.close()
    app.extensions["runtime"].db.engine.dispose()


def sign_in(hour: FirstHour) -> None:
    hour.go(hour.link)
    for box in hour.page.locator("main input[type=password]").all():
        box.fill(PASSWORD)
    with hour.page.expect_navigation():
        hour.page.locator("main form button, footer button").last.click()
    if hour.page.locator("#login").count():
        hour.page.fill("#login", "admin")
        hour.page.fill("#password", PASSWORD)
        hour.page.locator("main form button, footer button").last.click()
    hour.page.wait_for_url("**/setup")


def name_the_unit(hour: FirstHour) -> None:
    page = hour.page
    hour.look("overview-empty")
    page.locator("a.whole").first.click()
    page.fill("#name", "太行铸造有限公司")
    page.fill("#code", "thzz")
    hour.look("unit-edit")
    hour.send("保存")
    assert page.url.endswith("/setup/units/THZZ")


def make_units(hour: FirstHour) -> None:
    page = hour.page
    for name, people in (("熔炼车间", "86"), ("清理车间", "54")):
        hour.go("/setup/units/THZZ/new")
        page.fill("#name", name)
        page.fill("#headcount", people)
        if people == "86":
            hour.look("unit-new")
        hour.send("新建单位")
    hour.go("/setup/units/THZZ-01/new")
    page.fill("#name", "电炉班")
    hour.send("新建单位")
    hour.go("/setup/units")
    hour.look("tree")
    assert page.locator(".tree li").count() == 4
    hour.go("/setup/units/THZZ/headcount")
    page.fill("#headcount", "12x")
    hour.send("登记人数")
    assert "这里要填数字" in page.locator(".faults").inner_text()
    hour.faults.clear()  # the browser tells of the 422 itself
    page.fill("#headcount", "160")
    hour.send("登记人数")
    hour.look("unit-bare")


def make_places(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/setup/units/THZZ-01/places/new")
    page.fill("#name", "1 号电炉")
    page.get_by_role("button", name="用我现在的位置").click()
    until(page, "async () => document.querySelector('#position').value.startsWith('38.0431')")
    hour.look("place-new")
    hour.send("建点位")
    for name in ("行车操作台", "炉料跨东门"):
        hour.go("/setup/units/THZZ-01/places/new")
        page.fill("#name", name)
        hour.send("建点位")
    hour.go("/setup/places/THZZ-01-P02")
    page.locator("label.chip", has=page.locator("#allows_guests")).click()
    hour.look("place-edit")
    hour.send("保存")
    placed = hour.rows(PlaceRow, PlaceRow.code, PlaceRow.lat, PlaceRow.allows_guests)
    assert placed == [("THZZ-01-P01", 38.0431, False), ("THZZ-01-P02", None, True), ("THZZ-01-P03", None, False)]


def print_the_sheet(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/places/sheet?unit=THZZ")
    assert page.locator(".a4 .label svg").count() == 3
    hour.look("sheet")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.select_option("select[name=per]", "15")
    page.locator("summary", has_text="只打其中几个").click()
    page.locator("input[name=place][value=THZZ-01-P03]").uncheck()
    hour.send("排版")
    assert page.locator(".a4.per-15 .label").count() == 2
    hour.look("sheet-small")


def draw_an_area(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/setup/units/THZZ-01/areas/new")
    frame = page.locator("[data-map]")
    frame.wait_for()
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    for across, down in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7)):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.wait_for_timeout(300)  # a second click sooner would be the map's double click
    assert "3 个角点" in page.locator("[data-told]").inner_text()
    page.get_by_role("button", name="撤销一个").click()
    assert len(page.input_value("#corners").splitlines()) == 2
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.7)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7)
    page.fill("#name", AREA)
    hour.look("area-drawn")
    hour.send("保存区域")
    ((name, corners),) = hour.rows(AreaRow, AreaRow.name, AreaRow.polygon)
    assert name == AREA
    assert len(corners) == 4
    page.locator("a.row", has_text=AREA).click()
    page.locator(".map .corner").first.wait_for()
    assert page.locator(".map .corner").count() == 4
    hour.look("area-edit")


def choose_categories(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/setup/units/THZZ/categories")
    for code in ("FOOD", "MEDI"):
        page.locator(f"input[name=shown][value={code}]").uncheck()
    hour.look("categories")
    hour.send("保存")
    assert "2 类不显示" in page.locator("main").inner_text()
    hour.go("/setup/units/THZZ/deadlines")
    page.locator("label.chip", has_text="工作日").click()
    hour.look("deadlines")
    hour.send("保存")


def read_the_record(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/setup/changes")
    said = page.locator("main").inner_text()
    for told in ("修改了“太行铸造有限公司”的设置", f"新建了区域“{AREA}”", "新建了点位“1 号电炉”", "本单位"):
        assert told in said
    hour.look("changes")
    hour.go("/setup")
    hour.look("overview")
    hour.go("/setup/units/THZZ-01")
    hour.look("unit")
    hour.go("/setup/units/THZZ-01/retire")
    assert "还有 1 个下级单位在用" in page.locator("main").inner_text()
    hour.look("retire")


def read_in_english(hour: FirstHour) -> None:
    page = hour.page
    hour.go("/language/en?next=/setup")
    own = [
        AREA,
        "太行铸造有限公司",
        "熔炼车间",
        "清理车间",
        "电炉班",
        "1 号电炉",
        "行车操作台",
        "炉料跨东门",
        "本单位",
        "管理员",
        "区域",
        "中文",
    ]
    paths = (
        "",
        "/units",
        "/units/THZZ",
        "/units/THZZ/new",
        "/units/THZZ/edit",
        "/units/THZZ/headcount",
        "/changes",
    )
    more = ("/units/THZZ-01/move", "/units/THZZ-01/retire", "/units/THZZ/categories", "/units/THZZ/deadlines")
    for path in (
        *paths,
        *more,
        "/units/THZZ-01/places/new",
        "/places/THZZ-01-P01",
        "/sheet",
        "/units/THZZ-01/areas/new",
    ):
        hour.go(f"/setup{path}" if not path.startswith("/sheet") else f"/places{path}")
        said = page.locator("main").inner_text() + page.locator("footer, body > header h1").first.inner_text()
        for name in own:
            said = said.replace(name, "")
        assert CHINESE.findall(said) == [], path
        assert page.evaluate(WHOLE) == [], path
    page.locator(".map .leaflet-tooltip", has_text=AREA).wait_for()
    hour.look("english")


@pytest.mark.skipif(not MAP.is_file(), reason="the map's library was not fetched (scripts/browser_libraries)")
def test_the_first_administrator_sets_up_a_unit_without_a_programmer(hour: FirstHour):
    sign_in(hour)
    name_the_unit(hour)
    make_units(hour)
    make_places(hour)
    print_the_sheet(hour)
    draw_an_area(hour)
    choose_categories(hour)
    read_the_record(hour)
    invite_two_officers(hour)
    import_a_workbook(hour)
    make_a_rule_and_try_it(hour)
    reset_a_password(hour)
    one_leaves_and_hands_over(hour)


@pytest.mark.skipif(not MAP.is_file(), reason="the map's library was not fetched (scripts/browser_libraries)")
def test_the_pages_of_the_set_up_are_complete_in_english(hour: FirstHour):
    sign_in(hour)
    name_the_unit(hour)
    make_units(hour)
    make_places(hour)
    draw_an_area(hour)
    read_in_english(hour)
