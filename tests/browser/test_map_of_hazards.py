"""The map and the pin in a real browser, with and without tiles: what is drawn, asked for and stored."""

import math
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.evidence.datums import Datum, degrees_from_wgs84
from app.evidence.locations import Position, distance_m
from app.evidence.models import WitnessRow
from tests.browser.phone import until
from tests.browser.test_desk import sitting, whole
from tests.conftest import House
from tests.edges.test_setup_pages import MAP, mapped
from tests.photos import photo
from tests.serving import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not MAP.is_file(), reason="the map's library was not fetched (scripts/browser_libraries)"),
]
PLACE = (38.0431, 114.5032)
BESIDE = {"lat": 38.04275, "lon": 114.50251}
LARGE = """() => [...document.querySelectorAll('main :is(a, button, summary, select, .mark)')]
  .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height > 0)
  .filter((it) => it.getBoundingClientRect().height < 59.5)
  .map((it) => it.className + ' ' + it.innerText)"""


def picture() -> bytes:
    """One grey tile."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + b"\xe0" * 256) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@contextmanager
def tile_server() -> Iterator[tuple[str, list[tuple[str, int, int, int]]]]:
    """A tile server on this machine: its address, and the (layer, z, x, y) that it was asked for."""
    asked: list[tuple[str, int, int, int]] = []
    tile = picture()

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = re.fullmatch(r"/(\w+)\?x=(\d+)&y=(\d+)&l=(\d+)", self.path)
            assert found is not None, self.path
            asked.append((found[1], int(found[4]), int(found[2]), int(found[3])))
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(tile)))
            self.end_headers()
            self.wfile.write(tile)

        def log_message(self, *_told: object) -> None:
            """A test needs no log of its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tile_of(lat: float, lon: float, zoom: int) -> tuple[int, int]:
    """The tile of Web Mercator in which a point is drawn."""
    phi = math.radians(lat)
    x = (lon + 180) / 360
    y = (1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2
    return int(x * 2**zoom), int(y * 2**zoom)


@contextmanager
def with_tiles(house: House, datum: Datum) -> Iterator[tuple[House, str, list[tuple[str, int, int, int]]]]:
    """The house on tiles of two layers: itself, its address, and what its tile server was asked for."""
    with tile_server() as (tiles, asked):
        layers = " ".join(f"{tiles}/{layer}?x={{x}}&y={{y}}&l={{z}}" for layer in ("vec", "cva"))
        shown = mapped(house, MAP_TILES=layers, MAP_DATUM=datum, MAP_CREDIT="© 图")
        with serving(shown.app) as address:
            yield shown, address, asked


def opened(page: Page, address: str, path: str = "/map") -> None:
    page.goto(f"{address}{path}")
    page.locator("[data-map][data-ready]").wait_for()


def tiles_have_come(page: Page) -> None:
    """Every tile that the map wants: an idle network may be one that has not been asked yet."""
    until(
        page,
        """async () => {
          const tiles = [...document.querySelectorAll('img.leaflet-tile')];
          return tiles.length > 0 && tiles.every((it) => it.classList.contains('leaflet-tile-loaded'));
        }""",
    )


def furnish(house: House) -> dict[str, str]:
    """Hazards at one place in several states, beside it, elsewhere, and without a position."""
    late = house.report(photos=(photo(size=(640, 480), seed=1),))
    house.accept(late, days=1)
    house.clock.forward(days=2)
    return {
        "late": late,
        "new": house.report(),
        "other": house.report("zhaoqiang", place_code="HBJX-PD", description="盖板缺失", category="STRU"),
        "pinned": house.report(place_code=None, pin=BESIDE, description="护栏松动", category="HIGH"),
        "nowhere": house.report(place_code=None, location_text="二层平台东侧", description="灭火器压力不足"),
    }


def in_large(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/text-size/large?next={path}")


def test_hazards_are_drawn_with_shape_colour_and_word_and_opened_by_hand_and_key(
    house: House, chromium: Browser, address, screenshots
):
    numbers = furnish(house)
    house.work()
    for size in ("phone", "desk"):
        with sitting(house, chromium, address, size=size, login="liujianguo") as page:
            opened(page, address)
            whole(page, size=size, pictures=screenshots, name="map")
            late = page.get_by_role("button", name=re.compile("^冲压线 A3.*逾期 1 条"))
            expect(late).to_have_count(1)
            assert "逾期" in late.inner_text()
            expect(late.locator("svg use")).to_have_count(1)
            late.focus()
            page.keyboard.press("Enter")
            sheet = page.locator("[data-spot]")
            expect(sheet).to_be_visible()
            expect(sheet.locator(f'.card[href*="{numbers["late"]}"]')).to_have_count(1)
            expect(sheet.locator(f'.card[href*="{numbers["late"]}"] img')).to_have_js_property(
                "complete", value=True
            )
            whole(page, size=size, pictures=screenshots, name="map-spot")
            page.keyboard.press("Escape")
            expect(sheet).to_be_hidden()
            expect(late).to_be_focused()
            late.click()
            expect(sheet).to_be_visible()
            # Nothing that has no position is drawn; the list has it.
            drawn = page.locator(".map .mark").evaluate_all(
                "them => them.map((it) => it.getAttribute('aria-label'))"
            )
            assert not any("二层平台东侧" in label for label in drawn)
            expect(page.locator(f'.by-place [data-number="{numbers["nowhere"]}"]')).to_have_count(1)
            page.select_option("#unit", "HBJX-D")
            page.get_by_role("button", name="查看").click()
            page.locator("[data-map][data-ready]").wait_for()
            expect(page.locator(".map .mark")).to_have_count(1)
            in_large(page, address, "/map")
            page.locator("[data-map][data-ready]").wait_for()
            assert page.evaluate(LARGE) == []
            assert Axe().run(page).violations_count == 0
            if screenshots is not None:
                page.screenshot(path=screenshots / f"map-large-{size}.png")


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.GCJ02])
def test_tiles_and_marks_and_pins_agree_in_each_datum(house: House, chromium: Browser, datum, screenshots):
    furnish(house)
    drawn = degrees_from_wgs84(*PLACE, datum=datum)
    with with_tiles(house, datum) as (shown, address, asked):
        with sitting(shown, chromium, address, size="phone", login="wangmin") as page:
            opened(page, address)
            tiles_have_come(page)
            if screenshots is not None:
                page.screenshot(path=screenshots / f"map-tiles-{datum}.png")
            zoom = max(z for _layer, z, _x, _y in asked)
            for layer in ("vec", "cva"):
                assert (layer, zoom, *tile_of(*drawn, zoom)) in asked
            assert page.locator(".map-credit").inner_text() == "© 图"
        asked.clear()
        with sitting(shown, chromium, address, size="phone", login="lixia") as page:
            pin_by_keys(page, address)
            stored = [float(page.locator(f"[name=pin_{name}]").input_value()) for name in ("lat", "lon")]
            tiles_have_come(page)
            assert ("vec", 18, *tile_of(*drawn, 18)) in asked
            # The cross stood on the place: what is kept is the place's true position, whatever the map draws.
            assert distance_m(Position(*stored), Position(*PLACE)) < 1
            if screenshots is not None:
                page.screenshot(path=screenshots / f"pin-{datum}.png")
            where_a_tap_goes(page)


