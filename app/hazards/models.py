"""Tables of the hazard, its history, numbers, routing decisions and the side papers of its life."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import LARGE, NAMES_AN_OBJECT, Base

TO_REPAIR: Final = text("state = 'rectifying'")
TO_ANSWER: Final = text("state = 'submitted' AND first_act_at IS NULL")
"""The conditions of two partial indexes; a query uses one only when it says the same, literally.

Their columns stand in the indexes too: else another index that begins with the state is taken for the better one.
"""


class NumberRow(Base):
    """The last number given in a year; moved inside the submission's transaction, so that no gap arises."""

    __tablename__ = "hazard_number"
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class HazardRow(Base):
    """One hazard: where it stands now. How it came there is in `hazard_history`."""

    __tablename__ = "hazard"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    version: Mapped[int]
    changed_at: Mapped[datetime]

    # as reported
    client_scope: Mapped[str]
    client_id: Mapped[str]
    content_digest: Mapped[str]
    submitted_at: Mapped[datetime]
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    anonymous: Mapped[bool]
    guest: Mapped[bool]
    claim_hash: Mapped[str | None]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    reporter_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    location_text: Mapped[str | None]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    category: Mapped[str | None]
    description: Mapped[str | None]
    found_by: Mapped[str]

    # routed
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    arrived_at: Mapped[datetime]
    first_act_at: Mapped[datetime | None]
    transfers: Mapped[int] = mapped_column(default=0)
    transferred_from_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    # accepted
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    level: Mapped[str | None]
    factor: Mapped[str | None]
    measures: Mapped[str | None]
    funds: Mapped[str | None]
    emergency_plan: Mapped[str | None]
    interim_control: Mapped[str | None]
    rectifier_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    rectifier_name: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    first_deadline: Mapped[datetime | None]
    deadline: Mapped[datetime | None]
    fixed_on_the_spot: Mapped[bool] = mapped_column(default=False)
    points_paid_at: Mapped[datetime | None]

    # rectified and re-inspected
    rectified_at: Mapped[datetime | None]
    rectified_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    finished_at: Mapped[datetime | None]
    done: Mapped[str | None]
    cost_fen: Mapped[int | None] = mapped_column(LARGE)
    first_reviewed_at: Mapped[datetime | None]
    first_review_passed: Mapped[bool | None]
    times_returned: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    conclusion: Mapped[str | None]

    # ended otherwise
    rejected_at: Mapped[datetime | None]
    rejected_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reject_reason: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    appealed_at: Mapped[datetime | None]
    appeal_decided_at: Mapped[datetime | None]
    master_id: Mapped[int | None] = mapped_column(ForeignKey("hazard.id"), index=True)
    merged_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    objection_decided_at: Mapped[datetime | None]

    # more time
    extension_asked_at: Mapped[datetime | None]
    extension_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    extension_deadline: Mapped[datetime | None]
    extensions: Mapped[int] = mapped_column(default=0)

    # clocks
    deadline_set_at: Mapped[datetime | None]
    supervised_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("client_scope", "client_id"),
        # What the numbers are counted in, without reading the table (app.hazards.numbers).
        Index("ix_hazard_unit_state_deadline", "unit_id", "state", "deadline", "finished_at"),
        Index("ix_hazard_unit_state_submitted", "unit_id", "state", "submitted_at", "category", "place_id"),
        Index("ix_hazard_unit_state_closed", "unit_id", "state", "closed_at"),
        Index("ix_hazard_state_category_lat", "state", "category", "lat"),
        Index("ix_hazard_scope_submitted", "client_scope", "submitted_at"),
        # What the clocks look at every minute: only what somebody still has to do (app.hazards.clocks).
        Index("ix_hazard_to_repair", "state", "deadline", sqlite_where=TO_REPAIR, postgresql_where=TO_REPAIR),
        Index(
            "ix_hazard_to_answer",
            "state",
            "first_act_at",
            "arrived_at",
            sqlite_where=TO_ANSWER,
            postgresql_where=TO_ANSWER,
        ),
        CheckConstraint(
            "state IN ('submitted','need_info','rectifying','reviewing',"
            "'closed','rejected','duplicate','withdrawn')",
            name="state_is_known",
        ),
        CheckConstraint("version >= 1", name="version_counts_from_one"),
        CheckConstraint("NOT anonymous OR reporter_id IS NULL", name="anonymous_has_no_reporter"),
        CheckConstraint(
            "state NOT IN ('rectifying','reviewing','closed') OR (accepted_at IS NOT NULL AND level IS NOT NULL"
            " AND deadline IS NOT NULL AND first_deadline IS NOT NULL AND category IS NOT NULL"
            " AND factor IS NOT NULL AND (rectifier_id IS NOT NULL OR rectifier_name IS NOT NULL))",
            name="under_way_was_accepted",
        ),
        CheckConstraint(
            "state <> 'closed' OR"
            " (closed_at IS NOT NULL AND closed_by_id IS NOT NULL AND finished_at IS NOT NULL)",
            name="closed_was_verified",
        ),
        CheckConstraint("(state = 'duplicate') = (master_id IS NOT NULL)", name="duplicate_has_master"),
        CheckConstraint("closed_at IS NULL OR closed_at >= rectified_at", name="closed_after_repair"),
    )


