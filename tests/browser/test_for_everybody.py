"""Every page for everybody: axe, five windows, both sizes of text, both languages, dark, more contrast, keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.every_page import NOT_PAGES, Line, by_login, furnish, lines_of
from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
WINDOWS: Final = ((360, 740), (390, 844), (768, 1024), (1280, 800), (844, 390))
PHONE: Final = (390, 844)
EXTREMES: Final = ((360, 740), (1280, 800))
NORMAL: Final = {"text": 18, "small": 15, "target": 48, "bar": 0.4}
LARGE: Final = {"text": 24, "small": 20, "target": 60, "bar": 0.4}
SEEN: Final = (Path(__file__).parent / "seen.js").read_text()
CONTRAST: Final = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
MORE_CONTRAST: Final = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}}
FOCUS: Final = (Path(__file__).parent / "focus.js").read_text()
MOST_TABS: Final = 40
SIZED: Final = "(large) => document.documentElement.classList.toggle('large', large)"
ENGINE: Final = Axe().axe_script
FOUND: Final = "async (options) => (await axe.run(document, options)).violations"


@contextmanager
def sitting(
    house: House, chromium: Browser, address: str, login: str | None, *, language: str = "zh", large: bool = False
) -> Iterator[Page]:
    """A phone in this person's hand."""
    width, height = PHONE
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN" if language == "zh" else "en-US",
        reduced_motion="reduce",
    )
    if login is not None:
        cookie = house.browser(login).get_cookie("hazards")
        assert cookie is not None
        context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    if large:
        context.add_cookies([{"name": "size", "value": "large", "url": address}])
    context.add_init_script(ENGINE)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    # A picture still under way would be cut off, and its file told as left open.
    page.wait_for_load_state("networkidle")
    context.close()


def open_page(page: Page, address: str, line: Line) -> None:
    """Go there; what answers a form is shown at the form's address."""
    at = address + line.path
    if line.html:
        page.route(at, lambda route: route.fulfill(body=line.html, content_type="text/html", status=200))
    answer = page.goto(at)
    if line.html:
        page.unroute(at)
    assert answer is not None
    assert answer.status == 200, line


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, one sentence each."""
    found = page.evaluate(FOUND, {"resultTypes": ["violations"], **(options or {})})
    return [f"axe {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]


def in_windows(page: Page, windows: tuple[tuple[int, int], ...], *, large: bool) -> list[str]:
    """What each window keeps from somebody, at this size of text."""
    page.evaluate(SIZED, large)
    found = []
    for width, height in windows:
        page.set_viewport_size({"width": width, "height": height})
        wanted = LARGE if large else NORMAL
        found += [f"{width}: {one}" for one in page.evaluate(SEEN, wanted)]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return found


def in_other_light(page: Page, *, large: bool) -> list[str]:
    """Contrast by night; and for those who ask for more of it, by day and by night."""
    if not large:
        page.emulate_media(color_scheme="dark")
        found = [f"dark: {one}" for one in violations(page, CONTRAST)]
    else:
        found = []
        for light in ("light", "dark"):
            page.emulate_media(color_scheme=light, contrast="more")
            found += [f"{light}, more contrast: {one}" for one in violations(page, MORE_CONTRAST)]
    page.emulate_media(color_scheme="light", contrast="no-preference")
    return found


def look(page: Page, *, large: bool) -> list[str]:
    """All that is wrong with a page that is open."""
    found = violations(page)
    if page.locator(".desk-page").count():
        # On a desk the list and the menu stand beside the ticket.
        page.set_viewport_size({"width": 1280, "height": 800})
        found += violations(page)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += in_other_light(page, large=large)
    # The other size is seen in all windows with the other language: here in the narrowest and the widest.
    for size, windows in ((large, WINDOWS), (not large, EXTREMES)):
        word = "large" if size else "normal"
        found += [f"{word} {one}" for one in in_windows(page, windows, large=size)]
    return found


def test_every_page_route_has_a_line_and_every_page_a_way_to_the_other_size(house: House):
    lines = list(lines_of(furnish(house)))
    has_line = {line.endpoint for line in lines} | set(NOT_PAGES)
    routes = [rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = {rule.endpoint for rule in routes if not rule.rule.startswith("/api/")}
    assert pages - has_line == set(), "a page route without a line in every_page.py"
    for line in lines:
        page = line.html or house.browser(line.login).get(line.path, follow_redirects=True).text
        assert "/text-size/large?" in page, line
        assert "/text-size/normal?" in page, line


@pytest.mark.parametrize(("language", "large"), [("zh", False), ("en", True)])
def test_every_page_serves_everybody(house: House, chromium: Browser, address: str, language: str, *, large: bool):
    faults = []
    for login, lines in by_login(lines_of(furnish(house))).items():
        with sitting(house, chromium, address, login, language=language, large=large) as page:
            for line in lines:
                open_page(page, address, line)
                faults += [f"{line.endpoint} {line.path}: {one}" for one in look(page, large=large)]
    assert faults == []


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until this has the focus; every stop on the way shows where one is."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) == ""
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"{wanted} is not reached by Tab")


@pytest.mark.parametrize("large", [False, True])
def test_a_hazard_is_reported_by_keys_alone(house: House, chromium: Browser, address: str, *, large: bool):
    with sitting(house, chromium, address, "lixia", large=large) as page:
        # Heard from the start: asked for right before the key, the window may open before anybody listens.
        page.on("filechooser", lambda _chooser: None)
        page.goto(f"{address}/report")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.matches('.skip')")
        tab_to(page, "summary.pill")
        page.keyboard.press("Enter")
        page.wait_for_selector(".menu[open]")
        page.keyboard.press("Escape")
        assert page.locator(".menu[open]").count() == 0
        assert page.evaluate("() => document.activeElement.matches('summary.pill')")
        tab_to(page, ".anon")
        page.keyboard.press("Space")
        assert page.is_checked("#anonymous")
        page.keyboard.press("Space")
        # The photos stand first on the page; where the browser follows what is seen, they are reached first too.
        tab_to(page, "[data-source=album], #location_text")
        if page.evaluate("() => document.activeElement.matches('[data-source=album]')"):
            choose_by_keys(page)
            tab_to(page, "#location_text")
        page.keyboard.type("二层平台东侧楼梯口")
        tab_to(page, "input[name=category]")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        assert page.is_checked("input[value=FIRE]")
        tab_to(page, "#description")
        page.keyboard.type("灭火器压力不足")
        if page.locator(".strip img").count() == 0:
            tab_to(page, "[data-source=album]")
            choose_by_keys(page)
        tab_to(page, "footer button.btn")
        page.keyboard.press("Enter")
        page.wait_for_url("**/receipt/*")


def choose_by_keys(page: Page) -> None:
    """Open the system's own window for files with a key, and choose a photo."""
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    shot = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(640, 480), seed=5)}
    chooser.value.set_files([shot])
    page.wait_for_selector(".strip img")


