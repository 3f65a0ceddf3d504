"""One line for each request, and in no line of web or workers a word, a name or a position of anybody's."""

import json
import re
import uuid

import pytest

from app import logs
from tests.conftest import PASSWORD
from tests.edges.phone import Phone, by_hash
from tests.photos import exif_block, photo
from workers import jobs

DESCRIPTION = "三号门旁灭火器压力不足"
PLACE_TEXT = "锅炉房北侧楼梯口"
POSITION = (68.0456789, 114.5123456)
"""No second of a line's moment looks like it."""
ADDRESS, AGENT, FILE_NAME = "203.0.113.77", "TellingPhone/7.1", "lixia-selfie.jpg"
LOGIN = "lixia"


@pytest.fixture
def said(house):
    """Every line that is logged, as it is written."""
    lines: list[str] = []

    def written(logger, method, event):
        lines.append(logs.JSON(logger, method, event))
        return lines[-1]

    # The list itself: loggers that have spoken keep it.
    logs.PROCESSORS[-1] = written
    yield lines
    logs.PROCESSORS[-1] = logs.JSON


@pytest.fixture
def telling(house):
    """Everything of the report and its reporter that must be in no line."""
    lat, lon = (f"{number:.4f}" for number in POSITION)
    return [DESCRIPTION, PLACE_TEXT, lat, lon, house.actor(LOGIN).name, LOGIN, PASSWORD, ADDRESS, AGENT, "selfie"]


def send(house, **fields):
    pin = {"lat": POSITION[0], "lon": POSITION[1]}
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS}
    told = {"description": DESCRIPTION, "location_text": PLACE_TEXT, "pin": pin, "place_code": None, **fields}
    return house.send(LOGIN, photos=(photo(exif=exif_block(position=POSITION)),), headers=headers, **told)


def requests_in(lines):
    return [told for told in map(json.loads, lines) if told["event"] == "request"]


def test_a_request_leaves_one_line_with_its_id_and_no_address_of_a_page(house, said):
    answer = house.api(LOGIN, "GET", "/hazards/HBJX-1?q=telling")
    (told,) = requests_in(said)
    assert told.pop("ms") >= 0
    assert re.fullmatch(r"[0-9a-f]{16}", told["request"])
    assert told.pop("request") == answer.headers["X-Request-Id"]
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "event": "request",
        "level": "info",
        "endpoint": "api.hazard",
        "method": "GET",
        "status": 404,
        "bytes_in": 0,
        "problem": "not_found",
    }


def test_bytes_that_came_are_told(house, said):
    answer = house.send(LOGIN)
    (told,) = requests_in(said)
    assert answer.status_code == told["status"] == 201
    assert told["bytes_in"] > 500


def test_nothing_of_a_report_is_in_any_line_of_web_or_workers(house, said, telling):
    house.browser().post("/login", data={"login": LOGIN, "password": PASSWORD}, headers={"User-Agent": AGENT})
    number = send(house).json["number"]
    house.work()
    house.api(LOGIN, "GET", f"/hazards/{number}", headers={"User-Agent": AGENT})
    house.browser(LOGIN).get(f"/hazards?q={DESCRIPTION}")
    assert len(requests_in(said)) >= 4
    assert [mark for mark in [*telling, number] if mark in "".join(said)] == []


def test_a_refused_report_says_its_code_and_nothing_else(house, said, telling):
    assert send(house, description=DESCRIPTION * 400).status_code == 422
    assert send(house, category="锅炉").status_code == 422
    assert house.api(LOGIN, "POST", "/tokens", json={"login": LOGIN, "password": "wrong"}).status_code in {
        401,
        422,
    }
    assert {told["problem"] for told in requests_in(said)} <= {"invalid", "not_signed_in"}
    assert [mark for mark in telling if mark in "".join(said)] == []


def test_a_bug_in_the_web_process_tells_its_place_and_never_its_message(house, said, telling, monkeypatch):
    def trip(draft, *_told, **_more):
        raise RuntimeError(f"{PLACE_TEXT} {POSITION}") from ValueError(f"{draft.description} of {LOGIN}")

    monkeypatch.setattr("app.edge.taking.submit_hazard", trip)
    assert send(house).status_code == 500
    (fault,) = [told for told in map(json.loads, said) if told["event"] == "request_failed"]
    assert [link["fault"] for link in fault["trace"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert any(place.startswith("app/edge/taking.py:") for place in fault["trace"][0]["at"])
    assert [mark for mark in telling if mark in "".join(said)] == []


def test_a_bug_in_a_worker_tells_the_event_and_never_its_message(house, said, telling, monkeypatch):
    send(house)

    def trip(*_told, **_more):
        raise ValueError(DESCRIPTION, POSITION, LOGIN)

    monkeypatch.setattr(jobs, "zone_of", trip)
    house.work()
    failed = [told for told in map(json.loads, said) if told["event"] != "request" and "trace" in told]
    assert failed
    assert all({"errand", "event_id", "job"} <= set(told) for told in failed)
    assert [mark for mark in telling if mark in "".join(said)] == []


def test_an_upload_leaves_neither_its_address_nor_its_hash_in_any_line(house, said):
    phone, picture = Phone(house, LOGIN), photo(size=(64, 48), seed=61)
    path = phone.upload(picture, pieces=2)
    told = {"client_id": str(uuid.uuid4()), "location_text": PLACE_TEXT, "category": "FIRE"}
    assert phone.call("POST", "/hazards", json={**told, "photos": by_hash(picture)}).status_code == 201
    ended = phone.upload(picture)
    assert phone.patch(ended, picture, 5).status_code == 409
    assert phone.call("DELETE", ended).status_code == 204
    assert phone.call("HEAD", ended).status_code == 404
    assert phone.announce(picture, **{"Upload-Length": "x"}).status_code == 400
    assert {"api.continue_upload", "api.forget_upload"} <= {told["endpoint"] for told in requests_in(said)}
    for secret in (path.rpartition("/")[2], ended.rpartition("/")[2], by_hash(picture)[0]["sha256"]):
        assert not any(secret in line for line in said)
