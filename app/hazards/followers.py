"""Who follows a hazard without having reported it: joining when it was met, going along when it is merged."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.db import Database
from app.core.errors import NotOpen
from app.core.outbox import record
from app.hazards.case import Case, case_of, find_case
from app.hazards.events import HazardFollowed
from app.hazards.lifecycle import OPEN, State
from app.hazards.models import FollowerRow, HazardRow
from app.hazards.policy import Why


def follow_hazard(number: str, *, by: Actor, at: datetime, db: Database) -> str:
    """Join a hazard that somebody else has reported: no second hazard, no points. Returns the number joined.

    A duplicate's master is joined instead. Whoever reported it or follows it already changes nothing.

    Raises:
        NotFound: absent or foreign.
        NotOpen: it has ended; what was met is another hazard.
    """
    with db.write() as session:
        case = _to_follow(session, number, by=by)
        hazard = case.hazard
        if case.standing.is_reporter or _follows(session, hazard, by):
            return hazard.number
        told = {"hazard_id": hazard.id, "account_id": by.account_id, "from_hazard_id": None, "followed_at": at}
        session.execute(insert(FollowerRow).values(**told))
        record(session, HazardFollowed(hazard.id, hazard.version), at=max(at, hazard.changed_at))
        return hazard.number


def _to_follow(session: Session, number: str, *, by: Actor) -> Case:
    case = find_case(session, number, by=by)
    if case.hazard.master_id is not None:
        master = session.execute(select(HazardRow).where(HazardRow.id == case.hazard.master_id)).scalar_one()
        case = case_of(session, master, by=by)
    if State(case.hazard.state) not in OPEN:
        raise NotOpen(Why.STATE)
    return case


def _follows(session: Session, hazard: HazardRow, by: Actor) -> bool:
    query = select(FollowerRow.id).where(
        FollowerRow.hazard_id == hazard.id, FollowerRow.account_id == by.account_id
    )
    return session.execute(query.limit(1)).scalar_one_or_none() is not None


def followers_go_along(session: Session, hazard: HazardRow, master: HazardRow) -> None:
    """The followers of a hazard that is merged follow the master; who chose this hazard is remembered by it."""
    theirs = FollowerRow.hazard_id == hazard.id
    session.execute(
        update(FollowerRow)
        .where(theirs, FollowerRow.from_hazard_id.is_(None))
        .values(hazard_id=master.id, from_hazard_id=hazard.id)
    )
    session.execute(update(FollowerRow).where(theirs).values(hazard_id=master.id))


def followers_come_back(session: Session, hazard: HazardRow) -> None:
    """A merge undone: who chose this hazard follows it again, its reporter follows the master no more."""
    through = FollowerRow.from_hazard_id == hazard.id
    chosen = FollowerRow.followed_at.is_not(None)
    session.execute(update(FollowerRow).where(through, chosen).values(hazard_id=hazard.id, from_hazard_id=None))
    session.execute(delete(FollowerRow).where(through))
