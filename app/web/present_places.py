"""Places and posters as pages."""

from collections import defaultdict
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import segno
from flask import url_for
from markupsafe import Markup

from app.accounts.permissions import Permission
from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.units.managing import hands_out_codes
from app.units.queries import Place, Unit, enterprise_of, place_by_code, places_in, unit_by_id, units_by_id
from app.web.frames import frame_of
from app.web.pages import PlaceGroup, PlaceRow, PlacesPage, PosterPage
from app.web.reachable import only_here


def places_page() -> PlacesPage:
    """The places of the units the reader may see, grouped by unit."""
    with runtime().db.read() as session:
        places = places_in(session, actor().units_where(Permission.PLACE_READ))
        units = units_by_id(session, [place.unit_id for place in places])
    rows: dict[int, list[PlaceRow]] = defaultdict(list)
    for place in places:
        rows[place.unit_id].append(_row(place, units[place.unit_id]))
    groups = tuple(
        PlaceGroup(unit=units[unit_id].name, places=tuple(rows[unit_id]))
        for unit_id in sorted(rows, key=lambda unit_id: units[unit_id].lineage)
    )
    return PlacesPage(
        frame=frame_of(current="places"),
        groups=groups,
        sheet_href=url_for("admin.sheet") if groups else "",
        setup_href=url_for("setup.overview") if actor().can_somewhere(Permission.UNIT_MANAGE) else "",
    )


def _row(place: Place, unit: Unit) -> PlaceRow:
    return PlaceRow(
        name=place.name,
        code=place.code,
        guests=place.allows_guests,
        poster_href=url_for("admin.poster", code=place.code) if hands_out_codes(unit, by=actor()) else "",
        report_href=url_for("reporter.scanned", code=place.code),
    )


def address_of(place: Place) -> str:
    """What a place's QR code opens: the report form with the place filled in."""
    return runtime().settings.public_url + url_for("reporter.scanned", code=place.scan_code)


def qr_of(address: str) -> Markup:
    """The address as a QR code, an SVG without a size of its own; a seventh of it may be soiled."""
    qr = segno.make(address, error="m", micro=False)
    # Our own address drawn by the library: nothing in it was typed by a reader.
    return Markup(qr.svg_inline(omitsize=True, border=0))  # noqa: S704


# Dark on white in every mode, with the quiet rim that readers need.
_ON_A_SCREEN: Final[Mapping[str, Any]] = {"border": 4, "dark": "#000", "light": "#fff"}


def qr_image(address: str) -> str:
    """The address as a QR code for an `img` that comes with its page."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(**_ON_A_SCREEN))


def qr_file(address: str) -> bytes:
    """The address as a QR code for an `img` that asks for it, an SVG file."""
    file = BytesIO()
    segno.make(address, error="m", micro=False).save(file, kind="svg", **_ON_A_SCREEN)
    return file.getvalue()


def poster_page(code: str) -> PosterPage:
    """The poster of one place.

    Raises:
        NotFound: absent, or of a unit whose codes this reader does not hand out.
    """
    means = runtime()
    with means.db.read() as session:
        place = place_by_code(session, code)
        unit = unit_by_id(session, place.unit_id) if place else None
        if place is None or unit is None or not hands_out_codes(unit, by=actor()):
            raise NotFound
        enterprise = enterprise_of(session, unit)
    return PosterPage(
        frame=frame_of(),
        place=place.name,
        unit=unit.name,
        enterprise=enterprise.name,
        code=place.code,
        qr_svg=qr_of(address_of(place)),
        address=runtime().settings.public_url + url_for("reporter.scanned", code=place.code),
        guests=place.allows_guests,
        only_here=only_here(),
        back_href=url_for("admin.places"),
    )
