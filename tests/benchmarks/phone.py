"""The report page on a phone: time to usable on a slow 3G, from the scan to "received" on 4G, and Lighthouse.

Slow 3G and 4G are WebPageTest's (400 kbit/s, 400 ms for a round trip; 9 Mbit/s, 170 ms), emulated by Chromium,
which puts the latency before each request and knows no connection that must be opened first. What slow 3G is
measured against is one HTML file of exactly as many bytes as everything that the report page loads; what 4G is
measured against, one request that carries the same photo.
"""

import http.server
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from app.factory import create_app
from app.first_steps import make_demo
from app.serving import answers, web_command
from config import DEFAULTS, Settings
from tests.conftest import House
from tests.photos import photo
from tests.ports import free_port
from tests.servers.nginx import ROOT, ends_with, wait_until

SLOW_3G = (400, 400_000 / 8)
"""Milliseconds of a round trip; bytes a second, both ways."""
FOUR_G = (170, 9_000_000 / 8)
PHOTO_BYTES = 4_000_000
AIM_RECEIVED = 20.0
"""From the scan to the receipt, the time of three taps included; measured is all but the person's own time."""
ROUNDS = 5
AIM_SECONDS = 2.5
AIM_SCORE = 0.95
LIGHTHOUSE = Path(__file__).parent / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
USABLE = """() => {
  const [told] = performance.getEntriesByType('navigation');
  const painted = performance.getEntriesByName('first-contentful-paint')[0];
  return Math.max(told.domContentLoadedEventEnd, painted ? painted.startTime : Infinity);
}"""
"""Painted, and every module has run."""


@dataclass(frozen=True)
class Running:
    """The product's web server, and a session of a worker."""

    address: str
    cookie: str
    scan: str


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """The web server as `make run` starts it, on a demo organisation."""
    port = free_port()
    told = {"DATA": str(folder / "data"), "PORT": str(port)}
    settings = Settings.from_environment(told)
    app = create_app(settings)
    with app.app_context():
        upgrade()
    house = House(app, lambda: datetime.now(UTC), None)  # type: ignore[arg-type]
    make_demo(house.means)
    cookie = house.browser("lixia").get_cookie("hazards")
    scan = f"/p/{house.scan_code('HBJX-A3')}"
    house.means.db.engine.dispose()
    assert cookie is not None
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS} | told
    with subprocess.Popen(
        web_command(settings),
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
        preexec_fn=ends_with(os.getpid()),  # noqa: PLW1509  # no lock is held that its one system call needs
    ) as process:
        try:
            wait_until(lambda: answers("127.0.0.1", port), process=process, folder=folder, within=120)
            yield Running(f"http://127.0.0.1:{port}", cookie.value, scan)
        finally:
            process.terminate()


