"""Reads what the camera wrote into a photograph; nothing of it is believed before its checks."""

import io
import math
import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import exifread
from exifread.core.exceptions import ExifError

from app.evidence.exif_facts import (
    MAX_OFFSET_MINUTES,
    NOTHING,
    ORIENTATIONS,
    UNREADABLE,
    ExifFacts,
    ExifPosition,
    believable,
    camera_name,
    captured_at,
    radius,
    whole_within,
)
from app.evidence.locations import parse_position

__all__ = ["ExifFacts", "ExifPosition", "captured_at", "orientation_of", "read"]

MAX_BLOCK_BYTES = 1 << 20
"""A JPEG segment holds 64 KiB; some phones spread a block over several."""
MAX_READS = 40_000
"""An honest block needs a few thousand; hostile directories that overlap ask for millions."""
PREFIX = b"Exif\x00\x00"
ORIENTATION_TAG = 0x0112
SHORT = 3

TAKEN = ("EXIF DateTimeOriginal", "EXIF DateTimeDigitized", "Image DateTime")
OFFSET = ("EXIF OffsetTimeOriginal", "EXIF OffsetTimeDigitized", "EXIF OffsetTime")
ACCURACY = "GPS Tag 0x001F"
"""GPSHPositioningError (Exif 2.31), which the library does not name."""

# Every way the library is known to fail on real and on made-up blocks.
READER_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ExifError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)

Tags = Mapping[str, Any]


def read(block: bytes | None) -> ExifFacts:
    """The facts in an EXIF block (a TIFF structure, with or without its `Exif` prefix); never raises on its bytes.

    The orientation is read apart from the rest, so that a damaged block does not also lay the picture on its side.
    """
    tiff = (block or b"").removeprefix(PREFIX)
    if not tiff:
        return NOTHING
    if tiff[:4] not in {b"II*\x00", b"MM\x00*"} or len(tiff) > MAX_BLOCK_BYTES:
        return UNREADABLE
    try:
        tags: Tags = exifread.process_file(_Impatient(tiff), details=False, extract_thumbnail=False)
    except READER_FAULTS:
        return ExifFacts(orientation=orientation_of(tiff), unreadable=True)
    return ExifFacts(
        position=_position(tags),
        taken_local=_taken_local(tags),
        utc_offset_minutes=_utc_offset(tags),
        orientation=orientation_of(tiff),
        make=camera_name(_text(tags, "Image Make")),
        model=camera_name(_text(tags, "Image Model")),
    )


def orientation_of(block: bytes) -> int | None:
    """The orientation 1..8 in the first directory of an EXIF block, or None.

    Read by hand from 12 bytes, because a picture must stand upright even when the rest is unreadable.
    """
    tiff = block.removeprefix(PREFIX)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for at in range(start + 2, min(start + 2 + 12 * entries, len(tiff) - 11), 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at)
            if tag == ORIENTATION_TAG and kind == SHORT:
                return value if value in ORIENTATIONS else None
    except struct.error:
        return None
    return None


class _Impatient(io.BytesIO):
    """A block that refuses to be read for ever."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise EOFError("exif_asks_too_much")
        return super().read(size)


# --- Values from the library's tags ------------------------------------------------------------------


def _text(tags: Tags, tag: str) -> str | None:
    values = getattr(tags.get(tag), "values", None)
    return values if isinstance(values, str) else None


def _numbers(tags: Tags, tag: str) -> tuple[float, ...]:
    """The tag's rationals as floats, or nothing at all when one of them has no value (0/0, a negative)."""
    values = getattr(tags.get(tag), "values", None)
    if not isinstance(values, list | tuple):
        return ()
    numbers = tuple(number for value in values[:3] if (number := _rational(value)) is not None)
    return numbers if len(numbers) == len(values) else ()


def _rational(value: object) -> float | None:
    over, under = getattr(value, "numerator", None), getattr(value, "denominator", None)
    if not isinstance(over, int) or not isinstance(under, int) or under <= 0 or over < 0:
        return None
    return over / under


def _position(tags: Tags) -> ExifPosition | None:
    lat = _degrees(tags, "GPS GPSLatitude", {"N": 1, "S": -1})
    lon = _degrees(tags, "GPS GPSLongitude", {"E": 1, "W": -1})
    position = parse_position(lat, lon)
    if position is None:
        return None
    accuracy = _numbers(tags, ACCURACY)
    return ExifPosition(
        lat=position.lat,
        lon=position.lon,
        accuracy_m=radius(accuracy[0]) if len(accuracy) == 1 else None,
        at=_satellite_time(tags),
    )


def _degrees(tags: Tags, tag: str, hemispheres: Mapping[str, int]) -> float | None:
    sign = hemispheres.get((_text(tags, f"{tag}Ref") or "").strip().upper())
    parts = _numbers(tags, tag)
    if sign is None or not parts or any(part > 60 for part in parts[1:]):  # noqa: PLR2004  # minutes, seconds
        return None
    return sign * math.fsum(part / 60.0**power for power, part in enumerate(parts))


def _satellite_time(tags: Tags) -> datetime | None:
    day = re.fullmatch(r"(\d{4}):(\d\d):(\d\d)", (_text(tags, "GPS GPSDate") or "").strip())
    clock = _numbers(tags, "GPS GPSTimeStamp")
    if day is None or len(clock) != 3:  # noqa: PLR2004  # hours, minutes, seconds
        return None
    try:
        at = datetime(int(day[1]), int(day[2]), int(day[3]), int(clock[0]), int(clock[1]), tzinfo=UTC)
        at = at.replace(second=int(clock[2])) + timedelta(milliseconds=round(clock[2] % 1 * 1000))
    except (ValueError, OverflowError):
        return None
    return believable(at)


def _taken_local(tags: Tags) -> datetime | None:
    for tag in TAKEN:
        found = re.match(
            r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)", (_text(tags, tag) or "").strip()
        )
        if found is None:
            continue
        try:
            taken = datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  # six whole numbers
        except ValueError:  # hour 24, month 0
            continue
        if believable(taken) is not None:
            return taken
    return None


def _utc_offset(tags: Tags) -> int | None:
    """Phones write any one of the three; their zone is the same for all."""
    for tag in OFFSET:
        text = (_text(tags, tag) or "").strip()
        if text in {"Z", "z"}:
            return 0
        found = re.fullmatch(r"([+-])(\d\d):?([0-5]\d)", text)
        if found is not None:
            minutes = int(found[2]) * 60 + int(found[3])
            return whole_within(minutes if found[1] == "+" else -minutes, MAX_OFFSET_MINUTES)
    return None
