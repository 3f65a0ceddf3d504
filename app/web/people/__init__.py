"""People: invite, roles, disable, hand over, and the import of units, people and places from a workbook."""

from app.web.people.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
