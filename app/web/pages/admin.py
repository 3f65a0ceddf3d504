"""The administrator's pages: places and their posters."""

from dataclasses import dataclass

from app.web.pages.frame import Frame


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One place with its code."""

    name: str
    code: str
    guests: bool
    poster_href: str
    report_href: str


@dataclass(frozen=True, kw_only=True)
class PlaceGroup:
    """The places of one unit."""

    unit: str
    places: tuple[PlaceRow, ...]


@dataclass(frozen=True, kw_only=True)
class PlacesPage:
    """点位与二维码."""

    frame: Frame
    groups: tuple[PlaceGroup, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PosterPage:
    """One A6 poster; `qr_svg` is a `markupsafe.Markup` (an str): other text would be escaped."""

    frame: Frame
    place: str
    unit: str
    enterprise: str
    code: str
    qr_svg: str
    address: str
    guests: bool
    back_href: str
