"""Static files: one version for all modules and styles, kept for ever under it and by nobody under another."""

import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.web.static_files import StaticFiles, hashes_of, is_versioned, static_files, version_of
from tests.conftest import House

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app/web/static"


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.browser()


def version_in(house: House) -> str:
    with house.app.app_context():
        return static_files().version


def status_of(client: FlaskClient, address: str) -> int:
    with client.get(address) as answer:
        return answer.status_code


def test_every_module_and_style_of_a_page_carries_the_same_version(house: House, client: FlaskClient):
    page = client.get("/login").text
    named = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:js|css))"', page)
    assert named
    assert {re.sub(r"/(?:js|css|vendor)/.*", "", address) for address in named} == {
        f"/static/v/{version_in(house)}"
    }
    assert [status_of(client, address) for address in named] == [200] * len(named)


def test_a_module_finds_its_neighbour_under_its_own_version(house: House, client: FlaskClient):
    version = version_in(house)
    importing = [p for p in (STATIC / "js").glob("*.js") if re.search(r'from "\./', p.read_text("utf-8"))]
    assert importing
    for module in importing:
        for neighbour in re.findall(r'from "\./([^"]+)"', module.read_text("utf-8")):
            assert status_of(client, f"/static/v/{version}/js/{neighbour}") == 200


def test_the_right_version_is_kept_for_a_year_and_asked_for_only_once(house: House, client: FlaskClient):
    with client.get(f"/static/v/{version_in(house)}/js/forms.js") as answer:
        kept = answer.headers["Cache-Control"]
        assert set(kept.split(", ")) == {"public", "max-age=31536000", "immutable"}
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in answer.headers


def test_a_page_of_yesterday_gets_todays_file_which_nobody_keeps(client: FlaskClient):
    with client.get("/static/v/0123456789ab/js/forms.js") as answer:
        assert answer.status_code == 200
        assert answer.data == (STATIC / "js/forms.js").read_bytes()
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "js/../../look.py",
        "js/%2e%2e/%2e%2e/look.py",
        "js/..%2f..%2flook.py",
        "js/....//look.py",
        "../../../config.py",
        "icon.svg",
        "js/nothing.js",
        "js/",
        "js",
        "vendor/%00",
    ],
)
def test_nothing_but_our_modules_and_styles_is_served_there(house: House, client: FlaskClient, path: str):
    assert client.get(f"/static/v/{version_in(house)}/{path}").status_code == 404


def test_the_version_changes_with_content_name_and_number_of_the_files(tmp_path: Path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js/a.js").write_text("1")
    seen = [version_of(hashes_of(tmp_path))]
    (tmp_path / "js/a.js").write_text("2")
    seen.append(version_of(hashes_of(tmp_path)))
    (tmp_path / "js/a.js").rename(tmp_path / "js/b.js")
    seen.append(version_of(hashes_of(tmp_path)))
    (tmp_path / "js/c.js").write_text("")
    seen.append(version_of(hashes_of(tmp_path)))
    assert len(set(seen)) == 4
    assert version_of(hashes_of(tmp_path)) == seen[-1]


def test_a_page_names_its_modules_as_set_up_joined_them_and_one_by_one_where_it_did_not(tmp_path: Path):
    for path in ("js/every-page.js", "js/pin.js", "vendor/pages/every-page.js", "css/every-page.js"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    files = StaticFiles(tmp_path)
    assert files.served("js/every-page.js") == "vendor/pages/every-page.js"
    for path in ("js/pin.js", "css/every-page.js", "vendor/pages/every-page.js", "icon.svg"):
        assert files.served(path) == path


def test_what_was_joined_says_the_same_as_the_modules_do():
    """Set-up joins them anew whenever one changes: yesterday's would be served in their stead."""
    if not (STATIC / "vendor/pages").is_dir():
        pytest.skip("set-up could not join the modules: they come one by one")
    noted = (STATIC / "vendor/.installed").read_text().strip()
    told = b"".join(
        path.read_bytes()
        for path in (
            ROOT / "package-lock.json",
            ROOT / "scripts/browser_libraries",
            *sorted((STATIC / "js").glob("*.js")),
            *sorted((STATIC / "js/queue").glob("*.js")),
        )
    )
    assert hashlib.sha256(told).hexdigest() == noted


def test_no_module_that_acts_when_it_is_loaded_is_joined_into_another():
    """Joined into two files it would act twice: each photo would be added twice."""
    acting = re.compile(r"^(?:if|for|document|addEventListener|\w+\.addEventListener)\b", re.MULTILINE)
    inner = {
        name
        for module in (STATIC / "js").rglob("*.js")
        if module.name != "every-page.js"
        for name in re.findall(r'(?:from|import)\s*\(?\s*"\./((?:queue/)?[\w-]+\.js)"', module.read_text("utf-8"))
    }
    assert "position.js" in inner
    found = {
        name for name in inner for path in STATIC.glob(f"js/**/{name}") if acting.search(path.read_text("utf-8"))
    }
    assert found == set()


def test_what_set_up_notes_for_itself_is_no_file_of_a_page(tmp_path: Path):
    (tmp_path / ".installed").write_text("x")
    assert hashes_of(tmp_path) == {}


def test_pictures_keep_their_own_version_behind_them(client: FlaskClient):
    assert re.search(r'href="/static/icon\.svg\?v=[0-9a-f]{12}"', client.get("/login").text)
    assert [is_versioned(path) for path in ("js/a.js", "vendor/a/b.js", "icon.svg")] == [True, True, False]


def test_several_styles_come_as_one_in_their_order(house: House, client: FlaskClient):
    page = house.browser("lixia").get("/report").text
    address = re.search(r'href="(/static/v/[^"]+/css/look\+photo\+alike\.css)"', page)[1]
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.mimetype == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
    with client.get(address) as answer:
        parts = [(STATIC / "css" / name).read_bytes() for name in ("look.css", "photo.css", "alike.css")]
        assert answer.data == b"\n".join(parts)


@pytest.mark.parametrize(
    "name",
    ["look+nothing", "look+look", "photo+look+alike", "look+photo", "../js/a+look", "+look", "look+"],
)
def test_only_what_a_template_names_is_joined(house: House, client: FlaskClient, name: str):
    assert client.get(f"/static/v/{version_in(house)}/css/{name}.css").status_code == 404


def test_no_style_names_a_file_beside_itself_which_joining_would_move():
    styles = [path for path in (STATIC / "css").glob("*.css") if "url(" in path.read_text("utf-8")]
    assert styles == []