class HistoryRow(Base):
    """One step of a hazard's life; insert-only. `version` is the hazard's after the step."""

    __tablename__ = "hazard_history"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    version: Mapped[int]
    action: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    detail: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("hazard_id", "version"), Index("ix_hazard_history_at", "action", "at"))


class RoutingRow(Base):
    """One routing decision with its reasons; insert-only, the newest is in force."""

    __tablename__ = "hazard_routing"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), index=True)
    at: Mapped[datetime]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str | None]
    because: Mapped[list[Any]]


class DualReportRow(Base):
    """A major hazard reported to the regulator or to the workers' congress (安全生产法 §41)."""

    __tablename__ = "dual_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), index=True)
    to: Mapped[str]
    on: Mapped[date]
    document: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    __table_args__ = (CheckConstraint("\"to\" IN ('regulator','congress')", name="to_is_known"),)


class DocumentRow(Base):
    """A file kept with a hazard: `n` counts the hazard's own from 1; its maker's file name is not kept."""

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    n: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True, info=NAMES_AN_OBJECT)
    bytes: Mapped[int]
    format: Mapped[str]
    kept_at: Mapped[datetime]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    __table_args__ = (UniqueConstraint("hazard_id", "n"),)


class FollowerRow(Base):
    """Somebody who follows a hazard: the own report was merged into it, or it was met and not reported again.

    `from_hazard_id` is the own report; empty for whoever follows by choice.
    """

    __tablename__ = "follower"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    from_hazard_id: Mapped[int | None] = mapped_column(ForeignKey("hazard.id"))
    followed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("hazard_id", "account_id", "from_hazard_id"),
        Index(
            "uq_follower_by_choice",
            "hazard_id",
            "account_id",
            unique=True,
            sqlite_where=text("from_hazard_id IS NULL"),
            postgresql_where=text("from_hazard_id IS NULL"),
        ),
    )


class DeadlineMarkRow(Base):
    """A mark of a clock that has come, once for each deadline and day (domain.md §5, clocks).

    `clock` is "repair" (`counted_from` is the deadline, `days` from its day) or "first_act" (`counted_from` is the
    arrival, `days` 1). `announced` says whether an event told of it: one missed for too long is only written down.
    """

    __tablename__ = "deadline_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"))
    clock: Mapped[str]
    counted_from: Mapped[datetime]
    days: Mapped[int]
    marked_at: Mapped[datetime]
    announced: Mapped[bool]
    __table_args__ = (
        UniqueConstraint("hazard_id", "clock", "counted_from", "days"),
        CheckConstraint("clock IN ('repair','first_act')", name="clock_is_known"),
        CheckConstraint("days IN (-1, 0, 1, 3)", name="days_are_marks"),
    )
