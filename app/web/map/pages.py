"""The pages of the map."""

from dataclasses import dataclass

from app.web.ground import Ground
from app.web.pages.frame import Choice, Frame
from app.web.pages.pieces import HazardCard


@dataclass(frozen=True, kw_only=True)
class PlaceGroup:
    """The hazards of one place, or of one spot in words."""

    name: str
    on_map: bool
    cards: tuple[HazardCard, ...]


@dataclass(frozen=True, kw_only=True)
class MapPage:
    """地图: the same hazards as marks and as a list by place."""

    frame: Frame
    unit: str
    units: tuple[Choice, ...]
    shown: tuple[Choice, ...]
    marks_href: str
    marks: tuple[str, ...]  # keys of words.STATES, the most pressing first
    ground: Ground | None  # None: the list alone
    groups: tuple[PlaceGroup, ...]
    total: int
    is_cut: bool
    all_href: str
