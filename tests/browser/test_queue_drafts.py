"""One draft, one life: whoever else writes, sends or clears meanwhile, nothing is lost or doubled."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.phone import (
    ALL_ROWS,
    Phone,
    drafts,
    fill,
    kept,
    let_go,
    picture,
    send,
    sha,
    wait_for_drafts,
)
from tests.conftest import House

pytestmark = pytest.mark.browser
KEPT = "已存到手机，有网自动发出"
TO_SERVER = re.compile(r"/api/|/session$")
HIDE = """() => {
  Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
  return new Promise((done) => setTimeout(done, 400));
}"""
"""The page is left, and whatever it writes then is written."""
SLOWLY = """() => {
  const ask = navigator.locks.request.bind(navigator.locks);
  const late = () => new Promise((done) => setTimeout(done, 500));
  navigator.locks.request = (...asked) => late().then(() => ask(...asked));
}"""
"""Any other page gets a lock before this one."""
GATE = """() => {
  const ask = navigator.locks.request.bind(navigator.locks);
  const gate = new Promise((open) => { window.openGate = open; });
  navigator.locks.request = (name, ...asked) => (
    name.includes('-draft-') ? gate.then(() => ask(name, ...asked)) : ask(name, ...asked)
  );
}"""
"""The page gets no draft's lock before `openGate()`."""
CLEAR = """async (id) => {
  const asked = indexedDB.open('hazards');
  const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const change = database.transaction(['drafts', 'photos'], 'readwrite');
  change.objectStore('photos').delete(id);
  const all = change.objectStore('drafts').getAll();
  all.onsuccess = () => {
    for (const draft of all.result) {
      for (const photo of draft.photos) if (photo.id === id && FORGET) delete photo.sha256;
      change.objectStore('drafts').put(draft);
    }
  };
  await new Promise((done) => { change.oncomplete = done; });
  database.close();
}"""
"""The browser clears the bytes of a photo."""


def cut(phone: Phone) -> None:
    """Pages come, but nothing of the queue gets through."""
    phone.context.route(TO_SERVER, lambda route: route.abort())


def join(phone: Phone) -> None:
    phone.context.unroute_all()


def waiting(page: Page) -> None:
    page.get_by_role("heading", name=KEPT).wait_for()


def queued(house: House, phone: Phone, words: str) -> Page:
    """A report of 李霞 that waits on this phone; its page."""
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    cut(phone)
    fill(page, [picture(1)], words)
    send(page)
    waiting(page)
    return page


def left_unfinished(house: House, phone: Phone) -> dict[str, Any]:
    """The draft of a report of 李霞 whose page was closed."""
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(1)], "写到一半")
    wait_for_drafts(page, 1, among="draft.fields.description === '写到一半'")
    (draft,) = drafts(page)
    phone.close(page)
    return draft


def bytes_kept(page: Page) -> int:
    return len(page.evaluate(ALL_ROWS, "photos"))


def edit(phone: Phone) -> Page:
    """Open the one draft of this phone from the list."""
    page = phone.page("/drafts")
    link = page.get_by_role("link", name="修改")
    let_go(page, str(link.get_attribute("href")).partition("#draft=")[2])
    link.click()
    page.wait_for_selector("form[data-bound]:not([inert])", state="attached")
    return page


def held_answer(page: Page, path: str) -> list[Route]:
    """The next request there waits in this list until the test lets it go on."""
    held: list[Route] = []
    page.route(path, lambda route: held.append(route), times=1)  # noqa: PLW0108  # it looks at what it is given
    return held


def changed_meanwhile(phone: Phone, first: Page) -> Page:
    """What `first` sends is changed on another page before the server's answer comes; that other page."""
    held = held_answer(first, "**/api/v1/hazards")
    fill(first, [picture(1)], "先说的")
    with first.expect_request("**/api/v1/hazards"):
        send(first)
    second = edit(phone)
    second.fill("#description", "后来改的")
    wait_for_drafts(second, 1, among="draft.fields.description === '后来改的' && draft.stage === 'editing'")
    held[0].continue_()
    wait_for_drafts(second, 1, among="draft.verdict && draft.verdict.why === 'reused'")
    return second


def test_words_without_a_photo_are_kept_however_often_they_are_opened(house: House, phone: Phone):
    number = house.report("lixia")
    house.accept(number)
    house.rectify(number)
    house.close(number)
    phone.sign_in(house, "lixia")
    cut(phone)
    page = phone.page(f"/tickets/{number}/object")
    page.fill("#text", "门还是关不上")
    page.click("button.btn[form=act-form]")
    waiting(page)
    page.close()
    page = edit(phone)
    expect(page.locator("#text")).to_have_value("门还是关不上")
    page.evaluate(HIDE)
    page.fill("#text", "门还是关不上，又试了一次")
    wait_for_drafts(page, 1, among="draft.fields.text === '门还是关不上，又试了一次'")
    page.close()
    page = edit(phone)
    join(phone)
    page.click("button.btn[form=act-form]")
    page.wait_for_url(f"**/hazards/{number}")
    assert [step["action"] for step in house.read("wangmin", number)["timeline"]].count("object") == 1
    assert drafts(page) == []


