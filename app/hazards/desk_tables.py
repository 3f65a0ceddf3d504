"""Tables that make the desk quick: what of a hazard waits for whom, and the words it is found by.

Both say again what `hazard` says. `hazard_words` is written by the submission; `desk_line` and the full-text index
`hazard_search` are kept by triggers (migration 0009), so that no way of changing a hazard can forget them.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class HazardWordsRow(Base):
    """A hazard's words, cut by `app.hazards.words_index`; `shown` to whoever sees it at all, `told` to fewer."""

    __tablename__ = "hazard_words"
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), primary_key=True, autoincrement=False)
    shown: Mapped[str]
    told: Mapped[str]


class DeskLineRow(Base):
    """One hazard that waits, once for each unit from its own to the root ("u4") and for its rectifier ("a7").

    `due` is the deadline, before acceptance the arrival; the primary key is the order of the inbox.
    """

    __tablename__ = "desk_line"
    key: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    due: Mapped[datetime] = mapped_column(primary_key=True)
    hazard_id: Mapped[int] = mapped_column(ForeignKey("hazard.id"), primary_key=True, autoincrement=False)
    __table_args__ = (Index("ix_desk_line_hazard_id", "hazard_id"), {"sqlite_with_rowid": False})
