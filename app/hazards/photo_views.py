"""The photos of one hazard as its readers see them: the picture and its side, or all that is known of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evidence.models import PhotoRow, WitnessRow
from app.hazards.lifecycle import Action
from app.hazards.models import HistoryRow
from app.hazards.views import PhotoView, WitnessView
from app.hazards.words import Stage


def photo_views(session: Session, hazard_id: int, *, public_only: bool) -> tuple[PhotoView, ...]:
    """The hazard's photos in order; the public part is the picture and its side of the repair, nothing else.

    So it has no photo that came with an objection: that a closure is contested is not for everybody.
    """
    photos = (
        session.execute(select(PhotoRow).where(PhotoRow.hazard_id == hazard_id).order_by(PhotoRow.n))
        .scalars()
        .all()
    )
    seen: dict[int, list[WitnessView]] = {photo.id: [] for photo in photos}
    if not public_only:
        rows = session.execute(
            select(WitnessRow).where(WitnessRow.photo_id.in_(seen)).order_by(WitnessRow.id)
        ).scalars()
        for row in rows:
            view = WitnessView(row.source, row.lat, row.lon, row.accuracy_m, row.datum, row.at)
            seen[row.photo_id].append(view)
    objected_at = _objected_at(session, hazard_id) if _shows_more_than_one_side(photos) else frozenset()
    return tuple(
        _photo_view(
            photo,
            tuple(seen[photo.id]),
            public_only=public_only,
            objection=_objects(photo, objected_at),
        )
        for photo in photos
        if not (public_only and _objects(photo, objected_at))
    )


def _objects(photo: PhotoRow, objected_at: frozenset[datetime]) -> bool:
    return photo.stage == Stage.BEFORE and photo.received_at in objected_at


def _shows_more_than_one_side(photos: Sequence[PhotoRow]) -> bool:
    return any(photo.stage == Stage.AFTER for photo in photos)


def _objected_at(session: Session, hazard_id: int) -> frozenset[datetime]:
    """When closures were objected to: a photo that came with an objection was received in that very step."""
    steps = select(HistoryRow.at).where(HistoryRow.hazard_id == hazard_id, HistoryRow.action == Action.OBJECT)
    return frozenset(session.execute(steps).scalars())


def _photo_view(
    photo: PhotoRow, seen: tuple[WitnessView, ...], *, public_only: bool, objection: bool
) -> PhotoView:
    plain = PhotoView(
        n=photo.n,
        stage=Stage(photo.stage),
        sha256="" if public_only else photo.sha256,
        bytes=0 if public_only else photo.bytes,
        status=photo.status,
        cause=photo.cause,
        width=photo.width,
        height=photo.height,
        received_at=photo.received_at,
        objection=objection,
    )
    if public_only:
        return plain
    inner = {
        "captured_at": photo.captured_at or photo.sent_captured_at,
        "grade": photo.grade,
        "grade_because": tuple(photo.grade_because or ()),
        "witnesses": seen,
    }
    return PhotoView(**{**vars(plain), **inner})
