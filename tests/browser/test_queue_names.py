"""Under whose name a draft goes, who sees it on a shared phone, and how it goes when the server is busy."""

import json

import pytest
from playwright.sync_api import Request, Route
from sqlalchemy import func, select

from app.evidence.upload_rows import FinishedUploadRow
from app.hazards.models import HazardRow
from tests.browser.phone import ALL_ROWS, Phone, drafts, fill, kept, picture, send, sha, wait_for_drafts
from tests.browser.test_queue_drafts import edit, join, queued
from tests.conftest import House

pytestmark = pytest.mark.browser
AGE = """async (hours) => {
  const asked = indexedDB.open('hazards');
  const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const store = database.transaction(['drafts'], 'readwrite').objectStore('drafts');
  const all = store.getAll();
  await new Promise((done) => { all.onsuccess = done; });
  for (const draft of all.result) store.put({ ...draft, made_at: draft.made_at - hours * 3600000 });
  await new Promise((done) => { store.transaction.oncomplete = done; });
  database.close();
}"""


def test_a_report_that_changes_its_name_takes_nothing_of_the_other_along(house: House, phone: Phone):
    """P15: what went up under an account ends there before the same photo goes without one; and back again."""
    phone.sign_in(house, "lixia")
    ended: list[Request] = []
    phone.context.on("request", lambda request: ended.append(request) if request.method == "DELETE" else None)

    allowed = [1]

    def lose(route: Route) -> None:
        if allowed and allowed.pop():
            route.continue_()
        else:
            route.abort()

    page = phone.page("/report")
    # One photo goes up, the second does not: the report itself is never sent.
    phone.context.route("**/api/v1/uploads", lose)
    taken, other = picture(1), picture(2)
    fill(page, [taken, other], "先实名后匿名")
    send(page)
    wait_for_drafts(page, 1, among="draft.tries > 0 && draft.photos[0].uploaded")
    with house.means.db.read() as session:
        assert session.execute(select(func.count()).select_from(FinishedUploadRow)).scalar_one() == 1
    page.close()
    page = edit(phone)
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    allowed.append(1)
    send(page)
    wait_for_drafts(page, 1, among="draft.pass && draft.tries > 0 && draft.photos[0].uploaded")
    assert len(ended) == 1
    assert "x-csrftoken" in ended[0].all_headers()
    with house.means.db.read() as session:
        makers = list(session.execute(select(FinishedUploadRow.maker)).scalars())
    assert [maker.partition(":")[0] for maker in makers] == ["pass"], "the photo stays beside the account"
    page.close()
    page = edit(phone)
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    phone.context.unroute("**/api/v1/uploads")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "先实名后匿名") == [[sha(taken), sha(other)]]
    assert len(ended) == 2
    assert ended[1].all_headers()["authorization"].startswith("Pass ")
    with house.means.db.read() as session:
        told = session.execute(
            select(HazardRow.reporter_id, HazardRow.anonymous).where(HazardRow.description == "先实名后匿名")
        ).one()
    assert tuple(told) == (house.actor("lixia").account_id, False)


def test_what_may_have_arrived_with_a_name_cannot_become_anonymous(house: House, phone: Phone):
    """P3, P15: the answer was lost, the report was not; without its name it would be a second one, and a clue."""
    phone.sign_in(house, "lixia")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page = phone.page("/report")
    phone.context.route("**/api/v1/hazards", lose_the_answer)
    taken = picture(3)
    fill(page, [taken], "回执丢了")
    send(page)
    wait_for_drafts(page, 1, among="draft.tries > 0 && draft.posted === 'named'")
    page.close()
    page = edit(phone)
    switch = page.locator("summary.btn.ghost")
    switch.click()
    page.locator("label.anon-choice").click()
    phone.context.unroute("**/api/v1/hazards")
    send(page)
    page.get_by_text("不能再在实名和匿名之间改").wait_for()
    assert len(drafts(page)) == 1
    switch.click()
    page.locator("label.anon-choice").click()
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "回执丢了") == [[sha(taken)]]


def test_a_shared_phone_shows_a_draft_to_its_own_account_only(house: House, phone: Phone):
    page = queued(house, phone, "只给自己看")
    page.goto(phone.address + "/drafts")
    page.get_by_role("heading", name="只给自己看").wait_for()
    page.goto(phone.address + "/mine")
    page.locator("[data-unsent]:not([hidden])").wait_for()  # its script is there, which hears of signing out
    page.evaluate("document.querySelector('form[action$=\"/logout\"]').requestSubmit()")
    page.wait_for_url("**/login*")
    # The server cannot be asked who reads: whoever signed out reads no more.
    page.goto(phone.address + "/drafts")
    page.get_by_text("这一条是李霞写的").wait_for()
    assert page.get_by_text("只给自己看").count() == 0
    assert page.locator(".draft img:visible").count() == 0
    assert page.get_by_role("button", name="删除").count() == 0
    phone.sign_in(house, "zhaoqiang")
    join(phone)
    page.reload()
    page.get_by_text("不会用别人的名字发出").wait_for()
    assert page.get_by_role("button", name="删除").count() == 0
    assert len(drafts(page)) == 1


def test_what_was_sent_without_a_name_lies_beside_none(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(1)], "没有名字")
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    send(page)
    page.get_by_role("heading", name="已收到").wait_for()
    (receipt,) = page.evaluate(ALL_ROWS, "receipts")
    assert receipt["code"]
    assert receipt["scope"] == {}
    assert "李霞" not in json.dumps(receipt, ensure_ascii=False)


def test_a_report_goes_whole_when_the_server_takes_no_more_uploads(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")

    def full(route: Route) -> None:
        body = json.dumps({"code": "too_many", "title": "太多", "status": 429})
        route.fulfill(
            status=429, content_type="application/problem+json", headers={"Retry-After": "60"}, body=body
        )

    phone.context.route("**/api/v1/uploads", full)
    taken = [picture(1), picture(2)]
    fill(page, taken, "整份发")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "整份发") == [[sha(one) for one in taken]]


def test_a_server_that_is_busy_for_a_moment_gets_nothing_twice(house: House, phone: Phone):
    """A refused question about an upload is no reason to begin it anew."""
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    begun: list[str] = []
    asked: list[str] = []
    phone.context.on(
        "request",
        lambda request: (
            begun.append(request.url) if request.method == "POST" and request.url.endswith("/uploads") else None
        ),
    )

    def stumble(route: Route) -> None:
        method = route.request.method
        asked.append(method)
        if method == "PATCH" and asked.count("PATCH") == 1:
            route.abort("connectionreset")
        elif method == "HEAD" and asked.count("HEAD") == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"})
        else:
            route.continue_()

    phone.context.route("**/api/v1/uploads/*", stumble)
    fill(page, [picture(1)], "问一下就好")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "问一下就好") == [[sha(picture(1))]]
    assert asked.count("HEAD") > 1
    assert len(begun) == 1


def test_a_draft_of_more_than_a_day_is_warned_of(house: House, phone: Phone):
    queued(house, phone, "昨天的")
    other = phone.page("/drafts")
    other.get_by_role("heading", name="昨天的").wait_for()
    warning = other.get_by_text("有的已超过一天")
    assert not warning.is_visible()
    other.evaluate(AGE, 25)
    other.reload()
    warning.wait_for()
    other.goto(phone.address + "/mine")
    other.locator("[data-unsent]", has_text="已超过一天").wait_for()
