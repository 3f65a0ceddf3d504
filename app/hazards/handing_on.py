"""Handing a hazard to another unit, and joining it to another hazard."""

from typing import Any

from sqlalchemy import insert, select, update

from app.core.errors import Fault, Invalid
from app.hazards.candidates import may_receive
from app.hazards.case import Case
from app.hazards.followers import followers_come_back, followers_go_along
from app.hazards.lifecycle import State
from app.hazards.models import FollowerRow, HazardRow
from app.hazards.routing_facts import keep_reasons, officer_for, told_reason
from app.hazards.told import needed
from app.hazards.verb import Attempt, Effect
from app.units.queries import Unit, unit_by_code, unit_by_id


def transfer(attempt: Attempt) -> Effect:
    """转办 to another unit of the enterprise, or anywhere below where the actor commands.

    Raises:
        Invalid: unknown, foreign or the same unit.
    """
    case = attempt.case
    unit = unit_by_code(attempt.session, needed(attempt.told.unit))
    if unit is None or unit.retired or not may_receive(attempt.session, case, unit, by=attempt.by):
        raise Invalid(Fault("unit", "unknown_unit"))
    if unit.id == case.unit.id:
        raise Invalid(Fault("unit", "same_unit"))
    moved = _moved_to(attempt, unit, code="transferred")
    return Effect(
        changes=moved | {"transfers": case.hazard.transfers + 1, "transferred_from_id": case.unit.id},
        detail={"from": case.unit.name, "to": unit.name, "text": attempt.told.text},
    )


def return_transfer(attempt: Attempt) -> Effect:
    """The receiving unit sends it back, once."""
    case = attempt.case
    unit = unit_by_id(attempt.session, needed(case.hazard.transferred_from_id))
    moved = _moved_to(attempt, unit, code="transfer_returned")
    return Effect(
        changes=moved | {"transferred_from_id": None},
        detail={"from": case.unit.name, "to": unit.name, "text": attempt.told.text},
    )


def _moved_to(attempt: Attempt, unit: Unit, *, code: str) -> dict[str, Any]:
    hazard = attempt.case.hazard
    heard = officer_for(attempt.session, unit_id=unit.id, category=hazard.category, hazard=hazard, at=attempt.at)
    keep_reasons(
        attempt.session,
        hazard.id,
        unit_id=unit.id,
        officer_id=heard.officer_id,
        source=None,
        because=[
            {"code": code, "from": attempt.case.unit.name, "by": attempt.by.name},
            *map(told_reason, heard.because),
        ],
        at=attempt.at,
    )
    return {"unit_id": unit.id, "officer_id": heard.officer_id, "arrived_at": attempt.at, "first_act_at": None}


def merge(attempt: Attempt) -> Effect:
    """合并 into a master of the same unit; its reporter and followers follow the master from now on.

    Duplicates of this hazard go along, so that no chain arises.

    Raises:
        Invalid: no such hazard in this unit, itself, or a duplicate.
    """
    hazard, session = attempt.case.hazard, attempt.session
    master = session.execute(
        select(HazardRow).where(HazardRow.number == needed(attempt.told.master))
    ).scalar_one_or_none()
    fault = _master_fault(attempt.case, master)
    if master is None or fault is not None:
        raise Invalid(Fault("master", fault or "unknown_master"))
    session.execute(update(HazardRow).where(HazardRow.master_id == hazard.id).values(master_id=master.id))
    followers_go_along(session, hazard, master)
    follower = hazard.reporter_id or hazard.claimed_by_id
    if follower is not None:
        session.execute(
            insert(FollowerRow).values(hazard_id=master.id, account_id=follower, from_hazard_id=hazard.id)
        )
    return Effect(
        changes={"master_id": master.id, "merged_at": attempt.at},
        detail={"master": master.number},
    )


def _master_fault(case: Case, master: HazardRow | None) -> str | None:
    if master is None or master.unit_id != case.unit.id:
        return "unknown_master"
    if master.id == case.hazard.id:
        return "same_hazard"
    ended = (State.DUPLICATE, State.WITHDRAWN, State.REJECTED)
    return "master_is_ended" if master.state in ended else None


def unmerge(attempt: Attempt) -> Effect:
    """Undo a merge: the hazard stands alone again and waits for an officer."""
    session, hazard = attempt.session, attempt.case.hazard
    followers_come_back(session, hazard)
    # Who was in charge before the merge may have left since: a duplicate is not handed over, it is not open.
    heard = officer_for(session, unit_id=hazard.unit_id, category=hazard.category, hazard=hazard, at=attempt.at)
    if heard.officer_id != hazard.officer_id:
        keep_reasons(
            session,
            hazard.id,
            unit_id=hazard.unit_id,
            officer_id=heard.officer_id,
            source=None,
            because=list(map(told_reason, heard.because)),
            at=attempt.at,
        )
    return Effect(
        changes={"master_id": None, "merged_at": None, "officer_id": heard.officer_id},
        detail={"text": attempt.told.text},
    )
