"""What was told to this person, and what each person and unit wants to hear where."""

from flask import url_for

from app.accounts.permissions import Permission
from app.edge.entrance import runtime
from app.notifications.mailbox import unread_count
from app.web.frames import Reader
from app.web.messages.channel_routes import pages
from app.web.messages.words import MENU, NOTICES
from app.web.rooms import MenuLine, Room


def _menu(reader: Reader) -> list[MenuLine]:
    with runtime().db.read() as session:
        unread = unread_count(session, reader.actor.account_id)
    lines = [MenuLine("messages", url_for("messages.messages"), unread or None)]
    if reader.actor.can_somewhere(Permission.UNIT_MANAGE):
        lines.append(MenuLine("channels", url_for("messages.channels")))
    return lines


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU, notices=NOTICES)
