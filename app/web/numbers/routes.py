"""Routes of this room."""

from flask import Blueprint

pages = Blueprint("numbers", __name__)
