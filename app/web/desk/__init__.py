"""The desk's own acts: several hazards accepted, reassigned or reminded of with one form."""

from app.web.desk.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
