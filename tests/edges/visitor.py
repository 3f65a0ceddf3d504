"""Somebody before a browser without script: reads pages, fills forms, keeps what a form carries hidden."""

import html
import io
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.conftest import SMALL, House

HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def hidden_fields(page: str) -> list[tuple[str, str]]:
    """What the page's forms carry unseen; without the menu's own token."""
    form = page[page.index("<main") :]
    return [(name, html.unescape(value)) for name, value in HIDDEN.findall(form)]


def untimed(page: str) -> str:
    """The page without its CSRF tokens, which change with the second."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def without_own_address(page: str) -> str:
    """The page without the links to the other size of text, which lead back to the address that was asked for."""
    return re.sub(r'href="/text-size/[^"]*"', "", page)


def faults_of(answer: TestResponse) -> list[str]:
    """The inputs that the page's summary points at."""
    return re.findall(r'<li><a href="#([a-z_]*)">', answer.text)


class Visitor:
    """One browser; `client` is the tool below it."""

    def __init__(self, house: House, login: str | None = None, *, language: str = "zh-CN") -> None:
        self.client: FlaskClient = house.browser(login, language=language)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, buffered=True)

    def token(self, *paths: str) -> str:
        """What a form carries against forgery: from the first of these pages that has one, or the login."""
        pages = (self.client.get(path).text for path in (*paths, "/follow"))
        found = next(filter(None, (re.search(r'name="csrf_token" value="([^"]+)"', page) for page in pages)))
        return found[1]

    def post(self, path: str, **fields: Any) -> TestResponse:
        """A form without photos, with a token from the page at `path` (or the login)."""
        return self.client.post(path, data={"csrf_token": self.token(path), **fields})

    def fill(self, path: str, *, photos: tuple[bytes, ...] = (SMALL,), **fields: Any) -> TestResponse:
        """Open the form at `path`, fill it and send it."""
        return self.send(path, hidden_fields(self.get(path).text), photos=photos, **fields)

    def send(
        self, path: str, hidden: list[tuple[str, str]], *, photos: tuple[bytes, ...] = (), **fields: Any
    ) -> TestResponse:
        """Send a form with these hidden fields; words go before photos, as the page has them."""
        parts: dict[str, Any] = {}
        for name, value in [*hidden, *fields.items()]:
            parts.setdefault(name, []).append(value)
        parts["photo"] = [FileStorage(io.BytesIO(photo), f"IMG_{n}.jpg") for n, photo in enumerate(photos)]
        # Encoded in memory: the client's own way leaves a temporary file open behind large photos.
        boundary, body = encode_multipart(parts)
        return self.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def report_fields(**other: Any) -> dict[str, Any]:
    """A report's words."""
    return {"place_code": "HBJX-A3", "category": "ELEC", "description": "配电箱门锁坏", **other}
