"""Where a photograph was taken according to each witness, in WGS-84, and how far two of them are apart."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from geopy.distance import geodesic

MAX_LATITUDE = 90.0
MAX_LONGITUDE = 180.0


class Source(StrEnum):
    """Who says where the photograph was taken."""

    EXIF = "exif"
    PHONE = "phone"
    PLACE = "place"
    PIN = "pin"


class Datum(StrEnum):
    """The geodetic datum of a pair of coordinates as it was sent."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True)
class Position:
    """A point in WGS-84, in decimal degrees, always finite and on the globe.

    Raises:
        ValueError: when it is not; use `parse_position` for what people and phones send.
    """

    lat: float
    lon: float

    def __post_init__(self) -> None:
        """Refuse a point that is not on the globe."""
        if not (abs(self.lat) <= MAX_LATITUDE and abs(self.lon) <= MAX_LONGITUDE):
            raise ValueError("position_out_of_range")


@dataclass(frozen=True)
class Witness:
    """One statement of where, kept as it was made and never merged with another.

    `lat` and `lon` are WGS-84 degrees; `datum` is what they were sent in; `accuracy_m` is a radius in
    metres as the witness states it; `at` is the aware instant of the fix, when the witness knows one.
    """

    source: Source
    lat: float
    lon: float
    accuracy_m: float | None = None
    datum: Datum = Datum.WGS84
    at: datetime | None = None

    @property
    def position(self) -> Position:
        """The point itself."""
        return Position(self.lat, self.lon)


def parse_position(lat: object, lon: object, *, datum: Datum = Datum.WGS84) -> Position | None:
    """The WGS-84 position that two untrusted values name, or None when they name none.

    Absent are: anything that is not a number, NaN and infinities, a point off the globe, and exactly (0, 0),
    which is what phones write when they have redacted or not found the position.
    """
    if not (_is_number(lat) and _is_number(lon)):
        return None
    degrees = (float(lat), float(lon))  # type: ignore[arg-type]  # _is_number has seen both
    on_globe = abs(degrees[0]) <= MAX_LATITUDE and abs(degrees[1]) <= MAX_LONGITUDE
    if not on_globe or degrees == (0.0, 0.0):
        return None
    return to_wgs84(*degrees, datum=datum)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= MAX_LONGITUDE  # also False for NaN; and keeps float() from overflowing


def distance_m(a: Position, b: Position) -> float:
    """Metres between two positions along the WGS-84 ellipsoid."""
    return float(geodesic((a.lat, a.lon), (b.lat, b.lon)).meters)


# --- Chinese datums ------------------------------------------------------------------------------------
# GCJ-02 shifts WGS-84 by a published-by-measurement series over the Krasovsky 1940 ellipsoid, inside a
# rectangle around China; BD-09 bends GCJ-02 once more. Neither has an exact inverse, so both are undone by
# fixed-point iteration on the forward formula.

KRASOVSKY_A = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_PI = math.pi * 3000.0 / 180.0
ITERATIONS = 30
CLOSE_ENOUGH = 1e-10
"""Degrees: a hundredth of a millimetre."""

Degrees = tuple[float, float]


def to_wgs84(lat: float, lon: float, *, datum: Datum) -> Position:
    """The WGS-84 position of a point given in `datum`, within a centimetre; outside China nothing moves."""
    if datum is Datum.WGS84 or not _is_in_china(lat, lon):
        return Position(lat, lon)
    if datum is Datum.BD09:
        lat, lon = _undone(_gcj02_to_bd09, lat, lon)
    lat, lon = _undone(_wgs84_to_gcj02, lat, lon)
    return Position(lat, lon)


