"""The Chinese datums: GCJ-02 (高德, 腾讯) and BD-09 (百度), and the way back to WGS-84."""

import math
from collections.abc import Callable
from enum import StrEnum


class Datum(StrEnum):
    """The geodetic datum of a pair of coordinates as it was sent."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


# GCJ-02 shifts WGS-84 by a published-by-measurement series over the Krasovsky 1940 ellipsoid, inside a
# rectangle around China; BD-09 bends GCJ-02 once more. Neither has an exact inverse, so both are undone by
# fixed-point iteration on the forward formula.

KRASOVSKY_A = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_PI = math.pi * 3000.0 / 180.0
ITERATIONS = 30
CLOSE_ENOUGH = 1e-10
"""Degrees: a hundredth of a millimetre."""

Degrees = tuple[float, float]


def degrees_in_wgs84(lat: float, lon: float, *, datum: Datum) -> Degrees:
    """WGS-84 degrees of a point given in `datum`, within a centimetre; outside China nothing moves."""
    if datum is Datum.WGS84 or not _is_in_china(lat, lon):
        return lat, lon
    if datum is Datum.BD09:
        lat, lon = _undone(_gcj02_to_bd09, lat, lon)
    return _undone(_wgs84_to_gcj02, lat, lon)


def degrees_from_wgs84(lat: float, lon: float, *, datum: Datum) -> Degrees:
    """The point as a map in `datum` draws it; outside China nothing moves."""
    if datum is Datum.WGS84 or not _is_in_china(lat, lon):
        return lat, lon
    lat, lon = _wgs84_to_gcj02(lat, lon)
    return _gcj02_to_bd09(lat, lon) if datum is Datum.BD09 else (lat, lon)


def _is_in_china(lat: float, lon: float) -> bool:
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347  # noqa: PLR2004  # the datum's rectangle


def _undone(forward: Callable[[float, float], Degrees], lat: float, lon: float) -> Degrees:
    """The point that `forward` carries to (lat, lon): walk by the error until there is none."""
    guess = (lat, lon)
    for _ in range(ITERATIONS):
        there = forward(*guess)
        error = (there[0] - lat, there[1] - lon)
        guess = (guess[0] - error[0], guess[1] - error[1])
        if max(abs(error[0]), abs(error[1])) < CLOSE_ENOUGH:
            break
    return guess


def _waves(*terms: tuple[float, float]) -> float:
    return sum(height * math.sin(angle * math.pi) for height, angle in terms) * 2.0 / 3.0


def _wgs84_to_gcj02(lat: float, lon: float) -> Degrees:
    x, y = lon - 105.0, lat - 35.0
    common = _waves((20.0, 6.0 * x), (20.0, 2.0 * x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north += _waves((20.0, y), (40.0, y / 3.0), (160.0, y / 12.0), (320.0, y / 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east += _waves((20.0, x), (40.0, x / 3.0), (150.0, x / 12.0), (300.0, x / 30.0))
    phi = math.radians(lat)
    bend = 1.0 - KRASOVSKY_E2 * math.sin(phi) ** 2
    metres_north = KRASOVSKY_A * (1.0 - KRASOVSKY_E2) / bend**1.5
    metres_east = KRASOVSKY_A / math.sqrt(bend) * math.cos(phi)
    return lat + math.degrees(north / metres_north), lon + math.degrees(east / metres_east)


def _gcj02_to_bd09(lat: float, lon: float) -> Degrees:
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * BAIDU_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * BAIDU_PI)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065
