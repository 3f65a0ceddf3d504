"""What both edges read: a report, a move's fields, a login; checked into the values that services take."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, post_load

from app.core.errors import Fault, Invalid
from app.edge.fields import (
    ACCURACY_MOST,
    Coded,
    Day,
    Flag,
    Instant,
    Messages,
    Number,
    Sha256,
    Text,
    Whole,
    Word,
    Yuan,
    is_encodable,
    limits_in_force,
)
from app.evidence.datums import Datum
from app.evidence.locations import Position, parse_position
from app.hazards.drafts import (
    DraftPhoto,
    HazardDraft,
    SentPosition,
)
from app.hazards.following import CLAIM_HASH
from app.hazards.lifecycle import TABLE, Action
from app.hazards.told import Told
from app.hazards.words import Category, Factor, Level, RejectReason, ReportedTo

CODE_LONGEST: Final = 64
NAME_LONGEST: Final = 64
_SCHEMA_MESSAGES = {"unknown": "unknown_field", "type": "not_an_object"}
_LIST_MESSAGES: Messages = {"invalid": "not_a_list", "null": "required"}
_MESSAGES: Messages = {"required": "required", "null": "required"}
_UUID_MESSAGES: Messages = {"required": "required", "null": "required", "invalid_uuid": "not_a_uuid"}


class StrictSchema(Schema):
    """A schema that refuses what it does not know, in codes."""

    class Meta:
        """An unknown field is a misspelt one: it is told, not dropped."""

        unknown = RAISE

    error_messages = _SCHEMA_MESSAGES


class PointSchema(StrictSchema):
    """A pin by hand."""

    lat = Number(least=-90, most=90, required=True)
    lon = Number(least=-180, most=180, required=True)
    datum = Word(Datum, load_default=Datum.WGS84)

    @post_load
    def _make(self, told: dict[str, Any], **_more: Any) -> Position:
        position = parse_position(told["lat"], told["lon"], datum=told["datum"])
        if position is None:
            raise ValidationError("position_impossible", "lat")
        return position


class SentPositionSchema(StrictSchema):
    """The phone's position at the shutter; exactly (0, 0) is what a phone sends for "none"."""

    lat = Number(least=-90, most=90, required=True)
    lon = Number(least=-180, most=180, required=True)
    accuracy_m = Number(least=0, most=ACCURACY_MOST, load_default=None, allow_none=True)
    datum = Word(Datum, load_default=Datum.WGS84)
    at = Instant(load_default=None, allow_none=True)

    @post_load
    def _make(self, told: dict[str, Any], **_more: Any) -> SentPosition | None:
        position = parse_position(told["lat"], told["lon"], datum=told["datum"])
        if position is None:
            return None
        return SentPosition(position, told["accuracy_m"], told["datum"], told["at"])


class DraftPhotoSchema(StrictSchema):
    """What the phone says about one photo."""

    sha256 = Sha256(load_default=None)
    captured_at = Instant(load_default=None, allow_none=True)
    position = fields.Nested(SentPositionSchema, load_default=None, allow_none=True)

    @post_load
    def _make(self, told: dict[str, Any], **_more: Any) -> DraftPhoto:
        return DraftPhoto(**told)


class Part(fields.Nested):
    """An object inside another."""

    default_error_messages = _MESSAGES


