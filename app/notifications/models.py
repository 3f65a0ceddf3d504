"""Tables of messages, their deliveries, the units' robots, people's choices and the hosts that may be reached."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class MessageRow(Base):
    """One message to one person: what it is about (`kind`) and the facts it is worded from, never the words.

    `source` is the event ("event:17") or the day of a digest ("digest:2026-11-24"): a person hears once of each.
    """

    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str]
    kind: Mapped[str]
    part: Mapped[str]
    hazard_id: Mapped[int | None] = mapped_column(ForeignKey("hazard.id"))
    facts: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("account_id", "source"),
        Index("ix_message_account", "account_id", "id"),
        Index(
            "ix_message_unread",
            "account_id",
            "id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_message_hazard_unread",
            "hazard_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("ix_message_made_at", "made_at"),
    )


class ChannelRow(Base):
    """A unit's robot in a group. `webhook` and `secret` open the group to anybody: never shown, never logged.

    `posts` are the instants of the last minute's posts, so that every worker keeps the robot's limit together.
    """

    __tablename__ = "channel"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    webhook: Mapped[str]
    secret: Mapped[str | None]
    keyword: Mapped[str | None]
    language: Mapped[str]
    topics: Mapped[list[Any]]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    posts: Mapped[list[Any]]
    blocked_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    __table_args__ = (CheckConstraint("kind IN ('wecom','dingtalk','feishu')", name="kind_is_known"),)


class DeliveryRow(Base):
    """One message on its way: a person's by e-mail, or one event to one robot (then it carries its own facts)."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("message_id"),
        UniqueConstraint("channel_id", "event_id"),
        Index("ix_delivery_waiting", "state", "next_at"),
        Index("ix_delivery_made_at", "made_at"),
        CheckConstraint("state IN ('waiting','sent','failed','given_up')", name="state_is_known"),
        CheckConstraint("(message_id IS NULL) <> (channel_id IS NULL)", name="goes_one_way"),
        CheckConstraint("(channel_id IS NULL) = (event_id IS NULL)", name="robot_tells_an_event"),
    )


class PreferenceRow(Base):
    """What one person chose: language, address, what comes by e-mail, and the daily digest.

    An address counts once the code that was sent there came back; the code is kept as its hash.
    """

    __tablename__ = "preference"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    language: Mapped[str]
    email: Mapped[str | None]
    email_confirmed_at: Mapped[datetime | None]
    code_hash: Mapped[str | None]
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int]
    silent_topics: Mapped[list[Any]]
    digest: Mapped[bool]
    digest_hour: Mapped[int]
    set_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("language IN ('zh','en')", name="language_is_known"),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour_is_an_hour"),
    )


class DigestMarkRow(Base):
    """The last day whose digest was decided for a person, also when nothing waited and nothing was sent."""

    __tablename__ = "digest_mark"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    told_on: Mapped[date]


class ListedHostRow(Base):
    """A private address or name that an administrator of the whole tree lets outgoing requests reach (P20)."""

    __tablename__ = "listed_host"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(unique=True)
    listed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    listed_at: Mapped[datetime]
