"""Drafts on the phone: written without a network, through a killed browser, sent once, forgotten only on a receipt."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import select

from app.evidence.models import PhotoRow
from app.hazards.models import HazardRow
from tests.browser.phone import Phone, drafts, fill, picture, send, sha, wait_for_drafts
from tests.conftest import House

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def phone(house: House, playwright: Playwright, address: str, tmp_path: Path) -> Iterator[Phone]:
    house.clock.at = datetime.now(UTC)
    made = Phone(playwright, tmp_path / "profile", address)
    made.open()
    yield made
    made.leave()


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
