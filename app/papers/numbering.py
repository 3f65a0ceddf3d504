"""The numbers of papers: one gapless sequence per installation, kind and year (`TZ-2026-000012`)."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.papers.models import PaperKind, PaperNumberRow
from app.units.queries import Unit, unit_by_id

PREFIXES: Final[Mapping[PaperKind, str]] = MappingProxyType({PaperKind.NOTICE: "TZ", PaperKind.OPINION: "FC"})


def next_paper_number(session: Session, kind: PaperKind, unit: Unit, *, at: datetime) -> str:
    """The next number; given back when the caller's transaction does not commit.

    The same rule as for hazards: the zone of the tree's root decides when the year begins.
    """
    year = at.astimezone(unit_by_id(session, unit.lineage[0]).zone).year
    given = session.execute(
        update(PaperNumberRow)
        .where(PaperNumberRow.kind == kind, PaperNumberRow.year == year)
        .values(last=PaperNumberRow.last + 1)
        .returning(PaperNumberRow.last)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if given is None:
        # The year's first: two at once meet at the primary key, and one of them is told to come again.
        given = session.execute(
            insert(PaperNumberRow).values(kind=kind, year=year, last=1).returning(PaperNumberRow.last)
        ).scalar_one()
    return f"{PREFIXES[kind]}-{year}-{given:06d}"
