"""Tables of accounts, grants, sessions, API tokens, invitations and spent passes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class AccountRow(Base):
    """A person who signs in; without `password_hash` until the invitation was used."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    home_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    made_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class GrantRow(Base):
    """A role in a unit, while `ended_at` is empty."""

    __tablename__ = "role_grant"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str]
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("account_id", "unit_id", "role", "granted_at"),
        CheckConstraint(
            "role IN ('worker','officer','rectifier','head','reviewer','admin')", name="role_is_known"
        ),
    )


class CredentialRow(Base):
    """A browser session or an API token: the SHA-256 of 256 random bits, never the bits."""

    __tablename__ = "credential"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("kind IN ('session','token')", name="kind_is_known"),)


class InvitationRow(Base):
    """A one-time link that lets a person choose the password."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentPassRow(Base):
    """An anonymous pass that was used: its hash and the hour, so that rows cannot be lined up with log times."""

    __tablename__ = "spent_pass"
    pass_hash: Mapped[str] = mapped_column(primary_key=True)
    spent_hour: Mapped[datetime]
    __table_args__ = (Index("ix_spent_pass_hour", "spent_hour"),)
