"""Routing once more, when a photo's EXIF told where the hazard is better than the phone did."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.db import Database, changed_one
from app.core.outbox import record
from app.evidence.datums import Datum
from app.evidence.locations import Source, Witness
from app.evidence.models import PhotoRow, PhotoStatus, WitnessRow
from app.hazards.events import HazardRerouted
from app.hazards.history import Step, write_history
from app.hazards.lifecycle import State
from app.hazards.models import HazardRow, RoutingRow
from app.hazards.routing_facts import decide_route, keep_decision, position_of
from app.units.queries import unit_by_id
from app.units.routing import NEAR_M, Routing, is_better

REROUTED = "route"
"""The history's word for a step that no person made."""


def locate_and_route(hazard_id: int, *, at: datetime, db: Database, near_m: float = NEAR_M) -> None:
    """Route again if the location got better and nobody has acted; otherwise nothing changes.

    Decided once all photos have been looked at: the order in which they were must not choose the unit (P5).
    Repeatable: the second time the location is no better than the first.

    Raises:
        Unavailable: the database cannot now.
    """
    with db.write() as session:
        hazard = session.execute(select(HazardRow).where(HazardRow.id == hazard_id)).scalar_one()
        if _is_any_pending(session, hazard_id):
            return
        witnesses = _witnesses(session, hazard_id)
        _note_position(session, hazard, witnesses)
        if _was_acted_upon(hazard):
            return
        decision = decide_route(
            session,
            place=None,
            witnesses=witnesses,
            reporter_unit_id=hazard.reporter_unit_id,
            category=hazard.category,
            at=at,
            near_m=near_m,
        )
        before = session.execute(
            select(RoutingRow.source)
            .where(RoutingRow.hazard_id == hazard_id)
            .order_by(RoutingRow.id.desc())
            .limit(1)
        ).scalar_one()
        if is_better(decision.source, before):
            moment = max(at, hazard.changed_at)
            keep_decision(session, hazard_id, decision, at=moment)
            _follow(session, hazard, decision, at=moment)


def _note_position(session: Session, hazard: HazardRow, witnesses: list[Witness]) -> None:
    """Where the hazard lies, when only a photo told: no step of its life, so neither history nor version."""
    position = position_of(None, witnesses) if hazard.lat is None and hazard.place_id is None else None
    if position is not None:
        told = {"lat": position[0], "lon": position[1]}
        session.execute(update(HazardRow).where(HazardRow.id == hazard.id).values(**told))
        session.refresh(hazard)


def _was_acted_upon(hazard: HazardRow) -> bool:
    moved_by_hand = hazard.transfers > 0 or hazard.appeal_decided_at is not None
    # A scanned place is the best location there is, and a guest has no other.
    placed = hazard.place_id is not None or hazard.reporter_unit_id is None
    return hazard.state != State.SUBMITTED or hazard.first_act_at is not None or moved_by_hand or placed


def _is_any_pending(session: Session, hazard_id: int) -> bool:
    pending = select(PhotoRow.id).where(PhotoRow.hazard_id == hazard_id, PhotoRow.status == PhotoStatus.PENDING)
    return session.execute(pending.limit(1)).scalar_one_or_none() is not None


def _witnesses(session: Session, hazard_id: int) -> list[Witness]:
    rows = session.execute(
        select(WitnessRow)
        .join(PhotoRow, PhotoRow.id == WitnessRow.photo_id)
        .where(PhotoRow.hazard_id == hazard_id)
        .order_by(PhotoRow.n, WitnessRow.id)
    ).scalars()
    return [
        Witness(Source(row.source), row.lat, row.lon, row.accuracy_m, Datum(row.datum), row.at) for row in rows
    ]


def _follow(session: Session, hazard: HazardRow, decision: Routing, *, at: datetime) -> None:
    if (decision.unit_id, decision.officer_id) == (hazard.unit_id, hazard.officer_id):
        return
    before = unit_by_id(session, hazard.unit_id)
    moved = changed_one(
        session,
        update(HazardRow)
        .where(HazardRow.id == hazard.id, HazardRow.version == hazard.version)
        .values(
            unit_id=decision.unit_id,
            officer_id=decision.officer_id,
            version=hazard.version + 1,
            changed_at=at,
        ),
    )
    if not moved:
        return
    session.refresh(hazard)
    after = unit_by_id(session, hazard.unit_id)
    step = Step(REROUTED, None, State.SUBMITTED, {"from": before.name, "to": after.name})
    write_history(session, hazard, step, at=at)
    record(session, HazardRerouted(hazard.id, hazard.version), at=at)


def zone_of(hazard_id: int, *, db: Database) -> ZoneInfo:
    """The zone of the hazard's unit."""
    with db.read() as session:
        unit_id = session.execute(select(HazardRow.unit_id).where(HazardRow.id == hazard_id)).scalar_one()
        return unit_by_id(session, unit_id).zone
