"""A bucket that fails while somebody reports: 503 or 507 with when to come back, and nothing half kept."""

import contextlib
import dataclasses
import hashlib
import time
import uuid
from collections.abc import Iterator

import pytest

from app.edge import asking
from app.factory import create_app
from storage.s3 import S3Patience
from tests.conftest import SMALL, House
from tests.edges.visitor import Visitor, report_fields
from tests.integration.hazard_world import rows
from tests.photos import photo
from tests.servers import faulty_s3 as faults
from tests.servers.faulty_s3 import FaultyS3, faulty_s3

SHORT = S3Patience(connect=1, small=0.5, transfer=0.5, check=0.5)
IN_TIME = 100
"""Seconds: far above any limit of a call on a busy machine, far below what a faulty store would take."""
OTHER = photo(size=(64, 48), seed=9)


def nth(method: str, n: int, behave: faults.Behaviour) -> faults.Behaviour:
    """The n-th request of this method this way, as all after it; honest before."""
    seen = []

    def behaves(asked: faults.Asked) -> None:
        if asked.method == method:
            seen.append(asked)
        now = behave if asked.method == method and len(seen) >= n else faults.honest
        now(asked)

    return behaves


FAULTS = {
    "refuses with 503": (nth("PUT", 1, faults.answering(503, "SlowDown")), 503),
    "refuses with 500 in words": (nth("PUT", 1, faults.answering(500, mime="text/plain")), 503),
    "refuses the key": (nth("PUT", 1, faults.answering(403, "InvalidAccessKeyId")), 503),
    "has no bucket": (nth("PUT", 1, faults.answering(404, "NoSuchBucket")), 503),
    "hangs": (nth("PUT", 1, faults.hanging), 503),
    "drips": (nth("PUT", 1, faults.dripping_head), 503),
    "resets": (nth("PUT", 1, faults.resetting), 503),
    "is a portal": (nth("PUT", 1, faults.portal), 503),
    "keeps other bytes": (nth("PUT", 1, faults.lying_about_digest), 503),
    "keeps half of it": (nth("PUT", 1, faults.shrinking), 503),
    "loses what it kept": (nth("PUT", 1, faults.losing), 503),
    "confirms nothing": (nth("HEAD", 1, faults.hanging), 503),
    "fails at the second photo": (nth("PUT", 2, faults.resetting), 503),
    "fails in the transaction": (nth("HEAD", 3, faults.answering(500)), 503),
    "is full": (nth("PUT", 1, faults.answering(507, "XMinioStorageFull")), 507),
    "is full at the second photo": (nth("PUT", 2, faults.answering(403, "QuotaExceeded")), 507),
}


ENDLESS = {"hangs", "drips", "confirms nothing"}


@contextlib.contextmanager
def failing(house: House, bucket: FaultyS3, behave: faults.Behaviour, *, endless: bool) -> Iterator[None]:
    """The bucket fails so meanwhile. Only one that never answers meets little patience: others may be slow."""
    store = house.means.store
    usual, bucket.behave = store._patience, behave
    store._patience = SHORT if endless else usual
    try:
        yield
    finally:
        store._patience, bucket.behave = usual, faults.honest


@pytest.fixture
def bucket() -> Iterator[FaultyS3]:
    """A server that can be told to fail."""
    with faulty_s3(faults.honest) as server:
        yield server


def moved(house: House, store_url: str) -> Iterator[House]:
    """The same house with its objects elsewhere."""
    settings = dataclasses.replace(house.means.settings, store_url=store_url)
    made = House(create_app(settings, clock=house.clock), house.clock, house.decoder)
    yield made
    made.means.db.engine.dispose()


@pytest.fixture(name="shaky")
def _shaky(house: House, bucket: FaultyS3) -> Iterator[House]:
    """The house on the server that can be told to fail."""
    yield from moved(house, bucket.url)


@pytest.fixture(name="firm")
def _firm(house: House, s3_url: str) -> Iterator[House]:
    """The house on a real server."""
    yield from moved(house, s3_url)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_report_that_the_bucket_does_not_keep_is_refused_in_time_and_comes_in_whole_later(shaky, bucket, fault):
    behave, status = FAULTS[fault]
    shaky.token("lixia")
    before = rows(shaky)
    report = {"client_id": str(uuid.uuid4()), "photos": (SMALL, OTHER)}
    with failing(shaky, bucket, behave, endless=fault in ENDLESS):
        began = time.monotonic()
        refused = shaky.send("lixia", **report)
        assert time.monotonic() - began < IN_TIME
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    assert refused.json["code"] == {503: "unavailable", 507: "out_of_space"}[status]
    assert int(refused.headers["Retry-After"]) > 0
    assert rows(shaky) == before

    answer = shaky.send("lixia", **report)
    assert answer.status_code == 201
    assert [told["sha256"] for told in answer.json["receipt"]["photos"]] == [
        hashlib.sha256(content).hexdigest() for content in (SMALL, OTHER)
    ]
    assert sorted(bucket.kept.values()) == sorted((SMALL, OTHER))
    assert shaky.send("lixia", **report).json["number"] == answer.json["number"]


@pytest.mark.parametrize(
    ("fault", "says"), [("resets", "暂时存不了"), ("hangs", "暂时存不了"), ("is full", "存储空间已满")]
)
def test_the_form_keeps_the_words_and_says_it_in_chinese(shaky, bucket, fault, says):
    behave, status = FAULTS[fault]
    worker = Visitor(shaky, "lixia")
    before = rows(shaky)
    with failing(shaky, bucket, behave, endless=fault in ENDLESS):
        refused = worker.fill("/report", **report_fields())
    assert (refused.status_code, int(refused.headers["Retry-After"])) == (status, 30)
    assert says in refused.text
    assert ">配电箱门锁坏</textarea>" in refused.text
    assert rows(shaky) == before


def test_health_says_that_no_report_can_be_kept(shaky, bucket, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", IN_TIME)  # the store's own limit is what is tried
    with failing(shaky, bucket, faults.by_method({"PUT": faults.hanging}), endless=True):
        began = time.monotonic()
        answer = shaky.app.test_client().get("/healthz")
        assert time.monotonic() - began < IN_TIME
    assert (answer.status_code, answer.json["store"]["fault"]) == (503, "StoreUnavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert shaky.app.test_client().get("/healthz").json["store"]["check"] == f"s3, bucket {faults.BUCKET}"


def test_a_picture_that_cannot_be_fetched_is_503_and_never_half_of_it(shaky, bucket):
    number = shaky.report("lixia", photos=(SMALL,))
    path = f"/hazards/{number}/photos/1/original"
    bucket.behave = faults.by_method({"GET": faults.truncating})
    refused = shaky.api("wangmin", "GET", path)
    assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    bucket.behave = faults.honest
    assert shaky.api("wangmin", "GET", path).data == SMALL


def test_a_whole_report_lives_in_a_real_bucket(firm):
    number = firm.report("lixia", photos=(SMALL, OTHER))
    firm.work()
    shown = firm.read("wangmin", number)["photos"]
    assert [told["status"] for told in shown] == ["ready", "ready"]
    for n, content in ((1, SMALL), (2, OTHER)):
        assert firm.api("wangmin", "GET", f"/hazards/{number}/photos/{n}/original").data == content
        assert firm.api("lixia", "GET", f"/hazards/{number}/photos/{n}/thumb").data[:2] == b"\xff\xd8"
    assert len(list(firm.means.store.keys())) == 6
