"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("guide", __name__)
