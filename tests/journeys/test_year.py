"""A unit's whole year by its calendar: holidays, workers away, people leaving; every message, to whom and when.

The enterprise HBJX counts working days. The year is walked day by day at 08:00 and 20:00; every line of the two
lists below is one event of the clocks, or one message to one person, in the order in which they were made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from app.accounts.models import AccountRow
from app.accounts.permissions import Role
from app.core.outbox import ErrandRow, ErrandState, EventRow
from app.hazards.deadlines import chosen_deadline
from app.hazards.leaving import about_to_leave, disable_person
from app.hazards.models import HazardRow
from app.notifications.models import MessageRow
from app.units.queries import unit_by_code
from app.units.settings import UnitSettingRow, settings_of
from app.units.taking_leave import LeaveAsked, take_leave
from tests.conftest import House
from tests.integration.hazard_world import add_person
from workers.jobs import Tools
from workers.timetable import watch_deadlines

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOCKS = ("DeadlineMarked", "FirstActLate", "HazardSupervised")
MAJOR = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}


def moment(told: str) -> datetime:
    """`02-11 09:30` of the year, in Shanghai."""
    return datetime.strptime(f"2026-{told}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@dataclass
class Year:
    """The house through the year; hazards are called by letters, as the lists below call them."""

    house: House
    numbers: dict[str, str] = field(default_factory=dict)

    def until(self, told: str, *, workers: bool = True) -> None:
        """Let the days go by; the workers look at 08:00 and at 20:00, and once at the end, or not at all."""
        end, clock = moment(told), self.house.clock
        day = clock.at.astimezone(SHANGHAI).date()
        while workers and day <= end.date():
            for hour in (8, 20):
                wakes = datetime.combine(day, time(hour), tzinfo=SHANGHAI)
                if clock.at < wakes <= end:
                    clock.at = wakes
                    self.work()
            day += timedelta(days=1)
        clock.at = end
        if workers:
            self.work()

    def work(self) -> None:
        watch_deadlines(Tools(self.house.means, self.house.decoder))
        self.house.work()

    def reports(self, letter: str, *, by: str = "lixia", **fields: Any) -> None:
        self.house._tokens.clear()  # a token does not live for a year
        self.numbers[letter] = self.house.report(by, **fields)
        self.house.work()

    def does(self, login: str, letter: str, action: str, *, status: int = 200, **told: Any) -> None:
        self.house._tokens.clear()
        number = self.numbers[letter]
        if action == "accept":
            self.house.accept(number, by=login, **{"deadline": self.in_days(told.pop("days", 7)), **told})
        elif action == "rectify":
            self.house.rectify(number, by=login)
        elif action == "close":
            self.house.close(number, by=login)
        else:
            answer = self.house.act(login, number, action, **told)
            assert answer.status_code == status, answer.json
        self.house.work()

    def in_days(self, days: int) -> str:
        """The deadline that the form's choice means where HBJX counts."""
        at = self.house.clock()
        with self.house.means.db.read() as session:
            unit = unit_by_code(session, "HBJX-3")
            assert unit is not None
            counting = settings_of(session, unit).deadline_days
        assert counting == "working"
        return chosen_deadline(days, at=at, zone=SHANGHAI, counting=counting).isoformat()

    def _letters(self) -> dict[int, str]:
        by_number = {number: letter for letter, number in self.numbers.items()}
        with self.house.means.db.read() as session:
            rows = session.execute(select(HazardRow.id, HazardRow.number)).all()
        return {row.id: by_number[row.number] for row in rows if row.number in by_number}

    def events(self) -> list[str]:
        """What the clocks told, line by line."""
        letters = self._letters()
        with self.house.means.db.read() as session:
            rows = session.execute(
                select(EventRow).where(EventRow.name.in_(CLOCKS)).order_by(EventRow.id)
            ).scalars()
            told = [(row.at, row.name, row.values) for row in rows]
        lines = []
        for at, name, values in told:
            letter = letters.get(values["hazard_id"])
            days = f" {values['days']:+d}" if "days" in values else ""
            if letter is not None:
                lines.append(f"{_when(at)} {letter} {name}{days}")
        return lines

    def messages(self) -> list[str]:
        """Who was told what of whose hazards, line by line: hearers of one event on one line."""
        letters = self._letters()
        with self.house.means.db.read() as session:
            rows = session.execute(
                select(MessageRow, AccountRow.login)
                .join(AccountRow, AccountRow.id == MessageRow.account_id)
                .where(MessageRow.hazard_id.is_not(None))
                .order_by(MessageRow.id)
            ).all()
        return list(_joined((letters.get(row.hazard_id or 0, ""), row, login) for row, login in rows))


