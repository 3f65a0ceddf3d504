"""What the calls answer, as JSON Schema: the shapes of `app.api.shapes` and `app.api.statements`, by name."""

from collections.abc import Iterable
from typing import Any, Final

from app.accounts.permissions import Role
from app.competition.ledger import WhyReversed
from app.competition.points import Rule, Why
from app.competition.rules import Item
from app.competition.scoring import Grade, SizeBand
from app.evidence.causes import Cause
from app.evidence.datums import Datum
from app.evidence.locations import Letter, Source
from app.evidence.models import PhotoStatus
from app.evidence.signature import DocumentFormat, PhotoFormat
from app.hazards.handing_over import HANDED_OVER
from app.hazards.lifecycle import Action, State
from app.hazards.relocation import REROUTED
from app.hazards.words import Category, Factor, FoundBy, Level, RejectReason, ReportedTo, Stage
from app.units.queries import UnitKind

JsonSchema = dict[str, Any]


def _one_of(words: Iterable[str], *, or_null: bool = False) -> JsonSchema:
    """A word of a closed vocabulary."""
    named: list[str | None] = [str(word) for word in words]
    return {"type": ["string", "null"], "enum": [*named, None]} if or_null else {"type": "string", "enum": named}


def _text(**more: Any) -> JsonSchema:
    return {"type": "string", **more}


def _whole(**more: Any) -> JsonSchema:
    return {"type": "integer", **more}


def _or_null(schema: JsonSchema) -> JsonSchema:
    """The same, or null where there is none."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _many(items: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": items}


def _all_of(properties: dict[str, JsonSchema], *, maybe: dict[str, JsonSchema] | None = None) -> JsonSchema:
    """An object with all of `properties`, and of `maybe` what this reader may see."""
    return {"type": "object", "required": sorted(properties), "properties": {**properties, **(maybe or {})}}


def ref(name: str) -> JsonSchema:
    """The schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def json_of(name: str) -> dict[str, Any]:
    """The content of an answer that is this schema in JSON."""
    return {"application/json": {"schema": ref(name)}}


