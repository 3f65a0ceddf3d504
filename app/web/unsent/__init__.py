"""What a phone still has to send: the page that shows it, and what a phone asks before it sends."""

from app.web.rooms import Room
from app.web.unsent.routes import pages

ROOM = Room(pages=pages)
