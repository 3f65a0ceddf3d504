"""Importing a workbook of units, people and places: what is known, what it would do, and doing it in one step."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import people
from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.people import RoleIn
from app.accounts.permissions import Permission
from app.accounts.roster import MadeLogins, account_of, accounts_of, as_now
from app.core.db import Database
from app.core.errors import Conflict
from app.units.correcting import PlaceWords, UnitWords, set_headcount, set_place, set_unit_words
from app.units.making import add_place, add_unit
from app.units.managing import managed_place
from app.units.models import PlaceRow, UnitRow
from app.units.queries import Unit, covered_by, headcount_on, subtree, unit_by_code, unit_by_id
from app.units.staff import members_of
from app.units.workbook import Workbook
from app.units.workbook_known import Doing, Known, KnownPerson, PersonSaid, PlaceSaid, Planned, UnitSaid
from app.units.workbook_plan import Plan, plan_of
from app.units.workbook_words import Sheet


class PlanChanged(Conflict):
    """Meanwhile something else was set up, and the rows do not fit any more: look at the dry run again."""


def dry_run(workbook: Workbook, *, by: Actor, at: datetime, db: Database) -> Plan:
    """What importing would do for this person now; nothing is written."""
    with db.read() as session:
        return plan_of(workbook, known_to_importer(session, by=by, at=at))


def import_workbook(workbook: Workbook, *, by: Actor, at: datetime, db: Database) -> Plan:
    """Do what the dry run showed, all of it or nothing: one transaction. Returns what was done.

    Raises:
        PlanChanged: what is set up has changed so that the workbook now has faults.
    """
    with db.write() as session:
        by = as_now(session, by)
        plan = plan_of(workbook, known_to_importer(session, by=by, at=at))
        if plan.faults:
            raise PlanChanged
        for unit in plan.units:
            _import_unit(session, unit, by=by, at=at)
        units = {unit.code: unit for unit in subtree(session, by.units_where(Permission.UNIT_MANAGE))}
        made = MadeLogins(session)
        # Typed logins first: one that is made must not take them.
        for person in sorted(plan.people, key=lambda row: row.said.login is None):
            _import_person(session, person, units, made, by=by, at=at)
        for place in plan.places:
            _import_place(session, place, units, by=by, at=at)
        return plan


def known_to_importer(session: Session, *, by: Actor, at: datetime) -> Known:
    """What this person manages, and which codes and logins are taken elsewhere."""
    tops = by.units_where(Permission.UNIT_MANAGE)
    managed = {unit.id: unit for unit in subtree(session, tops)}
    units = {
        unit.code: _unit_known(session, unit, managed, at=at) for unit in managed.values() if not unit.retired
    }
    named = {unit.id: unit.code for unit in managed.values() if not unit.retired}
    places, taken_places = _places_known(session, named)
    persons, taken_logins = _people_known(session, by)
    taken_units = set(session.execute(select(UnitRow.code)).scalars()) - units.keys()
    roots = [unit for unit in managed.values() if unit.parent_id not in managed]
    return Known(
        units,
        persons,
        places,
        {
            Sheet.UNITS: frozenset(taken_units),
            Sheet.PEOPLE: taken_logins,
            Sheet.PLACES: taken_places,
        },
        top=roots[0].code if len(roots) == 1 else "",
    )


def _unit_known(session: Session, unit: Unit, managed: dict[int, Unit], *, at: datetime) -> UnitSaid:
    parent = managed.get(unit.parent_id or 0)
    headcount = headcount_on(session, unit.id, at.astimezone(unit.zone).date())
    return UnitSaid(unit.code, unit.name, unit.kind, parent.code if parent else None, headcount)


def _people_known(session: Session, by: Actor) -> tuple[dict[str, KnownPerson], frozenset[str]]:
    inside = select(UnitRow.id).where(covered_by(session, by.units_where(Permission.UNIT_MANAGE)))
    rows = session.execute(select(AccountRow).where(AccountRow.home_unit_id.in_(inside))).scalars()
    met = members_of(session, accounts_of(session, rows), by=by)
    known = {
        one.account.login: KnownPerson(
            PersonSaid(
                one.account.login,
                one.account.name,
                one.home.code,
                frozenset((held.role, held.unit.code) for held in one.roles),
            ),
            one.is_wholly_managed,
        )
        for one in met
        if one.home is not None and one.account.disabled_at is None
    }
    return known, frozenset(set(session.execute(select(AccountRow.login)).scalars()) - known.keys())


def _places_known(session: Session, units: dict[int, str]) -> tuple[dict[str, PlaceSaid], frozenset[str]]:
    found: dict[str, PlaceSaid] = {}
    taken: set[str] = set()
    for row in session.execute(select(PlaceRow)).scalars():
        if row.unit_id in units and row.retired_at is None:
            found[row.code] = PlaceSaid(
                row.code, row.name, units[row.unit_id], row.lat, row.lon, row.allows_guests
            )
        else:
            taken.add(row.code)
    return found, frozenset(taken)


def _import_unit(session: Session, row: Planned[UnitSaid], *, by: Actor, at: datetime) -> None:
    said = row.said
    if row.doing is Doing.MAKE:
        parent = unit_by_code(session, said.parent or "")
        add_unit(
            session,
            code=said.code,
            name=said.name,
            kind=said.kind,
            parent=parent,
            headcount=said.headcount,
            timezone=None,
            account_id=by.account_id,
            at=at,
        )
    elif row.doing is Doing.CHANGE:
        _correct_unit(session, said, by=by, at=at)


def _correct_unit(session: Session, said: UnitSaid, *, by: Actor, at: datetime) -> None:
    unit = unit_by_code(session, said.code)
    assert unit is not None  # noqa: S101  # the plan knows it, in this transaction
    unit = set_unit_words(session, unit, UnitWords(said.name, unit.kind), account_id=by.account_id, at=at)
    today = at.astimezone(unit.zone).date()
    if said.headcount is not None and said.headcount != headcount_on(session, unit.id, today):
        set_headcount(session, unit, said.headcount, since=today, account_id=by.account_id, at=at)


def _import_person(
    session: Session,
    row: Planned[PersonSaid],
    units: dict[str, Unit],
    made: MadeLogins,
    *,
    by: Actor,
    at: datetime,
) -> None:
    said = row.said
    roles = [RoleIn(role, units[code]) for role, code in sorted(said.roles)]
    if row.doing is Doing.MAKE:
        people.add_person(
            session,
            login=said.login or made.next_for(units[said.unit].code),
            name=said.name,
            home=units[said.unit],
            roles=roles,
            account_id=by.account_id,
            at=at,
        )
    elif row.doing is Doing.CHANGE:
        account = account_of(session, row.key)
        assert account is not None  # noqa: S101  # the plan knows it, in this transaction
        if said.name != account.name:
            people.set_name(session, account, said.name, by=by, at=at)
        for given in roles:
            people.give_role(session, account, given, by=by, at=at)


def _import_place(
    session: Session, row: Planned[PlaceSaid], units: dict[str, Unit], *, by: Actor, at: datetime
) -> None:
    said = row.said
    if row.doing is Doing.MAKE:
        add_place(
            session,
            code=said.code,
            name=said.name,
            unit=units[said.unit],
            lat=said.lat,
            lon=said.lon,
            allows_guests=said.allows_guests,
            account_id=by.account_id,
            at=at,
        )
    elif row.doing is Doing.CHANGE:
        _correct_place(session, row.key, said, by=by, at=at)


def _correct_place(session: Session, code: str, said: PlaceSaid, *, by: Actor, at: datetime) -> None:
    row = managed_place(session, code, by=by)
    wanted = said.over(PlaceSaid(code, row.name, said.unit, row.lat, row.lon, row.allows_guests))
    words = PlaceWords(wanted.name, wanted.lat, wanted.lon, wanted.allows_guests)
    here = unit_by_id(session, row.unit_id)
    set_place(session, row, words, units=(here, here), account_id=by.account_id, at=at)
