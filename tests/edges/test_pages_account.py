import re

import pytest

from app.accounts.invitations import invite
from tests.conftest import PASSWORD
from tests.edges.visitor import Visitor


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("lixia", "/report"),
        ("wangmin", "/inbox"),
        ("zhanglei", "/inbox"),
        ("liujianguo", "/inbox"),
        ("tianye", "/months"),
        (None, "/login"),
    ],
)
def test_each_begins_where_the_own_work_is(house, login, home):
    assert Visitor(house, login).get("/").location == home


def test_signing_in_leads_on_to_where_one_was_going(house):
    visitor = Visitor(house)
    entered = visitor.post("/login", login="lixia", password=PASSWORD, next="/mine")
    assert (entered.status_code, entered.location) == (303, "/mine")
    assert visitor.get("/mine").status_code == 200


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "/\n/e"]
)
def test_signing_in_never_leads_away(house, away):
    assert Visitor(house).post("/login", login="lixia", password=PASSWORD, next=away).location == "/"
    assert Visitor(house).get(f"/language/en?next={away}").location == "/"


@pytest.mark.parametrize("login", ["lixia", "nobody", ""])
def test_a_wrong_password_and_an_unknown_login_look_alike(house, login):
    refused = Visitor(house).post("/login", login=login, password="wrong-password", next="/mine")
    assert refused.status_code == 401
    assert "账号或密码不对" in refused.text
    assert 'name="next" value="/mine"' in refused.text


def test_signing_out_ends_the_session_itself(house):
    visitor = Visitor(house, "lixia")
    stolen = visitor.client.get_cookie("hazards").value
    visitor.post("/logout")
    thief = Visitor(house)
    thief.client.set_cookie("hazards", stolen)
    assert thief.get("/mine").status_code == 303


def test_a_form_without_its_token_changes_nothing(house):
    number = house.report()
    refused = house.browser("lixia").post(f"/tickets/{number}/withdraw", data={"version": "1"})
    assert refused.status_code == 400
    assert "页面已失效" in refused.text
    assert house.state(number) == "submitted"


def test_an_invitation_opens_once(house):
    secret = invite(house.actor("lixia").account_id, at=house.clock(), db=house.means.db)
    path = f"/welcome/{secret}"
    visitor = Visitor(house)
    assert 'value="lixia"' in visitor.get(path).text
    short = visitor.post(path, password="short", password_again="short")
    assert (short.status_code, "至少 10 个字符" in short.text) == (422, True)
    other = visitor.post(path, password="long-enough-1", password_again="long-enough-2")
    assert (other.status_code, "两次输入的密码不一样" in other.text) == (422, True)
    assert visitor.post(path, password="long-enough-1", password_again="long-enough-1").status_code == 303
    assert visitor.get("/mine").status_code == 200
    assert Visitor(house).get(path).status_code == 404


def test_the_language_follows_the_browser_until_it_is_switched(house):
    visitor = Visitor(house, language="en-GB,en;q=0.9")
    assert '<html lang="en">' in visitor.get("/login").text
    switched = visitor.get("/language/zh?next=/login?next=/mine")
    assert switched.location == "/login?next=/mine"
    assert '<html lang="zh-CN">' in visitor.get("/login").text
    assert visitor.get("/language/fr").status_code == 404


def test_text_can_be_large(house):
    visitor = Visitor(house)
    visitor.get("/text-size/large?next=/login")
    assert 'class="large"' in visitor.get("/login").text


def test_errors_are_pages_with_a_way_on(house):
    missing = Visitor(house, "lixia").get("/nothing-here")
    assert missing.status_code == 404
    assert re.search(r'class="btn" href="/"', missing.text)
    assert Visitor(house, "lixia").client.put("/login").status_code == 405


def test_a_failure_tells_nothing_of_itself(house, monkeypatch):
    def fail(*_args, **_more):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.web.reporter.list_page", fail)
    failed = Visitor(house, "lixia").get("/mine")
    assert failed.status_code == 500
    assert "secret detail" not in failed.text
    assert "系统出错了" in failed.text


def test_too_many_attempts_are_told_on_the_login_itself(house, long_minute):
    visitor = Visitor(house)
    answers = [visitor.post("/login", login="lixia", password="wrong") for _ in range(30)]
    held = next((answer for answer in answers if answer.status_code == 429), None)
    assert held is not None
    assert "试得太多了" in held.text
    assert 'id="login-form"' in held.text
