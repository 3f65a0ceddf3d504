"""What is believed of a photograph's EXIF, and the checks every value passes on each border it crosses."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Self

from app.evidence.locations import parse_position

MAX_NAME_CHARACTERS = 64
MAX_ACCURACY_M = 100_000.0
FIRST_YEAR, LAST_YEAR = 1990, 2100
MAX_OFFSET_MINUTES = 14 * 60
ORIENTATIONS = range(1, 9)

BOGUS_TIMES = frozenset({datetime(2002, 12, 8, 12, 0, 0)})  # noqa: DTZ001  # EXIF local times have no zone
"""What a widespread firmware writes when its clock was never set (domain.md §7)."""


@dataclass(frozen=True)
class ExifPosition:
    """The camera's own fix: WGS-84 degrees, a radius in metres, the satellites' instant; the last two if given."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class ExifFacts:
    """All that is believed of a photograph's EXIF; a value that is absent, bogus or out of range is None.

    `taken_local` is a naive local time, `utc_offset_minutes` its offset east of Greenwich;
    `orientation` is the tag's 1..8; `unreadable` says that there was a block that nothing could read.
    """

    position: ExifPosition | None = None
    taken_local: datetime | None = None
    utc_offset_minutes: int | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    unreadable: bool = False

    def as_json(self) -> dict[str, Any]:
        """The facts as JSON values, to cross a process border; `from_json` reads them back."""
        position = self.position and {
            "lat": self.position.lat,
            "lon": self.position.lon,
            "accuracy_m": self.position.accuracy_m,
            "at": self.position.at and self.position.at.isoformat(),
        }
        return {
            "position": position,
            "taken_local": self.taken_local and self.taken_local.isoformat(),
            "utc_offset_minutes": self.utc_offset_minutes,
            "orientation": self.orientation,
            "make": self.make,
            "model": self.model,
            "unreadable": self.unreadable,
        }

    @classmethod
    def from_json(cls, sent: object) -> Self:
        """The facts that an untrusted process sent; what does not pass the same checks again is absent.

        Raises:
            ValueError: `sent` is no object at all.
        """
        if not isinstance(sent, dict):
            raise ValueError("exif_facts_not_an_object")  # noqa: TRY004  # what was sent is wrong, not the caller
        return cls(
            position=_position_from_json(sent.get("position")),
            taken_local=believable(_instant(sent.get("taken_local"), is_aware=False)),
            utc_offset_minutes=whole_within(sent.get("utc_offset_minutes"), MAX_OFFSET_MINUTES),
            orientation=orientation_value(sent.get("orientation")),
            make=camera_name(sent.get("make")),
            model=camera_name(sent.get("model")),
            unreadable=sent.get("unreadable") is True,
        )


NOTHING = ExifFacts()
UNREADABLE = ExifFacts(unreadable=True)


def captured_at(facts: ExifFacts, *, zone: tzinfo) -> datetime | None:
    """The aware UTC instant of the shutter by the camera's clock, which without an offset ran in `zone`."""
    if facts.taken_local is None:
        return None
    if facts.utc_offset_minutes is not None:
        zone = timezone(timedelta(minutes=facts.utc_offset_minutes))
    return facts.taken_local.replace(tzinfo=zone).astimezone(UTC)


# --- Checks -------------------------------------------------------------------


def believable(at: datetime | None) -> datetime | None:
    """The instant, unless it is a year without phones or a value that unset clocks are known to write."""
    if at is None or not FIRST_YEAR <= at.year <= LAST_YEAR or at.replace(tzinfo=None) in BOGUS_TIMES:
        return None
    return at


def radius(metres: object) -> float | None:
    """A positive, finite radius in metres, no larger than a province."""
    if isinstance(metres, bool) or not isinstance(metres, int | float):
        return None
    return float(metres) if 0 < metres <= MAX_ACCURACY_M and math.isfinite(metres) else None


def whole_within(value: object, bound: int) -> int | None:
    """A whole number from -bound to bound."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -bound <= value <= bound else None


def orientation_value(value: object) -> int | None:
    """One of the eight orientations."""
    number = whole_within(value, 8)
    return number if number in ORIENTATIONS else None


def camera_name(value: object) -> str | None:
    """Bounded text for a person's eye: printable characters only, spaces folded."""
    if not isinstance(value, str):
        return None
    printable = "".join(character if character.isprintable() else " " for character in value)
    return " ".join(printable.split())[:MAX_NAME_CHARACTERS].rstrip() or None


def _instant(value: object, *, is_aware: bool) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        if not is_aware:
            return at if at.tzinfo is None else None
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _position_from_json(sent: object) -> ExifPosition | None:
    if not isinstance(sent, dict):
        return None
    position = parse_position(sent.get("lat"), sent.get("lon"))
    if position is None:
        return None
    return ExifPosition(
        lat=position.lat,
        lon=position.lon,
        accuracy_m=radius(sent.get("accuracy_m")),
        at=believable(_instant(sent.get("at"), is_aware=True)),
    )
