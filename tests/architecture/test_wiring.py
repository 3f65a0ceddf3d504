"""Every route has a policy line, every event is answered, every errand has a job; each check provoked once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.api.openapi import document
from app.core.errors import Problem
from app.core.events import KINDS, Event
from app.core.outbox import Errand
from app.edge.entrance import Door, policy_of, public, signed_in
from app.edge.http_status import STATUSES
from app.edge.wording import PROBLEMS
from app.hazards.lifecycle import TABLE, Action
from app.serving import QUEUES, programs_for
from config import Settings
from workers.jobs import JOBS
from workers.queues import QUEUE_OF
from workers.reactions import REACTIONS, jobs_for

UNMARKED = {"static"}
"""Files that hold nothing of anybody's."""
UPLOADS = {
    "api.upload_abilities",
    "api.announce_upload",
    "api.where_upload_stands",
    "api.continue_upload",
    "api.continue_upload_by_post",
    "api.forget_upload",
}
"""For accounts, and for whoever holds a pass: the views see to it."""
PUBLIC_API = {"api.make_token", "api.make_pass", "api.report", "api.openapi", "api.categories", *UPLOADS}
"""The calls that need no account; one more is a decision, not an accident."""


def unguarded(app: Flask) -> set[str]:
    """Endpoints without a policy line."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - UNMARKED
    return {endpoint for endpoint in endpoints if policy_of(app.view_functions[endpoint]) is None}


def unanswered(reactions: Any) -> set[str]:
    """Events that nobody decided about."""
    return {name for name, kind in KINDS.items() if kind not in reactions and not kind.__subclasses__()}


def jobless(named: Iterable[str], known: Any) -> set[str]:
    """Jobs that reactions name and nobody does."""
    return set(named) - set(known)


def sample(kind: type[Event]) -> Event:
    """An event with something in every field."""
    names = [field.name for field in fields(kind)]
    values: dict[str, Any] = {name: [1, 2] if name.endswith("_ids") else 1 for name in names}
    return kind(**values)


def named_jobs() -> set[str]:
    return {job.name for kind in REACTIONS for job in jobs_for(sample(kind))}


def mismatch(app: Flask, paths: dict[str, Any]) -> set[tuple[str, str]]:
    """Calls that only the application has, or only the document."""
    served = set()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("api."):
            continue
        path = rule.rule.removeprefix("/api/v1")
        for converter in ("<int:n>", "<any(display, thumb, original):picture>"):
            path = path.replace(converter, "{" + converter.rsplit(":", 1)[1].strip(">") + "}")
        path = path.replace("<", "{").replace(">", "}")
        actions = [a for a in Action if a is not Action.SUBMIT] if "{action}" in path else [""]
        for action in actions:
            implied = {"OPTIONS"} if rule.provide_automatic_options else set()
            implied |= {"HEAD"} if "GET" in rule.methods else set()
            served |= {(m, path.replace("{action}", action)) for m in rule.methods - implied}
    written = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    return served ^ written


def test_every_route_has_a_policy_line(house):
    assert unguarded(house.app) == set()


def test_a_forgotten_policy_line_would_be_seen_and_shuts_the_door(house):
    house.app._got_first_request = False
    house.app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")
    assert unguarded(house.app) == {"forgotten"}
    for login in (None, "wangmin"):
        answer = house.api(login, "GET", "/forgotten")
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_only_these_calls_are_open_to_anybody(house):
    doors = {e: policy_of(v) for e, v in house.app.view_functions.items() if e.startswith("api.")}
    assert {endpoint for endpoint, door in doors.items() if door is Door.PUBLIC} == PUBLIC_API


def test_a_policy_line_is_read_off_the_view():
    assert policy_of(public(lambda: None)) is Door.PUBLIC
    assert policy_of(signed_in(lambda: None)) is Door.SIGNED_IN
    assert policy_of(lambda: None) is None


def test_every_event_is_answered():
    assert unanswered(REACTIONS) == set()


@pytest.mark.parametrize("kind", list(REACTIONS), ids=lambda kind: kind.__name__)
def test_an_event_nobody_decided_about_would_be_seen(kind):
    left = {other: reaction for other, reaction in REACTIONS.items() if other is not kind}
    assert unanswered(left) == {kind.__name__}


def test_every_event_survives_its_row():
    for kind in REACTIONS:
        event = sample(kind)
        assert KINDS[kind.name].from_values(event.as_values()) == event


def test_every_job_that_an_event_becomes_can_be_done_and_every_job_is_asked_for():
    assert jobless(named_jobs(), JOBS) == set()
    assert jobless(JOBS, named_jobs()) == set()


@pytest.mark.parametrize("job", JOBS)
def test_a_missing_job_would_be_seen(job):
    assert jobless(named_jobs(), set(JOBS) - {job}) == {job}


def consumed(settings: Settings) -> list[str]:
    """The queues for which `make run` starts a worker, once for each."""
    commands = [program.command for program in programs_for(settings)]
    return [command[-1] for command in commands if command[-2:-1] == ("queue",)]


def unheard(queue_of: Mapping[str, str], heard: Iterable[str]) -> set[str]:
    """Jobs that are in no queue, or in one that nobody listens to."""
    return {job for job in JOBS if queue_of.get(job) not in set(heard)}


def test_every_job_has_a_queue_and_every_queue_one_worker_that_make_run_starts():
    settings = Settings.from_environment({"REDIS_URL": "redis://127.0.0.1:6379/0"})
    assert unheard(QUEUE_OF, consumed(settings)) == set()
    assert set(QUEUE_OF) == set(JOBS)
    assert sorted(consumed(settings)) == sorted(QUEUES) == sorted(set(QUEUE_OF.values()))
    assert consumed(Settings.from_environment({})) == []


@pytest.mark.parametrize("job", JOBS)
def test_a_job_without_a_queue_or_a_listener_would_be_seen(job):
    assert unheard({name: queue for name, queue in QUEUE_OF.items() if name != job}, QUEUES) == {job}
    assert job in unheard(QUEUE_OF, set(QUEUES) - {QUEUE_OF[job]})


def test_every_queue_is_consumed_where_the_product_is_deployed():
    folder = Path(__file__).resolve().parents[2] / "deploy"
    if not folder.exists():
        pytest.skip("nothing is deployed from here")
    told = "\n".join(path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file())
    assert [queue for queue in QUEUES if not re.search(rf"queue[ @-]{queue}\b|\b{queue}\b.*queue", told)] == []


def test_every_event_of_the_lifecycle_is_recorded_under_a_known_name():
    assert {move.event for move in TABLE.values()} <= set(KINDS)


def every_problem() -> set[type[Problem]]:
    found, grown = set(), {Problem}
    while grown:
        found |= grown
        grown = {sub for kind in grown for sub in kind.__subclasses__()}
    return found - {Problem}


def test_every_problem_has_a_status_and_a_sentence():
    codes = {kind.code for kind in every_problem()}
    assert codes == set(STATUSES)
    assert codes - {"conflict"} <= set(PROBLEMS)


def test_the_document_and_the_application_name_the_same_calls(house):
    assert mismatch(house.app, document()["paths"]) == set()


def test_a_call_that_is_not_written_down_or_not_served_would_be_seen(house):
    paths = dict(document()["paths"])
    del paths["/me"]
    assert mismatch(house.app, paths) == {("GET", "/me")}
    assert mismatch(house.app, {**document()["paths"], "/ghost": {"get": {}}}) == {("GET", "/ghost")}


def test_no_job_takes_anything_but_ids():
    assert {field.name for field in fields(Errand)} == {
        "id", "event_id", "job", "subject", "attempt", "crashes", "fence",
    }  # fmt: skip


def test_an_event_class_is_found_only_by_its_own_name():
    @dataclass(frozen=True)
    class SomethingStrange(Event):
        """Only here."""

    try:
        assert unanswered(REACTIONS) == {"SomethingStrange"}
        with pytest.raises(KeyError):
            jobs_for(SomethingStrange())
    finally:
        del KINDS["SomethingStrange"]
