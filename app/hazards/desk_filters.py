"""What an inbox may be narrowed by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.permissions import Permission, Role
from app.accounts.queries import people_with_role
from app.hazards.category_choice import categories_to_narrow_by
from app.hazards.models import HazardRow
from app.hazards.words import Category, Level
from app.units.models import PlaceRow
from app.units.queries import Place, Unit, covered_by, enterprise_of, places_in, subtree, unit_by_code, units_by_id

AGES: Final = (3, 7, 30)
"""Days since the report, as offered."""
OFFERED_MOST: Final = 200
"""A longer list is no choice any more: the search finds places and people."""


@dataclass(frozen=True)
class DeskFilter:
    """Each narrows further; None or False leaves all. `place` is a code, `rectifier` a login or a bare name."""

    unit: str | None = None
    category: Category | None = None
    level: Level | None = None
    place: str | None = None
    rectifier: str | None = None
    older_than_days: int | None = None
    supervised: bool = False

    @property
    def is_set(self) -> bool:
        """Whether it narrows at all."""
        return self != DeskFilter()


@dataclass(frozen=True)
class Offered:
    """What this reader may choose among: the own subtree's units, places, who may repair there, and categories."""

    units: tuple[Unit, ...]
    places: tuple[Place, ...]
    rectifiers: tuple[tuple[str, str], ...]
    categories: frozenset[Category]


def conditions_of(session: Session, narrowed: DeskFilter, *, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The filter as conditions on `HazardRow` joined to `UnitRow`; what is not there matches nothing.

    They only narrow: which hazards are the reader's is decided elsewhere.
    """
    found: list[ColumnElement[bool]] = []
    if narrowed.unit is not None:
        unit = unit_by_code(session, narrowed.unit)
        found.append(covered_by(session, [unit.id] if unit else []))
    if narrowed.category is not None:
        found.append(HazardRow.category == narrowed.category)
    if narrowed.level is not None:
        found.append(HazardRow.level == narrowed.level)
    if narrowed.place is not None:
        place = select(PlaceRow.id).where(PlaceRow.code == narrowed.place).scalar_subquery()
        # "+ 0": the way in is the desk's own index, not that of a place with ten years of closed hazards.
        found.append(HazardRow.place_id + 0 == place)
    if narrowed.rectifier is not None:
        account = select(AccountRow.id).where(AccountRow.login == narrowed.rectifier).scalar_subquery()
        bare = HazardRow.rectifier_name == narrowed.rectifier
        found.append(or_(HazardRow.rectifier_id + 0 == account, bare))
    if narrowed.older_than_days is not None:
        found.append(HazardRow.submitted_at < at - timedelta(days=narrowed.older_than_days))
    if narrowed.supervised:
        found.append(HazardRow.supervised_at.is_not(None))
    return tuple(found)


def offered_to(session: Session, *, by: Actor) -> Offered:
    """The choices of the filter's form."""
    mine = by.units_where(Permission.HAZARD_TRIAGE) | by.units_where(Permission.HAZARD_OVERSEE)
    units = subtree(session, mine)
    over = {enterprise_of(session, unit).id for unit in units_by_id(session, mine).values()}
    repairs = people_with_role(
        session, [Role.RECTIFIER, Role.OFFICER], unit_ids=[unit.id for unit in subtree(session, over)]
    )
    people = tuple(dict.fromkeys((person.login, person.name) for person in repairs))[:OFFERED_MOST]
    return Offered(
        tuple(units[:OFFERED_MOST]),
        tuple(places_in(session, mine)[:OFFERED_MOST]),
        people,
        categories_to_narrow_by(session, units, by=by),
    )
