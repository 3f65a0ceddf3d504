"""What overlaps on one page: taps, verdicts, what was joined, a phone without room."""

import pytest
from playwright.sync_api import expect

from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, until, wait_for_drafts
from tests.browser.test_queue_drafts import (
    CLEAR,
    GATE,
    HIDE,
    bytes_kept,
    changed_meanwhile,
    cut,
    left_unfinished,
    waiting,
)
from tests.browser.test_queue_phone import REFUSE
from tests.browser.test_queue_tabs import NO_PHOTO, refuse
from tests.conftest import House

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("tap", ["before", "while"])
def test_a_tap_on_another_report_takes_nothing_from_one_that_comes_back(house: House, phone: Phone, tap: str):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.evaluate(
        """(before) => {
          const tap = () => document.querySelector('[data-another]').click();
          const [put, post] = [IDBObjectStore.prototype.put, BroadcastChannel.prototype.postMessage];
          let refused = false;
          IDBObjectStore.prototype.put = function (row) {
            const isBack = refused && row.stage === 'editing';
            refused = !isBack && (refused || row.stage === 'attention');
            if (isBack && !before) tap();
            return put.call(this, row);
          };
          BroadcastChannel.prototype.postMessage = function (message) {
            if (before && refused && message.kind === 'tried') tap();
            return post.call(this, message);
          };
        }""",
        tap == "before",
    )
    refuse(page)
    if tap == "while":
        page.get_by_text("这不是能用的照片").wait_for()
        assert page.input_value("#description") == "不是照片"
        page.fill("#description", "又写了一条")
        wait_for_drafts(page, 1, among="draft.fields.description === '又写了一条'")
    else:
        expect(page.locator("#description")).to_have_value("")
        expect(page.locator("#report-form")).to_be_visible()
        page.evaluate(HIDE)
        assert [draft["stage"] for draft in drafts(page)] == ["attention"]
    assert bytes_kept(page) == 1
    assert phone.faults == []


def test_another_report_for_which_there_is_no_room_is_on_the_page_and_told(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    second = changed_meanwhile(phone, first)
    second.evaluate("() => { window.put = IDBObjectStore.prototype.put; }")
    second.evaluate(REFUSE)
    send(second)
    second.get_by_text("手机存储快满了").wait_for()
    assert second.input_value("#description") == "后来改的"
    assert bytes_kept(second) == 1
    # Somebody goes on with the first one; then there is room, and only what nobody wrote on makes way.
    third = phone.page("/report")
    third.get_by_role("button", name="接着写").click()
    expect(third.locator("[data-strip] li")).to_have_count(1)
    third.set_input_files("input[data-source=camera]", [picture(2)])
    wait_for_drafts(third, 1, among="draft.photos.length === 2")
    third.close()
    second.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")
    second.fill("#description", "后来改的，有地方了")
    wait_for_drafts(
        second, 1, among="draft.fields.description === '后来改的，有地方了' && draft.photos.length === 1"
    )
    second.evaluate(HIDE)
    assert bytes_kept(second) == 3
    assert phone.faults == []


def test_photos_that_the_browser_cleared_go_up_from_the_page_that_still_shows_them(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(1), picture(2)], "页面上还有")
    wait_for_drafts(
        page,
        1,
        among="draft.fields.description === '页面上还有' && draft.photos.length === 2 && "
        "draft.photos.every((one) => one.sha256)",
    )
    page.evaluate(CLEAR.replace("FORGET", "false"), drafts(page)[0]["photos"][0]["id"])
    send(page)
    page.get_by_text("手机把照片清掉了一部分").wait_for()
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "页面上还有") == [[sha(picture(1)), sha(picture(2))]]
    assert drafts(page) == []


def test_a_verdict_that_is_heard_twice_brings_the_report_back_once(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [NO_PHOTO], "不是照片")
    wait_for_drafts(page, 1, among="draft.fields.description === '不是照片'")
    page.evaluate(GATE)
    send(page)
    wait_for_drafts(page, 1, among="draft.stage === 'attention'")
    other = phone.page("/static/icon.svg")
    other.evaluate(
        "(id) => new BroadcastChannel('hazards-drafts').postMessage({ kind: 'tried', id })",
        drafts(page)[0]["client_id"],
    )
    page.evaluate("() => new Promise((done) => setTimeout(done, 400))")
    page.evaluate("openGate()")
    page.get_by_text("这不是能用的照片").wait_for()
    page.get_by_role("button", name="删除第 1 张").click()
    page.set_input_files("input[data-source=camera]", [picture(2)])
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "不是照片") == [[sha(picture(2))]]
    assert drafts(page) == []


