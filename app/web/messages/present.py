"""Messages and choices as pages."""

from collections.abc import Mapping
from typing import Final

from flask import request, url_for
from flask_babel import gettext as _

from app.competition.ledger import totals_for
from app.edge.entrance import actor, runtime
from app.edge.language import ENGLISH, chosen_locale
from app.notifications.kinds import Kind, Topic
from app.notifications.mailbox import Message, mailbox, unread_count
from app.notifications.preferences import Preference, preference_of
from app.notifications.what_is_said import said_to_person, title_of
from app.web.frames import frame_of, reader
from app.web.messages.pages import MessageCard, MessagesPage, PreferencesPage, Tick
from app.web.messages.words import LANGUAGES, TOPICS
from app.web.pages import Choice, FieldFault
from app.web.times import moment

TELLS_POINTS: Final = frozenset({Kind.ACCEPTED, Kind.CLOSED, Kind.VOIDED, Kind.MERGED})
"""Messages of steps that give or take points."""


def page_language() -> str:
    """The language this page is read in: a message is worded when it is read."""
    return "en" if chosen_locale() == ENGLISH else "zh"


def messages_page() -> MessagesPage:
    """The reader's messages.

    Raises:
        Invalid: the cursor is none of ours.
    """
    cursor = request.args.get("cursor") or None
    with runtime().db.read() as session:
        page = mailbox(session, by=actor(), cursor=cursor)
        waiting = unread_count(session, actor().account_id)
        numbers = {message.number for message in page.items if message.kind in TELLS_POINTS}
        points = totals_for(session, actor().account_id, numbers)
    newest = page.items[0].code if page.items and not page.items[0].is_read and cursor is None else ""
    return MessagesPage(
        frame=frame_of(current="messages"),
        unread=tuple(_card(message, points) for message in page.items if not message.is_read),
        read=tuple(_card(message, points) for message in page.items if message.is_read),
        waiting=waiting,
        newest=newest,
        next_href=url_for("messages.messages", cursor=page.next) if page.next else "",
        first_page=cursor is None,
    )


def _card(message: Message, points: Mapping[str, int]) -> MessageCard:
    language, home = page_language(), reader().home
    when = moment(message.made_at, home.zone, now=runtime().now())
    action = url_for("messages.opened", code=message.code)
    if not message.readable:
        title = title_of(message.kind, language=language)
        lines: tuple[str, ...] = (str(_("这条隐患已不在您的查看范围。")),)
        return MessageCard(
            action=action, title=title, lines=lines, when=when, unread=not message.is_read, out_of_reach=True
        )
    saying = said_to_person(message.kind, message.public, message.private, language=language)
    return MessageCard(
        action=action,
        title=saying.title,
        lines=(*saying.lines, *_points_line(message, points)),
        when=when,
        unread=not message.is_read,
    )


def _points_line(message: Message, points: Mapping[str, int]) -> tuple[str, ...]:
    """What the hazard has brought this reader so far; read when the message is, so that it is never stale.

    It is earned once, with the acceptance: a later message tells the sum, so that nobody counts it twice.
    """
    total = points.get(message.number) if message.kind in TELLS_POINTS else None
    if total is None:
        return ()
    if not total:
        return (str(_("这条不计分，点开看原因。")),)
    if message.kind is Kind.ACCEPTED:
        return (str(_("这条隐患给您加了 %(points)s 分。", points=total)),)
    return (str(_("这条隐患累计 %(points)s 分。", points=total)),)


def preferences_page(*, faults: tuple[FieldFault, ...] = ()) -> PreferencesPage:
    """What the reader chose, or what was just typed when it is shown again."""
    means = runtime()
    with means.db.read() as session:
        chosen = preference_of(session, actor().account_id, at=means.now())
    typed = request.form if faults else None
    heard = set(typed.getlist("topic")) if typed is not None and "language" in typed else _heard(chosen)
    return PreferencesPage(
        frame=frame_of(current="messages"),
        languages=tuple(
            Choice(value=code, label=word, chosen=code == chosen.language) for code, word in LANGUAGES.items()
        ),
        topics=tuple(
            Tick(value=topic, label=str(word.name), about=str(word.about), chosen=topic in heard)
            for topic, word in TOPICS.items()
        ),
        digest=chosen.digest,
        hours=tuple(
            Choice(value=str(hour), label=f"{hour}:00", chosen=hour == chosen.digest_hour) for hour in range(24)
        ),
        has_mail_server=bool(means.settings.smtp_url),
        email=typed.get("email", chosen.email) if typed is not None else chosen.email,
        confirmed=chosen.confirmed,
        waiting_for_code=chosen.waiting_for_code and not chosen.confirmed,
        faults=faults,
    )


def _heard(chosen: Preference) -> set[Topic | str]:
    return {topic for topic in Topic if topic not in chosen.silent}
