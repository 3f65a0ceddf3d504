"""A photo whose pictures are still being made is shown as soon as they are, without a hand that reloads."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.phone import PHONE
from tests.conftest import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("login", "path"), [("lixia", "/hazards/{}"), ("wangmin", "/tickets/{}")])
def test_pictures_come_by_themselves(house: House, chromium: Browser, address: str, login: str, path: str):
    number = house.report()
    context = chromium.new_context(viewport=PHONE, locale="zh-CN")
    (cookie,) = house.browser(login)._cookies.values()
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(address + path.format(number))
    page.get_by_text("原件已保存，处理好就显示").wait_for()
    house.work()
    expect(page.locator("main .frame img").first).to_be_visible(timeout=15_000)
    expect(page.locator("[data-pending]")).to_have_count(0)
    context.close()
