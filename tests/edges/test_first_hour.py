"""The first hour of a new administrator: no dead ends, and every page says what comes next."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app.factory import create_app
from app.first_steps import first_link
from app.units.workbook_words import COLUMNS, Sheet, field_of_heading, role_of
from config import Settings
from tests.conftest import FakeClock, House
from tests.edges.test_import_pages import upload
from tests.edges.visitor import Visitor
from tests.integration.workbooks import GOOD, workbook

PASSWORD = "first-hour-password"  # a test's
GONE = "这个链接已经用过、过期或换了新的。设过密码就直接登录；没设过，请向本单位管理员再要一个。"
PAPERS = ("/setup", "/places/sheet?unit=HBJX-3", "/places/HBJX-A3/poster", "/people/invitations")
WARNING = "手机打不开 127.0.0.1。请先设置 PUBLIC_URL，再打印二维码或发链接。"


@pytest.fixture
def clean(tmp_path: Path, decoder):
    """An installation without the demo organisation."""
    app = create_app(Settings.from_environment({"DATA": str(tmp_path), "DEMO": "0"}), clock=(clock := FakeClock()))
    with app.app_context():
        upgrade()
    house = House(app, clock, decoder)
    yield house
    house.means.db.engine.dispose()


@pytest.fixture
def admin(house: House) -> Visitor:
    return Visitor(house, "hbjx-admin")


def path_of(link: str | None) -> str:
    return re.search(r"/welcome/[\w-]+", link or "")[0]


def main_of(page: str) -> str:
    return re.sub(r"[0-9a-f]{16,}", "", page[page.index("<main") :])


def test_a_used_a_replaced_an_expired_and_an_unknown_link_say_the_same(clean: House):
    replaced, expired = path_of(first_link(clean.means)), path_of(first_link(clean.means))
    answers = [Visitor(clean).get(replaced), Visitor(clean).get("/welcome/" + "x" * 43)]
    assert Visitor(clean).get(expired).status_code == 200
    clean.clock.forward(days=60)
    answers += [Visitor(clean).get(expired)]
    answers += [Visitor(clean).post("/welcome/" + "x" * 43, password="a", password_again="b")]
    answers += [Visitor(clean).post(replaced, password=PASSWORD, password_again=PASSWORD)]
    fresh = path_of(first_link(clean.means))
    done = Visitor(clean).post(fresh, password=PASSWORD, password_again=PASSWORD)
    assert done.status_code == 303
    answers += [Visitor(clean).get(fresh), Visitor(clean).post(fresh, password="a", password_again="b")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({main_of(answer.text) for answer in answers}) == 1
    assert GONE in answers[0].text
    assert re.search(r'href="/login">去登录', answers[0].text)


def test_another_page_that_is_not_there_does_not_speak_of_links(house: House):
    assert GONE not in Visitor(house).get("/nowhere").text


def test_a_rule_that_could_go_to_nobody_leads_to_adding_a_person(clean: House):
    visitor = Visitor(clean)
    visitor.post(path_of(first_link(clean.means)), password=PASSWORD, password_again=PASSWORD)
    page = visitor.get("/rules/new").text
    assert "本单位和上级单位还没有安全员，先添加一位，或给下级单位加规则。" in page
    assert 'href="/people/add?unit=ROOT"' in page
    assert ">保存<" not in page


def test_a_rule_that_can_go_to_somebody_can_be_kept(admin: Visitor):
    page = admin.get("/rules/new?unit=HBJX-3").text
    assert ">保存<" in page
    assert "/people/add" not in page


def test_the_dry_run_shows_what_is_to_be_checked(admin: Visitor):
    page = re.sub(r"</?b>", "", upload(admin, workbook(**GOOD)).text)
    for line in (
        "一班 · 上级 新车间 · 班组",
        "新车间 · 上级 华北机械厂 · 车间或部门 · 20 人",
        "李四 · 安全员 · 新车间",
        "张三 · 职工 · 一班",
        "王五 · 整改责任人（新车间） · 一班",
        "新车间大门 · 新车间 · 访客可报",
        "仓库 · 新车间 · 仅限职工",
    ):
        assert line in page, line


def test_the_list_of_the_first_hour_leads_to_messages_and_absences(admin: Visitor):
    page = admin.get("/setup").text
    for way in ("/messages/channels", "/absence"):
        assert re.search(rf'<a class="whole" href="{way}"', page)
        assert admin.get(way).status_code == 200


@pytest.mark.parametrize("page", PAPERS)
def test_what_is_printed_or_handed_out_warns_while_only_this_machine_can_be_reached(admin: Visitor, page: str):
    assert WARNING in admin.get(page).text


@pytest.mark.parametrize("page", PAPERS)
def test_it_is_silent_once_phones_can_reach_it(house: House, page: str, monkeypatch):
    settings = replace(house.means.settings, public_url="http://hazards.example.cn")
    admin = Visitor(house, "hbjx-admin")
    monkeypatch.setitem(house.app.extensions, "runtime", replace(house.means, settings=settings))
    assert "PUBLIC_URL" not in admin.get(page).text


def test_a_link_and_slips_warn_too(admin: Visitor):
    fields = {"name": "张三", "unit": "HBJX-3", "role": "worker"}
    assert WARNING in admin.post("/people/add", **fields).text
    assert WARNING in admin.post("/people/invitations", unit="HBJX-3", **{"as": "slips"}).text


def test_the_workbook_says_the_pages_words_and_takes_the_old_ones():
    assert [column.chinese for column in COLUMNS[Sheet.UNITS]][2] == "级别"
    assert {field_of_heading(Sheet.UNITS, text) for text in ("级别", "层级", "层级\nLevel *", "Level")} == {"kind"}
    assert {field_of_heading(Sheet.UNITS, text) for text in ("单位编号", "编号", "代码")} == {"code"}
    assert {field_of_heading(Sheet.PEOPLE, text) for text in ("单位编号", "单位代码 *")} == {"unit"}
    assert {role_of(text) for text in ("整改人", "整改人 Rectifier", "整改责任人", "整改责任人 Rectifier")} == {
        "rectifier"
    }


def test_a_new_place_offers_its_next_steps_once(admin: Visitor):
    done = admin.post("/setup/units/HBJX-3/places/new", name="新点位", position="", datum="wgs84", code="")
    fresh, again = admin.get(done.location).text, admin.get(done.location).text
    near = fresh[fresh.index("点位已建好") : fresh.index("基本情况")]
    assert 'href="/places/sheet?unit=HBJX-3">打印二维码' in near
    assert 'href="/setup/units/HBJX-3/places/new">再建一个' in near
    assert "再建一个" not in again