def pin_by_keys(page: Page, address: str) -> None:
    """Open the map at a chosen place and put the pin under the cross without a pointer."""
    page.goto(f"{address}/report")
    page.select_option("#place_code", "HBJX-A3")
    page.locator("[data-pin] summary").focus()
    page.keyboard.press("Enter")
    page.locator("[data-pin][data-ready]").wait_for()
    expect(page.locator("[data-pin-told]")).to_have_text("还没有标位置。")
    # The map and its buttons are in sight, none of them under the bar; nothing is placed that could be cleared.
    placed = page.evaluate(
        """() => ['[data-pin] summary', '[data-pin-here]', '.bar']
          .map((it) => document.querySelector(it).getBoundingClientRect())"""
    )
    summary, here, bar = placed
    assert summary["top"] >= 0
    assert here["bottom"] <= bar["top"]
    assert not page.locator("[data-pin-clear]").is_visible()
    page.locator("[data-pin-here]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-pin-told]")).to_have_text("已标位置，上报时一起交。")


def where_a_tap_goes(page: Page) -> None:
    """A tap 100 px east of the cross is as far from it as 100 px are at this zoom."""
    frame = page.locator("[data-pin-map]")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + 100, box["y"] + box["height"] / 2)
    metres = 100 * 156543.03392 * math.cos(math.radians(PLACE[0])) / 2**18
    expect(page.locator("[name=pin_lon]")).not_to_have_value(re.compile(r"^114\.5032"))
    lat, lon = (float(page.locator(f"[name=pin_{name}]").input_value()) for name in ("lat", "lon"))
    assert distance_m(Position(lat, lon), Position(*PLACE)) == pytest.approx(metres, abs=1)
    assert lon > PLACE[1]


def test_a_pin_set_by_hand_is_sent_with_the_report(
    house: House, chromium: Browser, address, screenshots, tmp_path
):
    shot = tmp_path / "shot.jpg"
    shot.write_bytes(photo(size=(640, 480), seed=3))
    with sitting(house, chromium, address, size="phone", login="lixia") as page:
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        pin_by_keys(page, address)
        # The queue comes by itself as soon as the page is idle, whether anybody opens the map or not.
        own = [url for url in loaded if "/js/queue/" not in url and "/vendor/@noble/" not in url]
        before = own[: next(n for n, url in enumerate(own) if "leaflet" in url)]
        assert len(before) <= 10
        page.locator("[data-pin-map]").focus()
        page.keyboard.press("ArrowUp")
        page.locator("[data-pin-here]").click()
        # Also while the map was still gliding, the pin stands under the cross.
        cross, pin = (page.locator(it).bounding_box() for it in (".cross", ".map .pin"))
        assert cross is not None
        assert pin is not None
        assert pin["x"] + 24 == pytest.approx(cross["x"] + cross["width"] / 2, abs=2)
        assert pin["y"] + 41 == pytest.approx(cross["y"] + cross["height"] / 2, abs=2)
        assert (
            page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        )
        assert Axe().run(page).violations_count == 0
        if screenshots is not None:
            page.screenshot(path=screenshots / "pin-plain.png")
        page.locator("[data-pin-clear]").click()
        expect(page.locator("[name=pin_lat]")).to_have_value("")
        page.locator("[data-pin-here]").click()
        page.set_input_files("input[data-source=album]", str(shot))
        page.locator("label.cat").first.click()
        page.fill("#description", "护栏松动")
        page.get_by_role("button", name="上报", exact=True).click()
        page.wait_for_url("**/receipt/*")
    with house.means.db.read() as session:
        pin = session.execute(select(WitnessRow).where(WitnessRow.source == "pin")).scalar_one()
    assert distance_m(Position(pin.lat, pin.lon), Position(*PLACE)) < 100
