"""The inbox: what waits for a person, in order of urgency, page by page, with exact counts.

Read off `desk_line`, whose primary key is (whose, stage, due, hazard): every part of every group is one range of
it, so the deepest page costs what the first does, and closed hazards, however many, cost nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.db import UtcDateTime
from app.hazards.desk_groups import GROUPS, REPAIR, Due, Part, Stage, Urgency
from app.hazards.desk_tables import DeskLineRow
from app.hazards.lists import end_of_day, lines_of
from app.hazards.models import HazardRow
from app.hazards.search import topmost
from app.hazards.views import HazardLine
from app.units.models import UnitRow
from app.units.queries import covered_by

PAGE: Final = 50


@dataclass(frozen=True)
class Mark:
    """The last line of a page: its group, when it is due, its number."""

    group: Urgency
    due: datetime
    number: str


@dataclass(frozen=True)
class Inbox:
    """What waits for a person: how many in each group, and one page in order of urgency.

    `next` marks the page after; None on the last.
    """

    counts: Mapping[Urgency, int]
    lines: tuple[tuple[Urgency, HazardLine], ...]
    total: int
    next: Mark | None = None


@dataclass(frozen=True)
class Whose:
    """Keys of `desk_line` and what else must hold there: one way in which hazards wait for somebody."""

    keys: tuple[str, ...]
    stages: frozenset[Stage]
    unless: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True)
class Span:
    """Now, and the first instant of tomorrow in the reader's zone."""

    at: datetime
    tomorrow: datetime

    def bounds(self, due: Due) -> tuple[datetime | None, datetime | None]:
        """From when, and until before when."""
        return {
            Due.EVER: (None, None),
            Due.PAST: (None, self.at),
            Due.TODAY: (self.at, self.tomorrow),
            Due.AHEAD: (self.at, None),
            Due.LATER: (self.tomorrow, None),
        }[due]

    def conditions(self, due: Due, behind: "Behind | None") -> Iterator[ColumnElement[bool]]:
        """The stretch as a range; of two beginnings only the later is said, or the index serves the other."""
        since, until = self.bounds(due)
        if until is not None:
            yield DeskLineRow.due < until
        if behind is not None and (since is None or behind.due >= since):
            last = tuple_(literal(behind.due, UtcDateTime()), literal(behind.hazard_id))
            yield tuple_(DeskLineRow.due, DeskLineRow.hazard_id) > last
        elif since is not None:
            yield DeskLineRow.due >= since


class Behind(NamedTuple):
    """The line that a page goes on behind."""

    due: datetime
    hazard_id: int


@dataclass(frozen=True)
class Desk:
    """A person's desk at a moment: the ways in which hazards come to it, narrowed or not."""

    ways: tuple[Whose, ...]
    decides: ColumnElement[bool]
    span: Span
    narrowed: tuple[ColumnElement[bool], ...] = field(default=())

    def ranges(self, group: Urgency, behind: Behind | None = None) -> Iterator[Select[datetime, int]]:
        """Every range of a group as a query without order."""
        for way in self.ways:
            for part in GROUPS[group]:
                if part.stage in way.stages:
                    yield self._range(way, part, behind)

    def _range(self, way: Whose, part: Part, behind: Behind | None) -> Select[datetime, int]:
        more = [*way.unless, *self.narrowed]
        if part.decides is not None:
            more.append(self.decides if part.decides else not_(self.decides))
        found = select(DeskLineRow.due, DeskLineRow.hazard_id).where(
            DeskLineRow.key.in_(way.keys),
            DeskLineRow.stage == part.stage,
            *self.span.conditions(part.due, behind),
        )
        if not more:
            return found
        return (
            found.join(HazardRow, HazardRow.id == DeskLineRow.hazard_id)
            .join(UnitRow, UnitRow.id == HazardRow.unit_id)
            .where(*more)
        )


def desk_of(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    zone: ZoneInfo,
    narrowed: tuple[ColumnElement[bool], ...] = (),
) -> Desk:
    """The desk of this person: an officer's and a head's units, the union's appeals, a rectifier's tasks."""
    triage, oversee = by.units_where(Permission.HAZARD_TRIAGE), by.units_where(Permission.HAZARD_OVERSEE)
    commanded = topmost(session, triage | oversee)
    arbitrated = topmost(session, by.units_where(Permission.HAZARD_ARBITRATE))
    elsewhere = (not_(covered_by(session, commanded)),) if commanded else ()
    ways = (
        Whose(_keys(commanded), frozenset(Stage)),
        Whose(_keys(arbitrated), frozenset({Stage.APPEALED}), elsewhere),
        Whose((f"a{by.account_id}",), frozenset(REPAIR), elsewhere),
    )
    own = or_(HazardRow.rectifier_id == by.account_id, HazardRow.extension_by_id == by.account_id)
    general = and_(DeskLineRow.stage == Stage.ASKING, covered_by(session, triage))
    major = and_(DeskLineRow.stage == Stage.ASKING_MAJOR, covered_by(session, oversee))
    # NULL is nobody: the request of a rectifier without an account is not ours.
    decides = and_(func.coalesce(own, False).is_(False), or_(general, major))
    span = Span(at, end_of_day(at, zone))
    return Desk(tuple(way for way in ways if way.keys), decides, span, narrowed)


