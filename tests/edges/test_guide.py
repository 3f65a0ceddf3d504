"""Help: one page for each role, in both languages, with links only where this reader may go."""

import re

import pytest

from app.accounts.permissions import Role
from app.web.guide.words import GUIDES


def test_every_role_has_its_page_in_both_languages(house):
    for language, shown in (("zh-CN", "安全员"), ("en", "Safety officer")):
        client = house.browser("wangmin", language=language)
        page = client.get("/guide").get_data(as_text=True)
        assert f"<small>{shown}</small>" in page
        for role in Role:
            answer = client.get(f"/guide/{role}")
            assert answer.status_code == 200
            body = answer.get_data(as_text=True).split('<ol class="steps">')[1].split("</ol>")[0]
            assert body.count("<li>") == len(GUIDES[role].steps)
            assert language == "zh-CN" or not re.search("[一-鿿]", body)


@pytest.mark.parametrize("login", ["lixia", "wangmin", "zhanglei", "liujianguo", "tianye"])
def test_every_link_of_the_own_help_opens(house, login):
    client = house.browser(login)
    body = client.get("/guide").get_data(as_text=True).split('<ol class="steps">')[1].split("</ol>")[0]
    links = re.findall(r'href="([^"]+)"', body)
    assert links
    for href in links:
        assert client.get(href.replace("&amp;", "&"), follow_redirects=True).status_code == 200, href


def test_whoever_is_not_signed_in_is_helped_as_a_worker(house):
    page = house.browser(None).get("/guide").get_data(as_text=True)
    assert "<small>职工</small>" in page


def test_no_such_role_is_not_found(house):
    assert house.browser("wangmin").get("/guide/king").status_code == 404
