"""Pages of absences: taking leave, choosing who stands in, coming back; and how a unit's days are told."""

import re

import pytest
from sqlalchemy import insert

from app.hazards.clocks import announce_deadlines
from app.units.queries import unit_by_code
from app.units.settings import UnitSettingRow
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of
from tests.integration.hazard_world import row_of

DAYS = {"from_on": "2026-11-03", "until_on": "2026-11-06"}


def take(house: House, login: str, **more: str):
    visitor = Visitor(house, login)
    fields = {"login": login, "deputy": "chenjun", **DAYS, **more}
    return visitor, visitor.post("/absence/new", **fields)


def count_working_days(house: House, unit: str) -> None:
    with house.means.db.write() as session:
        found = unit_by_code(session, unit)
        assert found is not None
        told = {"unit_id": found.id, "name": "deadline_days", "value": "working", "set_at": house.clock()}
        session.execute(insert(UnitSettingRow).values(**told))


def test_an_officer_takes_leave_and_everybody_concerned_sees_who_stands_in(house):
    visitor, answer = take(house, "wangmin")
    assert answer.status_code == 303
    page = visitor.get("/absence").text
    assert "已登记。请假期间" in page
    assert "11-03 至 11-06" in page
    assert "由陈军代理" in page
    assert "由您代理" in Visitor(house, "chenjun").get("/absence").text
    assert "由陈军代理" in Visitor(house, "hbjx-admin").get("/absence").text
    assert "王敏" not in Visitor(house, "rmyy-admin").get("/absence").text


def test_the_form_offers_who_may_stand_in_and_nobody_else(house):
    page = Visitor(house, "wangmin").get("/absence/new").text
    select = page[page.index('id="deputy"') : page.index("</select>")]
    assert re.findall(r'<option value="([^"]*)"', select) == ["", "chenjun", "-"]


