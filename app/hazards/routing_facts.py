"""What routing is told about a hazard's surroundings, and the decisions it leaves on the ticket."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.permissions import Role
from app.accounts.queries import names_of, people_with_role
from app.core.db import table_of
from app.evidence.locations import Witness
from app.hazards.models import HazardRow, RoutingRow
from app.units.absence import deputies_on
from app.units.geometry import Position
from app.units.models import AreaRow
from app.units.queries import (
    Place,
    Unit,
    enterprise_of,
    places_by_id,
    places_in,
    subtree,
    unit_by_id,
    units_by_id,
)
from app.units.routing import NEAR_M, Routing, choose_unit, spot_of
from app.units.rule_rows import rules_in
from app.units.rules import choose_officer
from app.units.surroundings import (
    AreaFact,
    DeputyFact,
    LocationFact,
    OfficerFact,
    PlaceFact,
    Reason,
    Spot,
    Surroundings,
    UnitFact,
)

_INSERT: Final = insert(table_of(RoutingRow))


def decide_route(
    session: Session,
    *,
    place: Place | None,
    witnesses: Iterable[Witness],
    reporter_unit_id: int | None,
    category: str | None,
    at: datetime,
    near_m: float = NEAR_M,
    every_rule: bool = False,
) -> Routing:
    """The unit and officer for a hazard, with reasons (domain.md §5).

    Only the reporter's own enterprise is searched by position, so that a made-up position cannot carry a report
    into somebody else's; a scanned place leads to its unit wherever it is. `near_m` is in metres; `at` is the day
    whose absences count; `every_rule` tells of rules for other hazards too.

    Raises:
        Invalid: nothing names a unit.
    """
    if place is not None:
        around = _line_of_command(session, place.unit_id, at=at)
    else:
        around = _surroundings(session, reporter_unit_id, at=at)
    return choose_unit(
        around,
        scanned=_place_fact(place) if place else None,
        locations=_locations(witnesses),
        category=category,
        reporters_unit_id=reporter_unit_id,
        near_m=near_m,
        every_rule=every_rule,
    )


@dataclass(frozen=True)
class Heard:
    """Who hears of a hazard that is in its unit by a person's decision, and why."""

    officer_id: int | None
    because: tuple[Reason, ...]


def officer_for(session: Session, *, unit_id: int, category: str | None, hazard: HazardRow, at: datetime) -> Heard:
    """The officer who hears of a hazard that a person put into this unit; rules see where it lies."""
    around = _line_of_command(session, unit_id, at=at)
    officer_id, because = choose_officer(
        around, unit_id=unit_id, category=category, spot=_spot_of_hazard(session, hazard)
    )
    return Heard(officer_id, because)


def _spot_of_hazard(session: Session, hazard: HazardRow) -> Spot:
    place = places_by_id(session, [hazard.place_id]).get(hazard.place_id or 0)
    position = None if hazard.lat is None or hazard.lon is None else (hazard.lat, hazard.lon)
    if place is not None or position is None:
        return Spot(place.id if place else None, position)
    enterprise = enterprise_of(session, unit_by_id(session, hazard.unit_id))
    near = (_place_fact(it) for it in places_in(session, [enterprise.id]))
    return spot_of(None, [LocationFact("pin", *position)], near)


def position_of(place: Place | None, witnesses: Iterable[Witness]) -> Position | None:
    """Where the hazard lies, by the best location there is: (lat, lon) in degrees, WGS-84; None when unknown."""
    return spot_of(_place_fact(place) if place else None, _locations(witnesses), ()).position


def _locations(witnesses: Iterable[Witness]) -> list[LocationFact]:
    return [LocationFact(w.source, w.lat, w.lon, w.accuracy_m) for w in witnesses]


def keep_decision(session: Session, hazard_id: int, decision: Routing, *, at: datetime) -> None:
    """Write the decision with its reasons beside the hazard."""
    because = [told_reason(reason) for reason in decision.because]
    keep_reasons(
        session,
        hazard_id,
        unit_id=decision.unit_id,
        officer_id=decision.officer_id,
        source=decision.source,
        because=because,
        at=at,
    )


