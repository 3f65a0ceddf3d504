"""The kinds of value that both edges read from people, with faults as stable codes instead of prose.

A fault is written `code` or `code:limit`; `app.edge.reading` turns it into `Fault(field, code, {"limit": …})`.
"""

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation, Overflow
from enum import StrEnum
from typing import Any, Final, TypeVar

from flask import current_app, has_app_context
from marshmallow import ValidationError, fields

from config import Limits

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V")
YEARS: Final = range(2000, 2101)
"""Beyond these a date is a mistake, and its arithmetic may overflow."""
ACCURACY_MOST: Final = 1e7
COST_MOST_FEN: Final = 10**13
Messages = dict[str, str | list[Any] | dict[Any, Any]]
_MESSAGES: Messages = {"required": "required", "null": "required", "invalid": "not_understood"}
_DIRECTING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of a text and so can make it read as what it is not."""


class Coded(fields.Field[V]):
    """A field whose faults are codes."""

    default_error_messages = _MESSAGES


def is_encodable(value: str) -> bool:
    """Whether the text can be written at all: JSON may carry half a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_text(value: str, *, limit: int, lines: bool) -> str:
    """The text without surrounding space, line ends as one character.

    Raises:
        ValidationError: a control or direction character, an unpaired surrogate, or over `limit` characters.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    allowed = "\n\t" if lines else ""
    for character in text:
        kind = unicodedata.category(character)
        if (kind in {"Cc", "Cs"} and character not in allowed) or character in _DIRECTING:
            raise ValidationError("control_characters")
    if len(text) > limit:
        raise ValidationError(f"too_long:{limit}")
    return text


def limits_in_force() -> Limits:
    """The limits of this installation; the defaults where no application runs."""
    if not has_app_context():
        return Limits()
    limits: Limits = current_app.extensions["runtime"].settings.limits
    return limits


class Text(Coded[str | None]):
    """A text of at most `limit` characters, a number or a name of `config.Limits`; blank counts as unsaid."""

    def __init__(self, *, limit: int | str, lines: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self._limit = limit
        self.lines = lines

    @property
    def limit(self) -> int:
        """In characters, as set for this installation."""
        return self._limit if isinstance(self._limit, int) else int(getattr(limits_in_force(), self._limit))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str | None:
        del attr, data, more
        if not isinstance(value, str):
            raise ValidationError("not_a_text")
        return clean_text(value, limit=self.limit, lines=self.lines) or None


class Word(Coded[E]):
    """One of a closed vocabulary."""

    def __init__(self, vocabulary: type[E], **more: Any) -> None:
        super().__init__(**more)
        self.vocabulary = vocabulary

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> E:
        del attr, data, more
        if not isinstance(value, str):
            raise ValidationError("not_a_choice")
        try:
            return self.vocabulary(value)
        except ValueError as error:
            raise ValidationError("not_a_choice") from error


class Instant(Coded[datetime]):
    """RFC 3339 with a zone; read as UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> datetime:
        del attr, data, more
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("not_an_instant") from error
        if instant.tzinfo is None:
            raise ValidationError("instant_needs_zone")
        if instant.year not in YEARS:
            raise ValidationError("not_an_instant")
        return instant.astimezone(UTC)


class Day(Coded[date]):
    """A day, YYYY-MM-DD."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> date:
        del attr, data, more
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("not_a_day") from error
        if day.year not in YEARS:
            raise ValidationError("not_a_day")
        return day


class Number(Coded[float]):
    """A finite number between two bounds; text, true and NaN are none."""

    def __init__(self, *, least: float, most: float, **more: Any) -> None:
        super().__init__(**more)
        self.least = least
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> float:
        del attr, data, more
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("not_a_number")
        if not self.least <= value <= self.most or not math.isfinite(value):
            raise ValidationError("out_of_range")
        return float(value)


class Flag(Coded[bool]):
    """true or false, nothing that resembles them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        del attr, data, more
        if not isinstance(value, bool):
            raise ValidationError("not_a_flag")
        return value


class Whole(Coded[int]):
    """A whole number from 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        del attr, data, more
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
            raise ValidationError("not_a_number")
        return value


class Yuan(Coded[int]):
    """An amount in yuan with at most two decimals; read as fen, so that no float ever holds money."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        del attr, data, more
        if not isinstance(value, str | int | float):
            raise ValidationError("not_an_amount")
        try:
            fen = Decimal(str(value)) * 100
        # "9e999999" is a number whose hundredfold is none.
        except (InvalidOperation, Overflow) as error:
            raise ValidationError("not_an_amount") from error
        if isinstance(value, bool) or not fen.is_finite() or fen != fen.to_integral_value():
            raise ValidationError("not_an_amount")
        if not 0 <= fen <= COST_MOST_FEN:
            raise ValidationError("out_of_range")
        return int(fen)


class Sha256(Coded[str]):
    """A SHA-256 in lower-case hex."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        del attr, data, more
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
            raise ValidationError("not_a_sha256")
        return value
