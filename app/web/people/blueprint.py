"""The people's one blueprint; its route modules hang their views on it."""

from flask import Blueprint

pages = Blueprint("people", __name__, url_prefix="/people")
