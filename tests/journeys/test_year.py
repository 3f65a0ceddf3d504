"""A unit's whole year by its calendar: holidays, workers away, people leaving; every message, to whom and when.

The enterprise HBJX counts working days and has a robot; 王敏 has an e-mail address. The workers walk their
whole timetable at 08:00 and 20:00, and every hour from 7 to 21 on days on which somebody acts. Every line of the
lists in `year_told` is one event of the clocks, one event's message to its hearers, or one digest, in their order.
"""

from datetime import date

from sqlalchemy import insert, select

from app.accounts.permissions import Role
from app.core.outbox import ErrandRow, ErrandState
from app.hazards.leaving import about_to_leave, disable_person
from app.notifications.channels import ChannelForm, add_channel
from app.notifications.kinds import Topic
from app.notifications.models import DeliveryRow
from app.notifications.preferences import choose, confirm_address, name_address
from app.units.queries import unit_by_code
from app.units.settings import UnitSettingRow
from app.units.taking_leave import LeaveAsked, take_leave
from tests.conftest import House
from tests.integration.hazard_world import add_person
from tests.journeys.year import Year, moment
from tests.journeys.year_told import DIGESTS, EVENTS, EXACTLY, MAILED, MESSAGES, POSTED
from tests.receivers import mail_server, receiver

MAJOR = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


def spring_festival(year: Year) -> None:
    """15 to 23 February are off, the Saturdays 14 and 28 worked."""
    year.until("02-11 09:00")
    year.reports("A")
    year.does("wangmin", "A", "accept", days=3)  # 12, 13, and the worked Saturday 14
    year.until("02-13 09:00")
    year.reports("B")
    year.does("wangmin", "B", "accept", days=3)  # Saturday 14, then Tuesday 24 and Wednesday 25
    year.until("02-24 16:00")
    year.does("zhanglei", "A", "rectify")
    year.does("zhanglei", "B", "rectify")
    year.until("02-26 09:00")
    year.does("wangmin", "A", "close")
    year.does("wangmin", "B", "close")


def workers_away(year: Year) -> None:
    """From 9 March at noon to 17 March at ten nobody looks."""
    year.until("03-05 09:00")
    year.reports("C")
    year.does("wangmin", "C", "accept", days=3)  # until Tuesday the 10th
    year.until("03-09 12:00")
    year.until("03-11 09:00", workers=False)
    year.house._tokens.clear()
    year.numbers["D"] = year.house.report("lixia")  # nobody hears of it before the 17th
    year.until("03-17 10:00", workers=False)
    year.work()
    year.until("03-18 09:00")
    year.does("zhanglei", "C", "rectify")
    year.does("wangmin", "C", "close")
    year.does("wangmin", "D", "reject", reason="not_a_hazard", text="是临时停放，已移走")


def officer_leaves(year: Year) -> None:
    """陈军 leaves on 20 April and hands over to a newcomer."""
    house = year.house
    year.until("04-15 09:00")
    add_person(house, "suyan", Role.OFFICER, "HBJX")
    year.reports("E", place_code="HBJX-DM", category="FIRE")
    year.does("chenjun", "E", "accept", days=3, category="FIRE")  # until Monday the 20th
    year.until("04-20 09:00")
    admin = house.actor("hbjx-admin")
    with house.means.db.read() as session:
        tasks = about_to_leave(session, "chenjun", role=None, unit="", by=admin).tasks
    heirs = {task.key: "suyan" for task in tasks}
    disable_person("chenjun", heirs, by=admin, at=house.clock(), db=house.means.db)
    house.work()
    year.until("04-21 09:00")
    year.does("zhanglei", "E", "rectify")
    year.does("suyan", "E", "close")


def thirty_overdue(year: Year) -> None:
    """An inspection leaves thirty hazards with one deadline; nobody repairs in time."""
    year.until("05-11 09:00")
    batch = [f"P{n}" for n in range(30)]
    for letter in batch:
        year.numbers[letter] = report_of_batch(year)
    year.work()
    for letter in batch:
        year.house.accept(year.numbers[letter], deadline=year.in_days(3))  # until Thursday the 14th
    year.work()
    year.until("05-18 09:00")
    for letter in batch:
        year.house.rectify(year.numbers[letter])
    year.work()
    for letter in batch:
        year.house.close(year.numbers[letter])
    year.work()


def report_of_batch(year: Year) -> str:
    year.house._tokens.clear()
    return year.house.report("lixia", category="FIRE", description="灭火器过期")


