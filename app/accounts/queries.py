"""Questions about accounts that other capabilities ask."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.db import table_of

# Built once, on the tables: every report asks them.
_ACCOUNT: Final = table_of(AccountRow).c
_GRANT: Final = table_of(GrantRow).c
_NAMES: Final = select(_ACCOUNT.id, _ACCOUNT.name).where(_ACCOUNT.id.in_(bindparam("ids", expanding=True)))
_WITH_ROLE: Final = (
    select(_ACCOUNT.id, _ACCOUNT.login, _ACCOUNT.name, _GRANT.unit_id)
    .join_from(table_of(AccountRow), table_of(GrantRow), _GRANT.account_id == _ACCOUNT.id)
    .where(
        _GRANT.role.in_(bindparam("roles", expanding=True)),
        _GRANT.unit_id.in_(bindparam("ids", expanding=True)),
        _GRANT.ended_at.is_(None),
        _ACCOUNT.disabled_at.is_(None),
    )
    .distinct()
    .order_by(_ACCOUNT.name, _ACCOUNT.id, _GRANT.unit_id)
)


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
    rows = session.execute(_NAMES, {"ids": list(wanted)})
    return {row.id: row.name for row in rows}


def people_with_role(session: Session, roles: Collection[Role], *, unit_ids: Collection[int]) -> list[Person]:
    """Enabled accounts holding one of the roles in one of these units, by name; one line per account and unit."""
    rows = session.execute(_WITH_ROLE, {"roles": list(roles), "ids": list(unit_ids)})
    return [Person(row.id, row.login, row.name, row.unit_id) for row in rows]
