"""Holds: while a backup copies objects, nobody removes any; a hold that is not renewed ends by itself.

Whoever removes objects asks `is_held` in the transaction in which it looks for the last time. A hold is committed
before the backup's snapshot begins: a remover that did not see it has therefore looked at rows older than the
snapshot, and what no row named then is not named in the snapshot either.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base, UtcDateTime

HOLD_LASTS: Final = timedelta(minutes=10)
"""Ten renewals may fail before it ends; a backup that was killed keeps removals waiting no longer than this."""
CLOCK_SLACK: Final = timedelta(days=1)
"""How far a remover's clock may be behind that of the machine which makes the backup (P22)."""


class BackupHoldRow(Base):
    """One backup under way; nothing is removed from the store before `until`."""

    __tablename__ = "backup_hold"
    code: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime())


def hold_objects(session: Session, *, at: datetime) -> str:
    """Begin a hold; returns its code. Holds that ended long ago are forgotten."""
    session.execute(delete(BackupHoldRow).where(BackupHoldRow.until < at))
    code = uuid.uuid4().hex
    session.execute(insert(BackupHoldRow).values(code=code, until=at + HOLD_LASTS))
    return code


def renew_hold(session: Session, code: str, *, at: datetime) -> None:
    """Let it last from now on; also when it was forgotten meanwhile."""
    session.execute(delete(BackupHoldRow).where(BackupHoldRow.code == code))
    session.execute(insert(BackupHoldRow).values(code=code, until=at + HOLD_LASTS))


def release_hold(session: Session, code: str) -> None:
    """End it; harmless when it has ended."""
    session.execute(delete(BackupHoldRow).where(BackupHoldRow.code == code))


def is_held(session: Session, *, at: datetime) -> bool:
    """Whether a backup copies objects now.

    `at` is the instant of this look: one taken when a long sweep began knows nothing of a backup begun since. A
    hold further ahead than clocks differ was made before the clock was set back, and holds nothing (P22).
    """
    standing = select(BackupHoldRow.code).where(BackupHoldRow.until > at, BackupHoldRow.until <= at + CLOCK_SLACK)
    return session.execute(standing.limit(1)).scalar_one_or_none() is not None
