"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("setup", __name__)
