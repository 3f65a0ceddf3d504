"""The house on a phone: manifest, worker, whose the kept pages are, and trust on trial."""

import json
import re
from pathlib import Path

import pytest

from app.local_authority import ensure_certificate
from app.tls_files import authority_der, fingerprint_of, tls_files
from app.web.phone.shell import shell_files
from tests.conftest import House

ROOT = Path(__file__).resolve().parents[2]
ICON = ROOT / "app/web/static/icons"


def told_of(house: House) -> dict:
    return json.loads(house.browser().get("/sw.js").text.partition("const TOLD = ")[2].partition(";\n")[0])


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "隐患随手拍"), ("en", "Hazard Snap")])
def test_the_manifest_is_linked_in_the_readers_language(house: House, language: str, name: str):
    client = house.browser(language=language)
    address = re.search(r'rel="manifest" href="([^"]+)"', client.get("/login").text)[1]
    # A browser asks for it without cookies, and with its own language.
    answer = house.browser(language="de").get(address)
    assert answer.mimetype == "application/manifest+json"
    assert answer.json["name"] == name
    assert (answer.json["start_url"], answer.json["display"], answer.json["lang"]) == (
        "/report",
        "standalone",
        language,
    )


def test_the_icons_are_there_in_the_sizes_that_the_manifest_says(house: House):
    client = house.browser()
    icons = client.get("/manifest.webmanifest").json["icons"]
    assert {icon["sizes"] for icon in icons} == {"192x192", "512x512"}
    assert [icon.get("purpose") for icon in icons].count("maskable") == 1
    for icon in icons:
        with client.get(icon["src"]) as answer:
            width = int.from_bytes(answer.data[16:20])
            assert (answer.status_code, answer.mimetype) == (200, "image/png")
            assert f"{width}x{width}" == icon["sizes"]


def test_the_worker_looks_after_the_whole_house_and_is_asked_for_anew_each_time(house: House):
    answer = house.browser().get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_worker_precaches_what_the_report_page_loads_and_every_module_that_it_imports(house: House):
    files = told_of(house)["files"]
    page = house.browser("lixia").get("/report").text
    loaded = re.findall(r'(?:src|href)="(/static/[^"#]+)', page)
    missing = {
        address for address in loaded if not address.endswith(".png") and "apple-touch" not in address
    } - set(files)
    assert missing == set()
    assert not any("desk" in address or "setup" in address for address in files)
    with house.app.test_request_context():
        assert shell_files() == files
    for address in files:
        with house.browser().get(address) as answer:
            assert answer.status_code == 200


def test_the_workers_version_changes_with_what_it_keeps(house: House, monkeypatch):
    before = told_of(house)["version"]
    from app.web.phone import shell  # noqa: PLC0415

    shell._version.cache_clear()
    monkeypatch.setattr(shell, "_TEMPLATES", ROOT / "app/papers/templates")
    assert told_of(house)["version"] != before
    shell._version.cache_clear()


@pytest.mark.parametrize("path", ["/report", "/p/HBJX-A3"])
def test_the_pages_for_reporting_say_whose_they_are_without_saying_who(house: House, path: str):
    mine, again, other = (
        house.browser(login).get(path).headers["X-Shell"] for login in ("lixia", "lixia", "wangmin")
    )
    assert mine == again
    assert mine.split(".")[0] != other.split(".")[0]
    assert "lixia" not in mine


def test_the_form_of_a_move_that_the_phone_carries_may_be_kept_as_it_is_today(house: House):
    number = house.report()
    house.accept(number)
    client, path = house.browser("zhanglei"), f"/tickets/{number}/rectify"
    ticket = client.get(f"/tickets/{number}").text
    waiting = client.get(path).headers
    assert waiting["X-Shell"] in re.findall(r'data-keep="([^"]+)"', ticket)
    assert waiting["X-Shell"].startswith(client.get("/report").headers["X-Shell"])
    assert waiting["X-Shell-Pictures"] == ""
    house.work()
    ready = client.get(path).headers
    assert ready["X-Shell"] != waiting["X-Shell"]
    assert ready["X-Shell-Pictures"] == f"/hazards/{number}/photos/1/display"
    assert f'data-keeps="/tickets/{number}/"' in ticket


