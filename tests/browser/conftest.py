"""A real Chromium on a live server; `--screenshots DIR` keeps what it saw."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.phone import Phone
from tests.conftest import House
from tests.serving import serving

# Long enough for a machine that does something else beside: what is waited for is not how fast it comes.
expect.set_options(timeout=30_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="DIR", help="keep a picture of each page of the browser walk")


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    wanted = request.config.getoption("--screenshots", default=None)
    if not wanted:
        return None
    folder = Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine")
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    # The service worker fetches the whole shell for each new phone, and answers what a test would answer itself:
    # it is allowed where it is looked at.
    without = partial(browser.new_context, service_workers="block")
    browser.new_context = without  # type: ignore[method-assign]
    yield browser
    browser.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """Where the house answers over real HTTP."""
    with serving(house.app) as at:
        yield at


@pytest.fixture
def phone(house: House, playwright: Playwright, address: str, tmp_path: Path) -> Iterator[Phone]:
    """A phone of its own, which may be killed and opened again."""
    # The browser's clock is the real one.
    house.clock.at = datetime.now(UTC)
    made = Phone(playwright, tmp_path / "profile", address)
    made.open()
    yield made
    made.leave()