def _is_in_china(lat: float, lon: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347  # noqa: PLR2004  # the datum's rectangle


def _undone(forward: Callable[[float, float], Degrees], lat: float, lon: float) -> Degrees:
    """The point that `forward` carries to (lat, lon): walk by the error until there is none."""
    guess = (lat, lon)
    for _ in range(ITERATIONS):
        there = forward(*guess)
        error = (there[0] - lat, there[1] - lon)
        guess = (guess[0] - error[0], guess[1] - error[1])
        if max(abs(error[0]), abs(error[1])) < CLOSE_ENOUGH:
            break
    return guess


def _waves(*terms: tuple[float, float]) -> float:
    return sum(height * math.sin(angle * math.pi) for height, angle in terms) * 2.0 / 3.0


def _wgs84_to_gcj02(lat: float, lon: float) -> Degrees:
    x, y = lon - 105.0, lat - 35.0
    common = _waves((20.0, 6.0 * x), (20.0, 2.0 * x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north += _waves((20.0, y), (40.0, y / 3.0), (160.0, y / 12.0), (320.0, y / 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east += _waves((20.0, x), (40.0, x / 3.0), (150.0, x / 12.0), (300.0, x / 30.0))
    phi = math.radians(lat)
    bend = 1.0 - KRASOVSKY_E2 * math.sin(phi) ** 2
    metres_north = KRASOVSKY_A * (1.0 - KRASOVSKY_E2) / bend**1.5
    metres_east = KRASOVSKY_A / math.sqrt(bend) * math.cos(phi)
    return lat + math.degrees(north / metres_north), lon + math.degrees(east / metres_east)


def _gcj02_to_bd09(lat: float, lon: float) -> Degrees:
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * BAIDU_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * BAIDU_PI)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


# --- The grade of a photograph as evidence ---------------------------------------------------------------
# domain.md §7: a badge for the officer, never a gate. Times: `exif_at` is what the camera wrote, `captured_at`
# what the phone said when it sent, `received_at` our own clock and the only authority. A pin by hand is a
# statement about the hazard and not a measurement of the camera: it neither confirms nor contradicts.
#
#   contradiction (in time or in position)                                    D
#   times agree, positions agree                                              A
#   live, and a position (exif, phone) or a scanned place                     B
#   a credible time                                                           C
#   nothing                                                                   D
#
#   credible time     not over 30 min after receipt, not over 7 days before it (so long may a report stay unsent)
#   times agree       exif_at and captured_at are credible, within 30 min of each other;
#                     without captured_at: exif_at is within 30 min of receipt
#   time contradicts  exif_at or captured_at is not credible; or the two are over 30 min apart
#   positions agree   two of exif, phone, place within 300 m
#   pos. contradict   two of them over 300 m apart even after both their accuracies are given away
#   live              captured_at is credible, or exif_at is within 30 min of receipt

AGREE_MINUTES = 30
AGREE_METRES = 300
KEPT_MINUTES = 7 * 24 * 60
MEASURED = (Source.EXIF, Source.PHONE, Source.PLACE)


class Letter(StrEnum):
    """The grade itself, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Because(StrEnum):
    """What was found; the values of a `Reason` give the measure."""

    TIMES_AGREE = "times_agree"
    TIMES_CONTRADICT = "times_contradict"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_OLD = "time_too_old"
    POSITIONS_AGREE = "positions_agree"
    POSITIONS_CONTRADICT = "positions_contradict"
    LIVE = "live"
    PLACE_SCANNED = "place_scanned"
    POSITION_KNOWN = "position_known"
    TIME_KNOWN = "time_known"
    NO_TIME = "no_time"
    NO_POSITION = "no_position"


CONTRADICTIONS = frozenset(
    {Because.TIMES_CONTRADICT, Because.TIME_IN_FUTURE, Because.TIME_TOO_OLD, Because.POSITIONS_CONTRADICT}
)


@dataclass(frozen=True)
class Reason:
    """One finding: whole minutes or metres apart where it has a measure, and what was compared."""

    because: Because
    between: tuple[str, ...] = ()
    minutes: int | None = None
    metres: int | None = None


@dataclass(frozen=True)
class Grade:
    """The badge, and every finding that led to it, in the order of the table."""

    letter: Letter
    reasons: tuple[Reason, ...]


def grade(
    witnesses: Iterable[Witness],
    *,
    exif_at: datetime | None,
    captured_at: datetime | None,
    received_at: datetime,
    is_place_scanned: bool,
) -> Grade:
    """The evidence grade of one photograph, by the decision table above.

    All instants are aware. `witnesses` may hold any number of each source; pins are ignored.
    `is_place_scanned` is true when a QR-coded place was scanned, whether or not its position is known.
    """
    measured = [witness for witness in witnesses if witness.source in MEASURED]
    reasons = [
        *_time_findings(exif_at=exif_at, captured_at=captured_at, received_at=received_at),
        *_position_findings(measured),
    ]
    if is_place_scanned:
        reasons.append(Reason(Because.PLACE_SCANNED))
    elif not measured:
        reasons.append(Reason(Because.NO_POSITION))
    return Grade(_letter({reason.because for reason in reasons}), tuple(reasons))


def _letter(found: set[Because]) -> Letter:
    if found & CONTRADICTIONS:
        return Letter.D
    if {Because.TIMES_AGREE, Because.POSITIONS_AGREE} <= found:
        return Letter.A
    if Because.LIVE in found and found & {Because.POSITION_KNOWN, Because.PLACE_SCANNED}:
        return Letter.B
    return Letter.C if Because.TIME_KNOWN in found else Letter.D


def _time_findings(
    *, exif_at: datetime | None, captured_at: datetime | None, received_at: datetime
) -> Iterator[Reason]:
    said = {"exif": exif_at, "captured": captured_at}
    known = {name: at for name, at in said.items() if at is not None}
    before = {name: _minutes(received_at, at) for name, at in known.items()}
    for name, minutes in before.items():
        if minutes < -AGREE_MINUTES:
            yield Reason(Because.TIME_IN_FUTURE, (name, "received"), minutes=round(-minutes))
        elif minutes > KEPT_MINUTES:
            yield Reason(Because.TIME_TOO_OLD, (name, "received"), minutes=round(minutes))
    if exif_at is not None:
        other = "received" if captured_at is None else "captured"
        apart = abs(_minutes(exif_at, captured_at or received_at))
        if apart <= AGREE_MINUTES:
            yield Reason(Because.TIMES_AGREE, ("exif", other), minutes=round(apart))
        elif captured_at is not None:
            yield Reason(Because.TIMES_CONTRADICT, ("exif", other), minutes=round(apart))
    if captured_at is not None or abs(before.get("exif", KEPT_MINUTES)) <= AGREE_MINUTES:
        yield Reason(Because.LIVE)
    yield Reason(Because.TIME_KNOWN, tuple(known)) if known else Reason(Because.NO_TIME)


def _minutes(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds() / 60


def _position_findings(measured: list[Witness]) -> Iterator[Reason]:
    for one, other in combinations(measured, 2):
        if one.source is other.source:
            continue
        apart = distance_m(one.position, other.position)
        doubt = (one.accuracy_m or 0.0) + (other.accuracy_m or 0.0)
        between = (one.source.value, other.source.value)
        if apart <= AGREE_METRES:
            yield Reason(Because.POSITIONS_AGREE, between, metres=round(apart))
        elif apart - doubt > AGREE_METRES:
            yield Reason(Because.POSITIONS_CONTRADICT, between, metres=round(apart))
    sources = tuple(dict.fromkeys(w.source.value for w in measured if w.source is not Source.PLACE))
    if sources:
        yield Reason(Because.POSITION_KNOWN, sources)
