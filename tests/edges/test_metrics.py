"""The house's figures: who may read them, what they count, and that no label is anybody's word."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from app.core.outbox import ErrandRow, EventRow
from app.edge import asking
from app.edge.figure_board import FigureBoard
from app.factory import create_app
from app.notifications.models import DeliveryRow, MessageRow
from config import Settings, SettingsError
from storage.object_store import StoreUnavailable

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-the-watcher-and-nobody-else"


def scrape(app, **headers):
    """Every sample: (name, labels in order) → value."""
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(samples, name, **labels):
    return samples[name, tuple(sorted(labels.items()))]


def variant(house, **settings):
    """Another application on the house's data, with these settings."""
    return create_app(
        Settings.from_environment({"DATA": str(house.means.settings.data), **settings}), clock=house.clock
    )


# --- who may read them ----------------------------------------------------------------------------------


def status(app, address="127.0.0.1", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def test_the_machine_itself_may_read_and_for_others_the_page_does_not_exist(house):
    assert status(house.app) == 200
    assert status(house.app, "::1") == 200
    assert [status(house.app, address) for address in ("192.0.2.7", "10.0.0.1", "unix:", "")] == [404] * 4


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP"])
def test_behind_a_proxy_nobody_told_us_of_loopback_means_nothing(house, header):
    assert status(house.app, **{header: "127.0.0.1"}) == 404


def test_behind_a_trusted_proxy_the_real_address_decides(house):
    app = variant(house, TRUSTED_PROXIES="1")
    assert status(app, X_Forwarded_For="192.0.2.7") == 404
    assert status(app, X_Forwarded_For="127.0.0.1, 192.0.2.7") == 404
    assert status(app, X_Forwarded_For="192.0.2.7, 127.0.0.1") == 200
    assert status(app) == 200


def test_a_token_opens_the_page_from_anywhere_and_only_the_right_one(house):
    app = variant(house, METRICS_TOKEN=TOKEN)
    assert status(app, "192.0.2.7", Authorization=f"Bearer {TOKEN}") == 200
    for wrong in (f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", TOKEN, "Bearer é"):
        assert status(app, "192.0.2.7", Authorization=wrong) == 404
    assert status(house.app, "192.0.2.7", Authorization="Bearer ") == 404


def test_a_token_that_could_be_guessed_stops_the_start_and_none_is_ever_shown():
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"METRICS_TOKEN": "short"})
    assert refused.value.faults == ("METRICS_TOKEN must have at least 32 characters",)
    assert TOKEN not in repr(Settings.from_environment({"METRICS_TOKEN": TOKEN}))


# --- what they count ------------------------------------------------------------------------------------


def test_a_request_is_counted_by_endpoint_method_and_class_of_status(house):
    house.report("lixia")
    house.api("lixia", "GET", "/hazards/NO-SUCH")
    house.app.test_client().get("/no/such/page?who=lixia")
    house.app.test_client().open("/login", method="INVENTED")
    samples = scrape(house.app)
    counted = "hazards_requests_total"
    assert figure(samples, counted, endpoint="api.report", method="POST", status="2xx") == 1
    assert figure(samples, counted, endpoint="api.hazard", method="GET", status="4xx") == 1
    assert figure(samples, counted, endpoint="none", method="GET", status="4xx") == 1
    assert figure(samples, counted, endpoint="none", method="other", status="4xx") == 1
    assert figure(samples, "hazards_request_seconds_count", endpoint="api.report") == 1
    assert figure(samples, "hazards_problems_total", code="not_found") == 2
    assert figure(samples, "hazards_problems_total", code="method_not_allowed") == 1


def test_two_applications_in_one_process_count_apart(house):
    other = variant(house)
    house.report("lixia")
    asked = ("hazards_requests_total", (("endpoint", "api.report"), ("method", "POST"), ("status", "2xx")))
    assert asked in scrape(house.app)
    assert asked not in scrape(other)


def test_labels_are_our_own_names_and_never_what_somebody_sent(house):
    telling = "HBJX-A3"
    house.app.test_client().get(f"/p/{telling}", headers={"User-Agent": telling})
    house.api("lixia", "GET", f"/hazards/{telling}?q={telling}")
    values = {value for _, labels in scrape(house.app) for _, value in labels}
    assert not any(telling in value for value in values)
    endpoints = {rule.endpoint for rule in house.app.url_map.iter_rules()} | {"none"}
    seen = {dict(labels)["endpoint"] for _, labels in scrape(house.app) if "endpoint" in dict(labels)}
    assert seen <= endpoints


