"""A report becomes exactly one hazard, or nothing at all: repeats, races, numbers, limits, bad input."""

import io
import json
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from app.core.errors import TooMany
from app.evidence.signature import PhotoFormat
from app.hazards import submission
from app.hazards.drafts import DraftPhoto, HazardDraft, StoredPhoto
from app.hazards.models import HazardRow, NumberRow
from app.hazards.submission import SubmissionRules, submit_hazard
from app.hazards.words import Category
from app.units.placing import renew_scan_code
from storage.object_store import StoreFull, StoreUnavailable
from tests import photos as files_of_any_kind
from tests.conftest import SMALL, House, _house_in
from tests.integration.hazard_world import events, files, history, row_of, rows, sha256
from tests.photos import photo

OTHER = photo(size=(64, 48), seed=9)
STRANGE = photo(size=(64, 48), seed=11)
"""A photo that no hazard of the house has, so that an object left behind is seen."""
POSITION = {"lat": 38.0431, "lon": 114.5032, "accuracy_m": 12, "at": "2026-11-02T09:00:00+08:00"}


def report_of(**fields: Any) -> HazardDraft:
    told: dict[str, Any] = {
        "client_id": uuid.uuid4(),
        "location_text": "东侧",
        "category": Category.ELEC,
        **fields,
    }
    return HazardDraft(**told)


def stored(content: bytes = SMALL) -> StoredPhoto:
    return StoredPhoto(sha256(content), len(content), PhotoFormat.JPEG)


def submit(house: House, draft: HazardDraft, *, login: str = "lixia", **more: Any) -> Any:
    return submit_hazard(
        draft,
        [stored()],
        by=house.actor(login),
        at=house.clock(),
        store=house.means.store,
        db=house.means.db,
        **more,
    )


# --- once -----------------------------------------------------------------------------------------------


def test_a_receipt_names_the_report_and_every_hash(house):
    client_id = str(uuid.uuid4())
    answer = house.send("lixia", client_id=client_id, photos=(SMALL, OTHER))
    assert answer.status_code == 201
    told = answer.json
    assert (told["number"], told["state"], told["version"]) == (told["number"], "submitted", 1)
    assert told["unit"]["code"] == "HBJX-3"
    assert told["officer"] == house.actor("wangmin").name
    assert told["receipt"] == {
        "client_id": client_id,
        "received_at": "2026-11-02T01:00:00Z",
        "photos": [{"sha256": sha256(p), "bytes": len(p)} for p in (SMALL, OTHER)],
    }
    number = told["number"]
    assert [s.action for s in history(house, number)] == ["submit"]
    assert events(house, number) == [("HazardSubmitted", 1), ("PhotosAdded", 1)]
    for content in (SMALL, OTHER):
        with house.means.store.open(sha256(content)) as kept:
            assert kept.read() == content


def test_the_same_report_again_gives_the_same_number_and_changes_nothing(house):
    client_id = str(uuid.uuid4())
    first = house.send("lixia", client_id=client_id)
    before = rows(house), files(house)
    house.clock.forward(days=3)
    again = house.send("lixia", client_id=client_id.upper())
    assert again.status_code == 200
    assert again.json == first.json
    assert (rows(house), files(house)) == before


def test_a_repeat_is_told_where_the_hazard_stands_now(house):
    client_id = str(uuid.uuid4())
    number = house.send("lixia", client_id=client_id).json["number"]
    house.accept(number)
    again = house.send("lixia", client_id=client_id).json
    assert (again["number"], again["state"], again["version"]) == (number, "rectifying", 2)


