"""Drafts on the phone: written without a network, kept through a killed browser, sent exactly once."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.hazards.models import HazardRow
from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, until, wait_for_drafts
from tests.conftest import PASSWORD, House

pytestmark = pytest.mark.browser
TO_SERVER = re.compile(r"/api/|/session$")
NOT_BY_ITSELF = """{
  const later = setTimeout;
  window.setTimeout = (work, ms, ...more) => (ms >= 1000 ? 0 : later(work, ms, ...more));
}"""
"""No page tries once more after a pause: only when it is opened, tapped or online again."""


def write(page: Page, n: int, *, words: str = "") -> list[str]:
    """The n-th report of a series, sent as far as the phone lets it; the hashes of its photos."""
    taken = [picture(20 * n + k) for k in range(1 + n % 2)]
    fill(page, taken, words or f"第{n}条")
    send(page)
    page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
    return [sha(one) for one in taken]


@dataclass
class Film:
    """Pictures of the way without a network, numbered in their order."""

    folder: Path | None = None
    taken: int = 0

    def take(self, page: Page, name: str) -> None:
        if self.folder is not None:
            self.taken += 1
            page.screenshot(path=self.folder / f"offline-{self.taken}-{name}.png")


def write_five(phone: Phone, page: Page, film: Film | None = None) -> list[list[str]]:
    film = film or Film()
    film.take(page, "form")
    phone.context.set_offline(True)
    told = []
    for n in range(1, 6):
        told.append(write(page, n))
        if n == 1:
            film.take(page, "kept")
        if n < 5:
            page.get_by_role("button", name="继续上报").click()
    assert [draft["stage"] for draft in drafts(page)] == ["queued"] * 5
    return told


def test_a_report_goes_from_the_camera_to_its_receipt(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    taken = [picture(11), picture(12)]
    fill(page, taken, "线头裸露")
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "线头裸露") == [[sha(one) for one in taken]]
    assert drafts(page) == []
    assert phone.faults == []


def test_three_taps_lead_from_a_scanned_code_to_its_receipt(house: House, phone: Phone):
    """Camera, category, send; the shutter itself is the camera's."""
    phone.sign_in(house, "lixia")
    phone.context.add_init_script(
        "addEventListener('pointerdown', () => { sessionStorage.taps = 1 + (+sessionStorage.taps || 0); }, true)"
    )
    page = phone.page(f"/p/{house.scan_code('HBJX-A3')}")
    with page.expect_file_chooser() as chooser:
        page.locator(".camera").click()
    taken = picture(13)
    chooser.value.set_files(taken)
    page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
    send(page)
    page.wait_for_url("**/receipt/*")
    assert page.evaluate("Number(sessionStorage.taps)") == 3
    with house.means.db.read() as session:
        number = page.url.rsplit("/", 1)[1]
        sent = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
        assert (sent.category, sent.description or "", sent.place_id is not None) == ("ELEC", "", True)


def test_five_drafts_of_a_killed_browser_become_exactly_five_hazards(
    house: House, phone: Phone, screenshots: Path | None
):
    film = Film(screenshots)
    phone.sign_in(house, "lixia")
    told = write_five(phone, phone.page("/report"), film)
    phone.kill()
    phone.open()
    phone.sign_in(house, "lixia")
    # Both tabs stand open without a way to the server, until it is there for both at once.
    phone.context.route(TO_SERVER, lambda route: route.abort())
    pages = [phone.page(path) for path in ("/mine", "/drafts")]
    pages[1].get_by_text("没有网络，有网自动发出").first.wait_for()
    film.take(pages[0], "counted")
    film.take(pages[1], "waiting")
    assert len(drafts(pages[1])) == 5
    phone.context.unroute_all()
    for page in pages:
        page.evaluate("dispatchEvent(new Event('online'))")
    for page in pages:
        wait_for_drafts(page, 0)
    film.take(pages[1], "sent")
    assert sorted(kept(house, "第")) == sorted(told)
    assert phone.faults == []


@pytest.mark.parametrize("trouble", ["portal", "broken"])
def test_a_stranger_who_answers_everything_and_a_broken_server_lose_nothing(
    house: House, phone: Phone, trouble: str
):
    phone.context.add_init_script(NOT_BY_ITSELF)
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    told = write_five(phone, page)
    answered = []

    def answer(route: Route) -> None:
        answered.append(route.request.url)
        if trouble == "portal":
            route.fulfill(status=200, content_type="text/html", body="<h1>Welcome! Buy minutes.</h1>")
        else:
            route.fulfill(status=500, content_type="text/plain", body="oops")

    phone.context.route(TO_SERVER, answer)
    # What is still under way of the last one ends without a network; and the list alone sends from now on.
    page.close()
    phone.context.set_offline(False)
    other = phone.page("/drafts")
    until(other, "async () => navigator.onLine")
    why = "portal" if trouble == "portal" else "server"
    # The first is tried; the others need not each find out.
    first = "draft.fields.description === '第1条'"
    wait_for_drafts(other, 1, among=f"{first} && draft.tries > 0 && draft.verdict?.why === '{why}'")
    assert answered
    assert len(drafts(other)) == 5
    assert kept(house, "第") == []
    phone.context.unroute_all()
    other.locator("li", has_text="第1条").get_by_role("button", name="现在发送").click()
    wait_for_drafts(other, 0, among=first)
    other.evaluate("dispatchEvent(new Event('online'))")
    wait_for_drafts(other, 0)
    assert sorted(kept(house, "第")) == sorted(told)


def test_an_ended_session_keeps_the_draft_until_its_person_signs_in(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    phone.context.set_offline(True)
    told = write(page, 1)
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    page = phone.page("/drafts")
    page.get_by_text("登录后自动发送").wait_for()
    assert drafts(page)[0]["verdict"]["kind"] == "login"
    page.get_by_role("link", name="登录").click()
    page.fill("#login", "lixia")
    page.fill("#password", PASSWORD)
    page.click("button.btn[form=login-form]")
    page.wait_for_url(phone.address + "/drafts")  # not the one after `next=`
    wait_for_drafts(page, 0)
    assert kept(house, "第") == [told]


def test_a_draft_is_never_sent_in_another_persons_name(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    phone.context.set_offline(True)
    told = write(page, 1, words="第一条是李霞写的")
    phone.sign_in(house, "zhaoqiang")
    phone.context.set_offline(False)
    other = phone.page("/drafts")
    other.get_by_text("不会用别人的名字发出").wait_for()
    # The list may be there before it has heard who reads it.
    expect(other.get_by_text("第一条是李霞写的")).to_have_count(0)
    expect(other.get_by_role("button", name="现在发送")).to_have_count(0)
    assert kept(house, "第") == []
    for left in (page, other):
        # What is still under way as the other person would give her cookie back.
        left.goto("about:blank")
    phone.sign_in(house, "lixia")
    other.goto(phone.address + "/drafts")
    wait_for_drafts(other, 0)
    assert kept(house, "第") == [told]
    with house.means.db.read() as session:
        reporter = session.execute(
            select(HazardRow.reporter_id).where(HazardRow.description.startswith("第"))
        ).scalar_one()
    assert reporter == house.actor("lixia").account_id
