"""The number of a hazard: one gapless sequence per installation and year."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.hazards.models import NumberRow
from app.units.queries import Unit, unit_by_id

NUMBER_PREFIX: Final = "HZ"
IS_NUMBER: Final = re.compile(rf"{NUMBER_PREFIX}-[0-9]{{4}}-[0-9]{{6,9}}")
_ROW: Final = table_of(NumberRow).c
_NEXT: Final = (
    update(table_of(NumberRow))
    .where(_ROW.year == bindparam("this"))
    .values(last=_ROW.last + 1)
    .returning(_ROW.last)
)


def next_number(session: Session, unit: Unit, *, at: datetime) -> str:
    """The next number; given back when the caller's transaction does not commit.

    Numbers belong to the installation's year: the zone of the tree's root decides when it begins.
    """
    year = at.astimezone(unit_by_id(session, unit.lineage[0]).zone).year
    given = session.execute(_NEXT, {"this": year}).scalar_one_or_none()
    if given is None:
        # The year's first: two at once meet at the primary key, and one of them is told to come again.
        given = session.execute(insert(NumberRow).values(year=year, last=1).returning(NumberRow.last)).scalar_one()
    return f"{NUMBER_PREFIX}-{year}-{given:06d}"