FULL = {
    "photos": [{"captured_at": "2026-11-02T09:00:00+08:00", "position": POSITION}],
    "location_text": "东侧立柱",
    "pin": {"lat": 38.0431, "lon": 114.5032},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"description": "别的话"},
        {"category": "FIRE"},
        {"place_code": "HBJX-B1"},
        {"place_code": None},
        {"location_text": "西侧立柱"},
        {"location_text": None},
        {"pin": {"lat": 38.0431, "lon": 114.5033}},
        {"pin": None},
        {"photos": [{"captured_at": "2026-11-02T09:00:01+08:00", "position": POSITION}]},
        {"photos": [{"position": POSITION}]},
        {"photos": [{"captured_at": "2026-11-02T09:00:00+08:00"}]},
        {"photos": [{**FULL["photos"][0], "position": {**POSITION, "lat": 38.0432}}]},
        {"photos": [{**FULL["photos"][0], "position": {**POSITION, "accuracy_m": 13}}]},
        {"photos": [{**FULL["photos"][0], "position": {**POSITION, "at": "2026-11-02T09:00:02+08:00"}}]},
        {"photos": [{**FULL["photos"][0], "position": {**POSITION, "datum": "gcj02"}}]},
    ],
)
def test_the_same_client_id_with_anything_else_is_refused_and_changes_nothing(house, changed):
    client_id = str(uuid.uuid4())
    full = {"client_id": client_id, **FULL}
    assert send_raw(house, full).status_code == 201
    before = rows(house)
    answer = send_raw(house, {**full, **changed})
    assert (answer.status_code, answer.json["code"]) == (409, "client_id_reused")
    assert rows(house) == before
    assert send_raw(house, full).status_code == 200


@pytest.mark.parametrize("sent", [(OTHER,), (SMALL, OTHER), (OTHER, SMALL)])
def test_other_photos_or_another_order_are_another_report(house, sent):
    client_id = str(uuid.uuid4())
    house.report("lixia", client_id=client_id, photos=(SMALL,) if len(sent) == 1 else (SMALL, OTHER, SMALL))
    answer = house.send("lixia", client_id=client_id, photos=sent)
    assert (answer.status_code, answer.json["code"]) == (409, "client_id_reused")


def test_a_client_id_belongs_to_its_account(house):
    client_id = str(uuid.uuid4())
    first = house.report("lixia", client_id=client_id)
    second = house.report("zhaoqiang", client_id=client_id, place_code="HBJX-PD")
    guest = house.report(None, client_id=client_id, place_code="HBJX-DM")
    assert len({first, second, guest}) == 3


def test_a_photo_may_serve_in_several_hazards(house):
    assert house.report("lixia") != house.report("lixia")


def test_hashes_that_were_announced_are_matched_whatever_the_order_of_the_parts(house):
    told = [{"sha256": sha256(OTHER)}, {"sha256": sha256(SMALL)}]
    kept = send_raw(house, {"photos": told}, photos=(SMALL, OTHER))
    assert kept.status_code == 201
    assert [p["sha256"] for p in kept.json["receipt"]["photos"]] == [sha256(OTHER), sha256(SMALL)]


def send_raw(house: House, told: Any, *, photos: Any = (STRANGE,), login: str | None = "lixia") -> TestResponse:
    """A multipart report whose JSON part is exactly this."""
    if isinstance(told, dict):
        plain = {"client_id": str(uuid.uuid4()), "place_code": "HBJX-A3", "category": "ELEC"}
        merged = {**plain, **told}
        told = json.dumps({name: value for name, value in merged.items() if value != "<none>"})
    parts: dict[str, Any] = {"hazard": told, "photo": [(io.BytesIO(p), "photo.jpg") for p in photos]}
    return house.api(login, "POST", "/hazards", data=parts, content_type="multipart/form-data")


# --- at once --------------------------------------------------------------------------------------------


def test_sixteen_taps_at_once_make_one_hazard(house):
    draft = report_of()
    with ThreadPoolExecutor(16) as crowd:
        receipts = list(crowd.map(lambda _n: submit(house, draft), range(16)))
    assert len({receipt.number for receipt in receipts}) == 1
    assert sum(receipt.is_new for receipt in receipts) == 1
    number = receipts[0].number
    assert [s.version for s in history(house, number)] == [1]
    assert events(house, number) == [("HazardSubmitted", 1), ("PhotosAdded", 1)]


def test_sixteen_requests_at_once_make_one_hazard(house):
    client_id = str(uuid.uuid4())
    house.token("lixia")
    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda _n: house.send("lixia", client_id=client_id), range(16)))
    assert sorted(a.status_code for a in answers) == [200] * 15 + [201]
    assert len({a.json["number"] for a in answers}) == 1


