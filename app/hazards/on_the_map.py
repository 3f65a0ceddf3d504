"""Hazards as a map shows them: each where its reader may know it to lie.

Who reads a hazard in full sees where it was found. Everybody else sees the place it is at and never a position
that a phone or a photo told, but for the own reports. An anonymous hazard's position might tell who reported it:
only the line of command, which may read reporters' names, sees more of it than the place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.hazards.lifecycle import OPEN, State
from app.hazards.lists import ListFilter, hazard_list
from app.hazards.models import HazardRow
from app.hazards.views import HazardLine
from app.units.geometry import Position
from app.units.queries import Place, Unit, places_by_id, subtree

MOST: Final = 300
"""Marks on one map: more is no picture any more, and slow on a phone."""


class Shown(StrEnum):
    """Which hazards a map shows; `OPEN` is what somebody has still to do, `ALL` adds the closed ones."""

    OPEN = "open"
    OVERDUE = "overdue"
    SUBMITTED = "submitted"
    NEED_INFO = "need_info"
    RECTIFYING = "rectifying"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class Marked:
    """One hazard; `at` is where it is drawn for this reader (WGS-84), None when that is not known or not told.

    `place` is set when it is drawn at its place, or has nothing but a place's name.
    """

    line: HazardLine
    place: Place | None
    at: Position | None


@dataclass(frozen=True)
class OnTheMap:
    """What a map shows, open hazards first, each newest first; `is_cut` when there were more than it holds."""

    hazards: tuple[Marked, ...]
    is_cut: bool


def units_on_the_map(session: Session, *, by: Actor) -> list[Unit]:
    """The units whose hazards this person sees at least in part, parents before children."""
    return subtree(session, by.units_where(Permission.HAZARD_READ) | by.units_where(Permission.HAZARD_READ_PUBLIC))


def hazards_on_the_map(
    session: Session, *, by: Actor, at: datetime, shown: Shown, unit_code: str | None = None, most: int = MOST
) -> OnTheMap:
    """The hazards this person may see, in the units below `unit_code` (None: all), at most `most` of them."""
    lines: list[HazardLine] = []
    for handful in _handfuls(shown):
        found = [
            line
            for narrowed in handful
            for line in hazard_list(
                session,
                by=by,
                at=at,
                narrowed=ListFilter(state=narrowed, unit_code=unit_code, overdue=shown is Shown.OVERDUE),
                limit=most + 1,
            ).items
        ]
        lines += sorted(found, key=lambda line: line.submitted_at, reverse=True)
        if len(lines) > most:
            break
    return OnTheMap(tuple(_marked(session, lines[:most], by=by)), len(lines) > most)


def _handfuls(shown: Shown) -> tuple[Collection[State | None], ...]:
    """States to ask for, in the order in which a map is filled; None asks for any."""
    if shown is Shown.OVERDUE:
        return ((None,),)
    if shown is Shown.OPEN:
        return (sorted(OPEN),)
    if shown is Shown.ALL:
        return (sorted(OPEN), (State.CLOSED,))
    return ((State(shown),),)


def _marked(session: Session, lines: Collection[HazardLine], *, by: Actor) -> list[Marked]:
    numbers = [line.number for line in lines]
    asked = select(HazardRow.number, HazardRow.place_id, HazardRow.lat, HazardRow.lon, HazardRow.anonymous).where(
        HazardRow.number.in_(numbers)
    )
    rows = {row.number: row for row in session.execute(asked)}
    places = places_by_id(session, [row.place_id for row in rows.values()])
    found = []
    for line in lines:
        row = rows[line.number]
        own = (row.lat, row.lon) if row.lat is not None and _knows_the_spot(line, by=by) else None
        found.append(_stands(line, places.get(row.place_id or 0), own))
    return found


def _knows_the_spot(line: HazardLine, *, by: Actor) -> bool:
    needed = Permission.HAZARD_READ_REPORTER if line.anonymous else Permission.HAZARD_READ
    return line.is_mine or by.can(needed, lineage=line.unit.lineage)


def _stands(line: HazardLine, place: Place | None, own: Position | None) -> Marked:
    """At the place, unless it was found beside it and this reader knows where."""
    stands = None if place is None or place.lat is None or place.lon is None else (place.lat, place.lon)
    if own is None or own == stands:
        return Marked(line, place, stands)
    return Marked(line, None, own)
