"""A unit that moves to another parent: its open hazards go to officers who still see them, or it does not move."""

import pytest
from sqlalchemy import select

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.errors import Invalid, NotFound
from app.core.outbox import EventRow
from app.hazards.handing_over import HANDED_OVER
from app.hazards.models import HazardRow, HistoryRow
from app.hazards.moving_units import move_unit
from app.papers.exports import ask_for_export, exports_of, ready_export
from app.papers.models import FileFormat
from app.papers.register import RegisterFilter
from app.units.queries import unit_by_code
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.integration.hazard_world import add_person
from tests.integration.setup_desk import codes

ADMIN = "szh-admin"
PLACE = "HBJX-PD"


@pytest.fixture
def city(house: House) -> House:
    """With an administrator of both enterprises; 动力车间 has no officer of its own: 陈军 of the factory hears."""
    add_person(house, ADMIN, Role.ADMIN, "SZH")
    return house


def move(house: House, code: str, parent: str, *, by: str = ADMIN) -> None:
    move_unit(code, parent_code=parent, by=house.actor(by), at=house.clock(), db=house.means.db)


def found(house: House, number: str) -> tuple[HazardRow, str | None, list[HistoryRow]]:
    with house.means.db.read() as session:
        hazard = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
        login = select(AccountRow.login).where(AccountRow.id == hazard.officer_id)
        steps = session.execute(
            select(HistoryRow).where(HistoryRow.hazard_id == hazard.id).order_by(HistoryRow.id)
        ).scalars()
        return hazard, session.execute(login).scalar_one_or_none(), list(steps)


def events(house: House) -> int:
    with house.means.db.read() as session:
        named = select(EventRow.id).where(EventRow.name == "HazardHandedOver")
        return len(session.execute(named).all())


def parent_of(house: House, code: str) -> str:
    with house.means.db.read() as session:
        unit = unit_by_code(session, code)
        assert unit is not None
        parent = unit.lineage[-2]
        other = unit_by_code(session, "RMYY")
        assert other is not None
        return "RMYY" if parent == other.id else "HBJX"


def test_an_officer_who_no_longer_covers_a_hazard_hands_it_over_by_the_rules_of_the_new_line(city):
    number = city.report("zhaoqiang", place_code=PLACE)
    version = city.version(number)
    assert found(city, number)[1] == "chenjun"
    move(city, "HBJX-D", "RMYY")
    hazard, officer, steps = found(city, number)
    assert (officer, hazard.version, hazard.state) == ("dongfang", version + 1, "submitted")
    assert (steps[-1].action, steps[-1].actor_id) == (HANDED_OVER, city.actor(ADMIN).account_id)
    assert steps[-1].detail == {"duty": "officer", "from": "陈军", "to": "董方"}
    assert events(city) == 1
    because = city.read("dongfang", number)["routing"]["because"]
    assert because[0] == {"code": "unit_moved", "unit": "动力车间", "from": "华北机械厂", "to": "第二人民医院"}
    assert because[-1]["code"] == "officer_on_duty_here"
    assert city.api("chenjun", "GET", f"/hazards/{number}").status_code == 404
    ticket = Visitor(city, "dongfang").get(f"/tickets/{number}").text
    assert "动力车间从华北机械厂移到第二人民医院，重新派单" in ticket


def test_who_is_handed_a_hazard_by_a_move_is_told(city):
    city.report("zhaoqiang", place_code=PLACE)
    city.work()
    move(city, "HBJX-D", "RMYY")
    city.work()
    assert "有隐患移交给您" in Visitor(city, "dongfang").get("/messages").text


def test_an_officer_who_still_covers_a_hazard_keeps_it_untouched(city):
    own, above = city.report("lixia", place_code="HBJX-A3"), city.report("zhaoqiang", place_code=PLACE)
    versions = [city.version(number) for number in (own, above)]
    move(city, "HBJX-D", "HBJX-3")  # within the enterprise: 陈军 stands above both
    move(city, "HBJX-3", "RMYY")  # 王敏 moves along with the workshop, 陈军 stays
    assert found(city, own)[1] == "wangmin"
    assert city.version(own) == versions[0]
    assert found(city, above)[1] == "wangmin"  # now the nearest above 动力车间
    assert city.version(above) == versions[1] + 1


def test_what_is_over_keeps_the_names_it_ended_with_and_what_is_contested_does_not(city):
    over = city.report("zhaoqiang", place_code=PLACE)
    contested = city.report("zhaoqiang", place_code=PLACE)
    for number in (over, contested):
        city.act("chenjun", number, "reject", reason="not_a_hazard", text="不是隐患")
    city.act("zhaoqiang", contested, "appeal", text="请再看看")
    move(city, "HBJX-D", "RMYY")
    assert found(city, over)[1] == "chenjun"
    assert found(city, contested)[1] == "dongfang"


