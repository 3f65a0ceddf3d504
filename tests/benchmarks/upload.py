"""CPU of one 8 MB photo through `POST /api/v1/hazards`, against two baselines measured in the same run."""

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.serving import web_command
from config import Settings
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PHOTO_BYTES = 8_000_000
WARM_UP = 3
ROUNDS = 15
AIM_FLOOR = 2.2
AIM_SAVING = 0.8
START_SECONDS = 60
BOUNDARY = "photo-of-a-hazard"


@dataclass(frozen=True)
class Spent:
    """Milliseconds of CPU, user and system, of a server's processes for one request."""

    least: float
    middle: float


def cpu_milliseconds(pid: int) -> float:
    """What a process and its children have spent so far, from each thread's `schedstat`."""
    spent = 0.0
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        for thread in threads:
            spent += int((thread / "schedstat").read_text().split()[0]) / 1e6
            spent += sum(cpu_milliseconds(int(child)) for child in (thread / "children").read_text().split())
    except FileNotFoundError:
        return spent
    return spent


def multipart(photo: bytes, hazard: dict[str, object] | None) -> bytes:
    """The body of one report."""
    parts = b""
    if hazard is not None:
        parts += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="hazard"\r\n\r\n{json.dumps(hazard)}\r\n'
        ).encode()
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return parts + head.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()


def fresh_photo() -> bytes:
    """Bytes with a JPEG's signature that no store has seen."""
    return b"\xff\xd8\xff\xe0" + random.randbytes(PHOTO_BYTES - 4)  # noqa: S311  # incompressible, not secret


def request(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body=body, headers={"Connection": "close", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def send_photo(port: int, path: str, *, token: str | None = None) -> None:
    """Send one fresh photo; a hazard around it when a token says who reports."""
    hazard: dict[str, object] | None = None
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
        hazard = {"client_id": str(uuid.uuid4()), "location_text": "锅炉房", "category": "FIRE"}
    status, answer = request(port, "POST", path, multipart(fresh_photo(), hazard), headers)
    if status not in {200, 201}:
        raise SystemExit(f"POST {path} answered {status}: {answer[:500]!r}")


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{process.args!r} did not start")


@contextmanager
def running(command: tuple[str, ...], port: int, *, folder: Path, **extra: str) -> Iterator[int]:
    """A server, by its process id."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{HERE}", **extra}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield process.pid
        finally:
            process.terminate()


def measure(pid: int, send: Callable[[], None]) -> Spent:
    """Send some photos to warm up, then ROUNDS more."""
    for _ in range(WARM_UP):
        send()
    spent = []
    for _ in range(ROUNDS):
        before = cpu_milliseconds(pid)
        send()
        time.sleep(0.02)
        spent.append(cpu_milliseconds(pid) - before)
    return Spent(min(spent), statistics.median(spent))


def measure_floor(folder: Path) -> Spent:
    """Baseline (a)."""
    port = free_port()
    command = (sys.executable, str(HERE / "floor.py"), str(port), str(folder))
    with running(command, port, folder=folder) as pid:
        return measure(pid, lambda: send_photo(port, "/"))


def measure_saving(folder: Path) -> Spent:
    """Baseline (b): the product's own server and its settings, another application."""
    port = free_port()
    command = web_command(Settings.from_environment({"PORT": str(port)}))
    with running((*command[:-1], "saving:application"), port, folder=folder) as pid:
        return measure(pid, lambda: send_photo(port, "/save"))


def measure_product(folder: Path) -> Spent:
    """The product as `make run` starts it, on empty data of its own; the workers' own CPU is not counted."""
    port = free_port()
    settings = {"DATA": str(folder / "data"), "PORT": str(port), "DEMO": "1", "HAZARDS_PER_MINUTE": "100000"}
    command = (sys.executable, "-m", "flask", "--app", "wsgi", "serve")
    with running(command, port, folder=ROOT, **settings) as pid:
        token = worker_token(port, folder / "data" / "demo-accounts.json")
        web = web_process(pid)
        return measure(web, lambda: send_photo(port, "/api/v1/hazards", token=token))


def web_process(supervisor: int) -> int:
    """The process id of the web server among the supervisor's children."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    (web,) = (int(child) for child in children if b"gunicorn" in Path(f"/proc/{child}/cmdline").read_bytes())
    return web


def worker_token(port: int, accounts: Path) -> str:
    """A demo worker's token."""
    people = json.loads(accounts.read_text("utf-8"))
    worker = next(person for person in people if person["role"] == "worker")
    body = json.dumps({"login": worker["login"], "password": worker["password"]}).encode()
    status, answer = request(port, "POST", "/api/v1/tokens", body, {"Content-Type": "application/json"})
    if status != http.client.CREATED:
        raise SystemExit(f"POST tokens answered {status}: {answer[:500]!r}")
    return str(json.loads(answer)["token"])


def main() -> None:
    """Measure all three, print the figures and what was aimed at."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor, saving = measure_floor(folder), measure_saving(folder)
        product = measure_product(folder)
    print(f"CPU per photo of {PHOTO_BYTES / 1e6:.0f} MB, {ROUNDS} rounds (least / median):")
    for title, spent in (("(a) floor", floor), ("(b) save, read again", saving), ("product", product)):
        print(f"  {title:22} {spent.least:7.1f} ms / {spent.middle:7.1f} ms")
    for title, base, aim in (("(a)", floor, AIM_FLOOR), ("(b)", saving, AIM_SAVING)):
        ratio = product.middle / base.middle
        print(f"  product / {title}: {ratio:.2f} (aim {aim}: {'reached' if ratio <= aim else 'missed'})")


if __name__ == "__main__":
    main()
