"""Messages that are over: who acts has read, and nobody is asked for what is already done."""

import pytest
from sqlalchemy import select, update

from app.accounts.models import AccountRow
from app.core.outbox import EventRow
from app.hazards.models import HazardRow
from app.notifications.kinds import Kind, Part
from app.notifications.models import MessageRow
from app.notifications.settling import moves_that_settle
from app.notifications.telling import tell


def unread(house, number):
    """{(login, kind)} of what nobody has read or settled."""
    with house.means.db.read() as session:
        rows = session.execute(
            select(AccountRow.login, MessageRow.kind)
            .join(MessageRow, MessageRow.account_id == AccountRow.id)
            .join(HazardRow, HazardRow.id == MessageRow.hazard_id)
            .where(HazardRow.number == number, MessageRow.read_at.is_(None))
        )
        return {tuple(row) for row in rows}


def test_accepting_settles_what_asked_for_it(house):
    number = house.report()
    house.work()
    assert unread(house, number) == {("wangmin", "arrived")}
    house.accept(number)
    house.work()
    assert unread(house, number) == {("zhanglei", "assigned"), ("lixia", "accepted")}


def test_the_whole_way_leaves_only_news(house):
    number = house.report()
    for step in (house.accept, house.rectify, house.close):
        step(number)
        house.work()
    news = {("lixia", "accepted"), ("lixia", "repaired"), ("lixia", "closed"), ("zhanglei", "closed")}
    assert unread(house, number) == news


def test_what_asks_is_settled_for_everybody_when_somebody_else_does_it(house):
    number = house.report()
    house.accept(number)
    house.rectify(number)
    house.work()
    with house.means.db.write() as session:  # somebody who stood in was asked as well
        other = session.execute(select(AccountRow.id).where(AccountRow.login == "zhaoqiang")).scalar_one()
        session.execute(
            update(MessageRow).where(MessageRow.kind == "to_review").values(account_id=other, part="deputy")
        )
    assert ("zhaoqiang", "to_review") in unread(house, number)
    house.close(number)
    house.work()
    assert ("zhaoqiang", "to_review") not in unread(house, number)


def test_told_late_or_twice_the_end_is_the_same(house):
    number = house.report()
    house.accept(number)
    house.rectify(number)
    with house.means.db.read() as session:
        events = list(session.execute(select(EventRow.id).order_by(EventRow.id.desc())).scalars())
    for event_id in (*events, *events):
        tell(event_id, at=house.clock(), mails=False, db=house.means.db)
    # Nobody tells the rectifier to repair what he has just repaired.
    assert unread(house, number) == {("lixia", "accepted"), ("lixia", "repaired"), ("wangmin", "to_review")}


def test_what_a_person_read_keeps_its_own_time(house):
    number = house.report()
    house.work()
    read_at = house.clock()
    with house.means.db.write() as session:
        session.execute(update(MessageRow).values(read_at=read_at))
    house.clock.forward(hours=1)
    house.accept(number)
    house.work()
    with house.means.db.read() as session:
        arrived = select(MessageRow.read_at).join(HazardRow, HazardRow.id == MessageRow.hazard_id)
        arrived = arrived.where(MessageRow.kind == "arrived", HazardRow.number == number)
        assert session.execute(arrived).scalar_one() == read_at


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (Kind.CLOSED, Part.RECTIFIER),
        (Kind.ACCEPTED, Part.REPORTER),
        (Kind.REPAIRED, Part.REPORTER),
        (Kind.REPAIR_RETURNED, Part.FOLLOWER),
        (Kind.REOPENED, Part.REPORTER),
        (Kind.FIRST_ACT_LATE, Part.SUPERIOR),
        (Kind.LONG_OVERDUE, Part.UNION),
        (Kind.SUPERVISED, Part.HEAD),
    ],
)
def test_news_is_settled_by_nobody_else(kind, part):
    assert moves_that_settle(kind, part) == frozenset()
