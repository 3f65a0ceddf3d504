"""What is compressed on its way to a phone: files that are alike for everybody, and pages nobody can write into.

A compressed page gives its secrets away by its length to whoever can put words of their own beside them and watch
(BREACH). So a page is compressed only when its view says so and nothing of the request stands in it: a GET without
a query. Every other page, and the whole API, goes as it is.
"""

import gzip
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

import brotli
from flask import Response, current_app, request

View = TypeVar("View", bound=Callable[..., Any])
FILES: Final = frozenset({"static", "versioned"})
"""The endpoints of static files."""
_TEXTS: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
    }
)
_SMALLEST: Final = 500
"""Bytes; less fits into the packet that its headers need anyway."""
_MARK: Final = "compressible"
_PAGE_EFFORT: Final = 5
_FILE_EFFORT: Final = 11


def compressible(view: View) -> View:
    """Nobody but its reader can put words into what this view answers to a GET without a query."""
    setattr(view, _MARK, True)
    return view


def compress(answer: Response) -> Response:
    """The same answer in fewer bytes, where that gives nothing away."""
    is_file = request.endpoint in FILES
    if answer.mimetype not in _TEXTS or not (is_file or _is_marked_page()):
        return answer
    answer.vary.add("Accept-Encoding")
    coding = request.accept_encodings.best_match(("br", "gzip"))
    if coding is None or answer.status_code != 200 or answer.content_encoding:  # noqa: PLR2004
        return answer
    answer.direct_passthrough = False
    body = answer.get_data()
    if len(body) < _SMALLEST:
        return answer
    answer.set_data(_file_in(coding, body) if is_file else _in(coding, body, _PAGE_EFFORT))
    answer.content_encoding = coding
    etag, _ = answer.get_etag()
    if etag is not None:
        # One strong name may not stand for two sequences of bytes.
        answer.set_etag(etag, weak=True)
    return answer


def _is_marked_page() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _MARK, False) and request.method in {"GET", "HEAD"} and not request.query_string


def _in(coding: str, body: bytes, effort: int) -> bytes:
    if coding == "br":
        packed: bytes = brotli.compress(body, quality=effort)
        return packed
    return gzip.compress(body, compresslevel=min(effort, 9), mtime=0)


@lru_cache(maxsize=256)
def _file_in(coding: str, body: bytes) -> bytes:
    """Packed once for each process: there are some hundred files of some kilobytes."""
    return _in(coding, body, _FILE_EFFORT)
