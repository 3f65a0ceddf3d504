"""What may happen to a phone: no room, an older store, a newer app; the drafts outlive it."""

import os
import re
import shutil
from pathlib import Path

import pytest

from app.accounts.marks import account_mark
from app.web.static_files import StaticFiles
from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, until, wait_for_drafts
from tests.conftest import House

pytestmark = pytest.mark.browser
LARGE = 3_000_000
OLD_STORE = """async ({ draft, bytes }) => {
  const asked = indexedDB.open('hazards', 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('drafts', { keyPath: 'client_id' });
    asked.result.createObjectStore('photos', { keyPath: 'id' });
    asked.result.createObjectStore('leases', { keyPath: 'name' });
  };
  const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const change = database.transaction(['drafts', 'photos'], 'readwrite');
  change.objectStore('photos').put({ id: draft.photos[0].id, bytes: new Uint8Array(bytes).buffer });
  change.objectStore('drafts').put(draft);
  await new Promise((done) => { change.oncomplete = done; });
  database.close();
}"""
REFUSE = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (row) {
    if (row.bytes) throw new DOMException('no room', 'QuotaExceededError');
    return put.call(this, row);
  };
}"""
"""Chromium itself counts large values late, so the refusal is made here."""
TELL = "() => { StorageManager.prototype.estimate = async () => ({ usage: 0, quota: 2_500_000 }); }"
"""Chromium tells pages a round number that has nothing to do with its limit; others tell the truth."""


@pytest.mark.parametrize("warned", [True, False], ids=["estimate", "refusal"])
def test_a_full_phone_says_so_before_anything_is_lost(house: House, phone: Phone, warned: bool):  # noqa: FBT001
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    small, large = picture(1), picture(2)
    large["buffer"] += os.urandom(LARGE)
    fill(page, [small], "手机满了")
    wait_for_drafts(page, 1, among="draft.photos.length === 1")
    page.evaluate(TELL if warned else REFUSE)
    page.set_input_files("input[data-source=camera]", [large])
    page.get_by_text("手机存储快满了").wait_for()
    assert page.locator("[data-strip] li").count() == 2
    assert [len(draft["photos"]) for draft in drafts(page)] == [1]
    with page.expect_download():
        page.get_by_role("button", name="保存到文件").click()
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "手机满了") == [[sha(small), sha(large)]]
    phone.page("/drafts").get_by_text("已经直接交上去了").wait_for()


def test_a_draft_of_an_older_store_is_sent_after_the_upgrade(house: House, phone: Phone):
    with house.means.db.read() as session:
        mark = account_mark(session, house.actor("lixia").account_id)
    taken = picture(3)
    draft = {
        "client_id": "0f7d2f0e-9f3c-4c43-8a39-0d8f6d5b4a10",
        "kind": "report",
        "scope": {"account": mark, "name": "李霞"},
        "place": {"page": "/report", "label": ""},
        "fields": {"place_code": "HBJX-A3", "category": "ELEC", "description": "旧版存的"},
        "photos": [{"id": "p1", "size": len(taken["buffer"]), "type": "image/jpeg"}],
        "stage": "queued",
        "made_at": 1_790_000_000_000,
        "tries": 0,
        "next_try_at": 0,
        "not_before": 0,
        "verdict": None,
    }
    page = phone.page("/static/icon.svg")
    page.evaluate(OLD_STORE, {"draft": draft, "bytes": list(taken["buffer"])})
    page.goto(phone.address + "/drafts")
    page.get_by_text("这一条是李霞写的").wait_for()
    phone.sign_in(house, "lixia")
    page.reload()
    wait_for_drafts(page, 0)
    assert kept(house, "旧版存的") == [[sha(taken)]]


def test_drafts_outlive_an_update_of_the_app(
    house: House, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    before = page.locator("script[src*='every-page.js']").get_attribute("src")
    phone.context.set_offline(True)
    taken = picture(4)
    fill(page, [taken], "升级前写的")
    send(page)
    page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
    newer = tmp_path / "static"
    templates = Path(str(house.app.static_folder)).parent / "templates"
    shutil.copytree(str(house.app.static_folder), newer)
    for script in newer.rglob("*.js"):
        script.write_text(script.read_text() + "\n// newer\n")
    monkeypatch.setattr(house.app, "static_folder", str(newer))
    monkeypatch.setitem(house.app.extensions, "static_files", StaticFiles(newer, templates=templates))
    phone.kill()
    phone.open()
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    script = page.locator("script[src*='every-page.js']")
    for _ in range(8):  # the worker shows the page that it kept when a busy server says nothing for three seconds
        if script.get_attribute("src") != before:
            break
        page.reload()
    assert script.get_attribute("src") != before
    wait_for_drafts(page, 0)
    assert kept(house, "升级前写的") == [[sha(taken)]]


def test_an_old_in_app_browser_without_locks_channels_and_hashes_sends_once(house: House, phone: Phone):
    phone.context.add_init_script(
        """{
          Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
          Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });
          delete window.BroadcastChannel;
        }"""
    )
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    other = phone.page("/mine")
    assert page.evaluate("[navigator.locks, crypto.subtle, typeof BroadcastChannel]") == [None, None, "undefined"]
    phone.context.set_offline(True)
    told = []
    for seed in (5, 6):
        taken = picture(seed)
        fill(page, [taken], f"老手机{seed}")
        send(page)
        page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
        told.append([sha(taken)])
        page.get_by_role("button", name="继续上报").click()
    phone.context.set_offline(False)
    for tab in (page, other):
        tab.evaluate("dispatchEvent(new Event('online'))")
    wait_for_drafts(other, 0)
    assert sorted(kept(house, "老手机")) == sorted(told)


def test_a_store_that_is_newer_than_the_page_and_one_that_died_are_opened_anew(house: House, phone: Phone):
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    taken = picture(7)
    fill(page, [taken], "旧页面")
    wait_for_drafts(page, 1, among="draft.photos.length === 1")
    page.evaluate(
        """async () => {
          const asked = indexedDB.open('hazards', 99);
          const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
          database.close();
        }"""
    )
    page.fill("#description", "旧页面还能写")
    wait_for_drafts(page, 1, among="draft.fields.description === '旧页面还能写'")
    page.evaluate(
        """() => {
          const begin = IDBDatabase.prototype.transaction;
          IDBDatabase.prototype.transaction = function () {
            IDBDatabase.prototype.transaction = begin;
            throw new DOMException('the connection is gone', 'InvalidStateError');
          };
        }"""
    )
    send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "旧页面还能写") == [[sha(taken)]]
    assert drafts(page) == [], "the form had to post itself"


def test_a_tab_that_sleeps_with_the_senders_lock_holds_nobody_up(house: House, phone: Phone):
    asleep = phone.page("/static/icon.svg")
    asleep.evaluate("() => { navigator.locks.request('hazards-sender', () => new Promise(() => {})); }")
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    fill(page, [picture(8)], "有一页睡着了")
    send(page)
    page.wait_for_url("**/receipt/*", timeout=60_000)
    assert kept(house, "有一页睡着了") == [[sha(picture(8))]]


def test_without_what_makes_its_code_a_form_that_may_need_one_posts_itself(house: House, phone: Phone):
    # A worker that comes while the page still loads would answer with what it fetched for itself.
    phone.leave()
    phone.open(service_workers="block")
    # Where set-up could fetch nothing it joined nothing either: the modules come one by one.
    one_by_one = f'import "{phone.address}/static/v/none/js/every-page.js";'
    phone.context.route(
        "**/vendor/pages/every-page.js",
        lambda route: route.fulfill(body=one_by_one, content_type="text/javascript"),
    )
    phone.context.route("**/@noble/scrypt.js", lambda route: route.abort())
    phone.sign_in(house, "lixia")
    page = phone.page()
    page.goto(phone.address + "/report")
    fill(page, [picture(9)], "自己提交")
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/report")):
        send(page)
    page.wait_for_url("**/receipt/*")
    assert kept(house, "自己提交") == [[sha(picture(9))]]
    assert drafts(page) == []


def test_a_phone_with_a_sheet_is_given_all_files_at_once(house: House, phone: Phone):
    """Browsers on phones let one download through and block the others."""
    phone.context.add_init_script(
        """{
          const ask = window.matchMedia.bind(window);
          window.matchMedia = (query) => (query === '(pointer: coarse)' ? { matches: true } : ask(query));
          navigator.canShare = () => true;
          navigator.share = async ({ files }) => {
            window.given = files.map(({ name, type, size }) => [name, type, size > 0]);
          };
        }"""
    )
    phone.sign_in(house, "lixia")
    page = phone.page("/report")
    phone.context.route(re.compile(r"/api/|/session$"), lambda route: route.abort())
    fill(page, [picture(1), picture(2)], "存成文件")
    send(page)
    page.get_by_role("heading", name="已存到手机，有网自动发出").wait_for()
    page.goto(phone.address + "/drafts")
    page.get_by_role("button", name="保存到文件").click()
    until(page, "async () => window.given")
    given = page.evaluate("window.given")
    assert [(kind, full) for _name, kind, full in given] == [
        ("image/jpeg", True),
        ("image/jpeg", True),
        ("text/plain", True),
    ]
    assert [name.rpartition(".")[2] for name, *_rest in given] == ["jpg", "jpg", "txt"]