def appeal_and_objection(year: Year) -> None:
    """One refusal is contested and overturned, one closure is doubted and upheld."""
    year.until("06-08 09:00")
    year.reports("Q")
    year.does("wangmin", "Q", "reject", reason="not_a_hazard", text="是正常检修")
    year.until("06-09 09:00")
    year.does("lixia", "Q", "appeal", text="线头还露着")
    year.until("06-10 09:00")
    year.does("tianye", "Q", "decide_appeal", decision="overturn", text="照片清楚，应当受理")
    year.does("suyan", "Q", "accept", days=3)
    year.until("06-11 09:00")
    year.does("zhanglei", "Q", "rectify")
    year.does("suyan", "Q", "close")
    year.until("06-15 09:00")
    year.reports("R")
    year.does("wangmin", "R", "accept", days=3)
    year.does("zhanglei", "R", "rectify")
    year.does("wangmin", "R", "close")
    year.until("06-16 09:00")
    year.does("lixia", "R", "object", text="门还是关不上")
    year.until("06-17 09:00")
    year.does("suyan", "R", "dismiss_objection", text="现场看过，关得上")


def void_and_merge(year: Year) -> None:
    """One acceptance is voided by the superior after points, one report joins another."""
    year.until("07-20 09:00")
    year.reports("S")
    year.does("wangmin", "S", "accept", days=3)
    year.until("07-21 09:00")
    year.does("suyan", "S", "void", text="不是隐患，是正常检修")
    year.until("07-22 09:00")
    year.reports("T")
    year.reports("U", by="zhanglei")
    year.does("wangmin", "U", "merge", master=year.numbers["T"])
    year.does("wangmin", "T", "accept", days=3)
    year.until("07-23 09:00")
    year.does("zhanglei", "T", "rectify")
    year.does("wangmin", "T", "close")


def nobody_there(year: Year) -> None:
    """动力车间 has no officer: the report climbs to the enterprise, and says why."""
    year.until("08-20 09:00")
    year.reports("V", by="zhaoqiang", place_code="HBJX-PD")
    because = year.house.read("suyan", year.numbers["V"])["routing"]["because"]
    assert [reason["code"] for reason in because][-2:] == ["climbed", "officer_on_duty_here"]
    year.does("suyan", "V", "reject", reason="untrue", text="现场核实没有这个情况")


