"""What a phone keeps of the house to open without network: which pages, whose they are, and what they load."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, request, url_for

from app.accounts.actor import Actor
from app.edge.entrance import actor_or_none
from app.web.static_files import hashes_of, named_in, parts_of, static_files

OWNER_HEADER: Final = "X-Shell"
"""Says that a page may be kept, and for whom: no page of anybody else's network says so."""
PICTURES_HEADER: Final = "X-Shell-Pictures"
"""The pictures without which a kept page is of little use, their paths apart by spaces."""
GUEST: Final = "guest"
_REPORT: Final = "/report"
_DRAFTS: Final = "/drafts"
"""What waits lies in the phone itself; the page around it knows nobody."""
_OFFLINE: Final = "/offline"
_KEPT: Final = re.compile(r"/(?:report|drafts|p/[^/]+)")
"""The pages with which a person reports. The worker asks the header and not this pattern what it may keep."""
_TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates"
_SHELL_TEMPLATES: Final = (
    "base.html",
    "_*.html",
    "phone/_head.html",
    "phone/offline.html",
    "reporter/report.html",
    "reporter/_*.html",
    "officer/act.html",
    "officer/_inputs.html",
    "unsent/*.html",
)
_IMPORT: Final = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def shell_owner(edition: str = "") -> str:
    """Whose pages these are, in a word that says nothing about the person, with the version of what they load.

    `edition` says of which day the page itself is, where it changes with what it is about.
    """
    who = actor_or_none()
    name = _opaque(who) if isinstance(who, Actor) else GUEST
    return ".".join(filter(None, (name, shell_version(), edition)))


def _opaque(who: Actor) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, f"shell {who.account_id}".encode(), hashlib.sha256).hexdigest()[:16]


def shell_pages() -> list[str]:
    """The pages of this person that a phone fetches before it needs them."""
    return [_REPORT]


def nobodys_pages() -> list[str]:
    """The pages that are the same for everybody: a phone keeps them through every sign-out."""
    known = {rule.rule for rule in current_app.url_map.iter_rules()}
    return [path for path in (_OFFLINE, _DRAFTS) if path in known]


def mark_kept(answer: Response) -> Response:
    """Say on the pages that may be kept whose they are."""
    is_page = answer.status_code == 200 and answer.mimetype == "text/html"  # noqa: PLR2004
    if is_page and request.method in {"GET", "HEAD"} and _KEPT.fullmatch(request.path):
        answer.headers[OWNER_HEADER] = shell_owner()
    return answer


def keep_page(answer: Response, *, edition: str, pictures: Iterable[str]) -> Response:
    """Let a phone keep this page too, as it is in this `edition`, with these pictures."""
    answer.headers[OWNER_HEADER] = shell_owner(edition)
    answer.headers[PICTURES_HEADER] = " ".join(pictures)
    return answer


def shell_files() -> list[str]:
    """The addresses of every file that the kept pages load, in the order of their names."""
    return [static_files().address(path) for path in _files(str(current_app.static_folder))]


def shell_version() -> str:
    """Changes when a kept page, or a file that it loads, or the worker itself does."""
    return _version(str(current_app.static_folder))


def worker_script() -> str:
    """The service worker with what it must know before its first line."""
    told: dict[str, Any] = {
        "version": shell_version(),
        "files": shell_files(),
        "nobodys": nobodys_pages(),
        "offline": url_for("phone.offline"),
        "leaving": [url_for("account.login"), url_for("account.logout")],
        "ownerHeader": OWNER_HEADER,
        "picturesHeader": PICTURES_HEADER,
    }
    body = (Path(str(current_app.static_folder)) / "worker/sw.js").read_text("utf-8")
    return f"const TOLD = {json.dumps(told)};\n{body}"


@cache
def _version(folder: str) -> str:
    files = static_files()
    parts = [files.version, *(files.hashes.get(path, path) for path in _files(folder))]
    parts.append(files.hashes.get("worker/sw.js", ""))
    parts += [known for _, known in sorted(hashes_of(_TEMPLATES).items())]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]


@cache
def _files(folder: str) -> tuple[str, ...]:
    """Found by reading the templates and the modules, so that a new module comes along by itself."""
    files = static_files()
    found: set[str] = {"icons/icon-192.png"}
    templates = {path for pattern in _SHELL_TEMPLATES for path in _TEMPLATES.glob(pattern)}
    for template in templates:
        found.update(map(files.served, named_in(template)))
    grown = list(found)
    while grown:
        new = set(_imports(Path(folder), grown.pop())) - found
        found |= new
        grown += new
    return tuple(sorted(path for path in found if set(parts_of(path)) <= files.hashes.keys()))


def _imports(folder: Path, path: str) -> Iterator[str]:
    module = folder / path
    if not path.endswith(".js") or not module.is_file():
        return
    for relative in _IMPORT.findall(module.read_text("utf-8")):
        yield (module.parent / relative).resolve().relative_to(folder.resolve()).as_posix()
