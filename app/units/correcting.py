"""Correcting units and places inside a caller's transaction: written, and in the record of changes.

Whoever calls has decided that the person may, and checked the words: the use cases of `app.units.arranging` and
`app.units.placing` for one at a time, the import of a workbook for many. `app.units.making` is for new ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.core.changes import record_change
from app.units.making import enter_headcount, position_text
from app.units.managing import unit_row
from app.units.models import PlaceRow
from app.units.queries import Unit, forget_units, headcount_on, unit_by_id


@dataclass(frozen=True)
class UnitWords:
    """What is typed about a unit; a missing code is made or stays, a missing zone is the parent's or stays."""

    name: str
    kind: str
    code: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class PlaceWords:
    """What is typed about a place; degrees in WGS-84, both or neither."""

    name: str
    lat: float | None = None
    lon: float | None = None
    allows_guests: bool = False


def set_unit_words(
    session: Session, unit: Unit, words: UnitWords, *, account_id: int | None, at: datetime
) -> Unit:
    """The unit with another name, level, code or zone; nothing is written down when nothing differs."""
    row = unit_row(session, unit)
    before = {"code": row.code, "name": row.name, "kind": row.kind, "timezone": row.timezone}
    row.name, row.kind = words.name, words.kind
    row.code, row.timezone = words.code or row.code, words.timezone or row.timezone
    after = {"code": row.code, "name": row.name, "kind": row.kind, "timezone": row.timezone}
    session.flush()
    forget_units(session)
    # Found, and called, as it was: the record says what it is called since.
    record_unit(session, unit, before, after, account_id=account_id, at=at)
    return unit_by_id(session, unit.id)


def set_headcount(
    session: Session, unit: Unit, people: int, *, since: date, account_id: int | None, at: datetime
) -> None:
    """So many people in the unit with everything below it, from a day on in the unit's zone."""
    held = headcount_on(session, unit.id, since)
    enter_headcount(session, unit.id, people=people, day=since)
    told: dict[str, object] = {"people": people, "since": since.isoformat()}
    record_unit(session, unit, {"people": held}, told, account_id=account_id, at=at)


def set_place(
    session: Session,
    row: PlaceRow,
    words: PlaceWords,
    *,
    units: tuple[Unit, Unit],
    account_id: int | None,
    at: datetime,
) -> None:
    """The place with another name, position, or whether guests report here; `units`: where it was and is."""
    old, new = units
    before = _told_of_place(row, old)
    row.name, row.unit_id, row.allows_guests = words.name, new.id, words.allows_guests
    row.lat, row.lon = words.lat, words.lon
    record_place(session, row, before, _told_of_place(row, new), account_id=account_id, at=at)


def record_place(
    session: Session,
    row: PlaceRow,
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    account_id: int | None,
    at: datetime,
) -> None:
    """Write down what differs, under the code, name and unit that the place has now."""
    session.flush()
    record_change(
        session,
        kind="place",
        subject=row.code,
        name=row.name,
        unit_id=row.unit_id,
        before=before,
        after=after,
        account_id=account_id,
        at=at,
    )


def _told_of_place(row: PlaceRow, unit: Unit) -> dict[str, object]:
    position = position_text(row.lat, row.lon)
    told: dict[str, object] = {"name": row.name, "unit": unit.name, "allows_guests": row.allows_guests}
    return told if position is None else told | {"position": position}


def record_unit(
    session: Session,
    unit: Unit,
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    account_id: int | None,
    at: datetime,
) -> None:
    """Write down what differs, under the code and name that the unit had before."""
    record_change(
        session,
        kind="unit",
        subject=unit.code,
        name=unit.name,
        unit_id=unit.id,
        before={name: value for name, value in before.items() if value is not None},
        after=after,
        account_id=account_id,
        at=at,
    )
