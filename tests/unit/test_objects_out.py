"""A stored object as an answer: its file is let go however the answer ends."""

import gc
import warnings
from types import SimpleNamespace

import pytest
from flask import Flask

from app.core.errors import NotFound
from app.edge.objects_out import BLOCK, object_answer
from storage.filesystem import FilesystemStore
from storage.memory import MemoryStore
from storage.opening import open_store
from storage.s3_address import S3Address

CONTENT = bytes(range(256)) * (3 * BLOCK // 256)
KEY = "a" * 64


@pytest.fixture(autouse=True)
def settings():
    """An application without a web server in front; a test may put one there."""
    app = Flask(__name__)
    told = SimpleNamespace(is_accelerated=False)
    app.extensions["runtime"] = SimpleNamespace(settings=told)
    with app.app_context():
        yield told


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """A store with one object of three blocks, and every file it has opened."""
    store = FilesystemStore(tmp_path)
    writing = store.begin()
    writing.write(CONTENT)
    writing.keep(KEY)
    files = []
    real = store.open

    def open_noted(key):
        files.append(real(key))
        return files[-1]

    monkeypatch.setattr(store, "open", open_noted)
    return store, files


def sent(store, method="GET", **named):
    """What a server is given to send."""
    answer = object_answer(KEY, mime_type="image/jpeg", store=store, **named)
    return answer({"REQUEST_METHOD": method}, lambda _status, _headers: None)


def test_what_is_read_to_its_end_is_whole_and_closed(opened):
    store, files = opened
    assert b"".join(sent(store)) == CONTENT
    assert files[0].closed


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_closed_before_its_end_lets_the_file_go(opened, method):
    store, files = opened
    sending = sent(store, method)
    if method == "GET":
        assert len(next(iter(sending))) == BLOCK
    sending.close()
    assert files[0].closed
    sending.close()


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_reader_that_leaves_lets_the_file_go_though_nobody_closes(opened, blocks):
    store, files = opened
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        sending = sent(store)
        for _ in range(blocks):
            next(iter(sending))
        del sending
        gc.collect()
    assert files[0].closed


def test_a_download_has_a_name_and_is_kept_nowhere_and_what_is_shown_for_a_minute(opened):
    store, _files = opened
    shown = object_answer(KEY, mime_type="image/jpeg", store=store)
    download = object_answer(KEY, mime_type="image/jpeg", store=store, name="HZ-1.jpg")
    assert shown.headers["Cache-Control"] == "private, max-age=60"
    assert "Content-Disposition" not in shown.headers
    assert download.headers["Cache-Control"] == "no-store"
    assert download.headers["Content-Disposition"] == 'attachment; filename="HZ-1.jpg"'
    for answer in (shown, download):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content_length == len(CONTENT)
        answer.close()


def test_what_the_store_has_lost_is_not_found():
    with pytest.raises(NotFound):
        object_answer(KEY, mime_type="image/jpeg", store=MemoryStore())


def test_a_server_in_front_is_told_where_the_bytes_lie_and_everything_else_stays(opened, settings):
    store, files = opened
    itself = object_answer(KEY, mime_type="image/jpeg", store=store, name="HZ-1.jpg")
    itself.close()
    files.clear()
    settings.is_accelerated = True
    told = object_answer(KEY, mime_type="image/jpeg", store=store, name="HZ-1.jpg")
    assert told.headers["X-Accel-Redirect"] == f"/_store/objects/aa/aa/{KEY}"
    assert (told.get_data(), files) == (b"", [])
    kept = {name: value for name, value in itself.headers.items() if name != "Content-Length"}
    assert {name: told.headers[name] for name in kept} == kept


def test_a_server_in_front_fetches_from_a_bucket_with_an_address_for_a_minute(s3_url, settings):
    settings.is_accelerated = True
    store = open_store(s3_url)
    writing = store.begin()
    writing.write(CONTENT)
    writing.keep(KEY)
    told = object_answer(KEY, mime_type="image/jpeg", store=store)
    address = told.headers["X-Accel-Redirect"]
    assert address.startswith(f"/_s3/{S3Address.parse(s3_url).bucket}/objects/aa/aa/{KEY}?X-Amz-")
    assert "X-Amz-Expires=60&" in address
    assert told.get_data() == b""
    assert told.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize("place", ["filesystem", "s3"])
def test_what_is_lost_is_not_found_with_a_server_in_front_too(place, request, tmp_path, settings):
    settings.is_accelerated = True
    store = FilesystemStore(tmp_path) if place == "filesystem" else open_store(request.getfixturevalue("s3_url"))
    with pytest.raises(NotFound):
        object_answer(KEY, mime_type="image/jpeg", store=store)


def test_a_store_no_server_can_see_is_read_here(settings):
    settings.is_accelerated = True
    store = MemoryStore()
    writing = store.begin()
    writing.write(CONTENT)
    writing.keep(KEY)
    told = object_answer(KEY, mime_type="image/jpeg", store=store)
    assert told.get_data() == CONTENT
    assert "X-Accel-Redirect" not in told.headers
