"""A unit's robots: set up by who manages the unit, tried, mended, removed; their keys are never shown again."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.core.changes import record_change
from app.core.db import Database
from app.core.errors import Fault, Invalid, NotFound, TooMany
from app.notifications.channel_list import ENDED_BADLY, FOR_GROUPS, SHOWN_FOR, managed_row
from app.notifications.delivering import Ways, note_post, post_to, settle_channel
from app.notifications.facts import PublicFacts
from app.notifications.kinds import Kind
from app.notifications.language import LANGUAGES
from app.notifications.models import ChannelRow, DeliveryRow
from app.notifications.robots import Robot, room_left
from app.notifications.what_is_said import said_to_group
from app.units.queries import unit_by_code, unit_by_id

NAME_LONGEST: Final = 40
WEBHOOK_LONGEST: Final = 1000


@dataclass(frozen=True)
class ChannelForm:
    """What an administrator says of a robot; an empty webhook or secret of a known robot stays as it was."""

    name: str
    kind: str = ""
    webhook: str = ""
    secret: str = ""
    keyword: str = ""
    language: str = "zh"
    topics: tuple[str, ...] = ()


def add_channel(unit_code: str, form: ChannelForm, *, by: Actor, at: datetime, db: Database) -> str:
    """Set up a robot for a unit; returns its code.

    Raises:
        NotFound: no such unit, or not managed by this person.
        Invalid: what was typed cannot be a robot.
    """
    _check(form, new=True)
    with db.write() as session:
        unit = unit_by_code(session, unit_code)
        if unit is None or not by.can(Permission.UNIT_MANAGE, lineage=unit.lineage):
            raise NotFound
        _hold_once(session, unit.id, form.webhook)
        row = ChannelRow(
            code=uuid.uuid4().hex,
            unit_id=unit.id,
            kind=form.kind,
            webhook=form.webhook,
            made_at=at,
            posts=[],
            **_chosen(form),
        )
        session.add(row)
        session.flush()
        row.secret = form.secret or None
        _record(session, row, before={}, by=by, at=at)
        return row.code


def change_channel(code: str, form: ChannelForm, *, by: Actor, at: datetime, db: Database) -> None:
    """Change a robot; its kind stays.

    Raises:
        NotFound: absent, or of a unit this person does not manage.
        Invalid: what was typed cannot be a robot.
    """
    with db.write() as session:
        row = managed_row(session, code, by=by)
        _check(replace(form, kind=row.kind), new=False)
        if form.webhook:
            _hold_once(session, row.unit_id, form.webhook, but=row.id)
        before = _told(row)
        for name, value in _chosen(form).items():
            setattr(row, name, value)
        if form.webhook:
            row.webhook, row.fault, row.blocked_until = form.webhook, None, None
        if form.secret:
            row.secret = form.secret
        _record(session, row, before=before, by=by, at=at, renewed=bool(form.webhook or form.secret))


def remove_channel(code: str, *, by: Actor, at: datetime, db: Database) -> None:
    """Remove a robot; its key is forgotten at once, what still waited ends.

    Raises:
        NotFound: absent, or of a unit this person does not manage.
    """
    with db.write() as session:
        row = managed_row(session, code, by=by)
        before = _told(row)
        row.retired_at, row.webhook, row.secret = at, "", None
        _record(session, row, before=before, by=by, at=at, removed=True)


def try_again(code: str, *, by: Actor, at: datetime, db: Database) -> int:
    """Let what could not be sent in the last month be tried again now; returns how many.

    Raises:
        NotFound: absent, or of a unit this person does not manage.
    """
    with db.write() as session:
        row = managed_row(session, code, by=by)
        row.blocked_until = None
        ids = session.execute(
            update(DeliveryRow)
            .where(
                DeliveryRow.channel_id == row.id,
                DeliveryRow.state.in_(ENDED_BADLY),
                DeliveryRow.made_at > at - SHOWN_FOR,
            )
            .values(state="waiting", attempts=0, made_at=at, next_at=at, ended_at=None)
            .returning(DeliveryRow.id)
        ).scalars()
        return len(ids.all())


def send_trial(code: str, ways: Ways, *, by: Actor, at: datetime, db: Database) -> str | None:
    """Send a trial message now; None when the robot took it, else the code of what was wrong.

    Raises:
        NotFound: absent, or of a unit this person does not manage.
        TooMany: the robot's minute is used up.
    """
    with db.write() as session:
        row = managed_row(session, code, by=by)
        if not room_left([datetime.fromisoformat(post) for post in row.posts], robot=Robot(row.kind), at=at):
            raise TooMany(60)
        note_post(row, at=at)
        unit = unit_by_id(session, row.unit_id)
    saying = said_to_group(Kind.TRIAL, PublicFacts(unit=unit.name), language=row.language)
    fault = post_to(ways, row, [saying.text], at=at)
    with db.write() as session:
        settle_channel(session, row.id, fault=fault, at=at)
    return fault


def _check(form: ChannelForm, *, new: bool) -> None:
    faults: list[Fault] = []
    if not form.name or len(form.name) > NAME_LONGEST:
        faults.append(Fault("name", "required") if not form.name else _too_long("name"))
    if form.kind not in set(Robot):
        faults.append(Fault("kind", "not_a_choice"))
    if form.language not in LANGUAGES:
        faults.append(Fault("language", "not_a_choice"))
    if (form.webhook or new) and not _is_webhook(form.webhook):
        faults.append(Fault("webhook", "not_a_webhook" if form.webhook else "required"))
    if not all(text.isprintable() and len(text) <= WEBHOOK_LONGEST for text in (form.secret, form.keyword)):
        faults.append(Fault("secret", "control_characters"))
    if len(form.keyword) > NAME_LONGEST:
        faults.append(_too_long("keyword"))
    if not set(form.topics) & set(FOR_GROUPS):
        faults.append(Fault("topics", "choose_one"))
    if faults:
        raise Invalid(*faults)


def _hold_once(session: Session, unit_id: int, webhook: str, *, but: int | None = None) -> None:
    """Refuse a second live robot with this address: a form sent twice would tell the group everything twice."""
    known = select(ChannelRow.id).where(
        ChannelRow.unit_id == unit_id, ChannelRow.webhook == webhook, ChannelRow.retired_at.is_(None)
    )
    if set(session.execute(known).scalars()) - {but}:
        raise Invalid(Fault("webhook", "robot_known"))


def _too_long(field: str) -> Fault:
    return Fault(field, "too_long", {"limit": NAME_LONGEST})


def _is_webhook(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # a port that is no number shows itself only when asked for
    except ValueError:
        return False
    whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    # A signature would be added behind the #, and nothing behind it is ever sent.
    return whole and "#" not in text and text.isprintable() and " " not in text and len(text) <= WEBHOOK_LONGEST


def _chosen(form: ChannelForm) -> dict[str, Any]:
    return {
        "name": form.name,
        "keyword": form.keyword or None,
        "language": form.language,
        "topics": [topic.value for topic in FOR_GROUPS if topic in form.topics],
    }


def _told(row: ChannelRow) -> dict[str, Any]:
    """What the record of changes may keep of a robot: no address, no secret."""
    return {
        "kind": row.kind,
        "host": urlsplit(row.webhook).hostname or "",
        "name": row.name,
        "keyword": row.keyword,
        "language": row.language,
        "topics": list(row.topics),
    }


def _record(
    session: Session,
    row: ChannelRow,
    *,
    before: Mapping[str, Any],
    by: Actor,
    at: datetime,
    renewed: bool = False,
    removed: bool = False,
) -> None:
    after = {} if removed else _told(row) | ({"key_renewed": at.isoformat()} if renewed else {})
    record_change(
        session,
        kind="channel",
        subject=row.code,
        name=row.name,
        unit_id=row.unit_id,
        before=before,
        after=after,
        account_id=by.account_id,
        at=at,
    )
