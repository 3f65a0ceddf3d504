"""What the document says of answers is what the API answers: every key, every type, every word of a vocabulary."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from app.api.openapi import document
from app.hazards.lifecycle import TABLE, Action, Photos
from tests.conftest import PASSWORD, SMALL, House
from tests.integration.hazard_world import attempt, step
from tests.photos import exif_block, photo

MONTH = "2026-11"
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
SCHEMAS = document()["components"]["schemas"]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].removeprefix("#/components/schemas/")]
    return schema


def faults(schema: dict[str, Any], told: Any, at: str = "$") -> list[str]:
    """Everything in which `told` is not what the schema says."""
    schema = resolved(schema)
    if "anyOf" in schema:
        tried = [faults(branch, told, at) for branch in schema["anyOf"]]
        return min(tried, key=len)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    right = any(isinstance(told, KINDS[kind]) and (kind == "boolean" or told is not True) for kind in kinds)
    if not right:
        return [f"{at}: {told!r} is no {kinds}"]
    if "enum" in schema and told not in schema["enum"]:
        return [f"{at}: {told!r} is none of {schema['enum']}"]
    if isinstance(told, str):
        return text_faults(schema, told, at)
    if isinstance(told, list):
        return [fault for n, one in enumerate(told) for fault in faults(schema["items"], one, f"{at}[{n}]")]
    return object_faults(schema, told, at) if isinstance(told, dict) else []


def text_faults(schema: dict[str, Any], told: str, at: str) -> list[str]:
    if schema.get("format") == "date-time" and datetime.fromisoformat(told).tzinfo is None:
        return [f"{at}: {told} has no zone"]
    if "pattern" in schema and re.search(schema["pattern"], told) is None:
        return [f"{at}: {told!r} is not {schema['pattern']}"]
    return []


def object_faults(schema: dict[str, Any], told: dict[str, Any], at: str) -> list[str]:
    known, needed = schema.get("properties", {}), set(schema.get("required", ()))
    found = [f"{at}.{name}: missing" for name in sorted(needed - set(told))]
    if schema.get("additionalProperties") is not True:
        found += [f"{at}.{name}: unknown" for name in sorted(set(told) - set(known))]
    for name, value in told.items():
        if name in known:
            found += faults(known[name], value, f"{at}.{name}")
    return found


def answer_schema(method: str, path: str, status: int = 200) -> dict[str, Any]:
    operation = document()["paths"][path][method.lower()]
    return dict(operation["responses"][str(status)]["content"]["application/json"]["schema"])


def said(answer: Any, method: str, path: str, status: int = 200) -> Any:
    """The answer's JSON, which is what the document says it is."""
    assert answer.status_code == status, answer.json
    assert faults(answer_schema(method, path, status), answer.json) == []
    return answer.json


@pytest.fixture
def eventful(house: House) -> tuple[House, str]:
    """A hazard with everything in it: witnesses, an extension, a return, points, a broken photo, a closure."""
    exif = exif_block(position=(38.0431, 114.5032), taken="2026:11:02 08:59:00", offset="+08:00")
    pictures = (photo(size=(64, 48), exif=exif), SMALL[:-200])
    number = house.report("lixia", photos=pictures)
    house.work()
    for who, action, told in (
        ("wangmin", "accept", {"major": True}),
        ("zhanglei", "request_extension", {}),
        ("wangmin", "record_dual_report", {"to": "regulator"}),
        ("wangmin", "record_dual_report", {"to": "congress"}),
        ("zhanglei", "rectify", {}),
        ("liujianguo", "send_back", {}),
        ("zhanglei", "rectify", {"cost": 12.5}),
        ("liujianguo", "close", {}),
    ):
        step(house, who, number, action, **told)
    house.work()
    return house, number


def test_a_hazard_in_full_has_exactly_the_keys_of_its_schema(eventful):
    house, number = eventful
    told = said(house.api("wangmin", "GET", f"/hazards/{number}"), "GET", "/hazards/{number}")
    assert set(told) == set(SCHEMAS["HazardView"]["properties"])
    whole, broken = told["photos"][:2]
    assert set(broken) == set(SCHEMAS["PhotoView"]["properties"])
    assert set(whole) == set(SCHEMAS["PhotoView"]["properties"]) - {"cause"}
    assert broken["status"] == "quarantined"
    assert {witness["source"] for witness in whole["witnesses"]} == {"place", "exif"}
    assert told["routing"]["because"]
    assert told["cost"] == "12.50"
    assert len(told["timeline"]) == 9


