"""Whoever leaves hands over in the same transaction: no open hazard ever names somebody who is gone."""

from datetime import timedelta

import pytest
from sqlalchemy import or_, select

from app.accounts.models import AccountRow
from app.accounts.permissions import Role
from app.core.changes import ChangeRow
from app.core.errors import Invalid, NotFound
from app.core.outbox import EventRow
from app.hazards.handing_over import HANDED_OVER
from app.hazards.leaving import about_to_leave, disable_person, end_role, move_person
from app.hazards.lifecycle import OPEN
from app.hazards.models import HazardRow, HistoryRow
from app.units.staff import enable_person, grant_role
from tests.conftest import House
from tests.integration.hazard_world import add_person

ADMIN = "hbjx-admin"


def leave(house: House, login: str, heirs: dict[str, str] | None = None, *, by: str = ADMIN) -> int:
    return disable_person(login, heirs or {}, by=house.actor(by), at=house.clock(), db=house.means.db)


def lose(house: House, login: str, role: Role, unit: str, heirs: dict[str, str] | None = None) -> int:
    return end_role(login, role, unit, heirs or {}, by=house.actor(ADMIN), at=house.clock(), db=house.means.db)


def tasks(house: House, login: str, role: Role | None = None, unit: str = "") -> dict[str, list[str]]:
    """Who could take over, by the key of what there is to take."""
    with house.means.db.read() as session:
        leaving = about_to_leave(session, login, role=role, unit=unit, by=house.actor(ADMIN))
        return {task.key: [heir.login for heir in task.heirs] for task in leaving.tasks}


def row(house: House, number: str) -> HazardRow:
    with house.means.db.read() as session:
        return session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()


def orphans(house: House) -> list[str]:
    """Open hazards that name a disabled account as officer or rectifier."""
    with house.means.db.read() as session:
        gone = select(AccountRow.id).where(AccountRow.disabled_at.is_not(None))
        named = or_(HazardRow.officer_id.in_(gone), HazardRow.rectifier_id.in_(gone))
        return list(session.execute(select(HazardRow.number).where(named, HazardRow.state.in_(OPEN))).scalars())


def login_of(house: House, account_id: int | None) -> str | None:
    with house.means.db.read() as session:
        return session.execute(select(AccountRow.login).where(AccountRow.id == account_id)).scalar_one_or_none()


def test_a_rectifier_who_leaves_hands_over_what_is_under_way(house):
    number, other = house.report(), house.report()
    house.accept(number)
    house.accept(other, rectifier="chenjun")
    house.act("zhanglei", number, "acknowledge")
    version = house.version(number)
    assert leave(house, "zhanglei", {"rectifier.HBJX-3": "wangmin"}) == 1
    after = row(house, number)
    assert (login_of(house, after.rectifier_id), after.acknowledged_at) == ("wangmin", None)
    assert (after.state, after.version) == ("rectifying", version + 1)
    assert login_of(house, row(house, other).rectifier_id) == "chenjun"
    assert orphans(house) == []


def test_the_step_is_in_the_history_and_an_event_tells_of_it(house):
    number = house.report()
    house.accept(number)
    leave(house, "zhanglei", {"rectifier.HBJX-3": "wangmin"})
    hazard = row(house, number)
    with house.means.db.read() as session:
        step = session.execute(select(HistoryRow).where(HistoryRow.hazard_id == hazard.id)).scalars().all()[-1]
        event = session.execute(select(EventRow).where(EventRow.name == "HazardHandedOver")).scalar_one()
    assert (step.action, step.actor_id) == (HANDED_OVER, house.actor(ADMIN).account_id)
    assert step.detail == {"duty": "rectifier", "from": "张磊", "to": "王敏"}
    assert event.values == {"hazard_id": hazard.id, "version": hazard.version}
    told = house.read("wangmin", number)["timeline"][-1]
    assert told["action"] == HANDED_OVER
    assert "交接了隐患" in house.browser("wangmin").get(f"/tickets/{number}").text


