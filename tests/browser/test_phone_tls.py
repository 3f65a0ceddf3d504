"""`TLS=1` as a person starts it: https that trusts nothing but its own authority, and a phone that works on it."""

import base64
import hashlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Browser, expect

from app.serving import answers
from app.tls_files import TlsFiles, authority_der, fingerprint_of, tls_files
from config import DEFAULTS
from tests.browser.phone import until
from tests.ports import free_port
from tests.servers.nginx import ROOT, ends_with, wait_until

pytestmark = pytest.mark.browser
HOST = "127.0.0.1"
UP_SECONDS = 180.0


@dataclass(frozen=True)
class Started:
    """A product that was started with `TLS=1`."""

    port: int
    files: TlsFiles
    log: Path

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.port}"

    def get(self, path: str, context: ssl.SSLContext) -> tuple[int, str]:
        """Status and cookies."""
        with closing(http.client.HTTPSConnection(HOST, self.port, timeout=20, context=context)) as line:
            line.request("GET", path)
            with line.getresponse() as answer:
                return answer.status, str(answer.headers["Set-Cookie"])


@contextmanager
def started(folder: Path) -> Iterator[Started]:
    data, port, log = folder / "data", free_port(), folder / "product.log"
    told = {"DATA": str(data), "HOST": HOST, "PORT": str(port), "TLS": "1"}
    environment = {name: value for name, value in os.environ.items() if name not in DEFAULTS} | told
    with (
        log.open("wb") as said,
        subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=ends_with(os.getpid()),  # noqa: PLW1509  # no lock is held that its one system call needs
        ) as process,
    ):
        try:
            files = tls_files(data)
            wait_until(
                lambda: answers(HOST, port, tls=(HOST, files)), process=process, folder=folder, within=UP_SECONDS
            )
            wait_until(lambda: b"SHA-256" in log.read_bytes(), process=process, folder=folder)
            yield Started(port, files, log)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("tls")) as running:
        yield running


def test_it_answers_over_https_to_whoever_trusts_its_authority_and_to_nobody_else(product: Started):
    trusting = ssl.create_default_context(cafile=str(product.files.authority))
    status, cookies = product.get("/login", trusting)
    assert (status, "Secure" in cookies) == (200, True)
    with pytest.raises(ssl.SSLCertVerificationError):
        product.get("/login", ssl.create_default_context())


def test_old_protocols_are_refused(product: Started):
    old = ssl.create_default_context(cafile=str(product.files.authority))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        product.get("/login", old)


def test_plain_http_is_told_what_to_type(product: Started):
    with socket.create_connection((HOST, product.port), timeout=20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    assert said.startswith("HTTP/1.1 400 ")
    assert "https://" in said


def test_the_terminal_tells_where_a_phone_goes_and_what_to_compare(product: Started):
    said = product.log.read_text("utf-8")
    assert f"{product.address}/phone" in said
    assert fingerprint_of(authority_der(product.files)) in said
    assert "PRIVATE KEY" not in said


def test_a_phone_works_on_it_and_opens_the_report_page_without_network(
    product: Started, chromium: Browser, tmp_path: Path
):
    """Chromium believes this one key, as a phone does that has installed the authority."""
    key = x509.load_pem_x509_certificate(product.files.certificate.read_bytes()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    believed = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    context = chromium.browser_type.launch_persistent_context(
        str(tmp_path / "profile"),
        executable_path=shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome"),
        args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={believed}"],
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
    )
    try:
        page = context.pages[0]
        page.goto(f"{product.address}/phone")
        expect(page.locator("h1")).to_have_text("在手机上试用")
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("window.isSecureContext && 'geolocation' in navigator && 'mediaDevices' in navigator")
        until(page, "async () => navigator.serviceWorker.controller !== null")
        context.set_offline(True)
        page.goto(f"{product.address}/mine")
        expect(page.locator("h1")).to_have_text("没有网络")
    finally:
        context.close()
