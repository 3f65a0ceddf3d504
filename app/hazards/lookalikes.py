"""Duplicates before they are tickets: open hazards of the same category at the same place or within 100 m.

Facts only, for a person to judge by the pictures; cut to what the reader may see (domain.md §5, "Who reads").
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil, cos, radians
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.evidence.models import PhotoRow, PhotoStatus
from app.hazards.case import find_case
from app.hazards.lifecycle import OPEN
from app.hazards.lists import lines_of, visible_to
from app.hazards.models import HazardRow
from app.hazards.views import HazardLine
from app.hazards.words import Stage
from app.units.geometry import METRES_PER_DEGREE, Position, distance_m
from app.units.models import UnitRow
from app.units.queries import Place

NEAR_M: Final = 100.0
"""How far apart two reports of one hazard may have been taken, in metres along the ellipsoid."""
SHOWN_MOST: Final = 6
_LOOKED_AT_MOST: Final = 60
"""Of the box around the point; its corners lie outside the circle."""


@dataclass(frozen=True)
class Lookalike:
    """One open hazard that may be the same; `metres` away, rounded up, None at the same place."""

    line: HazardLine
    metres: int | None


def lookalikes(
    session: Session,
    *,
    category: str | None,
    place: Place | None,
    position: Position | None,
    by: Actor,
    at: datetime,
    limit: int = SHOWN_MOST,
) -> tuple[Lookalike, ...]:
    """Open hazards that a report here and of this category may repeat; only those with a picture.

    The likeliest first, for a page shows few at once: those of the same place, then the others, each newest first.

    `position` is (lat, lon) in WGS-84 degrees; without a category or any location nothing looks alike.
    """
    here = _Here(place.id if place else None, position)
    query = _near(here, category).where(visible_to(session, by), _has_picture()).limit(_LOOKED_AT_MOST)
    return _judged(session, query, here, by=by, at=at, limit=limit)


def lookalikes_of(
    session: Session, number: str, *, by: Actor, at: datetime, limit: int = SHOWN_MOST
) -> tuple[Lookalike, ...]:
    """Open hazards of the same unit that this one may repeat, the likeliest first: what it could be merged into.

    Raises:
        NotFound: the hazard is absent or foreign.
    """
    hazard = find_case(session, number, by=by).hazard
    position = None if hazard.lat is None or hazard.lon is None else (hazard.lat, hazard.lon)
    here = _Here(hazard.place_id, position)
    query = _near(here, hazard.category).where(
        HazardRow.unit_id == hazard.unit_id, HazardRow.id != hazard.id, visible_to(session, by)
    )
    return _judged(session, query.limit(_LOOKED_AT_MOST), here, by=by, at=at, limit=limit)


@dataclass(frozen=True)
class _Here:
    place_id: int | None
    position: Position | None

    def metres_to(self, hazard: HazardRow) -> int | None:
        """None at the same place; else how far."""
        if self.place_id is not None and hazard.place_id == self.place_id:
            return None
        assert self.position is not None  # noqa: S101  # the query found it by its position
        assert hazard.lat is not None  # noqa: S101
        assert hazard.lon is not None  # noqa: S101
        return ceil(distance_m(self.position, (hazard.lat, hazard.lon)))


def _near(here: _Here, category: str | None) -> Select[HazardRow]:
    """The open hazards of the category in the box: state, category and latitude are one index."""
    places: list[ColumnElement[bool]] = [false()]
    if category is not None and here.place_id is not None:
        places.append(HazardRow.place_id == here.place_id)
    if category is not None and here.position is not None:
        places.append(_in_box(here.position))
    return (
        select(HazardRow)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(HazardRow.state.in_(OPEN), HazardRow.category == category, or_(*places))
        .order_by(HazardRow.id.desc())
    )


def _in_box(position: Position) -> ColumnElement[bool]:
    """A box that surely holds the circle; across the date line and at the poles it is a whole ring."""
    lat, lon = position
    up = NEAR_M / METRES_PER_DEGREE
    ring = HazardRow.lat.between(lat - up, lat + up)
    narrowest = cos(radians(min(abs(lat) + up, 90.0)))
    right = 180.0 if narrowest * 180.0 <= up else up / narrowest
    if lon - right < -180 or lon + right > 180:  # noqa: PLR2004  # the date line
        return ring
    return and_(ring, HazardRow.lon.between(lon - right, lon + right))


def _has_picture() -> ColumnElement[bool]:
    return (
        select(PhotoRow.id)
        .where(
            PhotoRow.hazard_id == HazardRow.id,
            PhotoRow.stage == Stage.BEFORE,
            PhotoRow.status == PhotoStatus.READY,
        )
        .exists()
    )


def _judged(
    session: Session, query: Select[HazardRow], here: _Here, *, by: Actor, at: datetime, limit: int
) -> tuple[Lookalike, ...]:
    found = [(hazard, here.metres_to(hazard)) for hazard in session.execute(query).scalars()]
    near = [(hazard, metres) for hazard, metres in found if metres is None or metres <= NEAR_M]
    near = sorted(near, key=lambda one: one[1] is not None)[:limit]
    lines = lines_of(session, [hazard for hazard, _metres in near], by=by, at=at)
    return tuple(Lookalike(line, metres) for line, (_hazard, metres) in zip(lines, near, strict=True))
