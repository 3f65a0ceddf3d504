"""A house through a whole year: its clock walked round by round; what was told, mailed and posted, as lines."""

import base64
import email
import email.header
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.accounts.models import AccountRow
from app.core.outbox import EventRow
from app.hazards.deadlines import chosen_deadline
from app.hazards.models import HazardRow
from app.notifications.models import MessageRow
from app.units.queries import unit_by_code
from app.units.settings import settings_of
from tests.conftest import House
from tests.receivers import MailBox, Receiver
from workers.jobs import Tools
from workers.timetable import Rounds, carry_messages

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOCKS = ("DeadlineMarked", "FirstActLate", "HazardSupervised")
QUIET_HOURS, BUSY_HOURS = (8, 20), range(7, 22)
"""When the workers wake on a day on which nobody acts, and on one on which somebody does."""


def moment(told: str) -> datetime:
    """`02-11 09:30` of the year, in Shanghai."""
    return datetime.strptime(f"2026-{told}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@dataclass
class Year:
    """The house through the year; hazards are called by letters, and those of one batch by one letter."""

    house: House
    mails: MailBox
    group: Receiver
    numbers: dict[str, str] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)
    arrived: list[str] = field(default_factory=list)
    """What came out of the house, line by line, with the hour at which it did."""

    def __post_init__(self) -> None:
        """Give the house a mail server, and let it post to this machine."""
        settings = replace(
            self.house.means.settings,
            smtp_url=self.mails.url,
            mail_from="safety@example.org",
            outgoing_allowed=("127.0.0.1",),
        )
        self.house.app.extensions["runtime"] = replace(self.house.means, settings=settings)

    def until(self, told: str, *, workers: bool = True) -> None:
        """Let the time go by; the workers walk their whole timetable each time they wake, or not at all."""
        end, clock = moment(told), self.house.clock
        acted_on = {clock.at.astimezone(SHANGHAI).date(), end.date()}
        wakes = clock.at.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
        while workers and (wakes := wakes + timedelta(hours=1)) < end:
            if wakes.hour in (BUSY_HOURS if wakes.date() in acted_on else QUIET_HOURS):
                clock.at = wakes
                self.work()
        clock.at = end
        if workers:
            self.work()

    def work(self) -> None:
        """One waking of the workers: all errands, the timetable, and the errands it made, until it is quiet."""
        tools = Tools(self.house.means, self.house.decoder)
        self.house.work()
        self.rounds.walk(tools)
        self.house.work()
        carry_messages(tools)  # what this round made leaves five seconds later
        self._collect()

    def _collect(self) -> None:
        at = _when(self.house.clock())
        for to, raw in self.mails.letters:
            subject, text = read_letter(raw)
            self.arrived.append(f"{at} mail {to.partition('@')[0]}: {subject} | {text}")
        for post in self.group.posts:
            kind = post.json["msgtype"]
            self.arrived.append(f"{at} group: {post.json[kind]['content']}")
        self.mails.letters.clear()
        self.group.posts.clear()

    def reports(self, letter: str, *, by: str = "lixia", **fields: Any) -> None:
        self.house._tokens.clear()  # a token does not live for a year
        self.numbers[letter] = self.house.report(by, **fields)
        self.work()

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
        self.work()

    def in_days(self, days: int) -> str:
        """The deadline that the form's choice means where HBJX counts."""
        at = self.house.clock()
        with self.house.means.db.read() as session:
            unit = unit_by_code(session, "HBJX-3")
            assert unit is not None
            counting = settings_of(session, unit).deadline_days
        assert counting == "working"
        return chosen_deadline(days, at=at, zone=SHANGHAI, counting=counting).isoformat()

    def lettered(self, text: str) -> str:
        """The text with letters where the hazards' numbers are."""
        by_number = {number: _called(letter) for letter, number in self.numbers.items()}
        return re.sub(r"HZ-2026-\d{6}", lambda found: by_number.get(found[0], found[0]), text)

    def _letters(self) -> dict[int, str]:
        by_number = {number: _called(letter) for letter, number in self.numbers.items()}
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
        return list(_counted(lines))

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
        told = [(letters[row.hazard_id or 0], row, login) for row, login in rows if row.hazard_id in letters]
        return list(_counted(_by_event(told)))

    def digests(self) -> list[str]:
        """What waited for whom, line by line, of the people of HBJX and above."""
        with self.house.means.db.read() as session:
            rows = session.execute(
                select(MessageRow, AccountRow.login)
                .join(AccountRow, AccountRow.id == MessageRow.account_id)
                .where(MessageRow.kind == "digest")
                .order_by(MessageRow.id)
            ).all()
        told: dict[str, list[str]] = {}
        for row, login in rows:
            waits = " ".join(f"{what} {n}" for what, n in row.facts["waiting"].items())
            told.setdefault(f"{_when(row.made_at)} {waits}", []).append(login)
        return [f"{waits}: {' '.join(logins)}" for waits, logins in told.items()]

    def told(self, login: str) -> int:
        """How many messages this person was told, digests among them."""
        who = self.house.actor(login).account_id
        with self.house.means.db.read() as session:
            return session.execute(
                select(func.count(MessageRow.id)).where(MessageRow.account_id == who)
            ).scalar_one()

    def mailed(self) -> dict[str, int]:
        """How often each subject was mailed."""
        subjects = (line.partition(": ")[2].partition(" |")[0] for line in self.arrived if " mail " in line)
        return dict(Counter(re.sub(r" HZ-2026-\d{6}$", "", subject).strip() for subject in subjects))

    def posted(self) -> dict[str, int]:
        """How often the group was told each thing; several may have come in one post."""
        posts = (line.partition(" group: ")[2] for line in self.arrived if " group: " in line)
        return dict(Counter(text.splitlines()[0] for post in posts for text in post.strip().split("\n\n")))

    def left_on(self, day: str) -> list[str]:
        """All that left the house on this day, with " / " where its lines end."""
        left = [self.lettered(line) for line in self.arrived if line.startswith(day)]
        return [" / ".join(part for part in line.splitlines() if part) for line in left]


def _called(letter: str) -> str:
    """`P` for P1, P2 and so on: a batch is told of as one."""
    return letter.rstrip("0123456789")


def _when(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def _by_event(told: Iterable[tuple[str, MessageRow, str]]) -> Iterator[str]:
    for _source, rows in groupby(told, key=lambda row: (row[1].source, row[1].kind)):
        hearers = list(rows)
        letter, first, _ = hearers[0]
        names = " ".join(f"{login}*" if row.part == "deputy" else login for _, row, login in hearers)
        yield f"{_when(first.made_at)} {letter} {first.kind}: {names}"


def _counted(told: Iterable[str]) -> Iterator[str]:
    """The same line so many times within the same minute of the same hazards is one line."""
    for _moment_and_letter, lines in groupby(told, key=lambda line: line.split()[:3]):
        for line, count in Counter(lines).items():
            yield line if count == 1 else f"{line} ×{count}"


def read_letter(raw: str) -> tuple[str, str]:
    """Subject and words of a letter."""
    letter = email.message_from_string(raw)
    subject = str(email.header.make_header(email.header.decode_header(letter["Subject"])))
    return subject, base64.b64decode(str(letter.get_payload())).decode()
