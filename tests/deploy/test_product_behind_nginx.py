"""The product itself behind deploy/nginx.conf: a report through TLS, its pictures back, and whom it holds back."""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from flask_migrate import upgrade

from app.factory import create_app
from app.first_steps import make_demo
from config import DEFAULTS, Settings
from tests.photos import exif_block, photo
from tests.ports import free_port
from tests.servers.nginx import NAME, ROOT, Nginx, ends_with, needed, nginx, wait_until

PICTURE = photo(size=(640, 480), seed=11, exif=exif_block(position=(38.0456789, 114.5123456)))
UP_SECONDS, DONE_SECONDS = 180.0, 120.0
"""For a machine that does much else."""
STRANGER, GUESSERS = "127.0.0.2", ("127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6")
LIMITS_SECONDS = 60
DESCRIPTION, PLACE_TEXT = "三号门旁灭火器压力不足", "锅炉房北侧楼梯口"


@dataclass
class Product:
    """The running product, with the accounts of its demo organisation."""

    front: Nginx
    folder: Path
    process: subprocess.Popen[bytes]

    def token(self, login: str) -> str:
        told = json.dumps({"login": login, "password": self.password(login)}).encode()
        status, _, body = self.front.call("POST", "/api/v1/tokens", told, Content_Type="application/json")
        assert status == 201, body
        return "Bearer " + json.loads(body)["token"]

    def password(self, login: str) -> str:
        accounts = json.loads((self.folder / "data" / "demo-accounts.json").read_text("utf-8"))
        return str(next(row["password"] for row in accounts if row["login"] == login))

    def said(self) -> str:
        return (self.folder / "product.log").read_text("utf-8", "replace")


