"""One hazard from the phone to closure in a real browser: every page in both languages and both sizes."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.demo_organisation import PEOPLE, PLACES, UNITS
from tests.conftest import PASSWORD, House
from tests.photos import photo

pytestmark = pytest.mark.browser
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
DESCRIPTION = "配电箱门锁坏，线头裸露"
MEASURES = "更换门锁，线头压接后装盖板"
DONE = "已换锁，线头压接并加盖板"
CONCLUSION = "现场看过，门锁完好"
TYPED = (DESCRIPTION, MEASURES, DONE, CONCLUSION)
NAMES = sorted(
    {*(u.name for u in UNITS), *(p.name for p in PEOPLE), *(p.name for p in PLACES)}, key=len, reverse=True
)
CHINESE = re.compile(r"[\u3400-\u9fff，。；：、（）！？]+")
LATIN = re.compile(r"[A-Za-z]{2,}")
KNOWN_LATIN = {"English", "JPEG", "PNG", "WebP", "HEIC", "AVIF", "GPS", "MB", "HZ", "http", "CNY"}
SEEN = """() => {
  const said = [document.title, document.body.innerText];
  for (const it of document.querySelectorAll('[placeholder],[aria-label],[alt],[title]'))
    for (const name of ['placeholder', 'aria-label', 'alt', 'title']) said.push(it.getAttribute(name) || '');
  for (const it of document.querySelectorAll('option, optgroup')) said.push(it.label || it.textContent);
  return said.join('\\n');
}"""
BEYOND = """() => {
  const wide = document.documentElement.clientWidth;
  const out = [];
  if (document.documentElement.scrollWidth > wide) out.push('page ' + document.documentElement.scrollWidth);
  for (const it of document.querySelectorAll('main *, header *, footer *')) {
    const box = it.getBoundingClientRect();
    const style = getComputedStyle(it);
    if (!box.width || !it.checkVisibility() || style.clipPath !== 'none') continue;
    if (it.closest('.away, .skip, [hidden], .anon')) continue;
    const name = it.tagName + '.' + it.className;
    if (box.right > wide + 1 || box.left < -1) out.push(name + ' ' + Math.round(box.right));
    const holds = ['BUTTON', 'SPAN', 'H1', 'H2', 'DD', 'TD'].includes(it.tagName);
    const may = ['inline', '-webkit-box'].includes(style.display) || style.textOverflow === 'ellipsis';
    const cut = it.clientWidth && it.scrollWidth > it.clientWidth + 1;
    if (holds && cut && !may) out.push('cut ' + name + ' ' + it.innerText);
  }
  return out;
}"""


@dataclass
class Walk:
    """A browser of one size and language, and whoever sits before it."""

    house: House
    chromium: Browser
    address: str
    language: str = "zh"
    size: str = "phone"
    script: bool = True
    pictures: Path | None = None
    faults: list[str] = field(default_factory=list)
    _context: BrowserContext | None = None

    def sit_down(self, login: str | None) -> Page:
        """A fresh browser, in which this person is signed in."""
        self.leave()
        width, height = SIZES[self.size]
        self._context = self.chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN" if self.language == "zh" else "en-US",
            java_script_enabled=self.script,
        )
        if login is not None:
            cookie = self.house.browser(login).get_cookie("hazards")
            assert cookie is not None
            self._context.add_cookies([{"name": "hazards", "value": cookie.value, "url": self.address}])
        page = self._context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def leave(self) -> None:
        if self._context is not None:
            self._context.close()
            self._context = None

    def look(self, page: Page, name: str) -> None:
        """See that the page is whole, in one language, and let its picture be kept."""
        if not self.script:
            return
        page.wait_for_load_state("load")
        if self.pictures is not None:
            page.wait_for_load_state("networkidle")
            page.screenshot(path=self.pictures / f"{name}-{self.language}-{self.size}.png", full_page=True)
        where = f"{name} {self.language} {self.size}"
        assert page.evaluate(BEYOND) == [], where
        assert foreign_words(page.evaluate(SEEN), self.language) == [], where
        assert self.faults == [], where


def foreign_words(seen: str, language: str) -> list[str]:
    """What stands on a page in the other language, beside names and what people wrote."""
    for own in (*TYPED, *NAMES):
        seen = seen.replace(own, " ")
    if language == "en":
        return CHINESE.findall(seen.replace("中文", ""))
    # Codes, addresses and the name of a setting are nobody's language.
    codes = re.sub(r"\bPUBLIC_URL\b|\b[A-Z0-9]+-[A-Z0-9-]+|http\S+|\b[0-9a-f]{16}\b", " ", seen)
    logins = {person.login for person in PEOPLE}
    return [word for word in LATIN.findall(codes) if word not in KNOWN_LATIN | logins]


@pytest.fixture
def walk(house: House, chromium: Browser, address: str, screenshots: Path | None):
    # The browser's clock is the real one, and its photos say when they were taken.
    house.clock.at = datetime.now(UTC)
    made = Walk(house, chromium, address, pictures=screenshots)
    yield made
    made.leave()


def two_photos() -> list[dict]:
    return [
        {"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(800, 600), seed=n)}
        for n in (1, 2)
    ]


def report(walk: Walk, page: Page) -> str:
    page.goto(f"{walk.address}/report")
    walk.look(page, "report")
    page.set_input_files("input[data-source=album]", two_photos())
    page.select_option("#place_code", "HBJX-A3")
    page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
    page.fill("#description", DESCRIPTION)
    walk.look(page, "report-filled")
    page.click("button.btn[form=report-form]")
    page.wait_for_url("**/receipt/*")
    number = page.locator(".number").inner_text()
    walk.look(page, "receipt")
    return number


def accept(walk: Walk, page: Page, number: str) -> None:
    page.goto(f"{walk.address}/inbox")
    walk.look(page, "inbox")
    page.goto(f"{walk.address}/tickets/{number}")
    walk.look(page, "ticket")
    page.goto(f"{walk.address}/tickets/{number}/accept")
    page.locator("label.chip", has=page.locator("input[value=thing]")).click()
    page.select_option("#rectifier", "zhanglei")
    page.fill("#measures", MEASURES)
    walk.look(page, "accept")
    page.click("button.btn[form=act-form]")
    page.wait_for_url(f"**/tickets/{number}")
    walk.look(page, "accepted")


def rectify(walk: Walk, page: Page, number: str) -> None:
    page.goto(f"{walk.address}/inbox")
    page.goto(f"{walk.address}/tickets/{number}/rectify")
    page.set_input_files("input[data-source=album]", two_photos()[:1])
    page.fill("#done", DONE)
    walk.look(page, "rectify")
    page.click("button.btn[form=act-form]")
    page.wait_for_url(f"**/tickets/{number}")


def close(walk: Walk, page: Page, number: str) -> None:
    page.goto(f"{walk.address}/tickets/{number}/close")
    page.fill("#conclusion", CONCLUSION)
    walk.look(page, "close")
    page.click("button.btn[form=act-form]")
    page.wait_for_url(f"**/tickets/{number}")
    walk.look(page, "closed")


def whole_way(walk: Walk) -> str:
    number = report(walk, walk.sit_down("lixia"))
    walk.house.work()
    accept(walk, walk.sit_down("wangmin"), number)
    rectify(walk, walk.sit_down("zhanglei"), number)
    walk.house.work()
    close(walk, walk.sit_down("wangmin"), number)
    return number


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_hazard_goes_from_the_phone_to_closure(walk: Walk, language: str, size: str):
    walk.language, walk.size = language, size
    number = whole_way(walk)
    assert walk.house.state(number) == "closed"
    assert len(walk.house.read("wangmin", number)["photos"]) == 3
    page = walk.sit_down("lixia")
    for path, name in (
        ("/mine", "mine"),
        (f"/hazards/{number}", "hazard"),
        ("/hazards", "unit"),
        ("/follow", "follow"),
    ):
        page.goto(walk.address + path)
        walk.look(page, name)
    page = walk.sit_down("tianye")
    for path, name in (
        ("/months", "federation"),
        ("/months/{}/HBJX", "statement"),
        ("/months/{}/HBJX/per_hundred", "figure"),
    ):
        page.goto(walk.address + path.format(walk.house.clock().strftime("%Y-%m")))
        walk.look(page, name)
    page = walk.sit_down("liujianguo")
    for path, name in (("/places", "places"), ("/places/HBJX-A3/poster", "poster"), ("/inbox", "inbox-head")):
        page.goto(walk.address + path)
        walk.look(page, name)
    page = walk.sit_down(None)
    page.goto(f"{walk.address}/login")
    walk.look(page, "login")


def test_the_whole_way_works_without_script(walk: Walk):
    walk.script = False
    page = walk.sit_down(None)
    page.goto(f"{walk.address}/report")
    page.fill("#login", "lixia")
    page.fill("#password", PASSWORD)
    page.click("button.btn[form=login-form]")
    page.wait_for_url("**/report")
    number = whole_way(walk)
    assert walk.house.state(number) == "closed"
    assert len(walk.house.read("wangmin", number)["photos"]) == 3


@pytest.mark.parametrize("script", [True, False])
def test_a_refused_photo_takes_no_words_and_no_anonymity_with_it(walk: Walk, script: bool):  # noqa: FBT001
    walk.script = script
    page = walk.sit_down("lixia")
    page.goto(f"{walk.address}/report")
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    page.fill("#description", DESCRIPTION)
    page.fill("#location_text", "二层平台")
    page.set_input_files(
        "input[data-source=album]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<html>" * 100}]
    )
    page.click("button.btn[form=report-form]")
    page.wait_for_selector(".faults")
    assert page.input_value("#description") == DESCRIPTION
    assert page.input_value("#location_text") == "二层平台"
    assert page.is_checked("#anonymous")


def test_words_of_the_other_language_would_be_seen():
    assert foreign_words(f"{DESCRIPTION} Overdue", "en") == []
    assert foreign_words("Overdue 逾期", "en") == ["逾期"]
    assert foreign_words("逾期 HZ-2026-000001 JPEG", "zh") == []
    assert foreign_words("逾期 Overdue", "zh") == ["Overdue"]
