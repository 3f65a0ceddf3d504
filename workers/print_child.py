"""The child that turns one folder into one PDF: bounded first, then WeasyPrint, which reads that folder only."""

import ctypes
import ctypes.util
import json
import os
import re
import resource
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from app.papers.sheet import PICTURE_ADDRESS, STYLE_ADDRESS
from workers import jail
from workers.printer import NO_FONT, NO_PRINTER

DOTS_PER_INCH: Final = 200
JPEG_QUALITY: Final = 80
_KEY: Final = re.compile(r"[0-9a-f]{64}")


class _FontSet(ctypes.Structure):
    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


def main() -> None:
    """Print the folder named in argv; the exit code tells the parent what was missing."""
    told = json.loads(sys.argv[1])
    jail.die_with_parent(os.getppid())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (told["memory_bytes"], told["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (told["cpu_seconds"], told["cpu_seconds"] + 1))
    sys.exit(_printed(Path(told["folder"]), dated=told["dated"]))


def _printed(folder: Path, *, dated: str) -> int:
    try:
        import weasyprint  # noqa: PLC0415  # its system libraries may be missing: that is an answer, not a crash
    except OSError:
        return NO_PRINTER
    if not has_chinese_font():
        return NO_FONT
    document = weasyprint.HTML(
        string=(folder / "paper.html").read_text("utf-8"), base_url="paper:", url_fetcher=fetcher(folder)
    ).render(optimize_images=True, dpi=DOTS_PER_INCH, jpeg_quality=JPEG_QUALITY)
    # The paper's own day, not the printer's: printed again, it is the same file.
    document.metadata.created = document.metadata.modified = dated
    document.write_pdf(folder / "paper.pdf", pdf_identifier=b"paper", optimize_images=True)
    return 0


def has_chinese_font() -> bool:
    """Whether fontconfig knows any font that claims simplified Chinese."""
    name = ctypes.util.find_library("fontconfig")
    if name is None:
        return False
    library = ctypes.CDLL(name)
    for function in (library.FcNameParse, library.FcObjectSetCreate):
        function.restype = ctypes.c_void_p
    library.FcFontList.restype = ctypes.POINTER(_FontSet)
    library.FcFontList.argtypes = [ctypes.c_void_p] * 3
    found = library.FcFontList(None, library.FcNameParse(b":lang=zh-cn"), library.FcObjectSetCreate())
    return bool(found) and found.contents.count > 0


def fetcher(folder: Path) -> Any:
    """Reads our style and the pictures in the folder; every other address is refused, whatever its scheme."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse  # noqa: PLC0415  # see above

    class FolderOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """No network, no file but ours."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bytes behind one of our own addresses."""
            del headers
            key = url.removeprefix(PICTURE_ADDRESS)
            if url == STYLE_ADDRESS:
                return _answer(URLFetcherResponse, url, folder / "paper.css", "text/css; charset=utf-8")
            if key != url and _KEY.fullmatch(key):
                return _answer(URLFetcherResponse, url, folder / key, "image/jpeg")
            raise FatalURLFetchingError("a paper names nothing outside itself")

    return FolderOnly(allowed_protocols=["paper"])


def _answer(response: Any, url: str, path: Path, kind: str) -> Any:
    return response(url, BytesIO(path.read_bytes()), headers={"Content-Type": kind})
