"""The contract of a store, run on every kind there is; then what only files can get wrong."""

import contextlib
import errno
import hashlib
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from storage.filesystem import FilesystemStore
from storage.memory import MemoryStore
from storage.object_store import ObjectMissing, ObjectStore, StoreFull, StoreUnavailable
from storage.opening import open_store
from storage.s3 import S3Store

CONTENT = b"a photograph" * 1000
KEY = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def files(tmp_path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "store")


@pytest.fixture(params=["filesystem", "memory", "s3"])
def store(request, tmp_path) -> ObjectStore:
    match request.param:
        case "filesystem":
            return FilesystemStore(tmp_path / "store")
        case "memory":
            return MemoryStore()
        case _:
            return open_store(request.getfixturevalue("s3_url"), spool=tmp_path)


def kept(store: ObjectStore, content: bytes = CONTENT) -> str:
    writing = store.begin()
    for start in range(0, len(content), 4096):
        writing.write(content[start : start + 4096])
    key = hashlib.sha256(content).hexdigest()
    writing.keep(key)
    return key


@pytest.fixture
def make_old(store, request):
    """As if the object had been kept two days ago."""

    def make(key: str) -> None:
        two_days = 2 * 86400
        match store:
            case FilesystemStore():
                os.utime(store.path_of(key), (time.time() - two_days,) * 2)
            case MemoryStore():
                store._kept_at[key] -= two_days
            case _:
                server = request.getfixturevalue("s3_server")
                (path,) = (server.folder / store._bucket).rglob(key)
                os.utime(path, (time.time() - two_days,) * 2)
                server.look_anew()
                until = time.monotonic() + 90
                while store.age(key) < timedelta(days=1):
                    assert time.monotonic() < until, "it still remembers the file as it was"
                    time.sleep(0.02)

    return make


def staged(store: FilesystemStore) -> list[Path]:
    return list(store.staging.iterdir())


def test_what_was_kept_returns_byte_for_byte(store):
    key = kept(store)
    with store.open(key) as stream:
        assert stream.read() == CONTENT
    assert store.size(key) == len(CONTENT)
    assert list(store.keys()) == [key]


def test_a_stream_can_be_read_from_the_middle(store):
    with store.open(kept(store)) as stream:
        stream.seek(2)
        assert stream.read(10) == CONTENT[2:12]


def test_an_object_is_invisible_until_kept(store):
    writing = store.begin()
    writing.write(CONTENT)
    assert list(store.keys()) == []
    with pytest.raises(ObjectMissing):
        store.open(KEY)
    writing.discard()
    assert list(store.keys()) == []


def test_keeping_the_same_bytes_twice_keeps_one_object(store):
    assert kept(store) == kept(store)
    assert list(store.keys()) == [KEY]


def test_an_object_of_another_size_is_damaged_and_replaced(store):
    short = store.begin()
    short.write(CONTENT[:100])
    short.keep(KEY)
    kept(store)
    assert store.size(KEY) == len(CONTENT)


def test_bytes_kept_anew_are_young_again(store, make_old):
    kept(store)
    assert timedelta(0) <= store.age(KEY) < timedelta(minutes=1)
    make_old(KEY)
    assert store.age(KEY) > timedelta(days=1)
    kept(store)
    assert store.age(KEY) < timedelta(minutes=1)


def test_a_readers_bytes_stay_while_the_object_is_kept_anew_and_removed(store):
    kept(store)
    with store.open(KEY) as stream:
        kept(store)
        store.remove(KEY)
        assert stream.read() == CONTENT


def test_a_large_object_returns_too(store):
    content = os.urandom(3 * 1024 * 1024)
    with store.open(kept(store, content)) as stream:
        assert stream.read() == content


def test_an_empty_object_can_be_kept(store):
    assert store.size(kept(store, b"")) == 0


def test_keys_come_in_order(store):
    expected = sorted(kept(store, bytes([n])) for n in range(20))
    assert list(store.keys()) == expected


def test_a_removed_object_is_gone(store):
    key = kept(store)
    store.remove(key)
    for act in (store.open, store.size, store.age, store.remove):
        with pytest.raises(ObjectMissing):
            act(key)
    assert kept(store) == key