@pytest.mark.parametrize("way", ["unhashed", "whole"])
def test_a_photo_that_the_browser_cleared_is_told_and_the_rest_stays(house: House, phone: Phone, way: str):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    phone.context.set_offline(True)
    taken = [picture(1), picture(2)]
    fill(page, taken, "清掉一张")
    wait_for_drafts(page, 1, among="draft.photos.length === 2 && draft.photos.every((one) => one.sha256)")
    send(page)
    waiting(page)
    first = drafts(page)[0]["photos"][0]["id"]
    page.evaluate(CLEAR.replace("FORGET", str(way == "unhashed").lower()), first)
    if way == "whole":
        phone.context.route("**/tus.min.js", lambda route: route.abort())
    page.close()
    phone.context.set_offline(False)
    page = phone.page("/drafts")
    page.get_by_text("手机把照片清掉了一部分").wait_for()
    assert kept(house, "清掉一张") == []
    page.get_by_role("link", name="修改").click()
    page.get_by_text("有 1 张照片被手机清掉了").wait_for()
    page.evaluate(HIDE)
    assert len(drafts(page)[0]["photos"]) == 2, "nobody has done anything yet"
    page.set_input_files("input[data-source=camera]", [picture(3)])
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "清掉一张") == [[sha(taken[1]), sha(picture(3))]]


def test_two_tabs_write_over_nothing_of_each_other(house: House, phone: Phone):
    phone.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });")
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    taken = [picture(1), picture(2)]
    fill(first, taken[:1], "两页同写")
    wait_for_drafts(first, 1, among="draft.fields.description === '两页同写' && draft.photos.length === 1")
    (draft,) = drafts(first)
    second = phone.page(f"/report#draft={draft['client_id']}")
    expect(second.locator("[data-strip] img")).to_have_count(1)
    second.set_input_files("input[data-source=camera]", taken[1:])
    wait_for_drafts(second, 1, among="draft.photos.length === 2")
    first.evaluate(HIDE)
    assert [len(one["photos"]) for one in drafts(first)] == [2], "the first page changed nothing"
    first.fill("#description", "前一页又写")
    wait_for_drafts(first, 2)
    assert sorted(len(one["photos"]) for one in drafts(first)) == [1, 2]
    assert bytes_kept(first) == 3
    send(second)
    second.wait_for_url("**/receipt/*")
    assert kept(house, "两页同写") == [[sha(one) for one in taken]]
    (left,) = drafts(second)
    assert left["client_id"] != draft["client_id"]
    second.goto(phone.address + "/drafts")
    second.get_by_role("button", name="删除").click()
    second.get_by_role("button", name="确定删除").click()
    wait_for_drafts(second, 0)
    first.evaluate(HIDE)
    assert drafts(first) == [], "what was thrown away elsewhere came back"
    assert bytes_kept(first) == 0


