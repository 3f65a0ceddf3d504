"""A report before it is a hazard: what it needs, which photo is which, and the digest that names it."""

import dataclasses
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.errors import Invalid
from app.evidence.arriving import KeptPhoto
from app.evidence.datums import Datum
from app.evidence.locations import Position
from app.evidence.signature import PhotoFormat
from app.hazards.drafts import DraftPhoto, HazardDraft, SentPosition, StoredPhoto, content_digest, match_photos
from app.hazards.words import Category

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
HERE = SentPosition(Position(38.0, 114.5), 10.0, Datum.WGS84, AT)
DRAFT = HazardDraft(UUID(int=1), place_code="A", category=Category.FIRE, description="x")
A, B = "a" * 64, "b" * 64


def kept(*hashes: str) -> tuple[KeptPhoto, ...]:
    return tuple(KeptPhoto(h, 10, PhotoFormat.JPEG) for h in hashes)


def faults(error: Any) -> set[tuple[str, str]]:
    return {(f.field, f.code) for f in error.value.faults}


@pytest.mark.parametrize(
    "located",
    [
        {"place_code": "A"},
        {"location_text": "东侧"},
        {"pin": Position(38.0, 114.5)},
        {"photos": (DraftPhoto(), DraftPhoto(position=HERE))},
    ],
)
def test_one_way_to_say_where_is_enough(located):
    HazardDraft(UUID(int=1), category=Category.FIRE, **located).check()


def test_a_report_says_where_and_what_and_claims_only_when_anonymous():
    with pytest.raises(Invalid) as error:
        HazardDraft(UUID(int=1), claim_hash="x").check()
    assert faults(error) == {
        ("location_text", "location_missing"),
        ("description", "what_missing"),
        ("claim_hash", "claim_needs_anonymous"),
    }


def test_photos_are_matched_by_hash_or_by_order():
    told = (DraftPhoto(sha256=B), DraftPhoto(sha256=A))
    assert [p.sha256 for p in match_photos(told, kept(A, B), most=9)] == [B, A]
    told = (DraftPhoto(captured_at=AT),)
    matched = match_photos(told, kept(A, B), most=9)
    assert [(p.sha256, p.told.captured_at) for p in matched] == [(A, AT), (B, None)]


@pytest.mark.parametrize(
    ("told", "came", "expected"),
    [
        ((), (), {("photos", "photo_required")}),
        ((), (A,) * 10, {("photos", "too_many_photos")}),
        ((DraftPhoto(),) * 10, (A,), {("photos", "too_many_photos")}),
        (
            (DraftPhoto(), DraftPhoto(), DraftPhoto()),
            (A,),
            {("photos.1", "photo_missing"), ("photos.2", "photo_missing")},
        ),
        ((DraftPhoto(sha256=B),), (A,), {("photos.0.sha256", "photo_missing")}),
        ((DraftPhoto(sha256=A),), (A, B), {("photos", "photo_undeclared")}),
        ((DraftPhoto(sha256=A),), (), {("photos.0.sha256", "photo_missing")}),
    ],
)
def test_no_photo_is_lost_or_taken_in_silence(told, came, expected):
    with pytest.raises(Invalid) as error:
        match_photos(told, kept(*came), most=9)
    assert faults(error) == expected


def stored(told: DraftPhoto = DraftPhoto(), sha256: str = A) -> StoredPhoto:  # noqa: B008  # frozen
    return StoredPhoto(sha256, 10, PhotoFormat.JPEG, told)


def test_equal_digests_are_the_same_report():
    base = content_digest(DRAFT, (stored(), stored(sha256=B)))
    assert base == content_digest(dataclasses.replace(DRAFT, client_id=UUID(int=2)), (stored(), stored(sha256=B)))
    others = [
        content_digest(dataclasses.replace(DRAFT, **change), (stored(), stored(sha256=B)))
        for change in (
            {"place_code": "B"},
            {"pin": Position(38.0, 114.5)},
            {"location_text": "y"},
            {"category": Category.ELEC},
            {"description": "y"},
            {"anonymous": True},
        )
    ]
    others += [
        content_digest(DRAFT, photos)
        for photos in (
            (stored(sha256=B), stored()),
            (stored(),),
            (stored(DraftPhoto(captured_at=AT)), stored(sha256=B)),
            *(
                (stored(DraftPhoto(position=dataclasses.replace(HERE, **change))), stored(sha256=B))
                for change in (
                    {},
                    {"accuracy_m": None},
                    {"datum": Datum.GCJ02},
                    {"at": None},
                    {"position": Position(38.0, 114.50000000000001)},
                )
            ),
        )
    ]
    assert len({base, *others}) == len(others) + 1
