"""Photographs on their way in: kept by their hash, or refused leaving nothing."""

import errno
import hashlib
import io
import os

import pytest

from app.core.errors import Invalid, OutOfSpace, TooLarge, Unavailable, UnsupportedMedia
from app.evidence import intake
from app.evidence.arriving import KeptPhoto
from app.evidence.intake import KEEPING_SECONDS, PhotoSink
from app.evidence.signature import PhotoFormat
from storage.filesystem import FilesystemStore, FileWriting

LIMIT = 100_000
JPEG = b"\xff\xd8\xff\xe0" + os.urandom(70_000)
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(500)


@pytest.fixture
def store(tmp_path) -> FilesystemStore:
    return FilesystemStore(tmp_path)


@pytest.fixture
def sink(store) -> PhotoSink:
    return PhotoSink(store=store, photo_bytes=LIMIT, photos=3, text_bytes=1000)


def is_empty(store: FilesystemStore) -> bool:
    return not list(store.keys()) and not list(store.staging.iterdir())


def send(sink: PhotoSink, content: bytes, *, file_name: str = "a.jpg", block: int = 4096) -> None:
    part = sink.open_photo(file_name=file_name)
    for start in range(0, len(content), block):
        part.write(content[start : start + block])
    part.seek(0)


def expected(content: bytes, kind: PhotoFormat) -> KeptPhoto:
    return KeptPhoto(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), format=kind)


def test_an_original_is_kept_untouched_under_its_hash(store, sink):
    send(sink, JPEG)
    (photo,) = sink.keep()
    assert photo == expected(JPEG, PhotoFormat.JPEG)
    with store.open(photo.sha256) as stream:
        assert stream.read() == JPEG
    assert list(store.staging.iterdir()) == []


@pytest.mark.parametrize("block", [1, 3, 63, 64, 65, 100_000])
def test_how_the_bytes_are_cut_makes_no_difference(sink, block):
    send(sink, PNG, block=block)
    assert sink.keep() == (expected(PNG, PhotoFormat.PNG),)


def test_a_photo_shorter_than_a_signature_is_judged_at_its_end(sink):
    send(sink, PNG[:20])
    assert sink.keep() == (expected(PNG[:20], PhotoFormat.PNG),)


def test_photos_are_kept_in_the_order_they_came(sink, store):
    send(sink, PNG)
    send(sink, JPEG)
    send(sink, PNG)
    assert sink.count == 3
    png, jpeg = expected(PNG, PhotoFormat.PNG), expected(JPEG, PhotoFormat.JPEG)
    assert sink.keep() == (png, jpeg, png)
    assert sorted(store.keys()) == sorted({png.sha256, jpeg.sha256})


@pytest.mark.parametrize("content", [b"<html>" + b"x" * 100, b"%PDF-1.7\n" * 20, b"GIF89a", b"\xff\xd8"])
def test_bytes_of_another_kind_are_refused_and_nothing_is_left(store, sink, content):
    send(sink, JPEG)
    with pytest.raises(UnsupportedMedia) as refusal:
        send(sink, content)
    assert refusal.value.values == {"n": 2}
    assert is_empty(store)


def test_another_kind_is_refused_at_once_not_at_its_end(sink):
    part = sink.open_photo(file_name="a.jpg")
    part.write(b"<" * 63)
    with pytest.raises(UnsupportedMedia):
        part.write(b"<")


def test_an_empty_file_has_no_signature(sink):
    with pytest.raises(UnsupportedMedia):
        send(sink, b"")


def test_no_file_chosen_is_no_photo(sink):
    send(sink, b"", file_name="")
    send(sink, JPEG, file_name="")
    assert sink.count == 1
    assert len(sink.keep()) == 1


def test_the_limit_itself_is_taken_and_one_byte_more_is_not(store, sink):
    full = JPEG[:4] + bytes(LIMIT - 4)
    send(sink, full)
    assert sink.arrived()[0].bytes == LIMIT
    sink.discard()
    other = PhotoSink(store=store, photo_bytes=LIMIT, photos=1, text_bytes=1000)
    with pytest.raises(TooLarge) as refusal:
        send(other, full + b"x")
    assert refusal.value.values == {"what": "photo", "limit": LIMIT, "n": 1}
    assert is_empty(store)


def test_a_photo_over_the_limit_takes_its_whole_request_along(store, sink):
    send(sink, PNG)
    with pytest.raises(TooLarge):
        send(sink, JPEG + bytes(LIMIT))
    assert is_empty(store)


def test_one_photo_too_many_refuses_the_request(store, sink):
    for _ in range(3):
        send(sink, JPEG)
    with pytest.raises(Invalid) as refusal:
        send(sink, JPEG)
    (fault,) = refusal.value.faults
    assert (fault.field, fault.code, fault.values) == ("photos", "too_many_photos", {"limit": 3})
    assert is_empty(store)


def test_what_is_discarded_leaves_nothing(store, sink):
    send(sink, JPEG)
    sink.discard()
    sink.discard()
    assert is_empty(store)


def test_a_small_part_is_kept_in_memory_up_to_its_bound(sink):
    part = sink.open_text("hazard")
    part.write(b"{" * 600)
    with pytest.raises(TooLarge) as refusal:
        part.write(b"}" * 401)
    assert refusal.value.values == {"what": "json", "limit": 1000}
    part.write(b"}" * 400)
    assert len(sink.text("hazard") or b"") == 1000
    assert sink.text("action") is None


@pytest.mark.parametrize(
    ("code", "problem"), [(errno.ENOSPC, OutOfSpace), (errno.EDQUOT, OutOfSpace), (errno.EIO, Unavailable)]
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_cannot_take_it_says_when_to_come_back(store, monkeypatch, code, problem, call):
    def refuse(*_args: object) -> int:
        raise OSError(code, os.strerror(code))

    sink = PhotoSink(store=store, photo_bytes=LIMIT, photos=3, text_bytes=1000)
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(problem) as refusal:  # noqa: PT012  # either step may be the one that fails
        send(sink, JPEG)
        sink.keep()
    assert refusal.value.retry_after > 0
    assert isinstance(refusal.value, OutOfSpace) is (problem is OutOfSpace)
    monkeypatch.undo()
    assert is_empty(store)


def test_a_photo_part_is_never_read_back(sink):
    part = sink.open_photo(file_name="a.jpg")
    with pytest.raises(io.UnsupportedOperation):
        part.seek(10)
    assert not part.readable()


def test_a_store_that_takes_too_long_for_all_photos_is_given_up_between_two(store, sink, monkeypatch):
    now = [0.0]

    def keep_slowly(writing, key, keep=FileWriting.keep):
        keep(writing, key)
        now[0] += KEEPING_SECONDS / 2 + 1

    monkeypatch.setattr(intake, "monotonic", lambda: now[0])
    monkeypatch.setattr(FileWriting, "keep", keep_slowly)
    for content in (PNG, JPEG, PNG + b"x"):
        send(sink, content)
    with pytest.raises(Unavailable) as refusal:
        sink.keep()
    assert refusal.value.retry_after > 0
    assert len(list(store.keys())) == 2
    assert list(store.staging.iterdir()) == []
