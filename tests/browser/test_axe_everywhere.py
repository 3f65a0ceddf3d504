"""Pages that no walk passes, under axe at both sizes and in both languages; and the guide, which is one screen."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.test_walk import SIZES, Walk, walk  # noqa: F401  # the fixture
from tests.conftest import House

pytestmark = pytest.mark.browser
GUIDES = {
    "worker": "lixia",
    "officer": "wangmin",
    "rectifier": "zhanglei",
    "head": "liujianguo",
    "reviewer": "tianye",
    "admin": "hbjx-admin",
}


def under_axe(page: Page, where: str) -> None:
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == [], where


def furnish(house: House) -> str:
    """One hazard closed, one overdue-to-be; the closed one's number."""
    closed = house.report()
    house.accept(closed)
    house.rectify(closed)
    house.close(closed)
    house.accept(house.report())
    house.work()
    return closed


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_beside_the_walks_has_a_violation(walk: Walk, language: str, size: str):  # noqa: F811
    walk.language, walk.size = language, size
    number, month = furnish(walk.house), datetime.now(UTC).strftime("%Y-%m")
    pages = {
        None: ("/login", "/follow", "/offline"),
        "lixia": (f"/receipt/{number}", "/mine", f"/hazards/{number}", "/hazards", "/account"),
        "wangmin": ("/map", "/numbers", "/numbers/gallery", "/messages", "/messages/preferences"),
        "tianye": ("/months", f"/months/{month}/HBJX", f"/months/{month}/HBJX/on_time"),
    }
    for login, paths in pages.items():
        page = walk.sit_down(login)
        for path in paths:
            answer = page.goto(walk.address + path)
            assert answer is not None
            assert answer.status == 200, path
            under_axe(page, f"{path} {language} {size}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_roles_guide_is_one_screen(walk: Walk, language: str, size: str):  # noqa: F811
    walk.language, walk.size = language, size
    for role, login in GUIDES.items():
        page = walk.sit_down(login)
        page.goto(f"{walk.address}/guide")
        under_axe(page, f"guide {role} {language} {size}")
        tall, wide = page.evaluate(
            "() => [document.documentElement.scrollHeight - innerHeight,"
            " document.documentElement.scrollWidth - innerWidth]"
        )
        assert (max(tall, 0), max(wide, 0)) == (0, 0), (role, language, size)
