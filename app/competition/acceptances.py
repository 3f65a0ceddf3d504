"""The acceptances that points depend on, read from history: of one hazard, and of one person's month.

History is written in the step's own transaction and never changed, so whatever is read here is the same in
whichever order the jobs come.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import GrantRow
from app.accounts.permissions import Role
from app.competition.points import Acceptance
from app.core.outbox import EventRow
from app.hazards.events import PointsClaimed
from app.hazards.lifecycle import TABLE, Action
from app.hazards.models import HazardRow, HistoryRow, RoutingRow
from app.hazards.words import Level
from app.units.queries import Unit, units_by_id

BEGINS: Final = (Action.ACCEPT, Action.FIX_ON_THE_SPOT)
ENDS: Final = (Action.VOID, Action.MERGE)
EventKey = tuple[str, int]
"""An event's name and the hazard's version it speaks of; a claim makes no version of its own."""


@dataclass(frozen=True)
class Span:
    """One acceptance of a hazard, up to the step that took it back, if any did."""

    begun: HistoryRow
    ended: HistoryRow | None


@dataclass(frozen=True)
class Credit:
    """Whom an acceptance credits, from when on, and by which event: the acceptance, or a claim after it."""

    account_id: int
    at: datetime
    event: EventKey


@dataclass(frozen=True)
class LedgerEvent:
    """An event as the ledger needs it."""

    id: int
    at: datetime
    name: str
    hazard_id: int
    version: int

    @property
    def key(self) -> EventKey:
        """Its name within the hazard's life."""
        return self.name, self.version


@dataclass(frozen=True)
class Life:
    """What of one hazard's history points depend on; `units` is where it was from when on, oldest first."""

    hazard: HazardRow
    spans: tuple[Span, ...]
    claim: LedgerEvent | None
    units: tuple[tuple[datetime, Unit], ...]

    def unit_at(self, moment: datetime) -> Unit:
        """The unit that had the hazard then; a later transfer changes no acceptance."""
        return [unit for since, unit in self.units if since <= moment][-1]


def event_key(step: HistoryRow) -> EventKey:
    """The event that was recorded with this step."""
    return TABLE[Action(step.action)].event, step.version


def credit_of(span: Span, life: Life) -> Credit | None:
    """Whom this acceptance credits: the reporter, or who claimed the anonymous hazard before it was taken back."""
    begun, claim, hazard = span.begun, life.claim, life.hazard
    if hazard.reporter_id is not None:
        return Credit(hazard.reporter_id, begun.at, event_key(begun))
    if claim is None or hazard.claimed_by_id is None:
        return None
    if claim.version < begun.version:
        return Credit(hazard.claimed_by_id, begun.at, event_key(begun))
    if span.ended is not None and claim.version >= span.ended.version:
        return None
    return Credit(hazard.claimed_by_id, max(claim.at, begun.at), (PointsClaimed.name, claim.version))


def month_of(span: Span, life: Life) -> date:
    """The first day of the acceptance's month in the unit's zone."""
    return _local_day(span, life).replace(day=1)


def _local_day(span: Span, life: Life) -> date:
    return span.begun.at.astimezone(life.unit_at(span.begun.at).zone).date()


def acceptance_of(
    span: Span, life: Life, credit: Credit | None, *, offices: Mapping[int, Sequence[GrantRow]]
) -> Acceptance:
    """The facts as `points` wants them; `offices` are officers' grants by account."""
    begun, hazard = span.begun, life.hazard
    held = offices.get(credit.account_id, ()) if credit is not None else ()
    return Acceptance(
        hazard_id=hazard.number,
        accepted_at=credit.at if credit is not None else begun.at,
        local_day=_local_day(span, life),
        level=cast("Literal['general', 'major']", begun.detail.get("level", Level.GENERAL.value)),
        category=begun.detail["category"],
        place=None if hazard.place_id is None else str(hazard.place_id),
        is_fixed_on_the_spot=begun.action == Action.FIX_ON_THE_SPOT,
        is_claimed=credit is not None,
        is_own_area=any(_covers(grant, life.unit_at(begun.at), begun.at) for grant in held),
    )


def _covers(grant: GrantRow, unit: Unit, moment: datetime) -> bool:
    current = grant.granted_at <= moment and (grant.ended_at is None or grant.ended_at > moment)
    return current and grant.unit_id in unit.lineage