def test_twenty_reports_at_once_get_gapless_numbers(house):
    first = int(submit(house, report_of()).number[-6:])
    with ThreadPoolExecutor(20) as crowd:
        receipts = list(crowd.map(lambda _n: submit(house, report_of()), range(20)))
    assert sorted(int(receipt.number[-6:]) for receipt in receipts) == list(range(first + 1, first + 21))


# --- numbers --------------------------------------------------------------------------------------------


def test_a_submission_that_fails_leaves_no_gap(house, monkeypatch):
    first = int(submit(house, report_of()).number[-6:])
    before = rows(house)

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(submission, "record_all", fail)
        with pytest.raises(RuntimeError):
            submit(house, report_of())
    assert rows(house) == before
    assert int(submit(house, report_of()).number[-6:]) == first + 1


def test_the_years_numbers_begin_anew_at_midnight_in_the_units_zone(house):
    house.clock.at = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert house.report("lixia").startswith("HZ-2026-")
    house.clock.at = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert house.report("lixia") == "HZ-2027-000001"
    assert house.report("sunli", place_code="RMYY-7N") == "HZ-2027-000002"


def test_a_number_past_six_digits_goes_on(house):
    with house.means.db.write() as session:
        session.execute(insert(NumberRow).values(year=2031, last=999_999))
    house.clock.at = datetime(2031, 6, 1, tzinfo=UTC)
    assert submit(house, report_of()).number == "HZ-2031-1000000"


# --- how often ------------------------------------------------------------------------------------------


def test_an_account_makes_120_hazards_a_minute_and_repeats_do_not_count(house):
    drafts = [report_of() for _ in range(120)]
    for draft in drafts:
        submit(house, draft)
    house.token("lixia")
    before = rows(house), files(house)
    answer = house.send("lixia", photos=(OTHER,))
    assert (answer.status_code, answer.json["code"]) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 0
    assert (rows(house), files(house)) == before
    assert submit(house, drafts[0]).is_new is False
    assert house.send("zhaoqiang", place_code="HBJX-PD").status_code == 201
    house.clock.forward(seconds=60)
    assert house.send("lixia").status_code == 201


def test_a_guest_place_makes_ten_hazards_a_minute(house):
    ids = [str(uuid.uuid4()) for _ in range(10)]
    for client_id in ids:
        house.report(None, place_code="HBJX-DM", client_id=client_id)
    answer = house.send(None, place_code="HBJX-DM")
    assert (answer.status_code, answer.json["code"]) == (429, "too_many")
    assert answer.headers["Retry-After"] == "60"
    assert house.send(None, place_code="HBJX-DM", client_id=ids[3]).status_code == 200
    assert house.send("lixia", place_code="HBJX-DM").status_code == 201
    assert house.send(None, place_code="RMYY-MZ").status_code == 201
    # Another QR code on the wall is no new allowance.
    renew_scan_code("HBJX-DM", by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)
    assert house.send(None, place_code="HBJX-DM").status_code == 429


def test_the_limits_are_settings(house):
    rules = SubmissionRules(per_account=1)
    submit(house, report_of(), rules=rules)
    with pytest.raises(TooMany):
        submit(house, report_of(), rules=rules)


def test_a_clock_that_was_set_back_locks_nobody_out(house):
    rules = SubmissionRules(per_account=1)
    submit(house, report_of(), rules=rules)
    house.clock.forward(days=-1)
    submit(house, report_of(), rules=rules)


# --- bad input: the contract's answer, and nothing half-written -----------------------------------------

