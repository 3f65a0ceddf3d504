"""Rows of photos and witnesses, made in the transaction of whoever keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.core.errors import Fault, Invalid, Unavailable
from app.evidence.locations import Witness
from app.evidence.models import PhotoRow, PhotoStatus, WitnessRow
from app.evidence.signature import PhotoFormat
from storage.call_time import LOCKED_SECONDS, within
from storage.object_store import ObjectMissing, ObjectStore, StoreError

_INSERT_PHOTO: Final = insert(table_of(PhotoRow)).returning(table_of(PhotoRow).c.id, sort_by_parameter_order=True)
_INSERT_WITNESS: Final = insert(table_of(WitnessRow))


@dataclass(frozen=True)
class NewPhoto:
    """A photo whose bytes are durable, with what the phone said and the witnesses known so far."""

    sha256: str
    bytes: int
    format: PhotoFormat
    sent_captured_at: datetime | None = None
    witnesses: tuple[Witness, ...] = ()
    place_scanned: bool = False


def add_photos(
    session: Session,
    hazard_id: int,
    photos: Sequence[NewPhoto],
    *,
    stage: str,
    first_n: int,
    unnamed: bool,
    at: datetime,
    store: ObjectStore,
) -> list[int]:
    """Insert the photos numbered from `first_n`, with their witnesses; returns their ids in order.

    Raises:
        Invalid: a photo's bytes are gone from the store: it must be added again.
        Unavailable: the store does not answer.
    """
    with within(LOCKED_SECONDS):
        for nth, photo in enumerate(photos, 1):
            _see_bytes(nth, photo, store=store)
    told = [
        {
            "hazard_id": hazard_id,
            "n": n,
            "stage": stage,
            "sha256": photo.sha256,
            "bytes": photo.bytes,
            "format": photo.format,
            "status": PhotoStatus.PENDING,
            "sent_captured_at": photo.sent_captured_at,
            "unnamed": unnamed,
            "place_scanned": photo.place_scanned,
            "received_at": at,
        }
        for n, photo in enumerate(photos, first_n)
    ]
    ids = list(session.execute(_INSERT_PHOTO, told).scalars()) if told else []
    seen = [_witness(photo_id, it) for photo_id, photo in zip(ids, photos, strict=True) for it in photo.witnesses]
    if seen:
        session.execute(_INSERT_WITNESS, seen)
    return ids


def _see_bytes(n: int, photo: NewPhoto, *, store: ObjectStore) -> None:
    """No row speaks of bytes that are not there.

    An anonymous photo's original may have been removed since intake found the same bytes already kept. The removal
    happens inside a write transaction too: it is over by now, or will see our row.
    """
    try:
        store.size(photo.sha256)
    except ObjectMissing as error:
        raise Invalid(Fault("photos", "photo_missing", {"n": n})) from error
    except StoreError as error:
        raise Unavailable from error


def add_witness(session: Session, photo_id: int, witness: Witness) -> None:
    """Insert one witness; unique by photo and source."""
    session.execute(_INSERT_WITNESS, _witness(photo_id, witness))


def _witness(photo_id: int, witness: Witness) -> dict[str, Any]:
    return {
        "photo_id": photo_id,
        "source": witness.source,
        "lat": witness.lat,
        "lon": witness.lon,
        "accuracy_m": witness.accuracy_m,
        "datum": witness.datum,
        "at": witness.at,
    }
