"""Leave with a deputy in a real browser: every page of it, in both languages and sizes."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from app.accounts.models import AccountRow
from app.accounts.permissions import Role
from tests.browser.test_walk import Walk, walk
from tests.integration.hazard_world import add_person

__all__ = ["walk"]
pytestmark = pytest.mark.browser


def day(walk: Walk, days: int) -> str:
    return (walk.house.clock() + timedelta(hours=8, days=days)).date().isoformat()


def take_leave(walk: Walk, page: Page, deputy: str, *, first: int, last: int) -> None:
    page.fill("#from_on", day(walk, first))
    page.fill("#until_on", day(walk, last))
    page.select_option("#deputy", deputy)
    page.locator("footer.bar button").click()
    page.wait_for_url("**/absence")


@pytest.mark.parametrize(("language", "size"), [("zh", "phone"), ("zh", "desk"), ("en", "phone"), ("en", "desk")])
def test_an_officer_takes_leave_and_comes_back(walk: Walk, language: str, size: str):
    walk.language, walk.size = language, size
    above = add_person(walk.house, "dongli", Role.OFFICER, "SZH")
    with walk.house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.id == above).values(name="董方"))
    page = walk.sit_down("wangmin")
    page.goto(f"{walk.address}/absence")
    walk.look(page, "absence-empty")
    page.locator("footer.bar a").click()
    walk.look(page, "absence-form")
    page.fill("#until_on", day(walk, -20))
    page.select_option("#deputy", "chenjun")
    page.eval_on_selector("#leave-form", "form => { form.noValidate = true; }")
    page.locator("footer.bar button").click()
    page.wait_for_selector(".faults")
    assert page.input_value("#deputy") == "chenjun"
    walk.faults.clear()  # the browser notes the 422
    walk.look(page, "absence-refused")
    take_leave(walk, page, "chenjun", first=0, last=6)
    page = walk.sit_down("chenjun")
    page.goto(f"{walk.address}/absence/new")
    take_leave(walk, page, "dongli", first=0, last=1)
    page = walk.sit_down("hbjx-admin")
    page.goto(f"{walk.address}/absence/new?person=liujianguo")
    take_leave(walk, page, "-", first=18, last=18)
    walk.look(page, "absence-list")
    with page.expect_navigation():  # the page before has a told of its own
        page.locator("form[action$='/end'] button").first.click()
    page.wait_for_selector(".told.done")
    walk.look(page, "absence-back")
