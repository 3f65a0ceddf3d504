"""The house's static files: their addresses change with their content, and what a phone may keep of them.

Modules and styles share one version in the middle of their address, `/static/v/<version>/js/x.js`: a module's own
`import "./y.js"` then names the same version, and no module of yesterday meets one of today. Pictures carry theirs
behind, `?v=`.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from app.edge.entrance import public

VERSIONED: Final = ("js", "css", "vendor")
"""The folders of what imports, or is loaded beside, each other."""
_ASKED: Final = re.compile(r"(asset|styles)\(([^)]*)\)")
_PATHS: Final = re.compile(r"""['"]([^'"]+)['"]""")
YEAR_SECONDS: Final = 365 * 24 * 3600
_HASH_LENGTH: Final = 12
_EXTENSION: Final = "static_files"


class StaticFiles:
    """What lay in the folder when this process started: a deployment that changes a file restarts the service."""

    def __init__(self, folder: Path, *, templates: Path | None = None) -> None:
        """`templates` name the styles that are joined: whoever asks for another joining gets none."""
        self.hashes: Final = hashes_of(folder)
        self.joinings: Final = joinings_in(templates) if templates else frozenset()
        self.version: Final = version_of(
            {path: known for path, known in self.hashes.items() if is_versioned(path)}
        )

    def served(self, path: str) -> str:
        """The file that stands for a module: itself, or itself with all it imports, as set-up joined them."""
        whole = path.replace("js/", "vendor/pages/", 1)
        return whole if path.startswith("js/") and whole in self.hashes else path

    def address(self, path: str) -> str:
        """Where a browser finds this file; changes when its content does.

        Raises:
            KeyError: there is no such file; so a page with a broken address fails in tests, not in a plant.
        """
        own = "".join(self.hashes[part] for part in parts_of(path))
        if is_versioned(path):
            return url_for("versioned", version=self.version, filename=self.served(path))
        return url_for("static", filename=path, v=own)


def joined(*paths: str) -> str:
    """One name for several styles, so that a phone asks once: `css/a.css`, `css/b.css` → `css/a+b.css`."""
    folder = paths[0].rpartition("/")[0]
    names = "+".join(path.removeprefix(f"{folder}/").removesuffix(".css") for path in paths)
    return f"{folder}/{names}.css"


def named_in(template: Path) -> set[str]:
    """Every static file that a template asks for; styles that come as one under their one name."""
    named: set[str] = set()
    for call, said in _ASKED.findall(template.read_text("utf-8")):
        paths = _PATHS.findall(said)
        named.update([joined(*paths)] if call == "styles" and paths else paths)
    return named


@cache
def joinings_in(templates: Path) -> frozenset[str]:
    """Every joining that these templates name; they are those of the process."""
    named = (name for template in templates.rglob("*.html") for name in named_in(template))
    return frozenset(name for name in named if len(parts_of(name)) > 1)


def parts_of(path: str) -> list[str]:
    """The files that this name stands for."""
    folder, _, name = path.rpartition("/")
    if "+" not in name or not name.endswith(".css"):
        return [path]
    return [f"{folder}/{part}.css" for part in name.removesuffix(".css").split("+")]


def hashes_of(folder: Path) -> dict[str, str]:
    """Return for each file below `folder` (POSIX path relative to it) the head of its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_LENGTH]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def version_of(hashes: dict[str, str]) -> str:
    """One name for all these files as they are; another when one changes, comes or goes."""
    told = "\n".join(f"{path} {known}" for path, known in sorted(hashes.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:_HASH_LENGTH]


def is_versioned(path: str) -> bool:
    """Whether this file's address carries the common version."""
    return path.partition("/")[0] in VERSIONED


def static_files() -> StaticFiles:
    """The static files of the app that answers this request."""
    known: StaticFiles = current_app.extensions[_EXTENSION]
    return known


def register_static_files(app: Flask) -> None:
    """Serve the folder of static files of `app`."""
    folder = Path(app.static_folder or "")
    app.extensions[_EXTENSION] = StaticFiles(folder, templates=folder.parent / "templates")
    app.add_url_rule("/static/v/<version>/<path:filename>", endpoint="versioned", view_func=_versioned)


@public
def _versioned(version: str, filename: str) -> Response:
    """A module or style. A page of yesterday that asks for its own version gets today's file, kept by nobody.

    All its files then come from today, so they fit each other; a 404 would leave that page without script.
    """
    if not is_versioned(filename):
        raise NotFound
    parts = parts_of(filename)
    answer = _join(filename, parts) if len(parts) > 1 else _one(filename)
    if version == static_files().version:
        answer.cache_control.immutable = True
    else:
        answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def _one(filename: str) -> Response:
    return send_from_directory(str(current_app.static_folder), filename, max_age=YEAR_SECONDS)


def _join(filename: str, parts: list[str]) -> Response:
    """Several styles as one, as a template names them: joining and compressing others is work for strangers."""
    if filename not in static_files().joinings:
        raise NotFound
    folder = Path(str(current_app.static_folder))
    answer = Response(b"\n".join((folder / part).read_bytes() for part in parts), mimetype="text/css")
    answer.cache_control.public = True
    answer.cache_control.max_age = YEAR_SECONDS
    return answer