def test_a_move_that_is_closed_foreign_or_carried_by_no_phone_is_not_kept(house: House):
    number = house.report()
    house.accept(number)
    for login, action in (
        ("zhanglei", "close"),
        ("sunli", "rectify"),
        ("wangmin", "send_back"),
        ("lixia", "rectify"),
    ):
        answer = house.browser(login).get(f"/tickets/{number}/{action}")
        assert "X-Shell" not in answer.headers, (login, action)
    reminder = house.browser("wangmin").get(f"/tickets/{number}/remind")
    assert reminder.status_code == 200
    assert "X-Shell" not in reminder.headers
    refused = house.browser("zhanglei").post(f"/tickets/{number}/rectify", data={"version": "1"})
    assert "X-Shell" not in refused.headers


def test_no_other_answer_may_be_kept(house: House):
    client = house.browser("lixia")
    for path in ("/mine", "/account", "/hazards", "/login", "/offline", "/api/v1/me", "/p/NOWHERE", "/sw.js"):
        assert "X-Shell" not in client.get(path).headers, path
    assert "X-Shell" not in client.post("/report", data={}).headers
    assert "X-Shell" not in house.browser().get("/report").headers  # sent to the login


def test_a_page_tells_its_script_what_to_keep_only_when_somebody_is_signed_in(house: House):
    page = house.browser("lixia").get("/mine").text
    told = re.search(r'<meta name="shell" content="([^"]+)" data-keep="([^"]+)"', page)
    assert told[1] == house.browser("lixia").get("/report").headers["X-Shell"]
    assert "/report" in told[2].split()
    assert 'name="shell"' not in house.browser().get("/login").text


def test_the_page_without_network_is_nobodys(house: House):
    page = house.browser("lixia").get("/offline").text
    assert "照样可以上报" in page
    assert "李霞" not in page
    assert 'href="/report"' in page


def test_pages_that_know_nobody_are_kept_for_everybody(house: House):
    told = told_of(house)["nobodys"]
    assert told[0] == "/offline"
    has_drafts = any(rule.rule == "/drafts" for rule in house.app.url_map.iter_rules())
    assert ("/drafts" in told) == has_drafts
    for path in told:
        assert house.browser("lixia").get(path).text == house.browser().get(path).text


def test_without_tls_of_its_own_there_is_nothing_to_trust(house: House):
    assert house.browser().get("/phone").status_code == 404
    assert house.browser().get("/phone/hazard-snap.crt").status_code == 404


def with_tls(house: House) -> None:
    settings = house.means.settings
    object.__setattr__(settings, "has_own_tls", True)
    ensure_certificate(tls_files(settings.data), settings.public_host, at=house.clock())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_with_it_anybody_gets_the_certificate_and_the_fingerprint_to_compare(house: House, language: str):
    with_tls(house)
    client = house.browser(language=language)
    der = authority_der(tls_files(house.means.settings.data))
    page = client.get("/phone").text
    rows = re.findall(r"<code>([0-9A-F:]+)</code>", page)
    assert ":".join(rows) == fingerprint_of(der)
    assert ("移除" if language == "zh-CN" else "Remove") in page
    assert ("微信" if language == "zh-CN" else "WeChat") in page
    answer = client.get(re.search(r'href="([^"]+\.crt)"', page)[1])
    assert answer.mimetype == "application/x-x509-ca-cert"
    assert answer.data == der
    assert b"PRIVATE" not in answer.data


def test_before_a_certificate_was_made_the_page_is_not_there(house: House):
    object.__setattr__(house.means.settings, "has_own_tls", True)
    assert house.browser().get("/phone").status_code == 404
