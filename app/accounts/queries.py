"""Questions about accounts that other capabilities ask."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role


@dataclass(frozen=True)
class Person:
    """An account as others may see it."""

    account_id: int
    login: str
    name: str
    unit_id: int


def names_of(session: Session, account_ids: Collection[int | None]) -> Mapping[int, str]:
    """Names by account id."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = session.execute(select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def people_with_role(session: Session, roles: Collection[Role], *, unit_ids: Collection[int]) -> list[Person]:
    """Enabled accounts holding one of the roles in one of these units, by name; one line per account and unit."""
    rows = session.execute(
        select(AccountRow.id, AccountRow.login, AccountRow.name, GrantRow.unit_id)
        .join(GrantRow, GrantRow.account_id == AccountRow.id)
        .where(
            GrantRow.role.in_(roles),
            GrantRow.unit_id.in_(unit_ids),
            GrantRow.ended_at.is_(None),
            AccountRow.disabled_at.is_(None),
        )
        .distinct()
        .order_by(AccountRow.name, AccountRow.id, GrantRow.unit_id)
    )
    return [Person(row.id, row.login, row.name, row.unit_id) for row in rows]