def test_what_was_joined_is_not_written_down_again(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(1)], "就是那一条")
    wait_for_drafts(page, 1, among="draft.fields.description === '就是那一条'")
    page.evaluate("document.getElementById('report-form').dispatchEvent(new CustomEvent('joined'))")
    wait_for_drafts(page, 0)
    page.evaluate(HIDE)
    assert drafts(page) == []


@pytest.mark.parametrize("joined", ["before it is queued", "after it was queued"])
def test_a_report_is_joined_or_sent_and_never_lost_between(house: House, phone: Phone, joined: str):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    cut(phone)
    # Joined at once when it is asked whether the report may go: it waits for an answer only so long.
    page.evaluate(
        """(isBefore) => {
          const form = document.getElementById('report-form');
          window.join = () => form.dispatchEvent(new CustomEvent('joined'));
          form.addEventListener('before-queue', ({ detail }) => {
            window.asked = true;
            detail.wait.push(new Promise((done) => { window.go = done; }));
            if (isBefore) join();
          });
        }""",
        joined == "before it is queued",
    )
    fill(page, [picture(1)], "点了两处")
    # Nothing else is waited for then.
    until(page, "async () => document.querySelector('[name=alike_seen]').value === '1'")
    send(page)
    until(page, "async () => window.asked")
    if joined == "before it is queued":
        wait_for_drafts(page, 0)
        page.evaluate("go()")
        page.evaluate(HIDE)
        assert drafts(page) == []
        expect(page.locator("#report-form")).to_be_visible()
    else:
        page.evaluate("go()")
        waiting(page)
        page.evaluate("join()")
        page.evaluate(HIDE)
        assert [draft["stage"] for draft in drafts(page)] == ["queued"]


def test_what_goes_straight_to_the_server_is_not_written_down_again_meanwhile(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(1)], "直接交")
    wait_for_drafts(page, 1, among="draft.fields.description === '直接交'")
    page.evaluate(REFUSE)
    page.set_input_files("input[data-source=camera]", [picture(2)])
    page.get_by_text("手机存储快满了").wait_for()
    # The server takes its time; meanwhile a position of the phone comes late.
    page.evaluate("HTMLFormElement.prototype.submit = () => { window.isPosted = true; }")
    send(page)
    until(page, "async () => window.isPosted")
    page.evaluate("document.querySelector('[data-photos]').dispatchEvent(new CustomEvent('ask-taken'))")
    page.evaluate(HIDE)
    assert [draft["verdict"] and draft["verdict"]["why"] for draft in drafts(page)] == ["posted"]


def test_nothing_is_typed_into_a_form_while_the_draft_that_it_offered_opens(house: House, phone: Phone):
    left_unfinished(house, phone)
    page = phone.page("/report")
    page.evaluate(GATE)
    page.get_by_role("button", name="接着写").click()
    page.wait_for_selector("form[data-bound][inert]", state="attached")
    page.evaluate("openGate()")
    page.wait_for_selector("form[data-bound]:not([inert])", state="attached")
    assert page.input_value("#description") == "写到一半"


def test_a_photo_that_is_taken_while_a_draft_opens_is_kept_with_it(house: House, phone: Phone):
    left_unfinished(house, phone)
    page = phone.page("/report")
    page.evaluate(
        """() => {
          const get = IDBObjectStore.prototype.get;
          IDBObjectStore.prototype.get = function (key) {
            if (this.name === 'photos') {
              IDBObjectStore.prototype.get = get;
              const list = new DataTransfer();
              list.items.add(new File(['a photo'], 'photo.jpg', { type: 'image/jpeg' }));
              const camera = document.querySelector('[data-source=camera]');
              camera.files = list.files;
              camera.dispatchEvent(new Event('change'));
            }
            return get.call(this, key);
          };
        }"""
    )
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("[data-strip] img, [data-strip] .blank")).to_have_count(2)
    wait_for_drafts(page, 1, among="draft.photos.length === 2")
    assert bytes_kept(page) == 2