def test_the_public_part_has_exactly_the_required_keys(eventful):
    house, number = eventful
    own = said(house.api("lixia", "GET", f"/hazards/{number}"), "GET", "/hazards/{number}")
    assert set(own) == set(SCHEMAS["HazardView"]["properties"])
    other = house.report("wangmin")
    told = said(house.api("lixia", "GET", f"/hazards/{other}"), "GET", "/hazards/{number}")
    assert set(told) == set(SCHEMAS["HazardView"]["required"])
    assert set(told["photos"][0]) == set(SCHEMAS["PhotoView"]["required"])


def calls(number: str) -> Iterator[tuple[str | None, str, str, str]]:
    """Every GET that answers JSON: who, template, address, and the list in it that must not be empty."""
    yield "lixia", "/me", "/me", "roles"
    yield None, "/openapi.json", "/openapi.json", ""
    yield "wangmin", "/units", "/units", "items"
    yield "lixia", "/places", "/places", "items"
    yield None, "/categories", "/categories", "items"
    yield "wangmin", "/hazards", "/hazards?limit=1", "items"
    yield "lixia", "/hazards", "/hazards", "items"
    yield "tianye", "/hazards", "/hazards?limit=200", "items"
    yield "lixia", "/hazards/lookalikes", "/hazards/lookalikes?category=ELEC&place=HBJX-A3", ""
    yield "lixia", "/points", "/points", "items"
    for who in ("wangmin", "lixia", "tianye", "zhanglei"):
        yield who, "/hazards/{number}", f"/hazards/{number}", "photos"
    path = f"/months/{MONTH}/statements"
    yield "tianye", "/months/{month}/statements", path, "items"
    yield "wangmin", "/months/{month}/statements/{unit}", f"{path}/HBJX-3", "blocks"
    figure = "/months/{month}/statements/{unit}/figures/{code}"
    yield "wangmin", figure, f"{path}/HBJX-3/figures/A-hazards", "numerator"


def test_every_read_answers_what_is_written(eventful):
    house, number = eventful
    house.report("wangmin")
    for who, template, path, list_in_it in calls(number):
        told = said(house.api(who, "GET", path), "GET", template)
        assert not list_in_it or told[list_in_it], path
    written = {path for path, operations in document()["paths"].items() if "get" in operations}
    assert written - {template for _, template, _, _ in calls(number)} == {
        "/hazards/{number}/photos/{n}/{picture}",
        "/hazards/{number}/documents/{n}",
    }


def test_every_picture_is_of_a_written_type(eventful):
    house, number = eventful
    content = document()["paths"]["/hazards/{number}/photos/{n}/{picture}"]["get"]["responses"]["200"]["content"]
    for picture in ("thumb", "display", "original"):
        with house.api("wangmin", "GET", f"/hazards/{number}/photos/1/{picture}") as answer:
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert content[answer.mimetype]["schema"] == {"type": "string", "format": "binary"}


def test_tokens_passes_and_their_end_are_as_written(house):
    made = house.api(None, "POST", "/tokens", json={"login": "lixia", "password": PASSWORD})
    token = said(made, "POST", "/tokens", 201)["token"]
    said(house.api("lixia", "POST", "/passes"), "POST", "/passes", 201)
    ended = house.api(None, "DELETE", "/tokens/current", headers={"Authorization": f"Bearer {token}"})
    said(ended, "DELETE", "/tokens/current")


def test_a_receipt_is_as_written_for_a_new_report_and_for_the_same_again(house):
    fields = {"client_id": "0b0f5c3e-6f0e-4f8e-9a55-6f8f7f0d3f10"}
    said(house.send("lixia", **fields), "POST", "/hazards", 201)
    said(house.send("lixia", **fields), "POST", "/hazards")


def test_a_move_answers_the_hazard_or_what_became_of_it(house):
    path = "/hazards/{number}/actions/"
    number = house.report("lixia")
    told = said(attempt(house, "wangmin", number, "accept"), "POST", f"{path}accept")
    assert set(told) == set(SCHEMAS["HazardView"]["properties"])
    number = house.report("lixia")
    gone = said(attempt(house, "wangmin", number, "transfer"), "POST", f"{path}transfer")
    assert set(gone) == set(SCHEMAS["HazardGone"]["properties"])


