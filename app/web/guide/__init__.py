"""One page of help for each role."""

from flask import url_for

from app.web.frames import Reader
from app.web.guide.routes import pages
from app.web.guide.words import MENU
from app.web.rooms import MenuLine, Room


def _menu(_reader: Reader) -> list[MenuLine]:
    return [MenuLine("guide", url_for("guide.own_guide"))]


ROOM = Room(pages=pages, menu=_menu, menu_words=MENU)
