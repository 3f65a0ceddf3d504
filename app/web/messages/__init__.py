"""What was told to this person, and what each person and unit wants to hear where."""

from app.web.messages.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
