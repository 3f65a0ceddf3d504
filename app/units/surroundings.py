"""What a routing decision is made of: its facts, and the reasons it leaves (domain.md §5, "Routing")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.units.geometry import Position


class Because(StrEnum):
    """Reason codes, stable for ever: tickets keep them. The names are the values that each carries."""

    PLACE_SCANNED = "place_scanned"  # place, code, unit: the place's unit
    PIN_SET = "pin_set"  # a pin set by hand
    PHONE_POSITION = "phone_position"  # accuracy_m
    PHONE_INACCURATE = "phone_inaccurate"  # accuracy_m ("?" when unstated), limit_m: passed over
    EXIF_POSITION = "exif_position"  # the photo's own position
    NO_LOCATION = "no_location"  # nothing usable was sent
    INSIDE_AREA = "inside_area"  # area, unit: the smallest that contains the point
    NEAREST_PLACE = "nearest_place"  # place, code, unit, metres
    OUTSIDE_EVERYTHING = "outside_everything"  # limit_m: no area contains it, no place is near
    REPORTERS_UNIT = "reporters_unit"  # unit
    OFFICER_FOR_CATEGORY = "officer_for_category"  # officer, category, unit: before there were rules
    RULE_WON = "rule_won"  # rule, unit, officer, and what it asks for: category, spot ("" for any)
    RULE_BROKEN = "rule_broken"  # rule, unit, officer, flaw: it would have been asked and cannot work
    RULE_PASSED = "rule_passed"  # rule, unit, mismatch: told to whoever tries the rules out
    OFFICER_ON_DUTY_HERE = "officer_on_duty_here"  # officer, unit: any officer there
    DEPUTY = "deputy"  # officer, deputy: the officer is away today
    OFFICER_AWAY = "officer_away"  # officer, unit: away today and nobody stands in, so others there are asked
    CLIMBED = "climbed"  # unit, to: nobody in the unit, so the next one up was asked
    NOBODY = "nobody"  # unit: nobody there, and nothing above it


class Scope(StrEnum):
    """Where a rule holds inside its unit."""

    ANYWHERE = "anywhere"
    PLACE = "place"
    AREA = "area"


class Flaw(StrEnum):
    """Why a rule cannot work; shown wherever the rule is shown."""

    UNIT_GONE = "unit_gone"
    PLACE_GONE = "place_gone"
    AREA_GONE = "area_gone"
    OFFICER_DISABLED = "officer_disabled"
    OFFICER_NOT_HERE = "officer_not_here"
    CATEGORY_HIDDEN = "category_hidden"


class Mismatch(StrEnum):
    """Why a rule that works is not for this hazard."""

    OFF = "off"
    OTHER_CATEGORY = "other_category"
    OTHER_PLACE = "other_place"
    OTHER_AREA = "other_area"


@dataclass(frozen=True)
class LocationFact:
    """One witness of where the hazard is; degrees in WGS-84, accuracy in metres when it was stated."""

    source: str
    lat: float
    lon: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class PlaceFact:
    """A QR-coded place; its position may be unknown."""

    id: int
    code: str
    name: str
    unit_id: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class AreaFact:
    """A polygon of (lat, lon) corners that belongs to a unit."""

    id: int
    name: str
    unit_id: int
    polygon: tuple[Position, ...]
    key: str = ""


@dataclass(frozen=True)
class UnitFact:
    """A unit in the tree; the root has no parent."""

    id: int
    name: str
    parent_id: int | None
    retired: bool = False


@dataclass(frozen=True)
class OfficerFact:
    """A safety officer of exactly this unit."""

    account_id: int
    name: str
    unit_id: int


@dataclass(frozen=True)
class RuleFact:
    """One rule of a unit: for this category (None: any) at this spot, this person hears.

    `place` or `area` is None although the scope names one when that is retired, gone, or of another unit now.
    """

    id: int
    position: int
    unit_id: int
    account_id: int
    officer: str
    category: str | None = None
    scope: Scope = Scope.ANYWHERE
    place: PlaceFact | None = None
    area: AreaFact | None = None
    on: bool = True
    officer_disabled: bool = False
    category_hidden: bool = False
    key: str = ""

    @property
    def spot(self) -> str:
        """The name of the place or area; empty when it asks for none, or for one that is gone."""
        named = self.place or self.area
        return named.name if named else ""


@dataclass(frozen=True)
class DeputyFact:
    """Who acts for an officer who is away today."""

    account_id: int
    name: str


@dataclass(frozen=True)
class Surroundings:
    """What there is to choose from: the tree and everything standing in it, in any order.

    `deputies` are by the account that is away today; None where nobody stands in.
    """

    units: tuple[UnitFact, ...]
    places: tuple[PlaceFact, ...] = ()
    areas: tuple[AreaFact, ...] = ()
    officers: tuple[OfficerFact, ...] = ()
    rules: tuple[RuleFact, ...] = ()
    deputies: Mapping[int, DeputyFact | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Spot:
    """Where a hazard lies for the rules: the place it is at, if any, and its position, if known."""

    place_id: int | None = None
    position: Position | None = None


@dataclass(frozen=True)
class Reason:
    """One step of the decision: a code and the values its sentence needs."""

    code: Because
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