@pytest.mark.parametrize("key", ["", "../../etc/passwd", KEY.upper(), KEY[:-1], KEY + "\n", KEY[:-1] + "/"])
def test_only_a_lower_case_sha256_is_a_key(store, key):
    writing = store.begin()
    writing.write(CONTENT)
    for act in (store.open, store.size, store.age, store.remove, store.internal_address, writing.keep):
        with pytest.raises(ValueError, match="SHA-256"):
            act(key)
    writing.discard()


def test_a_writing_that_was_kept_takes_no_more(store):
    writing = store.begin()
    writing.write(CONTENT)
    writing.keep(KEY)
    writing.discard()
    with pytest.raises(ValueError, match="kept or discarded"):
        writing.write(b"more")
    assert store.size(KEY) == len(CONTENT)


def test_discarding_twice_is_harmless(store):
    writing = store.begin()
    writing.discard()
    writing.discard()


def kept_at_last(store: ObjectStore) -> None:
    """As whoever sends does it: a store that refuses for the moment is asked again."""
    for _ in range(5):
        with contextlib.suppress(StoreUnavailable):
            kept(store)
            return
    kept(store)


def test_many_threads_keeping_one_photo_make_one_whole_object(store):
    threads = [threading.Thread(target=kept_at_last, args=(store,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(store.keys()) == [KEY]
    with store.open(KEY) as stream:
        assert stream.read() == CONTENT


def test_health_names_the_kind(store):
    assert store.check().split(",")[0] in {"filesystem", "memory", "s3"}
    assert list(store.keys()) == []


def test_a_full_memory_store_says_so_and_gives_the_room_back():
    store = MemoryStore(capacity=len(CONTENT))
    writing = store.begin()
    writing.write(CONTENT)
    with pytest.raises(StoreFull):
        writing.write(b"x")
    writing.discard()
    assert kept(store) == KEY


def test_files_and_folders_are_for_their_owner_only(files, tmp_path):
    kept(files)
    writing = files.begin()
    for path in (tmp_path / "store").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
    writing.discard()


def test_nothing_stays_in_staging(files):
    kept(files)
    kept(files)
    files.begin().discard()
    files.check()
    assert staged(files) == []


def test_bytes_then_name_then_every_folder_reach_the_disk(files, monkeypatch, tmp_path):
    synced: list[Path] = []
    sync = os.fsync

    def recorded(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    kept(files)
    objects = tmp_path / "store" / "objects"
    shard = objects / KEY[:2] / KEY[2:4]
    assert synced[:2] == [objects, objects / KEY[:2]]
    assert synced[2].parent == files.staging
    assert synced[3:] == [shard]


def test_a_folder_made_by_another_process_is_synced_too(files, monkeypatch, tmp_path):
    objects = tmp_path / "store" / "objects"
    (objects / KEY[:2] / KEY[2:4]).mkdir(parents=True)
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda d: synced.append(Path(f"/proc/self/fd/{d}").readlink()))
    kept(files)
    assert {objects, objects / KEY[:2]} <= set(synced)


def test_an_object_somebody_else_just_kept_is_promised_only_after_its_folder_is_synced(files, monkeypatch):
    path = files.path_of(kept(files))
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda d: synced.append(Path(f"/proc/self/fd/{d}").readlink()))
    kept(files)
    assert path.parent in synced


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_apart(files, monkeypatch, code):
    def refuse(*_args: object) -> int:
        raise OSError(code, os.strerror(code))

    writing = files.begin()
    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(StoreFull):
        writing.write(CONTENT)
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreFull):
        writing.keep(KEY)
    with pytest.raises(StoreFull):
        files.check()
    writing.discard()
    assert staged(files) == []
    assert list(files.keys()) == []


def test_a_disk_that_writes_a_part_of_what_it_is_given_still_gets_all(files, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, part: write(descriptor, bytes(part[:1000])))
    assert kept(files) == KEY
    assert files.size(KEY) == len(CONTENT)


def test_a_failing_disk_is_unavailable_not_full(files, monkeypatch):
    def refuse(*_args: object) -> int:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "write", refuse)
    writing = files.begin()
    with pytest.raises(StoreUnavailable):
        writing.write(CONTENT)
    writing.discard()


def test_a_vanished_staging_folder_is_unavailable_not_a_missing_object(files):
    files.staging.rmdir()
    with pytest.raises(StoreUnavailable):
        files.begin()


