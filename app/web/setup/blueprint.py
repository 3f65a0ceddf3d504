"""The set-up's one blueprint; its route modules hang their views on it."""

from flask import Blueprint

pages = Blueprint("setup", __name__, url_prefix="/setup")
