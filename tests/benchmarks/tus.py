"""CPU of one 8 MB photo through tus at `/api/v1/uploads`, against the floor of `floor.py` in the same run."""

import base64
import hashlib
import http.client
import sys
import tempfile
from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path

from tests.benchmarks.upload import (
    PHOTO_BYTES,
    ROOT,
    ROUNDS,
    Spent,
    fresh_photo,
    measure,
    measure_floor,
    running,
    web_process,
    worker_token,
)
from tests.ports import free_port

AIM = 1.3
"""For the whole photo in one PATCH, as `tus-js-client` sends it unless told otherwise; our pages do tell it."""
KIB = 1024
PAGES_PIECES = (512 * KIB, 1024 * KIB, 2048 * KIB)
"""What our pages tell it on a brisk line, without checksums; the last holds on (js/queue/pieces.js)."""
MB = 1_000_000
PIECE_TYPE = "application/offset+octet-stream"


def upload(port: int, token: str, *steps: int, checked: bool = False) -> None:
    """One fresh photo by POST and PATCHes of `steps` bytes, the last again and again; none: all in POST."""
    content = fresh_photo()
    named = base64.b64encode(hashlib.sha256(content).hexdigest().encode()).decode()
    ours = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
    told = {
        **ours,
        "Upload-Length": str(len(content)),
        "Upload-Metadata": f"sha256 {named}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        if not steps:
            _say(connection, "POST", "/api/v1/uploads", content, {**told, "Content-Type": PIECE_TYPE})
            return
        path = _say(connection, "POST", "/api/v1/uploads", b"", told)["Location"]
        at = 0
        for step in chain(steps, repeat(steps[-1])):
            if at == len(content):
                break
            piece = content[at : at + step]
            headers = {**ours, "Upload-Offset": str(at), "Content-Type": PIECE_TYPE}
            if checked:
                digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
                headers["Upload-Checksum"] = f"sha256 {digest}"
            _say(connection, "PATCH", path, piece, headers)
            at += len(piece)
    finally:
        connection.close()


def _say(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
) -> http.client.HTTPMessage:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status not in {201, 204}:
        raise SystemExit(f"{method} {path} answered {answer.status}: {said[:500]!r}")
    return answer.headers


def ways(port: int, token: str) -> dict[str, Callable[[], None]]:
    """What is measured, by its title; the first has an aim."""
    return {
        "one PATCH": lambda: upload(port, token, PHOTO_BYTES),
        "our pages, brisk line: 6 PATCHes": lambda: upload(port, token, *PAGES_PIECES),
        "our pages, slow line: 16 PATCHes": lambda: upload(port, token, PAGES_PIECES[0]),
        "no PATCH: creation with upload": lambda: upload(port, token),
        "one PATCH, checksum": lambda: upload(port, token, PHOTO_BYTES, checked=True),
        "8 PATCHes, checksums": lambda: upload(port, token, PHOTO_BYTES // 8, checked=True),
    }


def measure_product(folder: Path) -> dict[str, Spent]:
    """The product as `make run` starts it, on empty data of its own; the workers' own CPU is not counted."""
    port = free_port()
    settings = {
        "DATA": str(folder / "data"),
        "PORT": str(port),
        "DEMO": "1",
        "UPLOADS_LIMIT": "100000",
        "UPLOADS_LIMIT_BYTES": str(1000 * PHOTO_BYTES),
    }
    command = (sys.executable, "-m", "flask", "--app", "wsgi", "serve")
    with running(command, port, folder=ROOT, **settings) as pid:
        token = worker_token(port, folder / "data" / "demo-accounts.json")
        web = web_process(pid)
        return {title: measure(web, send) for title, send in ways(port, token).items()}


def main() -> None:
    """Measure all, print the figures and what was aimed at."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor = measure_floor(folder)
        product = measure_product(folder)
    print(f"CPU per photo of {PHOTO_BYTES / MB:.0f} MB by tus, {ROUNDS} rounds (least / median):")
    print(f"  {'floor: socket, hash, write, fsync':34} {floor.least:7.1f} ms / {floor.middle:7.1f} ms")
    for n, (title, spent) in enumerate(product.items()):
        ratio = spent.middle / floor.middle
        aim = f" (aim {AIM}: {'reached' if ratio <= AIM else 'missed'})" if n == 0 else ""
        print(f"  {title:34} {spent.least:7.1f} ms / {spent.middle:7.1f} ms, {ratio:.2f} of the floor{aim}")
    pages, one = product["our pages, slow line: 16 PATCHes"], product["one PATCH"]
    each = (pages.least - one.least) / (-(-PHOTO_BYTES // PAGES_PIECES[0]) - 1)
    print(f"  so each further PATCH costs {each:.1f} ms (least), the gathering of its bytes at the end included")


if __name__ == "__main__":
    main()
