"""A stored object as an answer: its file is let go however the answer ends."""

import gc
import warnings

import pytest

from app.core.errors import NotFound
from app.edge.objects_out import BLOCK, object_answer
from storage.filesystem import FilesystemStore
from storage.memory import MemoryStore

CONTENT = bytes(range(256)) * (3 * BLOCK // 256)
KEY = "a" * 64


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
