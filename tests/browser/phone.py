"""A phone as the tests hold it: a browser with a profile of its own that can be killed and opened again."""

import contextlib
import hashlib
import os
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from app.evidence.models import PhotoRow
from app.hazards.models import HazardRow
from tests.conftest import House
from tests.photos import photo

PHONE = {"width": 390, "height": 844}
ALL_ROWS = """async (store) => {
  const given = (request) => new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
    setTimeout(fail, 60000, new Error('the store says nothing')); // a test would wait for ever
  });
  const database = await given(indexedDB.open('hazards'));
  const rows = await given(database.transaction([store]).objectStore(store).getAll());
  database.close();
  return rows.map((row) => JSON.parse(JSON.stringify(row)));
}"""


@dataclass
class Phone:
    """One person's phone; `profile` outlives the browser."""

    playwright: Playwright
    profile: Path
    address: str
    language: str = "zh-CN"
    faults: list[str] = field(default_factory=list)
    _context: BrowserContext | None = None

    def open(self, **more: Any) -> BrowserContext:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        self._context = self.playwright.chromium.launch_persistent_context(
            self.profile, executable_path=path, args=["--no-sandbox"], viewport=PHONE, locale=self.language, **more
        )
        self._context.set_default_timeout(30_000)
        return self._context

    @property
    def context(self) -> BrowserContext:
        return self._context or self.open()

    def page(self, path: str = "", *, wait: bool = True) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        if path:
            page.goto(self.address + path)
            if wait and page.locator("form[data-queue]").count():
                page.wait_for_selector("form[data-bound]", state="attached")
        return page

    def kill(self) -> None:
        """Take its battery out: every process of this profile dies at once."""
        mark = f"--user-data-dir={self.profile}".encode()
        killed = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal() and mark in _told(folder / "cmdline"):
                with contextlib.suppress(ProcessLookupError):  # another one took it along
                    os.kill(int(folder.name), signal.SIGKILL)
                killed.append(folder)
        with contextlib.suppress(PlaywrightError):  # it is gone already
            self.leave()
        # A signal is sent, not obeyed yet: until then the profile is the old browser's, and a new one ends.
        deadline = time.monotonic() + 60
        while not all(map(_is_dead, killed)):
            assert time.monotonic() < deadline, "the browser does not die"
            time.sleep(0.05)

    def leave(self) -> None:
        if self._context is not None:
            context, self._context = self._context, None
            context.close()

    def close(self, page: Page) -> None:
        """Close a page, and wait until the browser has let go of the draft that was written there.

        It does so a moment after the page is gone; a page that is opened meanwhile takes the draft for another's.
        """
        draft = page.evaluate("document.documentElement.dataset.writing || ''")
        page.close()
        beside = self.page("/static/icon.svg")
        let_go(beside, draft)
        beside.close()

    def sign_in(self, house: House, login: str) -> None:
        """As this person; the session is the only one on the phone afterwards."""
        (cookie,) = house.browser(login)._cookies.values()
        self.context.add_cookies(
            [
                {
                    "name": cookie.key,
                    "value": cookie.value,
                    "url": self.address,
                    "expires": 4_000_000_000,  # a browser that is killed keeps no cookie of its session
                }
            ]
        )


def _told(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _is_dead(process: Path) -> bool:
    """Whether nothing of it runs any more, so that all it held is free; its parent may not have noticed yet."""
    stat = _told(process / "stat")
    try:
        threads = len(list((process / "task").iterdir()))
    except OSError:
        threads = 0
    return not stat or (stat.rpartition(b")")[2].split()[0] in {b"Z", b"X"} and threads <= 1)


def picture(seed: int, *, size: tuple[int, int] = (640, 480)) -> dict[str, Any]:
    """A photo as the camera input gets it; its hash is `sha(picture)`."""
    return {"name": f"IMG_{seed}.jpg", "mimeType": "image/jpeg", "buffer": photo(size=size, seed=seed)}


def sha(taken: dict[str, Any]) -> str:
    return hashlib.sha256(taken["buffer"]).hexdigest()


def fill(page: Page, photos: list[dict[str, Any]], words: str, *, place: str = "HBJX-A3") -> None:
    """Write a report, up to the last tap."""
    for taken in photos:
        page.set_input_files("input[data-source=camera]", [taken])
    if place and page.locator("select#place_code").count():
        page.select_option("#place_code", place)
    page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
    page.fill("#description", words)


def send(page: Page) -> None:
    page.click("button.btn[form=report-form]")


def until(page: Page, question: str, *, seconds: int = 60) -> None:
    """Ask the page until this asynchronous question is answered yes, at most for so many seconds.

    Playwright's own waiting takes a promise for a yes, and asks again by `eval`, which our pages forbid.
    """
    page.evaluate(
        f"""async () => {{
          for (let asked = 0; asked < {seconds * 40}; asked += 1) {{
            const late = new Promise((_, fail) => setTimeout(fail, 60000, new Error('no answer')));
            if (await Promise.race([({question})(), late])) return;
            await new Promise((go) => setTimeout(go, 25));
          }}
          throw new Error('never so');
        }}"""
    )


def let_go(page: Page, draft: str) -> None:
    """Until no page holds this draft: one that was closed may do so until its process is gone."""
    is_held = f"held.some((it) => it.name === 'hazards-draft-{draft}')"
    until(page, f"() => navigator.locks.query().then(({{ held }}) => !{is_held})")


def drafts(page: Page) -> list[dict[str, Any]]:
    """The drafts on this phone, as they lie in its database."""
    return page.evaluate(ALL_ROWS, "drafts")


def wait_for_drafts(page: Page, count: int, *, among: str = "true") -> None:
    """Until so many drafts (of those for which `among` holds) lie on this phone; asked of the database itself."""
    page.evaluate(
        f"""async (count) => {{
          const rows = {ALL_ROWS};
          const until = Date.now() + 90000;
          while ((await rows('drafts')).filter((draft) => {among}).length !== count) {{
            if (Date.now() > until) throw new Error(JSON.stringify(await rows('drafts')));
            await new Promise((next) => setTimeout(next, 100));
          }}
        }}""",
        count,
    )


def kept(house: House, words: str) -> list[list[str]]:
    """The hashes of the photos of every hazard with these words."""
    with house.means.db.read() as session:
        ids = session.execute(
            select(HazardRow.id).where(HazardRow.description.startswith(words)).order_by(HazardRow.id)
        ).scalars()
        return [
            list(
                session.execute(
                    select(PhotoRow.sha256).where(PhotoRow.hazard_id == hazard_id).order_by(PhotoRow.n)
                ).scalars()
            )
            for hazard_id in ids
        ]
