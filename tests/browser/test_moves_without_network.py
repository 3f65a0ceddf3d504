"""A repair is photographed where there is no signal: the form of a move opens there, with its before-photo."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.core.errors import NotFound
from tests.browser.phone import picture, until
from tests.browser.test_phone_shell import KEPT, Phone, phone  # noqa: F401

pytestmark = pytest.mark.browser
DRAWN = "image => image.complete && image.naturalWidth > 0"


def ticket(phone: Phone, **told: Any) -> str:  # noqa: F811
    number = phone.house.report("lixia", **told)
    phone.house.accept(number)
    phone.house.work()
    return number


def has_kept(page: Page, *paths: str) -> None:
    until(page, f"() => ({KEPT})().then(kept => {list(paths)}.every(path => kept.includes(path)))")


def seen(phone: Phone, number: str, action: str = "rectify") -> None:  # noqa: F811
    """The ticket is opened while there is a network, and what it names is kept."""
    phone.open(f"/tickets/{number}")
    phone.settle()
    has_kept(phone.page, f"/tickets/{number}/{action}", f"/hazards/{number}/photos/1/display")


def state(phone: Phone, number: str) -> str:  # noqa: F811
    return str(phone.house.read("wangmin", number)["state"])


def test_a_ticket_seen_once_can_be_repaired_without_network(phone: Phone):  # noqa: F811
    number = ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    phone.context.set_offline(True)
    page = phone.open(f"/tickets/{number}")
    expect(page.locator("h1")).to_have_text("没有网络")
    page.get_by_role("link", name=re.compile("提交整改")).click()
    page.wait_for_selector("form[data-bound]", state="attached")
    before = page.locator("[data-photos] img").first
    until(page, f"() => ({DRAWN})(document.querySelector('[data-photos] img'))")
    assert before.get_attribute("src") == f"/hazards/{number}/photos/1/display"
    page.set_input_files("input[data-source=camera]", [picture(3)])
    page.fill("#done", "配电箱门已装好")
    page.click("button.btn[form=act-form]")
    page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
    assert state(phone, number) == "rectifying"
    phone.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_url(f"**/tickets/{number}")
    assert state(phone, number) == "reviewing"
    # The move is made: seen again, nothing of it is offered any more.
    until(page, f"() => ({KEPT})().then(kept => !kept.some(path => path.includes('{number}')))")


def test_when_it_was_finished_goes_on_until_the_photo_is_taken(phone: Phone):  # noqa: F811
    number = ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    phone.context.set_offline(True)
    phone.page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=2))
    page = phone.open(f"/tickets/{number}/rectify")
    page.wait_for_selector("form[data-bound]", state="attached")
    expect(page.locator("#finished_at")).to_have_value(re.compile(r"2026-11-02T11:0\d"))
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=3))
    page.set_input_files("input[data-source=camera]", [picture(3)])
    expect(page.locator("#finished_at")).to_have_value(re.compile(r"2026-11-02T12:0\d"))
    page.fill("#finished_at", "2026-11-02T11:30")
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=9))
    page.set_input_files("input[data-source=camera]", [picture(4)])
    expect(page.locator("#finished_at")).to_have_value("2026-11-02T11:30")


def test_a_page_that_has_just_come_says_the_servers_own_time(phone: Phone):  # noqa: F811
    number = ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    phone.house.clock.forward(hours=1)
    just_now = phone.house.clock().isoformat()
    for _ in range(8):  # the worker shows the form that it kept when a busy server says nothing for three seconds
        page = phone.open(f"/tickets/{number}/rectify")
        if page.locator("form[data-made]").get_attribute("data-made") == just_now:
            break
    page.wait_for_selector("form[data-bound]", state="attached")
    page.wait_for_timeout(500)
    expect(page.locator("#finished_at")).to_have_value("2026-11-02T10:00")


def test_the_twelve_moves_seen_last_are_kept(phone: Phone):  # noqa: F811
    numbers = [ticket(phone) for _ in range(13)]
    phone.sign_in("zhanglei")
    for number in numbers:
        seen(phone, number)
    # The worker puts the thirteenth there first, then lets the first go, and its picture last.
    until(phone.page, f"() => ({KEPT})().then(kept => !kept.some(path => path.includes('{numbers[0]}')))")
    kept = phone.page.evaluate(KEPT)
    moves = [path for path in kept if path.startswith("/tickets/")]
    assert moves == [f"/tickets/{it}/rectify" for it in numbers[1:]]
    assert {f"/hazards/{it}/photos/1/display" for it in numbers[1:]} <= set(kept)


def test_what_is_no_longer_this_persons_to_do_is_not_kept(phone: Phone):  # noqa: F811
    number, other = ticket(phone), ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    seen(phone, other)
    phone.house.rectify(number)  # from another phone
    assert "整改" in phone.open(f"/tickets/{number}/rectify").locator("main").inner_text()
    until(phone.page, f"() => ({KEPT})().then(kept => !kept.some(path => path.includes('{number}')))")
    has_kept(phone.page, f"/tickets/{other}/rectify")
    phone.sign_in("lixia")
    phone.open("/report")
    until(phone.page, f"() => ({KEPT})().then(kept => kept.join() === '/report')")


def test_a_kept_picture_stands_in_its_form_and_never_for_the_servers_word(phone: Phone, monkeypatch):  # noqa: F811
    def gone(*_: Any, **__: Any) -> Any:
        raise NotFound

    number = ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    monkeypatch.setattr("app.web.reporter.picture_key", gone)
    phone.open(f"/hazards/{number}/photos/1/display?now")  # past what the browser itself still has of it
    expect(phone.page.locator("body")).to_contain_text("404")


def test_signing_out_takes_the_moves_and_their_pictures_along(phone: Phone):  # noqa: F811
    number = ticket(phone)
    phone.sign_in("zhanglei")
    seen(phone, number)
    page = phone.open("/report")
    page.locator("summary.pill").first.click()
    page.get_by_role("button", name="退出").click()
    phone.page.wait_for_url("**/login")
    until(phone.page, f"() => ({KEPT})().then(kept => kept.length === 0)")
    phone.context.set_offline(True)
    page = phone.open(f"/tickets/{number}/rectify")
    expect(page.locator("h1")).to_have_text("没有网络")
    expect(page.locator("[data-kept-moves]")).to_be_hidden()


def test_the_picture_of_a_move_that_was_kept_while_it_was_being_made_comes_later(phone: Phone):  # noqa: F811
    number = phone.house.report("lixia")
    phone.house.accept(number)
    phone.sign_in("zhanglei")
    phone.open(f"/tickets/{number}")
    phone.settle()
    has_kept(phone.page, f"/tickets/{number}/rectify")
    phone.house.work()
    seen(phone, number)


def test_its_reporter_objects_to_a_closure_without_network(phone: Phone):  # noqa: F811
    number = ticket(phone)
    phone.house.rectify(number)
    phone.house.close(number)
    phone.sign_in("lixia")
    phone.open(f"/hazards/{number}")
    phone.settle()
    has_kept(phone.page, f"/tickets/{number}/object")
    phone.context.set_offline(True)
    expect(phone.open(f"/tickets/{number}/object").locator("#text")).to_be_visible()
