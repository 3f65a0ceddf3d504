"""deploy/nginx.conf before a stand-in that shows what reaches the product, and what does not."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.servers.nginx import NAME, SITE, Nginx, needed, nginx

STRANGER = "127.0.0.2"
KEY = "ab" + "cd" * 31
PICTURE = b"\xff\xd8\xff a picture's bytes"
POLICY = "default-src 'none'; sandbox"
TELLING = "7e11197e11197e11"
"""The number that the product gives the request of which nothing may stand in a log."""
BOUNDARY = "multipart/form-data; boundary=edge"


@dataclass
class StandIn:
    """Answers everything with what it was asked, and keeps it; some paths answer as the product's pictures do."""

    name: str
    seen: list[tuple[str, str, dict[str, str], int]] = field(default_factory=list)
    began: dict[str, threading.Event] = field(default_factory=dict)
    host: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        if handler.path in self.began:
            self.began[handler.path].set()
        body = handler.rfile.read(int(headers.get("content-length", 0)))
        self.seen.append((handler.command, handler.path, headers, len(body)))
        status, extra, content = self._said(handler.path, headers)
        handler.send_response(status)
        for name, value in extra.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(content)

    def _said(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/accel/"):
            return 200, {**ALLOWED, "X-Accel-Redirect": path.removeprefix("/accel")}, b""
        if path.startswith("/bucket/missing"):
            return 404, {"Content-Type": "application/xml"}, b"<Error>NoSuchKey</Error>"
        if path.startswith("/bucket/"):
            kind = {"Content-Type": "text/html", "Set-Cookie": "s3=1", "x-amz-request-id": "1"}
            return 200, kind, PICTURE
        request_id = TELLING if "telling" in path else "0123456789abcdef"
        return 200, {"X-Request-Id": request_id}, json.dumps(headers).encode()


ALLOWED = {
    "Content-Type": "image/jpeg",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Request-Id": "fedcba9876543210",
    "Cache-Control": "private, max-age=60",
}


def standing_in(name: str) -> tuple[StandIn, ThreadingHTTPServer]:
    made = StandIn(name)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.answer(self)

        do_POST = do_PATCH = do_HEAD = do_GET  # noqa: N815  # the names that the server calls

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.host = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return made, server


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Iterator[tuple[Nginx, StandIn, StandIn]]:
    folder, store = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("store")
    shard = store / "objects" / KEY[:2] / KEY[2:4]
    shard.mkdir(parents=True)
    (shard / KEY).write_bytes(PICTURE)
    (store / "staging").mkdir()
    (store / "staging" / "half.part").write_bytes(PICTURE)
    app, app_server = standing_in("app")
    bucket, bucket_server = standing_in("bucket")
    try:
        with nginx(folder, upstream=app.host, store=store, bucket=bucket.host) as running:
            yield running, app, bucket
    finally:
        for server in (app_server, bucket_server):
            server.shutdown()
            server.server_close()


@pytest.fixture
def front(parts) -> Nginx:
    return parts[0]


@pytest.fixture
def app(parts) -> StandIn:
    parts[1].seen.clear()
    return parts[1]


@pytest.fixture
def bucket(parts) -> StandIn:
    parts[2].seen.clear()
    return parts[2]


# --- the door -------------------------------------------------------------------------------------------


def test_plain_http_is_sent_to_https_with_its_method_kept(front):
    line = HTTPConnection("127.0.0.1", front.plain_port, timeout=120)
    line.request("POST", "/report?x=1", headers={"Host": "evil.example"})
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/report?x=1")
    line.close()


def test_tls_is_modern_and_announced_for_a_year(front):
    _, headers, _ = front.call("GET", "/x")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "nginx/" not in headers["Server"]
    with front.line() as line:
        assert line.sock.version() in {"TLSv1.2", "TLSv1.3"}
    old = ssl.create_default_context(cafile=str(front.folder / "fullchain.pem"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA256:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", front.port), 120) as line, pytest.raises(ssl.SSLError):
        old.wrap_socket(line, server_hostname=NAME)


def test_the_product_hears_the_real_address_and_nobody_can_choose_one(front):
    forged = {"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X_Real_IP": "203.0.113.9"}
    forged |= {"X_Forwarded_Proto": "http", "X_Forwarded_Host": "evil.example", "X_Forwarded_Prefix": "/evil"}
    _, _, body = front.call("GET", "/x", address=STRANGER, **forged)
    heard = json.loads(body)
    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"], heard["host"]) == (STRANGER, "https", NAME)
    assert {"forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-prefix"} & set(heard) == set()


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
def test_who_does_not_watch_finds_no_figures_and_no_health(front, app, path):
    assert front.call("GET", path, address=STRANGER)[0] == 404
    assert app.seen == []
    assert front.call("GET", path)[0] == 200


# --- bodies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "length", "limit", "what"),
    [
        ("/api/v1/hazards", 101 * 2**20, 100 * 2**20, "request"),
        ("/api/v1/hazards/HBJX-1/actions/rectify", 101 * 2**20, 100 * 2**20, "request"),
        ("/api/v1/uploads/7", 101 * 2**20, 100 * 2**20, "request"),
        ("/api/v1/tokens", 257 * 2**10, 256 * 2**10, "json"),
    ],
)
def test_a_call_over_its_limit_is_refused_from_its_headers(front, app, path, length, limit, what):
    with front.line() as line:
        line.putrequest("POST", path)
        line.putheader("Content-Length", str(length))
        line.endheaders()
        answer = line.getresponse()
        told = json.loads(answer.read())
    assert answer.status == 413
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (told["code"], told["what"], told["limit"], told["status"]) == ("too_large", what, limit, 413)
    assert app.seen == []


@pytest.mark.parametrize(("path", "length"), [("/report", 101 * 2**20), ("/login", 257 * 2**10)])
def test_a_form_over_its_limit_gets_a_page_in_both_languages(front, app, path, length):
    with front.line() as line:
        line.putrequest("POST", path)
        line.putheader("Content-Length", str(length))
        line.endheaders()
        answer = line.getresponse()
        assert answer.status == 413
        assert "文件太大 · Too large" in answer.read().decode()
    assert app.seen == []


def test_a_body_up_to_the_limit_passes(front, app):
    body = bytes(3 * 2**20)
    for path in ("/api/v1/hazards", "/report", "/p/HBJX-A3", "/tickets/HBJX-1/rectify"):
        assert front.call("POST", path, body, Content_Type=BOUNDARY)[0] == 200
    assert front.call("POST", "/people/import", body[: 5 * 2**19], Content_Type=BOUNDARY)[0] == 200
    assert [size for _, _, _, size in app.seen] == [3 * 2**20] * 4 + [5 * 2**19]


def test_a_slow_phone_holds_no_thread_of_the_product(front, app):
    with front.line() as slow:
        slow.putrequest("POST", "/api/v1/hazards")
        slow.putheader("Content-Length", "1000")
        slow.endheaders()
        slow.send(bytes(500))
        # Somebody else is served meanwhile, and the product has heard of nobody but her.
        assert front.call("GET", "/inbox")[0] == 200
        assert [path for _, path, _, _ in app.seen] == ["/inbox"]
        slow.send(bytes(500))
        assert slow.getresponse().status == 200
    assert [path for _, path, _, _ in app.seen] == ["/inbox", "/api/v1/hazards"]


def test_a_resumable_upload_goes_through_while_it_comes(front, app):
    began = app.began["/api/v1/uploads/7"] = threading.Event()
    with front.line() as phone:
        phone.putrequest("PATCH", "/api/v1/uploads/7")
        phone.putheader("Content-Length", "1000")
        phone.endheaders()
        phone.send(bytes(500))
        assert began.wait(90)
        phone.send(bytes(500))
        assert phone.getresponse().status == 200


# --- pictures -------------------------------------------------------------------------------------------


def test_a_picture_the_product_allows_is_handed_out_with_the_products_own_headers(front):
    status, headers, body = front.call("GET", f"/accel/_store/objects/{KEY[:2]}/{KEY[2:4]}/{KEY}")
    assert (status, body) == (200, PICTURE)
    assert {name: headers[name] for name in ALLOWED} == ALLOWED
    assert headers["ETag"], "nginx itself read the file"


def test_a_picture_of_the_bucket_is_asked_for_with_the_signed_address_and_nothing_of_the_reader(front, bucket):
    path = f"/bucket/objects/{KEY[:2]}/{KEY[2:4]}/{KEY}?X-Amz-Credential=k%2F20261126%2Fs3&X-Amz-Signature=0a"
    secrets = {"Cookie": "hazards=1", "Authorization": "Bearer t", "X_Forwarded_For": "1.2.3.4", "User_Agent": "P"}
    status, headers, body = front.call("GET", f"/accel/_s3{path}", Range="bytes=0-", **secrets)
    assert (status, body) == (200, PICTURE)
    ((method, asked, heard, _),) = bucket.seen
    assert (method, asked, heard["host"]) == ("GET", path, bucket.host)
    assert set(heard) == {"host", "range"}
    assert {name: headers[name] for name in ALLOWED} == ALLOWED
    assert headers["Set-Cookie"] is None
    assert headers["x-amz-request-id"] is None


def test_what_the_bucket_says_of_a_lost_object_stays_inside(front):
    status, _, body = front.call("GET", "/accel/_s3/bucket/missing?X-Amz-Signature=0a")
    assert status == 404
    assert b"NoSuchKey" not in body


@pytest.mark.parametrize(
    "path",
    [
        f"/_store/objects/{KEY[:2]}/{KEY[2:4]}/{KEY}",
        f"/x/../_store/objects/{KEY[:2]}/{KEY[2:4]}/{KEY}",
        "/_s3/bucket/objects/ab/cd/x?X-Amz-Signature=0a",
    ],
)
def test_the_internal_addresses_do_not_exist_outside(front, bucket, path):
    assert front.call("GET", path)[0] == 404
    assert bucket.seen == []


def test_what_is_half_written_is_never_handed_out(front):
    assert front.call("GET", "/accel/_store/staging/half.part")[2] != PICTURE
    assert front.call("GET", "/accel/_store/objects/../staging/half.part")[2] != PICTURE


# --- away, logs -----------------------------------------------------------------------------------------


def test_a_product_that_is_away_is_said_as_503_with_a_time_to_come_back(tmp_path):
    with nginx(tmp_path, upstream="127.0.0.1:1", store=tmp_path, bucket="127.0.0.1:1") as front:
        for path, kind in (("/api/v1/hazards", "application/problem+json"), ("/report", "text/html")):
            status, headers, body = front.call("POST", path, b"x", Content_Type=BOUNDARY)
            assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "30", "no-store")
            assert headers["Content-Type"].startswith(kind)
            assert "还没有收到您的上报" in body.decode()


def test_a_line_of_the_log_has_no_path_no_query_and_no_address(front, app):
    front.call(
        "GET", "/hazards/HBJX-2026-7?q=telling", address=STRANGER, User_Agent="TellingPhone", Referer="https://t"
    )
    # The line is written after its answer, and that of the request before may come later still.
    until, pause = time.monotonic() + 90, threading.Event()
    while TELLING not in front.said() and time.monotonic() < until:
        pause.wait(0.05)
    said = front.said()
    assert [mark for mark in ("HBJX-2026-7", "telling", STRANGER, "Telling", "https://t") if mark in said] == []
    lines = map(json.loads, (front.folder / "hazards.log").read_text("utf-8").splitlines())
    told = [(line["method"], line["status"]) for line in lines if line["request"] == TELLING]
    assert told == [("GET", 200)]


# --- the file itself ------------------------------------------------------------------------------------


def limit_of(path: str) -> str:
    """The bound of a request's body that the file sets for a path, as nginx chooses its locations."""
    text = SITE.read_text("utf-8")
    blocks = re.findall(r"^    location (=|~)? ?(\S+) \{(.*?)^    \}", text, re.MULTILINE | re.DOTALL)
    bounds = {(sign, where): re.search(r"client_max_body_size (\w+);", body) for sign, where, body in blocks}
    for (sign, where), bound in bounds.items():
        if bound and ((sign == "=" and path == where) or (sign == "~" and re.search(where, path))):
            return bound[1]
    return "256k"


def test_every_view_that_takes_photos_may_get_them_and_no_other_view_may(house):
    for rule in house.app.url_map.iter_rules():
        view = house.app.view_functions[rule.endpoint]
        if "POST" not in (rule.methods or ()):
            continue
        path = re.sub(r"<[^>]+>", "x1", rule.rule)
        if getattr(view, "takes_photos", False):
            assert limit_of(path) == "100m", rule
        elif getattr(view, "takes_file", 0):
            assert limit_of(path) == "3m", rule
        elif not path.startswith("/api/v1/uploads"):
            assert limit_of(path) == "256k", rule


def test_the_files_limits_are_those_of_the_settings(house):
    limits = house.means.settings.limits
    text = SITE.read_text("utf-8")
    assert limits.multipart_bytes == 100 * 2**20
    assert f'"limit":{limits.multipart_bytes},' in text
    assert f'"limit":{limits.json_bytes},' in text
    assert limits.json_bytes == 256 * 2**10


def test_nginx_would_say_so_if_the_file_were_broken(tmp_path, monkeypatch):
    needed()
    whole = SITE.read_text("utf-8")
    broken = tmp_path / "broken.conf"
    broken.write_text(whole.replace("proxy_pass http://hazards_web;", "proxy_pass http://hazards_web", 1), "utf-8")
    monkeypatch.setattr("tests.servers.nginx.SITE", broken)
    trial = nginx(tmp_path, upstream="127.0.0.1:1", store=tmp_path, bucket="127.0.0.1:1")
    with pytest.raises(AssertionError, match=r"invalid number|unexpected|directive"):
        trial.__enter__()
