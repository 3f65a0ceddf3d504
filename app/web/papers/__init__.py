"""Rectification notices, re-inspection opinions and the register."""

from app.web.papers.routes import pages
from app.web.rooms import Room

ROOM = Room(pages=pages)
