"""Two pages and one draft: what each shows when the other writes, drops or sends it."""

import pytest
from playwright.sync_api import Request
from sqlalchemy import select

from app.evidence.upload_rows import FinishedUploadRow
from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, wait_for_drafts
from tests.browser.test_queue_drafts import cut, edit, held_answer, join, waiting
from tests.conftest import House

pytestmark = pytest.mark.browser
DEAF = "Object.defineProperty(BroadcastChannel.prototype, 'onmessage', { set() {} });"
"""As a page that slept: it hears nothing of the others."""


def makers(house: House) -> list[str]:
    """Under whom photos lie on the server that are no report's yet."""
    with house.means.db.read() as session:
        return list(session.execute(select(FinishedUploadRow.maker)).scalars())


def test_a_photo_that_arrives_after_its_report_was_taken_back_does_not_stay_beside_the_name(
    house: House, phone: Phone
):
    """P15: the report goes without a name then."""
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    held = held_answer(first, "**/api/v1/uploads")
    fill(first, [picture(1)], "先实名")
    with first.expect_request("**/api/v1/uploads"):
        send(first)
    second = edit(phone)
    with first.expect_response(lambda answer: answer.request.method == "PATCH"):
        held[0].continue_()
    wait_for_drafts(second, 1, among="draft.stage === 'editing' && (draft.ending || []).length === 1")
    second.fill("#description", "想想还是匿名")
    wait_for_drafts(second, 1, among="draft.fields.description === '想想还是匿名'")
    assert [maker.partition(":")[0] for maker in makers(house)] == ["account"]
    second.locator("summary.btn.ghost").click()
    second.locator("label.anon-choice").click()
    ended: list[Request] = []
    second.on("request", lambda asked: ended.append(asked) if asked.method == "DELETE" else None)
    send(second)
    second.get_by_role("heading", name="已收到").wait_for()
    assert ["x-csrftoken" in asked.all_headers() for asked in ended] == [True]
    assert makers(house) == []


def test_a_list_that_slept_sends_nothing_that_is_written_on(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    cut(phone)
    fill(page, [picture(1)], "改着呢")
    send(page)
    waiting(page)
    page.close()
    asleep = phone.page()
    asleep.add_init_script(DEAF)
    asleep.goto(phone.address + "/drafts")
    tap = asleep.get_by_role("button", name="现在发送")
    tap.wait_for()
    page = edit(phone)
    wait_for_drafts(page, 1, among="draft.stage === 'editing'")
    join(phone)
    tap.click()
    tap.wait_for(state="hidden")
    page.fill("#description", "改着呢，改好了")
    wait_for_drafts(page, 1, among="draft.fields.description === '改着呢，改好了'")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "改着呢") == [[sha(picture(1))]]
    assert drafts(page) == []


def test_a_list_that_stays_open_shows_nothing_once_its_reader_signed_out_elsewhere(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    cut(phone)
    fill(page, [picture(1)], "只给自己看")
    send(page)
    waiting(page)
    shown = phone.page("/drafts")
    shown.get_by_role("heading", name="只给自己看").wait_for()
    page.goto(phone.address + "/mine")
    page.evaluate("document.querySelector('form[action$=\"/logout\"]').requestSubmit()")
    page.wait_for_url("**/login*")
    shown.get_by_text("这一条是李霞写的").wait_for()
    assert shown.get_by_text("只给自己看").count() == 0
    assert shown.get_by_role("button", name="删除").count() == 0
