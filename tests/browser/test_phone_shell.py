"""The report page on a phone in a real Chromium: opens without network, belongs to one person, weighs little."""

import functools
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import update

from app.units.models import PlaceRow
from tests.browser.phone import until
from tests.conftest import House

pytestmark = pytest.mark.browser
READY = "() => navigator.serviceWorker.getRegistration().then((it) => Boolean(it && it.active))"
KEPT = """async () => {
  const pages = await caches.open('pages');
  return (await pages.keys()).map(it => new URL(it.url).pathname);
}"""
WRITE_DRAFT = """() => new Promise((done, failed) => {
  const asked = indexedDB.open('told', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('drafts');
  asked.onerror = failed;
  asked.onsuccess = () => {
    const writing = asked.result.transaction('drafts', 'readwrite', {durability: 'strict'});
    writing.objectStore('drafts').put(new Blob(['original']), 'one');
    writing.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
READ_DRAFT = """() => new Promise((done, failed) => {
  const asked = indexedDB.open('told', 1);
  asked.onerror = failed;
  asked.onsuccess = () => {
    const got = asked.result.transaction('drafts').objectStore('drafts').get('one');
    got.onsuccess = () => got.result.text().then(done);
  };
})"""


class Phone:
    """A phone's browser that keeps what it was told, and whoever holds it."""

    def __init__(self, house: House, chromium: Browser, address: str) -> None:
        self.house, self.address = house, address
        self.context: BrowserContext = chromium.new_context(
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            service_workers="allow",
        )
        self.page: Page = self.context.new_page()

    def sign_in(self, login: str) -> None:
        cookie = self.house.browser(login).get_cookie("hazards")
        self.context.add_cookies([{"name": "hazards", "value": cookie.value, "url": self.address}])

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def settle(self) -> None:
        """Wait until the worker works and has kept the pages it was told of."""
        until(self.page, READY)
        until(self.page, f"() => ({KEPT})().then(kept => kept.includes('/report'))")
        until(self.page, "() => navigator.serviceWorker.controller !== null")

    def reloaded_until(self, question: str) -> None:
        """Load the page anew, as people do, until the question is answered yes.

        The browser looks for another worker, and that one for pages that are still open, once for each load.
        """
        for attempt in range(8):
            self.page.reload()
            try:
                until(self.page, question, seconds=10)
            except PlaywrightError:
                if attempt == 7:
                    raise
            else:
                return


@pytest.fixture
def phone(house: House, chromium: Browser, address: str) -> Iterator[Phone]:
    held = Phone(house, chromium, address)
    yield held
    held.context.close()


def name_on(page: Page) -> str:
    return page.locator("summary.pill span").first.inner_text()


def test_after_one_visit_the_report_page_opens_without_network_and_any_other_says_so(phone: Phone):
    phone.sign_in("lixia")
    phone.open("/mine")
    phone.settle()
    phone.context.set_offline(True)
    page = phone.open("/report")
    expect(page.locator("#report-form")).to_be_visible()
    styled = page.evaluate("getComputedStyle(document.querySelector('footer .btn:not(.ghost)')).backgroundColor")
    assert styled == "rgb(0, 82, 155)"
    page = phone.open("/hazards")
    expect(page.locator("h1")).to_have_text("没有网络")
    page.get_by_role("link", name="去上报").click()
    expect(page.locator("#report-form")).to_be_visible()
    phone.context.set_offline(False)
    page = phone.open("/hazards")
    expect(page.locator("h1")).not_to_have_text("没有网络")


def test_a_scanned_place_opens_without_network_for_a_guest_who_has_been_there(phone: Phone):
    with phone.house.means.db.write() as session:
        session.execute(update(PlaceRow).where(PlaceRow.code == "HBJX-A3").values(allows_guests=True))
    scanned = f"/p/{phone.house.scan_code('HBJX-A3')}"
    phone.open(scanned)
    until(phone.page, READY)
    until(phone.page, "() => navigator.serviceWorker.controller !== null")
    phone.open(scanned)
    until(phone.page, f"() => ({KEPT})().then(kept => kept.includes('{scanned}'))")
    phone.context.set_offline(True)
    expect(phone.open(scanned).locator("h1")).to_contain_text("冲压线 A3")


