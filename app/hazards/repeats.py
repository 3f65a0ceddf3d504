"""A report that is sent again when its uploads are used up: recognised by what the phone says alone."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Submitter
from app.core.db import Database
from app.evidence.models import PhotoRow
from app.evidence.signature import PhotoFormat
from app.hazards.drafts import HazardDraft, StoredPhoto, content_digest
from app.hazards.submission import Receipt, recognised
from app.hazards.submitters import scope_of


def known_receipt(draft: HazardDraft, *, by: Submitter, db: Database) -> Receipt | None:
    """The receipt of a report that came before, by what the phone says alone: its uploads may be used up.

    How many bytes a photo had is told by its row; of an anonymous report whose originals the workers have replaced
    nobody knows it any more.

    Raises:
        ClientIdReused: this client_id came before with other content.
    """
    stand_ins = tuple(StoredPhoto(str(told.sha256), 0, PhotoFormat.JPEG, told) for told in draft.photos)
    with db.read() as session:
        known = recognised(session, scope_of(by), draft, stand_ins, digest=content_digest(draft, stand_ins))
        if known is None:
            return None
        return replace(known, photos=_sizes(session, known.hazard_id, draft))


def _sizes(session: Session, hazard_id: int, draft: HazardDraft) -> tuple[tuple[str, int | None], ...]:
    kept = select(PhotoRow.sha256, PhotoRow.bytes).where(PhotoRow.hazard_id == hazard_id)
    sizes = {row.sha256: row.bytes for row in session.execute(kept)}
    return tuple((str(told.sha256), sizes.get(str(told.sha256))) for told in draft.photos)
