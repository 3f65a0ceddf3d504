"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("messages", __name__)
