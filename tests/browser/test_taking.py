"""Where photos are taken: what was taken is seen at once, and what comes next stays in sight."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.phone import picture
from tests.browser.test_for_everybody import LARGE, NORMAL, SEEN, SIZED, sitting, violations
from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
CAMERA = "input[data-source=camera]"
NARROW, PHONE, LYING = (360, 740), (390, 844), (844, 390)
OUT_OF_SIGHT = """(wanted) => {
  const bar = document.querySelector('footer.bar').getBoundingClientRect().top;
  return wanted.filter((one) => {
    const all = [...document.querySelectorAll(one)];
    const inSight = (it) => {
      const box = it.getBoundingClientRect();
      return box.height && box.top >= 0 && box.bottom <= bar;
    };
    return !all.length || !all.every(inSight);
  });
}"""
BOX = "(it) => { const { x, y, width, height } = it.getBoundingClientRect(); return { x, y, width, height }; }"
WIDTHS = "(all) => all.map((it) => Math.round(it.getBoundingClientRect().width))"
MOVES = """window.moved = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value; })
    .observe({ type: 'layout-shift', buffered: true });"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
STILL = 0.02
LEAD_CATEGORIES = ".cats > .cat"


@pytest.fixture
def hazards(house: House) -> dict[str, str]:
    """One to be repaired and one that is closed, with their pictures."""
    house.clock.at = datetime.now(UTC)
    made = {name: house.report("lixia") for name in ("rectify", "object")}
    for number in made.values():
        house.accept(number)
    house.rectify(made["object"])
    house.close(made["object"])
    house.work()
    return made


def take(page: Page, count: int) -> None:
    """So many photos, one after the other, as a camera gives them."""
    have = page.locator("[data-strip] img").count()
    for n in range(have, have + count):
        page.set_input_files(CAMERA, [picture(n + 1)])
        expect(page.locator("[data-strip] img")).to_have_count(n + 1)


@pytest.mark.parametrize("source", ["camera", "album"])
def test_a_photo_chosen_before_the_script_has_come_is_taken(
    house: House, chromium: Browser, address: str, source: str
):
    held: list[Route] = []
    with sitting(house, chromium, address, "lixia") as page:
        page.route("**/photos.js*", lambda route: held.append(route))  # noqa: PLW0108  # Playwright wraps a function
        with page.expect_request("**/photos.js*"):
            page.goto(address + "/report", wait_until="commit")
        page.set_input_files(f"input[data-source={source}]", [picture(1)])
        held[0].continue_()
        expect(page.locator("[data-strip] img")).to_have_count(1)
        take(page, 1)
        assert page.evaluate("document.querySelector('input[data-source=album]').files.length") == 2


