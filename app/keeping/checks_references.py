"""Whether every row that speaks of another one has it: a file that was edited by hand may say anything."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, and_, select
from sqlalchemy.orm import Session

from app.keeping.finding import Finding
from app.runtime import Runtime
from app.tables import METADATA


def check_references(means: Runtime) -> Iterator[Finding | None]:
    """Each foreign key of each table, asked as a question of its own: also where the database enforces them."""
    with means.db.read() as session:
        for table in METADATA.sorted_tables:
            for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
                yield _first_stray(session, key)


def _first_stray(session: Session, key: ForeignKeyConstraint) -> Finding | None:
    table, parent = key.table, key.referred_table.alias()
    pairs = [(element.parent, parent.c[element.column.name]) for element in key.elements]
    stray = (
        select(*table.primary_key)
        .outerjoin(parent, and_(*(child == target for child, target in pairs)))
        .where(pairs[0][1].is_(None), *(child.is_not(None) for child, _target in pairs))
        .order_by(*table.primary_key)
        .limit(1)
    )
    row = session.execute(stray).first()
    if row is None:
        return None
    columns = ", ".join(child.name for child, _target in pairs)
    return Finding(f"{table.name} row {'/'.join(map(str, row))}: what {columns} refers to is missing")
