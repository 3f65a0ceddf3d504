"""Tells an event: who hears, and which messages and deliveries that makes; once for each event and hearer."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.outbox import event_of
from app.core.working_days import end_of_working_day
from app.hazards.case import AFTER_CLOSURE_LIMIT, APPEAL_WORKING_DAYS
from app.hazards.words import Level
from app.notifications.circle import Told, circle_of, told_of
from app.notifications.facts import PrivateFacts, PublicFacts
from app.notifications.kinds import TOPIC_OF, Kind, Part
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow, PreferenceRow
from app.notifications.settling import settle
from app.notifications.who_hears import HEARERS, Circle, Hearer, group_kind, who_hears
from app.units.queries import places_by_id

WAITING: Final = "waiting"
MESSAGES: Final = uuid.UUID("6f6a52f4-1d0b-4c8e-9c55-2f6f0b6b4a10")
"""The namespace of message codes; a code opens nothing, its reader's account does."""


def tell(event_id: int, *, at: datetime, mails: bool, db: Database) -> None:
    """Make the messages of one event, and the deliveries by e-mail (`mails`: there is a server) and to groups.

    Repeatable, late or twice at once: a message is unique by person and event, a delivery by message, or by robot
    and event; what is there stays as it is, read or unread. The hearers are those of now, what is told is the
    event's.
    """
    with db.read() as session:
        event = event_of(session, event_id)
        if not HEARERS.get(type(event)):
            return
    with db.write() as session:
        told = told_of(session, event_id, event)
        if told is None:
            return
        circle = circle_of(session, told)
        _tell_people(session, event_id, told, who_hears(type(event), circle), at=at, mails=mails)
        _tell_groups(session, event_id, told, circle, at=at)
        settle(session, told.hazard.id)


def public_facts(session: Session, told: Told) -> PublicFacts:
    """What anybody of the unit may know of the case now."""
    hazard, unit = told.hazard, told.unit
    place = places_by_id(session, [hazard.place_id]).get(hazard.place_id or 0)
    asked = told.detail.get("deadline")
    deadline = datetime.fromisoformat(asked) if asked else hazard.deadline
    return PublicFacts(
        number=hazard.number,
        category=hazard.category or "",
        place=place.name if place else "",
        unit=unit.name,
        state=told.state,
        major=hazard.level == Level.MAJOR,
        deadline=deadline.astimezone(unit.zone) if deadline else None,
        master=str(told.detail.get("master") or ""),
    )


def _facts_for(hearer: Hearer, told: Told, public: dict[str, Any]) -> dict[str, Any]:
    """A follower reads the public part of a ticket: neither its deadline nor what was said."""
    if hearer.part is Part.FOLLOWER:
        return public | {"deadline": None}
    private = PrivateFacts(
        said=str(told.detail.get("text") or ""),
        where=told.hazard.location_text or "",
        reason=str(told.detail.get("reason") or ""),
        until=_until(hearer, told),
    )
    return public | private.as_values()


def _until(hearer: Hearer, told: Told) -> datetime | None:
    """Until when its reporter may appeal or object; for nobody else's eyes: it is nobody else's move."""
    if hearer.part is not Part.REPORTER:
        return None
    zone = told.unit.zone
    if hearer.kind in {Kind.REJECTED, Kind.VOIDED}:
        return end_of_working_day(told.at, days=APPEAL_WORKING_DAYS, zone=zone).astimezone(zone)
    return (told.at + AFTER_CLOSURE_LIMIT).astimezone(zone) if hearer.kind is Kind.CLOSED else None


def _tell_people(
    session: Session, event_id: int, told: Told, hearers: Collection[Hearer], *, at: datetime, mails: bool
) -> None:
    source = f"event:{event_id}"
    heard = set(session.execute(select(MessageRow.account_id).where(MessageRow.source == source)).scalars())
    public = public_facts(session, told).as_values()
    for hearer in hearers:
        if hearer.account_id in heard:
            continue
        facts = _facts_for(hearer, told, public)
        keep_message(
            session,
            hearer,
            source=source,
            hazard_id=told.hazard.id,
            facts=facts,
            made_at=told.at,
            at=at,
            mails=mails,
        )


def keep_message(
    session: Session,
    hearer: Hearer,
    *,
    source: str,
    hazard_id: int | None,
    facts: dict[str, Any],
    made_at: datetime,
    at: datetime,
    mails: bool,
) -> None:
    """Write one message, and its delivery by e-mail where the person wants one and the address is confirmed."""
    message_id = session.execute(
        insert(MessageRow)
        .values(
            # Made from what it is, so that the same jobs in any order end in the same rows (P5).
            code=uuid.uuid5(MESSAGES, f"{hearer.account_id}:{source}").hex,
            account_id=hearer.account_id,
            source=source,
            kind=hearer.kind,
            part=hearer.part,
            hazard_id=hazard_id,
            facts=facts,
            made_at=made_at,
        )
        .returning(MessageRow.id)
    ).scalar_one()
    if mails and _wants_mail(session, hearer):
        _send_later(session, at=at, message_id=message_id, kind=hearer.kind, facts={})


def _wants_mail(session: Session, hearer: Hearer) -> bool:
    chosen = session.get(PreferenceRow, hearer.account_id)
    if chosen is None or chosen.email is None or chosen.email_confirmed_at is None:
        return False
    return TOPIC_OF[hearer.kind] not in chosen.silent_topics


def _tell_groups(session: Session, event_id: int, told: Told, circle: Circle, *, at: datetime) -> None:
    kind = group_kind(type(told.event), circle)
    if kind is None:
        return
    rows = session.execute(
        select(ChannelRow)
        .where(ChannelRow.unit_id.in_(told.unit.lineage), ChannelRow.retired_at.is_(None))
        .order_by(ChannelRow.id)
    ).scalars()
    channels = [channel for channel in rows if TOPIC_OF[kind] in channel.topics]
    done = set(session.execute(select(DeliveryRow.channel_id).where(DeliveryRow.event_id == event_id)).scalars())
    facts = public_facts(session, told).as_values() if channels else {}
    for channel in channels:
        if channel.id not in done:
            _send_later(session, at=at, channel_id=channel.id, event_id=event_id, kind=kind, facts=facts)


def _send_later(session: Session, *, at: datetime, kind: Kind, facts: dict[str, Any], **way: int) -> None:
    session.execute(
        insert(DeliveryRow).values(
            kind=kind, facts=facts, state=WAITING, attempts=0, made_at=at, next_at=at, **way
        )
    )