def test_a_draft_that_another_page_writes_is_not_taken_up(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    fill(first, [], "这页在写")
    # Last, so that it is written once, and then only hashed: words that come after it are written a moment later.
    first.set_input_files("input[data-source=camera]", [picture(1)])
    wait_for_drafts(first, 1, among="draft.fields.description === '这页在写' && draft.photos[0].sha256")
    (draft,) = drafts(first)
    second = phone.page(f"/report#draft={draft['client_id']}")
    second.get_by_text("正在另一个页面里写").wait_for()
    assert second.locator("[data-strip] img").count() == 0
    assert drafts(first) == [draft]
    first.close()
    let_go(second, draft["client_id"])
    # What was begun is offered only until something is written here.
    third = phone.page("/report")
    third.locator("[data-offer]:not([hidden])").wait_for()
    third.set_input_files("input[data-source=camera]", [picture(2)])
    third.locator("[data-offer]").wait_for(state="hidden")


def test_nothing_is_typed_into_a_form_before_its_draft_is_there(house: House, phone: Phone):
    queued(house, phone, "先说的").close()
    phone.context.add_init_script(f"({GATE})()")
    page = phone.page("/drafts")
    page.get_by_role("link", name="修改").click()
    page.wait_for_selector("form[data-bound][inert]", state="attached")
    page.evaluate("openGate()")
    page.wait_for_selector("form[data-bound]:not([inert])", state="attached")
    assert page.input_value("#description") == "先说的"


@pytest.mark.parametrize("first_page", ["left", "lingering"])
def test_what_was_changed_while_it_was_sent_is_kept_and_told(house: House, phone: Phone, first_page: str):
    phone.sign_in(house, "lixia")
    first = phone.page("/report")
    if first_page == "lingering":  # it goes on hearing of a draft that is another page's by now
        first.evaluate("navigation.addEventListener('navigate', (going) => going.preventDefault())")
    second = changed_meanwhile(phone, first)
    taken = picture(1)
    assert kept(house, "先说的") == [[sha(taken)]]
    assert bytes_kept(second) == 1
    if first_page == "lingering":
        second.evaluate(SLOWLY)
    send(second)
    second.locator("[data-queue-faults]:not([hidden])").wait_for()
    assert second.input_value("#description") == "后来改的"
    send(second)
    second.wait_for_url("**/receipt/*")
    assert kept(house, "后来改的") == [[sha(taken)]]
    assert drafts(second) == []


def test_who_has_no_way_to_the_server_is_told_so_also_behind_another(house: House, phone: Phone):
    """The browser believes in a network; nothing comes through it."""
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.route("**/session", lambda route: route.abort())
    for n in (1, 2):
        fill(page, [picture(n)], f"第{n}条")
        send(page)
        page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
        page.get_by_role("button", name="继续上报").click()
    wait_for_drafts(page, 2, among="draft.stage === 'queued'")
    page.goto(phone.address + "/drafts")
    # Let through only now: this page sends by itself as well, and what has gone has no button.
    button = page.get_by_role("button", name="现在发送").first
    button.wait_for()
    page.unroute("**/session")
    button.click()
    wait_for_drafts(page, 0)


def test_the_next_report_is_taken_while_one_is_sent_and_has_nothing_of_it(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.evaluate(
        """() => {
          const form = document.getElementById('report-form');
          [form.elements.pin_lat.value, form.elements.pin_lon.value] = ['38.0431', '114.5032'];
          form.dispatchEvent(new Event('change', { bubbles: true }));
        }"""
    )
    held = held_answer(page, "**/api/v1/hazards")
    fill(page, [picture(1)], "有标点的")
    with page.expect_request("**/api/v1/hazards"):
        send(page)
    page.get_by_role("button", name="继续上报").click()
    assert [page.input_value(f"[name=pin_{name}]") for name in ("lat", "lon")] == ["", ""]
    fill(page, [picture(2)], "没标点的")
    send(page)
    page.get_by_role("heading", name="正在发出").wait_for()
    wait_for_drafts(page, 2, among="draft.stage === 'queued'")
    held[0].continue_()
    page.wait_for_url("**/receipt/*")
    wait_for_drafts(page, 0)
    assert kept(house, "有标点的") == [[sha(picture(1))]]
    assert kept(house, "没标点的") == [[sha(picture(2))]]


@pytest.mark.parametrize("where", ["from the list", "on its page"])
def test_a_repair_goes_on_after_a_reminder_came_between(house: House, phone: Phone, where: str):
    number = house.report("lixia")
    house.accept(number)
    phone.sign_in(house, "zhanglei")
    page = phone.page(f"/tickets/{number}/rectify")
    cut(phone)
    taken = picture(8)
    page.set_input_files("input[data-source=camera]", [taken])
    page.fill("#done", "门锁已换")
    page.click("button.btn[form=act-form]")
    waiting(page)
    assert house.act("wangmin", number, "remind").status_code == 200
    if where == "on its page":
        join(phone)
        page.evaluate("dispatchEvent(new Event('online'))")
    else:
        page.close()  # before anything goes: it would hear of the reminder, and open the draft anew
        join(phone)
        page = phone.page("/drafts")
        page.get_by_text("别人已经先办了一步").wait_for()
        page.get_by_role("link", name="修改").click()
    page.get_by_text("别人已经先办了一步").wait_for()
    expect(page.locator("[data-strip] img")).to_have_count(1)
    expect(page.locator("#done")).to_have_value("门锁已换")
    page.click("button.btn[form=act-form]")
    page.wait_for_url(f"**/tickets/{number}")
    told = house.read("wangmin", number)
    assert told["state"] == "reviewing"
    assert [one["sha256"] for one in told["photos"] if one["stage"] == "after"] == [sha(taken)]
    assert drafts(page) == []


def test_a_scanned_place_that_no_list_knows_survives_an_edit(house: House, phone: Phone):
    code: Any = house.scan_code("HBJX-A3")
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.set_input_files("input[data-source=camera]", [picture(1)])
    # As the page of a place does that was never scanned with a network.
    page.evaluate(
        "(code) => document.getElementById('place_code').add(new Option('刚扫的点位', code, false, true), 1)", code
    )
    fill(page, [], "扫过的", place="")
    wait_for_drafts(page, 1, among="draft.fields.description === '扫过的' && draft.place.label === '刚扫的点位'")
    page.close()
    page = edit(phone)
    expect(page.locator("#place_code")).to_have_value(code)
    assert page.locator("#place_code option:checked").inner_text() == "刚扫的点位"
    send(page)
    page.wait_for_url("**/receipt/*")
    number = page.locator(".number").inner_text()
    assert house.read("wangmin", number)["place"]["code"] == "HBJX-A3"
