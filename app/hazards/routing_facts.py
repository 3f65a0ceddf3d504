"""What routing is told about a hazard's surroundings, and the decisions it leaves on the ticket."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.permissions import Role
from app.accounts.queries import people_with_role
from app.core.db import table_of
from app.evidence.locations import Witness
from app.hazards.models import RoutingRow
from app.units.models import AreaRow, DutyRow
from app.units.queries import Place, Unit, enterprise_of, places_in, subtree, unit_by_id, units_by_id
from app.units.routing import (
    NEAR_M,
    AreaFact,
    LocationFact,
    OfficerFact,
    PlaceFact,
    Reason,
    Routing,
    Surroundings,
    UnitFact,
    choose_unit,
)

_INSERT: Final = insert(table_of(RoutingRow))


def decide_route(
    session: Session,
    *,
    place: Place | None,
    witnesses: Iterable[Witness],
    reporter_unit_id: int | None,
    category: str | None,
    near_m: float = NEAR_M,
) -> Routing:
    """The unit and officer for a hazard, with reasons (domain.md §5).

    Only the reporter's own enterprise is searched by position, so that a made-up position cannot carry a report
    into somebody else's; a scanned place leads to its unit wherever it is. `near_m` is in metres.

    Raises:
        Invalid: nothing names a unit.
    """
    if place is not None:
        around = _line_of_command(session, place.unit_id)
    else:
        around = _surroundings(session, reporter_unit_id)
    return choose_unit(
        around,
        scanned=_place_fact(place) if place else None,
        locations=[LocationFact(w.source, w.lat, w.lon, w.accuracy_m) for w in witnesses],
        category=category,
        reporters_unit_id=reporter_unit_id,
        near_m=near_m,
    )


def officer_for(session: Session, *, unit_id: int, category: str | None) -> Routing:
    """The officer who hears of a hazard that a person put into this unit: as if its place had been scanned."""
    return choose_unit(
        _line_of_command(session, unit_id),
        scanned=None,
        locations=(),
        category=category,
        reporters_unit_id=unit_id,
    )


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


def _line_of_command(session: Session, unit_id: int) -> Surroundings:
    """The unit and everything above it with their officers: enough once the unit is known."""
    lineage = unit_by_id(session, unit_id).lineage
    units = units_by_id(session, lineage)
    return Surroundings(units=_unit_facts(units.values()), officers=_officers(session, lineage))


def _surroundings(session: Session, home_id: int | None) -> Surroundings:
    """The enterprise of a unit with its places, areas and officers, and what stands above it."""
    if home_id is None:
        return Surroundings(units=())
    enterprise = enterprise_of(session, unit_by_id(session, home_id))
    searched = subtree(session, [enterprise.id])
    units = {unit.id: unit for unit in (*searched, *units_by_id(session, enterprise.lineage).values())}
    return Surroundings(
        units=_unit_facts(units.values()),
        places=tuple(_place_fact(place) for place in places_in(session, [enterprise.id])),
        areas=_areas(session, [unit.id for unit in searched]),
        officers=_officers(session, list(units)),
    )


def _unit_facts(units: Iterable[Unit]) -> tuple[UnitFact, ...]:
    return tuple(UnitFact(unit.id, unit.name, unit.parent_id) for unit in units)


def _place_fact(place: Place) -> PlaceFact:
    return PlaceFact(place.id, place.code, place.name, place.unit_id, place.lat, place.lon)


def _areas(session: Session, unit_ids: Collection[int]) -> tuple[AreaFact, ...]:
    rows = session.execute(select(AreaRow).where(AreaRow.unit_id.in_(unit_ids))).scalars()
    return tuple(
        AreaFact(row.id, row.name, row.unit_id, tuple((lat, lon) for lat, lon in row.polygon)) for row in rows
    )


def _officers(session: Session, unit_ids: Collection[int]) -> tuple[OfficerFact, ...]:
    duties: dict[tuple[int, int], set[str]] = {}
    for duty in session.execute(select(DutyRow).where(DutyRow.unit_id.in_(unit_ids))).scalars():
        duties.setdefault((duty.account_id, duty.unit_id), set()).add(duty.category)
    people = people_with_role(session, [Role.OFFICER], unit_ids=unit_ids)
    return tuple(
        OfficerFact(
            person.account_id,
            person.name,
            person.unit_id,
            frozenset(duties.get((person.account_id, person.unit_id), ())),
        )
        for person in people
    )
