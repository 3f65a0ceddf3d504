"""What distance, area and "inside" mean for positions in WGS-84 degrees."""

from collections.abc import Sequence
from math import cos, radians

from geopy.distance import geodesic
from shapely import make_valid
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

Position = tuple[float, float]
"""(latitude, longitude) in degrees, WGS-84."""

METRES_PER_DEGREE = 110_500.0
"""Just under the shortest degree of latitude on the ellipsoid (110,574 m, at the equator)."""

ARC_SLACK = 0.6
"""A geodesic may cut across its parallel: near a pole it is 2/π of the arc, never less."""

CORNERS_OF_AN_AREA = 3


def is_position(lat: float, lon: float) -> bool:
    """Whether both are finite and in range; NaN compares false and is therefore none."""
    return abs(lat) <= 90 and abs(lon) <= 180  # noqa: PLR2004  # the ends of the grid, named by nobody


def distance_m(here: Position, there: Position) -> float:
    """Metres along the ellipsoid."""
    return float(geodesic(here, there).meters)


def is_surely_beyond(here: Position, there: Position, metres: float) -> bool:
    """A cheap test that spares the exact distance; never true for a position within `metres`."""
    if abs(here[0] - there[0]) * METRES_PER_DEGREE > metres:
        return True
    turn = abs(here[1] - there[1])
    narrowest = cos(radians(max(abs(here[0]), abs(there[0]))))
    return min(turn, 360 - turn) * METRES_PER_DEGREE * narrowest * ARC_SLACK > metres


def is_inside(corners: Sequence[Position], position: Position) -> bool:
    """Whether the polygon covers the position; its edge belongs to it. Fewer than 3 corners cover nothing."""
    shape = _shape(corners)
    return shape is not None and bool(shape.covers(Point(position[1], position[0])))


def area_m2(corners: Sequence[Position]) -> float:
    """Square metres, good enough to tell a workshop from its plant: degrees scaled at the middle latitude."""
    shape = _shape(corners)
    if shape is None:
        return 0.0
    middle = (shape.bounds[1] + shape.bounds[3]) / 2
    return float(shape.area) * METRES_PER_DEGREE**2 * cos(radians(middle))


def _shape(corners: Sequence[Position]) -> BaseGeometry | None:
    if len(corners) < CORNERS_OF_AN_AREA:
        return None
    # A hand-drawn outline may cross itself; it is mended here so that a hazard is never refused for it.
    return make_valid(Polygon([(lon, lat) for lat, lon in corners]))
