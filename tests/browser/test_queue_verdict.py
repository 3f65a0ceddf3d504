"""The queue's pure judgement, row by row, in the browser that runs it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from app.hazards.following import opens

pytestmark = pytest.mark.browser

JSON = "application/json"
PROBLEM = "application/problem+json; charset=utf-8"
HTML = "text/html; charset=utf-8"
REPORT = {"client_id": "a", "hashes": ["1", "2"]}
RECEIPT = {
    "number": "HZ-1",
    "receipt": {"client_id": "a", "photos": [{"sha256": "1", "bytes": 1}, {"sha256": "2", "bytes": 1}]},
}
MOVE = {"number": "HZ-1", "action": "rectify", "version": 3, "hashes": ["9"]}
MOVED = {
    "number": "HZ-1",
    "timeline": [{"version": 3, "action": "accept"}, {"version": 4, "action": "rectify"}],
    "photos": [{"sha256": "1"}, {"sha256": "9"}],
}
SAID = {"version": 4, "action": "rectify", "detail": {"done": "换了锁\n加了盖板"}}


def receipt(client_id: str = "a", *hashes: str) -> dict[str, Any]:
    return {"number": "HZ-1", "receipt": {"client_id": client_id, "photos": [{"sha256": h} for h in hashes]}}


def problem(status: int, code: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "type": PROBLEM, "body": {"code": code, "title": "说明", **more}}


def faults(code: str) -> dict[str, Any]:
    return {"errors": {"photos": [{"code": code, "message": "这一项不行"}]}}


SENT = {"kind": "sent"}
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a full receipt of a new report": ({"status": 201, "type": JSON, "body": RECEIPT}, SENT),
    "a full receipt of the same again": ({"status": 200, "type": JSON, "body": RECEIPT}, SENT),
    "a receipt of another report": (
        {"status": 200, "type": JSON, "body": receipt("b", "1", "2")},
        {"kind": "retry", "why": "stranger"},
    ),
    "a receipt that lacks a photo": (
        {"status": 200, "type": JSON, "body": receipt("a", "1")},
        {"kind": "retry", "why": "stranger"},
    ),
    "a receipt with another photo": (
        {"status": 201, "type": JSON, "body": receipt("a", "1", "3")},
        {"kind": "retry", "why": "stranger"},
    ),
    "JSON of somebody else": ({"status": 200, "type": JSON, "body": {"ok": True}}, {"kind": "retry"}),
    "a captive portal": ({"status": 200, "type": HTML}, {"kind": "retry", "why": "portal", "road": True}),
    "a full receipt that calls itself HTML": (
        {"status": 200, "type": HTML, "body": RECEIPT},
        {"kind": "retry", "why": "portal"},
    ),
    "an opaque redirect": ({"status": 0, "opaque": True}, {"kind": "retry", "why": "portal", "road": True}),
    "a redirect that was followed elsewhere": (
        {"status": 200, "type": JSON, "body": RECEIPT, "redirected": True},
        {"kind": "retry", "why": "portal"},
    ),
    "nobody is signed in": (problem(401, "not_signed_in"), {"kind": "login", "why": "login"}),
    "a portal that says 401": ({"status": 401, "type": HTML}, {"kind": "retry", "why": "portal"}),
    "the role is gone": (
        problem(403, "forbidden"),
        {"kind": "attention", "why": "forbidden", "sentences": ["说明"]},
    ),
    "the move is closed": (problem(403, "not_open"), {"kind": "attention", "why": "forbidden"}),
    "the token is old": (problem(400, "csrf"), {"kind": "retry", "mend": "token"}),
    "the body was cut": (problem(400, "bad_request", reason="cut_short"), {"kind": "retry", "why": "network"}),
    "the body cannot be read": (
        problem(400, "bad_request", reason="no_json"),
        {"kind": "attention", "why": "refused"},
    ),
    "a portal that says 403": ({"status": 403, "type": HTML}, {"kind": "retry", "why": "portal"}),
    "the place is gone": (problem(404, "not_found"), {"kind": "attention", "why": "gone"}),
    "the same id with other content": (
        problem(409, "client_id_reused"),
        {"kind": "attention", "why": "reused"},
    ),
    "too large": (problem(413, "too_large"), {"kind": "attention", "why": "too_large"}),
    "too large for a proxy": ({"status": 413, "type": HTML}, {"kind": "attention", "why": "too_large"}),
    "no photo": (problem(415, "unsupported_media"), {"kind": "attention", "why": "no_photo"}),
    "a photo never arrived": (
        problem(422, "invalid", **faults("photo_missing")),
        {"kind": "retry", "mend": "upload"},
    ),
    "fields": (
        problem(422, "invalid", **faults("too_long")),
        {"kind": "attention", "why": "fields", "sentences": ["这一项不行"]},
    ),
    "too often": (
        {**problem(429, "too_many"), "retryAfter": "7"},
        {"kind": "retry", "why": "busy", "after": 7},
    ),
    "too often for a proxy": (
        {"status": 429, "type": HTML, "retryAfter": "9"},
        {"kind": "retry", "why": "busy", "after": 9},
    ),
    "a bug": (problem(500, "internal"), {"kind": "retry", "why": "server"}),
    "a proxy without a server": ({"status": 502, "type": HTML}, {"kind": "retry", "why": "server"}),
    "cannot be kept now": (
        {**problem(503, "unavailable"), "retryAfter": "30"},
        {"kind": "retry", "why": "full", "after": 30},
    ),
    "the disk is full": (
        {**problem(507, "out_of_space"), "retryAfter": "60"},
        {"kind": "retry", "why": "full", "after": 60},
    ),
    "no network": ({"networkError": True}, {"kind": "retry", "why": "network", "road": True}),
    "no answer in time": ({"timedOut": True}, {"kind": "retry", "why": "slow", "road": True}),
    "JSON that is none": ({"status": 200, "type": JSON}, {"kind": "retry", "why": "portal"}),
    "JSON that is a list": ({"status": 201, "type": JSON, "body": [RECEIPT]}, {"kind": "retry"}),
    "a refusal in words that are not ours": (
        {"status": 422, "type": JSON, "body": {"code": "invalid"}},
        {"kind": "retry", "why": "portal"},
    ),
    "a pause of years is not believed": (
        {**problem(503, "unavailable"), "retryAfter": "999999999"},
        {"kind": "retry", "after": 86400},
    ),
}
WITHOUT_NAME = {**REPORT, "nameless": True}
OTHER_ROWS: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "a pass that was spent": (
        "verdict",
        WITHOUT_NAME,
        problem(401, "not_signed_in", reason="pass_spent"),
        {"kind": "retry", "mend": "pass"},
    ),
    "a place that takes no guests any more": (
        "verdict",
        WITHOUT_NAME,
        problem(401, "not_signed_in"),
        {"kind": "attention", "why": "guests"},
    ),
    "an upload that is gone": (
        "verdict",
        {**REPORT, "upload": True},
        problem(404, "not_found"),
        {"kind": "retry", "mend": "upload"},
    ),
    "an upload that stands elsewhere": (
        "verdict",
        {**REPORT, "upload": True},
        problem(409, "offset_conflict"),
        {"kind": "retry", "why": "busy"},
    ),
    "an upload that came altered": (
        "verdict",
        {**REPORT, "upload": True},
        problem(460, "upload_altered"),
        {"kind": "retry", "mend": "upload"},
    ),
    "a move that was made": ("verdict", MOVE, {"status": 200, "type": JSON, "body": MOVED}, SENT),
    "a move of another version": (
        "verdict",
        {**MOVE, "version": 2},
        {"status": 200, "type": JSON, "body": MOVED},
        {"kind": "retry", "why": "stranger"},
    ),
    "a move that lacks our photo": (
        "verdict",
        {**MOVE, "hashes": ["8"]},
        {"status": 200, "type": JSON, "body": MOVED},
        {"kind": "retry", "why": "stranger"},
    ),
    "somebody was quicker": (
        "verdict",
        MOVE,
        problem(409, "version_conflict"),
        {"kind": "retry", "mend": "compare"},
    ),
    "compared, it was us": ("afterConflict", MOVE, {"status": 200, "type": JSON, "body": MOVED}, SENT),
    "compared, it was somebody else": (
        "afterConflict",
        {**MOVE, "hashes": ["8"]},
        {"status": 200, "type": JSON, "body": MOVED},
        {"kind": "attention", "why": "moved"},
    ),
    "compared, the same photo of an earlier repair does not count": (
        "afterConflict",
        {**MOVE, "version": 4},
        {"status": 200, "type": JSON, "body": MOVED},
        {"kind": "attention", "why": "moved"},
    ),
    "compared, it was us in other words": (
        "afterConflict",
        {**MOVE, "words": {"done": "后来改的话"}},
        {"status": 200, "type": JSON, "body": {**MOVED, "timeline": [SAID]}},
        {"kind": "attention", "why": "moved"},
    ),
    "compared, the same words but for what the server evens out": (
        "afterConflict",
        {**MOVE, "words": {"done": " 换了锁\r\n加了盖板 "}},
        {"status": 200, "type": JSON, "body": {**MOVED, "timeline": [SAID]}},
        SENT,
    ),
    "comparing failed": ("afterConflict", MOVE, {"networkError": True}, {"kind": "retry", "why": "network"}),
    "comparing met a stranger": (
        "afterConflict",
        MOVE,
        {"status": 200, "type": HTML},
        {"kind": "retry", "why": "portal"},
    ),
}
JUDGE = """async ([name, answer]) =>
  JSON.parse(JSON.stringify((await import('/static/js/queue/verdict.js'))[name](answer)))"""


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context()
    opened = context.new_page()
    # Nothing of the product runs there: a page of it would send the drafts of these tests, and judge them itself.
    opened.goto(address + "/static/icon.svg")
    yield opened
    context.close()


def test_every_answer_has_its_verdict(page: Page):
    rows = [(name, "verdict", REPORT, answer, meant) for name, (answer, meant) in ROWS.items()]
    rows += [(name, *row) for name, row in OTHER_ROWS.items()]
    wrong = {}
    for name, judge, wanted, answer, meant in rows:
        judged = page.evaluate(JUDGE, [judge, {**answer, "wanted": wanted}])
        if {key: judged.get(key) for key in meant} != meant:
            wrong[name] = judged
    assert wrong == {}


def test_only_an_answer_that_names_everything_lets_the_phone_forget(page: Page):
    """Whatever one thing is taken from a full receipt: it is no receipt any more."""
    whole = {"status": 201, "type": JSON, "body": RECEIPT, "wanted": REPORT}
    assert page.evaluate(JUDGE, ["verdict", whole])["kind"] == "sent"
    spoilt = [
        {**whole, "status": 204},
        {**whole, "type": ""},
        {**whole, "body": {**RECEIPT, "number": None}},
        {**whole, "body": {"number": "HZ-1"}},
        {**whole, "body": {**RECEIPT, "receipt": {**RECEIPT["receipt"], "photos": []}}},
        {**whole, "body": {**RECEIPT, "receipt": {"photos": RECEIPT["receipt"]["photos"]}}},
        {**whole, "wanted": {**REPORT, "hashes": ["2", "1"]}},
        {**whole, "wanted": {**REPORT, "hashes": ["1", "2", "3"]}},
    ]
    kinds = [page.evaluate(JUDGE, ["verdict", one])["kind"] for one in spoilt]
    assert "sent" not in kinds


def test_pauses_grow_differ_and_honour_the_server(page: Page):
    pause = "async ([tries, how]) => (await import('/static/js/queue/pauses.js')).pauseBefore(tries, how)"
    mean = [page.evaluate(pause, [tries, {"chance": 0.5}]) for tries in range(1, 12)]
    assert mean == sorted(mean)
    assert mean[0] <= 2500
    assert mean[-1] <= 5 * 60_000
    assert page.evaluate(pause, [3, {"chance": 0}]) != page.evaluate(pause, [3, {"chance": 0.9}])
    assert page.evaluate(pause, [1, {"after": 90, "chance": 0}]) >= 90_000


def test_pieces_grow_while_the_line_is_brisk_and_no_further(page: Page):
    sizes = """async (took) => {
      const { SMALLEST, nextPiece } = await import('/static/js/queue/pieces.js');
      const sizes = [SMALLEST];
      for (const ms of took) sizes.push(nextPiece(sizes.at(-1), ms));
      return sizes.map((size) => size / 1024);
    }"""
    assert page.evaluate(sizes, [900, 900, 900, 900]) == [512, 1024, 2048, 2048, 2048]
    assert page.evaluate(sizes, [200, 3000, 3000, 200]) == [512, 1024, 1024, 1024, 2048]
    assert page.evaluate(sizes, [200, 200, 5000, 60_000]) == [512, 1024, 2048, 512, 512]


def test_typed_times_are_of_the_units_own_clock(page: Page):
    told = "async ([zone, typed]) => (await import('/static/js/queue/payload.js')).instantIn(zone, typed)"
    assert page.evaluate(told, ["Asia/Shanghai", "2026-11-26T08:30"]) == "2026-11-26T00:30:00.000Z"
    assert page.evaluate(told, ["Europe/Berlin", "2026-07-01T08:30"]) == "2026-07-01T06:30:00.000Z"
    assert page.evaluate(told, ["Asia/Shanghai", "soon"]) == "soon"


def test_hashes_and_codes_are_the_servers_own(page: Page):
    """Without `crypto.subtle`, as on a page without HTTPS, the library gives the same hash."""
    both = page.evaluate(
        """async () => {
          const { sha256, newClaim, newId } = await import('/static/js/queue/secrets.js');
          const bytes = crypto.getRandomValues(new Uint8Array(50000)).buffer;
          const quick = await sha256(bytes);
          Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined });
          return { quick, own: await sha256(bytes), claim: await newClaim(), id: newId() };
        }"""
    )
    assert both["quick"] == both["own"]
    assert opens(both["claim"]["claim_hash"], both["claim"]["code"])
    assert not opens(both["claim"]["claim_hash"], "AAAA-AAAA-AAAA")
    assert UUID(both["id"]).version == 4


def test_whoever_lost_the_lease_writes_nothing(page: Page):
    told = page.evaluate(
        """async () => {
          const { newDraft, saveDraft, changeDraft, finishDraft, draftOf, allReceipts } =
            await import('/static/js/queue/drafts.js');
          const { alone } = await import('/static/js/queue/alone.js');
          const made = newDraft({ kind: 'report', scope: { guest: 'x' } });
          const draft = await saveDraft({ ...made, stage: 'queued' });
          const stale = await alone(async (lease) => lease); // it has ended since
          const refused = [];
          const tries = [
            () => changeDraft(draft.client_id, () => ({ tries: 9 }), { lease: stale }),
            () => finishDraft(draft, { client_id: draft.client_id }, { lease: stale }),
          ];
          for (const attempt of tries) {
            try { await attempt(); } catch (error) { refused.push(error.constructor.name); }
          }
          const { tries: tried } = await draftOf(draft.client_id);
          return { refused, tries: tried, receipts: (await allReceipts()).length };
        }"""
    )
    assert told == {"refused": ["Overtaken", "Overtaken"], "tries": 0, "receipts": 0}


def test_a_receipt_takes_only_the_draft_that_was_sent(page: Page):
    told = page.evaluate(
        """async () => {
          const { newDraft, saveDraft, takeUp, finishDraft, draftOf } =
            await import('/static/js/queue/drafts.js');
          const about = { kind: 'report', scope: { guest: 'x' } };
          const made = async () => saveDraft({ ...newDraft(about), stage: 'queued' });
          const [same, again, open] = [await made(), await made(), await made()];
          // Taken back, changed and queued once more; and taken back and still open.
          const back = await takeUp(again.client_id);
          await saveDraft({ ...back, stage: 'queued', fields: { description: 'other' } });
          await takeUp(open.client_id);
          for (const sent of [same, again, open]) await finishDraft(sent, { client_id: sent.client_id });
          const left = async ({ client_id }) => {
            const row = await draftOf(client_id);
            return row ? [row.stage, row.verdict.why] : null;
          };
          return [await left(same), await left(again), await left(open)];
        }"""
    )
    assert told == [None, ["attention", "reused"], ["editing", "reused"]]
