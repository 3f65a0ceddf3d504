"""Being away with a deputy: who is away when, and who stands in."""

from flask import url_for

from app.accounts.permissions import Permission
from app.units.leaves import has_duty
from app.web.absence.routes import pages
from app.web.absence.words import MENU, NOTICES
from app.web.frames import Reader
from app.web.rooms import MenuLine, Room


def _menu(reader: Reader) -> list[MenuLine]:
    concerned = has_duty(reader.actor) or reader.actor.can_somewhere(Permission.UNIT_MANAGE)
    return [MenuLine("absence", url_for("absence.absences"))] if concerned else []


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU, notices=NOTICES)
