"""The pages of the queue in both languages and sizes: whole, in one language, and usable by everybody."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.phone import fill, picture, send
from tests.browser.test_for_everybody import ENGINE, violations
from tests.browser.test_walk import SIZES, Walk, walk  # noqa: F401  # the fixture

pytestmark = pytest.mark.browser
TO_SERVER = re.compile(r"/api/|/session$")
WAITING = """async ([account, colour]) => {
  const { newDraft, saveDraft } = await import('/static/js/queue/drafts.js');
  const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 200 });
  const brush = canvas.getContext('2d');
  brush.fillStyle = colour;
  brush.fillRect(0, 0, 200, 200);
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg'));
  const told = [
    ['queued', { kind: 'retry', why: 'network' }, account, 0],
    ['queued', { kind: 'retry', why: 'portal' }, account, 0],
    ['queued', { kind: 'login', why: 'login' }, account, 30 * 3600000],
    ['queued', { kind: 'login', why: 'other' }, 'another', 0],
    ['attention', { kind: 'attention', why: 'moved' }, account, 0],
    ['attention', { kind: 'attention', why: 'reused' }, account, 0],
    ['editing', null, account, 0],
  ];
  for (const [stage, verdict, scope, age] of told) {
    const moved = { number: 'HZ-2026-000001', action: 'rectify', title: '李霞' };
    const target = verdict && verdict.why === 'moved' ? moved : undefined;
    const place = { page: '/report', label: '' };
    const kind = target ? 'move' : 'report';
    const draft = newDraft({ kind, scope: { account: scope, name: '李霞' }, place, target });
    const bytes = await blob.arrayBuffer();
    await saveDraft({
      ...draft, stage, verdict: verdict && { sentences: [], ...verdict }, made_at: Date.now() - age,
      next_try_at: Date.now() + 3600000, not_before: Date.now() + 3600000, fields: { description: '李霞' },
      photos: [{ id: draft.client_id, size: bytes.byteLength, type: 'image/jpeg' }],
    }, [{ id: draft.client_id, bytes }]);
  }
}"""


def see(walk: Walk, page: Page, name: str) -> None:  # noqa: F811
    walk.look(page, name)
    page.evaluate(ENGINE)
    assert violations(page) == [], f"{name} {walk.language} {walk.size}"


@pytest.mark.parametrize(("size", "large"), [("phone", False), ("phone", True), ("desk", False)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_waits_is_told_whole_in_both_languages(
    walk: Walk,  # noqa: F811
    language: str,
    size: str,
    large: bool,  # noqa: FBT001
):
    assert size in SIZES
    walk.language, walk.size, walk.large = language, size, large
    page = walk.sit_down("lixia")
    page.goto(walk.address + "/drafts")
    see(walk, page, "drafts-none" + "-large" * large)
    account = page.evaluate("async () => (await (await fetch('/session')).json()).account")
    page.evaluate(WAITING, [account, "#446"])
    page.reload()
    page.locator(".draft").nth(6).wait_for()
    see(walk, page, "drafts" + "-large" * large)
    page.goto(walk.address + "/mine")
    page.locator("[data-unsent]:not([hidden])").wait_for()
    see(walk, page, "unsent" + "-large" * large)
    page.route(TO_SERVER, lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Wi-Fi</p>"))
    page.goto(walk.address + "/report")
    page.wait_for_selector("form[data-bound]", state="attached")
    page.locator("[data-offer]:not([hidden])").wait_for()
    see(walk, page, "report-offer" + "-large" * large)
    send(page)
    page.locator("[data-queue-faults]:not([hidden])").wait_for()
    see(walk, page, "report-lacking" + "-large" * large)
    fill(page, [picture(1)], "李霞")
    send(page)
    page.locator("[data-panel]:not([hidden])").wait_for()
    see(walk, page, "report-kept" + "-large" * large)
