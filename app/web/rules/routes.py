"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("rules", __name__)
