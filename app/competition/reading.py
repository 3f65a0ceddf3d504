"""Which statements a person may read, and which month is asked for."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.competition.statements import Ranked, Statement, statement, statements_of
from app.core.errors import Fault, Invalid, NotFound
from app.units.queries import Unit, UnitKind, subtree, unit_by_code


def month_of_text(text: str) -> date:
    """The first day of a month written YYYY-MM.

    Raises:
        Invalid: it is none.
    """
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
    if match is None:
        raise Invalid(Fault("month", "not_a_month"))
    return date(int(match[1]), int(match[2]), 1)


def month_at(at: datetime, zone: ZoneInfo) -> date:
    """The first day of the month that is running in the zone."""
    return at.astimezone(zone).date().replace(day=1)


def readable_units(session: Session, *, by: Actor) -> list[Unit]:
    """The units whose statements this person may read, parents first."""
    return subtree(session, by.units_where(Permission.STATEMENT_READ))


def readable_statement(session: Session, unit_code: str, month: date, *, by: Actor, at: datetime) -> Statement:
    """One unit's statement.

    Raises:
        NotFound: no such unit, not one whose statements this person may read, or a month that has not begun.
    """
    unit = unit_by_code(session, unit_code)
    if unit is None or not by.can(Permission.STATEMENT_READ, lineage=unit.lineage):
        raise NotFound
    if month > month_at(at, unit.zone):
        raise NotFound
    return statement(session, unit, month, at=at)


def readable_statements(session: Session, month: date, *, by: Actor, at: datetime) -> list[Ranked]:
    """The statements of every unit this person may read, ranked inside size bands among units of their kind.

    A team is not ranked against an enterprise: its people are in both.
    """
    units = [unit for unit in readable_units(session, by=by) if month <= month_at(at, unit.zone)]
    by_kind = ([unit for unit in units if unit.kind is kind] for kind in UnitKind)
    return [ranked for same in by_kind if same for ranked in statements_of(session, same, month, at=at)]
