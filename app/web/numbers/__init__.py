"""The officer's numbers: each figure opens the hazards behind it."""

from app.web.numbers.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
