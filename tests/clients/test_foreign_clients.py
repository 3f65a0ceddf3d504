"""Programs of other people upload here: tuspy and tus-js-client, whole, in pieces, and after the line broke."""

import base64
import hashlib
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader import Uploader

from app.api import uploads
from tests.serving import serving

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTENT = b"\xff\xd8\xff\xe0" + os.urandom(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MIB = 1024 * 1024


@pytest.fixture
def received(house):
    """How many bytes of pieces the server has read, one entry a PATCH."""
    return []


@pytest.fixture
def address(house, received):
    """The house over real HTTP; the development server lends its connection as the product's own does."""

    def counted(environ, start_response):
        environ["gunicorn.socket"] = environ["werkzeug.socket"]
        if environ["REQUEST_METHOD"] == "PATCH":
            environ["wsgi.input"] = Counting(environ["wsgi.input"], received)
        return house.app(environ, start_response)

    with serving(counted) as base:
        yield base + uploads.PATH


class Counting:
    def __init__(self, source, received):
        self._source = source
        self._received = received
        received.append(0)

    def read(self, size=-1):
        block = self._source.read1(size) if hasattr(self._source, "read1") else self._source.read(size)
        self._received[-1] += len(block)
        return block


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def bearer(house):
    return {"Authorization": f"Bearer {house.token('lixia')}"}


def assert_kept(house):
    with house.means.store.open(SHA256) as stream:
        assert stream.read() == CONTENT
    answer = house.api(
        "lixia",
        "POST",
        "/hazards",
        json={
            "client_id": "11111111-2222-4333-8444-555555555555",
            "location_text": "锅炉房",
            "category": "FIRE",
            "photos": [{"sha256": SHA256}],
        },
    )
    assert answer.status_code == 201, answer.json


def begun(address, bearer):
    """An upload announced by hand; its address."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
    named = base64.b64encode(SHA256.encode()).decode()
    told = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(CONTENT)), "Upload-Metadata": f"sha256 {named}"}
    connection.request("POST", parts.path, headers={**bearer, **told})
    answer = connection.getresponse()
    assert answer.status == 201
    connection.close()
    return f"{parts.scheme}://{parts.netloc}{answer.headers['Location']}"


def half_sent(url, bearer, size):
    """A connection on which a PATCH of the whole has sent so many bytes, and then says no more."""
    parts = urlsplit(url)
    line = socket.create_connection((parts.hostname, parts.port), timeout=120)
    head = f"PATCH {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: {bearer['Authorization']}\r\n"
    head += "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
    line.sendall(f"{head}Content-Length: {len(CONTENT)}\r\n\r\n".encode() + CONTENT[:size])
    return line


def test_tuspy_uploads_in_pieces_with_our_checksum(house, address, bearer, file, monkeypatch):
    monkeypatch.setattr(Uploader, "CHECKSUM_ALGORITHM_PAIR", ("sha256", hashlib.sha256))
    client = TusClient(address, headers=bearer)
    client.uploader(
        file_stream=io.BytesIO(CONTENT), chunk_size=MIB, metadata={"sha256": SHA256}, upload_checksum=True
    ).upload()
    assert_kept(house)


def test_tuspy_stops_and_another_tuspy_goes_on(house, address, bearer, file, received):
    client = TusClient(address, headers=bearer)
    one = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=MIB, metadata={"sha256": SHA256})
    one.upload_chunk()
    other = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=MIB, url=one.url)
    assert other.offset == MIB
    other.upload()
    assert sum(received) == len(CONTENT)
    assert_kept(house)


def test_tuspy_is_told_the_checksum_was_wrong_and_the_offset_stays(address, bearer, file, monkeypatch):
    monkeypatch.setattr(Uploader, "CHECKSUM_ALGORITHM_PAIR", ("sha256", lambda _bytes: hashlib.sha256(b"other")))
    client = TusClient(address, headers=bearer)
    wrong = client.uploader(
        file_stream=io.BytesIO(CONTENT), chunk_size=MIB, metadata={"sha256": SHA256}, upload_checksum=True
    )
    with pytest.raises(TusCommunicationError) as refused:
        wrong.upload_chunk()
    assert refused.value.status_code == 460
    assert client.uploader(file_stream=io.BytesIO(CONTENT), url=wrong.url).offset == 0


def test_tuspy_at_a_wrong_offset_is_told_so(address, bearer, file):
    client = TusClient(address, headers=bearer)
    one = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=MIB, metadata={"sha256": SHA256})
    one.upload_chunk()
    behind = client.uploader(file_stream=io.BytesIO(CONTENT), chunk_size=MIB, url=one.url)
    behind.offset = 5
    with pytest.raises(TusCommunicationError) as refused:
        behind.upload_chunk()
    assert refused.value.status_code == 409


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_line_cut_in_the_middle_is_resumed_and_not_restarted(house, address, bearer, file, received, part):
    size = int(len(CONTENT) * part)
    url = begun(address, bearer)
    with half_sent(url, bearer, size):
        wait_until_under_way(url)
    # Whoever asks earlier ends the line, and what the kernel still holds of it is then nobody's.
    wait_until(lambda: not is_under_way(url), what="the piece was never settled")
    rest = TusClient(address, headers=bearer).uploader(file_stream=io.BytesIO(CONTENT), url=url)
    assert rest.offset == size
    rest.upload()
    assert sum(received) == len(CONTENT)
    assert_kept(house)


def test_a_line_that_only_fell_silent_is_ended_by_whoever_asks(house, address, bearer, file):
    size = len(CONTENT) // 2
    url = begun(address, bearer)
    with half_sent(url, bearer, size):
        wait_until_under_way(url)
        rest = TusClient(address, headers=bearer).uploader(file_stream=io.BytesIO(CONTENT), url=url)
        # What the server had read when it was asked; the kernel may still have held some.
        assert 0 < rest.offset <= size
        rest.upload()
    assert_kept(house)


def is_under_way(url):
    return url.rpartition("/")[2] in uploads._under_way._arrivals


def wait_until_under_way(url):
    wait_until(lambda: is_under_way(url), what="the piece never came")


def wait_until(ready, *, what):
    until, pause = time.monotonic() + 90, threading.Event()
    while not ready():
        assert time.monotonic() < until, what
        pause.wait(0.01)


def node():
    """Node with the library; says by name what is missing."""
    beside = Path(sys.executable).with_name("node")
    found = shutil.which("node") or (str(beside) if beside.exists() else None)
    if found is None:
        pytest.skip("node is missing: install nodejs, or let scripts/browser_libraries bring it")
    if not (ROOT / "node_modules" / "tus-js-client").is_dir():
        pytest.skip("tus-js-client is missing: scripts/browser_libraries brings it")
    return found


def tus_js(address, token, file, *, chunk=0, interrupt_at=0, sha256=SHA256):
    told = subprocess.run(
        [node(), str(HERE / "upload.cjs"), address, token, str(file), sha256, str(chunk), str(interrupt_at)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert told.stdout, told.stderr
    return json.loads(told.stdout)


@pytest.mark.parametrize("chunk", [0, 700_000])
def test_tus_js_client_uploads(house, address, file, chunk):
    assert tus_js(address, house.token("lixia"), file, chunk=chunk)["done"]
    assert_kept(house)


@pytest.mark.parametrize("chunk", [0, 700_000])
def test_tus_js_client_is_interrupted_and_goes_on(house, address, file, received, chunk):
    told = tus_js(address, house.token("lixia"), file, chunk=chunk, interrupt_at=1_500_000)
    assert told["done"]
    assert told["resumedAt"] > 0
    assert_kept(house)


def test_tus_js_client_is_told_that_the_file_is_another(house, address, file):
    told = tus_js(address, house.token("lixia"), file, sha256="0" * 64)
    assert told["refused"] == 460


def test_the_pages_have_the_browser_build_and_its_licence():
    node()
    vendor = ROOT / "app/web/static/vendor/tus-js-client"
    assert b"MIT" in (vendor / "LICENSE").read_bytes()
    assert (vendor / "tus.min.js").stat().st_size > 10_000
