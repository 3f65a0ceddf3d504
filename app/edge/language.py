"""Which language a request is answered in: the reader's switch, else the browser's wish, else Chinese."""

from pathlib import Path
from typing import Final

from flask import Flask, has_request_context, request
from flask_babel import Babel

COOKIE: Final = "lang"
CHINESE: Final = "zh_Hans_CN"
ENGLISH: Final = "en"
LOCALES: Final = {"zh": CHINESE, "en": ENGLISH}
"""What the switch offers, by its short name."""


def chosen_locale() -> str:
    """The locale of this request."""
    if not has_request_context():
        return CHINESE
    switched = LOCALES.get(request.cookies.get(COOKIE, ""))
    if switched is not None:
        return switched
    wished = request.accept_languages.best_match(["zh-CN", "zh", "zh-Hans", "zh-TW", "en"], default="zh")
    return ENGLISH if wished == "en" else CHINESE


def speak(app: Flask) -> None:
    """Let `app` answer in the request's language; msgids are Chinese, so Chinese needs no catalog."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent.parent / "translations")
    Babel(app, default_locale=CHINESE, locale_selector=chosen_locale)
