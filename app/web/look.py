"""What every template may call: content-hashed addresses of static files, and the words for codes."""

from flask import Flask

from app.web import words
from app.web.static_files import joined, static_files
from app.web.unsent.words import WORDS as UNSENT_WORDS


def register_look(app: Flask) -> None:
    """Give the templates of `app` `asset(path)`, `styles(path, …)` and `words`."""

    def asset(path: str) -> str:
        """Return the address of a static file that changes when its content does."""
        return static_files().address(path)

    def styles(*paths: str) -> str:
        """Return the one address of several styles together."""
        return asset(joined(*paths))

    app.jinja_env.globals.update(asset=asset, styles=styles, words=words, unsent_words=UNSENT_WORDS)
