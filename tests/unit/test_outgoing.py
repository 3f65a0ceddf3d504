"""P20: no outgoing request reaches a private address unless it is listed, also through redirects and names."""

import ipaddress
import socket
import ssl
import subprocess
import threading
import time

import pytest

from app.notifications.addresses import is_public, may_reach
from app.notifications.outgoing import ANSWER_BYTES, Door, Refused
from tests.receivers import GOOD, receiver

JSON = {"Content-Type": "application/json"}
INSIDE = """
127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.100.100.200 100.64.0.1
168.63.129.16
192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
:: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1
100::1 3fff::1
""".split()  # noqa: SIM905  # forty literals would be a page
OUTSIDE = ["1.1.1.1", "223.5.5.5", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2400:3200::1", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_that_leads_inside_is_not_public(text):
    address = ipaddress.ip_address(text)
    assert not is_public(address)
    assert not may_reach(address, host="robot.example", port=443, listed=())


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_public_address_may_be_reached_where_robots_listen(text):
    address = ipaddress.ip_address(text)
    assert may_reach(address, host="robot.example", port=443, listed=())
    assert not may_reach(address, host="robot.example", port=22, listed=())


@pytest.mark.parametrize("listed", ["127.0.0.1", "127.0.0.0/8", "hook.lan", "::ffff:127.0.0.1"])
def test_a_listed_name_address_or_network_may_be_reached_on_any_port(listed):
    loopback = ipaddress.ip_address("127.0.0.1")
    covered = listed != "::ffff:127.0.0.1"
    assert may_reach(loopback, host="Hook.LAN.", port=22, listed=(listed,)) is covered
    assert not may_reach(ipaddress.ip_address("10.0.0.1"), host="other.lan", port=443, listed=(listed,))


def test_a_network_covers_an_address_that_is_wrapped_in_ipv6():
    assert may_reach(ipaddress.ip_address("::ffff:10.1.2.3"), host="x", port=80, listed=("10.1.0.0/16",))


def refusal(door, url):
    with pytest.raises(Refused) as refused:
        door.post(url, b"{}", headers=JSON)
    assert "secret-key" not in f"{refused.value!r} {refused.value.__cause__!r}"
    return refused.value.code


@pytest.fixture
def robot():
    with receiver() as kept:
        yield kept


def test_loopback_is_refused_before_a_byte_is_sent(robot):
    assert refusal(Door(), robot.url) == "private"
    assert robot.posts == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0", "127.0.0.1."]
)
def test_no_spelling_of_loopback_opens_the_door(robot, host):
    assert refusal(Door(), f"http://{host}:{robot.port}/") in {"private", "unresolved"}
    assert robot.posts == []


def test_listed_loopback_is_reached_with_its_own_name(robot):
    answer = Door(listed=("127.0.0.1",)).post(robot.url, b'{"a":1}', headers=JSON)
    assert (answer.status, answer.body) == (200, GOOD[2])
    [post] = robot.posts
    assert (post.method, post.path, post.json) == ("POST", "/send?key=secret-key", {"a": 1})
    assert post.headers["Host"] == f"127.0.0.1:{robot.port}"
    assert post.headers["Content-Type"] == "application/json"


def test_a_redirect_to_loopback_is_refused(robot):
    """The first hop is listed by name; where it sends us on to is not."""
    with receiver() as inside:
        robot.answer = lambda _post: (307, {"Location": inside.url}, b"")
        door = Door(
            listed=("hook.lan",), resolve=lambda host, _p: ("127.0.0.1",) if host == "hook.lan" else (host,)
        )
        assert refusal(door, f"http://hook.lan:{robot.port}/") == "private"
        assert inside.posts == []
        assert len(robot.posts) == 1


@pytest.mark.parametrize(
    ("status", "method", "body"), [(307, "POST", b"{}"), (308, "POST", b"{}"), (302, "GET", b"")]
)
def test_a_redirect_to_a_listed_host_is_followed(robot, status, method, body):
    with receiver() as further:
        robot.answer = lambda _post: (status, {"Location": f"http://127.0.0.1:{further.port}/on"}, b"")
        assert Door(listed=("127.0.0.1",)).post(robot.url, b"{}", headers=JSON).status == 200
        [post] = further.posts
        assert (post.method, post.path, post.body) == (method, "/on", body)


def test_after_three_redirects_it_ends(robot):
    robot.answer = lambda _post: (307, {"Location": robot.url}, b"")
    assert refusal(Door(listed=("127.0.0.1",)), robot.url) == "redirects"
    assert len(robot.posts) == 4


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://127.0.0.1/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1:25/", "scheme"),
        ("http://", "address"),
        ("http://user:pass@127.0.0.1/", "address"),
        ("http://127.0.0.1/\r\nX: y", "address"),
        ("http://127.0.0.1:99999/", "address"),
        ("http://[::1/", "address"),
    ],
)
def test_what_is_no_web_address_is_refused(url, code):
    assert refusal(Door(listed=("127.0.0.1",)), url) == code