@pytest.mark.parametrize("path", ["/report", "/p/HBJX-A3"])
def test_photo_category_words_and_button_fit_one_screen(house: House, chromium: Browser, address: str, path: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(address + path)
        wanted = ["[data-strip] img", LEAD_CATEGORIES, "#description"]
        for _ in range(3):
            take(page, 1)
            assert page.evaluate(OUT_OF_SIGHT, wanted) == []
        take(page, 2)
        assert page.evaluate(OUT_OF_SIGHT, wanted) == []
        expect(page.locator("[form=report-form].btn")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", ["/report", "/p/HBJX-A3"])
def test_with_large_letters_the_categories_are_in_sight_after_a_photo(
    house: House, chromium: Browser, address: str, path: str
):
    with sitting(house, chromium, address, "lixia", large=True) as page:
        page.goto(address + path)
        take(page, 1)
        assert page.evaluate(OUT_OF_SIGHT, ["[data-strip] img", ".cats > *:not(legend)"]) == []


@pytest.mark.parametrize(("language", "most"), [("zh", 4), ("en", 3)])
def test_with_large_letters_the_categories_stay_in_sight_with_more_photos(
    house: House, chromium: Browser, address: str, language: str, most: int
):
    with sitting(house, chromium, address, "lixia", language=language, large=True) as page:
        page.goto(f"{address}/report")
        for n in range(most):
            # A camera held upright: what is high in itself makes no tile higher.
            page.set_input_files(CAMERA, [picture(n + 1, size=(480, 640))])
            expect(page.locator("[data-strip] img")).to_have_count(n + 1)
            page.locator("[data-strip] img").last.evaluate("(it) => it.decode()")
            assert page.evaluate(OUT_OF_SIGHT, ["[data-strip] li", ".cats > *:not(legend)"]) == []


WIDE, DESK = (700, 900), (1280, 800)
STUB = """() => {
  const box = (it) => it.getBoundingClientRect();
  const album = box(document.querySelector('.album'));
  const others = [...document.querySelectorAll('[data-strip] li, .camera, .photos > .frame')].map(box);
  const isAlone = !others.some((one) => one.bottom > album.top + 1 && one.top < album.bottom - 1);
  return isAlone && album.width < 0.95 * box(document.querySelector('.photos')).width;
}"""


@pytest.mark.parametrize("large", [False, True])
def test_the_album_never_stands_as_a_tile_alone_in_its_row(
    house: House, chromium: Browser, address: str, hazards: dict[str, str], *, large: bool
):
    found = []
    for login, path in (("lixia", "/report"), ("zhanglei", f"/tickets/{hazards['rectify']}/rectify")):
        with sitting(house, chromium, address, login, large=large) as page:
            page.goto(address + path)
            for count in range(1, 9):
                take(page, 1)
                for width, height in (NARROW, PHONE, WIDE, DESK):
                    page.set_viewport_size({"width": width, "height": height})
                    found += [(path, count, width)] if page.evaluate(STUB) else []
    assert found == []


def test_all_categories_stand_in_the_same_columns(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/report")
        page.click(".cats summary")
        for large in (False, True):
            page.evaluate(SIZED, large)
            for width, height in (NARROW, PHONE, LYING):
                page.set_viewport_size({"width": width, "height": height})
                widths = page.locator(".cat").evaluate_all(WIDTHS)
                assert len(set(widths)) == 1, (large, width, widths)


def test_the_after_photo_stands_beside_the_before_photo(
    house: House, chromium: Browser, address: str, hazards: dict[str, str]
):
    with sitting(house, chromium, address, "zhanglei") as page:
        page.goto(f"{address}/tickets/{hazards['rectify']}/rectify")
        before = page.locator("main a.frame img")
        expect(before).to_have_count(1)
        left = page.locator(".photos .frame").evaluate(BOX)
        empty = page.locator(".camera").evaluate(BOX)
        assert (empty["y"], empty["height"], empty["width"]) == (left["y"], left["height"], left["width"])
        assert empty["x"] > left["x"] + left["width"]
        assert page.evaluate(OUT_OF_SIGHT, ["#done"]) == []
        take(page, 1)
        # In the very frame that was empty.
        assert page.locator("[data-strip] img").evaluate(BOX) == empty
        expect(page.get_by_text("拍整改后")).to_be_hidden()
        take(page, 1)
        assert page.evaluate(OUT_OF_SIGHT, ["[data-strip] img", ".camera", ".album", "#done"]) == []
        page.get_by_role("button", name="删除第 1 张").click()
        page.get_by_role("button", name="删除第 1 张").click()
        assert page.locator(".camera").evaluate(BOX) == empty
        assert page.evaluate("() => document.activeElement.dataset.source") == "camera"


def test_beside_a_before_photo_that_cannot_be_shown_the_frames_stay_of_one_size(
    house: House, chromium: Browser, address: str
):
    house.clock.at = datetime.now(UTC)
    number = house.report("lixia", photos=(photo(size=(640, 480), seed=1)[:400],))
    house.work()
    house.accept(number)
    for large in (False, True):
        with sitting(house, chromium, address, "zhanglei", large=large) as page:
            page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
            page.goto(f"{address}/tickets/{number}/rectify")
            told = page.locator(".photos .frame").evaluate(BOX)
            empty = page.locator(".camera").evaluate(BOX)
            assert (empty["height"], empty["width"]) == (told["height"], told["width"])
            take(page, 1)
            assert page.locator("[data-strip] img").evaluate(BOX) == empty


def test_what_an_objection_shows_and_says_is_in_sight(
    house: House, chromium: Browser, address: str, hazards: dict[str, str]
):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/tickets/{hazards['object']}/object")
        assert page.evaluate(OUT_OF_SIGHT, [".subject .frame", ".camera", "#text"]) == []
        take(page, 1)
        assert page.evaluate(OUT_OF_SIGHT, [".subject .frame", "[data-strip] img", "#text"]) == []


@pytest.mark.parametrize(("language", "large"), [("zh", False), ("zh", True), ("en", False), ("en", True)])
def test_taken_photos_are_whole_and_reached_by_everybody(
    house: House, chromium: Browser, address: str, hazards: dict[str, str], language: str, *, large: bool
):
    faults = []
    for login, path in (
        ("lixia", "/report"),
        ("lixia", f"/tickets/{hazards['object']}/object"),
        ("zhanglei", f"/tickets/{hazards['rectify']}/rectify"),
    ):
        with sitting(house, chromium, address, login, language=language, large=large) as page:
            page.goto(address + path)
            for count in (1, 1, 1, 2):
                take(page, count)
                for width, height in (NARROW, PHONE, LYING):
                    page.set_viewport_size({"width": width, "height": height})
                    faults += [f"{path}: {one}" for one in page.evaluate(SEEN, LARGE if large else NORMAL)]
            faults += violations(page)
            page.emulate_media(color_scheme="dark")
            faults += violations(page)
    assert faults == []


@pytest.mark.parametrize("large", [False, True])
def test_without_script_the_inputs_stay_in_their_frames(
    house: House, chromium: Browser, address: str, hazards: dict[str, str], *, large: bool
):
    for login, path in (("lixia", f"{hazards['object']}/object"), ("zhanglei", f"{hazards['rectify']}/rectify")):
        context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
        cookie = house.browser(login).get_cookie("hazards")
        assert cookie is not None
        context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
        context.add_cookies([{"name": "size", "value": "large" if large else "normal", "url": address}])
        page = context.new_page()
        page.goto(f"{address}/tickets/{path}")
        page.set_input_files(CAMERA, [picture(1)])
        assert page.evaluate(SEEN, LARGE if large else NORMAL) == [], path
        frame, chosen = (page.locator(one).evaluate(BOX) for one in (".camera", CAMERA))
        assert frame["x"] <= chosen["x"]
        assert chosen["x"] + chosen["width"] <= frame["x"] + frame["width"]
        context.close()


def test_a_photo_taken_again_keeps_its_place_and_the_focus(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/report")
        take(page, 2)
        first, second = (one.get_attribute("src") for one in page.locator("[data-strip] img").all())
        with page.expect_file_chooser() as chooser:
            page.locator("[data-strip] li").first.click()  # anywhere on the photo
        chooser.value.set_files([picture(9)])
        expect(page.locator("[data-strip] img").first).not_to_have_attribute("src", str(first))
        expect(page.locator("[data-strip] img").last).to_have_attribute("src", str(second))
        assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "重拍第 1 张"


def test_a_photo_without_a_preview_says_so_and_hides_no_word(house: House, chromium: Browser, address: str):
    with sitting(house, chromium, address, "lixia") as page:
        page.goto(f"{address}/report")
        unseen = {"name": "a.heic", "mimeType": "image/heic", "buffer": b"no browser shows this"}
        for width, height in (NARROW, PHONE, LYING):
            page.set_viewport_size({"width": width, "height": height})
            page.set_input_files(CAMERA, [unseen])
        for large in (False, True):
            page.evaluate(SIZED, large)
            for width, height in (NARROW, PHONE, LYING):
                page.set_viewport_size({"width": width, "height": height})
                expect(page.locator(".strip .blank")).to_have_count(3)
                over = page.locator(".strip .blank").evaluate_all(
                    "(all) => all.filter((it) => it.scrollHeight > it.clientHeight + 1).length"
                )
                assert over == 0, (large, width)


def test_nothing_moves_when_the_script_comes_late(
    house: House, chromium: Browser, address: str, hazards: dict[str, str]
):
    held: list[Route] = []
    for login, path in (("lixia", "/report"), ("zhanglei", f"/tickets/{hazards['rectify']}/rectify")):
        with sitting(house, chromium, address, login) as page:
            page.add_init_script(MOVES)
            page.route("**/photos.js", lambda route: held.append(route))  # noqa: PLW0108  # playwright reads its signature
            with page.expect_request("**/photos.js"):
                page.goto(address + path, wait_until="commit")
            page.locator(".album").wait_for()
            page.evaluate(PAINTED)
            held.pop().continue_()
            page.wait_for_selector(".scripted", state="attached")
            page.evaluate(PAINTED)
            assert page.evaluate("window.moved") < STILL, path
