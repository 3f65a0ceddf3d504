"""What an S3-compatible store can get wrong: always told in time, as the store's own error, without secrets."""

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
import urllib3

from storage import s3_writing
from storage.call_time import seconds_left, within
from storage.object_store import ObjectDamaged, ObjectMissing, StoreError, StoreFull, StoreUnavailable
from storage.opening import open_store
from storage.s3 import S3Patience, S3Store
from storage.s3_address import S3Address
from tests.servers import faulty_s3 as faults
from tests.servers.s3 import SECRET, s3_serving

CONTENT = b"a photograph" * 1000
KEY = hashlib.sha256(CONTENT).hexdigest()
LARGE = bytes(20 * 1024 * 1024)
SHORT = S3Patience(connect=1, small=0.5, transfer=0.5, check=0.5)
"""Only for a store that would never answer: on a busy machine one that answers takes longer than that, too."""
IN_TIME = 100
"""Seconds: far above any limit of a call on a busy machine, far below what a faulty store would take."""


def store_at(url: str, *, patience: S3Patience | None = None) -> S3Store:
    return S3Store(S3Address.parse(url), patience=patience)


def keep(store: S3Store, content: bytes = CONTENT) -> str:
    writing = store.begin()
    try:
        writing.write(content)
        key = hashlib.sha256(content).hexdigest()
        writing.keep(key)
    finally:
        writing.discard()
    return key


ACTS = {
    "keep": keep,
    "open": lambda store: store.open(KEY),
    "size": lambda store: store.size(KEY),
    "age": lambda store: store.age(KEY),
    "remove": lambda store: store.remove(KEY),
    "keys": lambda store: list(store.keys()),
    "check": lambda store: store.check(),
    "make_bucket": lambda store: store.make_bucket(),
}
FAULTS = {
    "hanging": faults.hanging,
    "dripping": faults.dripping_head,
    "resetting": faults.resetting,
    "hanging up": faults.hanging_up,
    "no HTTP": faults.babbling,
    "500": faults.answering(500, "InternalError"),
    "503": faults.answering(503, "SlowDown", Retry_After="120"),
    "403": faults.answering(403, "SignatureDoesNotMatch"),
    "a proxy's 502": faults.answering(502, "<b>", mime="text/html"),
    "its XML as text": faults.answering(500, "InternalError", mime="text/xml"),
    "empty refusal": faults.answering(503),
    "no XML": faults.answering(500, "<<<"),
    "elsewhere": faults.answering(307, "TemporaryRedirect", Location="http://127.0.0.1:1/"),
    "no bucket": faults.answering(404, "NoSuchBucket"),
}
ENDLESS = (faults.hanging, faults.dripping_head, faults.dripping_body, faults.deaf)


def patience_with(fault: faults.Behaviour) -> S3Patience | None:
    return SHORT if fault in ENDLESS else None


def refused(act, store: S3Store) -> StoreError:
    """The error, which came in time and repeats neither secret nor address."""
    began = time.monotonic()
    with pytest.raises(StoreError) as refusal:
        act(store)
    assert time.monotonic() - began < IN_TIME
    told = str(refusal.value)
    for secret in (faults.SECRET, faults.KEY, SECRET, "127.0.0.1", "Signature="):
        assert secret not in told
    return refusal.value


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("act", [act for act in ACTS if act != "make_bucket"])
def test_a_store_that_fails_is_unavailable_in_time_whatever_is_asked(act, fault):
    with faults.faulty_s3(FAULTS[fault]) as server:
        store = store_at(server.url, patience=patience_with(FAULTS[fault]))
        assert isinstance(refused(ACTS[act], store), StoreUnavailable)


def test_a_bucket_that_cannot_be_made_is_told():
    with faults.faulty_s3(
        faults.by_method({"HEAD": faults.answering(404), "PUT": faults.answering(403, "No")})
    ) as s:
        assert isinstance(refused(ACTS["make_bucket"], store_at(s.url)), StoreUnavailable)


@pytest.mark.parametrize("act", ACTS)
def test_a_store_that_is_down_is_unavailable(act):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"s3+http://{faults.KEY}:{faults.SECRET}@127.0.0.1:{port}/{faults.BUCKET}?region=cn"
    assert isinstance(refused(ACTS[act], store_at(url)), StoreUnavailable)


def test_a_store_that_does_not_read_what_it_is_sent_is_given_up_in_time():
    with faults.faulty_s3(faults.deaf) as server:
        hasty = store_at(server.url, patience=SHORT)
        assert isinstance(refused(lambda store: keep(store, LARGE), hasty), StoreUnavailable)


@pytest.mark.parametrize(
    "put", [faults.lying_about_digest, faults.losing, faults.shrinking, faults.portal], ids=lambda b: b.__name__
)
def test_nothing_is_kept_that_the_store_does_not_confirm(put):
    with faults.faulty_s3(faults.by_method({"PUT": put})) as server:
        assert isinstance(refused(keep, store_at(server.url)), StoreUnavailable)


