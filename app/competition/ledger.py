"""The points ledger (积分): entries by event and rule, insert-only, reversed by further entries.

Every job brings the whole ledger of its hazard up to date from history, so any order and any repetition of the
jobs ends in the same entries; UNIQUE (event, rule) and UNIQUE (reverses) stand behind it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.orm import Session

from app.competition.acceptances import (
    Credit,
    EventKey,
    LedgerEvent,
    Life,
    Span,
    acceptance_of,
    credit_of,
    credited_around,
    event_key,
    ledger_events,
    lives_of,
    month_of,
    offices_of,
)
from app.competition.models import LedgerRow
from app.competition.points import points_for
from app.competition.rule_sets import point_rules_in
from app.core.db import Database
from app.core.outbox import EventRow
from app.hazards.events import HazardAccepted, HazardMerged, HazardVoided, PointsClaimed
from app.hazards.lifecycle import Action
from app.hazards.models import HazardRow, HistoryRow
from app.hazards.paid import note_points_paid


class WhyReversed(StrEnum):
    """Why points were taken back."""

    VOIDED = "voided"
    MERGED = "merged"


@dataclass(frozen=True)
class Entry:
    """One line of "my points"; `rule` and `why` are codes of `points` or of `WhyReversed`."""

    number: str
    rule: str
    points: int
    why: str
    values: Mapping[str, Any]
    at: datetime
    month: date
    is_reversal: bool


@dataclass(frozen=True)
class Passbook:
    """One page of an account's entries, newest first: each with the balance that it left, `next` the older page's.

    `balance` is that of the whole account, so on the first page it is what the first entry left.
    """

    lines: tuple[tuple[Entry, int], ...]
    balance: int
    next: tuple[str, str] | None


def post_awards(event_id: int, *, at: datetime, db: Database) -> None:
    """Job for `HazardAccepted` and `PointsClaimed`: post what the hazard earns, with the reason also for 0 points.

    Repeatable: entries that stand are skipped, and one that was taken back meanwhile is reversed at once.

    Raises:
        NoResultFound: no such event, or no point rules.
        Unavailable: the database cannot now.
    """
    _settle(event_id, at=at, db=db)


def reverse_awards(event_id: int, *, at: datetime, db: Database) -> None:
    """Job for `HazardVoided` and `HazardMerged`: reverse the points of the acceptance that this step took back.

    Repeatable, and right also before the award's own job: then both entries are posted here.

    Raises:
        NoResultFound: no such event, or no point rules.
        Unavailable: the database cannot now.
    """
    _settle(event_id, at=at, db=db)


def balance_of(session: Session, account_id: int) -> int:
    """All points of this account, reversals included."""
    total = select(func.coalesce(func.sum(LedgerRow.points), 0)).where(LedgerRow.account_id == account_id)
    return session.execute(total).scalar_one()


def passbook_of(
    session: Session, account_id: int, *, before: tuple[str, str] | None = None, limit: int = 50
) -> Passbook:
    """The account's entries as a passbook of points; `before` is the `next` of the page that was read.

    One statement counts and lists, so that no entry posted meanwhile comes between a sum and its parts.
    """
    order = (LedgerRow.at, LedgerRow.id)
    counted = (
        select(
            LedgerRow.id,
            func.sum(LedgerRow.points).over(order_by=order).label("left"),
            func.sum(LedgerRow.points).over().label("whole"),
        )
        .where(LedgerRow.account_id == account_id)
        .subquery()
    )
    asked = (
        select(LedgerRow, HazardRow.number, counted.c.left, counted.c.whole)
        .join(counted, counted.c.id == LedgerRow.id)
        .join(HazardRow, HazardRow.id == LedgerRow.hazard_id)
        .order_by(LedgerRow.at.desc(), LedgerRow.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        asked = asked.where(tuple_(*order) < (datetime.fromisoformat(before[0]), int(before[1])))
    found = session.execute(asked).all()
    shown = found[:limit]
    lines = tuple((_entry(number, row), int(left)) for row, number, left, _whole in shown)
    last = shown[-1][0] if len(found) > limit else None
    return Passbook(
        lines=lines,
        balance=int(shown[0].whole) if shown else balance_of(session, account_id),
        next=(last.at.isoformat(), str(last.id)) if last is not None else None,
    )


def _entry(number: str, row: LedgerRow) -> Entry:
    reverses = row.reverses_id is not None
    return Entry(number, row.rule, row.points, row.why, row.values, row.at, row.month, reverses)


def entries_for(session: Session, account_id: int, number: str) -> list[Entry]:
    """What this account earned by one hazard, oldest first."""
    rows = session.execute(
        select(LedgerRow)
        .join(HazardRow, HazardRow.id == LedgerRow.hazard_id)
        .where(LedgerRow.account_id == account_id, HazardRow.number == number)
        .order_by(LedgerRow.at, LedgerRow.id)
    ).scalars()
    return [_entry(number, row) for row in rows]


def totals_for(session: Session, account_id: int, numbers: Collection[str]) -> Mapping[str, int]:
    """The points of this account by hazard; a hazard without an entry is left out, one of 0 points is not."""
    rows = session.execute(
        select(HazardRow.number, func.sum(LedgerRow.points))
        .join(HazardRow, HazardRow.id == LedgerRow.hazard_id)
        .where(LedgerRow.account_id == account_id, HazardRow.number.in_(numbers))
        .group_by(HazardRow.number)
    )
    return {number: int(total) for number, total in rows}


def _settle(event_id: int, *, at: datetime, db: Database) -> None:
    with db.write() as session:
        told = session.execute(select(EventRow).where(EventRow.id == event_id)).scalar_one()
        values = told.values
        event = LedgerEvent(told.id, told.at, told.name, values["hazard_id"], values["version"])
        hazard = session.execute(select(HazardRow).where(HazardRow.id == event.hazard_id)).scalar_one()
        life = lives_of(session, [hazard])[hazard.id]
        events = _events_for(session, life, event)
        for span in life.spans:
            _post(session, life, span, events)
            if span.ended is not None:
                _reverse(session, life, span, span.ended, events)
        _note_paid(session, hazard, at=at)


def _events_for(session: Session, life: Life, event: LedgerEvent) -> Mapping[EventKey, LedgerEvent]:
    """The events that pay or take back; after a plain acceptance the one in hand is all there is."""
    wanted = {event_key(step) for span in life.spans for step in (span.begun, span.ended) if step is not None}
    wanted |= {credit.event for span in life.spans if (credit := credit_of(span, life))}
    if wanted <= {event.key}:
        return {event.key: event}
    names = [kind.name for kind in (HazardAccepted, HazardVoided, HazardMerged, PointsClaimed)]
    return {e.key: e for e in ledger_events(session, [life.hazard.id], names=names)}


def _post(session: Session, life: Life, span: Span, events: Mapping[EventKey, LedgerEvent]) -> None:
    credit = credit_of(span, life)
    accepted = event_key(span.begun)
    if credit is None or credit.event != accepted:
        # Nobody could be credited when it was accepted: that is an entry too, and a later claim is another.
        _award(session, life, span, None, events[accepted])
    if credit is not None:
        _award(session, life, span, credit, events[credit.event])


def _award(session: Session, life: Life, span: Span, credit: Credit | None, event: LedgerEvent) -> None:
    month = month_of(span, life)
    rules = point_rules_in(session, month)
    offices = offices_of(session, [credit.account_id] if credit is not None else [])
    others = credited_around(session, credit, month=month) if credit is not None else []
    known = set(session.execute(select(LedgerRow.rule).where(LedgerRow.event_id == event.id)).scalars())
    for award in points_for(acceptance_of(span, life, credit, offices=offices), others, rules=rules):
        if award.rule in known:
            continue
        session.execute(
            insert(LedgerRow).values(
                account_id=credit.account_id if credit is not None else None,
                hazard_id=life.hazard.id,
                event_id=event.id,
                rule=award.rule,
                rule_version=rules.version,
                points=award.points,
                why=award.why,
                values=dict(award.values),
                at=event.at,
                month=month,
            )
        )


def _reverse(
    session: Session, life: Life, span: Span, ended: HistoryRow, events: Mapping[EventKey, LedgerEvent]
) -> None:
    """Take back what this acceptance earned; the entry's own points, whatever the rules say by now."""
    credit = credit_of(span, life)
    if credit is None:
        return
    reversing = events[event_key(ended)]
    reversed_ids = select(LedgerRow.reverses_id).where(
        LedgerRow.hazard_id == life.hazard.id, LedgerRow.reverses_id.is_not(None)
    )
    standing = session.execute(
        select(LedgerRow)
        .where(
            LedgerRow.event_id == events[credit.event].id,
            LedgerRow.points != 0,
            LedgerRow.id.not_in(reversed_ids),
        )
        .order_by(LedgerRow.id)
    ).scalars()
    for entry in standing.all():
        session.execute(
            insert(LedgerRow).values(
                account_id=entry.account_id,
                hazard_id=entry.hazard_id,
                event_id=reversing.id,
                rule=entry.rule,
                rule_version=entry.rule_version,
                points=-entry.points,
                why=WhyReversed.VOIDED if ended.action == Action.VOID else WhyReversed.MERGED,
                values={},
                at=reversing.at,
                month=entry.month,
                reverses_id=entry.id,
            )
        )


def _note_paid(session: Session, hazard: HazardRow, *, at: datetime) -> None:
    total = session.execute(
        select(func.coalesce(func.sum(LedgerRow.points), 0)).where(LedgerRow.hazard_id == hazard.id)
    ).scalar_one()
    if (total > 0) != (hazard.points_paid_at is not None):
        note_points_paid(session, hazard.id, at=at if total > 0 else None)