def test_a_dead_processs_staging_is_swept_and_a_living_ones_stays(files):
    dead, living = files.begin(), files.begin()
    living.write(b"still coming")
    (old,) = (path for path in staged(files) if path.stat().st_size == 0)
    os.utime(old, (1, 1))
    assert files.sweep_staging(older_than=timedelta(hours=24)) == 1
    assert len(staged(files)) == 1
    dead.discard()
    living.discard()


def test_an_address_opens_its_store(tmp_path):
    assert isinstance(open_store(f"file:{tmp_path}/objects"), FilesystemStore)
    assert isinstance(open_store("memory:"), MemoryStore)
    assert isinstance(open_store("s3+http://KEY:SECRET@127.0.0.1:1/bucket?region=cn"), S3Store)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:relative",
            "",
            "ftp:/x",
            "s3+http://KEY:SECRET@host/bucket",
            "s3+http://SECRET@host/bucket?region=cn",
        ),
        *("s3+http://KEY:SECRET@host/a..SECRET?region=cn", "s3:KEY:SECRET@host/bucket?region=cn"),
    ],
)
def test_an_unknown_address_is_refused_without_repeating_it(url):
    with pytest.raises(ValueError, match="no store of the kind") as refusal:
        open_store(url)
    assert "SECRET" not in str(refusal.value)


PIECE = "ab" * 16


def kept_piece(store: ObjectStore, name: str = PIECE, content: bytes = CONTENT) -> str:
    writing = store.begin()
    writing.write(content)
    writing.keep_piece(name)
    return name


def test_a_piece_returns_byte_for_byte_and_is_no_object(store):
    kept_piece(store)
    with store.open_piece(PIECE) as stream:
        assert stream.read() == CONTENT
    assert list(store.keys()) == []
    ((name, age),) = store.pieces()
    assert name == PIECE
    assert timedelta(seconds=-2) <= age < timedelta(minutes=1)


def test_pieces_come_in_order_and_an_object_is_no_piece(store):
    kept(store)
    expected = sorted(kept_piece(store, f"{n:032x}", bytes([n])) for n in (5, 1, 3))
    assert [name for name, _age in store.pieces()] == expected


def test_a_piece_is_invisible_until_kept_and_gone_when_discarded(store):
    writing = store.begin()
    writing.write(CONTENT)
    assert list(store.pieces()) == []
    writing.discard()
    with pytest.raises(ObjectMissing):
        store.open_piece(PIECE)


def test_a_removed_piece_is_gone_and_removing_it_again_harms_nothing(store):
    kept_piece(store)
    store.remove_piece(PIECE)
    store.remove_piece(PIECE)
    assert list(store.pieces()) == []
    with pytest.raises(ObjectMissing):
        store.open_piece(PIECE)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 32, "a" * 31, KEY])
def test_what_is_no_name_of_a_piece_is_never_a_path(store, name):
    writing = store.begin()
    writing.write(CONTENT)
    for act in (store.open_piece, store.remove_piece, writing.keep_piece):
        with pytest.raises(ValueError, match="32 lower-case hex"):
            act(name)
    writing.discard()


def test_a_piece_kept_as_a_piece_cannot_be_kept_again(store):
    writing = store.begin()
    writing.write(CONTENT)
    writing.keep_piece(PIECE)
    with pytest.raises(ValueError, match="kept or discarded"):
        writing.keep(KEY)


def test_pieces_of_files_leave_nothing_in_staging(files):
    kept_piece(files)
    assert staged(files) == []


def test_a_piece_is_synced_before_its_name_and_the_name_after(files, monkeypatch):
    order = []
    real_fsync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (order.append(str(Path(f"/proc/self/fd/{fd}").readlink())), real_fsync(fd))
    )
    monkeypatch.setattr(Path, "replace", lambda path, to: (order.append("rename"), real_replace(path, to)))
    kept_piece(files)
    assert order[0].endswith(".part")
    assert order[1] == "rename"
    assert order[2].endswith("/pieces")


def test_memory_gives_the_room_of_pieces_back():
    store = MemoryStore(capacity=100)
    kept_piece(store, content=b"x" * 60)
    with pytest.raises(StoreFull):
        kept_piece(store, "cd" * 16, b"x" * 60)
    store.remove_piece(PIECE)
    kept_piece(store, "cd" * 16, b"x" * 60)
