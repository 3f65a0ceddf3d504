"""The report page on a phone: time to usable on an emulated slow 3G beside a bare page, and what Lighthouse says.

Slow 3G is WebPageTest's: 400 kbit/s both ways, 400 ms for a round trip. Chromium's own emulation of it puts the
latency before each request and knows no connection that must be opened first. The bare page is one HTML file of
exactly as many bytes as everything that the report page loads.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright

from app.factory import create_app
from app.first_steps import make_demo
from app.serving import answers, web_command
from config import DEFAULTS, Settings
from tests.conftest import House
from tests.servers.nginx import ROOT, ends_with, free_port, wait_until

LATENCY_MS, BYTES_A_SECOND = 400, 400_000 / 8
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
            yield Running(f"http://127.0.0.1:{port}", cookie.value)
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

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def visit(browser: Browser, address: str, cookie: str | None) -> tuple[float, int, int]:
    """Seconds until a first visit may be used, the bytes that came, and in how many answers."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    if cookie:
        context.add_cookies([{"name": "hazards", "value": cookie, "url": address}])
    page = context.new_page()
    sizes: list[int] = []
    line = context.new_cdp_session(page)
    line.on("Network.loadingFinished", lambda it: sizes.append(int(it["encodedDataLength"])))
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    page.goto(address, wait_until="load")
    seconds = page.evaluate(USABLE) / 1000
    context.close()
    return seconds, sum(sizes), len(sizes)


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
    """Measure both; the exit code is 0: these are figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        slow_3g(browser, house)
        browser.close()
        lighthouse(house, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