def test_a_store_that_encrypts_with_its_own_keys_names_no_digest_of_ours_and_may_be_trusted():
    def encrypting(asked):
        asked.kept[asked.path] = asked.body
        faults.answering(200, ETag='"opaque"', x_amz_server_side_encryption="aws:kms")(asked)

    with faults.faulty_s3(faults.by_method({"PUT": encrypting})) as server:
        assert keep(store_at(server.url)) == KEY


@pytest.mark.parametrize(
    ("get", "error"),
    [
        (faults.truncating, StoreUnavailable),
        (faults.dripping_body, StoreUnavailable),
        (faults.shortening, ObjectDamaged),
        (faults.altering, ObjectDamaged),
        (faults.portal, ObjectDamaged),
    ],
    ids=lambda value: value.__name__,
)
def test_no_other_bytes_than_the_keys_are_ever_handed_out(get, error):
    with faults.faulty_s3(faults.honest) as server:
        keep(store_at(server.url))
        server.behave = get
        assert type(refused(ACTS["open"], store_at(server.url, patience=patience_with(get)))) is error


@pytest.mark.parametrize(
    "put",
    [
        faults.answering(507),
        faults.answering(507, "XMinioStorageFull"),
        faults.answering(403, "QuotaExceeded"),
        faults.answering(400, "XMinioAdminBucketQuotaExceeded"),
        faults.answering(400, "EntityTooLarge"),
        faults.answering(413, mime="text/html"),
    ],
)
@pytest.mark.parametrize("act", ["keep", "check"])
def test_a_store_without_room_says_so(put, act):
    with faults.faulty_s3(faults.by_method({"PUT": put})) as server:
        assert isinstance(refused(ACTS[act], store_at(server.url)), StoreFull)


def test_a_line_that_was_closed_meanwhile_is_opened_anew_once():
    with faults.faulty_s3(faults.honest) as server:
        store = store_at(server.url)
        keep(store)
        server.behave = faults.first(faults.hanging_up)
        assert store.size(KEY) == len(CONTENT)
        server.asked.clear()
        server.behave = faults.hanging_up
        assert isinstance(refused(ACTS["size"], store), StoreUnavailable)
        assert len(server.asked) == 2


def test_a_store_that_asks_for_patience_is_asked_once():
    with faults.faulty_s3(faults.answering(503, "SlowDown", Retry_After="1")) as server:
        refused(keep, store_at(server.url))
        assert len(server.asked) == 1


def test_what_is_signed_for_one_machine_goes_to_no_other():
    with faults.faulty_s3(faults.honest) as other:
        elsewhere = faults.answering(307, Location=f"http://127.0.0.1:{other.port}/{faults.BUCKET}/x")
        with faults.faulty_s3(elsewhere) as server:
            for act in ACTS.values():
                refused(act, store_at(server.url))
        assert other.asked == []


def test_an_object_is_missing_only_from_a_bucket_that_is_there():
    with faults.faulty_s3(faults.honest) as server:
        assert isinstance(refused(ACTS["size"], store_at(server.url)), ObjectMissing)
        server.behave = faults.answering(404)
        told = refused(ACTS["size"], store_at(server.url))
        assert (type(told), str(told)) == (StoreUnavailable, "NoSuchBucket")


@pytest.mark.parametrize("act", ["size", "age", "remove"])
def test_whoever_holds_a_lock_may_give_the_store_less_time_than_it_takes(act):
    with faults.faulty_s3(faults.hanging) as server:
        patient = S3Store(S3Address.parse(server.url), patience=S3Patience(small=600))
        with within(0.3):
            assert isinstance(refused(ACTS[act], patient), StoreUnavailable)
        assert seconds_left() is None


def test_a_list_that_goes_in_circles_ends():
    def begin_of_list(store):
        return list(islice(store.keys(), 10))

    with faults.faulty_s3(faults.circling) as server:
        assert isinstance(refused(begin_of_list, store_at(server.url)), StoreUnavailable)


def test_the_age_is_by_the_stores_clock():
    with faults.faulty_s3(faults.honest) as server:
        store = store_at(server.url)
        keep(store)
        assert store.age(KEY) == timedelta(hours=1)


def test_what_is_sent_carries_both_digests_and_is_signed():
    with faults.faulty_s3(faults.honest) as server:
        keep(store_at(server.url))
        put = next(asked for asked in server.asked if asked.method == "PUT")
    assert put.headers["x-amz-content-sha256"] == KEY
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).digest()
    assert base64.b64decode(put.headers["content-md5"]) == md5
    signed = put.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "content-md5", "x-amz-content-sha256", "x-amz-date"} <= set(signed)


