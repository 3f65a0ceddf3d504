"""Routing rules and their tester, and "this is it" while reporting and accepting, in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import func, select, update

from app.accounts.models import AccountRow
from app.hazards.models import FollowerRow, HazardRow
from tests.browser.phone import until
from tests.browser.test_for_everybody import LARGE, NORMAL, SEEN
from tests.browser.test_walk import BEYOND
from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
BIG = photo(size=(640, 480), seed=5)


def axe(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options=WCAG).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


@dataclass
class Desk:
    """One person's browser at one size."""

    house: House
    address: str
    page: Page
    size: str
    pictures: Path | None

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def look(self, name: str) -> None:
        self.page.wait_for_load_state("load")
        if self.pictures is not None:
            self.page.screenshot(path=self.pictures / f"{name}-{self.size}.png", full_page=True)
        assert self.page.evaluate(BEYOND) == [], name
        if self.size != "phone":
            return  # axe sees no size
        assert axe(self.page) == [], name

    def press(self, name: str) -> None:
        # Listened for from before: the page that is left is loaded too.
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()


@pytest.fixture(params=SIZES)
def desk(
    request: pytest.FixtureRequest, house: House, address: str, chromium: Browser, screenshots: Path | None
) -> Iterator[Desk]:
    house.clock.at = datetime.now(UTC)
    width, height = SIZES[request.param]
    context: BrowserContext = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield Desk(house, address, page, request.param, screenshots)
    context.close()


def sign_in(desk: Desk, login: str, context: BrowserContext | None = None) -> None:
    """The session that this person's browser would have after signing in."""
    (cookie,) = desk.house.browser(login)._cookies.values()
    told = {"name": cookie.key, "value": cookie.value, "url": desk.address}
    (context or desk.page.context).add_cookies([told])


def test_an_administrator_orders_rules_and_sees_why_each_one_wins_or_cannot_work(desk: Desk):
    sign_in(desk, "hbjx-admin")
    desk.go("/rules")
    desk.look("rules-list")
    desk.go("/rules/new?unit=HBJX-3")
    desk.page.get_by_label("在哪里").select_option("place:HBJX-A3")
    desk.page.get_by_label("派给谁").select_option("chenjun")
    desk.look("rules-form")
    desk.press("保存")
    with desk.page.expect_navigation():
        desk.page.get_by_label("第 2 条上移").click()
    names = desk.page.locator("section", has_text="三号车间").first.locator("h3").all_inner_texts()
    assert names[:2] == ["冲压线 A3", "用电"]
    desk.look("rules-ordered")
    desk.page.get_by_role("link", name="试一试：谁会收到").click()
    desk.look("rules-try-empty")
    desk.page.get_by_label("在哪个点位拍").select_option("HBJX-A3")
    desk.page.get_by_label("什么类别").select_option("ELEC")
    desk.press("看看派给谁")
    assert desk.page.locator(".answer").inner_text() == "派给陈军"
    desk.house.means.db.engine.dispose()
    disable(desk.house, "chenjun")
    desk.page.reload()
    assert desk.page.locator(".answer").inner_text() == "派给王敏"
    assert "陈军的账号已停用" in desk.page.locator(".steps").inner_text()
    desk.look("rules-try")
    desk.go("/rules")
    assert desk.page.get_by_text("不起作用：陈军的账号已停用").first.is_visible()
    desk.look("rules-broken")


def disable(house: House, login: str) -> None:
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == login).values(disabled_at=house.clock()))


def hazards(house: House) -> tuple[int, int]:
    with house.means.db.read() as session:
        count = select(func.count())
        return (
            session.execute(count.select_from(HazardRow)).scalar_one(),
            session.execute(count.select_from(FollowerRow)).scalar_one(),
        )


def met(desk: Desk) -> str:
    """A hazard that somebody else has reported, with its picture; its number."""
    return several(desk, 1)[0]


