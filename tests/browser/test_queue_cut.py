"""Lines that break and servers that die in the middle of a photo: what was carried is not carried again."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.browser.line import Line, Server
from tests.browser.phone import Phone, drafts, fill, kept, picture, send, sha, wait_for_drafts
from tests.conftest import House

pytestmark = pytest.mark.browser
LARGE, LARGER = 3_000_000, 8_000_000
SLACK = 2 * 1024 * 1024 + 1_000_000
"""What a cut may lose: one piece that Chromium repeats by itself on a fresh line, what lay in the buffers of the
line that was cut, and the requests around it."""


def large(seed: int, *, size: int = LARGE) -> dict[str, Any]:
    """A photo of so many bytes that nothing can squeeze."""
    taken = picture(seed)
    return {**taken, "buffer": taken["buffer"] + os.urandom(size - len(taken["buffer"]))}


@pytest.fixture
def server(house: House) -> Iterator[Server]:
    made = Server(house.beside())
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    made = Line(server.port)
    yield made
    made.end()


@pytest.fixture
def phone(house: House, playwright: Playwright, line: Line, tmp_path: Path) -> Iterator[Phone]:
    house.clock.at = datetime.now(UTC)
    made = Phone(playwright, tmp_path / "profile", line.address)
    made.open()
    made.sign_in(house, "lixia")
    yield made
    made.leave()


def test_a_line_that_is_cut_goes_on_where_it_was(house: House, phone: Phone, line: Line):
    for percent in (10, 50, 99):
        words = f"断在百分之{percent}"
        page = phone.page("/report")
        taken = large(percent, size=LARGER)
        fill(page, [taken], words)
        line.watch(cut_at=LARGER * percent // 100)
        send(page)
        page.wait_for_url("**/receipt/*", timeout=180_000)
        assert line.was_cut.is_set()
        rest = LARGER * (100 - percent) // 100
        assert line.offsets_after_cut, "nothing went on"
        assert min(line.offsets_after_cut) > 0, f"{percent} %: begun anew"
        assert line.after_cut <= rest + SLACK, f"{percent} %: carried {line.after_cut} for the remaining {rest}"
        assert kept(house, words) == [[sha(taken)]]
        assert drafts(page) == []
        page.close()


def test_pieces_grow_on_a_brisk_line(house: House, phone: Phone, line: Line):
    """On a clock that stands still every line is brisk."""
    page = phone.page("/report")
    page.evaluate("performance.now = () => 0")
    offsets: list[int] = []
    page.on("request", lambda asked: offsets.append(int(asked.headers.get("upload-offset", -1))))
    taken = large(7, size=LARGER)
    fill(page, [taken], "信号很好")
    send(page)
    page.wait_for_url("**/receipt/*", timeout=180_000)
    assert kept(house, "信号很好") == [[sha(taken)]]
    assert [at // 1024 for at in offsets if at >= 0] == [0, 512, 1536, 3584, 5632, 7680]


def test_a_server_that_dies_in_the_third_photo_gets_only_what_it_lacks(
    house: House, phone: Phone, line: Line, server: Server
):
    page = phone.page("/report")
    taken = [large(n) for n in (1, 2, 3)]
    fill(page, taken, "第三张时断电")
    line.watch(cut_at=LARGE * 5 // 2, on_cut=server.kill)
    send(page)
    wait_for_drafts(page, 1, among="draft.tries > 0")
    assert line.cut_is_over.wait(60), "the server does not die"
    assert kept(house, "第三张时断电") == []
    assert [draft["stage"] for draft in drafts(page)] == ["queued"]
    server.start()
    # By itself, after a pause that grows while the server is away.
    page.wait_for_url("**/receipt/*", timeout=180_000)
    wait_for_drafts(page, 0)
    assert line.after_cut <= LARGE + SLACK
    assert min(line.offsets_after_cut) > 0, "the third photo was begun anew"
    assert kept(house, "第三张时断电") == [[sha(one) for one in taken]]
