"""The guide of each role is one screen, in both languages and sizes."""

import pytest

from tests.browser.test_walk import SIZES, Walk, walk  # noqa: F401  # the fixture

pytestmark = pytest.mark.browser
GUIDES = {
    "worker": "lixia",
    "officer": "wangmin",
    "rectifier": "zhanglei",
    "head": "liujianguo",
    "reviewer": "tianye",
    "admin": "hbjx-admin",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_roles_guide_is_one_screen(walk: Walk, language: str, size: str):  # noqa: F811
    walk.language, walk.size = language, size
    for role, login in GUIDES.items():
        page = walk.sit_down(login)
        page.goto(f"{walk.address}/guide")
        tall, wide = page.evaluate(
            "() => [document.documentElement.scrollHeight - innerHeight,"
            " document.documentElement.scrollWidth - innerWidth]"
        )
        assert (max(tall, 0), max(wide, 0)) == (0, 0), (role, language, size)