LONG_TEXT = "字" * 201
OVER = 20 * 1024 * 1024 + 1
FIELDS: list[tuple[dict[str, Any], list[str]]] = [
    ({"client_id": "<none>"}, ["client_id"]),
    ({"client_id": None}, ["client_id"]),
    ({"client_id": "not-a-uuid"}, ["client_id"]),
    ({"client_id": 7}, ["client_id"]),
    ({"client_id": ["x"]}, ["client_id"]),
    ({"place_code": "<none>"}, ["location_text"]),
    ({"place_code": "   "}, ["location_text"]),
    ({"place_code": "NOWHERE"}, ["place_code"]),
    ({"place_code": "RMYY-7N"}, ["place_code"]),
    ({"place_code": "X" * 65}, ["place_code"]),
    ({"place_code": 7}, ["place_code"]),
    ({"category": "<none>"}, ["description"]),
    ({"category": "NONE"}, ["category"]),
    ({"category": ["ELEC"]}, ["category"]),
    ({"category": {"a": 1}}, ["category"]),
    ({"description": "字" * 2001}, ["description"]),
    ({"description": {"text": "x"}}, ["description"]),
    ({"description": "响\u0000铃"}, ["description"]),
    ({"description": "响\u0007铃"}, ["description"]),
    ({"description": "\u202eevil"}, ["description"]),
    ({"description": "\ud800"}, ["description"]),
    ({"location_text": LONG_TEXT}, ["location_text"]),
    ({"location_text": "一行\n二行"}, ["location_text"]),
    ({"pin": {"lat": 91, "lon": 0}}, ["pin.lat"]),
    ({"pin": {"lat": 0, "lon": 181}}, ["pin.lon"]),
    ({"pin": {"lat": "38", "lon": 114}}, ["pin.lat"]),
    ({"pin": {"lat": True, "lon": 114}}, ["pin.lat"]),
    ({"pin": {"lat": 0, "lon": 0}}, ["pin.lat"]),
    ({"pin": {"lat": 38}}, ["pin.lon"]),
    ({"pin": {"lat": None, "lon": None}}, ["pin.lat", "pin.lon"]),
    ({"pin": {"lat": 38, "lon": 114, "datum": "mars"}}, ["pin.datum"]),
    ({"pin": 5}, ["pin"]),
    ({"pin": [38, 114]}, ["pin"]),
    ({"photos": "x"}, ["photos"]),
    ({"photos": [None]}, ["photos.0"]),
    ({"photos": [5]}, ["photos.0"]),
    ({"photos": [{"sha256": "abc"}]}, ["photos.0.sha256"]),
    ({"photos": [{}] * 10}, ["photos"]),
    ({"photos": [{"captured_at": "yesterday"}]}, ["photos.0.captured_at"]),
    ({"photos": [{"captured_at": "2026-11-02T09:00:00"}]}, ["photos.0.captured_at"]),
    ({"photos": [{"captured_at": "0001-01-01T00:00:00+14:00"}]}, ["photos.0.captured_at"]),
    ({"photos": [{"captured_at": 5}]}, ["photos.0.captured_at"]),
    ({"photos": [{"position": {"lat": 95, "lon": 0}}]}, ["photos.0.position.lat"]),
    ({"photos": [{"position": {**POSITION, "accuracy_m": -1}}]}, ["photos.0.position.accuracy_m"]),
    ({"photos": [{"position": 5}]}, ["photos.0.position"]),
    ({"anonymous": "yes"}, ["anonymous"]),
    ({"anonymous": 1}, ["anonymous"]),
    ({"anonymous": None}, ["anonymous"]),
    ({"anonymous": True}, ["anonymous"]),
    ({"claim_hash": "sha256:" + "0" * 32 + ":" + "0" * 64}, ["claim_hash"]),
    ({"claim_hash": "x"}, ["claim_hash"]),
    ({"unit": "HBJX-3"}, ["unit"]),
    ({"\ud800": 1}, ["\\ud800"]),
    ({"字" * 200: 1}, ["\\u5b57" * 10 + "\\u5b"]),
]


@pytest.fixture(scope="module")
def quiet(furnished, decoder, tmp_path_factory) -> House:
    """A house that nothing in this module's refusals changes."""
    made = _house_in(shutil.copytree(furnished, tmp_path_factory.mktemp("quiet") / "data"), decoder)
    yield made
    made.means.db.engine.dispose()


@pytest.fixture
def untouched(quiet: House):
    """The house, and afterwards the proof that nothing was written: no row, no object, nothing in staging."""
    for login in ("lixia", "hbjx-admin", "tianye"):
        quiet.token(login)
    before = rows(quiet), files(quiet)
    yield quiet
    assert (rows(quiet), files(quiet)) == before


@pytest.mark.parametrize(("told", "named"), FIELDS, ids=range(len(FIELDS)))
def test_a_field_that_cannot_be_is_refused_by_its_name_and_nothing_is_written(untouched, told, named):
    answer = send_raw(untouched, told)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid"), answer.json
    assert sorted(answer.json["errors"]) == sorted(named)
    assert all(fault["message"] for faults in answer.json["errors"].values() for fault in faults)


