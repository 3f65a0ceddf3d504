"""What rows of a workbook say, what is known already, and what becomes of a row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, TypeVar

from app.accounts.permissions import Role
from app.units.queries import UnitKind
from app.units.workbook import Line
from app.units.workbook_words import Sheet

S = TypeVar("S")


class Doing(StrEnum):
    """What becomes of a row."""

    MAKE = "make"
    CHANGE = "change"
    SAME = "same"


@dataclass(frozen=True)
class UnitSaid:
    """A row of the units' sheet; `parent` is None only for a root that is known already."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    headcount: int | None


@dataclass(frozen=True)
class PersonSaid:
    """A row of the people's sheet; without a login one is made."""

    login: str | None
    name: str
    unit: str
    roles: frozenset[tuple[Role, str]]


@dataclass(frozen=True)
class PlaceSaid:
    """A row of the places' sheet, WGS-84 degrees; without a code one is made."""

    code: str | None
    name: str
    unit: str
    lat: float | None
    lon: float | None
    allows_guests: bool

    def over(self, there: "PlaceSaid") -> "PlaceSaid":
        """This row over what is known: a position that is not said stays."""
        if self.lat is None:
            return replace(self, code=there.code, lat=there.lat, lon=there.lon)
        return replace(self, code=there.code)


@dataclass(frozen=True)
class KnownPerson:
    """A person whom the importer manages; `is_whole`: wholly, so that the name may be corrected."""

    said: PersonSaid
    is_whole: bool = True


@dataclass(frozen=True)
class Known:
    """What the importer manages, by code and login; `taken` are those that others have or had.

    `top` is the unit to which a unit without a parent belongs; empty where the importer manages several.
    """

    units: Mapping[str, UnitSaid]
    people: Mapping[str, KnownPerson]
    places: Mapping[str, PlaceSaid]
    taken: Mapping[Sheet, frozenset[str]] = field(default_factory=dict)
    top: str = ""


@dataclass(frozen=True)
class Planned(Generic[S]):
    """One row: what it says, what becomes of it, and the key it is known by (empty: it will be made)."""

    line: Line
    said: S
    doing: Doing
    key: str = ""