def waits_in(session: Session, group: Urgency, *, by: Actor, at: datetime, zone: ZoneInfo) -> ColumnElement[bool]:
    """A condition on `HazardRow`: it stands in this group of the person's desk."""
    desk = desk_of(session, by=by, at=at, zone=zone)
    found = [way.with_only_columns(DeskLineRow.hazard_id) for way in desk.ranges(group)]
    return or_(false(), *(HazardRow.id.in_(ids) for ids in found))


def _keys(unit_ids: frozenset[int]) -> tuple[str, ...]:
    return tuple(f"u{unit_id}" for unit_id in sorted(unit_ids))


def counts_of(session: Session, desk: Desk) -> dict[Urgency, int]:
    """How many wait in each group, exactly."""
    counted = [
        select(literal(group.value).label("group"), func.count().label("n")).select_from(found.subquery())
        for group in Urgency
        for found in desk.ranges(group)
    ]
    counts = dict.fromkeys(Urgency, 0)
    if counted:
        for group, n in session.execute(union_all(*counted)):
            counts[Urgency(group)] += n
    return counts


def inbox(
    session: Session,
    *,
    by: Actor,
    at: datetime,
    zone: ZoneInfo,
    only: Urgency | None = None,
    narrowed: tuple[ColumnElement[bool], ...] = (),
    after: Mark | None = None,
    limit: int = PAGE,
    counted: Mapping[Urgency, int] | None = None,
) -> Inbox:
    """What waits for this person, most urgent first, then what is due first; "today" ends with the day in `zone`.

    `narrowed` are conditions of `app.hazards.desk_filters`; `after` is the `next` of the page before; with a
    limit of 0 only the counts are made, and with `counted` they are not made again.
    """
    desk = desk_of(session, by=by, at=at, zone=zone, narrowed=narrowed)
    counts = counts_of(session, desk) if counted is None else counted
    found: list[tuple[Urgency, datetime, int]] = []
    for group in _groups(only, after):
        if len(found) <= limit and limit:
            start = after if after is not None and after.group is group else None
            found += _page(session, desk, group, after=start, most=limit + 1 - len(found))
    shown = found[:limit]
    hazards = _hazards(session, [hazard_id for _group, _due, hazard_id in shown])
    lines = tuple(lines_of(session, hazards, by=by, at=at))
    last = shown[-1] if len(found) > limit and shown else None
    return Inbox(
        counts,
        tuple(zip((group for group, _due, _id in shown), lines, strict=True)),
        sum(counts.values()),
        Mark(last[0], last[1], lines[-1].number) if last else None,
    )


def _groups(only: Urgency | None, after: Mark | None) -> list[Urgency]:
    groups = [group for group in Urgency if only in {None, group}]
    ranks = list(Urgency)
    return [group for group in groups if after is None or ranks.index(group) >= ranks.index(after.group)]


def _page(
    session: Session, desk: Desk, group: Urgency, *, after: Mark | None, most: int
) -> list[tuple[Urgency, datetime, int]]:
    """The first of a group behind the mark, merged from its ranges."""
    order = (DeskLineRow.due, DeskLineRow.hazard_id)
    behind = None
    if after is not None:
        # The mark may have left the desk meanwhile; its number still says where it stood.
        last = session.execute(select(HazardRow.id).where(HazardRow.number == after.number)).scalar_one_or_none()
        behind = Behind(after.due, last or 0)
    ranges = [
        [(row.due, row.hazard_id) for row in session.execute(found.order_by(*order).limit(most))]
        for found in desk.ranges(group, behind)
    ]
    merged = (line for line, _same in groupby(merge(*ranges)))
    return [(group, due, hazard_id) for due, hazard_id in islice(merged, most)]


def _hazards(session: Session, ids: list[int]) -> list[HazardRow]:
    rows = session.execute(select(HazardRow).where(HazardRow.id.in_(ids))).scalars()
    found = {row.id: row for row in rows}
    return [found[hazard_id] for hazard_id in ids]