@contextmanager
def bare_page(weight: int) -> Iterator[str]:
    """One page of `weight` bytes that nothing can make smaller."""
    head = b'<!doctype html><html lang="zh"><title>bare</title><h1>bare</h1><!--'
    body = head + secrets.token_hex(weight // 2 + 1).encode()[: max(0, weight - len(head) - 3)] + b"-->"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if self.path == "/" else 0))
            self.end_headers()
            self.wfile.write(body if self.path == "/" else b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def phone_page(
    browser: Browser, address: str, cookie: str | None, line: tuple[float, float]
) -> Iterator[tuple[Page, list[int]]]:
    """A page of a phone that was never here, on this line, and the sizes of what comes to it."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    if cookie:
        context.add_cookies([{"name": "hazards", "value": cookie, "url": address}])
    page = context.new_page()
    sizes: list[int] = []
    asked = context.new_cdp_session(page)
    asked.on("Network.loadingFinished", lambda it: sizes.append(int(it["encodedDataLength"])))
    asked.send("Network.enable")
    latency, speed = line
    emulated = {"offline": False, "latency": latency, "downloadThroughput": speed, "uploadThroughput": speed}
    asked.send("Network.emulateNetworkConditions", emulated)
    try:
        yield page, sizes
    finally:
        context.close()


def visit(browser: Browser, address: str, cookie: str | None) -> tuple[float, int, int]:
    """Seconds until a first visit may be used, the bytes that came, and in how many answers."""
    with phone_page(browser, address, cookie, SLOW_3G) as (page, sizes):
        page.goto(address, wait_until="load")
        return page.evaluate(USABLE) / 1000, sum(sizes), len(sizes)


def slow_3g(browser: Browser, house: Running) -> None:
    """Print the report page beside the bare one, visited in turn."""
    report = house.address + "/report"
    _, weight, _ = visit(browser, report, house.cookie)
    with bare_page(weight) as bare:
        visit(browser, bare, None)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            seconds, weight, requests = visit(browser, report, house.cookie)
            ours.append(seconds)
            theirs.append(visit(browser, bare, None)[0])
    own, floor = statistics.median(ours), statistics.median(theirs)
    said = "ok" if own <= AIM_SECONDS else "MISSED"
    print(f"slow 3G, first visit of the report page: usable after {own:.2f} s ({requests} requests, {weight} B)")
    print(
        f"  a bare page of as many bytes: {floor:.2f} s; ratio {own / floor:.2f}; aim <= {AIM_SECONDS} s: {said}"
    )


def photo_file(seed: int) -> FilePayload:
    """A photo as large as a phone's."""
    taken = photo(size=(1600, 1200), seed=seed)
    return {
        "name": f"IMG_{seed}.jpg",
        "mimeType": "image/jpeg",
        "buffer": taken + secrets.token_bytes(PHOTO_BYTES - len(taken)),
    }


def report_by_scan(browser: Browser, house: Running, seed: int) -> float:
    """Seconds from the opened code to the receipt, with a hand that needs no time."""
    with phone_page(browser, house.address, house.cookie, FOUR_G) as (page, _):
        began = time.monotonic()
        page.goto(house.address + house.scan, wait_until="commit")
        page.set_input_files("input[data-source=camera]", photo_file(seed))
        page.locator("label.cat", has=page.locator("input[value=ELEC]")).click()
        page.click("button.btn[form=report-form]")
        page.wait_for_url("**/receipt/*", wait_until="domcontentloaded", timeout=120_000)
        return time.monotonic() - began


def carry_bare(browser: Browser, address: str) -> float:
    """Seconds of one request with as many bytes."""
    with phone_page(browser, address, None, FOUR_G) as (page, _):
        page.goto(address)
        began = time.monotonic()
        page.evaluate("(size) => fetch('/', { method: 'POST', body: new Uint8Array(size) })", PHOTO_BYTES)
        return time.monotonic() - began


def scan_to_received(browser: Browser, house: Running) -> None:
    """Print the way of one photo beside one request that carries it."""
    with bare_page(1000) as bare:
        carry_bare(browser, bare)
        ours, theirs = [], []
        for seed in range(ROUNDS):
            ours.append(report_by_scan(browser, house, seed))
            theirs.append(carry_bare(browser, bare))
    own, floor = statistics.median(ours), statistics.median(theirs)
    said = "ok" if own <= AIM_RECEIVED else "MISSED"
    print(f"4G, from the scan to the receipt with one photo of {PHOTO_BYTES / 1e6:.0f} MB: {own:.1f} s")
    print(f"  one request of its bytes: {floor:.1f} s; ratio {own / floor:.2f}; aim <= {AIM_RECEIVED} s: {said}")


def lighthouse(house: Running, folder: Path) -> None:
    """Print Lighthouse's four scores of the report page, or that Node is not there."""
    if shutil.which("npm") is None:
        print("Lighthouse: left out, Node is not present")
        return
    fetch = ["npm", "ci", "--ignore-scripts", "--silent"]
    if subprocess.run(fetch, cwd=LIGHTHOUSE, stdin=subprocess.DEVNULL, check=False).returncode:
        print("Lighthouse: left out, it could not be fetched")
        return
    headers = folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": f"hazards={house.cookie}"}))
    told = folder / "lighthouse.json"
    environment = os.environ | {"CHROME_PATH": shutil.which("chromium") or "", "LH_DISABLE_TELEMETRY": "1"}
    command = [
        "node", "node_modules/lighthouse/cli/index.js", house.address + "/report", "--quiet", "--output=json",
        f"--output-path={told}", f"--extra-headers={headers}", f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox", "--disable-storage-reset", "--no-enable-error-reporting",
    ]  # fmt: skip
    subprocess.run(command, cwd=LIGHTHOUSE, env=environment, check=True)
    result = json.loads(told.read_text("utf-8"))
    for name in CATEGORIES:
        score = result["categories"][name]["score"]
        print(f"Lighthouse {name}: {score:.2f}; aim >= {AIM_SCORE}: {'ok' if score >= AIM_SCORE else 'MISSED'}")
        for line in result["categories"][name]["auditRefs"]:
            audit = result["audits"][line["id"]]
            if line["weight"] and audit["score"] is not None and audit["score"] < AIM_SCORE:
                print(f"  {audit['title']}: {audit.get('displayValue', audit['score'])}")


def main() -> int:
    """Measure all; the exit code is 0: these are figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        slow_3g(browser, house)
        scan_to_received(browser, house)
        browser.close()
        lighthouse(house, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