def test_a_rectifier_who_would_stay_in_the_old_enterprise_keeps_the_unit_from_moving(city):
    numbers = [city.report("zhaoqiang", place_code=PLACE) for _ in range(3)]
    for number in numbers[:2]:
        city.accept(number, by="chenjun", rectifier="zhanglei")
    city.accept(numbers[2], by="chenjun", rectifier="zhaoqiang")  # of the unit itself: moves along
    versions = [city.version(number) for number in numbers]
    with pytest.raises(Invalid) as refused:
        move(city, "HBJX-D", "RMYY")
    assert codes(refused) == {("parent", "rectifiers_stay_behind")}
    assert refused.value.faults[0].values == {"count": 2}
    assert (parent_of(city, "HBJX-D"), events(city)) == ("HBJX", 0)
    assert [city.version(number) for number in numbers] == versions
    move(city, "HBJX-D", "HBJX-3")  # within the enterprise nobody is left behind
    assert [city.version(number) for number in numbers] == versions


def test_the_refusal_says_how_many_and_what_to_do(city):
    number = city.report("zhaoqiang", place_code=PLACE)
    city.accept(number, by="chenjun", rectifier="zhanglei")
    with city.means.db.write() as session:
        root = unit_by_code(session, "SZH")
        assert root is not None
        told = {"account_id": city.actor("hbjx-admin").account_id, "unit_id": root.id, "role": Role.ADMIN}
        session.add(GrantRow(**told, granted_at=city.clock()))
    page = Visitor(city, "hbjx-admin").post("/setup/units/HBJX-D/move", parent="RMYY")
    assert page.status_code == 422
    assert "有 1 条未了隐患的整改责任人在原企业" in page.text
    city.act("chenjun", number, "reassign", rectifier="zhaoqiang", text="随车间走")
    page = Visitor(city, "hbjx-admin").post("/setup/units/HBJX-D/move", parent="RMYY")
    assert page.status_code == 303
    assert found(city, number)[1] == "dongfang"


def test_where_nobody_could_take_over_the_unit_stays(city):
    number = city.report("zhaoqiang", place_code=PLACE)
    with city.means.db.write() as session:
        gone = select(GrantRow).where(GrantRow.account_id == city.actor("dongfang").account_id)
        for grant in session.execute(gone).scalars():
            grant.ended_at = city.clock()
    with pytest.raises(Invalid) as refused:
        move(city, "HBJX-D", "RMYY")
    assert codes(refused) == {("parent", "nobody_hears_there")}
    assert (found(city, number)[1], parent_of(city, "HBJX-D")) == ("chenjun", "HBJX")


@pytest.mark.parametrize("by", ["rmyy-admin", "chenjun", "tianye"])
def test_a_foreign_unit_is_absent_and_a_foreign_parent_unknown(city, by):
    number = city.report("zhaoqiang", place_code=PLACE)
    with pytest.raises(NotFound):
        move(city, "HBJX-D", "RMYY", by=by)
    with pytest.raises(Invalid) as refused:
        move(city, "HBJX-D", "RMYY", by="hbjx-admin")
    assert codes(refused) == {("parent", "unknown_unit")}
    assert found(city, number)[1] == "chenjun"


@pytest.mark.parametrize("code", ["HBJX-D", ""])
def test_a_file_that_speaks_of_a_unit_which_moved_away_is_not_handed_out_any_more(city, code):
    city.report("zhaoqiang", place_code=PLACE)
    told = {"by": city.actor("chenjun"), "at": city.clock(), "db": city.means.db}
    wanted = ask_for_export(RegisterFilter(unit_code=code or None), FileFormat.CSV, **told)
    other = ask_for_export(RegisterFilter(unit_code="HBJX-3"), FileFormat.CSV, **told)
    city.work()
    chenjun = Visitor(city, "chenjun")
    paths = [f"/papers/register/exports/{public_id}" for public_id in (wanted, other)]
    assert [chenjun.get(path).status_code for path in paths] == [200, 200]
    move(city, "HBJX-D", "HBJX-3")
    assert [chenjun.get(path).status_code for path in paths] == [200, 200]
    move(city, "HBJX-D", "RMYY")
    assert [chenjun.get(path).status_code for path in paths] == [404, 200]
    with city.means.db.read() as session:
        with pytest.raises(NotFound):
            ready_export(session, wanted, by=city.actor("chenjun"))
        assert exports_of(session, by=city.actor("chenjun"))


def test_an_export_of_an_account_that_was_shut_before_it_was_filled_fails(city):
    chenjun = city.actor("chenjun")
    told = {"by": chenjun, "at": city.clock(), "db": city.means.db}
    ask_for_export(RegisterFilter(), FileFormat.CSV, **told)
    with city.means.db.write() as session:
        row = session.get(AccountRow, chenjun.account_id)
        assert row is not None
        row.disabled_at = city.clock()
    city.work()
    with city.means.db.read() as session:
        assert [one.fault for one in exports_of(session, by=chenjun)] == ["nothing_readable"]
