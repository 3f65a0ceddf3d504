"""What an administrator sets up without a programmer: units, places, areas, categories; and what changed."""

from app.web.rooms import Room
from app.web.setup.routes import pages

ROOM = Room(pages=pages)
