"""What the workers found in a photograph, kept: pictures in the store, EXIF witness, grade, status."""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.db import Database, changed_one
from app.core.errors import Unavailable
from app.core.holds import is_held
from app.core.outbox import EventRow, event_of, record
from app.evidence.datums import Datum
from app.evidence.events import OriginalReplaced, PhotoQuarantined, PhotoRead
from app.evidence.exif import captured_at
from app.evidence.exif_facts import ExifFacts
from app.evidence.keeping import add_witness
from app.evidence.locations import Grade, Source, Witness, grade
from app.evidence.models import PhotoRow, PhotoStatus, WitnessRow
from app.evidence.signature import PhotoFormat
from app.evidence.uploads import forget_everybodys
from storage.call_time import LOCKED_SECONDS, within
from storage.object_store import ObjectMissing, ObjectStore

HELD_RETRY_SECONDS: Final = 300


class Decoded(Protocol):
    """What a decoder hands back: upright size of the original, EXIF, and pictures without metadata (JPEG)."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def exif(self) -> ExifFacts:
        """What the EXIF block said, checked."""

    @property
    def display(self) -> bytes:
        """At most 1600 px."""

    @property
    def thumb(self) -> bytes:
        """At most 320 px."""

    @property
    def clean(self) -> bytes | None:
        """The original's pixels in full size, when asked for."""


@dataclass(frozen=True)
class PendingPhoto:
    """A photo that waits for a decoder."""

    id: int
    hazard_id: int
    key: str
    format: PhotoFormat
    unnamed: bool


def pending_photo(photo_id: int, *, db: Database) -> PendingPhoto | None:
    """The photo, or None when it is absent or already ready or quarantined."""
    with db.read() as session:
        row = session.execute(select(PhotoRow).where(PhotoRow.id == photo_id)).scalar_one_or_none()
        if row is None or row.status != PhotoStatus.PENDING:
            return None
        return PendingPhoto(row.id, row.hazard_id, row.sha256, PhotoFormat(row.format), row.unnamed)


def keep_reading(
    photo: PendingPhoto, decoded: Decoded, *, zone: ZoneInfo, at: datetime, store: ObjectStore, db: Database
) -> None:
    """Store the pictures, then make the photo ready with witness and grade; doing it twice changes nothing.

    `zone` reads an EXIF time that has no offset. The pictures are durable before the row speaks of them.

    Raises:
        StoreError: the store cannot keep the pictures now.
        Unavailable: the database cannot.
    """
    pictures: dict[str, Any] = {
        "display_key": keep_object(decoded.display, store=store),
        "thumb_key": keep_object(decoded.thumb, store=store),
    }
    if photo.unnamed and decoded.clean is not None:
        clean_key = keep_object(decoded.clean, store=store)
        pictures |= {
            "sha256": clean_key,
            "bytes": len(decoded.clean),
            "format": PhotoFormat.JPEG,
            "stripped_at": at,
        }
    with db.write() as session:
        row = session.execute(select(PhotoRow).where(PhotoRow.id == photo.id)).scalar_one()
        if row.status != PhotoStatus.PENDING:
            return
        _keep_exif_witness(session, photo.id, decoded.exif)
        taken_at = captured_at(decoded.exif, zone=zone)
        judged = _grade_of(session, row, exif_at=taken_at)
        facts = {
            "width": decoded.width,
            "height": decoded.height,
            # A camera's make and serial would name the phone of somebody who wants to stay unnamed.
            "exif": None if photo.unnamed else decoded.exif.as_json(),
            "captured_at": taken_at,
            "grade": judged.letter,
            "grade_because": [_reason(reason) for reason in judged.reasons],
        }
        if _settle(session, photo.id, status=PhotoStatus.READY, at=at, **facts, **pictures):
            record(session, PhotoRead(photo.id, photo.hazard_id), at=at)
            if "sha256" in pictures:
                record(session, OriginalReplaced(photo.id, photo.key), at=at)


def quarantine(photo: PendingPhoto, cause: str, *, at: datetime, db: Database) -> None:
    """Set a photo apart with its cause, visible to reporter and officer; a ready one stays as it is."""
    with db.write() as session:
        if _settle(session, photo.id, status=PhotoStatus.QUARANTINED, at=at, cause=cause):
            record(session, PhotoQuarantined(photo.id, photo.hazard_id), at=at)


def _settle(session: Session, photo_id: int, *, status: PhotoStatus, at: datetime, **values: Any) -> bool:
    return changed_one(
        session,
        update(PhotoRow)
        .where(PhotoRow.id == photo_id, PhotoRow.status == PhotoStatus.PENDING)
        .values(status=status, read_at=at, **values),
    )


def keep_object(content: bytes, *, store: ObjectStore) -> str:
    """Keep bytes under their SHA-256; durable on return. Returns the key.

    Raises:
        StoreError: it cannot be kept now.
    """
    key = hashlib.sha256(content).hexdigest()
    writing = store.begin()
    try:
        writing.write(content)
        writing.keep(key)
    finally:
        writing.discard()
    return key


def _keep_exif_witness(session: Session, photo_id: int, exif: ExifFacts) -> None:
    fix = exif.position
    known = select(WitnessRow.id).where(WitnessRow.photo_id == photo_id, WitnessRow.source == Source.EXIF)
    if fix is None or session.execute(known).scalar_one_or_none() is not None:
        return
    add_witness(session, photo_id, Witness(Source.EXIF, fix.lat, fix.lon, fix.accuracy_m, Datum.WGS84, fix.at))


def _grade_of(session: Session, photo: PhotoRow, *, exif_at: datetime | None) -> Grade:
    of_photo = select(WitnessRow).where(WitnessRow.photo_id == photo.id).order_by(WitnessRow.source)
    rows = session.execute(of_photo).scalars().all()
    return grade(
        [Witness(Source(w.source), w.lat, w.lon, w.accuracy_m, Datum(w.datum), w.at) for w in rows],
        exif_at=exif_at,
        captured_at=photo.sent_captured_at,
        received_at=photo.received_at,
        is_place_scanned=photo.place_scanned,
    )


def _reason(reason: Any) -> dict[str, Any]:
    told = {"code": reason.because, "minutes": reason.minutes, "metres": reason.metres}
    return {"between": list(reason.between), **{name: value for name, value in told.items() if value is not None}}


def remove_replaced_original(event_id: int, *, at: datetime, store: ObjectStore, db: Database) -> None:
    """Remove an anonymous photo's original from the store and its hash from the event; repeatable.

    The same bytes may also be somebody's named photo: then they stay. Uploads of the same bytes go, whosever they
    are: the phone may have sent them under its account before.

    Raises:
        StoreError: the store cannot remove it now.
        Unavailable: a backup copies objects; come again.
    """
    with db.write() as session:
        if is_held(session, at=at):
            raise Unavailable(retry_after=HELD_RETRY_SECONDS)
        event = event_of(session, event_id)
        if not isinstance(event, OriginalReplaced) or not event.key:
            return
        speaking = session.execute(
            select(func.count()).select_from(PhotoRow).where(PhotoRow.sha256 == event.key)
        ).scalar_one()
        forget_everybodys(session, [event.key])
        if not speaking:
            with contextlib.suppress(ObjectMissing), within(LOCKED_SECONDS):
                store.remove(event.key)
        scrubbed = OriginalReplaced(event.photo_id, "").as_values()
        session.execute(update(EventRow).where(EventRow.id == event_id).values(values=scrubbed))