def test_a_redirect_to_another_scheme_is_refused(robot):
    robot.answer = lambda _post: (302, {"Location": "file:///etc/passwd"}, b"")
    assert refusal(Door(listed=("127.0.0.1",)), robot.url) == "scheme"


def test_a_name_with_one_address_inside_is_refused_whole(robot):
    door = Door(resolve=lambda _host, _port: ("1.1.1.1", "127.0.0.1"))
    assert refusal(door, f"http://two.example:{robot.port}/") == "private"
    assert robot.posts == []


def test_a_name_is_asked_once_and_the_judged_address_is_used(robot):
    """DNS rebinding: the second answer would be another machine."""
    answers = iter([("127.0.0.1",), ("10.9.9.9",)])
    door = Door(listed=("127.0.0.1",), resolve=lambda _host, _port: next(answers))
    assert door.post(f"http://rebind.example:{robot.port}/", b"{}", headers=JSON).status == 200
    assert robot.posts[0].headers["Host"] == f"rebind.example:{robot.port}"
    assert next(answers) == ("10.9.9.9",)


def test_a_port_of_another_protocol_is_refused_on_public_addresses():
    assert refusal(Door(resolve=lambda _host, _port: ("1.1.1.1",)), "http://public.example:25/") == "port"


def test_a_name_nobody_knows_is_told(monkeypatch):
    def unknown(_host, _port):
        raise socket.gaierror

    assert refusal(Door(resolve=unknown), "https://nobody.example/") == "unresolved"


def test_an_endless_answer_is_cut(robot):
    robot.answer = lambda _post: (200, {}, b"x" * (4 * ANSWER_BYTES))
    assert len(Door(listed=("127.0.0.1",)).post(robot.url, b"{}", headers=JSON).body) == ANSWER_BYTES


def test_the_environments_proxy_is_not_taken(robot, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert Door(listed=("127.0.0.1",)).post(robot.url, b"{}", headers=JSON).status == 200


def test_a_closed_port_is_told_as_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert refusal(Door(listed=("127.0.0.1",)), f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_who_sends_one_byte_at_a_time_is_cut_off(drip):
    stop = threading.Event()

    def serve(listener):
        line, _ = listener.accept()
        with line:
            line.recv(4096)
            line.sendall(drip)
            while not stop.wait(0.05):
                try:
                    line.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        began = time.monotonic()
        port = listener.getsockname()[1]
        try:
            assert refusal(Door(listed=("127.0.0.1",), seconds=0.6), f"http://127.0.0.1:{port}/") == "timeout"
        finally:
            stop.set()
            thread.join()
        # Nine hundred bytes take 45 s, and without a length they never end.
        assert time.monotonic() - began < 30


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """A certificate for robot.example, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=robot.example"
    named = ["-addext", "subjectAltName=DNS:robot.example", "-keyout", key, "-out", cert]
    subprocess.run(["openssl", *asked.split(), *named], check=True, capture_output=True)
    return key, cert


def tls(papers):
    key, cert = papers
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return lambda line: context.wrap_socket(line, server_side=True)


def trusting(papers, host="robot.example"):
    return Door(
        listed=("127.0.0.1",),
        resolve=lambda _host, _port: ("127.0.0.1",),
        trust=lambda: ssl.create_default_context(cafile=str(papers[1])),
    )


def test_tls_is_checked_against_the_name_though_the_address_is_dialled(papers):
    with receiver(tls(papers)) as robot:
        answer = trusting(papers).post(f"https://robot.example:{robot.port}/", b"{}", headers=JSON)
        assert answer.status == 200
        assert robot.posts[0].headers["Host"] == f"robot.example:{robot.port}"


def test_a_certificate_of_another_name_or_nobodys_is_refused(papers):
    with receiver(tls(papers)) as robot:
        assert refusal(trusting(papers), f"https://other.example:{robot.port}/") == "tls"
        untrusting = Door(listed=("127.0.0.1",), resolve=lambda _host, _port: ("127.0.0.1",))
        assert refusal(untrusting, f"https://robot.example:{robot.port}/") == "tls"
        assert robot.posts == []


def test_a_redirect_from_https_to_http_is_refused(papers, robot):
    with receiver(tls(papers)) as safe:
        safe.answer = lambda _post: (307, {"Location": robot.url}, b"")
        assert refusal(trusting(papers), f"https://robot.example:{safe.port}/") == "downgrade"
        assert robot.posts == []
