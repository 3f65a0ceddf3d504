"""The README's picture: a report on a phone, a re-inspection on the officer's desk, a score that opens."""

import io
from typing import Final

from PIL import Image
from playwright.sync_api import Browser

from tests.pictures.story import Story
from tests.pictures.window import window

PHONE: Final = (390, 844)
DESK: Final = (1280, 800)
GAP: Final = 20
GROUND: Final = "#dcdcd4"


def overview(story: Story, browser: Browser, address: str) -> Image.Image:
    """Phone on the left, desk and month one above the other beside it, all as high as the phone."""
    house, number = story.house, story.hazards["railing"]
    report = _shot(story, browser, address, "lixia", f"/p/{house.scan_code('HBJX-A3')}", PHONE)
    desk = _shot(story, browser, address, "wangmin", f"/tickets/{number}", DESK)
    month = _shot(story, browser, address, "liujianguo", f"/months/{house.clock():%Y-%m}/HBJX", DESK)
    height = (PHONE[1] - GAP) // 2
    width = round(DESK[0] * height / DESK[1])
    whole = Image.new("RGB", (PHONE[0] + GAP + width, PHONE[1]), GROUND)
    whole.paste(report, (0, 0))
    for n, shot in enumerate((desk, month)):
        whole.paste(shot.resize((width, height), Image.Resampling.LANCZOS), (PHONE[0] + GAP, n * (height + GAP)))
    return whole


def _shot(
    story: Story, browser: Browser, address: str, login: str, path: str, size: tuple[int, int]
) -> Image.Image:
    with window(story, browser, address, login, size) as page:
        page.goto(address + path, wait_until="networkidle")
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
