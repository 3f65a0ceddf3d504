"""Lists of hazards, newest first: one's own, the unit's, what is sought; all cut to the reader."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from heapq import merge
from itertools import groupby, islice
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.accounts.queries import names_of
from app.core.errors import Fault, Invalid
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.lifecycle import State
from app.hazards.models import FollowerRow, HazardRow
from app.hazards.queries import is_contested, is_overdue
from app.hazards.search import indexed_ids, meant_by, personal_ids
from app.hazards.views import HazardLine
from app.hazards.words import Category, Level
from app.hazards.words_index import in_units, with_facet
from app.units.models import UnitRow
from app.units.queries import covered_by, places_by_id, unit_by_code, units_by_id

PAGE: Final = 50
CHECKED_MOST: Final = 500
"""Candidates looked at with one query."""


@dataclass(frozen=True)
class ListPage:
    """One page of a list and the cursor of the next, if there is one."""

    items: tuple[HazardLine, ...]
    next: str | None


@dataclass(frozen=True)
class ListFilter:
    """What a list may be narrowed by; `words` are sought in number, words, place and people.

    `more` are conditions on `HazardRow` joined to `UnitRow`. They may ask what the public part does not tell (who
    repairs, what waits), so with any of them only what is known to the reader is listed.
    """

    state: State | None = None
    unit_code: str | None = None
    mine: bool = False
    overdue: bool = False
    words: str | None = None
    category: Category | None = None
    level: Level | None = None
    more: tuple[ColumnElement[bool], ...] = ()


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
    """Hazards the actor may see, newest first; `cursor` is the `next` of the page before: its last number.

    Raises:
        Invalid: the cursor is none of ours.
    """
    checked = [visible_to(session, by), *_narrowing(session, narrowed, by=by, at=at)]
    ids = _candidates(session, narrowed, by=by, before=_id_of(session, cursor), step=limit + 1)
    hazards: list[HazardRow] = []
    step = limit + 1
    while len(hazards) <= limit and (some := list(islice(ids, step))):
        # The index proposes, the conditions dispose: what it holds of too much is never shown.
        found = session.execute(_hazards().where(HazardRow.id.in_(some), *checked)).scalars()
        hazards += sorted(found, key=lambda hazard: -hazard.id)
        # Where little holds, much is looked through: in ever larger handfuls.
        step = min(step * 2, CHECKED_MOST)
    lines = tuple(lines_of(session, hazards[:limit], by=by, at=at))
    return ListPage(lines, lines[-1].number if len(hazards) > limit else None)


def recent_places(session: Session, account_id: int, *, limit: int = 10) -> tuple[int, ...]:
    """The places of this account's own reports, the last one first, retired ones too; no anonymous report's."""
    latest = func.max(HazardRow.id)
    rows = session.execute(
        select(HazardRow.place_id)
        .where(HazardRow.reporter_id == account_id, HazardRow.place_id.is_not(None))
        .group_by(HazardRow.place_id)
        .order_by(latest.desc())
        .limit(limit)
    ).scalars()
    return tuple(place_id for place_id in rows if place_id is not None)


def _id_of(session: Session, cursor: str | None) -> int | None:
    if cursor is None:
        return None
    found = session.execute(select(HazardRow.id).where(HazardRow.number == cursor)).scalar_one_or_none()
    if found is None:
        raise Invalid(Fault("cursor", "not_a_cursor"))
    return found


def _candidates(
    session: Session, narrowed: ListFilter, *, by: Actor, before: int | None, step: int
) -> Iterator[int]:
    """Ids that may be on the page, newest first, each once."""
    facets = [
        with_facet(kind, value)
        for kind, value in (
            ("s", State.RECTIFYING if narrowed.overdue else narrowed.state),
            ("c", narrowed.category),
            ("l", narrowed.level),
        )
        if value
    ]
    if narrowed.unit_code is not None:
        unit = unit_by_code(session, narrowed.unit_code)
        facets.append(in_units([unit.id] if unit else []))
    sought = meant_by(session, narrowed.words, facets, by=by)
    ways = personal_ids(session, sought, by=by, before=before, step=step, assigned=not narrowed.mine)
    if not narrowed.mine:
        ways.append(indexed_ids(session, sought, by=by, before=before, step=step))
    return (hazard_id for hazard_id, _same in groupby(merge(*ways, reverse=True)))


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
    if narrowed.category is not None:
        conditions.append(HazardRow.category == narrowed.category)
    if narrowed.level is not None:
        conditions.append(HazardRow.level == narrowed.level)
    if narrowed.more:
        conditions += [known_to(session, by), *narrowed.more]
    return conditions


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the next day in the zone."""
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone)


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
            extension_deadline=hazard.extension_deadline if knows else None,
            is_contested=knows and is_contested(hazard),
        )


def _first_pictures(session: Session, hazard_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(PhotoRow.hazard_id, func.min(PhotoRow.n))
        .where(PhotoRow.hazard_id.in_(hazard_ids), PhotoRow.status == PhotoStatus.READY)
        .group_by(PhotoRow.hazard_id)
    )
    return {row[0]: row[1] for row in rows}
