"""The page of what was not sent yet."""

from dataclasses import dataclass

from app.web.pages.frame import Frame


@dataclass(frozen=True, kw_only=True)
class DraftsPage:
    """待发和回执: an empty shell, filled by the phone from its own store; nothing of anybody is in it."""

    frame: Frame
