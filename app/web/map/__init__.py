"""The map: hazards where they are, for whoever may see them; and the pin by hand of the report form."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.map.routes import pages
from app.web.map.words import MENU
from app.web.rooms import MenuLine, Room


def _menu(reader: Reader) -> list[MenuLine]:
    can = reader.actor.can_somewhere
    sees = can(Permission.HAZARD_READ) or can(Permission.HAZARD_READ_PUBLIC)
    return [MenuLine("map", url_for("map.hazard_map"))] if sees else []


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU)
