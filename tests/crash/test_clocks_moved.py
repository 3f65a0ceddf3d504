"""Clocks that jump: the server's by a day, between two acts and within one, and a phone's by ten years (P22)."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle, pairwise

import pytest
from sqlalchemy import select

from app.competition.models import LedgerRow
from app.core.outbox import ErrandRow
from app.factory import create_app
from app.hazards.models import HazardRow
from config import Settings
from tests.conftest import START, FakeClock, House
from tests.crash.conftest import assert_sound
from tests.errands import claim
from tests.integration.hazard_world import attempt, events, history, row_of, sha256
from tests.photos import photo
from workers.jobs import Tools
from workers.runner import LEASE, relay_events, run_errand

DAY = timedelta(days=1)
LIFE = (("wangmin", "accept"), ("zhanglei", "acknowledge"), ("zhanglei", "rectify"), ("wangmin", "close"))
JUMPS = {
    "ahead and back": (DAY, -DAY, DAY, -DAY, DAY, -DAY),
    "back and ahead": (-DAY, DAY, -DAY, DAY, -DAY, DAY),
    "ever further back": (-DAY,) * 6,
    "ever further ahead": (DAY,) * 6,
}


@dataclass
class RestlessClock(FakeClock):
    """Jumps a day at every look, ahead and back."""

    jumps: Iterator[timedelta] = field(default_factory=lambda: cycle((DAY, -2 * DAY, DAY)))

    def __call__(self) -> datetime:
        self.at += next(self.jumps) + timedelta(seconds=1)
        return self.at


@pytest.fixture
def restless(house: House) -> Iterator[House]:
    """The house with a clock that is never twice on the same day."""
    clock = RestlessClock()
    app = create_app(Settings.from_environment({"DATA": str(house.means.settings.data)}), clock=clock)
    made = House(app, clock, house.decoder)
    yield made
    made.means.db.engine.dispose()


def assert_in_order(house: House, number: str) -> None:
    """Each step once, in the order in which it was made, each later than the one before."""
    steps = history(house, number)
    assert [step.action for step in steps] == ["submit", *(action for _login, action in LIFE)]
    assert [step.version for step in steps] == list(range(1, len(LIFE) + 2))
    assert all(one.id < two.id and one.at < two.at for one, two in pairwise(steps))
    told = Counter(name for name, _version in events(house, number))
    assert {told[name] for name in ("HazardSubmitted", "HazardAccepted", "HazardRectified", "HazardClosed")} == {1}
    shown = [entry["action"] for entry in house.read("wangmin", number)["timeline"]]
    assert shown == [step.action for step in steps]


def ledger(house: House, number: str) -> list[LedgerRow]:
    with house.means.db.read() as session:
        mine = select(LedgerRow).where(LedgerRow.hazard_id == row_of(house, number).id)
        return list(session.execute(mine).scalars())


@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
def test_a_hazards_life_across_jumps_of_a_day_keeps_its_order_and_counts_once(house, jumps):
    client_id = "6f0e9b50-7d0c-4d2e-8f3b-2b6f8c1f9a12"
    number = house.report("lixia", client_id=client_id)
    for jump, (login, action) in zip(jumps, LIFE, strict=False):
        house.clock.at += jump
        house.work()
        assert house.send("lixia", client_id=client_id).json["number"] == number
        answer = attempt(house, login, number, action)
        assert answer.status_code == 200, answer.json
    house.clock.at += jumps[len(LIFE)]
    house.work()
    assert house.state(number) == "closed"
    assert_in_order(house, number)
    seen = house.read("wangmin", number)["photos"]
    assert {shown["status"] for shown in seen} == {"ready"}
    assert len(ledger(house, number)) == 1
    with house.means.db.read() as session:
        assert len(session.execute(select(HazardRow).where(HazardRow.client_id == client_id)).all()) == 1
    assert_sound(house)


def test_a_clock_that_jumps_at_every_look_loses_and_doubles_nothing(restless):
    client_id = "6f0e9b50-7d0c-4d2e-8f3b-2b6f8c1f9a13"
    number = restless.report("lixia", client_id=client_id)
    assert restless.send("lixia", client_id=client_id).status_code == 200
    for login, action in LIFE:
        restless.work()
        # What a person says of the time is not what is tried here.
        told = {"finished_at": row_of(restless, number).changed_at.isoformat()} if action == "rectify" else {}
        answer = attempt(restless, login, number, action, **told)
        assert answer.status_code == 200, answer.json
    # Whatever a jump has put off by a look or two is done by then.
    for _ in range(3):
        restless.work()
    assert_in_order(restless, number)
    assert {shown["status"] for shown in restless.read("wangmin", number)["photos"]} == {"ready"}
    assert len(ledger(restless, number)) == 1
    assert_sound(restless)


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
def test_no_lease_and_no_pause_is_stuck_after_a_jump(house, jump):
    house.report("lixia", photos=(photo(size=(64, 48), seed=3),))
    tools = Tools(house.means, house.decoder)
    relay_events(tools)
    with house.means.db.write() as session:
        held = claim(session, at=house.clock(), lease=LEASE)
    assert held is not None
    with house.means.db.write() as session:
        waiting = select(ErrandRow).where(ErrandRow.state == "waiting").limit(1)
        session.execute(waiting).scalar_one().due_at = house.clock() + timedelta(minutes=5)
    house.clock.at += jump
    while run_errand(tools):
        pass
    with house.means.db.read() as session:
        assert set(session.execute(select(ErrandRow.state)).scalars()) == {"done"}


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
def test_a_jump_locks_nobody_out_and_numbers_go_on(house, jump):
    numbers = [house.report("lixia") for _ in range(5)]
    house.clock.at += jump
    numbers += [house.report("lixia") for _ in range(5)]
    house.clock.at -= jump
    numbers += [house.report("lixia") for _ in range(5)]
    told = [int(number.rpartition("-")[2]) for number in numbers]
    assert told == list(range(told[0], told[0] + 15))
    listed = [line["number"] for line in house.api("lixia", "GET", "/hazards?limit=15").json["items"]]
    assert listed == numbers[::-1]


@pytest.mark.parametrize("years", [-10, 10], ids=["behind", "ahead"])
def test_a_phone_ten_years_off_changes_neither_order_nor_month(house, years):
    said = START.replace(year=START.year + years, month=1).isoformat()
    position = {"lat": 38.047, "lon": 114.507, "accuracy_m": 9, "datum": "wgs84", "at": said}
    phone = {"captured_at": said, "position": position}
    before, number, after = house.report("lixia"), told_by(house, phone), house.report("lixia")
    house.work()
    assert told_by(house, phone) == number
    listed = [line["number"] for line in house.api("lixia", "GET", "/hazards?limit=3").json["items"]]
    assert listed == [after, number, before]
    house.accept(number)
    house.work()
    assert row_of(house, number).submitted_at == START
    assert {(entry.month.year, entry.month.month) for entry in ledger(house, number)} == {(2026, 11)}
    shown = house.read("wangmin", number)["photos"][0]
    assert shown["status"] == "ready"
    assert shown["captured_at"] != said, "a phone's word of the time is shown as a witness, not as the truth"
    assert_sound(house)


def told_by(house: House, phone: dict[str, object]) -> str:
    """The number of the one report whose phone tells its own time."""
    picture = photo(size=(64, 48), seed=4)
    sent = {
        "client_id": "6f0e9b50-7d0c-4d2e-8f3b-2b6f8c1f9a14",
        "place_code": "HBJX-A3",
        "category": "ELEC",
        "photos": [{"sha256": sha256(picture), **phone}],
    }
    parts = {"hazard": json.dumps(sent), "photo": [(io.BytesIO(picture), "a.jpg")]}
    answer = house.api("lixia", "POST", "/hazards", data=parts, content_type="multipart/form-data")
    assert answer.status_code in {200, 201}, answer.json
    return str(answer.json["number"])
