"""The JSON edge: v1, its OpenAPI document, problem+json errors."""

from flask import Flask

from app.api import access, errors, hazards, lookalikes, reference, statements, uploads
from app.api.blueprint import api


def register_calls(app: Flask) -> None:
    """Give `app` the calls of the API."""
    app.register_blueprint(api)


__all__ = ["access", "errors", "hazards", "lookalikes", "reference", "register_calls", "statements", "uploads"]
