"""The officer's numbers: each figure opens the hazards behind it."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.numbers.routes import pages
from app.web.numbers.words import MENU
from app.web.rooms import MenuLine, Room


def _menu(reader: Reader) -> list[MenuLine]:
    reads = reader.actor.can_somewhere(Permission.HAZARD_READ)
    return [MenuLine("numbers", url_for("numbers.numbers"))] if reads else []


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU)
