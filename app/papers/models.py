"""Tables of issued papers, their numbers, the hazards they speak of, and exports of the register."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NAMES_AN_OBJECT, Base


class PaperKind(StrEnum):
    """整改通知书 or 复查意见书."""

    NOTICE = "notice"
    OPINION = "opinion"


class FileStatus(StrEnum):
    """How far the workers are with a file that was asked for."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class FileFormat(StrEnum):
    """What the register is exported as."""

    XLSX = "xlsx"
    CSV = "csv"


class PaperNumberRow(Base):
    """The last number given to a kind in a year; moved inside the issuing transaction, so that no gap arises."""

    __tablename__ = "paper_number"
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class PaperRow(Base):
    """One issued paper. `content` is what it says, frozen; only the columns of its PDF ever change (a trigger).

    `draft_id` names the form it was issued from: sent twice, it makes one paper. An opinion has `answers_id`.
    """

    __tablename__ = "paper"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    draft_id: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"), index=True)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    content: Mapped[dict[str, Any]]
    pdf_status: Mapped[str]
    pdf_sha256: Mapped[str | None] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    pdf_bytes: Mapped[int | None]
    pdf_fault: Mapped[str | None]
    printed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_paper_unit", "unit_id", "id"),
        CheckConstraint("kind IN ('notice','opinion')", name="kind_is_known"),
        CheckConstraint("(kind = 'opinion') = (answers_id IS NOT NULL)", name="opinion_answers_a_notice"),
        CheckConstraint("pdf_status IN ('pending','ready','failed')", name="pdf_status_is_known"),
        CheckConstraint("(pdf_status = 'ready') = (pdf_sha256 IS NOT NULL)", name="ready_has_a_pdf"),
        CheckConstraint("(pdf_status = 'failed') = (pdf_fault IS NOT NULL)", name="failure_has_a_cause"),
    )


class PaperHazardRow(Base):
    """A hazard that a paper speaks of, as its `n`-th item."""

    __tablename__ = "paper_hazard"
    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), index=True)
    n: Mapped[int]
    __table_args__ = (UniqueConstraint("paper_id", "hazard_id"), UniqueConstraint("paper_id", "n"))


class ExportRow(Base):
    """The register as a file, made for one person; `rights`: what that person saw when it was filled."""

    __tablename__ = "register_export"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime]
    format: Mapped[str]
    filters: Mapped[dict[str, Any]]
    rights: Mapped[dict[str, Any] | None]
    status: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    bytes: Mapped[int | None]
    rows: Mapped[int | None]
    fault: Mapped[str | None]
    made_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("format IN ('xlsx','csv')", name="format_is_known"),
        CheckConstraint("status IN ('pending','ready','failed')", name="status_is_known"),
        CheckConstraint("(status = 'ready') = (sha256 IS NOT NULL)", name="ready_has_a_file"),
        CheckConstraint("(status = 'failed') = (fault IS NOT NULL)", name="failure_has_a_cause"),
    )