@pytest.mark.parametrize(
    ("told", "sent", "named"),
    [
        ([{"sha256": "0" * 64}], (SMALL,), "photos.0.sha256"),
        ([{}, {}], (SMALL,), "photos.1"),
        ([{"sha256": sha256(SMALL)}], (SMALL, OTHER), "photos"),
        ([{"sha256": sha256(SMALL)}, {}], (SMALL, OTHER), "photos.1.sha256"),
    ],
)
def test_photos_that_were_announced_and_those_that_came_must_agree(house, told, sent, named):
    house.token("lixia")
    before = rows(house)
    answer = send_raw(house, {"photos": told}, photos=sent)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [named])
    assert rows(house) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null x",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        "{'a': 1}",
        "[" * 200_000,
        '{"a":' * 50_000,
        b"\xff\xfe\xfa",
        '{"a": ' + "9" * 5000 + "}",
    ],
    ids=range(11),
)
def test_what_is_no_json_is_a_bad_request(untouched, text):
    answer = send_raw(untouched, text)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), answer.json
    plain = untouched.api("lixia", "POST", "/hazards", data=text, content_type="application/json")
    assert (plain.status_code, plain.json["code"]) == (400, "bad_request")


def test_a_name_said_twice_is_a_bad_request(untouched):
    text = '{"client_id": "x", "client_id": "y"}'
    answer = untouched.api("lixia", "POST", "/hazards", data=text, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


@pytest.mark.parametrize("text", ["null", "[]", "5", '"x"', "true"])
def test_json_that_is_no_object_is_refused(untouched, text):
    answer = send_raw(untouched, text)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid"), answer.json


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400])
def test_a_number_beyond_all_bounds_is_out_of_range(untouched, number):
    text = f'{{"client_id": "{uuid.uuid4()}", "category": "ELEC", "pin": {{"lat": {number}, "lon": 1}}}}'
    answer = send_raw(untouched, text)
    assert list(answer.json["errors"]) == ["pin.lat"]


@pytest.mark.parametrize("kind", ["html", "svg", "pdf"])
def test_what_is_no_photograph_is_refused_whatever_it_is_called(untouched, kind):
    answer = send_raw(untouched, {}, photos=(SMALL, getattr(files_of_any_kind, kind)()))
    assert (answer.status_code, answer.json["code"], answer.json["n"]) == (415, "unsupported_media", 2)


def test_an_empty_photo_is_refused(untouched):
    assert send_raw(untouched, {}, photos=(b"",)).status_code == 415
    assert send_raw(untouched, {}, photos=(SMALL, b"\xff")).status_code == 415


def test_a_photo_over_the_limit_is_too_large(untouched):
    told = {"client_id": str(uuid.uuid4()), "place_code": "HBJX-A3", "category": "ELEC"}
    head = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    named = b'; filename="a.jpg"'
    body = b"\r\n".join(
        (
            head % (b"hazard", b"") + json.dumps(told).encode(),
            head % (b"photo", named) + SMALL,
            head % (b"photo", named) + SMALL.ljust(OVER, b"\x00"),
            b"--x--\r\n",
        )
    )
    kind = "multipart/form-data; boundary=x"
    answer = untouched.api("lixia", "POST", "/hazards", data=body, content_type=kind)
    assert (answer.status_code, answer.json["code"], answer.json["what"]) == (413, "too_large", "photo")


def test_ten_photos_are_one_too_many(untouched):
    answer = send_raw(untouched, {}, photos=(SMALL,) * 10)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["photos"])


def test_no_photo_is_refused_by_form_and_by_json(untouched):
    answer = send_raw(untouched, {}, photos=())
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["photos"])
    told = {"client_id": str(uuid.uuid4()), "place_code": "HBJX-A3", "category": "ELEC"}
    answer = untouched.api("lixia", "POST", "/hazards", json=told)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["photos"])
    answer = untouched.api("lixia", "POST", "/hazards", json={**told, "photos": [{"sha256": sha256(OTHER)}]})
    assert answer.json["errors"]["photos.0.sha256"][0]["code"] == "photo_missing"