def test_leave_without_a_deputy_is_a_choice_and_not_an_omission(house):
    visitor, answer = take(house, "wangmin", deputy="")
    assert answer.status_code == 422
    assert faults_of(answer) == ["deputy"]
    assert 'value="2026-11-06"' in answer.text
    assert visitor.post("/absence/new", login="wangmin", deputy="-", **DAYS).status_code == 303
    assert "没有代理人" in visitor.get("/absence").text


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"until_on": "2026-11-01"}, "until_on"),
        ({"from_on": "2026-10-01", "until_on": "2026-10-05"}, "until_on"),
        ({"deputy": "maling"}, "deputy"),
        ({"from_on": "morgen"}, "from_on"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_kept(house, told, field):
    _visitor, answer = take(house, "wangmin", **told)
    assert answer.status_code == 422
    assert field in faults_of(answer)


def test_coming_back_early_is_one_button(house):
    visitor, _answer = take(house, "wangmin", from_on="2026-11-02")
    page = visitor.get("/absence").text
    (end,) = re.findall(r'action="(/absence/[^"]+/end)"', page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert visitor.client.post(end, data={"csrf_token": token[1]}).status_code == 303
    page = visitor.get("/absence").text
    assert "已销假" in page
    assert "/end" not in page


def test_a_foreign_persons_form_and_absence_answer_like_absent_ones(house):
    visitor, _answer = take(house, "wangmin")
    (end,) = re.findall(r'action="(/absence/[^"]+/end)"', visitor.get("/absence").text)
    for login in ("maling", "rmyy-admin", "chenjun"):
        other = Visitor(house, login)
        token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/absence").text)
        assert token is not None
        assert other.get("/absence/new?person=wangmin").status_code == 404
        assert other.get("/absence/new?person=nobody").status_code == 404
        data = {"csrf_token": token[1]}
        assert other.client.post(end, data=data).status_code == 404
        fields = {"login": "wangmin", "deputy": "-", **DAYS, **data}
        assert other.client.post("/absence/new", data=fields).status_code == 404


def test_who_has_no_duty_is_not_offered_leave(house):
    for login in ("lixia", "zhanglei", "tianye"):
        visitor = Visitor(house, login)
        assert 'href="/absence"' not in visitor.get("/follow").text
        assert visitor.get("/absence/new").status_code == 404
    assert 'href="/absence"' in Visitor(house, "wangmin").get("/follow").text


def test_an_administrator_chooses_whom(house):
    visitor = Visitor(house, "hbjx-admin")
    page = visitor.get("/absence").text
    assert re.findall(r'<option value="([a-z-]+)"', page) == ["liujianguo", "wangmin", "chenjun"]
    assert "我要请假" not in page
    assert "王敏" in visitor.get("/absence/new?person=wangmin").text
    assert visitor.post("/absence/new", login="wangmin", deputy="chenjun", **DAYS).status_code == 303


def test_the_pages_are_english_too(house):
    page = Visitor(house, "wangmin", language="en").get("/absence/new").text
    assert not re.search(
        r"[\u4e00-\u9fff]", re.sub(r"王敏|陈军|三号车间|华北机械厂|中文", "", page[page.index("<main") :])
    )


ACCEPT = {
    "level": "general",
    "category": "ELEC",
    "factor": "thing",
    "rectifier": "zhanglei",
    "measures": "更换门锁",
}


def test_a_unit_that_counts_working_days_says_so_where_days_are_chosen(house):
    number = house.report("lixia")
    visitor = Visitor(house, "wangmin")
    assert "按工作日算" not in visitor.get(f"/tickets/{number}/accept").text
    count_working_days(house, "HBJX")
    page = visitor.get(f"/tickets/{number}/accept").text
    assert "天数按工作日算" in page
    assert "放假安排只公布到" not in page  # 30 working days from 2 November end in December
    visitor.fill(f"/tickets/{number}/accept", photos=(), deadline_days="7", **ACCEPT)
    deadline = row_of(house, number).deadline
    assert deadline is not None
    assert deadline.isoformat() == "2026-11-11T10:00:00+00:00"


def test_a_deadline_beyond_the_published_calendar_is_said_to_rest_on_an_assumption(house):
    count_working_days(house, "HBJX")
    house.clock.forward(days=45)
    number = house.report("lixia")
    visitor = Visitor(house, "wangmin")
    assert "放假安排只公布到 2026-12-31" in visitor.get(f"/tickets/{number}/accept").text
    visitor.fill(f"/tickets/{number}/accept", photos=(), deadline_days="15", **ACCEPT)
    assert "放假安排只公布到 2026-12-31" in visitor.get(f"/tickets/{number}").text
    major = house.report("lixia")
    named = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}
    house.accept(major, deadline="2027-01-20T12:00:00+08:00", **named)
    assert "放假安排只公布到" not in visitor.get(f"/tickets/{major}").text  # a named day was not counted
    assert house.app.test_client().get("/healthz").json["calendar"] == {"known_until": "2026-12-31"}


def test_thirty_working_days_are_not_too_far_and_thirty_one_are(house):
    count_working_days(house, "HBJX-3")
    number = house.report("lixia")
    fields = {**ACCEPT, "deadline": "2026-12-15T12:00:00+08:00"}
    refused = house.act("wangmin", number, "accept", **fields)
    assert refused.status_code == 422
    assert (
        house.act("wangmin", number, "accept", **{**fields, "deadline": "2026-12-14T12:00:00+08:00"}).status_code
        == 200
    )


def test_a_supervised_hazard_says_so_in_its_history(house):
    number = house.report("lixia")
    major = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}
    house.accept(number, **major)
    house.clock.forward(days=8)
    announce_deadlines(at=house.clock(), db=house.means.db)
    page = Visitor(house, "wangmin").get(f"/tickets/{number}").text
    assert "重大隐患逾期，自动挂牌督办" in page
    assert "系统" in page
    steps = house.read("wangmin", number)["timeline"]
    assert steps[-1]["action"] == "supervise"
