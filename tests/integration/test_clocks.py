"""The clocks of open hazards: every mark once, whatever the worker and the server's clock do."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.outbox import EventRow
from app.hazards import clocks
from app.hazards.clocks import announce_deadlines
from app.hazards.models import DeadlineMarkRow, HazardRow
from tests.conftest import House
from tests.integration.hazard_world import history, row_of, step

CLOCKS = ("DeadlineMarked", "FirstActLate", "HazardSupervised")


def told(house: House, number: str) -> list[tuple[str, int | None]]:
    """What the clocks told of this hazard, in its order: the event and the mark."""
    hazard_id = row_of(house, number).id
    with house.means.db.read() as session:
        rows = session.execute(select(EventRow).where(EventRow.name.in_(CLOCKS)).order_by(EventRow.id)).scalars()
        return [(row.name, row.values.get("days")) for row in rows if row.values["hazard_id"] == hazard_id]


def marks(house: House, number: str) -> list[tuple[str, int, bool]]:
    hazard_id = row_of(house, number).id
    with house.means.db.read() as session:
        rows = session.execute(
            select(DeadlineMarkRow).where(DeadlineMarkRow.hazard_id == hazard_id).order_by(DeadlineMarkRow.id)
        ).scalars()
        return [(row.clock, row.days, row.announced) for row in rows]


def sweep(house: House, at: datetime | None = None) -> None:
    announce_deadlines(at=at or house.clock(), db=house.means.db)


def days_go_by(house: House, days: int, *, every: timedelta = timedelta(hours=3)) -> None:
    end = house.clock() + timedelta(days=days)
    while house.clock() < end:
        house.clock.at += every
        sweep(house)


def under_way(house: House, *, days: int = 7, **more: Any) -> str:
    number = house.report("lixia")
    house.accept(number, days=days, **more)
    return number


def test_a_deadline_is_told_the_day_before_on_the_day_and_after_it(house):
    number = under_way(house, days=7)
    days_go_by(house, 20)
    assert told(house, number) == [("DeadlineMarked", days) for days in (-1, 0, 1, 3)]
    assert [entry for entry in history(house, number) if entry.action == "supervise"] == []


def test_a_mark_comes_with_the_morning_of_the_units_day(house):
    number = under_way(house, days=7)  # until Monday the 9th, nine in the morning
    house.clock.at = datetime.fromisoformat("2026-11-08T07:59:00+08:00")
    sweep(house)
    assert told(house, number) == []
    house.clock.forward(minutes=1)
    sweep(house)
    assert told(house, number) == [("DeadlineMarked", -1)]


def test_the_same_sweep_twice_or_by_two_workers_tells_once(house):
    number = under_way(house, days=1)
    house.clock.forward(days=2)
    for _ in range(3):
        sweep(house)
    assert told(house, number) == [("DeadlineMarked", 1)]
    hazard = row_of(house, number)
    with house.means.db.write() as session:  # the other worker read before the first one wrote
        again = clocks._keep_mark(
            session, hazard.id, clocks.REPAIR, hazard.deadline, 1, announced=True, at=house.clock()
        )
        assert not again
        assert session.execute(select(DeadlineMarkRow.id)).scalars().all()  # the transaction goes on


def test_after_a_week_without_workers_people_hear_once_and_the_superior_too(house):
    number = under_way(house, days=3)
    house.clock.forward(days=10)
    sweep(house)
    assert marks(house, number) == [
        ("repair", -1, False),
        ("repair", 0, False),
        ("repair", 1, True),
        ("repair", 3, True),
    ]
    days_go_by(house, 5)
    assert told(house, number) == [("DeadlineMarked", 1), ("DeadlineMarked", 3)]


def test_a_clock_a_day_ahead_and_set_back_neither_doubles_nor_skips(house):
    number = under_way(house, days=3)
    house.clock.forward(days=1)
    sweep(house)
    right = house.clock()
    for wrong in (right + timedelta(days=1), right, right - timedelta(days=1), right):
        sweep(house, wrong)
    days_go_by(house, 12)
    assert told(house, number) == [("DeadlineMarked", days) for days in (-1, 0, 1, 3)]


def test_a_repair_that_was_handed_in_is_not_nagged(house):
    number = under_way(house, days=3)
    house.rectify(number)
    days_go_by(house, 9)
    assert told(house, number) == []


def test_a_repair_handed_in_between_the_look_and_the_word_is_not_nagged(house, monkeypatch):
    number = under_way(house, days=1)
    house.clock.forward(days=5)
    found = clocks._repairs_due

    def and_then_somebody_acts(session: Any, **more: Any) -> list[int]:
        due = found(session, **more)
        house.rectify(number)
        return due

    monkeypatch.setattr(clocks, "_repairs_due", and_then_somebody_acts)
    sweep(house)
    assert told(house, number) == []


def test_more_time_brings_new_marks_and_a_pending_request_none(house):
    number = under_way(house, days=3)
    house.clock.forward(days=1)
    later = (house.clock() + timedelta(days=9)).isoformat()
    step(house, "zhanglei", number, "request_extension", deadline=later)
    days_go_by(house, 1)
    assert told(house, number) == [("DeadlineMarked", -1)]  # the deadline in force still counts
    step(house, "wangmin", number, "decide_extension")
    days_go_by(house, 20)
    assert told(house, number) == [("DeadlineMarked", days) for days in (-1, -1, 0, 1, 3)]


def test_a_repair_sent_back_runs_against_its_new_deadline(house):
    number = under_way(house, days=3)
    days_go_by(house, 5)
    house.rectify(number)
    answer = house.act(
        "wangmin",
        number,
        "send_back",
        text="还漏电",
        deadline=(house.clock() + timedelta(days=2)).isoformat(),
    )
    assert answer.status_code == 200
    days_go_by(house, 9)
    assert told(house, number) == [("DeadlineMarked", days) for days in (-1, 0, 1, -1, 0, 1, 3)]


MAJOR = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}


def test_a_major_hazard_overdue_is_supervised_once_at_once_and_its_history_says_so(house):
    number = under_way(house, days=3, **MAJOR)
    house.clock.forward(days=3, minutes=1)
    before = house.version(number)
    sweep(house)
    sweep(house)
    hazard = row_of(house, number)
    assert hazard.supervised_at == house.clock()
    assert hazard.version == before + 1
    assert told(house, number).count(("HazardSupervised", None)) == 1
    last = history(house, number)[-1]
    assert (last.action, last.actor_id, last.from_state, last.to_state) == (
        "supervise",
        None,
        "rectifying",
        "rectifying",
    )
    house.clock.forward(days=30)
    sweep(house)
    assert [entry.action for entry in history(house, number)].count("supervise") == 1
    assert house.act("zhanglei", number, "acknowledge").status_code == 200


def test_a_general_hazard_and_a_major_one_in_reinspection_are_not_supervised(house):
    general, waiting = under_way(house, days=3), under_way(house, days=3, **MAJOR)
    house.rectify(waiting)
    house.clock.forward(days=9)
    sweep(house)
    assert row_of(house, general).supervised_at is None
    assert row_of(house, waiting).supervised_at is None


def test_supervision_is_a_step_that_a_clock_set_back_cannot_put_out_of_order(house):
    number = under_way(house, days=3, **MAJOR)
    accepted = row_of(house, number).changed_at
    with house.means.db.write() as session:
        session.execute(
            update(HazardRow).where(HazardRow.number == number).values(changed_at=accepted + timedelta(days=30))
        )
    house.clock.forward(days=4)
    sweep(house)
    steps = history(house, number)
    assert steps[-1].at > accepted + timedelta(days=30)


def test_an_answer_later_than_24_hours_is_told_once_for_each_arrival(house):
    number = house.report("lixia")
    house.clock.forward(hours=23, minutes=59)
    sweep(house)
    assert told(house, number) == []
    house.clock.forward(minutes=1)
    sweep(house)
    sweep(house)
    assert told(house, number) == [("FirstActLate", None)]
    assert house.act("wangmin", number, "transfer", unit="HBJX-D", text="归动力车间").status_code == 200
    house.clock.forward(hours=25)
    sweep(house)
    assert told(house, number) == [("FirstActLate", None)] * 2


@pytest.mark.parametrize("action", ["ask", "reject", "accept", "withdraw"])
def test_a_report_that_was_answered_or_withdrawn_is_not_late(house, action):
    number = house.report("lixia")
    step(house, "lixia" if action == "withdraw" else "wangmin", number, action)
    house.clock.forward(days=3)
    sweep(house)
    assert ("FirstActLate", None) not in told(house, number)


def test_a_bug_with_one_hazard_leaves_what_was_kept_and_the_next_round_goes_on(house, monkeypatch):
    numbers = [under_way(house, days=1) for _ in range(3)]
    house.clock.forward(days=2)
    monkeypatch.setattr(clocks, "BATCH", 1)
    real, asked = clocks._mark_repair, []

    def breaks_once(session: Any, hazard: HazardRow, **more: Any) -> int:
        asked.append(hazard.number)
        if len(asked) == 2:
            raise RuntimeError
        return real(session, hazard, **more)

    monkeypatch.setattr(clocks, "_mark_repair", breaks_once)
    with pytest.raises(RuntimeError):
        sweep(house)
    sweep(house)
    assert [told(house, number) for number in numbers] == [[("DeadlineMarked", 1)]] * 3


@pytest.mark.sqlite_only  # reads SQLite's plans
def test_the_sweep_finds_open_hazards_by_an_index_of_their_own(house):
    statements: list[str] = []
    with house.means.db.read() as session:
        for query in (
            "SELECT id FROM hazard WHERE hazard.state = 'rectifying' AND deadline <= '2027' ORDER BY deadline",
            (
                "SELECT id FROM hazard WHERE hazard.state = 'submitted' AND hazard.first_act_at IS NULL"
                " AND arrived_at <= '2027-01-01' ORDER BY arrived_at"
            ),
        ):
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")
            statements += [str(row[3]) for row in plan]
    assert "ix_hazard_to_repair" in statements[0]
    assert "ix_hazard_to_answer" in statements[1]
