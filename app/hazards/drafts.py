"""A report as it arrives, before it is a hazard: its fields, what they need, and the digest that names them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.core.errors import Fault, Invalid
from app.evidence.arriving import KeptPhoto
from app.evidence.datums import Datum
from app.evidence.locations import Position
from app.evidence.signature import PhotoFormat
from app.hazards.words import Category

PHOTOS_MOST: Final = 9


@dataclass(frozen=True)
class SentPosition:
    """The phone's own position at the shutter, already in WGS-84; `datum` is what it was sent in."""

    position: Position
    accuracy_m: float | None
    datum: Datum
    at: datetime | None


@dataclass(frozen=True)
class DraftPhoto:
    """What the phone says about one photo, in the photos' order; `sha256` may be left to the server."""

    sha256: str | None = None
    captured_at: datetime | None = None
    position: SentPosition | None = None


@dataclass(frozen=True)
class StoredPhoto:
    """A photo whose bytes are durable in the store, with what the phone said about it."""

    sha256: str
    bytes: int
    format: PhotoFormat
    told: DraftPhoto = DraftPhoto()


@dataclass(frozen=True)
class HazardDraft:
    """The fields of `POST hazards` (contract.md), texts already stripped, positions already WGS-84."""

    client_id: UUID
    photos: tuple[DraftPhoto, ...] = ()
    place_code: str | None = None
    pin: Position | None = None
    location_text: str | None = None
    category: Category | None = None
    description: str | None = None
    anonymous: bool = False
    claim_hash: str | None = None

    def check(self, *, nameless: bool = False) -> None:
        """See that there is enough to go by (domain.md §5 "submit"); `nameless`: no account sends it (a guest).

        Raises:
            Invalid: no location at all; neither category nor description; a claim beside an account.
        """
        faults = []
        located = self.place_code or self.pin or self.location_text
        if not located and not any(photo.position for photo in self.photos):
            faults.append(Fault("location_text", "location_missing"))
        if self.category is None and not self.description:
            faults.append(Fault("description", "what_missing"))
        if self.claim_hash and not (self.anonymous or nameless):
            faults.append(Fault("claim_hash", "claim_needs_anonymous"))
        if faults:
            raise Invalid(*faults)


def match_photos(
    told: tuple[DraftPhoto, ...], kept: tuple[KeptPhoto, ...], *, most: int = PHOTOS_MOST
) -> tuple[StoredPhoto, ...]:
    """Bring what was said and what was kept together, in the order that was said.

    Raises:
        Invalid: no photo; more than `most`; a hash that is no part of this request; a part nobody spoke of.
    """
    if not kept and not told:
        raise Invalid(Fault("photos", "photo_required"))
    if max(len(kept), len(told)) > most:
        raise Invalid(Fault("photos", "too_many_photos", {"limit": most}))
    if not any(photo.sha256 for photo in told):
        if len(told) > len(kept):
            lost = range(len(kept) + 1, len(told) + 1)
            raise Invalid(*(Fault(f"photos.{n - 1}", "photo_missing", {"n": n}) for n in lost))
        told = told + (DraftPhoto(),) * (len(kept) - len(told))
        return tuple(
            StoredPhoto(part.sha256, part.bytes, part.format, photo)
            for part, photo in zip(kept, told, strict=True)
        )
    by_hash = {part.sha256: part for part in kept}
    missing = [n for n, photo in enumerate(told, 1) if photo.sha256 not in by_hash]
    if missing:
        raise Invalid(*(Fault(f"photos.{n - 1}.sha256", "photo_missing", {"n": n}) for n in missing))
    if by_hash.keys() - {photo.sha256 for photo in told}:
        raise Invalid(Fault("photos", "photo_undeclared"))
    parts = ((by_hash[str(photo.sha256)], photo) for photo in told)
    return tuple(StoredPhoto(part.sha256, part.bytes, part.format, photo) for part, photo in parts)


def content_digest(draft: HazardDraft, photos: tuple[StoredPhoto, ...]) -> str:
    """SHA-256 over every field and every photo's hash in order: equal digests are the same report (P3).

    The claim is left out of an anonymous hazard's digest: a form without script gets a new one on each try.
    """
    content: dict[str, Any] = {
        "place_code": draft.place_code,
        "pin": _point(draft.pin),
        "location_text": draft.location_text,
        "category": draft.category,
        "description": draft.description,
        "anonymous": draft.anonymous,
        "photos": [
            [
                photo.sha256,
                photo.told.captured_at.isoformat() if photo.told.captured_at else None,
                _sent(photo.told.position),
            ]
            for photo in photos
        ],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _sent(sent: SentPosition | None) -> list[Any] | None:
    if sent is None:
        return None
    return [_point(sent.position), sent.accuracy_m, sent.datum, sent.at.isoformat() if sent.at else None]


def _point(position: Position | None) -> list[str] | None:
    # repr of a float is exact and the same everywhere; a rounded one could call two reports equal.
    return None if position is None else [repr(position.lat), repr(position.lon)]
