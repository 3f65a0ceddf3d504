"""What a PDF holds, as poppler's tools see it: words and photos with their places, pages as pictures."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler-utils on this machine")
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, in points from its upper left corner; `says` is its word, empty for a picture."""

    left: float
    top: float
    right: float
    bottom: float
    says: str = ""

    def overlaps(self, other: "Box", *, slack: float = 1.0) -> bool:
        """Whether more than `slack` points of both lie on each other, across and down."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > slack and down > slack


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def said(path: Path) -> str:
    """Every word in the order in which it was set, without spaces and line breaks."""
    return re.sub(r"\s+", "", _told("pdftotext", "-raw", str(path), "-"))


def words(path: Path) -> list[list[Box]]:
    """The words of each page."""
    tree = ET.fromstring(_told("pdftotext", "-bbox", str(path), "-"))  # noqa: S314  # our own tool's answer
    name = "{http://www.w3.org/1999/xhtml}"
    return [
        [
            Box(*(float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")), word.text or "")
            for word in page.iter(f"{name}word")
        ]
        for page in tree.iter(f"{name}page")
    ]


def pictures(path: Path, folder: Path) -> list[list[Box]]:
    """The places of the pictures on each page."""
    _told("pdftohtml", "-xml", "-zoom", "1", str(path), str(folder / "sheets"))
    # Only the lines of pictures and pages are read: the words between them may be cut within a tag.
    found: list[list[Box]] = []
    for line in (folder / "sheets.xml").read_text("utf-8").splitlines():
        told = {name: float(value) for name, value in re.findall(r'(\w+)="(-?\d+(?:\.\d+)?)"', line)}
        if line.startswith("<page "):
            found.append([])
        elif line.startswith("<image "):
            right, bottom = told["left"] + told["width"], told["top"] + told["height"]
            found[-1].append(Box(told["left"], told["top"], right, bottom))
    return found


def picture_count(path: Path) -> int:
    """How many photos are set on its pages."""
    rows = _told("pdfimages", "-list", str(path)).splitlines()[2:]
    return sum(row.split()[2] == "image" for row in rows)


def page_picture(path: Path, number: int, folder: Path, *, dots_per_inch: int = 72) -> Image.Image:
    """One page, counted from 1, as a picture; at 72 dots per inch a dot is a point."""
    stem = folder / f"page-{number}"
    which = ("-f", str(number), "-l", str(number), "-r", str(dots_per_inch))
    _told("pdftoppm", "-png", "-singlefile", *which, str(path), str(stem))
    return Image.open(stem.with_suffix(".png")).convert("RGB")
