"""Who is away on a day, and who stands in: a line of deputies that is followed to somebody who is there.

The rule (docs/decisions/0011-clocks.md): the deputy's own deputy stands in for a deputy who is away too; where the
line ends with nobody (no deputy named, a circle, somebody who left or lost the role), the way leads on as if the
absent person were not in the unit at all: to its other officers, else up the tree.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.db import Base, table_of
from app.units.queries import units_by_id

STAND_IN_FOR: Final = (Role.OFFICER, Role.HEAD)
"""The duties a deputy takes over. A rectifier who is away is changed on the hazard (改派), not by deputy."""


class AbsenceRow(Base):
    """Somebody is away from one day to another, both included, in the zone of the own unit.

    `key` is its public name; without `deputy_id` nobody stands in. One that was taken back holds no more.
    """

    __tablename__ = "absence"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="days_in_order"),
        CheckConstraint("deputy_id <> account_id", name="deputy_is_another"),
        Index("ix_absence_account", "account_id", "until_on"),
        Index("ix_absence_deputy", "deputy_id", "until_on"),
    )


_ROW: Final = table_of(AbsenceRow).c
_AWAY_ON: Final = (
    select(_ROW.account_id, _ROW.deputy_id)
    .where(
        _ROW.account_id.in_(bindparam("ids", expanding=True)),
        _ROW.from_on <= bindparam("day"),
        _ROW.until_on >= bindparam("day"),
        _ROW.taken_back_at.is_(None),
    )
    .order_by(_ROW.id)
)


@dataclass(frozen=True)
class Away:
    """One absence as the rules see it: days are inclusive."""

    account_id: int
    deputy_id: int | None
    from_on: date
    until_on: date


def stand_in(account_id: int, deputies: Mapping[int, int | None]) -> int | None:
    """Who stands in for somebody on one day: the first of the line who is there.

    `deputies` are everybody who is away that day, with the deputy named (None: nobody). None when the line ends
    with nobody or runs in a circle.
    """
    met = {account_id}
    here: int | None = account_id
    while here is not None and here in deputies:
        here = deputies[here]
        if here in met:
            return None
        if here is not None:
            met.add(here)
    return here


def closes_circle(new: Away, others: Collection[Away]) -> bool:
    """Whether on some day of `new` the line of deputies would come back to who is away."""

    def leads_back(deputy_id: int | None, since: date, until: date, met: frozenset[int]) -> bool:
        if deputy_id == new.account_id:
            return True
        if deputy_id is None or deputy_id in met:
            return False
        return any(
            leads_back(other.deputy_id, max(since, other.from_on), min(until, other.until_on), met | {deputy_id})
            for other in others
            if other.account_id == deputy_id and max(since, other.from_on) <= min(until, other.until_on)
        )

    return leads_back(new.deputy_id, new.from_on, new.until_on, frozenset())


def deputies_on(session: Session, day: date, accounts: Collection[int]) -> dict[int, int | None]:
    """Those of `accounts` who are away on `day`, each with who stands in; None where nobody does.

    Who is there is not among them. A deputy counts only while enabled and holding the duty (`covers`).
    """
    away = _away_on(session, day, accounts)
    return {account_id: stand_in(account_id, away) for account_id in accounts if account_id in away}


def _away_on(session: Session, day: date, accounts: Collection[int]) -> dict[int, int | None]:
    """Whoever is away that day on the lines of deputies from `accounts` on, each with the deputy that counts."""
    found: dict[int, int | None] = {}
    asked = set(accounts)
    while asked:
        rows = session.execute(_AWAY_ON, {"ids": list(asked), "day": day}).all()
        new = {row.account_id: row.deputy_id for row in rows}
        for account_id, deputy_id in new.items():
            good = deputy_id is not None and covers(session, deputy_id, account_id)
            found[account_id] = deputy_id if good else None
        asked = {deputy for deputy in (found[one] for one in new) if deputy is not None} - found.keys()
    return found


def covers(session: Session, deputy_id: int, account_id: int) -> bool:
    """Whether the deputy is enabled and holds each duty of the other in the same unit or above.

    So the deputy may already do everything that is to be done: being one adds no permission.
    """
    duties = _duties(session, account_id)
    held = _duties(session, deputy_id)
    units = units_by_id(session, {unit_id for _, unit_id in duties})
    enabled = select(AccountRow.id).where(AccountRow.id == deputy_id, AccountRow.disabled_at.is_(None))
    if not duties or session.execute(enabled).scalar_one_or_none() is None:
        return False
    return all(any((role, above) in held for above in units[unit_id].lineage) for role, unit_id in duties)


def _duties(session: Session, account_id: int) -> set[tuple[str, int]]:
    rows = session.execute(
        select(GrantRow.role, GrantRow.unit_id).where(
            GrantRow.account_id == account_id, GrantRow.role.in_(STAND_IN_FOR), GrantRow.ended_at.is_(None)
        )
    )
    return {(row.role, row.unit_id) for row in rows}
