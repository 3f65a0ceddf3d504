"""Lists of hazards: one's own, the inbox in order of urgency, and what the API lists; all cut to the reader."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.accounts.queries import names_of
from app.core.errors import Fault, Invalid
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.lifecycle import OPEN, State
from app.hazards.models import FollowerRow, HazardRow
from app.hazards.queries import is_overdue
from app.hazards.views import HazardLine
from app.hazards.words import Category, Level
from app.units.models import UnitRow
from app.units.queries import covered_by, places_by_id, unit_by_code, units_by_id

PAGE: Final = 50


class Urgency(StrEnum):
    """The groups of the inbox, most urgent first."""

    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    TO_ACCEPT = "to_accept"
    TO_REINSPECT = "to_reinspect"
    CONTESTED = "contested"
    UNDER_WAY = "under_way"


@dataclass(frozen=True)
class Inbox:
    """What waits for a person: how many in each group, and the lines in order of urgency."""

    counts: dict[Urgency, int]
    lines: tuple[tuple[Urgency, HazardLine], ...]
    total: int


@dataclass(frozen=True)
class ListPage:
    """One page of a list and the cursor of the next, if there is one."""

    items: tuple[HazardLine, ...]
    next: str | None


@dataclass(frozen=True)
class ListFilter:
    """What the API's list may be narrowed by."""

    state: State | None = None
    unit_code: str | None = None
    mine: bool = False
    overdue: bool = False
    words: str | None = None


def visible_to(session: Session, by: Actor) -> ColumnElement[bool]:
    """A condition on `HazardRow` joined to `UnitRow`: the actor may see at least the public part."""
    public = covered_by(session, by.units_where(Permission.HAZARD_READ_PUBLIC))
    return or_(known_to(session, by), mine(by), and_(public, HazardRow.state != State.WITHDRAWN))


def known_to(session: Session, by: Actor) -> ColumnElement[bool]:
    """A condition on `HazardRow` joined to `UnitRow`: the actor sees more than the public part."""
    reads = covered_by(session, by.units_where(Permission.HAZARD_READ))
    return or_(reads, _reported(by), _assigned(by))


def mine(by: Actor) -> ColumnElement[bool]:
    """Reported or claimed by the actor, or followed since the own report was merged into it."""
    followed = select(FollowerRow.hazard_id).where(FollowerRow.account_id == by.account_id)
    return or_(_reported(by), HazardRow.id.in_(followed))


def _reported(by: Actor) -> ColumnElement[bool]:
    return or_(HazardRow.reporter_id == by.account_id, HazardRow.claimed_by_id == by.account_id)


def _assigned(by: Actor) -> ColumnElement[bool]:
    return HazardRow.rectifier_id == by.account_id


def hazard_list(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    narrowed: ListFilter = ListFilter(),  # frozen
    limit: int = PAGE,
    cursor: str | None = None,
) -> ListPage:
    """Hazards the actor may see, newest first; `cursor` is the `next` of the page before.

    Raises:
        Invalid: the cursor is none of ours.
    """
    query = _hazards().where(visible_to(session, by)).order_by(HazardRow.id.desc()).limit(limit + 1)
    query = query.where(*_narrowing(session, narrowed, by=by, at=at))
    if cursor is not None:
        if re.fullmatch(r"[0-9]{1,18}", cursor) is None:
            raise Invalid(Fault("cursor", "not_a_cursor"))
        query = query.where(HazardRow.id < int(cursor))
    hazards = session.execute(query).scalars().all()
    shown = hazards[:limit]
    lines = tuple(lines_of(session, shown, by=by, at=at))
    return ListPage(lines, str(shown[-1].id) if len(hazards) > limit else None)


def _hazards() -> Select[HazardRow]:
    return select(HazardRow).join(UnitRow, UnitRow.id == HazardRow.unit_id)


