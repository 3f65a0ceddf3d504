"""Write docs/pictures anew: the product on a temporary folder, looked at on a phone and on a desktop."""

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pictures.offline import write_the_film
from tests.pictures.overview import overview
from tests.pictures.phone import write_the_reporters_way
from tests.pictures.story import Story, told
from tests.pictures.window import window
from tests.serving import serving
from workers.decoder import Decoder

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs/pictures"
SIZES: Final[Mapping[str, tuple[int, int]]] = {"phone": (390, 844), "desk": (1280, 800)}
TALLEST: Final = 2000
COLOURS: Final = 256
FOLDER_MOST: Final = 3 * 1024 * 1024
PDF_MOST: Final = 500 * 1024


def pages_of(story: Story) -> dict[str, tuple[str, str, bool]]:
    """Each picture's page: who looks, where, and whether the whole page is shown."""
    numbers = story.hazards
    return {
        "setup": ("hbjx-admin", "/setup", True),
        "inbox": ("wangmin", "/inbox", False),
        "ticket": ("wangmin", f"/tickets/{numbers['railing']}", True),
        "accept": ("wangmin", f"/tickets/{numbers['cabinet again']}/accept", True),
        "notice": ("wangmin", f"/papers/{story.notice}", True),
        "register": ("wangmin", "/papers/register", True),
        "rules": ("hbjx-admin", "/rules/try?place=HBJX-A3&category=ELEC", True),
    }


def look(story: Story, browser: Browser, address: str) -> None:
    """Every page in every size."""
    for size, (width, height) in SIZES.items():
        for name, (login, path, is_whole) in pages_of(story).items():
            with window(story, browser, address, login, (width, height)) as page:
                page.goto(address + path, wait_until="networkidle")
                keep(page, FOLDER / f"{name}-{size}.png", is_whole=is_whole, width=width)


def keep(page: Page, target: Path, *, is_whole: bool, width: int) -> None:
    """The page as a small PNG, at most TALLEST high."""
    tall = min(page.evaluate("() => document.documentElement.scrollHeight"), TALLEST) if is_whole else None
    if tall:
        # A taller window instead of a stitched page: what stands at the bottom stays there.
        page.set_viewport_size({"width": width, "height": max(tall, page.viewport_size["height"])})
        page.wait_for_load_state("networkidle")
    write(page.screenshot(), target)


def write(shot: bytes, target: Path) -> None:
    """A screenshot as a small PNG."""
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS).save(target, optimize=True)


def keep_notice(story: Story) -> None:
    """The notice as it is printed."""
    answer = story.house.browser("wangmin").get(f"/papers/{story.notice}/pdf", buffered=True)
    (FOLDER / "notice.pdf").write_bytes(answer.data)


def main() -> int:
    """Write them all; 1 when they are larger than a repository should carry."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        sys.stderr.write("no chromium on this machine: install it (Debian: chromium)\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Decoder() as decoder, sync_playwright() as playwright:
        story = told(Path(folder), decoder)
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--lang=zh-CN"], env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        with serving(story.house.app) as address:
            look(story, browser, address)
            overview(story, browser, address).quantize(COLOURS).save(FOLDER.parent / "overview.png", optimize=True)
            for name, shot in write_the_reporters_way(story, browser, address):
                target = FOLDER / "phone" / f"{name}.png"
                target.parent.mkdir(exist_ok=True)
                write(shot, target)
            film = write_the_film(story, browser, address)
            film.quantize(COLOURS).save(FOLDER / "phone/without-network.png", optimize=True)
        browser.close()
        keep_notice(story)
        story.house.means.db.engine.dispose()
    sizes = {str(file.relative_to(FOLDER)): file.stat().st_size for file in FOLDER.rglob("*.p[nd][gf]")}
    sys.stdout.write("".join(f"{size // 1024:6} KiB  {name}\n" for name, size in sorted(sizes.items())))
    return int(sum(sizes.values()) > FOLDER_MOST or sizes["notice.pdf"] > PDF_MOST)


if __name__ == "__main__":
    sys.exit(main())
