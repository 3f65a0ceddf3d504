"""Areas as administrators draw them: a polygon that belongs to a unit, found before the nearest place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Invalid
from app.units.geometry import Position, area_m2
from app.units.managing import managed_area, managed_unit
from app.units.models import AreaRow
from app.units.naming import faults_of_name, written_name
from app.units.outlines import faults_of_outline
from app.units.queries import Unit, unit_by_id


@dataclass(frozen=True)
class Area:
    """One area in use; corners in WGS-84 degrees."""

    key: str
    name: str
    unit_id: int
    corners: tuple[Position, ...]

    @property
    def size_m2(self) -> float:
        """Square metres."""
        return area_m2(self.corners)


def areas_in(session: Session, unit_ids: Collection[int]) -> list[Area]:
    """The areas in use of exactly these units, oldest first."""
    asked = select(AreaRow).where(AreaRow.unit_id.in_(unit_ids), AreaRow.retired_at.is_(None)).order_by(AreaRow.id)
    return [area_of(row) for row in session.execute(asked).scalars()]


def area_of(row: AreaRow) -> Area:
    """The area behind a row."""
    return Area(row.key, row.name, row.unit_id, tuple((lat, lon) for lat, lon in row.polygon))


def make_area(
    unit_code: str, *, name: str, corners: Sequence[Position], by: Actor, at: datetime, db: Database
) -> Area:
    """A new area of a unit that `by` manages; corners in WGS-84 degrees, in order along the outline.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: with every fault.
    """
    with db.write() as session:
        unit = managed_unit(session, unit_code, by=by)
        called = _checked(name, corners)
        if unit.retired:
            raise Invalid(Fault("name", "unit_retired"))
        made = AreaRow(name=called, unit_id=unit.id, polygon=[list(corner) for corner in corners])
        session.add(made)
        session.flush()
        _record(session, made, {}, _told(made) | {"unit": unit.name}, by=by, at=at)
        return area_of(made)


def change_area(
    key: str, *, name: str, corners: Sequence[Position], by: Actor, at: datetime, db: Database
) -> Unit:
    """Another name or outline. Returns the unit it belongs to.

    Raises:
        NotFound: absent, retired, or not managed by `by`.
        Invalid: with every fault.
    """
    with db.write() as session:
        row = managed_area(session, key, by=by)
        called, before = _checked(name, corners), _told(row)
        row.name, row.polygon = called, [list(corner) for corner in corners]
        session.flush()
        _record(session, row, before, _told(row), by=by, at=at)
        return unit_by_id(session, row.unit_id)


def retire_area(key: str, *, by: Actor, at: datetime, db: Database) -> Unit:
    """Nobody is routed by it from now on. Returns the unit it belonged to.

    Raises:
        NotFound: absent, already retired, or not managed by `by`.
    """
    with db.write() as session:
        row = managed_area(session, key, by=by)
        row.retired_at = at
        session.flush()
        _record(session, row, {"in_use": True}, {"in_use": False}, by=by, at=at)
        return unit_by_id(session, row.unit_id)


def _checked(name: str, corners: Sequence[Position]) -> str:
    called = written_name(name)
    faults = [*faults_of_name(called), *faults_of_outline(corners)]
    if faults:
        raise Invalid(*faults)
    return called


def _told(row: AreaRow) -> dict[str, object]:
    """The outline itself is kept too: a record of changes must let anybody draw what was."""
    return {"name": row.name, "corners": [list(corner) for corner in row.polygon]}


def _record(
    session: Session, row: AreaRow, before: dict[str, object], after: dict[str, object], *, by: Actor, at: datetime
) -> None:
    record_change(
        session,
        kind="area",
        subject=row.key,
        name=row.name,
        unit_id=row.unit_id,
        before=before,
        after=after,
        account_id=by.account_id,
        at=at,
    )
