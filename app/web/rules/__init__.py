"""Routing rules, and their tester."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.rooms import MenuLine, Room
from app.web.rules import words
from app.web.rules.routes import pages


def _menu(who: Reader) -> list[MenuLine]:
    managing = who.actor.can_somewhere(Permission.UNIT_MANAGE)
    return [MenuLine("rules", url_for("rules.rules"))] if managing else []


ROOM = Room(pages=pages, menu=_menu, menu_words=words.MENU, notices=words.NOTICES)