@contextmanager
def running(module: str, environment: dict[str, str], said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` as its unit runs it, ended with the block and with this process."""
    tether = ends_with(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        stdout=said,
        stderr=said,
        preexec_fn=tether,  # noqa: PLW1509  # no lock is held that its one system call needs
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def furnish(data: Path) -> None:
    """A migrated database with the demo organisation."""
    made = create_app(Settings.from_environment({"DATA": str(data)}))
    with made.app_context():
        upgrade()
    means = made.extensions["runtime"]
    make_demo(means)
    means.db.engine.dispose()


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Iterator[Product]:
    needed()
    folder, port = tmp_path_factory.mktemp("product"), free_port()
    told = {"DATA": str(folder / "data"), "PORT": str(port), "DEMO": "1", "TRUSTED_PROXIES": "1"}
    told |= {"ACCEL_REDIRECT": "1", "PUBLIC_URL": f"https://{NAME}"}
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS} | told
    furnish(folder / "data")
    store, shown = folder / "data" / "store", tmp_path_factory.mktemp("front")
    with (
        (folder / "product.log").open("wb") as said,
        running("app.web_server", environment, said) as web,
        running("workers", environment, said),
        nginx(shown, upstream=f"127.0.0.1:{port}", store=store, bucket="127.0.0.1:1") as front,
    ):

        def is_up() -> bool:
            try:
                status, _, told = front.call("GET", "/healthz")
            except OSError:  # it listens, and a busy machine is still loading it
                return False
            return status == 200 and bool(json.loads(told)["workers"])

        wait_until(is_up, process=web, folder=folder, within=UP_SECONDS)
        yield Product(front, folder, web)


def report(**fields: object) -> tuple[bytes, str]:
    """The body of a report with one photo, and its type."""
    told = {"client_id": str(uuid.uuid4()), "place_code": "HBJX-A3", "category": "ELEC", **fields}
    edge = uuid.uuid4().hex
    head = f'--{edge}\r\nContent-Disposition: form-data; name="hazard"\r\n\r\n{json.dumps(told)}\r\n--{edge}\r\n'
    head += 'Content-Disposition: form-data; name="photo"; filename="selfie.jpg"\r\n\r\n'
    return head.encode() + PICTURE + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def test_a_report_with_a_photo_goes_through_and_its_pictures_come_back(product):
    worker, officer = product.token("lixia"), product.token("wangmin")
    body, kind = report()
    status, headers, answer = product.front.call(
        "POST", "/api/v1/hazards", body, Authorization=worker, Content_Type=kind
    )
    assert status == 201, answer
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    path = f"/api/v1/hazards/{json.loads(answer)['number']}"

    def has_pictures() -> bool:
        told = json.loads(product.front.call("GET", path, Authorization=officer)[2])
        return [shown["status"] for shown in told["photos"]] == ["ready"]

    wait_until(has_pictures, process=product.process, folder=product.folder, within=DONE_SECONDS)
    for picture in ("thumb", "display"):
        status, headers, made = product.front.call("GET", f"{path}/photos/1/{picture}", Authorization=worker)
        assert (status, made[:3]) == (200, b"\xff\xd8\xff")
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["X-Content-Type-Options"] == "nosniff"
    status, headers, original = product.front.call("GET", f"{path}/photos/1/original", Authorization=officer)
    assert (status, original) == (200, PICTURE)
    assert headers["Content-Disposition"].startswith("attachment")
    assert product.front.call("GET", f"{path}/photos/1/thumb")[0] == 401


def test_a_guesser_is_known_by_her_real_address_whatever_she_says(product):
    said = json.dumps({"login": "nobody-here", "password": "x"}).encode()

    def guess(n: int, address: str) -> int:
        return product.front.call(
            "POST",
            "/api/v1/tokens",
            said,
            address=address,
            Content_Type="application/json",
            X_Forwarded_For=f"203.0.113.{n}",
        )[0]

    for guesser in GUESSERS:
        began = time.monotonic()
        tried = [guess(n, guesser) for n in range(21)]
        # On a busy machine twenty looks at a password may outlast the minute of the limit: then it says nothing.
        if time.monotonic() - began < LIMITS_SECONDS:
            break
    assert tried[-1] == 429
    assert 429 not in tried[:20]
    # Neither a stranger nor this machine is held back with her.
    assert guess(99, STRANGER) != 429
    assert product.token("lixia")


def test_figures_are_open_beside_the_house_and_closed_outside(product):
    assert b"hazards_requests_total" in product.front.call("GET", "/metrics")[2]
    status, _, body = product.front.call("GET", "/metrics", address=STRANGER, X_Forwarded_For="127.0.0.1")
    assert status == 404
    assert b"hazards_" not in body


def test_no_log_of_nginx_web_or_workers_has_a_word_of_a_report(product):
    agent = "TellingPhone/7.1"
    worker = product.token("lixia")
    told = {
        "description": DESCRIPTION,
        "location_text": PLACE_TEXT,
        "pin": {"lat": 38.0456789, "lon": 114.5123456},
    }
    body, kind = report(**told)
    headers = {"Authorization": worker, "Content_Type": kind, "User_Agent": agent}
    status, _, answer = product.front.call("POST", "/api/v1/hazards", body, address=STRANGER, **headers)
    assert status == 201, answer
    number = json.loads(answer)["number"]
    broken, kind = report(**{**told, "category": "无此类"})
    refused = product.front.call(
        "POST", "/api/v1/hazards", broken, address=STRANGER, **headers | {"Content_Type": kind}
    )
    assert refused[0] == 422
    product.front.call("GET", f"/hazards/{number}?q={uuid.uuid4()}", address=STRANGER, User_Agent=agent)

    def is_done() -> bool:
        queue = json.loads(product.front.call("GET", "/healthz")[2])["queue"]
        return int(queue["waiting"]) == 0

    wait_until(is_done, process=product.process, folder=product.folder, within=DONE_SECONDS)
    # Without their moments, whose seconds may look like a place.
    lines = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+", "", product.said() + product.front.said())
    assert '"event": "request"' in lines
    person = [product.password("lixia"), worker.removeprefix("Bearer "), "lixia", "李霞"]
    telling = [DESCRIPTION, PLACE_TEXT, "38.0456", "114.5123", agent, STRANGER, number, "selfie", *person]
    assert [mark for mark in telling if mark in lines] == []
