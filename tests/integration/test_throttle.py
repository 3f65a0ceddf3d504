"""Limits by minute: counted in Redis for all web processes, and without it by each for itself."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from argon2.exceptions import VerifyMismatchError
from flask import Flask

from app.accounts import service
from app.edge import throttle
from app.factory import create_app
from config import Settings
from tests.conftest import House

FAILURES = 20


@pytest.fixture
def living(monkeypatch):
    """The limiter's memory that Redis is away, given back after the test: it is the process's."""
    monkeypatch.setattr(throttle._limiter, "_storage_dead", False)
    yield
    throttle.hold_back(Flask("empty"), redis_url="")


@pytest.fixture
def second_process(house: House) -> Iterator[Callable[[str], Flask]]:
    """Other web processes on the same data, as far as one process can play them."""
    made = []

    def start(redis_url: str) -> Flask:
        settings = Settings.from_environment(house.beside(REDIS_URL=redis_url))
        made.append(create_app(settings, clock=house.clock))
        return made[-1]

    yield start
    for app in made:
        app.extensions["runtime"].db.engine.dispose()


@pytest.fixture
def quick_look(monkeypatch):
    """A wrong password is found wrong at once: Redis's minute must not pass while twenty of them are looked at."""

    def is_wrong(_hash, _password):
        raise VerifyMismatchError

    monkeypatch.setattr(service, "_HASHER", SimpleNamespace(verify=is_wrong))


def guess(app, times: int = 1) -> list[int]:
    """A guesser's tries at the API; the answers' statuses."""
    wrong = {"login": "lixia", "password": "guessed"}
    return [app.test_client().post("/api/v1/tokens", json=wrong).status_code for _ in range(times)]


def test_web_processes_count_failed_sign_ins_together(second_process, redis_url, living, quick_look):
    first = second_process(redis_url)
    assert set(guess(first, FAILURES)) == {401}
    other = second_process(redis_url)
    assert guess(other) == [429]


def test_when_redis_goes_away_the_door_stays_open_to_people_and_shut_to_guessers(
    second_process, own_redis, living, quick_look, long_minute
):
    app = second_process(own_redis.url)
    assert guess(app) == [401]
    own_redis.stop()
    answers = guess(app, FAILURES + 1)
    assert set(answers[:FAILURES]) == {401}
    assert answers[FAILURES] == 429


def test_a_product_whose_redis_was_never_there_starts_and_answers(second_process, own_redis, living):
    own_redis.stop()
    app = second_process(own_redis.url)
    assert guess(app) == [401]
    right = {"login": "lixia", "password": "correct-horse-battery"}
    assert app.test_client().post("/api/v1/tokens", json=right).status_code == 201


def test_redis_dying_between_the_question_and_the_count_is_no_fault_of_the_request(
    second_process, own_redis, living
):
    app = second_process(own_redis.url)

    @app.after_request
    def die(answer):
        own_redis.stop()
        return answer

    assert guess(app) == [401]