def several(desk: Desk, count: int) -> list[str]:
    """So many hazards of others at one place, alike, with pictures; their numbers, oldest first."""
    shots = (photo(size=(640, 480), seed=n) for n in range(30, 30 + count))
    numbers = [desk.house.report("wangmin", photos=(shot,)) for shot in shots]
    desk.house.work()
    return numbers


def fill(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "mine.jpg"
    file.write_bytes(photo(size=(640, 480), seed=6))
    page.set_input_files("input[data-source=album]", file)
    page.get_by_label("在哪儿").select_option("HBJX-A3")
    page.get_by_role("radio", name="用电", exact=True).check()


def test_this_is_it_joins_the_hazard_that_is_there_without_sending_a_photo(desk: Desk, tmp_path: Path):
    number = met(desk)
    sign_in(desk, "lixia")
    before = hazards(desk.house)
    desk.go("/report")
    fill(desk.page, tmp_path)
    desk.page.get_by_role("button", name=re.compile("就是这一条")).wait_for()
    desk.look("lookalikes-report")
    desk.page.get_by_role("button", name=re.compile("就是这一条")).click()
    desk.page.wait_for_url(re.compile(number))
    desk.page.get_by_text("已加入关注").wait_for()
    desk.look("lookalikes-joined")
    assert hazards(desk.house) == (before[0], before[1] + 1)
    desk.go("/mine")
    assert desk.page.get_by_role("link", name=re.compile("冲压线 A3")).count() == 1


def in_sight(page: Page, selector: str) -> bool:
    """Whether all of it stands in the window, above the bar."""
    return page.evaluate(
        """(both) => {
          const [box, bar] = both.map((it) => document.querySelector(it).getBoundingClientRect());
          return box.height > 0 && box.top >= 0 && box.bottom <= bar.top;
        }""",
        [selector, "footer.bar"],
    )


def top_of(page: Page, selector: str) -> float:
    """Where it begins on the page, in CSS px."""
    return page.evaluate(
        "(selector) => document.querySelector(selector).getBoundingClientRect().top + scrollY", selector
    )


def wait_until_seen(page: Page) -> None:
    """The offer stood in sight for the moment that it takes to look."""
    page.locator('[name=alike_seen][value="1"]').wait_for(state="attached")


NOBODY_LOOKS = """const every = setInterval;
  window.setInterval = (work, ms, ...x) => every(() => { if (ms !== 600 || window.looks) work(); }, ms, ...x);"""
"""An offer that stands in sight counts as seen once `window.looks` alone, however long a busy machine takes."""
CLOCK_STANDS = "performance.now = () => 0;"
"""The second tap of two comes within the moment, however long a busy machine takes to bring it."""


def hold_answers(page: Page) -> list[Route]:
    """What the page asks about look-alikes from now on waits until `let_go`."""
    held: list[Route] = []
    page.route("**/report/alike", lambda route: held.append(route))  # noqa: PLW0108  # playwright reads its signature
    return held


def let_go(page: Page, held: list[Route]) -> None:
    for _ in range(600):
        if held:
            break
        page.wait_for_timeout(50)
    held.pop().continue_()


def test_who_has_seen_the_offer_sends_at_once_and_anonymity_hides_it(desk: Desk, tmp_path: Path):
    met(desk)
    sign_in(desk, "lixia")
    before = hazards(desk.house)
    desk.go("/report")
    fill(desk.page, tmp_path)
    desk.page.get_by_role("button", name=re.compile("就是这一条")).wait_for()
    desk.page.locator("#anonymous").check(force=True)
    desk.page.locator(".alike-offer").wait_for(state="detached")
    desk.page.locator("#anonymous").uncheck(force=True)
    desk.page.get_by_role("button", name=re.compile("就是这一条")).scroll_into_view_if_needed()
    wait_until_seen(desk.page)
    desk.press("上报")
    desk.page.wait_for_url(re.compile("/receipt/"))
    assert hazards(desk.house) == (before[0] + 1, before[1])


def test_an_offer_out_of_sight_holds_the_report_once_and_says_that_it_was_not_sent(desk: Desk, tmp_path: Path):
    several(desk, 4)
    sign_in(desk, "lixia")
    before = hazards(desk.house)
    desk.page.add_init_script(NOBODY_LOOKS + CLOCK_STANDS)
    desk.go("/report")
    fill(desk.page, tmp_path)
    desk.page.locator(".alike-offer").wait_for()
    desk.page.evaluate("scrollTo(0, 0)")
    assert not in_sight(desk.page, ".alike-row")
    # A finger in a glove taps twice: nothing that nobody has read is answered.
    desk.page.get_by_role("button", name="上报", exact=True).dblclick()
    desk.page.get_by_text("还没上报：先看看是不是同一处").wait_for()
    assert [in_sight(desk.page, it) for it in ("#alike-unsent", "#alike-title", ".alike-row")] == [True] * 3
    assert hazards(desk.house) == before
    desk.look("lookalikes-held")
    desk.page.evaluate("window.looks = true")
    wait_until_seen(desk.page)
    assert hazards(desk.house) == before
    desk.press("上报")
    desk.page.wait_for_url(re.compile("/receipt/"))
    assert hazards(desk.house) == (before[0] + 1, before[1])


SHIFTS = """const told = [];
  const observer = new PerformanceObserver((list) => told.push(...list.getEntries()));
  observer.observe({ type: 'layout-shift', buffered: true });
  window.shiftsSince = (moment) => {
    told.push(...observer.takeRecords());
    return told.filter((one) => one.startTime >= moment).map((one) => one.value);
  };"""
"""By their own time: the observer is told of a shift some while after it."""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
POINTER = ".alike-hint button"


def test_an_offer_out_of_sight_is_pointed_at_above_the_bar_and_nothing_moves(desk: Desk, tmp_path: Path):
    several(desk, 2)
    sign_in(desk, "lixia")
    before = hazards(desk.house)
    desk.page.add_init_script(SHIFTS)
    desk.go("/report")
    page, send = desk.page, desk.page.get_by_role("button", name="上报", exact=True)
    held = hold_answers(page)
    with page.expect_request("**/report/alike"):
        fill(page, tmp_path)
    page.get_by_label("说说哪里不安全").press_sequentially("线头裸露")
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(PAINTED)
    moment = page.evaluate("performance.now()")
    stood = send.bounding_box(), top_of(page, "#description")
    let_go(page, held)
    pointer = page.get_by_role("button", name="有 2 条相似的隐患，看一下")
    pointer.wait_for()
    page.evaluate(PAINTED)
    assert (send.bounding_box(), top_of(page, "#description")) == stood
    assert page.evaluate("(moment) => window.shiftsSince(moment)", moment) == []
    assert page.locator("[data-alike-told]").inner_text() == "有 2 条相似的隐患，看一下"
    assert not in_sight(page, ".alike-row")
    if desk.pictures is not None:  # of the window alone: a picture of the whole page would show the offer
        page.screenshot(path=desk.pictures / f"lookalikes-pointed-at-{desk.size}.png")
    assert (axe(page), page.evaluate(BEYOND)) == ([], [])
    # As a finger does it: the tool's own click would first scroll the page, and the offer into sight.
    box = pointer.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert [in_sight(page, it) for it in ("#alike-title", ".alike-row")] == [True] * 2
    expect(page.locator("#alike-title")).to_be_focused()
    page.locator(POINTER).wait_for(state="hidden")
    wait_until_seen(page)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(PAINTED)
    assert not page.locator(POINTER).is_visible()
    assert hazards(desk.house) == before
    send.click()
    page.wait_for_url(re.compile("/receipt/"))
    assert hazards(desk.house) == (before[0] + 1, before[1])


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
@pytest.mark.parametrize("is_large", [False, True], ids=["normal", "large"])
def test_the_pointer_never_lies_on_what_is_typed(desk: Desk, tmp_path: Path, *, is_large: bool):
    met(desk)
    sign_in(desk, "lixia")
    told = {"name": "size", "value": "large" if is_large else "normal", "url": desk.address}
    desk.page.context.add_cookies([told])
    desk.page.add_init_script(NOBODY_LOOKS)  # on its way up and down the page the offer stands in sight, too
    desk.go("/report")
    fill(desk.page, tmp_path)
    desk.page.locator(POINTER).wait_for()
    # The keyboard comes up: the window shrinks to what it leaves.
    desk.page.set_viewport_size({"width": 390, "height": 480})
    words, pointer = desk.page.locator("#description"), desk.page.locator(POINTER)
    words.focus()
    assert in_sight(desk.page, "#description")
    covered = 0
    for step in range(0, 480, 24):
        desk.page.evaluate("(y) => scrollTo(0, y)", step)
        desk.page.evaluate(PAINTED)
        typed, there = words.bounding_box(), desk.page.locator(".alike-hint").bounding_box()
        if typed["y"] < there["y"] + there["height"] and typed["y"] + typed["height"] > there["y"]:
            assert not pointer.is_visible(), step
            covered += 1
    assert covered
    desk.page.evaluate("scrollTo(0, 0)")
    words.blur()
    pointer.wait_for()
    # By keys: it stays while it has the focus, and leads to the offer.
    pointer.focus()
    desk.page.evaluate(PAINTED)
    assert pointer.is_visible()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#alike-title")).to_be_focused()
    pointer.wait_for(state="hidden")


def test_a_report_sent_before_the_answer_came_waits_for_it_and_is_held_once(desk: Desk, tmp_path: Path):
    met(desk)
    sign_in(desk, "lixia")
    before = hazards(desk.house)
    # On a busy machine the answer may take longer than a report waits for it.
    desk.page.add_init_script(
        "const set = setTimeout; window.setTimeout = (work, ms, ...x) => set(work, ms === 2000 ? 6e4 : ms, ...x);"
        "document.addEventListener('before-queue', ({ target }) => { target.dataset.asks = ''; }, true);"
    )
    desk.go("/report")
    desk.page.wait_for_selector("form[data-bound]", state="attached")
    held = hold_answers(desk.page)
    fill(desk.page, tmp_path)
    desk.page.get_by_role("button", name="上报", exact=True).click()
    desk.page.wait_for_selector("form[data-asks]", state="attached")
    let_go(desk.page, held)
    desk.page.get_by_text("还没上报：先看看是不是同一处").wait_for()
    assert in_sight(desk.page, "#alike-title")
    expect(desk.page.locator("#alike-title")).to_be_focused()
    assert hazards(desk.house) == before
    wait_until_seen(desk.page)
    desk.page.evaluate("scrollTo(0, 0)")
    desk.press("上报")
    desk.page.wait_for_url(re.compile("/receipt/"))
    assert hazards(desk.house) == (before[0] + 1, before[1])


def test_look_alikes_come_below_the_words_and_only_two_of_them_stand_open(desk: Desk, tmp_path: Path):
    several(desk, 4)
    sign_in(desk, "lixia")
    desk.go("/report")
    held = hold_answers(desk.page)
    fill(desk.page, tmp_path)
    words = top_of(desk.page, "#description")
    let_go(desk.page, held)
    desk.page.locator(".alike-offer").wait_for()
    assert top_of(desk.page, "#description") == words
    buttons = desk.page.get_by_role("button", name=re.compile("就是这一条"))
    assert buttons.count() == 2
    assert desk.page.locator(".alike-offer").bounding_box()["height"] < 500
    desk.page.get_by_text("还有 2 条").click()
    assert buttons.count() == 4
    large = desk.page.locator(".in-large").first
    assert not large.is_visible()
    desk.page.locator(".zoom summary").first.click()
    until(desk.page, "async () => document.querySelector('.zoom[open] .in-large').clientWidth > 300")
    desk.look("lookalikes-open")


@pytest.mark.parametrize("desk", ["phone"], indirect=True)
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
@pytest.mark.parametrize("is_large", [False, True], ids=["normal", "large"])
def test_offer_and_comparison_are_whole_in_the_narrowest_window(
    desk: Desk, chromium: Browser, tmp_path: Path, language: str, *, is_large: bool
):
    several(desk, 3)
    number = desk.house.report("lixia", photos=(BIG,))
    desk.house.work()
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale=language, color_scheme="dark")
    if is_large:
        context.add_cookies([{"name": "size", "value": "large", "url": desk.address}])
    narrow = Desk(desk.house, desk.address, context.new_page(), f"narrow-{language}-{is_large}", desk.pictures)
    sign_in(narrow, "wangmin", context)
    wanted = LARGE if is_large else NORMAL
    narrow.go(f"/tickets/{number}/accept")
    narrow.page.locator(".alike-more > summary").click()
    assert (narrow.page.evaluate(SEEN, wanted), axe(narrow.page)) == ([], [])
    narrow.page.add_init_script(NOBODY_LOOKS)
    narrow.go("/p/HBJX-A3")
    file = tmp_path / "mine.jpg"
    file.write_bytes(BIG)
    narrow.page.set_input_files("input[data-source=album]", file)
    narrow.page.locator("label.cat", has=narrow.page.locator("input[value=ELEC]")).click()
    narrow.page.locator(".alike-offer").wait_for()
    narrow.page.click("button.btn[form=report-form]")
    narrow.page.locator("#alike-unsent").wait_for()
    assert in_sight(narrow.page, "#alike-title")
    narrow.page.locator(".alike-more > summary").click()
    narrow.page.locator(".zoom summary").first.click()
    assert (narrow.page.evaluate(SEEN, wanted), axe(narrow.page)) == ([], [])
    context.close()


