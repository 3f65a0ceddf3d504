"""What an administrator sets up without a programmer: units, places, areas, categories; and what changed."""

from flask import url_for

from app.accounts.permissions import Permission
from app.web.frames import Reader
from app.web.rooms import MenuLine, Room
from app.web.setup import area_routes, choice_routes, place_routes, unit_routes, words
from app.web.setup.blueprint import pages

ROUTES = (unit_routes, place_routes, area_routes, choice_routes)
"""Named so that importing them, which hangs their views on the blueprint, is no accident."""


def _menu(who: Reader) -> list[MenuLine]:
    managing = who.actor.can_somewhere(Permission.UNIT_MANAGE)
    return [MenuLine("setup", url_for("setup.overview"))] if managing else []


ROOM = Room(pages=pages, menu=_menu, menu_words=words.MENU, notices=words.NOTICES)
