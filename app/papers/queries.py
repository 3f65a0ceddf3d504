"""Questions about papers: who may read one, which there are, which speak of a hazard, where a picture lies."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.errors import NotFound
from app.hazards.models import HazardRow
from app.papers.content import Content
from app.papers.models import FileStatus, PaperHazardRow, PaperKind, PaperRow
from app.units.models import UnitRow
from app.units.queries import Unit, covered_by, unit_by_id

PAGE: Final = 50


@dataclass(frozen=True)
class PaperView:
    """One paper as it is read; `pdf_fault` is a code of `app.papers.printing.PrintFault`."""

    content: Content
    unit: Unit
    pdf_status: FileStatus
    pdf_sha256: str | None
    pdf_bytes: int | None
    pdf_fault: str | None
    answered_by: tuple[str, ...]


@dataclass(frozen=True)
class PaperLine:
    """One paper in a list."""

    number: str
    kind: PaperKind
    unit: Unit
    issued_at: datetime
    hazards: int
    pdf_status: FileStatus


@dataclass(frozen=True)
class PaperList:
    """One page of papers, newest first, and the cursor of the next, if there is one."""

    lines: tuple[PaperLine, ...]
    next: int | None


def readable_paper(session: Session, number: str, *, by: Actor) -> PaperRow:
    """The paper, for whoever reads all its hazards: its unit's readers, or the rectifier of every one of them.

    Raises:
        NotFound: absent or foreign.
    """
    paper = session.execute(select(PaperRow).where(PaperRow.number == number)).scalar_one_or_none()
    if paper is None:
        raise NotFound
    unit = unit_by_id(session, paper.unit_id)
    if not by.can(Permission.HAZARD_READ, lineage=unit.lineage) and not _repairs_all(session, paper.id, by):
        raise NotFound
    return paper


def _repairs_all(session: Session, paper_id: int, by: Actor) -> bool:
    rectifiers = session.execute(
        select(HazardRow.rectifier_id)
        .join(PaperHazardRow, PaperHazardRow.hazard_id == HazardRow.id)
        .where(PaperHazardRow.paper_id == paper_id)
        .distinct()
    ).scalars()
    return set(rectifiers) == {by.account_id}


def paper_view(session: Session, number: str, *, by: Actor) -> PaperView:
    """One paper.

    Raises:
        NotFound: absent or foreign.
    """
    paper = readable_paper(session, number, by=by)
    answers = select(PaperRow.number).where(PaperRow.answers_id == paper.id).order_by(PaperRow.id)
    return PaperView(
        content=Content.from_json(paper.content),
        unit=unit_by_id(session, paper.unit_id),
        pdf_status=FileStatus(paper.pdf_status),
        pdf_sha256=paper.pdf_sha256,
        pdf_bytes=paper.pdf_bytes,
        pdf_fault=paper.pdf_fault,
        answered_by=tuple(session.execute(answers).scalars()),
    )


def paper_picture(session: Session, number: str, n: int, *, by: Actor) -> str:
    """The key of the paper's `n`-th picture, from 1.

    Raises:
        NotFound: absent or foreign.
    """
    keys = Content.from_json(readable_paper(session, number, by=by).content).picture_keys()
    if not 1 <= n <= len(keys):
        raise NotFound
    return keys[n - 1]


def papers_of(session: Session, *, by: Actor, before: int | None = None, limit: int = PAGE) -> PaperList:
    """Papers of the units this person reads, newest first."""
    query = _lines().where(covered_by(session, by.units_where(Permission.HAZARD_READ)))
    if before is not None:
        query = query.where(PaperRow.id < before)
    rows = session.execute(query.order_by(PaperRow.id.desc()).limit(limit + 1)).all()
    lines = tuple(_line(session, row) for row in rows[:limit])
    return PaperList(lines, rows[limit - 1].id if len(rows) > limit else None)


def papers_of_hazard(session: Session, hazard_number: str, *, by: Actor) -> tuple[PaperLine, ...]:
    """The papers that speak of a hazard and that this person may read, oldest first."""
    rows = session.execute(
        _lines().where(PaperRow.id.in_(_speaking_of(HazardRow.number == hazard_number))).order_by(PaperRow.id)
    ).all()
    return tuple(_line(session, row) for row in rows if _is_readable(session, row.number, by))


def _is_readable(session: Session, number: str, by: Actor) -> bool:
    try:
        readable_paper(session, number, by=by)
    except NotFound:
        return False
    return True


def _speaking_of(which: ColumnElement[bool]) -> Any:
    return select(PaperHazardRow.paper_id).join(HazardRow, HazardRow.id == PaperHazardRow.hazard_id).where(which)


def _lines() -> Any:
    hazards = (
        select(func.count()).select_from(PaperHazardRow).where(PaperHazardRow.paper_id == PaperRow.id)
    ).scalar_subquery()
    columns = (PaperRow.id, PaperRow.number, PaperRow.kind, PaperRow.unit_id, PaperRow.issued_at)
    return select(*columns, PaperRow.pdf_status, hazards.label("hazards")).join(
        UnitRow, UnitRow.id == PaperRow.unit_id
    )


def _line(session: Session, row: Any) -> PaperLine:
    return PaperLine(
        number=row.number,
        kind=PaperKind(row.kind),
        unit=unit_by_id(session, row.unit_id),
        issued_at=row.issued_at,
        hazards=row.hazards,
        pdf_status=FileStatus(row.pdf_status),
    )


def open_hazards_for(session: Session, *, by: Actor, states: Collection[str], limit: int) -> list[HazardRow]:
    """Hazards in these states of the units this person commands, the earliest deadline first."""
    units = by.units_where(Permission.HAZARD_TRIAGE) | by.units_where(Permission.HAZARD_OVERSEE)
    query = (
        select(HazardRow)
        .join(UnitRow, UnitRow.id == HazardRow.unit_id)
        .where(covered_by(session, units), HazardRow.state.in_(states))
        .order_by(HazardRow.deadline, HazardRow.id)
        .limit(limit)
    )
    return list(session.execute(query).scalars())
