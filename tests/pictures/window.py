"""A window of somebody who is signed in, for a picture."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.pictures.story import Story


@contextmanager
def window(story: Story, browser: Browser, address: str, login: str, size: tuple[int, int]) -> Iterator[Page]:
    """An empty page of this person, in Chinese, `size` pixels wide and high."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    cookie = story.house.browser(login).get_cookie("hazards")
    if cookie is None:
        raise LookupError(login)
    context.add_cookies([{"name": "hazards", "value": cookie.value, "url": address}])
    try:
        yield context.new_page()
    finally:
        context.close()
