"""The PDF of a paper between two reads of its row: what is to be printed, what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update

from app.core.db import Database, changed_one
from app.papers.content import Content
from app.papers.models import FileStatus, PaperRow


class PrintFault(StrEnum):
    """Why there is no PDF, as a code that the page puts into a sentence."""

    NO_PRINTER = "no_printer"
    NO_FONT = "no_font"
    PICTURE_MISSING = "picture_missing"
    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"


@dataclass(frozen=True)
class PendingPaper:
    """A paper that waits for its PDF; `issued_at` dates the file, so that the same paper prints the same bytes."""

    id: int
    content: Content
    issued_at: datetime


def pending_paper(paper_id: int, *, db: Database) -> PendingPaper | None:
    """The paper, while its PDF is still to be made."""
    with db.read() as session:
        paper = session.execute(
            select(PaperRow).where(PaperRow.id == paper_id, PaperRow.pdf_status == FileStatus.PENDING)
        ).scalar_one_or_none()
        return PendingPaper(paper.id, Content.from_json(paper.content), paper.issued_at) if paper else None


def keep_print(paper_id: int, *, sha256: str, size: int, at: datetime, db: Database) -> None:
    """Write down where the PDF lies (its bytes are durable); one that is ready already stays as it is."""
    _settle(
        paper_id,
        db=db,
        pdf_status=FileStatus.READY,
        pdf_sha256=sha256,
        pdf_bytes=size,
        pdf_fault=None,
        printed_at=at,
    )


def fail_print(paper_id: int, fault: PrintFault, *, at: datetime, db: Database) -> None:
    """Write down why there is no PDF, for a person to see and to try again."""
    _settle(paper_id, db=db, pdf_status=FileStatus.FAILED, pdf_fault=fault, printed_at=at)


def _settle(paper_id: int, *, db: Database, **values: object) -> None:
    with db.write() as session:
        changed_one(
            session,
            update(PaperRow)
            .where(PaperRow.id == paper_id, PaperRow.pdf_status == FileStatus.PENDING)
            .values(**values),
        )