def offices_of(session: Session, account_ids: Collection[int]) -> Mapping[int, Sequence[GrantRow]]:
    """Officers' grants, past ones too, by account."""
    rows = session.execute(
        select(GrantRow).where(GrantRow.account_id.in_(account_ids), GrantRow.role == Role.OFFICER)
    ).scalars()
    offices: dict[int, list[GrantRow]] = defaultdict(list)
    for row in rows:
        offices[row.account_id].append(row)
    return offices


def credited_around(session: Session, credit: Credit, *, month: date) -> list[Acceptance]:
    """The person's acceptances around a month, one for each hazard: the last up to this credit, itself included.

    The month is taken two days wider on both sides, as the hazards may lie in several zones.
    """
    opens = datetime.combine(month, time(), tzinfo=ZoneInfo("UTC")) - timedelta(days=2)
    accepted = select(HistoryRow.hazard_id).where(
        HistoryRow.action.in_(BEGINS), HistoryRow.at.between(opens, opens + timedelta(days=35))
    )
    hazards = session.execute(
        select(HazardRow).where(
            or_(HazardRow.reporter_id == credit.account_id, HazardRow.claimed_by_id == credit.account_id),
            HazardRow.id.in_(accepted),
        )
    ).scalars()
    offices = offices_of(session, [credit.account_id])
    found = []
    for other in lives_of(session, hazards.all()).values():
        credited = [(span, c) for span in other.spans if (c := credit_of(span, other)) and c.at <= credit.at]
        found += [acceptance_of(span, other, c, offices=offices) for span, c in credited[-1:]]
    return found


def lives_of(session: Session, hazards: Sequence[HazardRow]) -> dict[int, Life]:
    """The lives of these hazards by id, in a fixed number of queries."""
    hazard_ids = [hazard.id for hazard in hazards]
    steps: dict[int, list[HistoryRow]] = defaultdict(list)
    for step in session.execute(
        select(HistoryRow)
        .where(HistoryRow.hazard_id.in_(hazard_ids), HistoryRow.action.in_((*BEGINS, *ENDS)))
        .order_by(HistoryRow.hazard_id, HistoryRow.version)
    ).scalars():
        steps[step.hazard_id].append(step)
    units = _units_of(session, hazard_ids)
    claimed = [hazard.id for hazard in hazards if hazard.reporter_id is None and hazard.claimed_by_id is not None]
    claims = {c.hazard_id: c for c in ledger_events(session, claimed, names=[PointsClaimed.name])}
    return {h.id: Life(h, _spans(steps[h.id]), claims.get(h.id), tuple(units[h.id])) for h in hazards}


def _spans(steps: list[HistoryRow]) -> tuple[Span, ...]:
    following: list[HistoryRow | None] = [*steps[1:], None]
    # Two acceptances never follow one another: only what took the first back opens the way to the second.
    return tuple(Span(step, after) for step, after in zip(steps, following, strict=False) if step.action in BEGINS)


def _units_of(session: Session, hazard_ids: Collection[int]) -> dict[int, list[tuple[datetime, Unit]]]:
    rows = session.execute(
        select(RoutingRow.hazard_id, RoutingRow.at, RoutingRow.unit_id)
        .where(RoutingRow.hazard_id.in_(hazard_ids))
        .order_by(RoutingRow.id)
    ).all()
    units = units_by_id(session, [row.unit_id for row in rows])
    places: dict[int, list[tuple[datetime, Unit]]] = defaultdict(list)
    for row in rows:
        places[row.hazard_id].append((row.at, units[row.unit_id]))
    return places


def ledger_events(session: Session, hazard_ids: Collection[int], *, names: Collection[str]) -> list[LedgerEvent]:
    """The events of these names in the lives of these hazards, oldest first.

    No index leads from a hazard to its events, so this is asked only after a rare act: a void, a merge, a claim.
    """
    if not hazard_ids:
        return []
    subject = EventRow.values["hazard_id"].as_integer()
    rows = session.execute(
        select(EventRow).where(EventRow.name.in_(names), subject.in_(hazard_ids)).order_by(EventRow.id)
    ).scalars()
    return [LedgerEvent(r.id, r.at, r.name, r.values["hazard_id"], r.values["version"]) for r in rows]
