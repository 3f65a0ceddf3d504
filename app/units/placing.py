"""Places as administrators set them up: make, change and retire a spot with a printed code."""

from dataclasses import replace
from datetime import datetime

from app.accounts.actor import Actor
from app.core.db import Database
from app.core.errors import Fault, Invalid
from app.units.correcting import PlaceWords, record_place, set_place
from app.units.making import add_place, faults_of_position
from app.units.managing import managed_place, managed_unit, manages
from app.units.models import fresh_scan_code
from app.units.naming import faults_of_name, written_code, written_name
from app.units.queries import Place, Unit, unit_by_code, unit_by_id


def make_place(
    unit_code: str, words: PlaceWords, *, code: str | None, by: Actor, at: datetime, db: Database
) -> Place:
    """A new place in a unit that `by` manages; without a code one is made.

    Raises:
        NotFound: the unit is absent or not managed by `by`.
        Invalid: as `add_place`.
    """
    with db.write() as session:
        return add_place(
            session,
            code=code,
            name=words.name,
            unit=managed_unit(session, unit_code, by=by),
            lat=words.lat,
            lon=words.lon,
            allows_guests=words.allows_guests,
            account_id=by.account_id,
            at=at,
        )


def change_place(
    code: str, words: PlaceWords, *, unit_code: str | None = None, by: Actor, at: datetime, db: Database
) -> Unit:
    """Another name, position, unit, or whether guests report here. The code stays: it hangs on a wall.

    Returns the unit it stands in now.

    Raises:
        NotFound: absent, retired, or not managed by `by`.
        Invalid: with every fault; the new unit must be managed by `by` too.
    """
    with db.write() as session:
        row = managed_place(session, code, by=by)
        name = written_name(words.name)
        old = unit_by_id(session, row.unit_id)
        new = unit_by_code(session, written_code(unit_code)) if unit_code else old
        faults = [*faults_of_name(name), *faults_of_position(words.lat, words.lon)]
        if new is None or not manages(new, by=by):
            raise Invalid(*faults, Fault("unit", "unknown_unit"))
        if new.retired:
            faults.append(Fault("unit", "unit_retired"))
        if faults:
            raise Invalid(*faults)
        checked = replace(words, name=name)
        set_place(session, row, checked, units=(old, new), account_id=by.account_id, at=at)
        return new


def renew_scan_code(code: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Another QR code from now on; the one that hangs on a wall somewhere answers like one that never was.

    The record of changes tells that it was renewed, and neither code.

    Raises:
        NotFound: absent, retired, or not managed by `by`.
    """
    with db.write() as session:
        row = managed_place(session, code, by=by)
        row.scan_code = fresh_scan_code()
        record_place(session, row, {}, {"scan_code_renewed": True}, account_id=by.account_id, at=at)


def retire_place(code: str, *, by: Actor, at: datetime, db: Database) -> Unit:
    """The printed code opens nothing from now on; hazards reported here keep the place's name.

    Returns the unit it stood in.

    Raises:
        NotFound: absent, already retired, or not managed by `by`.
    """
    with db.write() as session:
        row = managed_place(session, code, by=by)
        row.retired_at = at
        record_place(session, row, {"in_use": True}, {"in_use": False}, account_id=by.account_id, at=at)
        return unit_by_id(session, row.unit_id)
