"""A report without a network as a film strip: what a phone shows from the dead line to the receipt."""

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.pictures.phone import WINDOW
from tests.pictures.scenes import scene
from tests.pictures.story import Story

KEPT: Final = """async () => {
  await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 200; tries += 1) {
    const pages = await (await caches.open('pages')).keys();
    const kept = pages.some((one) => new URL(one.url).pathname === '/report');
    if (kept && navigator.serviceWorker.controller) return true;
    await new Promise((next) => setTimeout(next, 100));
  }
  return false;
}"""
GAP: Final = 12


def write_the_film(story: Story, browser: Browser, address: str) -> Image.Image:
    """The frames side by side.

    Raises:
        RuntimeError: the phone did not keep the report page for when there is no network.
    """
    context = browser.new_context(viewport=WINDOW, locale="zh-CN", reduced_motion="reduce")
    cookie = story.house.browser("lixia").get_cookie("hazards")
    if cookie is None:
        raise LookupError("lixia")
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/report")
    if not page.evaluate(KEPT):
        raise RuntimeError("the report page is not kept")
    context.set_offline(True)
    frames = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in _frames(page, address)]
    context.close()
    width, height = frames[0].size
    film = Image.new("RGB", (len(frames) * (width + GAP) - GAP, height), "white")
    for n, frame in enumerate(frames):
        film.paste(frame, (n * (width + GAP), 0))
    return film.resize((film.width * 2 // 3, film.height * 2 // 3), Image.Resampling.LANCZOS)


def _frames(page: Page, address: str) -> Iterator[bytes]:
    page.goto(f"{address}/report")
    page.wait_for_selector("form[data-bound]", state="attached")
    yield page.screenshot()
    shot = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": scene("cabinet", turn=5)}
    page.set_input_files("input[data-source=camera]", [shot])
    page.wait_for_selector(".strip img")
    page.select_option("#place_code", "HBJX-B1")
    page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
    page.fill("#description", "B1 跨开关箱门掉了，雨天进水")
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    yield page.screenshot()
    page.click("button.btn[form=report-form]")
    page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
    yield page.screenshot()
    page.goto(f"{address}/drafts")
    page.locator(".draft").first.wait_for()
    yield page.screenshot()
    page.context.set_offline(False)
    page.locator("[data-sent-list] .draft").first.wait_for()
    yield page.screenshot()