# --- what is asked for ----------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.SUBMIT])
def test_a_move_demands_what_the_table_says(action):
    move = TABLE[action]
    operation = document()["paths"][f"/hazards/{{number}}/actions/{action}"]["post"]
    content = operation["requestBody"]["content"]
    schema = resolved(content["application/json"]["schema"])
    assert schema["required"] == sorted({"version", *move.needs})
    groups = [[{"required": [name]} for name in group] for group in move.one_of]
    assert ([schema["oneOf"]] if "oneOf" in schema else []) == groups
    assert set(schema.get("then", {}).get("required", ())) == set(move.major_needs)
    if "decision" in move.fields:
        assert set(schema["properties"]["decision"]["enum"]) == set(move.targets)
    assert ("REQUIRED" in schema.get("description", "")) is (move.photos is Photos.REQUIRED)
    if move.photos is not Photos.NONE:
        form = content["multipart/form-data"]["schema"]
        assert ("photo" in form["required"]) is (move.photos is Photos.REQUIRED)


def test_what_the_document_demands_the_api_demands(house):
    """Each required field, left out, is a 422 that names it."""
    number = house.report("lixia")
    for name in resolved({"$ref": "#/components/schemas/AcceptAction"})["required"]:
        answer = attempt(house, "wangmin", number, "accept", **{name: None})
        if name == "version":
            continue  # `attempt` says the present one itself
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name])


# --- the document as such -------------------------------------------------------------------------------


def schemas_in(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON Schema in the document, from its named ones and its contents down."""
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield from subschemas(node["schema"])
        for name, inner in node.items():
            yield from schemas_in(inner) if name != "schema" else ()
    elif isinstance(node, list):
        for inner in node:
            yield from schemas_in(inner)


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    inner += [schema[name] for name in ("items", "if", "then") if name in schema]
    for one in inner:
        yield from subschemas(one)


def every_schema() -> list[dict[str, Any]]:
    named = [one for schema in SCHEMAS.values() for one in subschemas(schema)]
    return [*named, *schemas_in(document()["paths"]), *schemas_in(document()["components"]["responses"])]


def test_the_document_has_the_parts_that_openapi_3_1_asks_for():
    whole = document()
    assert re.fullmatch(r"3\.1\.\d+", whole["openapi"])
    assert set(whole) <= {"openapi", "info", "servers", "paths", "components", "tags"}
    assert {"title", "version"} <= set(whole["info"])
    assert all(server["url"] for server in whole["servers"])
    for name in whole["components"]["schemas"]:
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
    assert json.loads(json.dumps(whole)) == whole
    for operations in whole["paths"].values():
        for operation in operations.values():
            assert {"summary", "responses"} <= set(operation)
            body = operation.get("requestBody")
            assert body is None or all("schema" in media for media in body["content"].values())
            good = {status: told for status, told in operation["responses"].items() if status[0] == "2"}
            assert good
            assert all(told["description"] and told.get("content", told.get("headers")) for told in good.values())


def test_every_schema_is_one_that_json_schema_2020_12_allows():
    assert len(every_schema()) > 300
    for schema in every_schema():
        kinds = schema.get("type", [])
        assert set(kinds if isinstance(kinds, list) else [kinds]) <= set(KINDS)
        # 3.0's word is no longer one.
        assert "nullable" not in schema
        required = schema.get("required", [])
        assert len(set(required)) == len(required)
        if "properties" in schema:
            assert set(required) <= set(schema["properties"])
        if kinds == "array":
            assert "items" in schema
        if "enum" in schema:
            assert len(set(schema["enum"])) == len(schema["enum"])
        if "$ref" in schema:
            assert resolved(schema)


def test_an_answer_that_is_not_as_written_would_be_seen():
    right = {"code": "HBJX", "name": "华北机械厂", "kind": "enterprise"}
    unit = {"$ref": "#/components/schemas/Unit"}
    assert faults(unit, right) == []
    wrong: list[Any] = [
        {**right, "more": 1},
        {"code": "HBJX"},
        {**right, "kind": "castle"},
        {**right, "name": None},
    ]
    assert all(faults(unit, told) for told in [*wrong, None, []])
    assert faults({"type": "integer"}, True)
    assert faults(SCHEMAS["Token"]["properties"]["expires_at"], "2026-11-02T01:00:00")
