"""Questions about one hazard: the ticket as its reader may see it, and its pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.accounts.queries import names_of
from app.core.errors import NotFound
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.case import Case, find_case, is_appeal_pending, is_objection_pending
from app.hazards.deadlines import FIRST_ACT_WITHIN
from app.hazards.documents import dual_reports_of
from app.hazards.lifecycle import TABLE, State, Who
from app.hazards.masters import duplicates_of, master_end
from app.hazards.models import HazardRow, HistoryRow, RoutingRow
from app.hazards.photo_views import photo_views
from app.hazards.policy import View
from app.hazards.views import HazardView, RoutingView, StepView
from app.hazards.words import Category, Factor, FoundBy, Level
from app.units.queries import Unit, places_by_id, unit_by_id

REPORTERS_ACTS: Final = frozenset(
    action for action, move in TABLE.items() if move.who in {Who.SUBMITTER, Who.REPORTER}
)


class Picture(StrEnum):
    """Which picture of a photo is asked for."""

    DISPLAY = "display"
    THUMB = "thumb"
    ORIGINAL = "original"


@dataclass(frozen=True)
class PictureKey:
    """Where a picture lies in the store, and of which format it is."""

    key: str
    format: str
    file_name: str


def is_overdue(hazard: HazardRow, *, at: datetime) -> bool:
    """Past its deadline and still with the rectifier: a slow re-inspection does not make it so."""
    return hazard.state == State.RECTIFYING and hazard.deadline is not None and hazard.deadline < at


def is_contested(hazard: HazardRow) -> bool:
    """Ended, and its reporter says against it what nobody has answered yet."""
    if hazard.state == State.CLOSED:
        return is_objection_pending(hazard)
    return hazard.state == State.REJECTED and is_appeal_pending(hazard)


def hazard_view(session: Session, number: str, *, by: Actor, at: datetime) -> HazardView:
    """The hazard as this person may see it.

    Raises:
        NotFound: absent or foreign.
    """
    return view_of_case(session, find_case(session, number, by=by), at=at)


def view_of_case(session: Session, case: Case, *, at: datetime) -> HazardView:
    """The hazard cut to the case's view: the public part, or everything but the reporter's name, or all."""
    hazard = case.hazard
    public: dict[str, Any] = {
        "view": case.view,
        "number": hazard.number,
        "state": State(hazard.state),
        "version": hazard.version,
        "level": Level(hazard.level) if hazard.level else None,
        "category": Category(hazard.category) if hazard.category else None,
        "place": places_by_id(session, [hazard.place_id]).get(hazard.place_id or 0),
        "location_text": hazard.location_text,
        "unit": case.unit,
        "found_by": FoundBy(hazard.found_by),
        "anonymous": hazard.anonymous,
        "guest": hazard.guest,
        "is_mine": case.standing.is_reporter,
        "submitted_at": hazard.submitted_at,
        "is_overdue": is_overdue(hazard, at=at),
        "open_actions": case.open_actions(at=at),
        "photos": photo_views(session, hazard.id, public_only=case.view is View.PUBLIC),
        "closed_at": hazard.closed_at,
    }
    if case.view is View.PUBLIC:
        return HazardView(factor=None, description=None, **public)
    return HazardView(
        factor=Factor(hazard.factor) if hazard.factor else None,
        description=hazard.description,
        **public,
        **_inner_part(session, case, at=at),
    )


def _inner_part(session: Session, case: Case, *, at: datetime) -> dict[str, Any]:
    hazard = case.hazard
    names = names_of(session, [hazard.reporter_id, hazard.rectifier_id])
    knows_reporter = case.view in {View.COMMAND, View.OWN}
    return {
        "routing": _routing(session, hazard),
        "reporter": names.get(hazard.reporter_id) if knows_reporter and hazard.reporter_id else None,
        "rectifier": names.get(hazard.rectifier_id) if hazard.rectifier_id else hazard.rectifier_name,
        "master": _number_of(session, hazard.master_id),
        "master_end": master_end(session, hazard.master_id),
        "duplicates": duplicates_of(session, hazard.id),
        "first_act_until": _first_act_until(hazard),
        "appeal_until": case.facts.appeal_until,
        "object_until": case.facts.closure_until,
        "is_contested": case.facts.appeal_pending or case.facts.objection_pending,
        "closed_moves": case.closed_moves(at=at),
        "dual_report_papers": dual_reports_of(session, hazard),
        "dual_reports": tuple(sorted(case.facts.dual_reports)),
        "timeline": _timeline(session, hazard, knows_reporter=knows_reporter),
        **{
            name: getattr(hazard, name)
            for name in (
                "measures",
                "funds",
                "emergency_plan",
                "interim_control",
                "deadline",
                "first_deadline",
                "extension_deadline",
                "accepted_at",
                "finished_at",
                "done",
                "cost_fen",
                "conclusion",
                "fixed_on_the_spot",
                "times_returned",
                "reject_reason",
                "supervised_at",
            )
        },
    }


def _first_act_until(hazard: HazardRow) -> datetime | None:
    waits = hazard.state == State.SUBMITTED and hazard.first_act_at is None
    return hazard.arrived_at + FIRST_ACT_WITHIN if waits else None


def state_of(session: Session, number: str) -> State:
    """Where a hazard stands, unchecked: for whoever has just moved it out of the own sight.

    Raises:
        NoResultFound: no such hazard.
    """
    return State(session.execute(select(HazardRow.state).where(HazardRow.number == number)).scalar_one())


def unit_holding(session: Session, number: str) -> Unit:
    """Where a hazard lies, unchecked: for whoever has just handed it on, out of the own sight.

    Raises:
        NoResultFound: no such hazard.
    """
    unit_id = session.execute(select(HazardRow.unit_id).where(HazardRow.number == number)).scalar_one()
    return unit_by_id(session, unit_id)


def _number_of(session: Session, hazard_id: int | None) -> str | None:
    if hazard_id is None:
        return None
    return session.execute(select(HazardRow.number).where(HazardRow.id == hazard_id)).scalar_one()


def _routing(session: Session, hazard: HazardRow) -> RoutingView | None:
    row = session.execute(
        select(RoutingRow).where(RoutingRow.hazard_id == hazard.id).order_by(RoutingRow.id.desc()).limit(1)
    ).scalar_one_or_none()
    if row is None:
        return None
    names = names_of(session, [hazard.officer_id])
    return RoutingView(
        unit=unit_by_id(session, row.unit_id),
        officer_id=hazard.officer_id,
        officer=names.get(hazard.officer_id) if hazard.officer_id else None,
        because=tuple(row.because),
    )


def _timeline(session: Session, hazard: HazardRow, *, knows_reporter: bool) -> tuple[StepView, ...]:
    rows = session.execute(
        select(HistoryRow).where(HistoryRow.hazard_id == hazard.id).order_by(HistoryRow.version)
    ).scalars()
    steps = list(rows)
    names: Mapping[int, str] = names_of(session, [step.actor_id for step in steps])
    reporter = hazard.reporter_id or hazard.claimed_by_id

    def who(step: HistoryRow) -> str | None:
        # An anonymous reporter who claimed the points told the ledger, not the readers of the ticket.
        # Only what reporters do is hidden: an officer's own report must not be told by the name missing from the
        # acceptance.
        as_reporter = step.action in REPORTERS_ACTS and step.actor_id == reporter
        hidden = as_reporter and (hazard.anonymous or not knows_reporter)
        return None if step.actor_id is None or hidden else names.get(step.actor_id)

    return tuple(
        StepView(
            version=step.version,
            action=step.action,
            at=step.at,
            who=who(step),
            from_state=State(step.from_state) if step.from_state else None,
            to_state=State(step.to_state),
            detail=step.detail,
        )
        for step in steps
    )


def picture_key(session: Session, number: str, n: int, picture: Picture, *, by: Actor) -> PictureKey:
    """Where the picture lies, checked against what this person may see now.

    The original is for officers of the unit and above; of an anonymous hazard only once it was replaced by a copy
    without metadata.

    Raises:
        NotFound: absent, foreign, not ready, or not for this person: one answer.
    """
    case = find_case(session, number, by=by)
    return picture_key_of(session, case.hazard, n, picture, reads_original=_reads_original(case, by))


def _reads_original(case: Case, by: Actor) -> bool:
    return by.can(Permission.PHOTO_READ_ORIGINAL, lineage=case.unit.lineage)


def picture_key_of(
    session: Session, hazard: HazardRow, n: int, picture: Picture, *, reads_original: bool
) -> PictureKey:
    """The picture of a hazard that the caller has found for its reader.

    Raises:
        NotFound: no such photo, not ready, or an original that is not for this reader.
    """
    # A number that no database can hold is nobody's photo either.
    photo = session.execute(
        select(PhotoRow).where(PhotoRow.hazard_id == hazard.id, PhotoRow.n == min(n, 2**31))
    ).scalar_one_or_none()
    if photo is None:
        raise NotFound
    name = f"{hazard.number}-{n}"
    if picture is Picture.ORIGINAL:
        if not reads_original or (photo.unnamed and photo.stripped_at is None):
            raise NotFound
        return PictureKey(photo.sha256, photo.format, name)
    key = photo.display_key if picture is Picture.DISPLAY else photo.thumb_key
    if photo.status != PhotoStatus.READY or key is None:
        raise NotFound
    return PictureKey(key, "jpeg", name)