def test_without_script_the_offer_is_a_step_of_its_own_that_keeps_the_photos(
    desk: Desk, chromium: Browser, tmp_path: Path
):
    met(desk)
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN", viewport=desk.page.viewport_size)
    sign_in(desk, "lixia", context)
    page = context.new_page()
    before = hazards(desk.house)
    page.goto(desk.address + "/report")
    fill(page, tmp_path)
    page.get_by_role("button", name="上报", exact=True).click()
    page.get_by_role("button", name="都不是，照常上报").wait_for()
    if desk.pictures is not None:
        page.screenshot(path=desk.pictures / f"lookalikes-step-{desk.size}.png", full_page=True)
    assert hazards(desk.house) == before
    page.get_by_role("button", name="都不是，照常上报").click()
    page.wait_for_url(re.compile("/receipt/"))
    assert hazards(desk.house) == (before[0] + 1, before[1])
    context.close()


def test_while_accepting_one_tap_merges_into_the_hazard_that_is_there(desk: Desk):
    master = met(desk)
    number = desk.house.report("lixia", photos=(photo(size=(640, 480), seed=8),))
    desk.house.work()
    sign_in(desk, "wangmin")
    desk.go(f"/tickets/{number}/accept")
    desk.look("lookalikes-accept")
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name=re.compile(f"并入这一条.*{master}")).click()
    assert desk.house.state(number) == "duplicate"


def test_look_alikes_leave_the_first_field_of_the_form_that_accepts_in_sight(desk: Desk):
    several(desk, 4)
    number = desk.house.report("lixia", photos=(photo(size=(640, 480), seed=8),))
    desk.house.work()
    sign_in(desk, "wangmin")
    desk.go(f"/tickets/{number}/accept")
    assert desk.page.get_by_role("heading", name="可能是同一处（4）").is_visible()
    assert in_sight(desk.page, "#act-form .field")
    merges = desk.page.get_by_role("button", name=re.compile("并入这一条"))
    assert merges.count() == 1
    desk.page.get_by_text("还有 3 条").click()
    assert merges.count() == 4
    desk.look("lookalikes-accept-four")
