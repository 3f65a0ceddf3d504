"""`/healthz`: what the house stands on, within five seconds, without a secret."""

import threading
import time
import tomllib
from pathlib import Path

from sqlalchemy import insert

from app.core.outbox import WorkerPulse
from app.edge import asking
from app.edge.asking import NO_ANSWER, Asker
from app.factory import create_app
from app.version import VERSION
from config import Settings

ROOT = Path(__file__).resolve().parents[2]


def health(app):
    answer = app.test_client().get("/healthz")
    return answer.status_code, answer.json


def test_it_names_each_part_by_its_kind_and_the_version_of_the_database(house):
    status, told = health(house.app)
    assert status == 200
    assert told["database"]["kind"] == house.means.db.engine.dialect.name
    assert told["database"]["version"][0].isdigit()
    assert "sqlite" not in set(told)
    assert told["store"]["kind"] == "filesystem"
    assert told["redis"] == {"kind": "embedded"}


def test_the_version_is_the_one_that_the_project_states(house):
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert stated == VERSION == health(house.app)[1]["version"]
    assert house.api(None, "GET", "/openapi.json").json["info"]["version"] == stated


def test_workers_show_their_jail(house):
    with house.means.db.write() as session:
        session.execute(insert(WorkerPulse).values(worker="w-1", at=house.clock(), jail={"network": "namespace"}))
    house.clock.forward(seconds=20)
    assert {"seen_seconds_ago": 20, "jail": {"network": "namespace"}} in health(house.app)[1]["workers"]


def test_a_part_that_hangs_is_named_in_time_and_asked_only_once_at_a_time(house, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.3)
    release, asked = threading.Event(), []

    def hang(_self):
        asked.append(1)
        release.wait(300)
        return "well"

    monkeypatch.setattr(type(house.means.store), "check", hang)
    try:
        for _ in range(3):
            began = time.monotonic()
            status, told = health(house.app)
            assert time.monotonic() - began < 60
            assert (status, told["store"]["fault"]) == (503, NO_ANSWER)
            assert told["database"]["kind"]
        assert len(asked) == 1
    finally:
        release.set()


def test_a_redis_that_is_away_is_told_without_its_password_and_keeps_no_report_out(house):
    settings = {"DATA": str(house.means.settings.data), "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}
    answer = create_app(Settings.from_environment(settings)).test_client().get("/healthz")
    assert (answer.status_code, answer.json["redis"]) == (200, {"kind": "redis", "fault": "ConnectionError"})
    assert "hunter2" not in answer.text


def test_a_parts_own_timeout_is_not_taken_for_silence():
    def slow():
        raise TimeoutError

    assert Asker().ask({"part": slow}, within=5)["part"].fault == "TimeoutError"