def _narrowing(session: Session, narrowed: ListFilter, *, by: Actor, at: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrowed.state is not None:
        conditions.append(HazardRow.state == narrowed.state)
    if narrowed.unit_code is not None:
        unit = unit_by_code(session, narrowed.unit_code)
        conditions.append(covered_by(session, [unit.id] if unit else []))
    if narrowed.mine:
        conditions.append(mine(by))
    if narrowed.overdue:
        conditions.append(and_(HazardRow.state == State.RECTIFYING, HazardRow.deadline < at))
    if narrowed.words:
        # The public part has no description: searching it there would let a reader guess its words.
        said = HazardRow.description.icontains(narrowed.words, autoescape=True)
        number = HazardRow.number.icontains(narrowed.words, autoescape=True)
        conditions.append(or_(number, and_(known_to(session, by), said)))
    return conditions


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the next day in the zone."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone)


def inbox(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    zone: ZoneInfo,
    only: Urgency | None = None,
    limit: int = 100,
) -> Inbox:
    """What waits for this person, most urgent first: an officer's units, a rectifier's tasks, the union's appeals.

    "Today" ends with the day in `zone`.
    """
    urgency = _urgency(at=at, today_ends=end_of_day(at, zone))
    commanded = covered_by(
        session, by.units_where(Permission.HAZARD_TRIAGE) | by.units_where(Permission.HAZARD_OVERSEE)
    )
    arbitrated = covered_by(session, by.units_where(Permission.HAZARD_ARBITRATE))
    theirs = or_(
        commanded,
        and_(arbitrated, _is_appealed()),
        and_(_assigned(by), HazardRow.state == State.RECTIFYING),
    )
    # The states first: closed hazards are many, and an index finds the others.
    waiting = and_(or_(HazardRow.state.in_(OPEN), _is_contested()), theirs)
    ranks = [*Urgency]
    counted = session.execute(
        select(urgency, func.count())
        .select_from(HazardRow)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(waiting)
        .group_by(urgency)
    )
    counts = {ranks[rank]: count for rank, count in counted}
    if limit == 0:
        return Inbox({group: counts.get(group, 0) for group in Urgency}, (), sum(counts.values()))
    query = _hazards().add_columns(urgency).where(waiting)
    if only is not None:
        query = query.where(urgency == ranks.index(only))
    rows = session.execute(
        query.order_by(urgency, func.coalesce(HazardRow.deadline, HazardRow.arrived_at), HazardRow.id).limit(limit)
    ).all()
    lines = lines_of(session, [row[0] for row in rows], by=by, at=at)
    grouped = tuple((ranks[row[1]], line) for row, line in zip(rows, lines, strict=True))
    return Inbox({group: counts.get(group, 0) for group in Urgency}, grouped, sum(counts.values()))


def _is_appealed() -> ColumnElement[bool]:
    return and_(
        HazardRow.state == State.REJECTED,
        HazardRow.appealed_at.is_not(None),
        HazardRow.appeal_decided_at.is_(None),
    )


def _is_contested() -> ColumnElement[bool]:
    objected = and_(
        HazardRow.state == State.CLOSED,
        HazardRow.objected_at.is_not(None),
        HazardRow.objection_decided_at.is_(None),
    )
    return or_(_is_appealed(), objected)


def _urgency(*, at: datetime, today_ends: datetime) -> ColumnElement[Any]:
    ranks = {group: rank for rank, group in enumerate(Urgency)}
    under_way = HazardRow.state == State.RECTIFYING
    return case(
        (and_(under_way, HazardRow.deadline < at), ranks[Urgency.OVERDUE]),
        (and_(under_way, HazardRow.deadline < today_ends), ranks[Urgency.DUE_TODAY]),
        (HazardRow.state == State.SUBMITTED, ranks[Urgency.TO_ACCEPT]),
        (HazardRow.state == State.REVIEWING, ranks[Urgency.TO_REINSPECT]),
        (_is_contested(), ranks[Urgency.CONTESTED]),
        (or_(under_way, HazardRow.state == State.NEED_INFO), ranks[Urgency.UNDER_WAY]),
        else_=None,
    )


def lines_by_number(session: Session, numbers: Sequence[str], *, by: Actor, at: datetime) -> list[HazardLine]:
    """These hazards as lines, in this order; those the actor may not see are left out."""
    query = _hazards().where(HazardRow.number.in_(numbers), visible_to(session, by))
    found = {hazard.number: hazard for hazard in session.execute(query).scalars()}
    return list(lines_of(session, [found[number] for number in numbers if number in found], by=by, at=at))


def lines_of(session: Session, hazards: Sequence[HazardRow], *, by: Actor, at: datetime) -> Iterable[HazardLine]:
    """The hazards as lines, in their order; descriptions only where the reader sees more than the public part."""
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    places = places_by_id(session, [hazard.place_id for hazard in hazards])
    names = names_of(session, [hazard.rectifier_id for hazard in hazards])
    pictures = _first_pictures(session, [hazard.id for hazard in hazards])
    for hazard in hazards:
        unit = units[hazard.unit_id]
        is_mine = by.account_id in {hazard.reporter_id, hazard.claimed_by_id}
        knows = (
            is_mine or hazard.rectifier_id == by.account_id or by.can(Permission.HAZARD_READ, lineage=unit.lineage)
        )
        place = places.get(hazard.place_id) if hazard.place_id else None
        rectifier = names.get(hazard.rectifier_id) if hazard.rectifier_id else hazard.rectifier_name
        yield HazardLine(
            number=hazard.number,
            state=State(hazard.state),
            version=hazard.version,
            level=Level(hazard.level) if hazard.level else None,
            category=Category(hazard.category) if hazard.category else None,
            description=hazard.description if knows else None,
            place=place.name if place else None,
            location_text=hazard.location_text,
            unit=unit,
            rectifier=rectifier if knows else None,
            is_mine=is_mine,
            anonymous=hazard.anonymous,
            submitted_at=hazard.submitted_at,
            arrived_at=hazard.arrived_at,
            deadline=hazard.deadline if knows else None,
            is_overdue=is_overdue(hazard, at=at),
            closed_at=hazard.closed_at,
            photo_n=pictures.get(hazard.id),
        )


def _first_pictures(session: Session, hazard_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(PhotoRow.hazard_id, func.min(PhotoRow.n))
        .where(PhotoRow.hazard_id.in_(hazard_ids), PhotoRow.status == PhotoStatus.READY)
        .group_by(PhotoRow.hazard_id)
    )
    return {row[0]: row[1] for row in rows}