def told_reason(reason: Reason) -> dict[str, str]:
    """A reason as it is kept: its code, and its values (a place's own code under another name)."""
    values = {"place_code" if name == "code" else name: value for name, value in reason.values.items()}
    return {**values, "code": reason.code}


def keep_reasons(
    session: Session,
    hazard_id: int,
    *,
    unit_id: int,
    officer_id: int | None,
    source: str | None,
    because: list[dict[str, str]],
    at: datetime,
) -> None:
    """Write a decision that a person made, with the reasons as they are."""
    told = {
        "hazard_id": hazard_id,
        "at": at,
        "unit_id": unit_id,
        "officer_id": officer_id,
        "source": source,
        "because": because,
    }
    session.execute(_INSERT, told)


def _line_of_command(session: Session, unit_id: int, *, at: datetime) -> Surroundings:
    """The unit and everything above it with their officers and rules: enough once the unit is known."""
    lineage = unit_by_id(session, unit_id).lineage
    units = units_by_id(session, lineage)
    officers = _officers(session, lineage)
    return Surroundings(
        units=_unit_facts(units.values()),
        officers=officers,
        rules=rules_in(session, lineage),
        deputies=_deputies(session, officers, unit_by_id(session, unit_id), at=at),
    )


def _surroundings(session: Session, home_id: int | None, *, at: datetime) -> Surroundings:
    """The enterprise of a unit with its places, areas, officers and rules, and what stands above it."""
    if home_id is None:
        return Surroundings(units=())
    enterprise = enterprise_of(session, unit_by_id(session, home_id))
    searched = subtree(session, [enterprise.id])
    units = {unit.id: unit for unit in (*searched, *units_by_id(session, enterprise.lineage).values())}
    officers = _officers(session, list(units))
    in_use = {unit.id for unit in searched if not unit.retired}
    return Surroundings(
        units=_unit_facts(units.values()),
        places=tuple(_place_fact(it) for it in places_in(session, [enterprise.id]) if it.unit_id in in_use),
        areas=_areas(session, in_use),
        officers=officers,
        rules=rules_in(session, list(units)),
        deputies=_deputies(session, officers, enterprise, at=at),
    )


def rule_surroundings(session: Session, unit_ids: Collection[int]) -> Surroundings:
    """What says whether the rules of these units can work."""
    lines = {step for unit in units_by_id(session, unit_ids).values() for step in unit.lineage}
    officers = _officers(session, lines)
    return Surroundings(
        units=_unit_facts(units_by_id(session, lines).values()),
        officers=officers,
        rules=rules_in(session, unit_ids),
    )


def _unit_facts(units: Iterable[Unit]) -> tuple[UnitFact, ...]:
    return tuple(UnitFact(unit.id, unit.name, unit.parent_id, unit.retired) for unit in units)


def _place_fact(place: Place) -> PlaceFact:
    return PlaceFact(place.id, place.code, place.name, place.unit_id, place.lat, place.lon)


def _areas(session: Session, unit_ids: Collection[int]) -> tuple[AreaFact, ...]:
    rows = session.execute(
        select(AreaRow).where(AreaRow.unit_id.in_(unit_ids), AreaRow.retired_at.is_(None))
    ).scalars()
    return tuple(
        AreaFact(row.id, row.name, row.unit_id, tuple((lat, lon) for lat, lon in row.polygon)) for row in rows
    )


def _officers(session: Session, unit_ids: Collection[int]) -> tuple[OfficerFact, ...]:
    people = people_with_role(session, [Role.OFFICER], unit_ids=unit_ids)
    return tuple(OfficerFact(person.account_id, person.name, person.unit_id) for person in people)


def _deputies(
    session: Session, officers: Collection[OfficerFact], unit: Unit, *, at: datetime
) -> dict[int, DeputyFact | None]:
    """Those of the officers who are away today in the unit's zone, with who stands in."""
    away = deputies_on(session, at.astimezone(unit.zone).date(), {officer.account_id for officer in officers})
    names = names_of(session, list(away.values())) if away else {}
    return {
        account_id: None if deputy_id is None else DeputyFact(deputy_id, names[deputy_id])
        for account_id, deputy_id in away.items()
    }