def deputy_stands_in(year: Year) -> None:
    """王敏 is away from 1 to 8 July; the newcomer stands in."""
    house = year.house
    year.until("06-30 09:00")
    year.reports("F")
    year.does("wangmin", "F", "accept", days=3)  # until Friday 3 July
    asked = LeaveAsked("wangmin", date(2026, 7, 1), date(2026, 7, 8), "suyan")
    take_leave(asked, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    year.until("07-02 09:00")
    year.reports("G")
    year.does("suyan", "G", "accept", days=7)
    year.until("07-03 10:00")
    year.does("zhanglei", "F", "rectify")
    year.does("suyan", "F", "close")
    year.until("07-06 10:00")
    year.does("zhanglei", "G", "rectify")
    year.until("07-09 10:00")
    year.does("wangmin", "G", "close")


def ping_pong(year: Year) -> None:
    """A report handed on, sent back, and handed on again by somebody above both."""
    year.until("08-10 09:00")
    year.reports("H")
    year.until("08-10 10:00")
    year.does("wangmin", "H", "transfer", unit="HBJX-D", text="归动力车间")
    year.until("08-10 11:00")
    year.does("suyan", "H", "return_transfer", text="是三号车间的设备")
    year.until("08-10 14:00")
    year.does("wangmin", "H", "transfer", status=403, unit="HBJX-D", text="再转一次")
    year.does("suyan", "H", "transfer", unit="HBJX-D", text="经查归动力车间")
    year.until("08-12 09:00")
    year.does("suyan", "H", "reject", reason="untrue", text="现场核实没有这个情况")


def national_day(year: Year) -> None:
    """1 to 7 October are off, Sunday 20 September and Saturday 10 October worked."""
    year.until("09-18 09:00")
    year.reports("I")
    year.does("wangmin", "I", "accept", days=1)  # the worked Sunday 20
    year.until("09-20 09:00")
    year.does("zhanglei", "I", "rectify")
    year.does("wangmin", "I", "close")
    year.until("09-30 09:00")
    year.reports("J")
    year.does("wangmin", "J", "accept", days=3)  # 8, 9, and the worked Saturday 10 October
    year.until("10-09 15:00")
    year.does("zhanglei", "J", "rectify")
    year.does("wangmin", "J", "close")


def batch_overdue(year: Year) -> None:
    """Three deadlines go by on one day; one hazard is major."""
    year.until("10-19 09:00")
    for letter in "KLM":
        year.reports(letter)
        year.does("wangmin", letter, "accept", days=3, **(MAJOR if letter == "M" else {}))
    year.until("10-26 09:00")
    for letter in "KL":
        year.does("zhanglei", letter, "rectify")
        year.does("wangmin", letter, "close")
    year.does("zhanglei", "M", "rectify")
    for to in ("regulator", "congress"):
        year.does("wangmin", "M", "record_dual_report", to=to, on="2026-10-26")
    year.does("liujianguo", "M", "close", status=200)


def extension_over_a_weekend(year: Year) -> None:
    """Asked for on Friday, decided on Monday: until then the old deadline counts."""
    year.until("11-10 09:00")
    year.reports("N")
    year.does("wangmin", "N", "accept", days=3)  # until Friday the 13th
    year.until("11-13 16:00")
    year.does("zhanglei", "N", "request_extension", deadline="2026-11-18T18:00:00+08:00", text="等配件")
    year.until("11-16 07:30")
    year.does("wangmin", "N", "decide_extension", decision="yes")
    year.until("11-17 15:00")
    year.does("zhanglei", "N", "rectify")
    year.does("wangmin", "N", "close")


def clock_jumps(year: Year) -> None:
    """For an hour the server believes that it is tomorrow."""
    year.until("11-30 09:00")
    year.reports("O")
    year.does("wangmin", "O", "accept", days=3)  # until Thursday 3 December
    year.until("12-01 09:00")
    year.house.clock.at = moment("12-02 09:00")
    year.work()
    year.house.clock.at = moment("12-01 10:00")
    year.work()
    year.until("12-03 09:00")
    year.does("zhanglei", "O", "rectify")
    year.does("wangmin", "O", "close")
    year.until("12-31 20:00")


def furnish(house: House, robot_url: str) -> None:
    """Working days, an address for 王敏, a robot for the enterprise."""
    with house.means.db.write() as session:
        unit = unit_by_code(session, "HBJX")
        assert unit is not None
        told = {"unit_id": unit.id, "name": "deadline_days", "value": "working", "set_at": house.clock()}
        session.execute(insert(UnitSettingRow).values(**told))
    topics = tuple(topic.value for topic in Topic)
    wangmin, at = house.actor("wangmin"), house.clock()
    code = name_address("wangmin@example.org", by=wangmin, at=at, db=house.means.db)
    confirm_address(code, by=wangmin, at=at, db=house.means.db)
    choose(by=wangmin, language="zh", heard=topics, digest=True, digest_hour=8, at=at, db=house.means.db)
    for login in ("maling", "dongfang", "xuhong", "guotao"):  # whose year this is not
        choose(
            by=house.actor(login), language="zh", heard=(), digest=False, digest_hour=8, at=at, db=house.means.db
        )
    form = ChannelForm("机械厂安全群", "wecom", robot_url, topics=topics)
    add_channel("HBJX", form, by=house.actor("hbjx-admin"), at=at, db=house.means.db)


def test_every_message_of_the_year(house: House) -> None:
    house.clock.at = moment("01-01 08:00")
    with mail_server() as mails, receiver() as group:
        furnish(house, group.url)
        year = Year(house, mails, group)
        for chapter in (
            spring_festival,
            workers_away,
            officer_leaves,
            thirty_overdue,
            appeal_and_objection,
            deputy_stands_in,
            void_and_merge,
            ping_pong,
            nobody_there,
            national_day,
            batch_overdue,
            extension_over_a_weekend,
            clock_jumps,
        ):
            chapter(year)
    assert year.events() == lines(EVENTS)
    assert year.messages() == lines(MESSAGES)
    assert year.digests() == lines(DIGESTS)
    assert year.mailed() == MAILED
    assert year.posted() == POSTED
    assert sorted(year.left_on("02-14")) == sorted(lines(EXACTLY))
    assert not any("李霞" in line for line in year.arrived if " group: " in line)
    # Two hazards left her sight with the message that tells of it: the list says so, no letter does.
    assert sum(MAILED.values()) == year.told("wangmin") - 2
    with house.means.db.read() as session:
        undone = select(ErrandRow.job).where(ErrandRow.state != ErrandState.DONE)
        assert session.execute(undone).scalars().all() == []
        unsent = select(DeliveryRow.fault).where(DeliveryRow.state != "sent")
        assert session.execute(unsent).scalars().all() == []
