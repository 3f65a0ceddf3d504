"""One hazard in hand: its row, its unit, and how the person who looks at it stands to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission, Role
from app.accounts.queries import people_with_role
from app.core.errors import NotFound
from app.core.working_days import end_of_working_day
from app.hazards.lifecycle import Action, State
from app.hazards.models import DualReportRow, FollowerRow, HazardRow
from app.hazards.policy import (
    CaseFacts,
    ClosedMove,
    Standing,
    View,
    closed_moves,
    open_actions,
    standing_of,
    view_of,
)
from app.hazards.words import Level, ReportedTo
from app.units.queries import Unit, unit_by_id

APPEAL_WORKING_DAYS: Final = 5
UNMERGE_LIMIT: Final = timedelta(days=30)
AFTER_CLOSURE_LIMIT: Final = timedelta(days=30)


@dataclass(frozen=True)
class Case:
    """A hazard as one person meets it."""

    hazard: HazardRow
    unit: Unit
    facts: CaseFacts
    standing: Standing
    view: View

    @property
    def is_onlooker(self) -> bool:
        """Whether this person sees the public part and may make no move at all."""
        return self.view is View.PUBLIC and not self.standing.is_unit_rectifier

    def open_actions(self, *, at: datetime) -> tuple[Action, ...]:
        """The moves open to this person now; none to somebody who only sees the public part.

        But a rectifier of the unit, who may fix on the spot what was assigned to nobody yet.
        """
        if self.is_onlooker:
            return ()
        return open_actions(facts=self.facts, standing=self.standing, at=at)

    def closed_moves(self, *, at: datetime) -> tuple[ClosedMove, ...]:
        """The moves closed to this person that concern them, with why; none for whoever only looks on."""
        if self.is_onlooker or self.view is View.PUBLIC:
            return ()
        return closed_moves(facts=self.facts, standing=self.standing, at=at)


def find_case(session: Session, number: str, *, by: Actor) -> Case:
    """The hazard with this number, if the actor may see anything of it.

    Raises:
        NotFound: absent or foreign.
    """
    hazard = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one_or_none()
    if hazard is None:
        raise NotFound
    return case_of(session, hazard, by=by)


def case_of(session: Session, hazard: HazardRow, *, by: Actor) -> Case:
    """The hazard as this actor meets it.

    Raises:
        NotFound: the actor may see nothing of it.
    """
    unit = unit_by_id(session, hazard.unit_id)
    standing = standing_of(by, lineage=unit.lineage, roles=_parts(hazard))
    reads_public = by.can(Permission.HAZARD_READ_PUBLIC, lineage=unit.lineage)
    view = view_of(
        standing,
        reads=by.can(Permission.HAZARD_READ, lineage=unit.lineage),
        reads_reporter=by.can(Permission.HAZARD_READ_REPORTER, lineage=unit.lineage),
        reads_public=(reads_public and hazard.state != State.WITHDRAWN) or _follows(session, hazard, by),
    )
    if view is None:
        raise NotFound
    return Case(hazard, unit, facts_of(session, hazard, unit), standing, view)


def _follows(session: Session, hazard: HazardRow, by: Actor) -> bool:
    follower = select(FollowerRow.id).where(
        FollowerRow.hazard_id == hazard.id, FollowerRow.account_id == by.account_id
    )
    return session.execute(follower.limit(1)).scalar_one_or_none() is not None


def _parts(hazard: HazardRow) -> dict[str, int | None]:
    return {
        "reporter": hazard.reporter_id or hazard.claimed_by_id,
        "rectifier": hazard.rectifier_id,
        "rectified_by": hazard.rectified_by_id,
        "rejected_by": hazard.rejected_by_id,
        "extension_by": hazard.extension_by_id,
    }


def is_appeal_pending(hazard: HazardRow) -> bool:
    """Its refusal is appealed against, and nobody has decided yet."""
    return hazard.appealed_at is not None and hazard.appeal_decided_at is None


def is_objection_pending(hazard: HazardRow) -> bool:
    """Its closure is objected to, and nobody has decided yet."""
    return hazard.objected_at is not None and hazard.objection_decided_at is None


def facts_of(session: Session, hazard: HazardRow, unit: Unit) -> CaseFacts:
    """What of the hazard decides its open moves."""
    reported = session.execute(select(DualReportRow.to).where(reports_in_force(hazard))).scalars()
    rejected_at = hazard.rejected_at
    return CaseFacts(
        state=State(hazard.state),
        level=Level(hazard.level) if hazard.level else None,
        reporter_reachable=(hazard.reporter_id or hazard.claimed_by_id) is not None,
        has_duplicates=_has_duplicates(session, hazard),
        is_followed=_is_followed(session, hazard),
        has_rectifier_account=hazard.rectifier_id is not None,
        acknowledged=hazard.acknowledged_at is not None,
        appealed=hazard.appealed_at is not None,
        appeal_pending=is_appeal_pending(hazard),
        appeal_until=(
            end_of_working_day(rejected_at, days=APPEAL_WORKING_DAYS, zone=unit.zone) if rejected_at else None
        ),
        transfers=hazard.transfers,
        transfer_returnable=(
            hazard.transferred_from_id is not None and hazard.transfers == 1 and hazard.first_act_at is None
        ),
        unmerge_until=_unmerge_until(session, hazard),
        extension_pending=hazard.extension_asked_at is not None,
        dual_reports=frozenset(ReportedTo(to) for to in reported),
        points_paid=hazard.points_paid_at is not None,
        has_free_verifier=_has_free_verifier(session, hazard, unit),
        objection_pending=is_objection_pending(hazard),
        closure_until=hazard.closed_at + AFTER_CLOSURE_LIMIT if hazard.closed_at else None,
    )


def reports_in_force(hazard: HazardRow) -> ColumnElement[bool]:
    """The dual reports that belong to the acceptance in force.

    Reports stay as they were recorded, but each speaks of the acceptance it was recorded under: a hazard that was
    voided or merged and accepted again is reported again, because its measures, funds and deadline are others.
    """
    since = hazard.accepted_at or hazard.submitted_at
    return and_(DualReportRow.hazard_id == hazard.id, DualReportRow.recorded_at >= since)


def _unmerge_until(session: Session, hazard: HazardRow) -> datetime | None:
    """30 days after the merge; and 30 days after the master was refused, if that came later.

    A duplicate stays one when its master ends: its reporter follows the master and sees that end (a master with
    duplicates cannot be withdrawn at all). But a master that was rejected or voided may have been the wrong one to
    judge them by: then the officer may still take a duplicate up by itself.
    """
    if hazard.merged_at is None:
        return None
    refused_at = session.execute(
        select(HazardRow.rejected_at).where(HazardRow.id == hazard.master_id, HazardRow.state == State.REJECTED)
    ).scalar_one_or_none()
    return max(hazard.merged_at, refused_at or hazard.merged_at) + UNMERGE_LIMIT


def _has_duplicates(session: Session, hazard: HazardRow) -> bool:
    duplicate = select(HazardRow.id).where(HazardRow.master_id == hazard.id).limit(1)
    return session.execute(duplicate).scalar_one_or_none() is not None


def _is_followed(session: Session, hazard: HazardRow) -> bool:
    reporter = hazard.reporter_id or hazard.claimed_by_id
    others = FollowerRow.account_id.is_distinct_from(reporter)
    follower = select(FollowerRow.id).where(FollowerRow.hazard_id == hazard.id, others).limit(1)
    return session.execute(follower).scalar_one_or_none() is not None


def _has_free_verifier(session: Session, hazard: HazardRow, unit: Unit) -> bool:
    if hazard.state != State.REVIEWING:
        return True
    officers = {person.account_id for person in people_with_role(session, [Role.OFFICER], unit_ids=unit.lineage)}
    parts = _parts(hazard)
    return bool(officers - {parts["reporter"], parts["rectifier"], parts["rectified_by"]})
