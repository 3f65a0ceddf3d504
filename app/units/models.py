"""Tables of the unit tree, its dated headcount, places, areas and duty."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class UnitRow(Base):
    """One unit; `path` lists the ids from the root to itself ("/1/4/9/"), so that a subtree is one prefix."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    timezone: Mapped[str]
    made_at: Mapped[datetime]
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


class PlaceRow(Base):
    """A spot with a printed QR code; its position is WGS-84 and may be unknown."""

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    allows_guests: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="position_is_whole"),)


class AreaRow(Base):
    """A polygon that belongs to a unit: [[lat, lon], …], WGS-84."""

    __tablename__ = "area"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    polygon: Mapped[list[Any]]


class DutyRow(Base):
    """An officer named in a unit for a category."""

    __tablename__ = "duty"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    category: Mapped[str]
    __table_args__ = (UniqueConstraint("unit_id", "account_id", "category"),)
