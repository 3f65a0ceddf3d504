"""The calls of the API that need no schema beyond their parameters."""

from typing import Any, Final

from app.api.openapi_answers import documents, pictures
from app.api.openapi_uploads import upload_paths
from app.api.openapi_words import json_of

PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
BEARER: Final[list[dict[str, list[str]]]] = [{"bearer": []}]


def _reads(
    summary: str, content: dict[str, Any], *parameters: dict[str, Any], is_open: bool = False
) -> dict[str, Any]:
    refusals = {} if is_open else {"401": PROBLEM, "403": PROBLEM, "404": PROBLEM, "422": PROBLEM}
    return {
        "get": {
            "summary": summary,
            "security": [] if is_open else BEARER,
            "parameters": list(parameters),
            "responses": {"200": {"description": summary, "content": content}, **refusals},
        }
    }


def _path(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}


def _query(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}}


def _makes(
    summary: str, made_of: str, *, body: str | None = None, security: list[dict[str, Any]]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "summary": summary,
        "security": security,
        "responses": {
            "201": {"description": summary, "content": json_of(made_of)},
            "400": PROBLEM,
            "401": PROBLEM,
            "422": PROBLEM,
            "429": PROBLEM,
        },
    }
    if body is not None:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _follows(number: dict[str, Any]) -> dict[str, Any]:
    summary = "follow a hazard instead of reporting it again; of a duplicate, its master"
    done = {"200": {"description": summary, "content": json_of("Followed")}}
    refusals = dict.fromkeys(("401", "403", "404", "409"), PROBLEM)
    return {"summary": summary, "security": BEARER, "parameters": [number], "responses": {**done, **refusals}}


def plain_paths() -> dict[str, dict[str, Any]]:
    """Path → operations."""
    return {**_caller_paths(), **_hazard_paths(), **upload_paths(), **_tally_paths()}


def _hazard_paths() -> dict[str, dict[str, Any]]:
    number, n = _path("number"), _path("n", "integer")
    picture = {**_path("picture"), "schema": {"type": "string", "enum": ["display", "thumb", "original"]}}
    listing = [
        _query("state"),
        _query("unit"),
        _query("mine", "boolean"),
        _query("overdue", "boolean"),
        _query("q"),
        _query("limit", "integer"),
        _query("cursor"),
    ]
    return {
        "/hazards": _reads("hazards the caller may see, newest first", json_of("HazardPage"), *listing),
        "/hazards/lookalikes": _reads(
            "open hazards that a report here, of this category, may repeat: the same place or within 100 m",
            json_of("Lookalikes"),
            _query("category"),
            _query("place"),
            _query("lat", "number"),
            _query("lon", "number"),
            _query("accuracy_m", "number"),
        ),
        "/hazards/{number}/followers": {"post": _follows(number)},
        "/hazards/{number}": _reads("one hazard, as the caller may see it", json_of("HazardView"), number),
        "/hazards/{number}/photos/{n}/{picture}": _reads("a picture", pictures(), number, n, picture),
        "/hazards/{number}/documents/{n}": _reads("a document, as a download", documents(), number, n),
    }


def _caller_paths() -> dict[str, dict[str, Any]]:
    answers = {"200": {"description": "ended", "content": json_of("Ended")}, "401": PROBLEM, "403": PROBLEM}
    ended = {"summary": "end this token", "security": BEARER, "responses": answers}
    return {
        "/tokens": {"post": _makes("a bearer token", "Token", body="Login", security=[])},
        "/tokens/current": {"delete": ended},
        "/passes": {"post": _passes()},
        "/me": _reads("who the caller is", json_of("Me")),
        "/openapi.json": _reads("this document", json_of("Document"), is_open=True),
        "/units": _reads("the units the caller may name", json_of("Units")),
        "/places": _reads("the places of the caller's enterprise", json_of("Places")),
        "/categories": _reads(
            "the categories the caller's unit shows; else all 21", json_of("Categories"), is_open=True
        ),
    }


def _passes() -> dict[str, Any]:
    summary = "a one-use pass: for an account's anonymous report, or for a guest at the place that is named"
    made = _makes(summary, "Pass", body="GuestPlace", security=[*BEARER, {}])
    return {
        **made,
        "requestBody": {**made["requestBody"], "required": False},
        "responses": {**made["responses"], "404": PROBLEM},
    }


def _tally_paths() -> dict[str, dict[str, Any]]:
    return {
        "/months/{month}/statements": _reads(
            "the month's statements of the caller's units", json_of("Statements"), _path("month")
        ),
        "/months/{month}/statements/{unit}": _reads(
            "one statement", json_of("Statement"), _path("month"), _path("unit")
        ),
        "/months/{month}/statements/{unit}/figures/{code}": _reads(
            "the hazards behind one figure", json_of("Figure"), _path("month"), _path("unit"), _path("code")
        ),
        "/points": _reads("the caller's points", json_of("Points")),
    }
