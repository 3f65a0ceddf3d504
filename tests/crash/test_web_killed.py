"""kill -9 of a web process between the steps of a report, on both databases: after the retry there is one."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.hazards.models import HazardRow
from tests.conftest import KINDS, House, _house_in
from tests.crash.conftest import TAKEN, Driver, Report, assert_once, assert_sound, finish, sequence
from tests.crash.driver import Wish
from tests.crash.dying import COMMIT_SENT, MOMENTS
from tests.databases import forget
from tests.photos import photo
from workers.decoder import Decoder

DEATHS = [(kind, moment) for kind in KINDS for moment in MOMENTS] + [("postgresql", COMMIT_SENT)]


@dataclass
class Ground:
    """A house that looks on, and the driver whose processes live and die on its data."""

    house: House
    driver: Driver

    def count(self, report: Report) -> int:
        with self.house.means.db.read() as session:
            mine = select(func.count()).select_from(HazardRow).where(HazardRow.client_id == report.client_id)
            return session.execute(mine).scalar_one()


@pytest.fixture(scope="module")
def grounds(
    tmp_path_factory: pytest.TempPathFactory, furnish: Callable[[str], Path], decoder: Decoder
) -> Iterator[Callable[[str], Ground]]:
    """The ground of each kind of database, made once."""
    with contextlib.ExitStack() as stack:

        @cache
        def ground_on(kind: str) -> Ground:
            folder = shutil.copytree(furnish(kind), tmp_path_factory.mktemp(f"ground-{kind}") / "data")
            house = _house_in(folder, decoder)
            stack.callback(forget, folder)
            stack.callback(house.means.db.engine.dispose)
            made = Ground(house, Driver(house.means.settings))
            stack.callback(made.driver.end)
            return made

        yield ground_on


@pytest.mark.parametrize(("kind", "moment"), DEATHS)
def test_a_report_whose_web_process_died_on_the_way_is_one_hazard_after_the_retry(grounds, kind, moment):
    ground = grounds(kind)
    house = ground.house
    before = sequence(house.report("lixia"))
    picture = photo(size=(160, 120), seed=300 + list(MOMENTS | {COMMIT_SENT: 1}).index(moment), exif=TAKEN)
    report = Report(house.token("lixia"), picture=picture)
    assert ground.driver.child(Wish(dies=moment)).send(report) is None
    if moment in MOMENTS:
        assert ground.count(report) == MOMENTS[moment]

    living = ground.driver.child(Wish())
    again, twice = living.send(report), living.send(report)
    living.end()
    assert again is not None
    assert twice is not None
    assert again.status == {0: 201, 1: 200}.get(MOMENTS.get(moment, -1), again.status), again.told
    assert twice.status == 200
    finish(house)
    number = assert_once(house, report)
    assert [answer.told["number"] for answer in (again, twice)] == [number] * 2
    assert sequence(number) == before + 1
    assert sequence(house.report("lixia")) == before + 2
    finish(house)
    assert_sound(house)