TEXT, FLAG, COUNT = _text(), {"type": "boolean"}, _whole(minimum=0)
MAYBE: Final = _or_null(TEXT)
MOMENT: Final = _text(format="date-time")
MAYBE_MOMENT: Final = _or_null(MOMENT)
NUMBER: Final = _text(pattern=r"^HZ-[0-9]{4}-[0-9]{6,}$")
VERSION: Final = _whole(minimum=1)
SHA256: Final = _text(pattern="^[0-9a-f]{64}$")
MONTH: Final = _text(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")
FRACTION: Final = _text(pattern="^-?[0-9]+(/[0-9]+)?$", description="exact points: 49/3")
DEGREES: Final = {"lat": {"type": "number"}, "lon": {"type": "number"}}
STATE: Final = _one_of(State)
REASONS: Final = _many(
    {"type": "object", "required": ["code"], "properties": {"code": TEXT}, "additionalProperties": True}
)
"""Codes, each with the values that its sentence needs."""
OPEN_MOVES: Final = _many(_one_of(action for action in Action if action is not Action.SUBMIT))


def _places() -> dict[str, JsonSchema]:
    unit = {"code": TEXT, "name": TEXT, "kind": _one_of(UnitKind)}
    place = {"code": TEXT, "name": TEXT, "position": _or_null(ref("Position")), "allows_guests": FLAG}
    return {
        "Unit": _all_of(unit),
        "Position": _all_of({**DEGREES, "datum": _one_of([Datum.WGS84])}),
        "Place": _all_of(place),
        "Units": _all_of({"items": _many(_all_of({**unit, "parent": MAYBE}))}),
        "Places": _all_of({"items": _many(_all_of({**place, "unit": ref("Unit")}))}),
        "Categories": _all_of(
            {"language": TEXT, "items": _many(_all_of({"code": _one_of(Category), "name": TEXT}))}
        ),
    }


def _people() -> dict[str, JsonSchema]:
    role = _all_of({"role": _one_of(Role), "unit": ref("Unit")})
    return {
        "Token": _all_of({"token": TEXT, "expires_at": MOMENT}),
        "Pass": _all_of({"pass": TEXT}),
        "Me": _all_of({"login": TEXT, "name": TEXT, "unit": ref("Unit"), "roles": _many(role)}),
        "Ended": _all_of({}),
        "Document": {"type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": True},
    }


def _hazards() -> dict[str, JsonSchema]:
    kept = _all_of({"sha256": SHA256, "bytes": COUNT})
    receipt = _all_of({"client_id": _text(format="uuid"), "received_at": MOMENT, "photos": _many(kept)})
    where = {"number": NUMBER, "state": STATE, "version": VERSION}
    known = {"level": _one_of(Level, or_null=True), "category": _one_of(Category, or_null=True)}
    line = {
        **where,
        **known,
        "description": MAYBE,
        "place": MAYBE,
        "location_text": MAYBE,
        "unit": ref("Unit"),
        "mine": FLAG,
        "anonymous": FLAG,
        "submitted_at": MOMENT,
        "deadline": MAYBE_MOMENT,
        "overdue": FLAG,
    }
    public = {
        **where,
        **known,
        "place": _or_null(ref("Place")),
        "location_text": MAYBE,
        "unit": ref("Unit"),
        "anonymous": FLAG,
        "submitted_at": MOMENT,
        "closed_at": MAYBE_MOMENT,
        "overdue": FLAG,
        "open_actions": OPEN_MOVES,
        "photos": _many(ref("PhotoView")),
    }
    return {
        "Receipt": _all_of({**where, "unit": ref("Unit"), "officer": MAYBE, "receipt": receipt}),
        "HazardLine": _all_of(line),
        "HazardPage": _all_of({"items": _many(ref("HazardLine")), "next": MAYBE}),
        "Lookalikes": _all_of(
            {"items": _many(_all_of({"hazard": ref("HazardLine"), "metres": {"type": ["integer", "null"]}}))}
        ),
        "Followed": _all_of({"number": NUMBER}),
        "HazardView": {
            "description": "The required keys are the public part; the others are there for who may read them.",
            **_all_of(public, maybe=_inner()),
        },
        "HazardGone": {
            "description": "What the caller has done to a hazard that the move took out of their sight.",
            **_all_of({**where, "open_actions": OPEN_MOVES}),
        },
    }


def _inner() -> dict[str, JsonSchema]:
    """The keys of a hazard beside its public part."""
    texts = ("description", "reporter", "rectifier", "measures", "funds", "emergency_plan", "interim_control")
    moments = ("deadline", "first_deadline", "extension_deadline", "accepted_at", "finished_at")
    return {
        **dict.fromkeys((*texts, "done", "conclusion"), MAYBE),
        **dict.fromkeys(moments, MAYBE_MOMENT),
        "factor": _one_of(Factor, or_null=True),
        "found_by": _one_of(FoundBy),
        "guest": FLAG,
        "routing": _or_null(ref("Routing")),
        "cost": _or_null(_text(pattern=r"^[0-9]+\.[0-9]{2}$", description="yuan")),
        "fixed_on_the_spot": FLAG,
        "times_returned": COUNT,
        "reject_reason": _one_of(RejectReason, or_null=True),
        "master": _or_null(NUMBER),
        "dual_reports": _many(_one_of(ReportedTo)),
        "dual_report_papers": _many(ref("DualReport")),
        "timeline": _many(ref("Step")),
        "signals": REASONS,
    }


def _evidence() -> dict[str, JsonSchema]:
    size = _or_null(_whole(minimum=1))
    photo = {"n": VERSION, "stage": _one_of(Stage), "status": _one_of(PhotoStatus), "width": size, "height": size}
    inner = {
        "cause": _one_of(Cause),
        "sha256": SHA256,
        "bytes": COUNT,
        "captured_at": MAYBE_MOMENT,
        "grade": _one_of(Letter, or_null=True),
        "grade_because": REASONS,
        "witnesses": _many(ref("WitnessView")),
    }
    witness = {
        "source": _one_of(Source),
        **DEGREES,
        "accuracy_m": _or_null({"type": "number"}),
        "datum": _one_of([Datum.WGS84]),
        "sent_as": _one_of(Datum),
        "at": MAYBE_MOMENT,
    }
    step = {
        "action": _one_of([*Action, HANDED_OVER, REROUTED]),
        "at": MOMENT,
        "by": MAYBE,
        "from": _one_of(State, or_null=True),
        "to": STATE,
        "detail": {"type": "object", "additionalProperties": True},
    }
    return {
        "PhotoView": {
            "description": "`cause` stands beside a quarantined photo; the other optional keys are not public.",
            **_all_of(photo, maybe=inner),
        },
        "WitnessView": _all_of(witness),
        "Step": _all_of(step),
        "DualReport": _all_of(
            {
                "to": _one_of(ReportedTo),
                "on": _text(format="date"),
                "document": MAYBE,
                "file": _or_null(_whole(minimum=1)),
            }
        ),
        "Routing": _all_of({"unit": ref("Unit"), "officer": MAYBE, "because": REASONS}),
    }


def _tally() -> dict[str, JsonSchema]:
    item = _one_of(Item)
    head = {
        "month": MONTH,
        "unit": ref("Unit"),
        "people": COUNT,
        "score": _text(pattern=r"^[0-9]{1,3}\.[0-9]{2}$"),
        "grade": _one_of(Grade),
        "vetoed": _many(item),
        "rules_version": VERSION,
        "valid_hazards": COUNT,
    }
    figure = {
        "code": item,
        "numerator": COUNT,
        "denominator": _or_null(COUNT),
        "points": FRACTION,
        "most": FRACTION,
        "in_force": FLAG,
        "hazards": _text(format="uri-reference"),
    }
    block = {
        "code": _one_of(sorted({one.block for one in Item})),
        "points": FRACTION,
        "most": FRACTION,
        "figures": _many(_all_of(figure)),
    }
    ranked = _all_of({"band": _one_of(SizeBand), "place": _whole(minimum=1), **head})
    return {
        "Statements": _all_of({"month": MONTH, "items": _many(ranked)}),
        "Statement": _all_of({**head, "blocks": _many(_all_of(block))}),
        "Figure": _all_of({"code": item, "numerator": _many(NUMBER), "denominator": _many(NUMBER)}),
        "Points": _all_of({"balance": _whole(), "items": _many(_entry())}),
    }


def _entry() -> JsonSchema:
    return _all_of(
        {
            "hazard": NUMBER,
            "rule": _one_of(Rule),
            "points": _whole(),
            "why": _one_of([*Why, *WhyReversed]),
            "values": {"type": "object", "additionalProperties": True},
            "at": MOMENT,
            "month": MONTH,
            "reversal": FLAG,
        }
    )


def answer_schemas() -> dict[str, JsonSchema]:
    """Every answer by its name under `components/schemas`."""
    return {**_places(), **_people(), **_hazards(), **_evidence(), **_tally()}


def documents() -> dict[str, Any]:
    """The content of a document: a PDF, or a picture of the paper."""
    return {kind.mime_type: {"schema": {"type": "string", "format": "binary"}} for kind in DocumentFormat}


def pictures() -> dict[str, Any]:
    """The content of a picture: what is made is JPEG, an original is what the phone sent."""
    types = dict.fromkeys(("image/jpeg", *(photo_format.mime_type for photo_format in PhotoFormat)))
    return {mime: {"schema": {"type": "string", "format": "binary"}} for mime in types}
