"""People: invite, roles, disable, hand over, and the import of units, people and places from a workbook."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.people import import_routes, link_routes, routes, words
from app.web.people.blueprint import pages
from app.web.rooms import MenuLine, Room

ROUTES = (routes, link_routes, import_routes)
"""Named so that importing them, which hangs their views on the blueprint, is no accident."""


def _menu(who: Reader) -> list[MenuLine]:
    managing = who.actor.can_somewhere(Permission.UNIT_MANAGE)
    return [MenuLine("people", url_for("people.people"))] if managing else []


ROOM = Room(pages=pages, menu=_menu, menu_words=words.MENU, notices=words.NOTICES)
