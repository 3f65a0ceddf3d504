"""The reporter's way in pictures: each step on a phone, in normal and in large letters."""

from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.pictures.scenes import scene
from tests.pictures.story import Story

WINDOW: Final = {"width": 390, "height": 844}
WAYS: Final = {
    "normal": ("HBJX-B1", "ELEC", "cabinet", "B1 跨东侧开关箱敞着门，线头外露"),
    "large": ("HBJX-A3", "FIRE", "extinguisher", "A3 线灭火器指针在红区，前面堆着料"),
}
"""For each size of letters: the place that is scanned, the category, what is photographed, what is said."""


def write_the_reporters_way(story: Story, browser: Browser, address: str) -> Iterator[tuple[str, bytes]]:
    """Scan, shoot, send, follow: the name of each picture and the picture."""
    for size in WAYS:
        context = browser.new_context(viewport=WINDOW, locale="zh-CN", reduced_motion="reduce")
        cookie = story.house.browser("lixia").get_cookie("hazards")
        if cookie is None:
            raise LookupError("lixia")
        context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
        if size == "large":
            context.add_cookies([{"name": "size", "value": "large", "url": address}])
        for step, (name, page) in enumerate(_steps(story, context, address, size), start=1):
            page.wait_for_load_state("networkidle")
            yield f"{step}-{name}-{size}", page.screenshot()
        context.close()


def _steps(story: Story, context: BrowserContext, address: str, size: str) -> Iterator[tuple[str, Page]]:
    place, category, shown, words = WAYS[size]
    page = context.new_page()
    page.goto(f"{address}/p/{story.house.scan_code(place)}")
    yield "scanned", page
    shot = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": scene(shown, turn=3)}
    page.set_input_files("input[data-source=album]", [shot])
    page.wait_for_selector(".strip img")
    page.locator("label.cat", has=page.locator(f"input[value={category}]")).click()
    page.fill("#description", words)
    page.evaluate("() => document.activeElement.blur()")
    page.evaluate("() => scrollTo(0, 0)")
    yield "filled", page
    page.click("button.btn[form=report-form]")
    page.wait_for_url("**/receipt/*")
    story.house.work()
    yield "received", page
    page.goto(f"{address}/mine")
    yield "mine", page
    page.goto(f"{address}/hazards/{story.hazards['railing']}")
    yield "repaired", page
    page.goto(f"{address}/messages")
    yield "messages", page
