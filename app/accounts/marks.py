"""The name by which a phone knows an account again: stable, and it tells nobody anything."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow


def account_mark(session: Session, account_id: int) -> str:
    """The mark of an account, 32 hex digits: the same for ever, also after a restore or with another secret key.

    No row number can be read off it: the instant at which the account was made goes in, to the microsecond.
    """
    made_at = session.execute(select(AccountRow.made_at).where(AccountRow.id == account_id)).scalar_one()
    return hashlib.sha256(f"account {account_id} {made_at.timestamp():.6f}".encode()).hexdigest()[:32]
