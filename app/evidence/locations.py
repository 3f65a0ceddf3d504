"""Where a photograph was taken according to each witness, in WGS-84, and how far two of them are apart."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from geopy.distance import geodesic

from app.evidence.datums import Datum, degrees_in_wgs84

MAX_LATITUDE = 90.0
MAX_LONGITUDE = 180.0


class Source(StrEnum):
    """Who says where the photograph was taken."""

    EXIF = "exif"
    PHONE = "phone"
    PLACE = "place"
    PIN = "pin"


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


def to_wgs84(lat: float, lon: float, *, datum: Datum) -> Position:
    """The WGS-84 position of a point given in `datum`, within a centimetre; outside China nothing moves."""
    return Position(*degrees_in_wgs84(lat, lon, datum=datum))


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
