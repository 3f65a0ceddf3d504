"""The OpenAPI 3.1 document, built from the same schemas and the same lifecycle table that the calls use."""

from functools import cache
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from app.api.openapi_answers import answer_schemas
from app.api.openapi_paths import plain_paths
from app.api.openapi_words import json_of, ref
from app.edge.fields import Day, Flag, Instant, Number, Sha256, Text, Whole, Word, Yuan
from app.edge.reading import GuestSchema, HazardSchema, LoginSchema, action_schema
from app.hazards.lifecycle import TABLE, Action, Move, Photos
from app.hazards.words import Level
from app.version import VERSION

MOVED: Final = {"application/json": {"schema": {"anyOf": [ref("HazardView"), ref("HazardGone")]}}}
PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
PHOTO_WORDS: Final = {
    Photos.OPTIONAL: "Photos may come along, as multipart parts `photo` or by the SHA-256 of uploads.",
    Photos.REQUIRED: "Photos are REQUIRED: multipart parts `photo`, or `photos` with the SHA-256 of uploads.",
    Photos.TEXT_OR_PHOTO: "`text`, or at least one photo: a multipart part, or the SHA-256 of an upload.",
}
BINARY: Final = {"type": "array", "items": {"type": "string", "format": "binary"}}


def _kind_of(_converter: OpenAPIConverter, field: fields.Field[Any], **_more: Any) -> dict[str, Any]:
    """How our own kinds of field are written in JSON Schema."""
    if isinstance(field, Text):
        return {"type": "string", "maxLength": field.limit}
    if isinstance(field, Word):
        return {"type": "string", "enum": [str(word) for word in field.vocabulary]}
    if isinstance(field, Number):
        return {"type": "number", "minimum": field.least, "maximum": field.most}
    shapes: dict[type, dict[str, Any]] = {
        Instant: {"type": "string", "format": "date-time"},
        Day: {"type": "string", "format": "date"},
        Flag: {"type": "boolean"},
        Whole: {"type": "integer", "minimum": 1},
        Yuan: {"type": "number", "minimum": 0, "multipleOf": 0.01, "description": "yuan"},
        Sha256: {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    return shapes.get(type(field), {})


@cache
def document() -> dict[str, Any]:
    """The document as a JSON-able dictionary."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="隐患随手拍 hazard-snap",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": "Hazards by photograph: report, rectify, verify, tally. Base path /api/v1."},
        servers=[{"url": "/api/v1"}],
        plugins=[plugin],
    )
    assert plugin.converter is not None  # noqa: S101  # made when the plugin meets its spec
    plugin.converter.add_attribute_function(_kind_of)  # type: ignore[no-untyped-call]
    _components(spec)
    for path, operations in plain_paths().items():
        spec.path(path=path, operations=operations)
    spec.path(path="/hazards", operations={"post": _report(), "get": plain_paths()["/hazards"]["get"]})
    for action in Action:
        if action is not Action.SUBMIT:
            spec.path(path=f"/hazards/{{number}}/actions/{action}", operations={"post": _act(TABLE[action])})
    return dict(spec.to_dict())


def _components(spec: APISpec) -> None:
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("pass", {"type": "http", "scheme": "pass"})
    spec.components.schema("Hazard", schema=HazardSchema)
    spec.components.schema("Login", schema=LoginSchema)
    spec.components.schema("GuestPlace", schema=GuestSchema)
    problem = {
        "type": "object",
        "required": ["code", "title", "status"],
        "properties": {
            "code": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "errors": {"type": "object"},
            "current_version": {"type": "integer"},
            "why": {"type": "string"},
            "what": {"type": "string"},
            "reason": {"type": "string"},
            "limit": {"type": "integer"},
            "n": {"type": "integer"},
        },
    }
    content = {"application/problem+json": {"schema": problem}}
    spec.components.response("Problem", {"description": "a refusal with a stable code", "content": content})
    for action in Action:
        if action is not Action.SUBMIT:
            spec.components.schema(_name(action), schema=action_schema(action))
            schema = spec.components.schemas[_name(action)]
            schema |= _demands(TABLE[action])
            if "decision" in schema["properties"]:
                schema["properties"]["decision"]["enum"] = sorted(TABLE[action].targets)
    for name, answer in answer_schemas().items():
        spec.components.schema(name, answer)


def _demands(move: Move) -> dict[str, Any]:
    """What the table asks of a move beyond the kinds of its fields, in JSON Schema."""
    demands: dict[str, Any] = {"required": sorted({"version", *move.needs})}
    for group in move.one_of:
        demands["oneOf"] = [{"required": [name]} for name in group]
    if move.major_needs:
        demands["if"] = {"properties": {"level": {"const": str(Level.MAJOR)}}, "required": ["level"]}
        demands["then"] = {"required": sorted(move.major_needs)}
    if move.photos is not Photos.NONE:
        demands["description"] = PHOTO_WORDS[move.photos]
    return demands


def _name(action: Action) -> str:
    return "".join(word.title() for word in action.split("_")) + "Action"


def _parts(part: str, schema: str, photos: Photos, *, document: bool = False) -> dict[str, Any]:
    if photos is Photos.NONE and document:
        file = {"type": "string", "format": "binary", "description": "a PDF, or a picture of the paper"}
        fields = {part: {"$ref": schema}, "document": file}
        shape = {"type": "object", "required": [part], "properties": fields}
        return {"multipart/form-data": {"schema": shape, "encoding": {part: {"contentType": "application/json"}}}}
    needs_photo = photos is Photos.REQUIRED
    shape = {
        "type": "object",
        "required": [part, "photo"] if needs_photo else [part],
        "properties": {part: {"$ref": schema}, "photo": {**BINARY, "minItems": 1} if needs_photo else BINARY},
    }
    encoding = {part: {"contentType": "application/json"}}
    return {"multipart/form-data": {"schema": shape, "encoding": encoding}}


def _report() -> dict[str, Any]:
    schema = "#/components/schemas/Hazard"
    refusals = dict.fromkeys(("400", "401", "409", "413", "415", "422", "429", "503", "507"), PROBLEM)
    receipt = {"content": json_of("Receipt")}
    return {
        "summary": "Report a hazard; idempotent by client_id",
        "security": [{"bearer": []}, {"pass": []}, {}],
        "requestBody": {
            "required": True,
            "content": {
                **_parts("hazard", schema, TABLE[Action.SUBMIT].photos),
                "application/json": {"schema": {"$ref": schema}},
            },
        },
        "responses": {
            "201": {"description": "kept: number, unit and a receipt naming client_id and every hash", **receipt},
            "200": {"description": "the same report again: the same number", **receipt},
            **refusals,
        },
    }


def _act(move: Move) -> dict[str, Any]:
    schema = f"#/components/schemas/{_name(move.action)}"
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": schema}}}
    if move.photos is not Photos.NONE or "document" in move.fields:
        content |= _parts("action", schema, move.photos, document="document" in move.fields)
    needs = ", ".join((*move.needs, *(" or ".join(group) for group in move.one_of))) or "nothing"
    refusals = dict.fromkeys(("400", "401", "403", "404", "409", "413", "415", "422", "503", "507"), PROBLEM)
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "summary": f"{move.action}: from {', '.join(sorted(move.sources))}; needs {needs}; photos {move.photos}",
        "security": [{"bearer": []}],
        "parameters": [number],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "the hazard", "content": MOVED}, **refusals},
    }
