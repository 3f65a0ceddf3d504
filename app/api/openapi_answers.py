"""What the calls answer, as JSON Schema: the shapes of `app.api.shapes` and `app.api.statements`, by name."""

from typing import Any, Final

from app.accounts.permissions import Role
from app.api.openapi_words import JsonSchema, all_of, many, one_of, or_null, ref, text, whole
from app.competition.ledger import WhyReversed
from app.competition.points import Rule, Why
from app.competition.rules import Item
from app.competition.scoring import Grade, SizeBand
from app.evidence.causes import Cause
from app.evidence.datums import Datum
from app.evidence.locations import Letter, Source
from app.evidence.models import PhotoStatus
from app.evidence.signature import DocumentFormat, PhotoFormat
from app.hazards.clocks import SUPERVISED
from app.hazards.handing_over import HANDED_OVER
from app.hazards.lifecycle import Action, State
from app.hazards.relocation import REROUTED
from app.hazards.words import Category, Factor, FoundBy, Level, RejectReason, ReportedTo, Stage
from app.units.queries import UnitKind

TEXT, FLAG, COUNT = text(), {"type": "boolean"}, whole(minimum=0)
MAYBE: Final = or_null(TEXT)
MOMENT: Final = text(format="date-time")
MAYBE_MOMENT: Final = or_null(MOMENT)
NUMBER: Final = text(pattern=r"^HZ-[0-9]{4}-[0-9]{6,}$")
VERSION: Final = whole(minimum=1)
SHA256: Final = text(pattern="^[0-9a-f]{64}$")
MONTH: Final = text(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")
FRACTION: Final = text(pattern="^-?[0-9]+(/[0-9]+)?$", description="exact points: 49/3")
DEGREES: Final = {"lat": {"type": "number"}, "lon": {"type": "number"}}
STATE: Final = one_of(State)
REASONS: Final = many(
    {"type": "object", "required": ["code"], "properties": {"code": TEXT}, "additionalProperties": True}
)
"""Codes, each with the values that its sentence needs."""
OPEN_MOVES: Final = many(one_of(action for action in Action if action is not Action.SUBMIT))


def _places() -> dict[str, JsonSchema]:
    unit = {"code": TEXT, "name": TEXT, "kind": one_of(UnitKind)}
    place = {"code": TEXT, "name": TEXT, "position": or_null(ref("Position")), "allows_guests": FLAG}
    return {
        "Unit": all_of(unit),
        "Position": all_of({**DEGREES, "datum": one_of([Datum.WGS84])}),
        "Place": all_of(place),
        "Units": all_of({"items": many(all_of({**unit, "parent": MAYBE}))}),
        "Places": all_of({"items": many(ref("PlaceListed"))}),
        "PlaceListed": {
            "description": "`scan_code` is what the place's QR code carries; only for who may print it.",
            **all_of({**place, "unit": ref("Unit")}, maybe={"scan_code": text(pattern="^[A-Za-z0-9_-]{22}$")}),
        },
        "Categories": all_of({"language": TEXT, "items": many(all_of({"code": one_of(Category), "name": TEXT}))}),
    }


def _people() -> dict[str, JsonSchema]:
    role = all_of({"role": one_of(Role), "unit": ref("Unit")})
    return {
        "Token": all_of({"token": TEXT, "expires_at": MOMENT}),
        "Pass": all_of({"pass": TEXT}),
        "Me": all_of({"login": TEXT, "name": TEXT, "unit": ref("Unit"), "roles": many(role)}),
        "Ended": all_of({}),
        "Document": {"type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": True},
    }


WHICH: Final = {"number": NUMBER, "state": STATE, "version": VERSION}
KNOWN: Final = {"level": one_of(Level, or_null=True), "category": one_of(Category, or_null=True)}


def _line() -> dict[str, JsonSchema]:
    """A hazard in a list."""
    return {
        **WHICH,
        **KNOWN,
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


def _public() -> dict[str, JsonSchema]:
    """What everybody who may see a hazard sees of it."""
    return {
        **WHICH,
        **KNOWN,
        "place": or_null(ref("Place")),
        "location_text": MAYBE,
        "unit": ref("Unit"),
        "anonymous": FLAG,
        "submitted_at": MOMENT,
        "closed_at": MAYBE_MOMENT,
        "overdue": FLAG,
        "open_actions": OPEN_MOVES,
        "photos": many(ref("PhotoView")),
    }


def _hazards() -> dict[str, JsonSchema]:
    kept = all_of({"sha256": SHA256, "bytes": or_null(COUNT)})
    receipt = all_of({"client_id": text(format="uuid"), "received_at": MOMENT, "photos": many(kept)})
    return {
        "Receipt": all_of({**WHICH, "unit": ref("Unit"), "officer": MAYBE, "receipt": receipt}),
        "HazardLine": all_of(_line()),
        "HazardPage": all_of({"items": many(ref("HazardLine")), "next": MAYBE}),
        "Lookalikes": all_of(
            {"items": many(all_of({"hazard": ref("HazardLine"), "metres": {"type": ["integer", "null"]}}))}
        ),
        "Followed": all_of({"number": NUMBER}),
        "HazardView": {
            "description": "The required keys are the public part; the others are there for who may read them.",
            **all_of(_public(), maybe=_inner()),
        },
        "HazardGone": {
            "description": "What the caller has done to a hazard that the move took out of their sight.",
            **all_of({**WHICH, "open_actions": OPEN_MOVES}),
        },
    }


def _inner() -> dict[str, JsonSchema]:
    """The keys of a hazard beside its public part."""
    texts = ("description", "reporter", "rectifier", "measures", "funds", "emergency_plan", "interim_control")
    moments = ("deadline", "first_deadline", "extension_deadline", "accepted_at", "finished_at")
    return {
        **dict.fromkeys((*texts, "done", "conclusion"), MAYBE),
        **dict.fromkeys(moments, MAYBE_MOMENT),
        "factor": one_of(Factor, or_null=True),
        "found_by": one_of(FoundBy),
        "guest": FLAG,
        "routing": or_null(ref("Routing")),
        "cost": or_null(text(pattern=r"^[0-9]+\.[0-9]{2}$", description="yuan")),
        "fixed_on_the_spot": FLAG,
        "times_returned": COUNT,
        "reject_reason": one_of(RejectReason, or_null=True),
        "master": or_null(NUMBER),
        "dual_reports": many(one_of(ReportedTo)),
        "dual_report_papers": many(ref("DualReport")),
        "timeline": many(ref("Step")),
        "signals": REASONS,
    }


def _evidence() -> dict[str, JsonSchema]:
    size = or_null(whole(minimum=1))
    photo = {"n": VERSION, "stage": one_of(Stage), "status": one_of(PhotoStatus), "width": size, "height": size}
    inner = {
        "cause": one_of(Cause),
        "sha256": SHA256,
        "bytes": COUNT,
        "captured_at": MAYBE_MOMENT,
        "grade": one_of(Letter, or_null=True),
        "grade_because": REASONS,
        "witnesses": many(ref("WitnessView")),
    }
    witness = {
        "source": one_of(Source),
        **DEGREES,
        "accuracy_m": or_null({"type": "number"}),
        "datum": one_of([Datum.WGS84]),
        "sent_as": one_of(Datum),
        "at": MAYBE_MOMENT,
    }
    step = {
        "version": VERSION,
        "action": one_of([*Action, HANDED_OVER, REROUTED, SUPERVISED]),
        "at": MOMENT,
        "by": MAYBE,
        "from": one_of(State, or_null=True),
        "to": STATE,
        "detail": {"type": "object", "additionalProperties": True},
    }
    return {
        "PhotoView": {
            "description": "`cause` stands beside a quarantined photo; the other optional keys are not public.",
            **all_of(photo, maybe=inner),
        },
        "WitnessView": all_of(witness),
        "Step": all_of(step),
        "DualReport": all_of(
            {
                "to": one_of(ReportedTo),
                "on": text(format="date"),
                "document": MAYBE,
                "file": or_null(whole(minimum=1)),
            }
        ),
        "Routing": all_of({"unit": ref("Unit"), "officer": MAYBE, "because": REASONS}),
    }


def _tally() -> dict[str, JsonSchema]:
    item = one_of(Item)
    head = {
        "month": MONTH,
        "unit": ref("Unit"),
        "people": COUNT,
        "score": text(pattern=r"^[0-9]{1,3}\.[0-9]{2}$"),
        "grade": one_of(Grade),
        "vetoed": many(item),
        "rules_version": VERSION,
        "valid_hazards": COUNT,
    }
    figure = {
        "code": item,
        "numerator": COUNT,
        "denominator": or_null(COUNT),
        "points": FRACTION,
        "most": FRACTION,
        "in_force": FLAG,
        "hazards": text(format="uri-reference"),
    }
    block = {
        "code": one_of(sorted({one.block for one in Item})),
        "points": FRACTION,
        "most": FRACTION,
        "figures": many(all_of(figure)),
    }
    ranked = all_of({"band": one_of(SizeBand), "place": whole(minimum=1), **head})
    return {
        "Statements": all_of({"month": MONTH, "items": many(ranked)}),
        "Statement": all_of({**head, "blocks": many(all_of(block))}),
        "Figure": all_of({"code": item, "numerator": many(NUMBER), "denominator": many(NUMBER)}),
        "Points": all_of({"balance": whole(), "items": many(_entry())}),
    }


def _entry() -> JsonSchema:
    return all_of(
        {
            "hazard": NUMBER,
            "rule": one_of(Rule),
            "points": whole(),
            "why": one_of([*Why, *WhyReversed]),
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
