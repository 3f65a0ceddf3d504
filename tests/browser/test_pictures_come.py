"""A photo whose pictures are still being made is shown as soon as they are, without a hand that reloads."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_for_everybody import sitting
from tests.conftest import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("login", "path"), [("lixia", "/hazards/{}"), ("wangmin", "/tickets/{}")])
def test_pictures_come_by_themselves(house: House, chromium: Browser, address: str, login: str, path: str):
    number = house.report()
    with sitting(house, chromium, address, login) as page:
        page.goto(address + path.format(number))
        page.get_by_text("原件已保存，处理好就显示").first.wait_for()
        house.work()
        expect(page.locator("main .frame img").first).to_be_visible(timeout=30_000)
        expect(page.locator("[data-pending]")).to_have_count(0)


def test_no_ticket_gets_the_picture_of_another(house: House, chromium: Browser, address: str):
    """The inbox opens whatever is first, and another one comes first meanwhile."""
    for words in ("配电箱敞门", "护栏松动"):
        house.report(description=words)
    with sitting(house, chromium, address, "wangmin") as page:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(address + "/inbox")
        number = page.locator(".ticket").get_attribute("aria-label")
        assert number is not None
        page.locator(".ticket [data-pending]").get_by_text("处理好就显示").wait_for()
        house.accept(number)
        house.work()
        page.locator(".ticket [data-pending]").get_by_text("稍后刷新即可看到").wait_for(timeout=30_000)
        assert page.locator(".ticket .frame img").count() == 0
