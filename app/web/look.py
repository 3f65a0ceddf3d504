"""What every template may call: content-hashed addresses of static files, and the words for codes."""

from flask import Flask

from app.web import words
from app.web.static_files import static_files


def register_look(app: Flask) -> None:
    """Give the templates of `app` `asset(path)` and `words`."""

    def asset(path: str) -> str:
        """Return the address of a static file that changes when its content does."""
        return static_files().address(path)

    app.jinja_env.globals.update(asset=asset, words=words)
