"""Tables of photographs and their location witnesses."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NAMES_AN_OBJECT, Base


class PhotoStatus(StrEnum):
    """How far the workers are with a photo."""

    PENDING = "pending"
    READY = "ready"
    QUARANTINED = "quarantined"


class PhotoRow(Base):
    """One photograph of one hazard; `n` counts from 1 through both stages and never changes.

    `sha256` and `bytes` speak of the original as the store holds it now: of an anonymous hazard's photo that is
    the copy without metadata, once the workers have put it in the original's place (`stripped_at`).
    """

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    n: Mapped[int]
    stage: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    bytes: Mapped[int]
    format: Mapped[str]
    status: Mapped[str] = mapped_column(default=PhotoStatus.PENDING)
    cause: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    sent_captured_at: Mapped[datetime | None]
    captured_at: Mapped[datetime | None]
    exif: Mapped[dict[str, Any] | None]
    grade: Mapped[str | None]
    grade_because: Mapped[list[Any] | None]
    display_key: Mapped[str | None] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    thumb_key: Mapped[str | None] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    place_scanned: Mapped[bool] = mapped_column(default=False)
    unnamed: Mapped[bool] = mapped_column(default=False)
    stripped_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("hazard_id", "n"),
        Index("ix_photo_status", "status", "received_at"),
        CheckConstraint("stage IN ('before','after')", name="stage_is_known"),
        CheckConstraint("status IN ('pending','ready','quarantined')", name="status_is_known"),
        CheckConstraint("(status = 'quarantined') = (cause IS NOT NULL)", name="quarantine_has_cause"),
        CheckConstraint(
            "status <> 'ready' OR (display_key IS NOT NULL AND thumb_key IS NOT NULL)", name="ready_has_pictures"
        ),
    )


class WitnessRow(Base):
    """One source's word on where a photo was taken; witnesses are never merged (domain.md §7)."""

    __tablename__ = "witness"
    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id"))
    source: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[float | None]
    datum: Mapped[str]
    at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("photo_id", "source"),
        CheckConstraint("source IN ('exif','phone','place','pin')", name="source_is_known"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),
    )
