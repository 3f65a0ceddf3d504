"""Photos that come piece by piece: durable before they are told, whole before they are a hazard's."""

import hashlib
import io
import json
import uuid

import pytest
from sqlalchemy import func, select

from app.core.db import table_of
from app.evidence.upload_rows import FinishedUploadRow, UploadRow
from app.units.models import PlaceRow
from tests.edges.phone import PIECE_TYPE, Phone, by_hash
from tests.photos import photo

PHOTO = photo(size=(640, 480), seed=7)
OTHER = photo(size=(320, 240), seed=8)
REPORT = {"place_code": "HBJX-A3", "category": "ELEC", "description": "配电箱门锁坏"}


@pytest.fixture
def phone(house) -> Phone:
    return Phone(house, "lixia")


def key_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def rows(house, model) -> int:
    with house.means.db.read() as session:
        return session.execute(select(func.count()).select_from(table_of(model))).scalar_one()


def pieces(house) -> list[str]:
    return [name for name, _age in house.means.store.pieces()]


def report(phone, *contents, **more):
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(*contents), **more}
    return phone.call("POST", "/hazards", json=told)


@pytest.mark.parametrize("count", [1, 2, 7, 70])
def test_a_photo_in_pieces_becomes_the_object_of_its_hash(house, phone, count):
    path = phone.upload(PHOTO, pieces=count)
    assert phone.offset(path) == len(PHOTO)
    with house.means.store.open(key_of(PHOTO)) as stream:
        assert stream.read() == PHOTO
    assert (rows(house, UploadRow), rows(house, FinishedUploadRow), pieces(house)) == (0, 1, [])
    assert not list(house.means.store.staging.iterdir())


def test_a_report_by_json_takes_up_what_was_uploaded(house, phone):
    phone.upload(PHOTO)
    phone.upload(OTHER, pieces=3)
    answer = report(phone, OTHER, PHOTO)
    assert answer.status_code == 201, answer.json
    assert answer.json["receipt"]["photos"] == [
        {"sha256": key_of(content), "bytes": len(content)} for content in (OTHER, PHOTO)
    ]
    assert rows(house, FinishedUploadRow) == 0


def test_a_repeat_after_the_uploads_are_used_up_gives_the_same_number(house, phone):
    phone.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO)}
    first, again = (phone.call("POST", "/hazards", json=told) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["number"] == again.json["number"]
    assert first.json["receipt"] == again.json["receipt"]


def test_photos_uploaded_and_photos_sent_along_make_one_report(house, phone):
    phone.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO, OTHER)}
    answer = house.api(
        "lixia",
        "POST",
        "/hazards",
        data={"hazard": json.dumps(told), "photo": [(io.BytesIO(OTHER), "x.jpg")]},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.json
    assert [it["sha256"] for it in answer.json["receipt"]["photos"]] == [key_of(PHOTO), key_of(OTHER)]


def test_a_photo_nobody_uploaded_is_missing(phone):
    phone.begin(PHOTO)
    answer = report(phone, PHOTO)
    assert answer.status_code == 422
    assert answer.json["errors"]["photos.0.sha256"][0]["code"] == "photo_missing"


def test_another_persons_upload_is_missing_and_its_address_absent(house, phone):
    path = phone.upload(PHOTO)
    foreign = Phone(house, "zhaoqiang")
    assert report(foreign, PHOTO).status_code == 422
    for method in ("HEAD", "DELETE", "PATCH"):
        headers = {"Content-Type": PIECE_TYPE, "Upload-Offset": "0"} if method == "PATCH" else {}
        theirs = foreign.call(method, path, headers=headers, data=b"" if method == "PATCH" else None)
        absent = foreign.call(method, "/uploads/AAAAAAAAAAAAAAAAAAAAAA", headers=headers)
        assert theirs.status_code == absent.status_code == 404
        assert theirs.data == absent.data
    assert phone.offset(path) == len(PHOTO)


def test_actions_take_up_uploads_too(house, phone):
    number = house.report("lixia")
    house.accept(number)
    repair = Phone(house, "zhanglei")
    repair.upload(PHOTO)
    told = {"version": 2, "done": "已更换", "finished_at": house.clock().isoformat()}
    path = f"/hazards/{number}/actions/rectify"
    assert repair.call("POST", path, json={**told, "photos": by_hash(OTHER)}).status_code == 422
    done = repair.call("POST", path, json={**told, "photos": by_hash(PHOTO)})
    assert done.status_code == 200, done.json
    assert rows(house, FinishedUploadRow) == 0


def test_an_ended_upload_is_gone(house, phone):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:1000], 0)
    assert phone.call("DELETE", path).status_code == 204
    assert phone.call("HEAD", path).status_code == 404
    assert (rows(house, UploadRow), pieces(house)) == (0, [])


def test_a_guest_with_a_pass_uploads_and_reports_once(house):
    with house.means.db.write() as session:
        session.execute(table_of(PlaceRow).update().where(PlaceRow.code == "HBJX-A3").values(allows_guests=True))
    given = house.api(None, "POST", "/passes", json={"place_code": "HBJX-A3"})
    assert given.status_code == 201, given.json
    guest = Phone(house, shown=given.json["pass"])
    guest.upload(PHOTO)
    first = report(guest, PHOTO)
    assert first.status_code == 201, first.json
    guest.upload(OTHER)
    assert report(guest, OTHER).status_code == 401
    closed = house.api(None, "POST", "/passes", json={"place_code": "HBJX-B1"})
    absent = house.api(None, "POST", "/passes", json={"place_code": "NOWHERE"})
    assert closed.status_code == absent.status_code == 404
    assert closed.data == absent.data


def test_an_anonymous_report_takes_up_what_its_pass_uploaded(house):
    shown = house.api("lixia", "POST", "/passes").json["pass"]
    nameless = Phone(house, shown=shown)
    nameless.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO), "anonymous": True}
    first = nameless.call("POST", "/hazards", json=told)
    assert first.status_code == 201, first.json
    house.work()
    assert key_of(PHOTO) not in set(house.means.store.keys())
    again = nameless.call("POST", "/hazards", json=told)
    assert (again.status_code, again.json["number"]) == (200, first.json["number"])
    assert again.json["receipt"]["photos"] == [{"sha256": key_of(PHOTO), "bytes": None}]
