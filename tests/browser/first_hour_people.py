"""The second half of an administrator's first hour: people, a workbook, a rule, a lost password, a leaver."""

import io
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from app.units.models import PlaceRow
from tests.conftest import PASSWORD
from tests.integration.workbooks import workbook
from tests.photos import photo

if TYPE_CHECKING:
    from tests.browser.test_setup_first_hour import FirstHour

OFFICER, DEPUTY = "wangjie", "zhouping"
WRONG = workbook(people=(("", "张三", "THZZ-99", "职工", ""), ("", "", "THZZ-01", "工长", "")))
RIGHT = workbook(
    units=(("THZZ-03", "机修车间", "车间", "THZZ", 20),),
    people=(("lisi", "李四", "THZZ-01", "", ""), ("", "王五", "THZZ-03", "整改人 Rectifier", "")),
    places=(("", "机修间大门", "THZZ-03", 38.041, 114.501, "是"),),
)


def invite_two_officers(hour: "FirstHour") -> None:
    for login, name in ((OFFICER, "王杰"), (DEPUTY, "周平")):
        hour.go("/people/add")
        hour.page.fill("#name", name)
        hour.page.select_option("#unit", "THZZ-01")
        hour.page.fill("#login", login)
        hour.page.locator("label.pick", has=hour.page.locator("input[value=officer]")).click()
        hour.send("添加并生成二维码")
        hour.page.locator(".qr svg").wait_for()
        hour.look(f"invited-{login}")
        open_the_link(hour, name)


def open_the_link(hour: "FirstHour", name: str, password: str = PASSWORD) -> None:
    """The invited person's own browser: the link, a password, and in."""
    context = hour.page.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    page = context.new_page()
    page.goto(hour.address + urlsplit(hour.page.inner_text("#address")).path)
    page.fill("#password", password)
    page.fill("#password_again", password)
    page.locator("footer button").click()
    page.wait_for_url(lambda url: "/welcome/" not in url)
    page.goto(hour.address + "/inbox")
    assert page.url.endswith("/inbox")
    assert page.locator("nav .who b").text_content() == name
    context.close()


def import_a_workbook(hour: "FirstHour") -> None:
    page = hour.page
    hour.go("/people/import")
    page.set_input_files("#workbook", {"name": "a.xlsx", "mimeType": "application/zip", "buffer": WRONG})
    page.locator("footer button").click()
    page.locator(".cells").wait_for()
    expect(page.locator("main")).to_contain_text("THZZ-99")
    hour.faults.clear()  # the browser tells of the 422 itself
    hour.look("import-faults")
    page.set_input_files("#workbook", {"name": "b.xlsx", "mimeType": "application/zip", "buffer": RIGHT})
    page.locator("main button").first.click()
    page.locator(".count").first.wait_for()
    hour.look("import-dry-run")
    page.locator("footer button").click()
    page.get_by_text("已全部导入").wait_for()
    hour.go("/setup/units")
    assert page.get_by_text("机修车间").first.is_visible()


def make_a_rule_and_try_it(hour: "FirstHour") -> None:
    page = hour.page
    hour.go("/rules/new?unit=THZZ-01")
    page.get_by_label("什么类别").select_option("FIRE")
    page.get_by_label("派给谁").select_option(DEPUTY)
    hour.look("rule")
    hour.send("保存")
    for category, name in (("FIRE", "周平"), ("ELEC", "王杰")):
        hour.go("/rules/try")
        page.get_by_label("在哪个点位拍").select_option("THZZ-01-P01")
        page.get_by_label("什么类别").select_option(category)
        hour.send("看看派给谁")
        assert page.locator(".answer").inner_text() == f"派给{name}"
    hour.look("rule-tried")


def reset_a_password(hour: "FirstHour") -> None:
    hour.go(f"/people/person/{OFFICER}")
    hour.send("重设密码")
    hour.page.locator(".qr svg").wait_for()
    open_the_link(hour, "王杰", password=PASSWORD + "-2")
    assert enters(hour, OFFICER, PASSWORD) is False
    assert enters(hour, OFFICER, PASSWORD + "-2") is True


def enters(hour: "FirstHour", login: str, password: str) -> bool:
    """Whether this password opens the door, in a browser of its own."""
    context = hour.page.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    page: Page = context.new_page()
    page.goto(hour.address + "/login")
    page.fill("#login", login)
    page.fill("#password", password)
    with page.expect_navigation():
        page.locator("footer button").click()
    inside = "/login" not in page.url
    context.close()
    return inside


def one_leaves_and_hands_over(hour: "FirstHour") -> None:
    """A visitor reports something at the crane; its officer leaves, the other one has it."""
    page, number = hour.page, reported_by_a_guest(hour)
    hour.go(f"/people/person/{OFFICER}")
    page.get_by_role("link", name="停用账号").click()
    page.get_by_text(number).wait_for()
    page.locator("select.in").first.select_option(DEPUTY)
    hour.look("leave")
    hour.send("交接并停用")
    assert enters(hour, OFFICER, PASSWORD + "-2") is False
    hour.go("/setup/changes")
    assert "王杰" in page.locator("main").inner_text()
    hour.look("changes-of-people")


def reported_by_a_guest(hour: "FirstHour") -> str:
    """A visitor scans the code of the crane's platform, which allows guests; the number of the report."""
    context = hour.page.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    page = context.new_page()
    scan_codes = dict(hour.rows(PlaceRow, PlaceRow.code, PlaceRow.scan_code))
    page.goto(f"{hour.address}/p/{scan_codes['THZZ-01-P02']}")
    if page.locator("input[data-source=album]").count() == 0:
        page.locator("main a.btn, footer a.btn").first.click()
    page.wait_for_selector("form[data-bound]", state="attached")  # a photo chosen before is not heard of
    file = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": io.BytesIO(photo(size=(64, 48), seed=3)).read()}
    page.set_input_files("input[data-source=album]", file)
    page.fill("#description", "行车操作台护栏松动")
    page.click("button.btn[form=report-form]")
    told = page.locator("[data-panel-number]")
    told.wait_for()
    number = str(told.inner_text())
    context.close()
    return number