@pytest.mark.parametrize(("code", "shown"), [("HBJX-A3", "冲压线 A3"), ("Zq3-never-seen_before", "刚扫的点位")])
def test_a_place_never_scanned_before_is_filled_in_without_network(phone: Phone, code: str, shown: str):
    phone.sign_in("lixia")
    phone.open("/mine")
    phone.settle()
    phone.context.set_offline(True)
    page = phone.open(f"/p/{code}")
    expect(page.locator("#place_code")).to_have_value(code)
    assert shown in page.locator("#place_code option:checked").inner_text()


def test_after_signing_out_nothing_of_the_person_opens_without_network(phone: Phone):
    phone.sign_in("lixia")
    phone.open("/report")
    phone.settle()
    name = name_on(phone.page)
    phone.page.locator("summary.pill").first.click()
    phone.page.get_by_role("button", name="退出").click()
    phone.page.wait_for_url("**/login")
    until(phone.page, f"() => ({KEPT})().then(kept => kept.length === 0)")
    phone.context.set_offline(True)
    page = phone.open("/report")
    expect(page.locator("h1")).to_have_text("没有网络")
    assert name not in page.content()


def test_a_page_that_comes_when_its_person_has_left_is_not_kept(phone: Phone, monkeypatch):
    views, is_asked, may_come = phone.house.app.view_functions, threading.Event(), threading.Event()
    view = views["reporter.report"]

    @functools.wraps(view)
    def slowly() -> Any:
        answer = view()
        is_asked.set()
        may_come.wait(60)
        return answer

    monkeypatch.setitem(views, "reporter.report", slowly)
    phone.sign_in("lixia")
    phone.open("/mine")  # from here the worker asks for the report page
    try:
        assert is_asked.wait(60)
        until(phone.page, "() => navigator.serviceWorker.controller !== null")
        phone.page.evaluate("document.querySelector('form[action$=\"/logout\"]').requestSubmit()")
        phone.page.wait_for_url(re.compile(r"/login$"))
    finally:
        may_come.set()
    phone.page.wait_for_timeout(2000)  # now it comes, and the worker may do what it must not
    assert phone.page.evaluate(KEPT) == []
    phone.context.set_offline(True)
    expect(phone.open("/report").locator("h1")).to_have_text("没有网络")


def test_another_persons_page_takes_the_place_of_the_former_ones(phone: Phone):
    phone.sign_in("lixia")
    phone.open("/p/HBJX-A3")
    phone.settle()
    former = name_on(phone.open("/p/HBJX-A3"))
    phone.sign_in("wangmin")
    phone.open("/report")
    until(phone.page, f"() => ({KEPT})().then(kept => kept.join() === '/report')")
    phone.context.set_offline(True)
    page = phone.open("/report")
    assert name_on(page) != former
    assert name_on(phone.open("/p/HBJX-A3")) != former


def test_an_ended_session_is_sent_to_the_login_and_its_page_is_not_shown_again(phone: Phone):
    phone.sign_in("lixia")
    phone.open("/report")
    phone.settle()
    phone.context.clear_cookies()
    phone.open("/report")
    phone.page.wait_for_url(re.compile(r"/login\?"))
    until(phone.page, f"() => ({KEPT})().then(kept => kept.length === 0)")


