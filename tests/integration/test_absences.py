"""Taking leave: who may, for whom, with which deputy; and what a day then finds."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.changes import ChangeRow
from app.core.errors import Invalid, NotFound
from app.units.absence import deputies_on
from app.units.leaves import absences_known_to, people_to_arrange
from app.units.staff import grant_role
from app.units.taking_leave import LeaveAsked, arranged_person, deputies_for, take_back_leave, take_leave
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.integration.hazard_world import add_person

TODAY = date(2026, 11, 2)


def leave(
    house: House, login: str, deputy: str | None, *, by: str | None = None, first: int = 0, last: int = 4
) -> str:
    asked = LeaveAsked(login, TODAY + timedelta(days=first), TODAY + timedelta(days=last), deputy)
    return take_leave(asked, by=house.actor(by or login), at=house.clock(), db=house.means.db)


def refused(house: House, *args, **more) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as told:
        leave(house, *args, **more)
    return {(fault.field, fault.code) for fault in told.value.faults}


def standing_in(house: House, login: str, *, day: int = 0) -> str | None:
    """The login of who stands in for somebody; "present" when nobody needs to."""
    account = house.actor(login).account_id
    with house.means.db.read() as session:
        found = deputies_on(session, TODAY + timedelta(days=day), [account])
        if account not in found:
            return "present"
        query = select(AccountRow.login).where(AccountRow.id == found[account])
        return session.execute(query).scalar_one_or_none()


def test_an_officer_takes_leave_and_the_officer_above_stands_in_on_those_days_only(house):
    leave(house, "wangmin", "chenjun", first=1, last=3)
    assert [standing_in(house, "wangmin", day=day) for day in range(5)] == [
        "present",
        "chenjun",
        "chenjun",
        "chenjun",
        "present",
    ]


def test_coming_back_early_ends_it_and_twice_changes_nothing(house):
    key = leave(house, "wangmin", "chenjun")
    for _ in range(2):
        take_back_leave(key, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    assert standing_in(house, "wangmin") == "present"
    leave(house, "wangmin", "chenjun")  # the days are free again


def test_an_administrator_enters_it_for_people_of_the_own_units(house):
    key = leave(house, "wangmin", "chenjun", by="hbjx-admin")
    assert standing_in(house, "wangmin") == "chenjun"
    take_back_leave(key, by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)


@pytest.mark.parametrize("by", ["chenjun", "liujianguo", "lixia", "maling", "rmyy-admin", "tianye"])
def test_nobody_else_does_and_the_answer_is_that_of_an_absent_person(house, by):
    key = leave(house, "wangmin", "chenjun")
    with pytest.raises(NotFound):
        leave(house, "wangmin", "chenjun", by=by, first=10, last=12)
    with pytest.raises(NotFound):
        leave(house, "no-such-login", None, by=by)
    with pytest.raises(NotFound):
        take_back_leave(key, by=house.actor(by), at=house.clock(), db=house.means.db)
    with pytest.raises(NotFound):
        take_back_leave("no-such-key", by=house.actor(by), at=house.clock(), db=house.means.db)
    assert standing_in(house, "wangmin") == "chenjun"


def test_from_below_nobody_is_sent_on_leave_who_also_answers_above(house):
    """As with a password: an administrator of the workshop, the officer of the enterprise working there."""
    told = {"by": house.actor("hbjx-admin"), "at": house.clock(), "db": house.means.db}
    grant_role("lixia", Role.ADMIN, "HBJX-3", **told)
    below = leave(house, "wangmin", None, by="lixia", first=20, last=21)  # wholly of the workshop, so far
    grant_role("wangmin", Role.OFFICER, "HBJX", **told)
    key = leave(house, "wangmin", None)
    assert refused(house, "wangmin", None, by="lixia", first=10, last=12) == {("login", "held_above")}
    for one in (key, below):
        with pytest.raises(Invalid):
            take_back_leave(one, by=house.actor("lixia"), at=house.clock(), db=house.means.db)
    with house.means.db.read() as session:
        lixia = house.actor("lixia")
        assert "wangmin" not in {one.login for one in people_to_arrange(session, by=lixia)}
        seen = absences_known_to(session, by=lixia, at=house.clock())
        assert [(one.login, one.may_take_back) for one in seen] == [("wangmin", False)] * 2
    assert standing_in(house, "wangmin") is None
    assert "请找上级管理员办理" in Visitor(house, "lixia").get("/absence/new?person=wangmin").text
    form = {"login": "wangmin", "from_on": "2026-11-20", "until_on": "2026-11-20", "deputy": "-"}
    assert "请找上级管理员办理" in Visitor(house, "lixia").post("/absence/new", **form).text
    take_back_leave(key, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    take_back_leave(below, by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)


@pytest.mark.parametrize("deputy", ["wangmin", "lixia", "zhanglei", "liujianguo", "maling", "tianye", "nobody"])
def test_a_deputy_holds_the_same_duty_in_the_unit_or_above(house, deputy):
    assert refused(house, "wangmin", deputy) == {("deputy", "unknown_deputy")}


def test_an_officer_below_or_beside_cannot_stand_in_and_two_duties_need_both(house):
    add_person(house, "qianlin", Role.OFFICER, "HBJX-D")
    assert refused(house, "chenjun", "wangmin") == {("deputy", "unknown_deputy")}
    assert refused(house, "wangmin", "qianlin") == {("deputy", "unknown_deputy")}
    wangmin = house.actor("wangmin")
    with house.means.db.write() as session:
        grant = GrantRow(
            account_id=wangmin.account_id,
            unit_id=wangmin.grants[0].unit_id,
            role=Role.HEAD,
            granted_at=house.clock(),
        )
        session.add(grant)
    assert refused(house, "wangmin", "chenjun") == {("deputy", "unknown_deputy")}  # an officer above, no head


def test_who_may_be_chosen_is_who_is_taken(house):
    with house.means.db.read() as session:
        person = arranged_person(session, "wangmin", by=house.actor("wangmin"))
        assert [one.login for one in deputies_for(session, person)] == ["chenjun"]
        head = arranged_person(session, "liujianguo", by=house.actor("liujianguo"))
        assert deputies_for(session, head) == []
        to_arrange = people_to_arrange(session, by=house.actor("hbjx-admin"))
        assert {one.login for one in to_arrange} == {"wangmin", "chenjun", "liujianguo"}
        assert people_to_arrange(session, by=house.actor("wangmin")) == []


def test_days_are_in_order_not_over_not_a_year_and_not_taken(house):
    assert refused(house, "wangmin", "chenjun", first=3, last=2) == {("until_on", "absence_ends_before")}
    assert refused(house, "wangmin", "chenjun", first=-9, last=-1) == {("until_on", "absence_is_over")}
    assert refused(house, "wangmin", "chenjun", last=366) == {("until_on", "absence_too_long")}
    leave(house, "wangmin", "chenjun", first=-3, last=2)  # ill since Friday, entered on Monday
    assert refused(house, "wangmin", "chenjun", first=2, last=5) == {("from_on", "absence_overlaps")}
    leave(house, "wangmin", "chenjun", first=3, last=5)


def test_who_has_no_duty_needs_no_deputy(house):
    assert ("login", "no_duty_to_stand_in") in refused(house, "lixia", "chenjun")
    assert ("login", "no_duty_to_stand_in") in refused(house, "zhanglei", None, by="hbjx-admin")


def line_of_officers(house: House) -> None:
    """wangmin (workshop) → chenjun (enterprise) → guoqiang (federation)."""
    add_person(house, "guoqiang", Role.OFFICER, "SZH")


def test_a_deputy_who_is_away_too_is_stood_in_for_along_the_line(house):
    line_of_officers(house)
    leave(house, "wangmin", "chenjun")
    leave(house, "chenjun", "guoqiang", first=2, last=3)
    assert [standing_in(house, "wangmin", day=day) for day in range(5)] == [
        "chenjun",
        "chenjun",
        "guoqiang",
        "guoqiang",
        "chenjun",
    ]


def test_a_circle_is_refused(house):
    add_person(house, "suyan", Role.OFFICER, "HBJX")
    leave(house, "chenjun", "suyan")
    assert refused(house, "suyan", "chenjun", first=4, last=9) == {("deputy", "deputies_in_circle")}
    leave(house, "suyan", "chenjun", first=5, last=9)


def test_a_deputy_who_left_or_lost_the_role_stands_in_no_more(house):
    leave(house, "wangmin", "chenjun")
    chenjun = house.actor("chenjun").account_id
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.id == chenjun).values(disabled_at=house.clock()))
    assert standing_in(house, "wangmin") is None
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.id == chenjun).values(disabled_at=None))
        session.execute(update(GrantRow).where(GrantRow.account_id == chenjun).values(ended_at=house.clock()))
    assert standing_in(house, "wangmin") is None


def test_without_a_deputy_nobody_stands_in(house):
    leave(house, "wangmin", None)
    assert standing_in(house, "wangmin") is None


def test_the_change_is_on_record_for_the_unit(house):
    key = leave(house, "wangmin", "chenjun", by="hbjx-admin")
    take_back_leave(key, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    with house.means.db.read() as session:
        rows = session.execute(select(ChangeRow).where(ChangeRow.kind == "absence").order_by(ChangeRow.id))
        told = [(row.subject, row.account_id, row.before, row.after) for row in rows.scalars()]
    span = {"from": "2026-11-02", "until": "2026-11-06"}
    assert told == [
        ("wangmin", house.actor("hbjx-admin").account_id, {}, {**span, "deputy": "chenjun"}),
        ("wangmin", house.actor("wangmin").account_id, span, {}),
    ]


def test_readers_know_their_own_those_they_stand_in_for_and_those_of_their_units(house):
    leave(house, "wangmin", "chenjun")
    leave(house, "maling", "dongfang")

    def known(login: str) -> set[tuple[str, bool, bool]]:
        with house.means.db.read() as session:
            seen = absences_known_to(session, by=house.actor(login), at=house.clock())
            return {(one.login, one.is_for_me, one.may_take_back) for one in seen}

    assert known("wangmin") == {("wangmin", False, True)}
    assert known("chenjun") == {("wangmin", True, False)}
    assert known("hbjx-admin") == {("wangmin", False, True)}
    assert known("rmyy-admin") == {("maling", False, True)}
    assert known("lixia") == known("liujianguo") == known("tianye") == set()


def test_the_list_says_who_really_stands_in(house):
    line_of_officers(house)
    leave(house, "wangmin", "chenjun")
    leave(house, "chenjun", "guoqiang", first=0, last=1)
    with house.means.db.read() as session:
        seen = absences_known_to(session, by=house.actor("wangmin"), at=house.clock())
    assert [(one.deputy, one.acting) for one in seen] == [("陈军", "某guoqiang")]


def test_the_day_is_that_of_the_persons_unit(house):
    leave(house, "wangmin", "chenjun", first=0, last=0)
    house.clock.forward(hours=15, minutes=30)  # 00:30 on Tuesday in Shanghai, still Monday in UTC
    with house.means.db.read() as session:
        (one,) = absences_known_to(session, by=house.actor("wangmin"), at=house.clock())
    assert one.is_over
    assert not one.may_take_back


def test_an_absent_officers_reports_go_to_the_deputy_and_the_ticket_says_why(house):
    leave(house, "wangmin", "chenjun")
    number = house.report("lixia", category="ELEC")
    routing = house.read("chenjun", number)["routing"]
    assert routing["officer"] == "陈军"
    assert any(reason["code"] == "deputy" for reason in routing["because"])
    house.accept(number, by="chenjun")


def test_with_nobody_standing_in_the_way_climbs_and_the_ticket_says_why(house):
    leave(house, "wangmin", None)
    number = house.report("lixia", category="ELEC")
    routing = house.read("chenjun", number)["routing"]
    assert routing["officer"] == "陈军"
    assert any(reason["code"] == "climbed" for reason in routing["because"])