def test_a_form_without_boundary_or_part_is_a_bad_request(untouched):
    answer = untouched.api("lixia", "POST", "/hazards", data=b"x", content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    parts = {"photo": (io.BytesIO(SMALL), "a.jpg")}
    answer = untouched.api("lixia", "POST", "/hazards", data=parts, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")


def test_json_over_its_limit_is_too_large(untouched):
    text = json.dumps({"description": "x" * 256 * 1024})
    for answer in (
        untouched.api("lixia", "POST", "/hazards", data=text, content_type="application/json"),
        send_raw(untouched, text),
    ):
        assert (answer.status_code, answer.json["code"], answer.json["what"]) == (413, "too_large", "json")


@pytest.mark.parametrize("login", ["hbjx-admin", "tianye"])
def test_roles_that_do_not_report_are_refused_before_anything_is_kept(untouched, login):
    answer = send_raw(untouched, {}, login=login, photos=(OTHER,))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_nobody_reports_without_an_account_where_guests_are_not_allowed(untouched):
    places = ("HBJX-A3", untouched.scan_code("HBJX-A3"), "HBJX-DM", "NOWHERE", None)
    for place in places:
        answer = send_raw(untouched, {"place_code": place, "location_text": "东门"}, login=None, photos=(OTHER,))
        assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")


def test_a_guest_cannot_be_anonymous_without_a_pass(untouched):
    answer = send_raw(
        untouched, {"place_code": untouched.scan_code("HBJX-DM"), "anonymous": True}, login=None, photos=(OTHER,)
    )
    assert answer.json["errors"]["anonymous"][0]["code"] == "needs_pass"


def test_a_foreign_and_an_unknown_place_are_told_alike(untouched):
    foreign, unknown = (send_raw(untouched, {"place_code": code}) for code in ("RMYY-7N", "NO-SUCH"))
    assert foreign.data == unknown.data


def test_the_longest_texts_are_taken(house):
    number = house.report("lixia", description="字" * 2000, location_text="点" * 200)
    assert len(house.read("lixia", number)["description"]) == 2000


def test_texts_are_stripped_and_blank_is_unsaid(house):
    number = house.report("lixia", description="  线头\r\n裸露 \n", location_text=" \t ")
    seen = house.read("lixia", number)
    assert (seen["description"], seen["location_text"]) == ("线头\n裸露", None)


def test_a_phone_that_knows_no_position_sends_zero_and_it_is_no_position(house):
    nowhere = {"photos": [{"position": {"lat": 0, "lon": 0}}], "place_code": "<none>"}
    answer = send_raw(house, nowhere)
    assert list(answer.json["errors"]) == ["location_text"]
    assert send_raw(house, {"photos": [{"position": POSITION}], "place_code": "<none>"}).status_code == 201


def test_a_full_store_refuses_with_507_and_leaves_no_hazard(house, monkeypatch):
    house.token("lixia")
    before = rows(house)
    for fault, status, code in ((StoreFull, 507, "out_of_space"), (StoreUnavailable, 503, "unavailable")):

        def refuse(fault: type[Exception] = fault) -> None:
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(type(house.means.store), "begin", lambda _self, refuse=refuse: refuse())
            answer = house.send("lixia")
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert int(answer.headers["Retry-After"]) > 0
    assert rows(house) == before


def test_a_draft_photo_says_nothing_unless_told():
    assert DraftPhoto() == DraftPhoto(sha256=None, captured_at=None, position=None)


def test_who_found_it_and_from_where_stands_on_the_row(house):
    row = row_of(house, house.report("lixia"))
    assert (row.found_by, row.guest, row.anonymous) == ("snap", False, False)
    assert row.reporter_unit_id == house.actor("lixia").home_unit_id
    guest = row_of(house, house.report(None, place_code="HBJX-DM"))
    assert (guest.guest, guest.reporter_id, guest.reporter_unit_id) == (True, None, None)
    assert row.submitted_at == guest.submitted_at == house.clock()
    with house.means.db.read() as session:
        scopes = session.execute(
            select(HazardRow.client_scope).where(HazardRow.id.in_([row.id, guest.id]))
        ).scalars()
        assert sorted(scopes) == [f"account:{row.reporter_id}", f"place:{guest.place_id}"]
    assert timedelta(0) == row.arrived_at - row.submitted_at
