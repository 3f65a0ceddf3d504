"""Rectification notices, re-inspection opinions and the register."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.papers.routes import pages
from app.web.papers.words import MENU, NOTICES
from app.web.rooms import MenuLine, Room


def _menu(reader: Reader) -> list[MenuLine]:
    if not reader.actor.can_somewhere(Permission.HAZARD_READ):
        return []
    return [MenuLine("papers", url_for("papers.papers")), MenuLine("register", url_for("papers.register"))]


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU, notices=NOTICES)