def test_the_limits_are_those_of_the_decision():
    assert S3Patience() == S3Patience(connect=3, small=10, transfer=30, check=5)


# --- a real server --------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [act for act in ACTS if act != "make_bucket"])
def test_a_wrong_secret_is_refused(act, s3_server, s3_url):
    bucket = S3Address.parse(s3_url).bucket
    keep(store_at(s3_url))
    assert isinstance(refused(ACTS[act], store_at(s3_server.url(bucket, secret="wrong"))), StoreUnavailable)
    assert list(store_at(s3_url).keys()) == [KEY]


@pytest.mark.parametrize("act", [act for act in ACTS if act != "make_bucket"])
def test_a_missing_bucket_is_named_and_not_made(act, s3_server):
    told = refused(ACTS[act], store_at(s3_server.url("nobody-made-me")))
    assert (type(told), str(told)) == (StoreUnavailable, "NoSuchBucket")
    assert not (s3_server.folder / "nobody-made-me").exists()


def test_making_the_bucket_twice_is_harmless(s3_url):
    store = open_store(s3_url)
    keep(store)
    store.make_bucket()
    assert list(store.keys()) == [KEY]


def test_the_check_leaves_nothing_and_is_not_listed(s3_server, s3_url):
    store = open_store(s3_url)
    assert store.check() == f"s3, bucket {S3Address.parse(s3_url).bucket}"
    left = (s3_server.folder / S3Address.parse(s3_url).bucket).rglob("*")
    assert [path for path in left if path.is_file()] == []


def test_what_is_none_of_ours_is_not_listed(s3_server, s3_url):
    store = open_store(s3_url)
    key = keep(store)
    folder = s3_server.folder / S3Address.parse(s3_url).bucket / "objects"
    for name in ("0note.txt", f"{key[:2]}/{key[2:4]}/{'f' * 63}", f"00/00/{'1' * 64}"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    assert list(store.keys()) == [key]


def test_an_object_altered_in_the_bucket_is_named_damaged_and_mended_when_it_is_kept_anew(s3_server, s3_url):
    store = open_store(s3_url)
    keep(store)
    (path,) = (s3_server.folder / S3Address.parse(s3_url).bucket).rglob(KEY)
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(ObjectDamaged):
        store.open(KEY)
    keep(store)
    with store.open(KEY) as stream:
        assert stream.read() == CONTENT


def test_a_front_server_gets_an_address_for_a_minute_and_nobody_without_it(s3_server, s3_url):
    store = open_store(s3_url)
    keep(store)
    address = store.internal_address(KEY)
    assert address.startswith("/_s3/")
    path, _, query = address.removeprefix("/_s3").partition("?")
    assert urllib.parse.parse_qs(query)["X-Amz-Expires"] == ["60"]
    with urllib3.PoolManager(retries=False) as front:
        host = f"http://127.0.0.1:{s3_server.port}"
        assert front.request("GET", f"{host}{path}?{query}").data == CONTENT
        other = path.replace(KEY, "0" * 64)
        for refused_to in (path, f"{other}?{query}"):
            answer = front.request("GET", f"{host}{refused_to}")
            assert answer.status in {400, 403}
            assert CONTENT not in answer.data


def test_a_forked_process_has_its_own_connections(s3_url, monkeypatch):
    store = open_store(s3_url)
    keep(store)
    before = store._line.connections
    assert store._line.connections is before
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert store._line.connections is not before
    assert store.size(KEY) == len(CONTENT)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no certificate can be made here: openssl is missing")
def test_tls_is_spoken_only_with_whom_this_machine_trusts(tmp_path, monkeypatch):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    with s3_serving(tmp_path, certificate=(certificate, key)) as server:
        url = server.url("bucket-0")
        assert isinstance(refused(ACTS["keep"], store_at(url)), StoreUnavailable)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        store = open_store(url)
        store.make_bucket()
        with store.open(keep(store, LARGE)) as stream:
            assert stream.read() == LARGE


# --- the spool ------------------------------------------------------------------------------------------


def test_a_large_photo_waits_in_a_file_without_a_name(tmp_path, s3_url):
    store = open_store(s3_url, spool=tmp_path)
    writing = store.begin()
    writing.write(LARGE)
    held = os.fstat(writing._file.fileno())
    assert (held.st_size, held.st_dev) == (len(LARGE), tmp_path.stat().st_dev)
    assert held.st_nlink == 0
    assert list(tmp_path.iterdir()) == []
    writing.discard()
    assert store.sweep_staging(older_than=timedelta(0)) == 0


def test_a_full_disk_here_is_no_room_too(monkeypatch, s3_url):
    def full(_folder):
        return Path("/dev/full").open("r+b", buffering=0)

    monkeypatch.setattr(s3_writing, "open_spool", full)
    writing = open_store(s3_url).begin()
    with pytest.raises(StoreFull):
        writing.write(CONTENT)
    writing.discard()
