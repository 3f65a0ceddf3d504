"""Compression: static files always, pages only where nobody else can put words beside a reader's secrets."""

import gzip
from pathlib import Path

import brotli
import pytest

from tests.conftest import House

FORMS = Path(__file__).resolve().parents[2] / "app/web/static/js/forms.js"


@pytest.mark.parametrize(
    ("asked", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("gzip;q=0", None), ("", None), ("zstd", None)]
)
def test_a_module_comes_in_the_coding_that_the_browser_knows(house: House, asked: str, coding: str | None):
    with house.browser().get("/static/v/0/js/forms.js", headers={"Accept-Encoding": asked}) as answer:
        assert answer.headers.get("Content-Encoding") == coding
        assert answer.headers["Vary"] == "Accept-Encoding"
        undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
        assert undo(answer.data) == FORMS.read_bytes()
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_file_that_has_not_changed_is_not_sent_again_in_any_coding(house: House):
    with house.browser().get("/static/v/0/js/forms.js", headers={"Accept-Encoding": "br"}) as answer:
        etag = answer.headers["ETag"]
    assert etag.startswith("W/")
    again = {"Accept-Encoding": "br", "If-None-Match": etag}
    with house.browser().get("/static/v/0/js/forms.js", headers=again) as answer:
        assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize("path", ["/report", "/p/HBJX-A3"])
def test_the_report_page_is_compressed_as_long_as_no_query_stands_in_it(house: House, path: str):
    client = house.browser("lixia")
    packed = client.get(path, headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Cookie" in packed.headers["Vary"]
    written = client.get(f"{path}?guess=csrf", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in written.headers


@pytest.mark.parametrize("path", ["/login", "/login?next=/x", "/hazards", "/mine", "/account", "/api/v1/me"])
def test_no_other_page_and_no_call_is_compressed(house: House, path: str):
    answer = house.browser("lixia").get(path, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in answer.headers


def test_a_refused_report_that_repeats_what_was_typed_is_not_compressed(house: House):
    answer = house.browser("lixia").post("/report", data={}, headers={"Accept-Encoding": "br"})
    assert answer.status_code >= 400
    assert "Content-Encoding" not in answer.headers
