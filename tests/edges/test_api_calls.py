"""The JSON edge: problems, languages, tokens, cookies, limits, the document, health."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from limits.storage import MemoryStorage
from sqlalchemy.exc import OperationalError

from app.accounts.service import CredentialKind
from app.api import hazards as hazard_calls
from app.hazards.lifecycle import TABLE, Action, Photos
from storage.object_store import StoreFull
from tests.conftest import PASSWORD, SMALL, House
from tests.integration.hazard_world import attempt, bring, files, populate
from tests.photos import photo


def is_problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"]
    assert answer.headers["Cache-Control"] == "no-store"


# --- problems -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing-here", 404, "not_found"),
        ("GET", "/hazards/", 404, "not_found"),
        ("PUT", "/hazards", 405, "method_not_allowed"),
        ("DELETE", "/me", 405, "method_not_allowed"),
        ("GET", "/hazards/HZ-2026-999999", 404, "not_found"),
        ("GET", "/hazards/..%2f..%2fetc", 404, "not_found"),
        ("GET", "/hazards/HZ-2026-000001/photos/-1/thumb", 404, "not_found"),
        ("GET", "/hazards/HZ-2026-000001/photos/1/secret", 404, "not_found"),
        ("GET", "/hazards?state=lost", 422, "invalid"),
        ("GET", "/hazards?mine=perhaps", 422, "invalid"),
        ("GET", "/hazards?limit=0", 422, "invalid"),
        ("GET", "/hazards?limit=201", 422, "invalid"),
        ("GET", "/hazards?limit=000001" + "9" * 40, 422, "invalid"),
        ("GET", "/hazards?limit=%D9%A3", 422, "invalid"),
        ("GET", "/hazards?cursor=x", 422, "invalid"),
        ("GET", "/hazards?cursor=" + "9" * 40, 422, "invalid"),
        ("GET", "/hazards?cursor=" + "9" * 5000, 422, "invalid"),
        ("GET", "/months/2026-13/statements", 422, "invalid"),
        ("GET", "/months/2026-11/statements/NOWHERE", 404, "not_found"),
    ],
)
def test_every_refusal_is_a_problem_with_a_stable_code(house, method, path, status, code):
    is_problem(house.api("wangmin", method, path), status, code)


def test_a_wrong_method_names_the_right_ones(house):
    assert "GET" in house.api("wangmin", "PUT", "/hazards").headers["Allow"]


def test_a_bug_is_told_without_any_of_it(house, monkeypatch):
    def trip(*_args: Any, **_more: Any) -> None:
        raise ZeroDivisionError("the secret cause")

    monkeypatch.setattr(hazard_calls, "hazard_list", trip)
    answer = house.api("wangmin", "GET", "/hazards")
    is_problem(answer, 500, "internal")
    assert "secret" not in answer.get_data(as_text=True)
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_database_that_is_locked_is_a_503_with_when_to_come_back(house, monkeypatch):
    def locked(*_args: Any, **_more: Any) -> None:
        raise OperationalError("select", {}, Exception("database is locked"))

    monkeypatch.setattr("app.hazards.lists._narrowing", locked)
    answer = house.api("wangmin", "GET", "/hazards")
    is_problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/me", "/hazards", "/units", "/places", "/points", "/months/2026-11/statements"])
def test_without_a_credential_nothing_is_told(house, path):
    answer = house.api(None, "GET", path)
    is_problem(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "shown", ["Bearer", "Bearer ", "Bearer x", "Basic bGl4aWE6eA==", "bearer \u00e4", "Nonsense"]
)
def test_a_credential_that_opens_nothing_is_refused(house, shown):
    is_problem(house.api(None, "GET", "/me", headers={"Authorization": shown}), 401, "not_signed_in")


def test_a_role_that_a_call_needs_is_asked_for(house):
    is_problem(house.api("lixia", "GET", "/months/2026-11/statements"), 403, "forbidden")
    is_problem(house.api("tianye", "GET", "/places"), 403, "forbidden")


# --- languages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "is_english"),
    [
        ("en", True),
        ("en-GB,en;q=0.9", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", False),
        ("", False),
        ("fr", False),
        ("en;q=0.2,zh;q=0.9", False),
    ],
)
def test_problems_speak_the_callers_language_and_codes_never_change(house, wish, is_english):
    answer = house.send("lixia", place_code="NOWHERE", headers={"Accept-Language": wish})
    fault = answer.json["errors"]["place_code"][0]
    assert fault["code"] == "unknown_place"
    for text in (answer.json["title"], fault["message"]):
        assert (re.search(r"[\u4e00-\u9fff]", text) is None) is is_english


def test_every_category_has_a_name_in_both_languages(house):
    names = {}
    for wish in ("zh-CN", "en"):
        items = house.api(None, "GET", "/categories", headers={"Accept-Language": wish}).json["items"]
        assert len(items) == 21
        names[wish] = {item["code"]: item["name"] for item in items}
    assert all(re.search(r"[\u4e00-\u9fff]", name) for name in names["zh-CN"].values())
    assert not any(re.search(r"[\u4e00-\u9fff]", name) for name in names["en"].values())


# --- tokens and cookies ---------------------------------------------------------------------------------


def test_a_token_opens_until_it_is_ended(house):
    made = house.api(None, "POST", "/tokens", json={"login": "lixia", "password": PASSWORD})
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json['token']}"}
    me = house.api(None, "GET", "/me", headers=headers).json
    assert (me["login"], me["unit"]["code"], [r["role"] for r in me["roles"]]) == ("lixia", "HBJX-3-A", ["worker"])
    assert house.api(None, "DELETE", "/tokens/current", headers=headers).status_code == 200
    is_problem(house.api(None, "GET", "/me", headers=headers), 401, "not_signed_in")
    is_problem(house.api(None, "DELETE", "/tokens/current", headers=headers), 401, "not_signed_in")


def test_a_token_ends_by_itself(house):
    house.token("lixia")
    house.clock.at += CredentialKind.TOKEN.lifetime - timedelta(seconds=1)
    assert house.api("lixia", "GET", "/me").status_code == 200
    house.clock.forward(seconds=1)
    assert house.api("lixia", "GET", "/me").status_code == 401


def test_unknown_login_and_wrong_password_are_told_alike(house):
    wrong = house.api(None, "POST", "/tokens", json={"login": "lixia", "password": "wrong-password"})
    unknown = house.api(None, "POST", "/tokens", json={"login": "nobody", "password": "wrong-password"})
    assert wrong.status_code == 401
    assert wrong.data == unknown.data


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({}, ["login", "password"]),
        ({"login": "lixia"}, ["password"]),
        ({"login": "lixia", "password": None}, ["password"]),
        ({"login": "lixia", "password": 5}, ["password"]),
        ({"login": "lixia", "password": "\ud800"}, ["password"]),
        ({"login": "  ", "password": "x"}, ["login"]),
        ({"login": None, "password": "x"}, ["login"]),
        ({"login": "a\u0000b", "password": "x"}, ["login"]),
        ({"login": "x" * 201, "password": "x"}, ["login"]),
        ({"login": "lixia", "password": "x", "admin": True}, ["admin"]),
        ([], ["hazard"]),
    ],
)
def test_a_login_that_cannot_be_read_is_refused_by_its_field(house, told, named):
    answer = house.api(None, "POST", "/tokens", data=json.dumps(told), content_type="application/json")
    is_problem(answer, 422, "invalid")
    assert sorted(answer.json["errors"]) == named


def test_who_guesses_passwords_is_held_back(house, long_minute):
    def guess() -> Any:
        address = {"REMOTE_ADDR": "198.51.100.9"}
        return house.api(None, "POST", "/tokens", json={"login": "x"}, environ_overrides=address)

    answers = [guess() for _ in range(21)]
    assert [a.status_code for a in answers[:20]] == [422] * 20
    is_problem(answers[20], 429, "too_many")
    elsewhere = {"REMOTE_ADDR": "198.51.100.10"}
    other = house.api(None, "POST", "/tokens", json={"login": "x"}, environ_overrides=elsewhere)
    assert other.status_code == 422


def test_who_is_held_back_is_told_for_how_long(house, long_minute):
    def ask() -> Any:
        address = {"REMOTE_ADDR": "198.51.100.19"}
        return house.api(None, "POST", "/passes", json={"place_code": "nowhere"}, environ_overrides=address)

    answers = [ask() for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {404}
    is_problem(answers[60], 429, "too_many")
    assert 1 <= int(answers[60].headers["Retry-After"]) <= 61


def test_an_account_gets_so_many_passes_an_hour_and_only_the_process_remembers_it(house):
    answers = [house.api("lixia", "POST", "/passes") for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {201}
    is_problem(answers[60], 429, "too_many")
    assert 1 <= int(answers[60].headers["Retry-After"]) <= 3601
    assert house.api("zhaoqiang", "POST", "/passes").status_code == 201
    # What counts in Redis where there is one knows nothing of it.
    assert isinstance(house.app.extensions["hazard_account_passes"].counter.storage, MemoryStorage)


def test_a_cookie_reads_but_writes_only_with_the_pages_token(house):
    browser = house.browser("wangmin")
    populate(house)
    number = bring(house, "rectifying")
    assert browser.get(f"/api/v1/hazards/{number}").status_code == 200
    path = f"/api/v1/hazards/{number}/actions/remind"
    refused = browser.post(path, json={"version": 2})
    is_problem(refused, 400, "csrf")
    assert house.version(number) == 2
    refused = browser.post(path, json={"version": 2}, headers={"X-CSRFToken": "forged"})
    is_problem(refused, 400, "csrf")
    parts = {"hazard": "{}", "photo": (io.BytesIO(SMALL), "a.jpg")}
    is_problem(browser.post("/api/v1/hazards", data=parts), 400, "csrf")
    bearer = {"Authorization": f"Bearer {house.token('wangmin')}"}
    assert browser.post(path, json={"version": 2}, headers=bearer).status_code == 200


def test_a_session_is_no_token_and_a_token_no_session(house):
    browser = house.browser("lixia")
    with browser.session_transaction() as kept:
        session_secret = kept["sid"]
        kept["sid"] = house.token("lixia")
    assert browser.get("/api/v1/me").status_code == 401
    headers = {"Authorization": f"Bearer {session_secret}"}
    assert house.api(None, "GET", "/me", headers=headers).status_code == 401


# --- limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/tokens", "/hazards", "/hazards/HZ-2026-000001/actions/close"])
def test_json_over_256_kib_is_refused_and_at_the_limit_is_read(house, path):
    full = json.dumps({"x": ""})
    at_limit = json.dumps({"x": "y" * (256 * 1024 - len(full))})
    assert len(at_limit) == 256 * 1024
    over = house.api("wangmin", "POST", path, data=at_limit + " ", content_type="application/json")
    is_problem(over, 413, "too_large")
    assert over.json["limit"] == 256 * 1024
    taken = house.api("wangmin", "POST", path, data=at_limit, content_type="application/json")
    is_problem(taken, 422, "invalid")


def test_photos_are_refused_where_none_are_taken(house):
    parts = {"photo": (io.BytesIO(SMALL), "a.jpg")}
    answer = house.api("wangmin", "POST", "/passes", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 201  # nothing of the body is looked at


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost", "9e999999"),
        ("cost", "NaN"),
        ("cost", -1),
        ("cost", 1.001),
        ("cost", True),
        ("cost", []),
        ("cost", 10**40),
        ("finished_at", "2026-11-02"),
        ("finished_at", "9999-12-31T23:59:59-23:59"),
        ("finished_at", None),
        ("done", "x" * 201),
        ("done", "\ud800"),
        ("version", 0),
        ("version", True),
        ("version", 2**31),
        ("version", "2"),
        ("photos", [{"sha256": "0" * 64}]),
    ],
)
def test_a_field_of_a_move_that_cannot_be_is_refused_by_its_name(house, field, value):
    populate(house)
    number = bring(house, "rectifying")
    told = {"version": 2, "done": "好了", "finished_at": house.clock().isoformat(), field: value}
    parts = {"action": json.dumps(told), "photo": (io.BytesIO(SMALL), "a.jpg")}
    path = f"/hazards/{number}/actions/rectify"
    answer = house.api("zhanglei", "POST", path, data=parts, content_type="multipart/form-data")
    is_problem(answer, 422, "invalid")
    assert [name.split(".")[0] for name in answer.json["errors"]] == [field]
    assert house.version(number) == 2


def test_a_move_that_is_refused_keeps_no_photo(house):
    populate(house)
    number = bring(house, "rectifying")
    new = photo(size=(64, 48), seed=17)
    before = files(house)
    assert attempt(house, "wangmin", number, "rectify", photos=(new,)).status_code == 403
    assert attempt(house, "zhanglei", number, "rectify", photos=(new,), version=9).status_code == 409
    assert attempt(house, "zhanglei", number, "rectify", photos=(new,), done=None).status_code == 422
    assert attempt(house, "zhanglei", number, "acknowledge", photos=(new,)).status_code == 422
    assert attempt(house, "maling", number, "rectify", photos=(new,)).status_code == 404
    assert files(house) == before


def test_a_transfer_out_of_sight_is_answered_with_what_was_done(house):
    populate(house)
    number = bring(house, "submitted")
    answer = attempt(house, "wangmin", number, "transfer")
    assert (answer.status_code, answer.json) == (
        200,
        {"number": number, "state": "submitted", "version": 2, "open_actions": []},
    )


# --- the document ---------------------------------------------------------------------------------------


@pytest.fixture
def openapi(house: House) -> dict[str, Any]:
    answer = house.api(None, "GET", "/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in node.values()))
    return set().union(*(references(inner) for inner in node)) if isinstance(node, list) else set()


def test_the_document_is_openapi_3_1_whose_references_all_lead_somewhere(openapi):
    assert openapi["openapi"].startswith("3.1.")
    assert openapi["info"]["title"]
    assert openapi["info"]["version"]
    for reference in references(openapi):
        node: Any = openapi
        for name in reference.removeprefix("#/").split("/"):
            node = node[name]


def test_every_operation_of_the_document_is_whole(openapi):
    for path, operations in openapi["paths"].items():
        assert path.startswith("/")
        for method, operation in operations.items():
            assert method in {"get", "post", "delete", "head", "patch", "options"}
            assert operation["responses"]
            assert operation["summary"]
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), (path, method)
            for scheme in operation.get("security", []):
                assert set(scheme) <= set(openapi["components"]["securitySchemes"])
            for status, response in operation["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", status)
                assert "$ref" in response or response["description"]


@pytest.mark.parametrize("action", [a for a in Action if a is not Action.SUBMIT])
def test_every_move_is_documented_with_its_fields_and_refusals(openapi, action):
    operation = openapi["paths"][f"/hazards/{{number}}/actions/{action}"]["post"]
    content = operation["requestBody"]["content"]
    takes_files = TABLE[action].photos is not Photos.NONE or "document" in TABLE[action].fields
    assert ("multipart/form-data" in content) is takes_files
    name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    schema = openapi["components"]["schemas"][name]
    assert set(schema["properties"]) == TABLE[action].fields | {"version", "photos"}
    assert schema["required"] == sorted({"version", *TABLE[action].needs})
    assert {"200", "403", "404", "409", "422"} <= set(operation["responses"])


# --- health ---------------------------------------------------------------------------------------------


def test_health_says_what_the_house_stands_on(house):
    answer = house.app.test_client().get("/healthz")
    assert answer.status_code == 200
    told = answer.json
    assert told["ok"] is True
    assert told["database"]["journal_mode"] in {"wal", "truncate"}
    assert {"version", "store", "queue", "workers"} <= set(told)


def test_health_is_503_when_a_hazard_could_not_be_kept(house, monkeypatch):
    def full(_self: Any) -> str:
        raise StoreFull

    with monkeypatch.context() as patch:
        patch.setattr(type(house.means.store), "check", full)
        answer = house.app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["ok"]) == (503, False)

    def away(_self: Any) -> str:
        raise OperationalError("pragma", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(type(house.means.db), "describe", away)
        answer = house.app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["ok"]) == (503, False)


def test_every_answer_carries_what_keeps_a_browser_safe(house):
    for answer in (house.api("lixia", "GET", "/me"), house.api(None, "GET", "/nothing")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]