class PhotoList(fields.List[Any]):
    """The photos in their order; how many there may be is said before each is looked at."""

    default_error_messages = _LIST_MESSAGES

    def __init__(self, **more: Any) -> None:
        super().__init__(Part(DraftPhotoSchema), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> list[Any]:
        most = limits_in_force().photos
        if isinstance(value, list) and len(value) > most:
            raise ValidationError(f"too_many_photos:{most}")
        return super()._deserialize(value, attr, data, **more)


class ClientId(fields.UUID):
    """The phone's own name for the report."""

    default_error_messages = _UUID_MESSAGES


class HazardSchema(StrictSchema):
    """The fields of `POST hazards` (contract.md)."""

    client_id = ClientId(required=True)
    photos = PhotoList(load_default=())
    place_code = Text(limit=CODE_LONGEST, load_default=None, allow_none=True)
    pin = Part(PointSchema, load_default=None, allow_none=True)
    location_text = Text(limit="text", load_default=None, allow_none=True)
    category = Word(Category, load_default=None, allow_none=True)
    description = Text(limit="description", lines=True, load_default=None, allow_none=True)
    anonymous = Flag(load_default=False)
    claim_hash = Text(limit="text", load_default=None, allow_none=True)

    @post_load
    def _make(self, told: dict[str, Any], **_more: Any) -> HazardDraft:
        if told["claim_hash"] is not None and CLAIM_HASH.fullmatch(told["claim_hash"]) is None:
            raise ValidationError("not_a_claim_hash", "claim_hash")
        photos = tuple(told.pop("photos"))
        return HazardDraft(photos=photos, **told)


class Secret(Coded[str]):
    """A password, exactly as it was typed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        del attr, data, more
        if not isinstance(value, str):
            raise ValidationError("not_a_text")
        if not is_encodable(value):
            raise ValidationError("control_characters")
        return value


class LoginSchema(StrictSchema):
    """A login and its password."""

    login = Text(limit="text", required=True)
    password = Secret(required=True)

    @post_load
    def _make(self, told: dict[str, Any], **_more: Any) -> dict[str, Any]:
        if told["login"] is None:
            raise ValidationError("required", "login")
        return told


class GuestSchema(StrictSchema):
    """The code of a place as a guest has scanned it."""

    place_code = Text(limit=CODE_LONGEST, required=True)


def _text(*, lines: bool = True) -> Text:
    return Text(limit="text", lines=lines, allow_none=True)


ACTION_FIELDS: Final[Mapping[str, fields.Field[Any]]] = {
    "text": _text(),
    "reason": Word(RejectReason),
    "decision": Text(limit=CODE_LONGEST),
    "unit": Text(limit=CODE_LONGEST),
    "master": Text(limit=CODE_LONGEST),
    "level": Word(Level),
    "category": Word(Category),
    "factor": Word(Factor),
    "rectifier": Text(limit=CODE_LONGEST, allow_none=True),
    "rectifier_name": _text(lines=False),
    "measures": _text(),
    "deadline": Instant(),
    "funds": _text(),
    "emergency_plan": _text(),
    "interim_control": _text(),
    "done": _text(),
    "finished_at": Instant(),
    "cost": Yuan(allow_none=True),
    "conclusion": _text(),
    "to": Word(ReportedTo),
    "on": Day(),
    "document": _text(lines=False),
}
"""Every field a move may take (contract.md, Actions); `hazards.told` says which are missing."""


def action_schema(action: Action) -> type[Schema]:
    """The schema of one move: its own fields from the lifecycle table, `version`, and photos."""
    own = {name: ACTION_FIELDS[name] for name in ACTION_FIELDS if name in TABLE[action].fields}
    shape: dict[str, Any] = {**own, "version": Whole(required=True), "photos": PhotoList(load_default=())}
    return type(f"{action.title().replace('_', '')}Schema", (StrictSchema,), shape)


def read(schema: Schema, told: object) -> Any:
    """What the schema makes of it.

    Raises:
        Invalid: every fault with the path of its field, codes as in `app.edge.fields`.
    """
    try:
        return schema.load(told)  # type: ignore[arg-type]  # anything may come; the schema says so
    except ValidationError as error:
        raise Invalid(*_faults("", error.messages)) from error


def _faults(path: str, messages: object) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            # A made-up field's name is repeated to its maker, so it must survive being written.
            step = (
                "" if name == "_schema" else str(name).encode("ascii", "backslashreplace").decode()[:NAME_LONGEST]
            )
            yield from _faults(".".join(part for part in (path, step) if part), inner)
    elif isinstance(messages, list):
        for message in messages:
            code, _, limit = str(message).partition(":")
            yield Fault(path or "hazard", code, {"limit": int(limit)} if limit.isdecimal() else {})


def read_draft(told: object) -> HazardDraft:
    """A report.

    Raises:
        Invalid: fields.
    """
    draft: HazardDraft = read(HazardSchema(), told)
    return draft


def read_action(action: Action, told: object) -> tuple[Told, int, tuple[DraftPhoto, ...]]:
    """A move's fields, the version it was decided on, and what is said about its photos.

    Raises:
        Invalid: fields.
    """
    said: dict[str, Any] = read(action_schema(action)(), told)
    version, photos = said.pop("version"), tuple(said.pop("photos"))
    return Told(**said), version, photos
