"""Look-alikes: what may be the same hazard, with pictures large enough to judge by."""

from dataclasses import dataclass

from app.web.pages.frame import Frame
from app.web.pages.pieces import Photo, State


@dataclass(frozen=True, kw_only=True)
class Alike:
    """One open hazard that may be the same; never with its reporter."""

    number: str
    where: str
    near: str  # 同一点位, 约 40 米
    when: str
    states: tuple[State, ...]
    photo: Photo | None = None
    mine: bool = False
    href: str = ""
    merge_action: str = ""  # where the move that merges into it is posted; empty: not offered


@dataclass(frozen=True, kw_only=True)
class AlikePage:
    """Before a report is sent, without script: it waits in `fields` until one of the buttons is pressed."""

    frame: Frame
    action: str
    fields: tuple[tuple[str, str], ...]
    cards: tuple[Alike, ...]
