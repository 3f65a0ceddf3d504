"""The few words of JSON Schema that the API's document is written in."""

from collections.abc import Iterable
from typing import Any

JsonSchema = dict[str, Any]


def one_of(words: Iterable[str], *, or_null: bool = False) -> JsonSchema:
    """A word of a closed vocabulary."""
    named: list[str | None] = [str(word) for word in words]
    return {"type": ["string", "null"], "enum": [*named, None]} if or_null else {"type": "string", "enum": named}


def text(**more: Any) -> JsonSchema:
    """A string."""
    return {"type": "string", **more}


def whole(**more: Any) -> JsonSchema:
    """A whole number."""
    return {"type": "integer", **more}


def or_null(schema: JsonSchema) -> JsonSchema:
    """The same, or null where there is none."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def many(items: JsonSchema) -> JsonSchema:
    """A list of these."""
    return {"type": "array", "items": items}


def all_of(properties: dict[str, JsonSchema], *, maybe: dict[str, JsonSchema] | None = None) -> JsonSchema:
    """An object with all of `properties`, and of `maybe` what this reader may see."""
    return {"type": "object", "required": sorted(properties), "properties": {**properties, **(maybe or {})}}


def ref(name: str) -> JsonSchema:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(name: str) -> dict[str, Any]:
    """The content of an answer that is this schema in JSON."""
    return {"application/json": {"schema": ref(name)}}
