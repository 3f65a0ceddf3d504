"""Two pages and one draft: what each shows when the other writes, drops or sends it."""

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from app.evidence.upload_rows import FinishedUploadRow
from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, wait_for_drafts
from tests.browser.test_queue_drafts import (
    GATE,
    HIDE,
    TO_SERVER,
    edit,
    held_answer,
    join,
    left_unfinished,
    queued,
    waiting,
)
from tests.conftest import House

pytestmark = pytest.mark.browser
STILL_HELD = """{
  const query = LockManager.prototype.query;
  let looks = 0;
  LockManager.prototype.query = async function () {
    const told = await query.call(this);
    looks += 1;
    return looks > 2 ? told : { held: [...told.held, { name: 'hazards-draft-ID' }] };
  };
}"""
HELD = "正在另一个页面里写"
STAY = """() => {
  window.went = [];
  navigation.addEventListener('navigate', (going) => {
    if (!window.went) return;
    window.went.push(going.destination.url);
    going.preventDefault();
  });
}"""
"""The page goes nowhere, and tells where it would have gone; `went = null` lets it go."""
DEAF = "Object.defineProperty(BroadcastChannel.prototype, 'onmessage', { set() {} });"
"""As a page that slept: it hears nothing of the others."""
ASLEEP = f"""{DEAF}
navigator.locks.request = () => new Promise(() => {{}});
window.fetch = () => new Promise(() => {{}});
"""
"""It asks nobody anything either, and is never the sender: it shows what it showed first."""
NO_PHOTO = {**picture(1), "buffer": b"no photo at all" * 50}


def makers(house: House) -> list[str]:
    """Under whom photos lie on the server that are no report's yet."""
    with house.means.db.read() as session:
        return list(session.execute(select(FinishedUploadRow.maker)).scalars())


def refuse(page: Page) -> None:
    """A report that the server refuses, and its person waits for that."""
    fill(page, [NO_PHOTO], "不是照片")
    send(page)


def test_a_page_shows_no_receipt_of_earlier_words_for_its_own(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    held = held_answer(first, "**/api/v1/hazards")
    taken = picture(1)
    fill(first, [taken], "先发的")
    with first.expect_request("**/api/v1/hazards"):
        send(first)
    second = edit(phone)
    second.evaluate(STAY)
    second.fill("#description", "后发的")
    send(second)
    second.locator("[data-panel]:not([hidden])").wait_for()
    held[0].continue_()
    second.locator("[data-queue-faults]:not([hidden])").wait_for()
    first.wait_for_url("**/receipt/*")
    assert second.evaluate("went") == [], "what this page handed over was never sent"
    assert second.input_value("#description") == "后发的"
    second.evaluate("went = null")
    send(second)
    second.wait_for_url("**/receipt/*")
    assert [kept(house, words) for words in ("先发的", "后发的")] == [[[sha(taken)]], [[sha(taken)]]]
    assert drafts(second) == []


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
    # Whichever page is the sender just then.
    phone.context.on("request", lambda asked: ended.append(asked) if asked.method == "DELETE" else None)
    send(second)
    second.get_by_role("heading", name="已收到").wait_for()
    assert ["x-csrftoken" in asked.all_headers() for asked in ended] == [True]
    assert makers(house) == []


@pytest.mark.parametrize("other", ["open", "closed"])
def test_a_page_whose_draft_another_took_up_first_makes_no_second_one(house: House, phone: Phone, other: str):
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    fill(first, [NO_PHOTO], "不是照片")
    wait_for_drafts(first, 1, among="draft.fields.description === '不是照片'")
    first.evaluate(GATE)
    send(first)
    wait_for_drafts(first, 1, among="draft.stage === 'attention'")
    second = edit(phone)
    second.fill("#description", "改好了")
    wait_for_drafts(second, 1, among="draft.fields.description === '改好了'")
    if other == "closed":
        second.close()
    first.evaluate("openGate()")
    first.evaluate(HIDE)
    expect(first.locator("#report-form")).to_be_hidden()
    first.get_by_text(HELD).wait_for()
    assert [draft["fields"]["description"] for draft in drafts(first)] == ["改好了"]


def test_who_waits_sees_that_the_report_is_written_on_or_thrown_away_elsewhere(house: House, phone: Phone):
    first = queued(house, phone, "别处在改")
    second = edit(phone)
    first.get_by_text(HELD).wait_for()
    second.fill("#description", "别处改好了")
    send(second)
    waiting(second)
    waiting(first)
    expect(first.get_by_text(HELD)).to_be_hidden()
    second.close()
    third = phone.page("/drafts")
    third.get_by_role("button", name="删除").click()
    third.get_by_role("button", name="确定删除").click()
    expect(first.locator("#report-form")).to_be_visible()
    assert first.input_value("#description") == ""
    first.evaluate(HIDE)
    assert drafts(first) == []


def test_a_page_that_slept_tells_what_became_of_its_report(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    first = phone.page()
    first.add_init_script(DEAF)
    first.goto(phone.address + "/report")
    first.wait_for_selector("form[data-bound]", state="attached")
    first.route(TO_SERVER, lambda route: route.abort())
    refuse(first)
    waiting(first)
    phone.page("/drafts").get_by_text("需要处理").wait_for()
    first.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    first.get_by_text("这不是能用的照片").wait_for()
    assert first.input_value("#description") == "不是照片"


def test_a_list_that_slept_sends_nothing_that_is_written_on(house: House, phone: Phone):
    queued(house, phone, "改着呢").close()
    asleep = phone.page()
    asleep.add_init_script(ASLEEP)
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


def test_what_the_page_that_was_left_still_holds_is_offered_a_moment_later(house: House, phone: Phone):
    draft = left_unfinished(house, phone)
    phone.context.add_init_script(STILL_HELD.replace("ID", draft["client_id"]))
    page = phone.page("/report")
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("#description")).to_have_value("写到一半")


def test_an_offer_of_what_has_gone_meanwhile_tells_of_no_other_page(house: House, phone: Phone):
    left_unfinished(house, phone)
    page = phone.page("/report")
    page.locator("[data-offer]:not([hidden])").wait_for()
    other = phone.page("/drafts")
    other.get_by_role("button", name="删除").click()
    other.get_by_role("button", name="确定删除").click()
    wait_for_drafts(other, 0)
    page.evaluate("() => { const box = document.querySelector('[data-queue-faults] ul'); box.textContent = '?'; }")
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("[data-queue-faults] ul")).to_be_empty()


def test_a_list_that_stays_open_shows_nothing_once_its_reader_signed_out_elsewhere(house: House, phone: Phone):
    page = queued(house, phone, "只给自己看")
    shown = phone.page("/drafts")
    shown.get_by_role("heading", name="只给自己看").wait_for()
    page.goto(phone.address + "/mine")
    page.evaluate("document.querySelector('form[action$=\"/logout\"]').requestSubmit()")
    page.wait_for_url("**/login*")
    shown.get_by_text("这一条是李霞写的").wait_for()
    assert shown.get_by_text("只给自己看").count() == 0
    assert shown.get_by_role("button", name="删除").count() == 0
