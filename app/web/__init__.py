"""The HTML edge: routes by audience, presenters that turn views into pages, forms, templates, static files."""

from flask import Flask

from app.web import (
    absence,
    account,
    admin,
    desk,
    errors,
    guide,
    messages,
    numbers,
    officer,
    papers,
    people,
    phone,
    reporter,
    reviewer,
    unsent,
)
from app.web import map as hazard_map
from app.web import rules as routing_rules
from app.web import setup as unit_setup
from app.web.look import register_look
from app.web.rooms import register_rooms
from app.web.static_files import register_static_files

__all__ = ["errors", "register_pages"]
ROOMS = (
    desk.ROOM,
    messages.ROOM,
    papers.ROOM,
    numbers.ROOM,
    hazard_map.ROOM,
    unit_setup.ROOM,
    people.ROOM,
    absence.ROOM,
    routing_rules.ROOM,
    guide.ROOM,
    unsent.ROOM,
    phone.ROOM,
)
"""In the order of the menu."""


def register_pages(app: Flask) -> None:
    """Give `app` every page; the folder of static files must be set."""
    for pages in (account.pages, reporter.pages, officer.pages, reviewer.pages, admin.pages):
        app.register_blueprint(pages)
    register_static_files(app)
    register_rooms(app, ROOMS)
    register_look(app)
