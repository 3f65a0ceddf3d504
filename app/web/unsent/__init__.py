"""What a phone still has to send: the page that shows it, and what a phone asks before it sends."""

from flask import url_for

from app.web.frames import Reader
from app.web.rooms import MenuLine, Room
from app.web.unsent.routes import pages


def _menu(_reader: Reader) -> list[MenuLine]:
    return [MenuLine("unsent", url_for("unsent.drafts"))]


ROOM = Room(pages=pages, menu=_menu)
