"""Tables of photographs that phones send piece by piece: what has come of each, and what came whole.

Two tables because a backup holds one of them: pieces are in no backup, so that a row which speaks of pieces must
not come back from one either. What came whole is an object like any other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NAMES_AN_OBJECT, Base


class UploadRow(Base):
    """A file of which `received` bytes are durable, as `pieces`: `[[name, bytes], …]` in their order.

    `maker` is whoever may see it, `pool` those who share one quota; neither says more of an anonymous phone than
    the hash of its pass and its unit. `received` grows with every change and so is the row's version.
    """

    __tablename__ = "upload"
    code: Mapped[str] = mapped_column(primary_key=True)
    maker: Mapped[str]
    pool: Mapped[str]
    sha256: Mapped[str]
    length: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[list[Any]]
    format: Mapped[str | None]
    expires_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_upload_pool", "pool"),
        Index("ix_upload_expires_at", "expires_at"),
        CheckConstraint("received >= 0 AND received < length", name="is_unfinished"),
    )


class FinishedUploadRow(Base):
    """A file that came whole and is an object in the store, until a report takes it up or it expires."""

    __tablename__ = "finished_upload"
    code: Mapped[str] = mapped_column(primary_key=True)
    maker: Mapped[str]
    pool: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    bytes: Mapped[int]
    format: Mapped[str]
    expires_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_finished_upload_pool", "pool"),
        Index("ix_finished_upload_expires_at", "expires_at"),
        Index("ix_finished_upload_maker", "maker", "sha256"),
    )
