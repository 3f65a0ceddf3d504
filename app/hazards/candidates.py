"""What a move may choose from: the hazards to merge into, the units to hand on to."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.hazards.case import Case
from app.hazards.lifecycle import OPEN
from app.hazards.lists import lines_of
from app.hazards.models import HazardRow
from app.hazards.views import HazardLine
from app.units.queries import Unit, enterprise_of, subtree

CANDIDATES: Final = 12
COMMANDS: Final = (Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)


def likely_masters(session: Session, hazard: HazardRow, *, by: Actor, at: datetime) -> tuple[HazardLine, ...]:
    """Open hazards of the same unit that this one may be the same as, the likeliest first.

    Same place and category, same place, same category, then the newest. No right is checked here.
    """
    here = and_(HazardRow.place_id.is_not(None), HazardRow.place_id == hazard.place_id)
    alike = and_(HazardRow.category.is_not(None), HazardRow.category == hazard.category)
    likeness = case((and_(here, alike), 0), (here, 1), (alike, 2), else_=3)
    found = session.execute(
        select(HazardRow)
        .where(HazardRow.unit_id == hazard.unit_id, HazardRow.state.in_(OPEN), HazardRow.id != hazard.id)
        .order_by(likeness, HazardRow.id.desc())
        .limit(CANDIDATES)
    ).scalars()
    return tuple(lines_of(session, list(found), by=by, at=at))


def may_receive(session: Session, case: Case, unit: Unit, *, by: Actor) -> bool:
    """Inside the enterprise or below where the actor commands; the second time the actor stands above both."""
    if case.hazard.transfers:
        return _commands(by, set(case.unit.lineage[:-1]) & set(unit.lineage))
    own = enterprise_of(session, case.unit)
    return own.id in unit.lineage or _commands(by, unit.lineage[:-1])


def receiving_units(session: Session, case: Case, *, by: Actor) -> tuple[Unit, ...]:
    """Every unit in use that the hazard may be handed on to by this actor, parents before children."""
    commanded = {unit_id for permission in COMMANDS for unit_id in by.units_where(permission)}
    within = subtree(session, {enterprise_of(session, case.unit).id, *commanded})
    return tuple(
        unit
        for unit in within
        if unit.id != case.unit.id and not unit.retired and may_receive(session, case, unit, by=by)
    )


def _commands(by: Actor, lineage: Collection[int]) -> bool:
    return any(by.can(permission, lineage=lineage) for permission in COMMANDS)