def test_a_server_that_stumbles_and_a_page_that_is_not_ours_do_not_take_the_report_page_away(
    phone: Phone, monkeypatch
):
    phone.sign_in("lixia")
    phone.open("/report")
    phone.settle()
    app = phone.house.app
    for status, body in ((503, "away"), (200, "<h1>Wi-Fi 登录</h1>")):

        def elsewhere(status: int = status, body: str = body) -> Any:
            return app.make_response((body, status))

        with monkeypatch.context() as patch:
            patch.setitem(app.view_functions, "reporter.report", elsewhere)
            patch.setattr("app.edge.entrance._hold_to_policy", lambda: None)
            patch.setattr("app.web.phone.shell._KEPT", type("Never", (), {"fullmatch": lambda *_: None}))
            patch.setitem(app.before_request_funcs, None, [])
            expect(phone.open("/report").locator("#report-form")).to_be_visible()
    assert phone.page.evaluate(KEPT) == ["/report"]


def test_a_draft_survives_an_update_which_waits_until_no_other_page_is_open(phone: Phone, monkeypatch):
    phone.sign_in("lixia")
    phone.open("/report")
    phone.settle()
    phone.page.evaluate(WRITE_DRAFT)
    before = phone.page.evaluate("caches.keys()")
    second = phone.context.new_page()
    second.goto(phone.address + "/report")
    second.fill("#description", "写到一半")

    monkeypatch.setattr("app.web.phone.shell._version", lambda _folder: "another00000")
    phone.reloaded_until("() => navigator.serviceWorker.getRegistration().then(it => it.waiting !== null)")
    phone.page.reload()
    assert second.input_value("#description") == "写到一半"
    assert set(before) <= set(phone.page.evaluate("caches.keys()"))

    second.close()
    phone.reloaded_until(
        "() => caches.keys().then(names => names.join().includes('files-another') && "
        "names.filter(it => it.startsWith('files-')).length === 1)",
    )
    assert phone.page.evaluate(READ_DRAFT) == "original"
    phone.context.set_offline(True)
    expect(phone.open("/report").locator("#report-form")).to_be_visible()


def test_the_worker_keeps_no_answer_of_the_api_no_picture_and_no_other_page(phone: Phone):
    phone.sign_in("lixia")
    phone.open("/report")
    phone.settle()
    for path in ("/mine", "/account", "/guide"):
        phone.open(path)
    phone.page.evaluate("fetch('/api/v1/me').then(it => it.status)")
    kept = phone.page.evaluate(
        """async () => {
          const out = [];
          for (const name of await caches.keys())
            for (const it of await (await caches.open(name)).keys()) out.push(new URL(it.url).pathname);
          return out;
        }"""
    )
    odd = [
        path for path in kept if not path.startswith("/static/") and path not in {"/offline", "/report", "/drafts"}
    ]
    assert odd == []


def test_the_first_load_of_the_report_page_is_ten_requests_and_a_hundred_kilobytes_at_most(
    phone: Phone, record_property
):
    """Counted up to the moment when the phone's own store stands behind the form.

    The worker fetches what it keeps afterwards: that is not needed to use the page, and is not counted.
    """
    seen: dict[str, dict[str, Any]] = {}
    phone.sign_in("lixia")
    watch = phone.context.new_cdp_session(phone.page)
    watch.send("Network.enable")
    watch.send("Network.setCacheDisabled", {"cacheDisabled": False})
    watch.on(
        "Network.requestWillBeSent", lambda it: seen.setdefault(it["requestId"], {"url": it["request"]["url"]})
    )
    watch.on("Network.loadingFinished", lambda it: seen[it["requestId"]].update(bytes=it["encodedDataLength"]))
    phone.page.goto(phone.address + "/report", wait_until="load")
    phone.page.wait_for_selector("form[data-bound]", state="attached")
    told = [it for it in seen.values() if it["url"].startswith("http")]
    for _ in range(600):  # the browser may tell of an end a moment after the page has used what came
        if all("bytes" in it for it in told):
            break
        phone.page.wait_for_timeout(50)
    total = sum(it.get("bytes", 0) for it in told)
    record_property("figures", f"first load of the report page: {len(told)} requests, {total} B")
    assert all("bytes" in it for it in told), json.dumps(told, indent=1)
    assert len(told) <= 10, json.dumps(told, indent=1)
    assert total <= 100_000, json.dumps(told, indent=1)
