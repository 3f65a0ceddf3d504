"""A throw-away nginx on deploy/nginx.conf with its EDIT lines filled in: made for a test module, gone with it."""

import ctypes
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "deploy" / "nginx.conf"
NAME = "hazards.test"
START_SECONDS = 90.0
_PR_SET_PDEATHSIG = 1
_AROUND = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    types {{ text/css css; text/javascript js; }}
    proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def ends_with(parent: int):
    """What a child does first: ask the kernel to end it when its parent is gone, also when that was killed."""
    libc = ctypes.CDLL(None, use_errno=True)

    def tether() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return tether


def filled(text: str, places: Mapping[str, str]) -> str:
    """The site with each place filled; one that is not there is a test that tests nothing."""
    for old, new in places.items():
        assert old in text, f"deploy/nginx.conf has no {old!r}"
        text = text.replace(old, new)
    return text


@dataclass
class Nginx:
    """A running nginx: its ports, and the folder of its logs."""

    folder: Path
    port: int
    plain_port: int

    @contextmanager
    def line(self, *, address: str = "127.0.0.1") -> Iterator[http.client.HTTPSConnection]:
        """A TLS connection to it, from this address of this machine; its certificate is the one made here."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=120, context=context, source_address=(address, 0)
        )
        # The certificate is for the name that people use, whatever address it is reached by.
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), 120, (address, 0)), server_hostname=NAME
        )
        try:
            yield connection
        finally:
            connection.close()

    def call(
        self, method: str, path: str, body: bytes | None = None, *, address: str = "127.0.0.1", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request and its whole answer."""
        told = {"Host": NAME} | {name.replace("_", "-"): value for name, value in headers.items()}
        with self.line(address=address) as connection:
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def said(self) -> str:
        """Every line of every log."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))


def needed() -> str:
    """The path of nginx; skips the test where it or openssl is missing."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed: deploy/nginx.conf is not tried here")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate for nginx can be made here")
    return program


@contextmanager
def nginx(folder: Path, *, upstream: str, store: Path, bucket: str) -> Iterator[Nginx]:
    """An nginx before `upstream` (host:port), with this store's folder and this S3 address (host:port)."""
    program = needed()
    made = Nginx(folder, free_port(), free_port())
    _certify(folder)
    places = {
        "listen 80;": f"listen 127.0.0.1:{made.plain_port};",
        "listen [::]:80;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{made.port} ssl http2;",
        "listen [::]:443 ssl http2;": "",
        "hazards.example.cn;": f"{NAME};",
        "/etc/hazards/tls": str(folder),
        "/var/log/nginx": str(folder),
        "/var/lib/nginx/hazards-body": str(folder / "body"),
        "server 127.0.0.1:8000;": f"server {upstream};",
        "/var/lib/hazards/store": str(store),
        "http://127.0.0.1:9000/": f"http://{bucket}/",
        # Every client of a test is on this machine: one of its addresses stands for a stranger's.
        "127.0.0.0/8 1;": "127.0.0.1 1;",
    }
    (folder / "site.conf").write_text(filled(SITE.read_text("utf-8"), places), "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(user=user, folder=folder), "utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    tether = ends_with(os.getpid())
    # The stand-ins' threads hold no lock that the child's one system call needs.
    with subprocess.Popen(command, preexec_fn=tether, stderr=subprocess.DEVNULL) as process:  # noqa: PLW1509
        try:
            wait_until(lambda: _listens(made.port), process=process, folder=folder)
            yield made
        finally:
            process.terminate()


def wait_until(ready, *, process: subprocess.Popen[bytes], folder: Path, within: float = START_SECONDS) -> None:
    """Ask until it is ready; a process that ended says why."""
    until, pause = time.monotonic() + within, threading.Event()
    while not ready():
        said = "".join(path.read_text("utf-8", "replace")[-3000:] for path in folder.glob("*.log"))
        assert process.poll() is None, said
        assert time.monotonic() < until, said
        pause.wait(0.05)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _certify(folder: Path) -> None:
    told = ["-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    out = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"), "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *told, *out], check=True, capture_output=True)
