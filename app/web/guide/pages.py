"""The page of help."""

from dataclasses import dataclass

from app.web.pages.frame import Frame


@dataclass(frozen=True, kw_only=True)
class StepShown:
    """One thing to do; `href` leads there when this reader may go."""

    what: str
    how: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One role this reader holds."""

    word: str
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class GuidePage:
    """帮助."""

    frame: Frame
    role: str
    steps: tuple[StepShown, ...]
    promise: str
    tabs: tuple[Tab, ...]
