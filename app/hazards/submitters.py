"""Who reports, and what follows from it: scope, pass, home, the place they may speak of, how it was found."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Guest, Submitter, Unnamed
from app.accounts.models import AccountRow, SpentPassRow
from app.accounts.permissions import Permission
from app.core.errors import Fault, Forbidden, Invalid, NotSignedIn
from app.hazards.drafts import HazardDraft
from app.hazards.words import FoundBy
from app.units.models import UnitRow
from app.units.queries import (
    Place,
    Unit,
    UnitKind,
    covered_by,
    enterprise_of,
    lets_guests_in,
    place_for,
    unit_by_id,
    units_by_id,
)

CROWD: Final = 5
"""The fewest people among whom one cannot be told (P16 uses the same number)."""


def check_submitter(draft: HazardDraft, by: Submitter) -> None:
    """See that this person may make this report, and an anonymous one without an account.

    Raises:
        Invalid: an account on an anonymous report, or a pass on a named one.
        Forbidden: the account may not report.
    """
    if draft.anonymous and not isinstance(by, Unnamed):
        raise Invalid(Fault("anonymous", "needs_pass"))
    if isinstance(by, Unnamed) and not draft.anonymous:
        raise Invalid(Fault("anonymous", "pass_is_for_anonymous"))
    if isinstance(by, Actor) and not by.can_somewhere(Permission.HAZARD_SUBMIT):
        raise Forbidden


def scope_of(by: Submitter) -> str:
    """Within what a client_id is unique: the account, the guest place, or the pass's unit."""
    if isinstance(by, Actor):
        return f"account:{by.account_id}"
    if isinstance(by, Guest):
        return f"place:{by.place_id}"
    # By unit and not by pass: a phone that retries with a fresh pass must still find its first report.
    return f"unnamed:{by.unit_id}"


def check_pass(session: Session, by: Submitter) -> None:
    """See that a one-use pass is fresh.

    Raises:
        NotSignedIn: it was spent on another report.
    """
    if isinstance(by, Actor) or by.pass_hash is None:
        return
    spent = session.execute(
        select(SpentPassRow.pass_hash).where(SpentPassRow.pass_hash == by.pass_hash)
    ).scalar_one_or_none()
    if spent is not None:
        raise NotSignedIn(reason="pass_spent")


def check_right_to_upload(session: Session, by: Submitter) -> None:
    """See that whoever announces an upload could still report with it: a pass outlives what it was given for.

    Raises:
        NotSignedIn: the pass was spent, or its place is retired or allows no guests any more.
    """
    check_pass(session, by)
    if isinstance(by, Guest) and not lets_guests_in(session, by.place_id):
        raise NotSignedIn(reason="pass_expired")


def spend_pass(session: Session, by: Submitter, *, at: datetime) -> None:
    """Mark the pass as spent; the primary key refuses a second time."""
    if isinstance(by, Actor) or by.pass_hash is None:
        return
    hour = at.replace(minute=0, second=0, microsecond=0)
    session.execute(insert(SpentPassRow).values(pass_hash=by.pass_hash, spent_hour=hour))


def home_of(by: Submitter) -> int | None:
    """The unit the report comes from; a guest has none."""
    if isinstance(by, Guest):
        return None
    return by.home_unit_id if isinstance(by, Actor) else by.unit_id


def scanned_place(session: Session, draft: HazardDraft, by: Submitter) -> Place | None:
    """The place that was scanned, if this person may report there: the own enterprise, or open to guests.

    Raises:
        Invalid: no such place, or not for this person: one answer.
    """
    if draft.place_code is None:
        if isinstance(by, Guest):
            raise Invalid(Fault("place_code", "needs_place"))
        return None
    home = home_of(by)
    place = place_for(session, draft.place_code, home=unit_by_id(session, home) if home is not None else None)
    # A guest's pass may be older than the place's last word on guests.
    if place is None or (isinstance(by, Guest) and place.id != by.place_id):
        raise Invalid(Fault("place_code", "unknown_place"))
    return place


def found_by(session: Session, by: Submitter, unit: Unit) -> FoundBy:
    """A report by somebody who commands from above the enterprise is a superior's inspection (domain.md §9 F)."""
    if not isinstance(by, Actor):
        return FoundBy.SNAP
    over = units_by_id(session, unit.lineage)
    above = [u.id for u in over.values() if u.kind in {UnitKind.FEDERATION, UnitKind.DISTRICT} and u.id != unit.id]
    commands = (Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)
    superior = any(by.can(permission, lineage=above) for permission in commands)
    return FoundBy.SUPERIOR_INSPECTION if superior else FoundBy.SNAP


def unit_to_hide_in(session: Session, actor: Actor) -> int:
    """The nearest unit from the actor's own upwards with at least CROWD accounts, at most the enterprise.

    A report "by somebody of a team of one" names that one (P15).
    """
    home = unit_by_id(session, actor.home_unit_id)
    enterprise = enterprise_of(session, home)
    for unit_id in reversed(home.lineage[home.lineage.index(enterprise.id) :]):
        if unit_id == enterprise.id or _people_of(session, unit_id) >= CROWD:
            return unit_id
    return enterprise.id


def _people_of(session: Session, unit_id: int) -> int:
    people = (
        select(func.count())
        .select_from(AccountRow)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(AccountRow.disabled_at.is_(None), covered_by(session, [unit_id]))
    )
    return session.execute(people).scalar_one()