def test_a_bug_is_counted_as_internal(house, monkeypatch):
    def trip(*_told, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr("app.api.access.actor", trip)
    assert house.api("lixia", "GET", "/me").status_code == 500
    samples = scrape(house.app)
    assert figure(samples, "hazards_problems_total", code="internal") == 1
    assert figure(samples, "hazards_requests_total", endpoint="api.me", method="GET", status="5xx") == 1


def test_what_waits_and_what_failed_is_told_with_the_age_of_the_oldest(house):
    before = scrape(house.app)
    house.report("lixia")
    house.clock.forward(seconds=90)
    samples = scrape(house.app)
    assert figure(samples, "hazards_queue_waiting") == 2
    assert figure(samples, "hazards_queue_oldest_seconds") == 90
    assert figure(samples, "hazards_photos_oldest_pending_seconds") == 90
    pending = figure(samples, "hazards_photos", status="pending") - figure(
        before, "hazards_photos", status="pending"
    )
    assert pending == 1
    house.work()
    samples = scrape(house.app)
    assert figure(samples, "hazards_queue_waiting") == 0
    assert figure(samples, "hazards_photos", status="pending") == 0
    assert (
        figure(samples, "hazards_photos", status="ready") == figure(before, "hazards_photos", status="ready") + 1
    )
    assert figure(samples, "hazards_photos_oldest_pending_seconds") == 0


def test_failed_errands_and_stuck_deliveries_are_told(house):
    at = house.clock()
    with house.means.db.write() as session:
        event_id = session.execute(select(EventRow.id).limit(1)).scalar_one()
        told = {"event_id": event_id, "job": "tell", "state": "failed", "made_at": at, "due_at": at}
        session.execute(insert(ErrandRow).values(subject=99, **told))
        messages = session.execute(select(MessageRow.id).limit(3)).scalars().all()
        told = {"kind": "x", "facts": {}, "attempts": 0, "made_at": at, "next_at": at}
        for message_id, state in zip(messages, ("waiting", "failed", "sent"), strict=True):
            session.execute(insert(DeliveryRow).values(message_id=message_id, state=state, **told))
    house.clock.forward(minutes=2)
    samples = scrape(house.app)
    assert figure(samples, "hazards_queue_failed") == 1
    assert figure(samples, "hazards_deliveries", state="waiting") == 1
    assert figure(samples, "hazards_deliveries", state="failed") == 1
    assert figure(samples, "hazards_deliveries_oldest_seconds") == 120


def test_parts_that_are_away_are_told_and_the_page_still_answers(house, monkeypatch):
    def away(*_told):
        raise StoreUnavailable

    def gone(*_told):
        raise OperationalError("x", {}, Exception("disk I/O error"))

    assert {p: figure(scrape(house.app), "hazards_up", part=p) for p in ("database", "store")} == {
        "database": 1,
        "store": 1,
    }
    monkeypatch.setattr(type(house.means.store), "check", away)
    monkeypatch.setattr(type(house.means.db), "describe", gone)
    samples = scrape(house.app)
    assert (figure(samples, "hazards_up", part="database"), figure(samples, "hazards_up", part="store")) == (0, 0)
    assert not any(name == "hazards_queue_waiting" for name, _ in samples)


def test_the_process_and_the_version_are_told(house):
    samples = scrape(house.app)
    assert figure(samples, "process_resident_memory_bytes") > 0
    (version,) = [dict(labels)["version"] for name, labels in samples if name == "hazards_build_info"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)


# --- several web processes ------------------------------------------------------------------------------

SISTER = """
import sys
import threading
from pathlib import Path
from prometheus_client import CollectorRegistry, Counter
from app.edge.figure_board import FigureBoard
registry = CollectorRegistry()
counter = Counter("c", "d", ("code",), registry=registry)
counter.labels("x").inc(5)
FigureBoard(Path(sys.argv[1]), registry).pin_up()
print("up", flush=True)
sys.stdin.read()
"""


def counted(registry=None, *, by=1.0):
    registry = registry or CollectorRegistry()
    Counter("c", "d", ("code",), registry=registry).labels("x").inc(by)
    return registry


def told_by(board):
    return {
        sample.labels["process"]: sample.value
        for family in board.collect()
        for sample in family.samples
        if sample.name == "c_total"
    }


def test_whichever_process_is_asked_tells_the_figures_of_all_that_live(tmp_path):
    own = FigureBoard(tmp_path, counted())
    own.pin_up()
    command = [sys.executable, "-c", SISTER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sister:
        assert sister.stdout.readline() == b"up\n"
        assert told_by(own) == {"0": 1, "1": 5}
        os.kill(sister.pid, signal.SIGKILL)
        sister.wait()
        assert told_by(own) == {"0": 1}
    # Its place is free: whoever comes next counts from zero there, as after any restart.
    assert told_by(FigureBoard(tmp_path, counted(by=2))) == {"0": 1, "1": 2}


def test_figures_are_pinned_up_soon_after_they_changed(tmp_path, monkeypatch):
    monkeypatch.setattr("app.edge.figure_board.DELAY_SECONDS", 0.0)
    board = FigureBoard(tmp_path, counted(by=3))
    timers = []
    real = threading.Timer
    monkeypatch.setattr(threading, "Timer", lambda *told: timers.append(real(*told)) or timers[-1])
    for _ in range(3):
        board.touch()
        timers[-1].join()
    assert len(timers) == 3
    told = json.loads((tmp_path / "0.json").read_text(encoding="utf-8"))
    assert [family[0] for family in told] == ["c"]


def test_a_full_disk_leaves_old_figures_and_no_fault(tmp_path, monkeypatch):
    board = FigureBoard(tmp_path, counted())
    board.pin_up()

    def full(*_told, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    board._pin_up_quietly()
    assert told_by(board) == {"0": 1}


def test_one_process_shares_nothing_and_several_label_their_figures(house):
    assert house.app.extensions["figures"].board is None
    several = variant(house, WEB_PROCESSES="2", REDIS_URL="redis://127.0.0.1:1/0")
    assert several.test_client().get("/healthz").json["redis"] == {"kind": "redis", "fault": "ConnectionError"}
    samples = scrape(several)
    endpoint = {"endpoint": "health.healthz", "method": "GET", "status": "2xx"}
    assert figure(samples, "hazards_requests_total", process="0", **endpoint) == 1
    assert figure(samples, "hazards_up", part="redis") == 0


def test_a_part_that_hangs_does_not_hold_the_page(house, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 0.2)
    release = threading.Event()
    monkeypatch.setattr(type(house.means.store), "check", lambda _self: release.wait(300))
    try:
        assert figure(scrape(house.app), "hazards_up", part="store") == 0
    finally:
        release.set()
