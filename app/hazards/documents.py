"""Documents kept with a hazard: the papers that prove a dual report (安全生产法 §41), and who may have them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Fault, Invalid, NotFound, Unavailable
from app.evidence.arriving import KeptDocument
from app.hazards.case import find_case, reports_in_force
from app.hazards.models import DocumentRow, DualReportRow, HazardRow
from app.hazards.policy import View
from app.hazards.words import ReportedTo
from storage.call_time import LOCKED_SECONDS, within
from storage.object_store import ObjectMissing, ObjectStore, StoreError


@dataclass(frozen=True)
class DocumentKey:
    """Where a document lies in the store, of which format it is, and what its download is called."""

    key: str
    format: str
    file_name: str


@dataclass(frozen=True)
class DualReportView:
    """One half of the dual report: to whom, on which day, the document's own words, and the kept file's number."""

    to: ReportedTo
    on: date
    says: str | None
    document_n: int | None


def add_document(
    session: Session, hazard_id: int, document: KeptDocument, *, by: Actor, at: datetime, store: ObjectStore
) -> int:
    """Insert the row of a document whose bytes are durable; its id.

    Raises:
        Invalid: the bytes are gone from the store: the file must be added again.
        Unavailable: the store does not answer.
    """
    try:
        with within(LOCKED_SECONDS):
            store.size(document.sha256)
    except ObjectMissing as error:
        raise Invalid(Fault("document", "document_again")) from error
    except StoreError as error:
        raise Unavailable from error
    last = session.execute(select(func.max(DocumentRow.n)).where(DocumentRow.hazard_id == hazard_id)).scalar_one()
    made: int = session.execute(
        insert(DocumentRow)
        .values(
            hazard_id=hazard_id,
            n=(last or 0) + 1,
            sha256=document.sha256,
            bytes=document.bytes,
            format=document.format,
            kept_at=at,
            kept_by_id=by.account_id,
        )
        .returning(DocumentRow.id)
    ).scalar_one()
    return made


def dual_reports_of(session: Session, hazard: HazardRow) -> tuple[DualReportView, ...]:
    """What was reported about the acceptance in force, in the order of recording."""
    rows = session.execute(
        select(DualReportRow, DocumentRow.n)
        .outerjoin(DocumentRow, DocumentRow.id == DualReportRow.document_id)
        .where(reports_in_force(hazard))
        .order_by(DualReportRow.id)
    )
    return tuple(DualReportView(ReportedTo(row.to), row.on, row.document, n) for row, n in rows)


def document_key(session: Session, number: str, n: int, *, by: Actor) -> DocumentKey:
    """Where the document lies, for whoever may read more than the hazard's public part now.

    Raises:
        NotFound: absent, foreign, or not for this person: one answer.
    """
    case = find_case(session, number, by=by)
    # A number that no database can hold is nobody's document either.
    row = session.execute(
        select(DocumentRow).where(DocumentRow.hazard_id == case.hazard.id, DocumentRow.n == min(n, 2**31))
    ).scalar_one_or_none()
    if row is None or case.view is View.PUBLIC:
        raise NotFound
    return DocumentKey(row.sha256, row.format, f"{number}-D{n}")
