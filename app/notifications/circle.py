"""The people around a case, read from its rows: what the pure rule `who_hears` decides from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow
from app.accounts.permissions import Role
from app.accounts.queries import people_with_role
from app.core.events import Event
from app.core.outbox import EventRow
from app.hazards.events import (
    DeadlineMarked,
    FirstActLate,
    HazardEvent,
    HazardFollowed,
    HazardMerged,
    HazardSupervised,
)
from app.hazards.lifecycle import Action, State
from app.hazards.models import FollowerRow, HazardRow, HistoryRow, RoutingRow
from app.hazards.words import Level
from app.notifications.kinds import Part
from app.notifications.who_hears import Accounts, Circle
from app.units.absence import deputies_on
from app.units.queries import Unit, unit_by_id

NO_STEP: Final = (DeadlineMarked, FirstActLate, HazardSupervised, HazardFollowed)
"""Events that are no step of the hazard's history: the step of the same version is somebody else's act."""
UNDER_WAY: Final = frozenset({State.RECTIFYING, State.REVIEWING, State.CLOSED})


@dataclass(frozen=True)
class Told:
    """An event with its case; unit, officer and state are those of the event, however late it is told."""

    event: HazardEvent
    at: datetime
    hazard: HazardRow
    unit: Unit
    officer_id: int | None
    steps: tuple[HistoryRow, ...]

    @property
    def state(self) -> str:
        """Where the hazard stood after this event."""
        return self.steps[-1].to_state if self.steps else self.hazard.state

    @property
    def step(self) -> HistoryRow | None:
        """The step of the hazard's history that this event tells of; None when the clock or the machine spoke."""
        if isinstance(self.event, NO_STEP) or not self.steps:
            return None
        last = self.steps[-1]
        return last if last.version == self.event.version and last.at == self.at else None

    @property
    def detail(self) -> dict[str, Any]:
        """What was said with the step."""
        return dict(self.step.detail) if self.step else {}

    def last(self, *actions: Action) -> HistoryRow | None:
        """The latest of these steps, up to this event."""
        return next((step for step in reversed(self.steps) if step.action in actions), None)


def told_of(session: Session, event_id: int, event: Event) -> Told | None:
    """The event with its case; None for an event that is not about a hazard."""
    if not isinstance(event, HazardEvent):
        return None
    at = session.execute(select(EventRow.at).where(EventRow.id == event_id)).scalar_one()
    hazard = session.execute(select(HazardRow).where(HazardRow.id == event.hazard_id)).scalar_one()
    steps = session.execute(
        select(HistoryRow)
        .where(HistoryRow.hazard_id == hazard.id, HistoryRow.version <= event.version)
        .order_by(HistoryRow.version)
    ).scalars()
    way = session.execute(
        select(RoutingRow.unit_id, RoutingRow.officer_id)
        .where(RoutingRow.hazard_id == hazard.id, RoutingRow.at <= at)
        .order_by(RoutingRow.id.desc())
        .limit(1)
    ).one_or_none()
    unit_id, officer_id = (way.unit_id, way.officer_id) if way else (hazard.unit_id, hazard.officer_id)
    return Told(event, at, hazard, unit_by_id(session, unit_id), officer_id, tuple(steps))


def circle_of(session: Session, told: Told) -> Circle:
    """Everybody around the case of this event."""
    hazard = told.hazard
    duty = _Duty.of(session, told.unit)
    officer_before, officer_now = _officers_by_routing(session, told)
    officers = _in_charge(told, duty)
    rectifier = _some(hazard.rectifier_id)
    heads = duty.nearest(duty.heads)
    superiors = duty.above(told.unit, but=officers)
    major = hazard.level == Level.MAJOR
    parts: dict[Part, Accounts] = {
        Part.REPORTER: _some(hazard.reporter_id or hazard.claimed_by_id),
        Part.FOLLOWER: _followers(session, told),
        Part.OFFICER: officers,
        Part.FORMER_OFFICER: tuple(a for a in _some(officer_before) if a not in officers),
        Part.RECTIFIER: rectifier,
        Part.RECTIFIER_OR_PROXY: rectifier or officers,
        Part.FORMER_RECTIFIER: tuple(a for a in _former_rectifier(session, told) if a not in rectifier),
        Part.VERIFIER: _verifiers(hazard, duty, heads=heads, superiors=superiors),
        Part.DECIDER: heads or superiors if major else officers,
        Part.REQUESTER: _actor_of(told.last(Action.REQUEST_EXTENSION)),
        Part.JUDGE: _actor_of(told.last(Action.CLOSE, Action.REJECT)),
        Part.HEAD: heads,
        Part.SUPERIOR: superiors,
        Part.UNION: duty.nearest(duty.reviewers),
        Part.NAMED: _named(told),
    }
    everybody = {account for accounts in parts.values() for account in accounts}
    deputies = _deputies(session, told, everybody)
    enabled = _enabled(session, everybody | {d for them in deputies.values() for d in them})
    return Circle(
        parts=parts,
        actor=_actor(session, told),
        enabled=enabled,
        deputies=deputies,
        major=major,
        on_the_spot=hazard.fixed_on_the_spot,
        officer_changed=officer_before != officer_now,
        decision=str(told.detail.get("decision") or ""),
        days=told.event.days if isinstance(told.event, DeadlineMarked) else 0,
    )


