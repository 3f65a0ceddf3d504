"""An administrator adds somebody, hands over the code, imports a workbook; somebody leaves; axe finds nothing."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.conftest import PASSWORD, House
from tests.integration.workbooks import GOOD, workbook

SIZES = {"phone": (390, 844), "desk": (1280, 800)}


@pytest.fixture(params=SIZES)
def page(request, chromium: Browser, address: str):
    width, height = SIZES[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", base_url=address)
    opened = context.new_page()
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    opened.size_name = request.param  # type: ignore[attr-defined]
    yield opened
    context.close()
    assert [one for one in told if "422" not in one] == []


def enter(page: Page, login: str) -> None:
    page.goto("/login")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("footer button")
    page.wait_for_url(lambda url: "/login" not in url)


def look(page: Page, name: str, screenshots: Path | None) -> None:
    """Nothing sticks out, nothing is too small to hit, and axe finds nothing."""
    page.wait_for_load_state("load")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    small = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main select, main input.in')]"
        ".filter(e => { const r = e.getBoundingClientRect(); return r.height && r.height < 47.5 })"
        ".map(e => e.outerHTML.slice(0, 90))"
    )
    assert small == [], name
    if page.size_name == "phone":  # type: ignore[attr-defined]  # axe sees no size
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    if screenshots:
        page.screenshot(path=screenshots / f"people-{name}-{page.size_name}.png", full_page=True)  # type: ignore[attr-defined]


def test_adding_handing_over_and_leaving(house: House, address: str, page: Page, screenshots: Path | None):
    number = house.report()
    enter(page, "hbjx-admin")
    page.goto("/people")
    look(page, "list", screenshots)
    page.click("footer a")
    page.fill("#name", "张三")
    page.select_option("#unit", "HBJX-3-A")
    look(page, "add", screenshots)
    page.click("footer button")
    page.wait_for_selector(".qr svg")
    look(page, "link", screenshots)
    link = page.inner_text("#address")
    other = page.context.browser.new_context().new_page()  # type: ignore[union-attr]
    # The link names the address people reach the product by, which is not where a test serves it.
    other.goto(address + link[link.index("/welcome/") :])
    other.fill("#password", PASSWORD)
    other.fill("#password_again", PASSWORD)
    other.click("footer button")
    other.wait_for_url(re.compile("/report"))
    other.context.close()
    page.goto("/people/person/wangmin")
    look(page, "one", screenshots)
    page.click("text=停用账号")
    page.wait_for_selector(f"text={number}")
    look(page, "leave", screenshots)
    page.click("footer button")
    page.wait_for_selector("text=停用中")
    look(page, "gone", screenshots)


def test_importing_a_workbook(house: House, page: Page, tmp_path: Path, screenshots: Path | None):
    assert house.app is not None
    enter(page, "hbjx-admin")
    page.goto("/people/import")
    look(page, "import", screenshots)
    wrong, right = tmp_path / "wrong.xlsx", tmp_path / "right.xlsx"
    wrong.write_bytes(
        workbook(units=(("HBJX-9", "九", "工段", "NO", "x"),), people=(("", "", "HBJX-3", "工长", ""),))
    )
    right.write_bytes(workbook(**GOOD))
    page.set_input_files("#workbook", wrong)
    page.click("footer button")
    page.wait_for_selector(".cells")
    look(page, "faults", screenshots)
    page.set_input_files("#workbook", right)
    page.click("main button")
    page.wait_for_selector(".count")
    look(page, "dryrun", screenshots)
    page.click("footer button")
    page.wait_for_selector("text=已全部导入")
    look(page, "invitations", screenshots)
    with page.expect_download() as got:
        page.click("button[value=sheet]")
    assert got.value.suggested_filename == "invitations.xlsx"
    page.reload()
    page.check("input[name=renew]")
    page.click("button[value=slips]")
    page.wait_for_selector(".slip")
    look(page, "slips", screenshots)
