"""The form and its draft: nothing that was written is lost, whatever the phone, the person or the line does."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from app.hazards.models import HazardRow
from app.units.models import PlaceRow
from tests.browser.phone import ALL_ROWS, Phone, drafts, fill, kept, picture, send, sha, wait_for_drafts
from tests.conftest import House
from tests.edges.visitor import Visitor

pytestmark = pytest.mark.browser
KEPT = "已存到手机，有网自动发出"
HERE = {"latitude": 38.0431, "longitude": 114.5032, "accuracy": 12}

PATIENT = """{
  const later = window.setTimeout.bind(window);
  window.setTimeout = (work, ms, ...told) => later(work, ms === 4000 ? 60000 : ms, ...told);
}"""
"""A tap waits for the queue for as long as a busy machine takes to begin it (PATIENCE_MS of waiting.js)."""


def saved(page: Page, photos: int) -> dict[str, Any]:
    """The draft of the open form, once so many photos of it are on the disk."""
    wait_for_drafts(page, 1, among=f"draft.photos.length === {photos} && draft.photos.every((one) => one.sha256)")
    return drafts(page)[0]


def test_a_form_that_was_closed_by_a_crash_is_offered_again(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    taken = [picture(1), picture(2), picture(3)]
    fill(page, taken, "写到一半")
    wait_for_drafts(page, 1, among="draft.fields.description === '写到一半' && draft.photos.length === 3")
    phone.kill()
    phone.open()
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.get_by_text("上次没写完的还在").wait_for()
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("[data-strip] img")).to_have_count(3)
    assert page.input_value("#description") == "写到一半"
    assert page.input_value("#place_code") == "HBJX-A3"
    page.get_by_role("button", name="删除第 2 张").click()
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "写到一半") == [[sha(taken[0]), sha(taken[2])]]
    assert drafts(page) == []


def test_an_answer_that_was_lost_makes_one_hazard(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")

    def lose(route: Route) -> None:
        route.fetch()  # the server has it; the phone never hears so
        route.abort("connectionreset")

    page.route("**/api/v1/hazards", lose, times=1)
    taken = picture(1)
    fill(page, [taken], "回答丢了")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "回答丢了") == [[sha(taken)]]


def test_a_refused_report_comes_back_to_the_form_with_the_reason(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [{**picture(1), "buffer": b"no photo at all" * 50}], "不是照片")
    send(page)
    page.get_by_text("这不是能用的照片").wait_for()
    assert page.input_value("#description") == "不是照片"
    page.get_by_role("button", name="删除第 1 张").click()
    send(page)
    page.get_by_text("请至少拍一张").wait_for()
    taken = picture(2)
    page.set_input_files("input[data-source=camera]", [taken])
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "不是照片") == [[sha(taken)]]


def test_an_anonymous_report_goes_without_an_account_and_its_code_stays_until_seen(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    asked: list[Request] = []
    page.on(
        "request",
        lambda request: asked.append(request) if "/api/v1/" in request.url or "/follow" in request.url else None,
    )
    phone.context.set_offline(True)
    taken = picture(5)
    fill(page, [taken], "不留姓名")
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    send(page)
    page.get_by_role("heading", name=KEPT).wait_for()
    phone.context.set_offline(False)
    page.get_by_role("heading", name="已收到").wait_for()
    code, number = page.locator("[data-panel-code] .code").inner_text(), page.locator(".number").inner_text()
    page.locator("[data-panel-qr] img").wait_for()
    due = (house.clock() + timedelta(days=1)).astimezone()
    told = page.locator("[data-panel-until]").inner_text()
    # Midnight may go by between the house's clock, which stands, and the phone's.
    day = "[明今]天" if datetime.now().astimezone().date() == due.date() else "明天"
    assert re.fullmatch(rf"{day} \d\d:\d\d 前", told)
    # Also its own receipt asks for nothing beside the account's cookie.
    (qr,) = [request for request in asked if request.url.endswith(f"/follow/{number}/qr")]
    assert "cookie" not in qr.all_headers()
    sent = [request for request in asked if "/uploads" in request.url or request.url.endswith("/hazards")]
    carried = [request.all_headers() for request in sent]
    assert carried
    assert all(headers["authorization"].startswith("Pass ") and "cookie" not in headers for headers in carried)
    with house.means.db.read() as session:
        hazard = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
        assert hazard.anonymous
        assert hazard.reporter_id is None
    page.goto(phone.address + "/drafts")
    assert page.locator("[data-sent-list] .code").inner_text() == code
    page.get_by_role("button", name="记下了").click()
    page.get_by_text("没有等着发出的").wait_for()
    expect(page.locator("[data-receipts]")).to_be_hidden()
    page.goto(phone.address + "/follow")
    page.fill("#number", number)
    page.fill("#code", code)
    page.locator("form .btn, .bar .btn").last.click()
    page.locator("p.words", has_text="不留姓名").wait_for()


def test_a_tap_on_an_empty_form_leaves_nothing_to_send(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    page.select_option("#place_code", "HBJX-A3")
    send(page)
    page.get_by_text("请至少拍一张").wait_for()
    wait_for_drafts(page, 0)
    page.fill("#description", "先写字，再拍照")
    send(page)
    page.get_by_text("请至少拍一张").wait_for()
    wait_for_drafts(page, 1)
    page.set_input_files("input[data-source=camera]", [picture(8)])
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "先写字，再拍照") == [[sha(picture(8))]]
    wait_for_drafts(page, 0)


def test_a_tap_before_the_queue_is_there_waits_for_it(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    early = phone.context.new_page()
    early.add_init_script("window.requestIdleCallback = () => {};")  # the queue is never begun by itself
    early.add_init_script(PATIENT)
    early.goto(phone.address + "/report")
    fill(early, [picture(41)], "手快了一下")
    with early.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/api/v1/hazards")):
        send(early)
    early.wait_for_url("**/receipt/*")
    assert kept(house, "手快了一下") == [[sha(picture(41))]]


def test_a_photo_is_taken_again_in_its_place(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    first, blurred, last, sharp = (picture(n) for n in (31, 32, 33, 34))
    fill(page, [first, blurred, last], "拍糊了一张")
    saved(page, 3)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="重拍第 2 张").click()
    chooser.value.set_files(sharp)
    wait_for_drafts(page, 1, among=f"draft.photos.length === 3 && draft.photos[1].sha256 === '{sha(sharp)}'")
    # A shot after it is one more, not another one in its place.
    with page.expect_file_chooser() as chooser:
        page.locator(".camera").click()
    chooser.value.set_files(blurred)
    wait_for_drafts(page, 1, among="draft.photos.length === 4")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "拍糊了一张") == [[sha(first), sha(sharp), sha(last), sha(blurred)]]


def test_a_guest_reports_at_a_scanned_place_without_a_network(house: House, phone: Phone):
    with house.means.db.write() as session:
        session.execute(PlaceRow.__table__.update().where(PlaceRow.code == "HBJX-A3").values(allows_guests=True))
    page = phone.page(f"/p/{house.scan_code('HBJX-A3')}")
    phone.context.set_offline(True)
    taken = picture(6)
    fill(page, [taken], "路过看到")
    send(page)
    page.get_by_role("heading", name=KEPT).wait_for()
    phone.context.set_offline(False)
    page.get_by_role("heading", name="已收到").wait_for()
    assert kept(house, "路过看到") == [[sha(taken)]]
    number = page.locator("[data-panel-number]").inner_text()
    code = page.locator("[data-panel-code] .code").inner_text()
    # A code that its person has noted lies on the phone no longer.
    page.get_by_role("button", name="记下了").click()
    page.get_by_text("这台手机不再保存这个码").wait_for()
    assert page.evaluate(ALL_ROWS, "receipts") == []
    followed = Visitor(house).fill("/follow", photos=(), number=number, code=code)
    assert "路过看到" in followed.text
    # A page that is left writes its form down; what has gone must not come back by that.
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'hidden', { value: true, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    other = phone.page("/drafts")
    other.get_by_text("没有等着发出的").wait_for()
    assert drafts(other) == []


@pytest.mark.parametrize("place", ["granted", "denied", "late"])
def test_the_position_at_the_shutter_goes_along_when_there_is_one(house: House, phone: Phone, place: str):
    if place == "granted":
        phone.leave()
        phone.open(geolocation=HERE, permissions=["geolocation"])
    phone.sign_in(house, "lixia")
    page = phone.page()
    if place == "late":
        page.add_init_script(
            """navigator.geolocation.watchPosition = (found) => {
                 const coords = { latitude: 38.0431, longitude: 114.5032, accuracy: 12 };
                 window.arrive = () => found({ coords, timestamp: Date.now() });
                 return 1;
               };"""
        )
    page.goto(phone.address + "/report")
    page.wait_for_selector("form[data-bound]", state="attached")
    with page.expect_file_chooser() as chosen:
        page.locator("label.camera").click()
    if place == "granted":
        wait = (
            "() => new Promise((done) => navigator.geolocation.getCurrentPosition(done, done, { timeout: 9000 }))"
        )
        page.evaluate(wait)
    chosen.value.set_files([picture(7)])
    if place == "late":
        saved(page, 1)
        page.evaluate("arrive()")
    if place != "denied":  # the phone may tell the form a moment after it told this test
        wait_for_drafts(page, 1, among="draft.photos[0].position")
    draft = saved(page, 1)
    position = draft["photos"][0].get("position")
    assert (position is None) == (place == "denied")
    fill(page, [], "位置")
    send(page)
    page.wait_for_url("**/receipt/*")
    number = page.locator(".number").inner_text()
    witnesses = house.read("wangmin", number)["photos"][0]["witnesses"]
    phones = [one for one in witnesses if one["source"] == "phone"]
    assert [round(one["lat"], 4) for one in phones] == ([] if place == "denied" else [HERE["latitude"]])


def test_an_after_photo_without_a_network_is_one_move(house: House, phone: Phone):
    number = house.report("lixia")
    house.accept(number)
    phone.sign_in(house, "zhanglei")
    page = phone.page(f"/tickets/{number}/rectify")
    phone.context.set_offline(True)
    taken = picture(8)
    page.set_input_files("input[data-source=camera]", [taken])
    page.fill("#done", "门锁已换")
    page.click("button.btn[form=act-form]")
    page.get_by_role("heading", name=KEPT).wait_for()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/actions/rectify", lose, times=1)
    phone.context.set_offline(False)
    page.wait_for_url(f"**/tickets/{number}")
    page.get_by_role("status").filter(has_text="整改已提交").wait_for()
    told = house.read("wangmin", number)
    assert told["state"] == "reviewing"
    assert [one["sha256"] for one in told["photos"] if one["stage"] == "after"] == [sha(taken)]
    assert [step["action"] for step in told["timeline"]].count("rectify") == 1
    assert drafts(page) == []


def test_a_move_that_somebody_else_made_first_waits_with_everything(house: House, phone: Phone):
    number = house.report("lixia")
    house.accept(number)
    phone.sign_in(house, "zhanglei")
    page = phone.page(f"/tickets/{number}/rectify")
    phone.context.set_offline(True)
    taken = picture(9)
    page.set_input_files("input[data-source=camera]", [taken])
    page.fill("#done", "我也换了")
    page.click("button.btn[form=act-form]")
    page.get_by_role("heading", name=KEPT).wait_for()
    page.close()
    house.rectify(number)
    phone.context.set_offline(False)
    page = phone.page("/drafts")
    page.get_by_text("别人已经先办了一步").wait_for()
    draft = drafts(page)[0]
    assert draft["stage"] == "attention"
    assert draft["fields"]["done"] == "我也换了"
    with page.expect_download() as file:
        page.get_by_role("button", name="保存到文件").click()
    assert json.loads(file.value.path().read_text())["fields"]["done"] == "我也换了"
    page.get_by_role("button", name="删除").click()
    assert len(drafts(page)) == 1
    page.get_by_role("button", name="确定删除").click()
    wait_for_drafts(page, 0)
