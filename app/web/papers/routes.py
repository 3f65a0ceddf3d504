"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("papers", __name__)
