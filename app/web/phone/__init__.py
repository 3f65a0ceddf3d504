"""The house on a phone: installable, opening without network, and trusted over https on trial."""

from app.web.phone.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