def test_an_officer_who_leaves_hands_over_what_waits_and_the_reasons_say_so(house):
    number = house.report()
    assert login_of(house, row(house, number).officer_id) == "wangmin"
    assert leave(house, "wangmin", {"officer.HBJX-3": "chenjun"}) == 1
    assert login_of(house, row(house, number).officer_id) == "chenjun"
    routing = house.read("chenjun", number)["routing"]
    assert routing["officer"] == "陈军"
    assert [reason["code"] for reason in routing["because"]] == ["handed_over"]
    assert "王敏已交接给陈军" in house.browser("chenjun").get(f"/tickets/{number}").text


def test_who_is_both_hands_over_both(house):
    number = house.report()
    house.accept(number, rectifier="wangmin")
    heirs = {"officer.HBJX-3": "chenjun", "rectifier.HBJX-3": "zhanglei"}
    assert leave(house, "wangmin", heirs) == 2
    after = row(house, number)
    assert (login_of(house, after.officer_id), login_of(house, after.rectifier_id)) == ("chenjun", "zhanglei")
    assert orphans(house) == []
    house.rectify(number)
    house.close(number, by="chenjun")


def test_nobody_named_refuses_and_changes_nothing(house):
    number = house.report()
    house.accept(number)
    before = row(house, number)
    for heirs in ({}, {"rectifier.HBJX-3": "maling"}, {"rectifier.HBJX-3": "zhanglei"}):
        with pytest.raises(Invalid) as refused:
            leave(house, "zhanglei", heirs)
        assert [(f.field, f.code) for f in refused.value.faults] == [("rectifier.HBJX-3", "heir_needed")]
    assert row(house, number).version == before.version
    assert house.api("zhanglei", "GET", "/me").status_code == 200


def test_a_hazard_that_came_meanwhile_is_asked_for(house):
    assert tasks(house, "wangmin") == {}
    house.report()
    with pytest.raises(Invalid):
        leave(house, "wangmin")


def test_the_nearest_are_proposed_first_and_never_the_one_who_leaves(house):
    add_person(house, "near", Role.RECTIFIER, "HBJX-3")
    house.accept(house.report())
    house.report()
    found = tasks(house, "zhanglei")["rectifier.HBJX-3"]
    assert found[:2] == ["near", "wangmin"]
    assert "zhanglei" not in found
    assert "guotao" not in found
    assert tasks(house, "wangmin") == {"officer.HBJX-3": ["chenjun"]}


def test_the_only_officer_cannot_leave_before_another_is_appointed(house):
    house.report()
    leave(house, "chenjun")
    with pytest.raises(Invalid) as refused:
        leave(house, "wangmin", {"officer.HBJX-3": "chenjun"})
    assert [f.code for f in refused.value.faults] == ["nobody_to_take_over"]
    told = {"by": house.actor(ADMIN), "at": house.clock(), "db": house.means.db}
    grant_role("zhanglei", Role.OFFICER, "HBJX", **told)
    assert leave(house, "wangmin", {"officer.HBJX-3": "zhanglei"}) == 1


def test_what_waits_for_reinspection_or_is_contested_changes_hands_too_and_what_is_ended_stays(house):
    reviewing, objected, closed = (house.report() for _ in range(3))
    for number in (reviewing, objected, closed):
        house.accept(number)
        house.rectify(number)
    for number in (objected, closed):
        house.close(number)
    house.act("lixia", objected, "object", text="还是坏的")
    assert leave(house, "zhanglei", {"rectifier.HBJX-3": "wangmin"}) == 2
    named = [login_of(house, row(house, number).rectifier_id) for number in (reviewing, objected, closed)]
    assert named == ["wangmin", "wangmin", "zhanglei"]