def _when(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def _joined(told: Iterable[tuple[str, MessageRow, str]]) -> Iterable[str]:
    head, hearers = "", []
    for letter, row, login in told:
        if not letter:
            continue
        line = f"{_when(row.made_at)} {letter} {row.kind}:"
        if line != head and head:
            yield f"{head} {' '.join(hearers)}"
        if line != head:
            head, hearers = line, []
        hearers.append(f"{login}*" if row.part == "deputy" else login)
    if head:
        yield f"{head} {' '.join(hearers)}"


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


EVENTS = """
02-13 08:00 A DeadlineMarked -1
02-14 08:00 A DeadlineMarked +0
02-15 08:00 A DeadlineMarked +1
02-17 08:00 A DeadlineMarked +3
02-24 08:00 B DeadlineMarked -1
03-09 08:00 C DeadlineMarked -1
03-17 10:00 C DeadlineMarked +1
03-17 10:00 C DeadlineMarked +3
03-17 10:00 D FirstActLate
04-19 08:00 E DeadlineMarked -1
04-20 08:00 E DeadlineMarked +0
04-21 08:00 E DeadlineMarked +1
07-02 08:00 F DeadlineMarked -1
07-03 08:00 F DeadlineMarked +0
08-11 20:00 H FirstActLate
09-19 08:00 I DeadlineMarked -1
09-20 08:00 I DeadlineMarked +0
10-09 08:00 J DeadlineMarked -1
10-21 08:00 K DeadlineMarked -1
10-21 08:00 L DeadlineMarked -1
10-21 08:00 M DeadlineMarked -1
10-22 08:00 K DeadlineMarked +0
10-22 08:00 L DeadlineMarked +0
10-22 08:00 M DeadlineMarked +0
10-22 20:00 M HazardSupervised
10-23 08:00 K DeadlineMarked +1
10-23 08:00 L DeadlineMarked +1
10-23 08:00 M DeadlineMarked +1
10-25 08:00 K DeadlineMarked +3
10-25 08:00 L DeadlineMarked +3
10-25 08:00 M DeadlineMarked +3
11-12 08:00 N DeadlineMarked -1
11-13 08:00 N DeadlineMarked +0
11-14 08:00 N DeadlineMarked +1
11-17 08:00 N DeadlineMarked -1
12-02 09:00 O DeadlineMarked -1
12-03 08:00 O DeadlineMarked +0
"""
MESSAGES = """
02-11 09:00 A arrived: wangmin
02-11 09:00 A assigned: zhanglei
02-11 09:00 A accepted: lixia
02-13 08:00 A due_tomorrow: zhanglei wangmin
02-13 09:00 B arrived: wangmin
02-13 09:00 B assigned: zhanglei
02-13 09:00 B accepted: lixia
02-14 08:00 A due_today: zhanglei wangmin
02-15 08:00 A overdue: zhanglei wangmin
02-17 08:00 A long_overdue: liujianguo chenjun tianye
02-24 08:00 B due_tomorrow: zhanglei wangmin
02-24 16:00 A to_review: wangmin
02-24 16:00 B to_review: wangmin
02-26 09:00 A closed: lixia zhanglei
02-26 09:00 B closed: lixia zhanglei
03-05 09:00 C arrived: wangmin
03-05 09:00 C assigned: zhanglei
03-05 09:00 C accepted: lixia
03-09 08:00 C due_tomorrow: zhanglei wangmin
03-11 09:00 D arrived: wangmin
03-17 10:00 C overdue: zhanglei wangmin
03-17 10:00 C long_overdue: liujianguo chenjun tianye
03-17 10:00 D first_act_late: wangmin liujianguo chenjun
03-18 09:00 C to_review: wangmin
03-18 09:00 C closed: lixia zhanglei
03-18 09:00 D rejected: lixia
04-15 09:00 E arrived: chenjun
04-15 09:00 E assigned: zhanglei
04-15 09:00 E accepted: lixia
04-19 08:00 E due_tomorrow: zhanglei chenjun
04-20 08:00 E due_today: zhanglei chenjun
04-20 09:00 E handed_over: suyan
04-21 08:00 E overdue: zhanglei suyan
04-21 09:00 E to_review: suyan
04-21 09:00 E closed: lixia zhanglei
06-30 09:00 F arrived: wangmin
06-30 09:00 F assigned: zhanglei
06-30 09:00 F accepted: lixia
07-02 08:00 F due_tomorrow: zhanglei wangmin suyan*
07-02 09:00 G arrived: suyan
07-02 09:00 G assigned: zhanglei
07-02 09:00 G accepted: lixia
07-03 08:00 F due_today: zhanglei wangmin suyan*
07-03 10:00 F to_review: wangmin suyan*
07-03 10:00 F closed: lixia zhanglei wangmin
07-06 10:00 G to_review: wangmin suyan*
07-09 10:00 G closed: lixia zhanglei suyan
08-10 09:00 H arrived: wangmin
08-10 10:00 H arrived: suyan
08-10 10:00 H handed_on: lixia
08-10 11:00 H arrived: wangmin
08-10 11:00 H handed_on: lixia
08-10 14:00 H moved_away: wangmin
08-10 14:00 H handed_on: lixia
08-11 20:00 H first_act_late: suyan liujianguo
08-12 09:00 H rejected: lixia
09-18 09:00 I arrived: wangmin
09-18 09:00 I assigned: zhanglei
09-18 09:00 I accepted: lixia
09-19 08:00 I due_tomorrow: zhanglei wangmin
09-20 08:00 I due_today: zhanglei wangmin
09-20 09:00 I to_review: wangmin
09-20 09:00 I closed: lixia zhanglei
09-30 09:00 J arrived: wangmin
09-30 09:00 J assigned: zhanglei
09-30 09:00 J accepted: lixia
10-09 08:00 J due_tomorrow: zhanglei wangmin
10-09 15:00 J to_review: wangmin
10-09 15:00 J closed: lixia zhanglei
10-19 09:00 K arrived: wangmin
10-19 09:00 K assigned: zhanglei
10-19 09:00 K accepted: lixia
10-19 09:00 L arrived: wangmin
10-19 09:00 L assigned: zhanglei
10-19 09:00 L accepted: lixia
10-19 09:00 M arrived: wangmin
10-19 09:00 M assigned: zhanglei
10-19 09:00 M major_accepted: liujianguo suyan
10-19 09:00 M accepted: lixia
10-21 08:00 K due_tomorrow: zhanglei wangmin
10-21 08:00 L due_tomorrow: zhanglei wangmin
10-21 08:00 M due_tomorrow: zhanglei wangmin
10-22 08:00 K due_today: zhanglei wangmin
10-22 08:00 L due_today: zhanglei wangmin
10-22 08:00 M due_today: zhanglei wangmin
10-22 20:00 M supervised: zhanglei wangmin liujianguo suyan tianye
10-23 08:00 K overdue: zhanglei wangmin
10-23 08:00 L overdue: zhanglei wangmin
10-23 08:00 M overdue: zhanglei wangmin
10-25 08:00 K long_overdue: liujianguo suyan tianye
10-25 08:00 L long_overdue: liujianguo suyan tianye
10-25 08:00 M long_overdue: liujianguo suyan tianye
10-26 09:00 K to_review: wangmin
10-26 09:00 K closed: lixia zhanglei
10-26 09:00 L to_review: wangmin
10-26 09:00 L closed: lixia zhanglei
10-26 09:00 M to_review: liujianguo suyan
10-26 09:00 M dual_reported: liujianguo suyan liujianguo suyan
10-26 09:00 M closed: lixia zhanglei wangmin
11-10 09:00 N arrived: wangmin
11-10 09:00 N assigned: zhanglei
11-10 09:00 N accepted: lixia
11-12 08:00 N due_tomorrow: zhanglei wangmin
11-13 08:00 N due_today: zhanglei wangmin
11-13 16:00 N extension_asked: wangmin
11-14 08:00 N overdue: zhanglei wangmin
11-16 07:30 N extension_given: zhanglei
11-17 08:00 N due_tomorrow: zhanglei wangmin
11-17 15:00 N to_review: wangmin
11-17 15:00 N closed: lixia zhanglei
11-30 09:00 O arrived: wangmin
11-30 09:00 O assigned: zhanglei
11-30 09:00 O accepted: lixia
12-02 09:00 O due_tomorrow: zhanglei wangmin
12-03 08:00 O due_today: zhanglei wangmin
12-03 09:00 O to_review: wangmin
12-03 09:00 O closed: lixia zhanglei
"""
"""A star marks who hears as a deputy."""


def test_every_message_of_the_year(house: House) -> None:
    house.clock.at = moment("01-01 08:00")
    with house.means.db.write() as session:
        unit = unit_by_code(session, "HBJX")
        assert unit is not None
        told = {"unit_id": unit.id, "name": "deadline_days", "value": "working", "set_at": house.clock()}
        session.execute(insert(UnitSettingRow).values(**told))
    year = Year(house)
    for chapter in (
        spring_festival,
        workers_away,
        officer_leaves,
        deputy_stands_in,
        ping_pong,
        national_day,
        batch_overdue,
        extension_over_a_weekend,
        clock_jumps,
    ):
        chapter(year)
    assert year.events() == lines(EVENTS)
    assert year.messages() == lines(MESSAGES)
    with house.means.db.read() as session:
        undone = select(ErrandRow.job).where(ErrandRow.state != ErrandState.DONE)
        assert session.execute(undone).scalars().all() == []
