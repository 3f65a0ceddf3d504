"""Routing rules, their tester, and absences with a deputy."""

from app.web.rooms import Room
from app.web.rules.routes import pages

ROOM = Room(pages=pages)