def test_disabling_ends_sessions_tokens_and_links_at_once_and_enabling_brings_the_roles_back(house):
    browser = house.browser("zhanglei")
    assert browser.get("/inbox").status_code == 200
    house.token("zhanglei")
    leave(house, "zhanglei")
    assert house.api("zhanglei", "GET", "/me").status_code == 401
    assert browser.get("/inbox").status_code == 303
    assert leave(house, "zhanglei") == 0
    enable_person("zhanglei", by=house.actor(ADMIN), at=house.clock(), db=house.means.db)
    assert house.api("zhanglei", "GET", "/me").status_code == 401
    assert browser.get("/inbox").status_code == 303
    assert [grant.role for grant in house.actor("zhanglei").grants] == [Role.RECTIFIER]


def test_losing_a_role_hands_over_only_what_no_other_role_covers(house):
    house.report()
    told = {"by": house.actor(ADMIN), "at": house.clock(), "db": house.means.db}
    grant_role("wangmin", Role.OFFICER, "HBJX", **told)
    assert lose(house, "wangmin", Role.OFFICER, "HBJX-3") == 0
    with pytest.raises(Invalid):
        lose(house, "wangmin", Role.OFFICER, "HBJX")
    assert lose(house, "wangmin", Role.OFFICER, "HBJX", {"officer.HBJX-3": "chenjun"}) == 1
    assert house.api("wangmin", "GET", "/hazards").json["items"] == []


def test_a_rectifier_who_stays_a_worker_hands_over_and_a_named_worker_keeps(house):
    told = {"by": house.actor(ADMIN), "at": house.clock(), "db": house.means.db}
    grant_role("zhanglei", Role.WORKER, "HBJX", **told)
    grant_role("zhaoqiang", Role.WORKER, "HBJX-3", **told)
    first, second = house.report(), house.report()
    house.accept(first)
    house.accept(second, rectifier="zhaoqiang")
    assert lose(house, "zhaoqiang", Role.WORKER, "HBJX-3") == 0
    assert lose(house, "zhanglei", Role.RECTIFIER, "HBJX", {"rectifier.HBJX-3": "wangmin"}) == 1


def test_a_role_that_is_not_held_or_foreign_is_absent(house):
    for login, role, unit in [
        ("wangmin", Role.HEAD, "HBJX-3"),
        ("wangmin", Role.OFFICER, "RMYY"),
        ("maling", Role.OFFICER, "RMYY-W"),
        ("tianye", Role.REVIEWER, "SZH"),
        ("nobody", Role.OFFICER, "HBJX"),
    ]:
        with pytest.raises(NotFound):
            lose(house, login, role, unit)
    for login in ("maling", "tianye", "nobody"):
        with pytest.raises(NotFound):
            leave(house, login)


def test_moving_away_takes_the_worker_along_and_leaves_no_repair_behind(house):
    move = {"by": house.actor(ADMIN), "at": house.clock(), "db": house.means.db}
    assert move_person("lixia", "HBJX-D-P", {}, **move) == 0
    moved = house.actor("lixia")
    with house.means.db.read() as session:
        changes = session.execute(select(ChangeRow).where(ChangeRow.subject == "lixia")).scalars().all()
    assert len(moved.grants) == 1
    assert moved.grants[0].unit_id == moved.home_unit_id
    assert [(c.before, c.after) for c in changes] == [
        ({"unit": "HBJX-3-A"}, {"unit": "HBJX-D-P"}),
        ({"roles": "worker@HBJX-3"}, {"roles": None}),
        ({"roles": None}, {"roles": "worker@HBJX-D-P"}),
    ]
    with pytest.raises(Invalid):
        move_person("lixia", "RMYY-W", {}, **move)


def test_the_clock_set_back_does_not_turn_the_history_round(house):
    number = house.report()
    house.accept(number)
    before = row(house, number).changed_at
    house.clock.at -= timedelta(days=1)
    leave(house, "zhanglei", {"rectifier.HBJX-3": "wangmin"})
    assert row(house, number).changed_at > before
