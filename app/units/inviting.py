"""Inviting many people at once: everybody of a unit who has not signed in yet gets a fresh one-time link."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts import people
from app.accounts.actor import Actor
from app.accounts.invitations import Link, renew_link
from app.accounts.roster import as_now
from app.core.db import Database
from app.core.errors import Fault, Invalid
from app.units.managing import managed_unit
from app.units.queries import Unit
from app.units.staff_lists import not_signed_in_yet

AT_ONCE_MOST = 2000


@dataclass(frozen=True)
class Invited:
    """One person with the link that was made now."""

    login: str
    name: str
    unit: Unit
    link: Link


def invite_everybody(unit: str, *, renew: bool, by: Actor, at: datetime, db: Database) -> list[Invited]:
    """Fresh links for those of a unit who never chose a password; with `renew` also where one still works.

    The links are in the answer and nowhere else; asking again without `renew` makes none for them.

    Raises:
        NotFound: the unit is absent or foreign.
        Invalid: nobody is left to invite, or too many for one answer.
    """
    with db.write() as session:
        by = as_now(session, by)
        chosen = managed_unit(session, unit, by=by)
        invited = []
        for met in not_signed_in_yet(session, chosen, by=by):
            before, home = met.link_expires_at, met.home
            if home is None or (before is not None and before > at and not renew):
                continue
            link = renew_link(session, met.account.account_id, at=at)
            people.change_of(met.account, by=by, at=at).record(
                session,
                before={"link_until": before.isoformat() if before else None},
                after={"link_until": link.expires_at.isoformat()},
            )
            invited.append(Invited(met.account.login, met.account.name, home, link))
        if not invited:
            raise Invalid(Fault("unit", "nobody_to_invite"))
        if len(invited) > AT_ONCE_MOST:
            raise Invalid(Fault("unit", "too_many_to_invite", {"limit": AT_ONCE_MOST}))
        return invited
