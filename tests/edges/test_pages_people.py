"""The people's pages: who may open them, links shown once, passwords, roles, and what a refused form keeps."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from app.accounts.models import AccountRow
from app.accounts.permissions import Role
from app.core.changes import ChangeRow
from app.units.staff import NewPerson, grant_role, make_person
from tests.conftest import PASSWORD, House
from tests.edges.visitor import Visitor, faults_of
from tests.integration.hazard_world import add_person

ADMIN = "hbjx-admin"
PAGES = ("/people", "/people/add", "/people/import", "/people/import/template", "/people/invitations")


def secret_in(page: str) -> str:
    found = re.search(r"/welcome/([\w-]{40,})", page)
    assert found, page
    return found[1]


def add(house: House, **fields) -> str:
    told = {"name": "张三", "unit": "HBJX-3-A", "role": "worker", "login": "", **fields}
    answer = Visitor(house, ADMIN).post("/people/add", **told)
    assert answer.status_code == 200, answer.text
    return answer.text


def changes(house: House, login: str) -> list[tuple[dict, dict]]:
    with house.means.db.read() as session:
        rows = session.execute(
            select(ChangeRow).where(ChangeRow.subject == login).order_by(ChangeRow.id)
        ).scalars()
        return [(row.before, row.after) for row in rows]


@pytest.mark.parametrize("path", PAGES)
def test_only_administrators_enter(house, path):
    assert Visitor(house, ADMIN).get(path).status_code == 200
    for login in ("lixia", "wangmin", "liujianguo", "tianye"):
        assert Visitor(house, login).get(path).status_code == 403
    assert Visitor(house).get(path).status_code == 303


@pytest.mark.parametrize("login", ["maling", "rmyy-admin", "tianye", "nobody"])
def test_a_foreign_person_answers_exactly_like_an_absent_one(house, login):
    visitor = Visitor(house, ADMIN)
    absent = visitor.get("/people/person/nobody-at-all")
    for path in ("", "/leave", "/leave?role=officer&unit=RMYY", "/move?unit=HBJX"):
        answer = visitor.get(f"/people/person/{login}{path}")
        assert answer.status_code == 404
        if not path:
            same = [
                re.sub(r"404 · [0-9a-f]+|value=\"[\w.-]+\"", "", page)
                for page in (answer.text.replace(login, "nobody-at-all"), absent.text)
            ]
            assert same[0] == same[1]
    for act in ("invite", "reset", "name", "roles", "enable", "leave", "move"):
        fields = {"name": "某某", "role": "worker", "unit": "HBJX"}
        assert visitor.post(f"/people/person/{login}/{act}", **fields).status_code == 404
    with house.means.db.read() as session:
        assert session.execute(select(ChangeRow).where(ChangeRow.subject == login)).first() is None


def test_the_list_shows_ones_own_people_and_nobody_elses(house):
    page = Visitor(house, ADMIN).get("/people").text
    assert "李霞" in page
    assert "王敏" in page
    assert "马玲" not in page
    assert "田野" not in page


def test_the_list_is_searched_and_narrowed(house):
    add(house, name="没登录的人")
    visitor = Visitor(house, ADMIN)
    assert "王敏" not in visitor.get("/people?q=李").text
    assert "李霞" in visitor.get("/people?q=LIX").text
    assert "赵强" not in visitor.get("/people?unit=HBJX-3").text
    officers = visitor.get("/people?role=officer").text
    assert "陈军" in officers
    assert "李霞" not in officers
    waiting = visitor.get("/people?only=waiting").text
    assert "没登录的人" in waiting
    assert "李霞" not in waiting
    assert visitor.get("/people?unit=RMYY").status_code == 404
    assert "没有找到人" in visitor.get("/people?q=%25").text


def test_pages_of_the_list_hold_everybody_once(house):
    for n in range(60):
        with house.means.db.write() as session:
            home = session.execute(select(AccountRow.home_unit_id).where(AccountRow.login == "lixia")).scalar_one()
            session.add(AccountRow(login=f"many-{n:02d}", name="同名", home_unit_id=home, made_at=house.clock()))
    visitor, seen, path = Visitor(house, ADMIN), [], "/people"
    while path:
        page = visitor.get(path).text
        seen += re.findall(r"/people/person/([\w-]+)\"", page)
        further = re.search(r'href="([^"]*after=[^"]*)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert len(seen) == len(set(seen)) == 60 + 7


def test_a_new_person_gets_a_link_with_its_code_once_and_signs_in(house):
    page = add(house, login="zhangsan")
    assert "<svg" in page
    secret = secret_in(page)
    assert secret not in Visitor(house, ADMIN).get("/people/person/zhangsan").text
    newcomer = Visitor(house)
    done = newcomer.post(f"/welcome/{secret}", password=PASSWORD, password_again=PASSWORD)
    assert done.status_code == 303
    assert newcomer.get("/report").status_code == 200
    assert newcomer.get(f"/welcome/{secret}").status_code == 404
    (_before, made), (_none, link) = changes(house, "zhangsan")
    assert made == {"login": "zhangsan", "name": "张三", "unit": "HBJX-3-A", "roles": "worker@HBJX-3-A"}
    assert list(link) == ["link_until"]
    assert secret not in str(changes(house, "zhangsan"))


def test_a_missing_login_is_made_from_the_unit_and_never_twice(house):
    assert "hbjx3a-001" in add(house)
    assert "hbjx3a-002" in add(house)


def test_a_refused_form_keeps_what_was_typed_and_names_every_fault(house):
    refused = Visitor(house, ADMIN).post("/people/add", name="", unit="HBJX-3", login="LIXIA", role="officer")
    assert refused.status_code == 422
    assert sorted(faults_of(refused)) == ["login", "name"]
    assert 'value="LIXIA"' in refused.text
    assert re.search(r'value="officer" checked', refused.text)
    assert re.search(r'value="HBJX-3" selected', refused.text)


@pytest.mark.parametrize("unit", ["RMYY", "SZH", "NONE"])
def test_nobody_is_added_or_given_a_role_outside_ones_units(house, unit):
    visitor = Visitor(house, ADMIN)
    assert faults_of(visitor.post("/people/add", name="某", unit=unit, role="worker")) == ["unit"]
    elsewhere = visitor.post("/people/add", name="某", unit="HBJX", role="admin", role_unit=unit)
    assert elsewhere.status_code == 422
    assert visitor.post("/people/person/lixia/roles", role="admin", unit=unit).status_code == 422
    assert [grant.role for grant in house.actor("lixia").grants] == [Role.WORKER]


def test_a_renewed_link_kills_the_old_one_and_a_week_kills_both(house):
    old = secret_in(add(house, login="zhangsan"))
    new = secret_in(Visitor(house, ADMIN).post("/people/person/zhangsan/invite").text)
    assert Visitor(house).get(f"/welcome/{old}").status_code == 404
    assert Visitor(house).get(f"/welcome/{new}").status_code == 200
    house.clock.forward(days=7)
    assert Visitor(house).get(f"/welcome/{new}").status_code == 404
    assert "待邀请" in Visitor(house, ADMIN).get("/people/person/zhangsan").text


def test_resetting_ends_the_password_sessions_and_tokens_at_once(house):
    hers = Visitor(house, "wangmin")
    house.token("wangmin")
    secret = secret_in(Visitor(house, ADMIN).post("/people/person/wangmin/reset").text)
    assert hers.get("/account").status_code == 303
    assert house.api("wangmin", "GET", "/me").status_code == 401
    assert Visitor(house).post("/login", login="wangmin", password=PASSWORD).status_code == 401
    fresh = "another-long-password"
    Visitor(house).post(f"/welcome/{secret}", password=fresh, password_again=fresh)
    assert Visitor(house).post("/login", login="wangmin", password=fresh).status_code == 303


def test_inviting_somebody_with_a_password_is_refused(house):
    assert Visitor(house, ADMIN).post("/people/person/wangmin/invite").status_code == 422


def test_an_account_with_a_role_above_cannot_be_taken_over_from_below(house):
    add_person(house, "mighty", Role.ADMIN, "SZH")
    with house.means.db.write() as session:
        home = session.execute(select(AccountRow.home_unit_id).where(AccountRow.login == "wangmin")).scalar_one()
        session.execute(select(AccountRow).where(AccountRow.login == "mighty")).scalar_one().home_unit_id = home
    visitor = Visitor(house, ADMIN)
    assert visitor.get("/people/person/mighty").status_code == 200
    for act in ("invite", "reset", "name", "leave"):
        refused = visitor.post(f"/people/person/mighty/{act}", name="某")
        assert refused.status_code == 422, act
        assert "上级管理员" in refused.text
    assert "SZH" not in visitor.get("/people/person/mighty").text


def test_a_role_works_from_the_next_request_and_ends_with_it(house):
    hers = Visitor(house, "lixia")
    assert hers.get("/people").status_code == 403
    visitor = Visitor(house, ADMIN)
    assert visitor.post("/people/person/lixia/roles", role="admin", unit="HBJX-3").status_code == 303
    assert hers.get("/people").status_code == 200
    assert "陈军" not in hers.get("/people").text
    assert visitor.post("/people/person/lixia/leave?role=admin&unit=HBJX-3").status_code == 303
    assert hers.get("/people").status_code == 403
    both, one = "worker@HBJX-3、admin@HBJX-3", "worker@HBJX-3"
    assert changes(house, "lixia") == [({"roles": one}, {"roles": both}), ({"roles": both}, {"roles": one})]


def test_nobody_locks_themselves_out_without_another_administrator(house):
    visitor = Visitor(house, ADMIN)
    for path in ("/leave", "/leave?role=admin&unit=HBJX"):
        refused = visitor.post(f"/people/person/{ADMIN}{path}")
        assert refused.status_code == 422
        assert "再没有别的管理员" in refused.text
        assert "再没有别的管理员" in visitor.get(f"/people/person/{ADMIN}{path}").text
    told = {"by": house.actor(ADMIN), "at": house.clock(), "db": house.means.db}
    # Somebody who has never signed in could not help.
    make_person(NewPerson("unborn", "某某", "HBJX", ((Role.ADMIN, "HBJX"),)), **told)
    assert visitor.post(f"/people/person/{ADMIN}/leave").status_code == 422
    grant_role("chenjun", Role.ADMIN, "HBJX", **told)
    assert visitor.post(f"/people/person/{ADMIN}/leave").status_code == 303
    assert visitor.get("/people").status_code == 303


def test_the_root_keeps_an_administrator(house):
    add_person(house, "root-one", Role.ADMIN, "SZH")
    add_person(house, "root-two", Role.ADMIN, "SZH")
    with house.means.db.write() as session:
        hashed = session.execute(select(AccountRow.password_hash).where(AccountRow.login == "lixia")).scalar_one()
        session.execute(
            select(AccountRow).where(AccountRow.login == "root-one")
        ).scalar_one().password_hash = hashed
    refused = Visitor(house, "root-two").post("/people/person/root-one/leave")
    assert refused.status_code == 422
    assert Visitor(house, "root-two").post("/people/person/root-one/reset").status_code == 422
    assert Visitor(house, "root-one").post("/people/person/root-two/leave").status_code == 303


def test_leaving_asks_for_heirs_and_hands_over(house):
    number = house.report()
    visitor = Visitor(house, ADMIN)
    asked = visitor.get("/people/person/wangmin/leave").text
    assert number in asked
    assert "线头裸露" not in asked
    refused = visitor.post("/people/person/wangmin/leave", **{"officer.HBJX-3": "maling"})
    assert refused.status_code == 422
    assert "请选一位接手的人" in refused.text
    done = visitor.post("/people/person/wangmin/leave", **{"officer.HBJX-3": "chenjun"})
    assert done.status_code == 303
    assert "停用中" in visitor.get("/people/person/wangmin").text
    assert visitor.post("/people/person/wangmin/enable").status_code == 303
    assert Visitor(house).post("/login", login="wangmin", password=PASSWORD).status_code == 303


def test_a_disabled_persons_link_opens_nothing(house):
    secret = secret_in(add(house, login="zhangsan"))
    Visitor(house, ADMIN).post("/people/person/zhangsan/leave")
    assert Visitor(house).get(f"/welcome/{secret}").status_code == 404


def test_moving_and_renaming(house):
    visitor = Visitor(house, ADMIN)
    assert visitor.post("/people/person/lixia/name", name=" 李  夏 ").status_code == 303
    assert house.actor("lixia").name == "李 夏"
    assert visitor.post("/people/person/lixia/name", name="").status_code == 422
    assert visitor.post("/people/person/lixia/move?unit=HBJX-D").status_code == 303
    assert "动力车间" in visitor.get("/people/person/lixia").text
    assert visitor.post("/people/person/lixia/move?unit=RMYY").status_code == 422


def test_links_for_many_are_given_once_as_words_not_formulas(house):
    add(house, login="one", name="=1+1")
    with house.means.db.write() as session:
        row = session.execute(select(AccountRow).where(AccountRow.login == "one")).scalar_one()
        session.add(AccountRow(login="two", name="@乙", home_unit_id=row.home_unit_id, made_at=house.clock()))
    visitor = Visitor(house, ADMIN)
    sheet = visitor.post("/people/invitations", unit="HBJX", **{"as": "sheet"})
    tab = openpyxl.load_workbook(io.BytesIO(sheet.data)).active
    rows = list(tab.iter_rows(min_row=2))
    assert [[cell.value for cell in row][1:3] for row in rows] == [["@乙", "two"]]
    assert all(cell.data_type == "s" for row in rows for cell in row)
    assert Visitor(house).get(f"/welcome/{secret_in(rows[0][3].value)}").status_code == 200
    assert visitor.post("/people/invitations", unit="HBJX", **{"as": "sheet"}).status_code == 422
    slips = visitor.post("/people/invitations", unit="HBJX", renew="1", **{"as": "slips"})
    assert slips.text.count("<article") == 2
    assert Visitor(house).get(f"/welcome/{secret_in(rows[0][3].value)}").status_code == 404
    assert visitor.post("/people/invitations", unit="RMYY", **{"as": "sheet"}).status_code == 404


def test_the_own_password_is_changed_with_the_old_one_and_ends_every_other_device(house):
    hers, other = Visitor(house, "lixia"), Visitor(house, "lixia")
    house.token("lixia")
    new = "a-quite-different-one"
    wrong = hers.post("/account", old_password="not-it-at-all", password=new, password_again=new)
    assert (wrong.status_code, faults_of(wrong)) == (422, ["old_password"])
    differ = hers.post("/account", old_password=PASSWORD, password=new, password_again=new + "x")
    assert faults_of(differ) == ["password_again"]
    short = hers.post("/account", old_password=PASSWORD, password="short", password_again="short")
    assert faults_of(short) == ["password"]
    same = hers.post("/account", old_password=PASSWORD, password=PASSWORD, password_again=PASSWORD)
    assert faults_of(same) == ["password"]
    assert hers.post("/account", old_password=PASSWORD, password=new, password_again=new).status_code == 303
    assert hers.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert house.api("lixia", "GET", "/me").status_code == 401
    assert Visitor(house).post("/login", login="lixia", password=new).status_code == 303


def test_a_form_without_its_token_changes_nothing(house):
    client = house.browser(ADMIN)
    for act in ("reset", "leave", "roles"):
        assert (
            client.post(f"/people/person/wangmin/{act}", data={"role": "admin", "unit": "HBJX"}).status_code == 400
        )
    assert [grant.role for grant in house.actor("wangmin").grants] == [Role.OFFICER]


def test_english_pages_have_no_chinese_left_but_names(house):
    visitor = Visitor(house, ADMIN, language="en")
    for path in (
        *PAGES[:3],
        "/people/invitations",
        "/people/person/lixia",
        "/people/person/wangmin/leave",
        "/account",
    ):
        page = visitor.get(path).text
        main = re.sub(
            r"<option.*?</option>|<h2 class=\"of-unit\">.*?</h2>|<small>.*?</small>",
            "",
            page[page.index("<main") :],
        )
        words = re.sub(
            r"李霞|王敏|张磊|刘建国|周洁|陈军|赵强|华北机械厂|三号车间|冲压班|动力车间|配电班", "", main
        )
        assert not re.findall(r"[\u4e00-\u9fff]+", words), path
