"""What every template may call: content-hashed addresses of static files, and the words for codes."""

import hashlib
from pathlib import Path

from flask import Flask, url_for

from app.web import words
from app.web.unsent.words import WORDS as UNSENT_WORDS

_HASH_LENGTH = 12


def hashes_of(folder: Path) -> dict[str, str]:
    """Return for each file below `folder` (POSIX path relative to it) the head of its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_LENGTH]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def register_look(app: Flask) -> None:
    """Give the templates of `app` `asset(path)` and `words`.

    Hashes are read once at the start: a deployment that changes a file restarts the service. `asset` raises
    KeyError for a file that does not exist, so a page with a broken address fails in tests instead of in a plant.
    """
    hashes = hashes_of(Path(app.static_folder or ""))

    def asset(path: str) -> str:
        """Return the address of a static file that changes when its content does."""
        return url_for("static", filename=path, v=hashes[path])

    app.jinja_env.globals.update(asset=asset, words=words, unsent_words=UNSENT_WORDS)
