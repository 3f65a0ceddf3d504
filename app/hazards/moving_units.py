"""Moving a unit to another parent: whoever no longer covers its open hazards hands them over in the same step.

The unit's people move along with it. What stays behind are officers of the units above, and, when the unit leaves
its enterprise, rectifiers of the rest of that enterprise (domain.md §5: no hazard is ever orphaned).
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.roster import Account, accounts_of, as_now
from app.core.db import Database
from app.core.errors import Fault, Invalid
from app.hazards.handing_over import commands, give_to_officer, goes_on, repairs
from app.hazards.models import HazardRow
from app.hazards.routing_facts import officer_for, told_reason
from app.units.arranging import put_under
from app.units.managing import managed_unit
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, units_by_id


def move_unit(code: str, *, parent_code: str, by: Actor, at: datetime, db: Database) -> Unit:
    """Put the unit with everything below it under another one, and route anew what its officers leave behind.

    A hazard stays with its officer where the officer's role still covers it; otherwise the rules and officers of
    the new line decide, with their reasons on the ticket.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: as `put_under`; a rectifier would stay behind in another enterprise; nobody could take over.
    """
    with db.write() as session:
        by = as_now(session, by)
        before = managed_unit(session, code, by=by)
        hazards = _open_below(session, before)
        people = _named(session, hazards)
        repaired = _with_own_rectifier(session, hazards, people)
        moved = put_under(session, code, parent_code=parent_code, by=by, at=at)
        left = repaired - _with_own_rectifier(session, hazards, people)
        if left:
            raise Invalid(Fault("parent", "rectifiers_stay_behind", {"count": len(left)}))
        _route_anew(session, hazards, people, before=before, moved=moved, by=by, at=at)
        return moved


def _open_below(session: Session, unit: Unit) -> list[HazardRow]:
    rows = session.execute(
        select(HazardRow)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(covered_by(session, [unit.id]), goes_on())
        .order_by(HazardRow.id)
    ).scalars()
    return list(rows)


def _named(session: Session, hazards: Collection[HazardRow]) -> dict[int, Account]:
    ids = {named for hazard in hazards for named in (hazard.officer_id, hazard.rectifier_id) if named is not None}
    rows = session.execute(select(AccountRow).where(AccountRow.id.in_(ids))).scalars()
    return {account.account_id: account for account in accounts_of(session, rows)}


def _with_own_rectifier(
    session: Session, hazards: Collection[HazardRow], people: Mapping[int, Account]
) -> set[int]:
    """The hazards whose rectifier may repair in the enterprise where they lie now."""
    units = units_by_id(session, {hazard.unit_id for hazard in hazards})
    return {
        hazard.id
        for hazard in hazards
        if hazard.rectifier_id is not None
        and repairs(session, units[hazard.unit_id], had=(), keeps=people[hazard.rectifier_id].grants)
    }


def _route_anew(
    session: Session,
    hazards: Collection[HazardRow],
    people: Mapping[int, Account],
    *,
    before: Unit,
    moved: Unit,
    by: Actor,
    at: datetime,
) -> None:
    units = units_by_id(session, {hazard.unit_id for hazard in hazards})
    parents = units_by_id(session, [unit.parent_id for unit in (before, moved) if unit.parent_id is not None])
    why = {"code": "unit_moved", "unit": moved.name, "from": "", "to": ""}
    why |= {
        side: parents[unit.parent_id].name
        for side, unit in (("from", before), ("to", moved))
        if unit.parent_id is not None
    }
    unheard = 0
    for hazard in hazards:
        if hazard.officer_id is None or commands(people[hazard.officer_id].grants, units[hazard.unit_id]):
            continue
        heard = officer_for(session, unit_id=hazard.unit_id, category=hazard.category, hazard=hazard, at=at)
        if heard.officer_id is None:
            unheard += 1
            continue
        officer = _name_of(session, heard.officer_id)
        names = {"from": people[hazard.officer_id].name, "to": officer}
        because = [why, *map(told_reason, heard.because)]
        give_to_officer(session, hazard, heard.officer_id, because=because, names=names, by=by, at=at)
    if unheard:
        raise Invalid(Fault("parent", "nobody_hears_there", {"count": unheard}))


def _name_of(session: Session, account_id: int) -> str:
    return session.execute(select(AccountRow.name).where(AccountRow.id == account_id)).scalar_one()