def _followers(session: Session, told: Told) -> Accounts:
    """Who follows it; of a hazard that was merged, who had joined it and went along to its master."""
    here = FollowerRow.hazard_id == told.hazard.id
    if isinstance(told.event, HazardMerged):
        went_along = and_(FollowerRow.from_hazard_id == told.hazard.id, FollowerRow.followed_at.is_not(None))
        here = or_(here, went_along)
    followers = select(FollowerRow.account_id).where(here).distinct().order_by(FollowerRow.account_id)
    return tuple(session.execute(followers).scalars())


def _some(account_id: int | None) -> Accounts:
    return () if account_id is None else (account_id,)


def _actor_of(step: HistoryRow | None) -> Accounts:
    return _some(step.actor_id) if step else ()


@dataclass(frozen=True)
class _Duty:
    """Who holds which role in the unit and above, by the depth of their unit: (depth, account)."""

    officers: tuple[tuple[int, int], ...]
    heads: tuple[tuple[int, int], ...]
    reviewers: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, session: Session, unit: Unit) -> "_Duty":
        depth = {unit_id: n for n, unit_id in enumerate(unit.lineage)}

        def held(role: Role) -> tuple[tuple[int, int], ...]:
            people = people_with_role(session, [role], unit_ids=unit.lineage)
            return tuple((depth[person.unit_id], person.account_id) for person in people)

        return cls(held(Role.OFFICER), held(Role.HEAD), held(Role.REVIEWER))

    @staticmethod
    def nearest(people: Sequence[tuple[int, int]], *, but: Collection[int] = ()) -> Accounts:
        """Those of the deepest unit that has any."""
        left = [(depth, account) for depth, account in people if account not in but]
        deepest = max((depth for depth, _ in left), default=0)
        return tuple(account for depth, account in left if depth == deepest)

    def above(self, unit: Unit, *, but: Collection[int]) -> Accounts:
        """The officers and heads of the nearest unit above; of a root unit, which has none above, its head."""
        own = len(unit.lineage) - 1
        over = [(depth, account) for depth, account in (*self.heads, *self.officers) if depth < own]
        found = self.nearest(over, but=but)
        return tuple(dict.fromkeys(found)) or self.nearest(self.heads)


def _in_charge(told: Told, duty: _Duty) -> Accounts:
    """Who accepted it, while it is under way; else whom it was routed to; else who is there at all."""
    serving = {account for _, account in duty.officers}
    wanted = [told.officer_id]
    if told.state in UNDER_WAY:
        wanted.insert(0, told.hazard.accepted_by_id)
    chosen = next((account for account in wanted if account in serving), None)
    return _some(chosen) or duty.nearest(duty.officers) or duty.nearest(duty.heads)


def _verifiers(hazard: HazardRow, duty: _Duty, *, heads: Accounts, superiors: Accounts) -> Accounts:
    """Who may close it: neither rectifier nor reporter, the nearest first; a major one by head or superior."""
    parts = {
        hazard.rectifier_id,
        hazard.rectified_by_id,
        hazard.reporter_id or hazard.claimed_by_id,
    } - {None}
    biased = {account for account in parts if account is not None}
    if hazard.level == Level.MAJOR:
        return tuple(a for a in dict.fromkeys((*heads, *superiors)) if a not in biased)
    return duty.nearest(duty.officers, but=biased) or duty.nearest(duty.heads, but=biased)


def _named(told: Told) -> Accounts:
    """Who took a handed-over hazard on: as its officer or as its rectifier, as the step says."""
    taken = told.hazard.rectifier_id if told.detail.get("duty") == "rectifier" else told.officer_id
    return _some(taken)


def _officers_by_routing(session: Session, told: Told) -> tuple[int | None, int | None]:
    """Who was in charge before this event, and who is since; the same when the event decided no way."""
    rows = session.execute(
        select(RoutingRow.officer_id, RoutingRow.at)
        .where(RoutingRow.hazard_id == told.hazard.id, RoutingRow.at <= told.at)
        .order_by(RoutingRow.id.desc())
        .limit(2)
    ).all()
    if not rows:
        return None, None
    now = rows[0].officer_id
    if rows[0].at != told.at:
        return now, now
    return (rows[1].officer_id if len(rows) > 1 else None), now


def _actor(session: Session, told: Told) -> int | None:
    """Who did it; following is no step of the hazard's history, so its row says who."""
    if isinstance(told.event, HazardFollowed):
        followed = select(FollowerRow.account_id).where(
            FollowerRow.hazard_id == told.hazard.id, FollowerRow.followed_at == told.at
        )
        return session.execute(followed.order_by(FollowerRow.id.desc()).limit(1)).scalar_one_or_none()
    return told.step.actor_id if told.step else None


def _former_rectifier(session: Session, told: Told) -> Accounts:
    """The account that was to repair before this event named another."""
    earlier = [
        step.detail["rectifier"] for step in told.steps if step is not told.step and step.detail.get("rectifier")
    ]
    if not earlier:
        return ()
    account = select(AccountRow.id).where(AccountRow.login == earlier[-1])
    return _some(session.execute(account).scalar_one_or_none())


def _deputies(session: Session, told: Told, accounts: Collection[int]) -> dict[int, Accounts]:
    """Who stands in on the day of the event for whom, in the unit's zone."""
    day = told.at.astimezone(told.unit.zone).date()
    return {absent: _some(deputy) for absent, deputy in deputies_on(session, day, accounts).items()}


def _enabled(session: Session, accounts: Collection[int]) -> frozenset[int]:
    rows = session.execute(
        select(AccountRow.id).where(AccountRow.id.in_(accounts), AccountRow.disabled_at.is_(None))
    ).scalars()
    return frozenset(rows)
