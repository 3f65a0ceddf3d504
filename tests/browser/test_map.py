"""The map's own arithmetic in a browser: the same shift as the server's."""

import pytest
from playwright.sync_api import Browser

from app.evidence.datums import Datum, degrees_from_wgs84
from tests.browser.test_desk import sitting
from tests.conftest import House

POINTS = [
    [38.0431, 114.5032],
    [31.2304, 121.4737],
    [22.5431, 114.0579],
    [43.8256, 87.6168],
    [0.5, 110.0],
    [51.5, -0.1],
]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.WGS84])
def test_the_browser_shifts_a_position_as_the_server_does(house: House, chromium: Browser, address, datum):
    with sitting(house, chromium, address, size="phone") as page:
        page.goto(f"{address}/inbox")
        told, back = page.evaluate(
            """async ([path, points, datum]) => {
              const { drawnAt, truly } = await import(path);
              const drawn = points.map(([lat, lon]) => drawnAt(lat, lon, datum));
              return [drawn, drawn.map(([lat, lon]) => truly(lat, lon, datum))];
            }""",
            ["/static/js/datum.js", POINTS, datum],
        )
    for (lat, lon), shifted, returned in zip(POINTS, told, back, strict=True):
        assert shifted == pytest.approx(degrees_from_wgs84(lat, lon, datum=datum), abs=1e-9)
        assert returned == pytest.approx([lat, lon], abs=1e-8)
