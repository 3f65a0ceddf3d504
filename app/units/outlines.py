"""What an area's outline must be: typed corners read, and checked before anybody is routed by it. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from shapely.geometry import Polygon

from app.core.errors import Fault, Invalid
from app.units.geometry import CORNERS_OF_AN_AREA, Position, area_m2, is_position

CORNERS_MOST: Final = 500
SMALLEST_M2: Final = 4
"""Two by two metres: less is a slip of the finger."""
LARGEST_KM2: Final = 20_000
"""A prefecture-level city's order of size: more is a mistyped degree."""
_M2_PER_KM2: Final = 1_000_000
_PAIR: Final = re.compile(r"\s*[(\[]?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,\s]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[)\]]?\s*")


def corners_of(text: str) -> tuple[Position, ...]:
    """The corners of a text with one "latitude, longitude" on each line; blank lines do not count.

    Full-width digits and commas are read too; the first corner repeated at the end is dropped.

    Raises:
        Invalid: the first line that cannot be read, by its number.
    """
    corners: list[Position] = []
    for number, line in enumerate(text.translate(_HALF_WIDTH).splitlines(), start=1):
        if not line.strip():
            continue
        pair = _PAIR.fullmatch(line)
        if pair is None:
            raise Invalid(Fault("corners", "not_a_corner", {"line": number}))
        corners.append((float(pair[1]), float(pair[2])))
    return tuple(corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners)


def written_corners(corners: Sequence[Position], *, digits: int = 6) -> str:
    """The corners as `corners_of` reads them, with so many digits: six are about a decimetre."""
    return "\n".join(f"{lat:.{digits}f}, {lon:.{digits}f}" for lat, lon in corners)


def faults_of_outline(corners: Sequence[Position]) -> list[Fault]:
    """What is wrong with an outline in WGS-84 degrees; its edges may not cross and its size must be sensible."""
    if not all(is_position(lat, lon) and (lat or lon) for lat, lon in corners):
        return [Fault("corners", "position_impossible")]
    if len(corners) > CORNERS_MOST:
        return [Fault("corners", "too_many_corners", {"limit": CORNERS_MOST})]
    if len(set(corners)) < CORNERS_OF_AN_AREA:
        return [Fault("corners", "too_few_corners")]
    if not Polygon([(lon, lat) for lat, lon in corners]).is_valid:
        return [Fault("corners", "crosses_itself")]
    return _faults_of_size(area_m2(corners))


def _faults_of_size(square_metres: float) -> list[Fault]:
    if square_metres < SMALLEST_M2:
        return [Fault("corners", "area_too_small", {"limit": SMALLEST_M2})]
    if square_metres > LARGEST_KM2 * _M2_PER_KM2:
        return [Fault("corners", "area_too_large", {"limit": LARGEST_KM2})]
    return []


_HALF_WIDTH: Final = str.maketrans(
    {
        **{chr(0xFF10 + n): str(n) for n in range(10)},
        "，": ",",
        "、": ",",
        "；": ",",
        ";": ",",
        "．": ".",
        "。": ".",
    }
)
