"""The administrator's pages: places and their posters."""

from dataclasses import dataclass

from app.web.pages.frame import Choice, Frame


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One place with its code."""

    name: str
    code: str
    guests: bool
    poster_href: str  # empty: not for this reader to print
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
    sheet_href: str = ""
    setup_href: str = ""  # where places are made, for who may


@dataclass(frozen=True, kw_only=True)
class PosterPage:
    """One A6 poster; `qr_svg` is a `markupsafe.Markup` (an str): other text would be escaped."""

    frame: Frame
    place: str
    unit: str
    enterprise: str
    code: str
    qr_svg: str
    address: str  # to be typed by people of the enterprise; what the QR code carries is written nowhere
    guests: bool
    back_href: str
    only_here: str = ""  # the host that no phone can open


@dataclass(frozen=True, kw_only=True)
class Label:
    """One label of a sheet; `qr_svg` as on the poster."""

    place: str
    unit: str
    code: str
    qr_svg: str


@dataclass(frozen=True, kw_only=True)
class SheetPlace:
    """One place to choose for a sheet."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class SheetGroup:
    """The places of one unit to choose from."""

    unit: str
    places: tuple[SheetPlace, ...]


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """A4 sheets with many labels; `per` labels on each."""

    frame: Frame
    back_href: str
    units: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    groups: tuple[SheetGroup, ...]
    per: int
    chosen: int
    sheets: tuple[tuple[Label, ...], ...]
    only_here: str = ""  # the host that no phone can open
