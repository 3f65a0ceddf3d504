"""A hazard's number at its hardest moments: a crowd at New Year, and processes that die holding one."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from app.hazards.models import HazardRow
from tests.conftest import House
from tests.integration.hazard_world import dump
from tests.integration.test_submission import report_of, stored, submit, submit_hazard

ROOT = Path(__file__).resolve().parents[2]
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
CROWD = 20


def given(house: House, year: int) -> list[int]:
    """The running numbers of a year, as the hazards bear them."""
    with house.means.db.read() as session:
        numbers = session.execute(select(HazardRow.number).where(HazardRow.number.startswith(f"HZ-{year}-")))
        return sorted(int(number[-6:]) for number in numbers.scalars())


def test_a_crowd_at_midnight_begins_the_new_year_at_one_and_ends_the_old_without_a_gap(house: House):
    house.clock.at = NEW_YEAR - timedelta(seconds=1)
    last = int(submit(house, report_of()).number[-6:])
    together, by = Barrier(CROWD), house.actor("lixia")

    def report(n: int) -> str:
        """Every other one is still in the old year by its own clock."""
        at = NEW_YEAR if n % 2 else NEW_YEAR - timedelta(seconds=1)
        draft, photos = report_of(), [stored()]
        together.wait()
        return submit_hazard(draft, photos, by=by, at=at, store=house.means.store, db=house.means.db).number

    with ThreadPoolExecutor(CROWD) as crowd:
        numbers = list(crowd.map(report, range(CROWD)))
    assert len(set(numbers)) == CROWD
    assert given(house, 2027) == list(range(1, CROWD // 2 + 1))
    assert given(house, 2026)[-CROWD // 2 - 1 :] == list(range(last, last + CROWD // 2 + 1))


def test_twenty_at_once_all_of_whom_want_the_years_first_number_get_one_to_twenty(house: House):
    house.clock.at = NEW_YEAR
    together = Barrier(CROWD)

    def report(_n: int) -> str:
        draft = report_of()
        together.wait()
        return str(submit(house, draft).number)

    with ThreadPoolExecutor(CROWD) as crowd:
        numbers = sorted(crowd.map(report, range(CROWD)))
    assert numbers == [f"HZ-2027-{n:06d}" for n in range(1, CROWD + 1)]


def test_processes_killed_between_their_number_and_the_commit_leave_no_gap_and_no_trace(house: House):
    """The killed hold the same number one after the other, and whoever lives gets it."""
    house.clock.at = NEW_YEAR
    submit(house, report_of())
    before = dump(house)
    folder = house.means.settings.data
    command = [sys.executable, "-m", "tests.journeys.dies_with_a_number", str(folder), NEW_YEAR.isoformat()]
    dying = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    held = [process.communicate(timeout=600)[0].strip() for process in dying]
    assert [process.returncode for process in dying] == [-9] * 3
    assert held == ["HZ-2027-000002"] * 3
    assert dump(house) == before
    assert submit(house, report_of()).number == "HZ-2027-000002"
    assert given(house, 2027) == [1, 2]


def test_a_crowd_reports_on_while_others_die_with_their_numbers(house: House):
    house.clock.at = NEW_YEAR
    folder = house.means.settings.data
    command = [sys.executable, "-m", "tests.journeys.dies_with_a_number", str(folder), NEW_YEAR.isoformat()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        with ThreadPoolExecutor(4) as crowd:
            numbers = list(crowd.map(lambda _n: submit(house, report_of()).number, range(CROWD)))
        held = process.communicate(timeout=600)[0].strip()
        assert process.returncode == -9
    after = submit(house, report_of()).number
    assert sorted([*numbers, after]) == [f"HZ-2027-{n:06d}" for n in range(1, CROWD + 2)]
    assert held in {*numbers, after}, "what the dead one held was given to somebody who lives"
