"""One page of help for each role."""

from app.web.guide.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
