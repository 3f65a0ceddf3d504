"""Tables of the unit tree, its dated headcount, places and areas."""

import secrets
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class UnitRow(Base):
    """One unit; `path` lists the ids from the root to itself ("/1/4/9/"), so that a subtree is one prefix.

    A retired unit keeps its hazards, its code and its place in the tree; nothing new goes to it.
    """

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("kind IN ('federation','district','enterprise','workshop','team')", name="kind_is_known"),
    )


class HeadcountRow(Base):
    """How many people the unit and its subtree have from a day on."""

    __tablename__ = "headcount"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date]
    people: Mapped[int]
    __table_args__ = (
        UniqueConstraint("unit_id", "valid_from"),
        CheckConstraint("people >= 0", name="people_not_negative"),
    )


def fresh_scan_code() -> str:
    """What a place's QR code carries, 128 random bits in base64url: only who stands before the wall has it."""
    return secrets.token_urlsafe(16)


class PlaceRow(Base):
    """A spot with a printed QR code; its position is WGS-84 and may be unknown.

    `code` is for people: printed, typed and chosen. `scan_code` is in the QR code alone, lets guests in, and is
    made anew when a poster has gone astray.
    """

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    # Empty never, though the database would take it: migration 0013 says why.
    scan_code: Mapped[str] = mapped_column(nullable=True, unique=True, index=True, default=fresh_scan_code)
    name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    allows_guests: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="position_is_whole"),
        CheckConstraint("length(scan_code) = 22", name="scan_code_is_whole"),
    )


def fresh_key() -> str:
    """A name for what has no code of its own: addresses show it instead of a row's number."""
    return str(uuid4())


class AreaRow(Base):
    """A polygon that belongs to a unit: [[lat, lon], …], WGS-84; a retired one leads nobody any more."""

    __tablename__ = "area"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, default=fresh_key)
    name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    polygon: Mapped[list[Any]]
    retired_at: Mapped[datetime | None]
