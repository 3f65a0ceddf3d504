"""The sheet of a paper as HTML: one template for the page people read and for the PDF they print."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.papers.content import Content, Item, Result, Shot
from app.papers.models import PaperKind

STYLE: Final = Path(__file__).resolve().parents[1] / "web" / "static" / "css" / "paper.css"
"""The one style sheet of papers; the browser gets the same file."""
STYLE_ADDRESS: Final = "paper:style"
PICTURE_ADDRESS: Final = "paper:picture/"
_TEMPLATES: Final = {PaperKind.NOTICE: "notice.html", PaperKind.OPINION: "opinion.html"}


@cache
def _environment() -> Environment:
    templates = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def sheet_html(content: Content, *, picture_address: Callable[[int, str], str]) -> str:
    """The paper's `<article>`; `picture_address` says where its `n`-th picture (from 1) with this key is."""
    addresses = [picture_address(n, key) for n, key in enumerate(content.picture_keys(), 1)]
    first, shown = 0, {}
    for item in content.items:
        shown[item.n] = list(zip(item.shots, addresses[first : first + len(item.shots)], strict=True))
        first += len(item.shots)

    def shots_of(item: Item) -> list[tuple[Shot, str]]:
        return shown[item.n]

    template = _environment().get_template(_TEMPLATES[content.kind])
    return template.render(paper=content, shots_of=shots_of, Result=Result)


def document_html(content: Content) -> str:
    """The whole document that becomes the PDF; it names nothing outside itself but our style and its pictures."""
    sheet = sheet_html(content, picture_address=lambda _n, key: PICTURE_ADDRESS + key)
    return (
        _environment()
        .get_template("document.html")
        .render(paper=content, sheet=sheet, style_address=STYLE_ADDRESS)
    )
