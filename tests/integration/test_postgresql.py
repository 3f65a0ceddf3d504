"""What PostgreSQL adds: turns of writers, moments of readers, servers that go away, words it cannot hold."""

import shutil
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from app import first_steps
from app.core import engines
from app.core.engines import TURN
from app.factory import create_app
from app.hazards.models import HazardRow
from config import Settings
from tests.conftest import House, _house_in
from tests.databases import stand_on
from tests.servers.postgres import Cluster, cluster

pytestmark = pytest.mark.postgresql_only


def numbers(house: House) -> list[str]:
    with house.means.db.read() as session:
        mine = select(HazardRow.number).where(HazardRow.client_scope.like("account:%")).order_by(HazardRow.id)
        return list(session.execute(mine).scalars())


def held_turn(house: House) -> psycopg.Connection:
    """A stranger's connection that has its turn as a writer and keeps it."""
    url = house.means.settings.database_url.replace("postgresql+psycopg", "postgresql")
    stranger = psycopg.connect(url)
    stranger.execute(f"SELECT pg_advisory_xact_lock({TURN})")
    return stranger


def test_a_reader_sees_one_moment_while_others_write(house):
    count = select(func.count()).select_from(HazardRow)
    with house.means.db.read() as session:
        before = session.execute(count).scalar_one()
        house.report()
        assert session.execute(count).scalar_one() == before
    with house.means.db.read() as session:
        assert session.execute(count).scalar_one() == before + 1


def test_a_writer_waits_for_its_turn_and_then_sees_what_was_left(house):
    stranger = held_turn(house)
    stranger.execute("UPDATE hazard_number SET last = last + 1")
    with ThreadPoolExecutor(1) as crowd:
        waiting = crowd.submit(house.report)
        with house.means.db.read() as session:
            asked = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while session.execute(asked).scalar_one() == 0:
                assert not waiting.done()
        before = numbers(house)[-1]
        stranger.commit()
        assert int(waiting.result()[-6:]) == int(before[-6:]) + 2
    stranger.close()


def test_a_turn_that_does_not_come_is_503_with_when_to_come_back_and_never_500(
    furnished, decoder, tmp_path, monkeypatch
):
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", 1)
    house = _house_in(shutil.copytree(furnished, tmp_path / "data"), decoder)
    told = {"client_id": str(uuid.uuid4())}
    house.token("lixia")  # made before the turn is taken
    stranger = held_turn(house)
    answer = house.send("lixia", **told)
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    stranger.rollback()
    stranger.close()
    assert house.send("lixia", **told).status_code == 201
    house.means.db.engine.dispose()


@pytest.mark.parametrize(
    "path",
    [
        "/hazards?unit=HB%00JX",
        "/hazards/HZ-2026-000001%00",
        "/hazards/%00/photos/1/display",
        "/months/2026-11/statements/%00",
    ],
)
def test_a_nul_is_refused_or_absent_and_never_500(house, path):
    assert house.api("wangmin", "GET", path).status_code in {400, 404, 422}


def test_a_nul_that_is_sought_is_a_gap_between_words(house):
    assert house.api("wangmin", "GET", "/hazards?q=%00").status_code == 200


def test_a_database_that_sorts_by_a_language_is_refused_with_what_to_do(postgres, tmp_path, decoder):
    folder = tmp_path / "data"
    folder.mkdir()
    by_icu = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C'"
    postgres.run(f"CREATE DATABASE sorts_otherwise {by_icu}")
    app = create_app(
        Settings.from_environment({"DATA": str(folder), "DATABASE_URL": postgres.url("sorts_otherwise")})
    )
    with app.app_context(), pytest.raises(ValueError, match="CREATE DATABASE"):
        upgrade()
    app.extensions["runtime"].db.engine.dispose()
    postgres.drop("sorts_otherwise")


@pytest.fixture
def own_server() -> Iterator[Cluster]:
    """A server that may be killed: what it has answered is on the disk."""
    with cluster(durable=True) as made:
        yield made


def test_a_server_killed_and_started_again_under_load_loses_nothing_and_doubles_nothing(
    own_server, decoder, tmp_path: Path
):
    folder = tmp_path / "data"
    folder.mkdir()
    stand_on(folder, own_server)
    house = _house_in(folder, decoder)
    with house.app.app_context():
        upgrade()
    first_steps.make_demo(house.means)
    house.token("lixia")
    ids = [str(uuid.uuid4()) for _ in range(40)]
    halfway, away, back = threading.Event(), threading.Event(), threading.Event()
    said: dict[str, list[int]] = {each: [] for each in ids}

    def report(n: int) -> str:
        if n == len(ids) // 3:
            halfway.set()
        if n >= len(ids) * 2 // 3:
            # Those before may all be through when the server goes; these meet it gone.
            away.wait(120)
        while True:
            answer = house.send("lixia", client_id=ids[n])
            said[ids[n]].append(answer.status_code)
            if answer.status_code in {200, 201}:
                return str(answer.json["number"])
            assert answer.status_code == 503, answer.data
            assert int(answer.headers["Retry-After"]) > 0
            back.wait(120)

    with ThreadPoolExecutor(8) as crowd:
        made = [crowd.submit(report, n) for n in range(len(ids))]
        assert halfway.wait(120)
        own_server.stop(signal.SIGQUIT)
        away.set()
        while not any(503 in answers for answers in said.values()):
            assert not all(each.done() for each in made)
            time.sleep(0.01)  # whoever asks without a pause keeps the others from answering
        own_server.start()
        back.set()
        given = [each.result() for each in made]
    assert any(503 in answers for answers in said.values())
    assert sorted(given) == numbers(house)
    assert [int(number[-6:]) for number in sorted(given)] == list(range(1, len(ids) + 1))
    house.means.db.engine.dispose()
