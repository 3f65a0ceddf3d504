"""The HTML edge: routes by audience, presenters that turn views into pages, forms, templates, static files."""

from flask import Flask

from app.web import account, admin, errors, officer, reporter, reviewer
from app.web.look import register_look

__all__ = ["errors", "register_pages"]


def register_pages(app: Flask) -> None:
    """Give `app` every page; the folder of static files must be set."""
    for pages in (account.pages, reporter.pages, officer.pages, reviewer.pages, admin.pages):
        app.register_blueprint(pages)
    register_look(app)
