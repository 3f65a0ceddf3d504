"""Two pages and one draft: what each shows when the other writes, drops or sends it."""

import pytest
from playwright.sync_api import Request
from sqlalchemy import select

from app.evidence.upload_rows import FinishedUploadRow
from tests.browser.phone import Phone, fill, picture, send, wait_for_drafts
from tests.browser.test_queue_drafts import edit, held_answer
from tests.conftest import House

pytestmark = pytest.mark.browser


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
