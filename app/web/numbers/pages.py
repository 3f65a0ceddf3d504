"""The pages of an officer's numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString

from app.web.pages.frame import Choice, Frame
from app.web.pages.pieces import HazardCard


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number and the hazards behind it; `code` is a key of `FIGURES` in words; `share` is whole per cent."""

    code: str
    value: str
    href: str
    share: int | None = None


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One category or place."""

    name: str
    reported: Figure
    open: Figure
    overdue: Figure
    share: int  # of the most reported one, whole per cent: the bar


@dataclass(frozen=True, kw_only=True)
class MonthRow:
    """One month of the trend."""

    month: str  # 2026-11
    reported: Figure
    closed: Figure
    rate: str  # 94.7 %, or a dash
    rate_href: str
    has_due: bool
    reported_share: int
    closed_share: int


@dataclass(frozen=True, kw_only=True)
class NumbersPage:
    """数据."""

    frame: Frame
    unit: str
    words: Mapping[str, LazyString]  # by the code of a figure
    units: tuple[Choice, ...]
    spans: tuple[Choice, ...]
    rate: str
    rate_words: str
    parts: tuple[Figure, ...]  # on time, handed in, late
    ages: tuple[Figure, ...]
    open: Figure
    overdue: Figure
    trend: tuple[MonthRow, ...]
    categories: tuple[GroupRow, ...]
    places: tuple[GroupRow, ...]
    gallery_href: str


@dataclass(frozen=True, kw_only=True)
class BehindPage:
    """The hazards behind one number."""

    frame: Frame
    word: str
    meaning: str
    unit: str
    narrowed: str  # the span, category or place in words
    total: int
    cards: tuple[HazardCard, ...]
    more_href: str
    back_href: str


@dataclass(frozen=True, kw_only=True)
class GalleryPair:
    """One repair: before and after."""

    title: str
    where: str
    number: str
    href: str
    before: str
    after: str
    closed: str


@dataclass(frozen=True, kw_only=True)
class GalleryPage:
    """整改前后."""

    frame: Frame
    unit: str
    units: tuple[Choice, ...]
    pairs: tuple[GalleryPair, ...]
    more_href: str
    back_href: str