def test_an_officer_accepts_by_keys_alone(house: House, chromium: Browser, address: str):
    number = house.report()
    house.work()
    with sitting(house, chromium, address, "wangmin") as page:
        page.goto(f"{address}/inbox")
        page.keyboard.press("j")
        assert page.evaluate(FOCUS) == ""
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{number}*")
        tab_to(page, ".up summary")
        page.keyboard.press("Enter")
        page.wait_for_selector(".up[open] .sheet a")
        # Leaving the sheet closes it: nothing lies over what has the focus.
        tab_to(page, ".bar > .row > a.btn:last-child")
        assert page.locator(".up[open]").count() == 0
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{number}/accept*")
        tab_to(page, "input[name=factor]")
        page.keyboard.press("Space")
        tab_to(page, "#rectifier")
        page.keyboard.press("ArrowDown")
        assert page.input_value("#rectifier") != ""
        tab_to(page, "#measures")
        page.keyboard.type("更换门锁")
        tab_to(page, "footer button.btn")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{number}")
    assert house.state(number) == "rectifying"


def test_words_typed_stay_when_the_text_grows_and_the_size_is_kept(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/report")
        page.fill("#description", "护栏松动")
        with page.expect_response(lambda answer: "/text-size/large" in answer.url) as kept:
            page.click(".top .to-large")
        assert page.input_value("#description") == "护栏松动"
        assert page.locator("html.large").count() == 1
        assert kept.value.status == 303
        page.goto(f"{address}/mine")
        assert page.locator("html.large").count() == 1
        cookie = next(one for one in page.context.cookies() if one["name"] == "size")
        assert cookie["expires"] - page.evaluate("() => Date.now() / 1000") > 360 * 24 * 3600


HEADER: Final = """() => {
  const at = (selector) => document.querySelector(selector).getBoundingClientRect();
  return {height: at('.top').height, lines: Math.round(at('.top h1').height / parseFloat(getComputedStyle(
    document.querySelector('.top h1')).lineHeight)), wide: document.documentElement.scrollWidth <= innerWidth};
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_header_stays_as_it_is_when_a_message_comes(
    house: House, chromium: Browser, address: str, language: str
):
    path = f"/p/{house.scan_code('HBJX-A3')}"
    with sitting(house, chromium, address, "lixia", language=language) as page:
        page.goto(address + path)
        before = page.evaluate(HEADER)
        assert before["lines"] == 1
        house.accept(house.report())
        house.work()
        page.goto(address + path)
        assert page.locator(".menu .badge").is_visible()
        assert page.evaluate(HEADER) == before


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_tap_leads_out_of_large_text_on_a_narrow_report_page(
    house: House, chromium: Browser, address: str, language: str
):
    with sitting(house, chromium, address, "lixia", language=language, large=True) as page:
        page.goto(f"{address}/p/{house.scan_code('HBJX-A3')}")
        assert page.evaluate(HEADER)["wide"]
        page.get_by_role("link", name="标准字号" if language == "zh" else "Normal text").click()
        assert page.locator("html.large").count() == 0


def test_a_rectifiers_name_is_asked_for_only_without_an_account(house: House, chromium: Browser, address: str):
    number = house.report()
    with sitting(house, chromium, address, "wangmin") as page:
        page.goto(f"{address}/tickets/{number}/accept")
        chosen = page.locator("#rectifier option:checked")
        assert (chosen.inner_text(), page.locator("#rectifier_name").is_visible()) == ("请选择", False)
        page.select_option("#rectifier", label="没有账号，写姓名")
        page.fill("#rectifier_name", "电工班")
        page.select_option("#rectifier", "zhanglei")
        assert not page.locator("#rectifier_name").is_visible()
        page.select_option("#rectifier", label="没有账号，写姓名")
        page.fill("#rectifier_name", "电工班")
        page.click("footer button.btn")
        # The server's own box, in the page's language; what was typed is there and shown.
        expect(page.locator(".faults a")).to_have_text(["成因：请填写这一项。", "整改措施：请填写这一项。"])
        expect(page.locator("#rectifier_name")).to_have_value("电工班")
        page.wait_for_load_state("load")  # its script has run
        assert page.locator("#rectifier_name").is_visible()


def test_what_the_follow_form_lacks_is_told_in_its_own_language(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, None, language="en") as page:
        page.goto(f"{address}/follow")
        page.fill("#number", "HZ-2026-000001")
        page.click("footer button.btn")
        expect(page.locator(".faults a")).to_have_text(["Claim code: Please fill this in."])
        assert page.url == f"{address}/follow"
        page.fill("#code", "7Q4M-2KXD-9RTV")
        page.click("footer button.btn")
        page.get_by_text("Not found.").wait_for()


def test_what_a_repair_lacks_is_told_before_the_phone_keeps_it(house: House, chromium: Browser, address: str):
    number = house.report()
    house.accept(number)
    with sitting(house, chromium, address, "zhanglei", language="en") as page:
        page.goto(f"{address}/tickets/{number}/rectify")
        page.wait_for_selector("form[data-bound]", state="attached")
        page.context.set_offline(True)
        page.click("footer button.btn")
        expect(page.locator(".faults a")).to_have_text(["What was done: Please fill this in."])
        assert page.locator("#act-form").is_visible()
        page.context.set_offline(False)


def test_the_bar_leaves_the_words_free_while_the_keyboard_is_up(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/report")
        # The window shrinks to what the keyboard leaves: interactive-widget=resizes-content.
        assert "interactive-widget=resizes-content" in page.locator("meta[name=viewport]").get_attribute("content")
        for width, height, is_fixed in ((390, 430, True), (844, 190, False)):
            page.set_viewport_size({"width": width, "height": height})
            page.click("#description")
            assert page.evaluate(FOCUS) == ""
            placed = page.evaluate("() => getComputedStyle(document.querySelector('.bar')).position")
            assert (placed == "sticky") is is_fixed
        page.click("footer button.btn", trial=True)


def test_chosen_and_focused_stay_visible_in_a_persons_own_colours(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.emulate_media(forced_colors="active")
        page.goto(f"{address}/report")
        page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
        told = page.evaluate(
            """() => ['ELEC', 'FIRE'].map((code) => {
              const it = document.querySelector(`input[value=${code}] + span`);
              return [getComputedStyle(it).borderTopWidth, getComputedStyle(it, '::after').content];
            })"""
        )
        assert told == [["4px", '"✓"'], ["2px", "none"]]
        send = "() => getComputedStyle(document.querySelector('.bar .btn:last-child')).borderTopWidth"
        assert page.evaluate(send) == "2px"
        tab_to(page, "#description")
