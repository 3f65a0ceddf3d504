"""Photos that come piece by piece: durable before they are told, whole before they are a hazard's."""

import hashlib
import io
import json
import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.core.db import table_of
from app.core.errors import BadRequest, NotFound, OffsetConflict
from app.core.holds import hold_objects
from app.evidence.gathering import PIECES_MOST
from app.evidence.growing import Piece, grow_upload
from app.evidence.orphans import remove_orphans
from app.evidence.upload_rows import FinishedUploadRow, UploadRow
from app.evidence.upload_sweep import sweep_uploads
from app.evidence.uploads import maker_of, upload_of
from app.keeping.layout import kept_tables
from app.tables import OBJECT_KEYS
from app.units.models import PlaceRow
from storage.filesystem import FileWriting
from storage.object_store import StoreFull, StoreUnavailable
from tests.conftest import SMALL
from tests.edges.phone import PIECE_TYPE, TUS, Phone, b64, by_hash, checksum, named
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


def test_a_finished_upload_can_be_ended_too(house, phone):
    path = phone.upload(PHOTO)
    assert Phone(house, "zhaoqiang").call("DELETE", path).status_code == 404
    assert phone.call("DELETE", path).status_code == 204
    assert phone.call("HEAD", path).status_code == phone.call("DELETE", path).status_code == 404
    assert rows(house, FinishedUploadRow) == 0
    # What is counted no more fills no disk.
    assert key_of(PHOTO) not in set(house.means.store.keys())
    assert report(phone, PHOTO).status_code == 422


@pytest.mark.parametrize("named_by", ["an upload", "a report", "a report of its own maker"])
def test_an_object_that_something_else_names_outlives_an_ended_upload(house, phone, named_by):
    other = phone if named_by == "a report of its own maker" else Phone(house, "zhaoqiang")
    other.upload(PHOTO)
    if named_by != "an upload":
        assert report(other, PHOTO).status_code == 201
    path = phone.upload(PHOTO)
    assert phone.call("DELETE", path).status_code == 204
    assert key_of(PHOTO) in set(house.means.store.keys())
    if named_by == "an upload":
        assert report(other, PHOTO).status_code == 201


def test_while_a_backup_copies_objects_an_ended_upload_leaves_its_own_to_the_sweep(house, phone):
    path = phone.upload(PHOTO)
    with house.means.db.write() as session:
        hold_objects(session, at=house.clock())
    assert phone.call("DELETE", path).status_code == 204
    assert rows(house, FinishedUploadRow) == 0
    assert key_of(PHOTO) in set(house.means.store.keys())


def test_a_store_that_cannot_remove_the_object_leaves_the_upload_where_it_was(house, phone, monkeypatch):
    path = phone.upload(PHOTO)

    def fail(*_told):
        raise StoreUnavailable("EIO")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.means.store), "remove", fail)
        assert phone.call("DELETE", path).status_code == 503
    assert phone.offset(path) == len(PHOTO)
    assert report(phone, PHOTO).status_code == 201


def test_an_upload_that_was_ended_while_its_last_bytes_came_leaves_no_object(house, phone):
    path = phone.begin(PHOTO)
    line = Line(PHOTO, before_end=lambda: phone.call("DELETE", path))
    with pytest.raises(NotFound):
        grow(house, path, 0, line, announced=len(PHOTO))
    assert key_of(PHOTO) not in set(house.means.store.keys())
    assert pieces(house) == []


def test_an_upload_that_a_report_has_taken_up_is_no_upload_any_more(house, phone):
    path = phone.upload(PHOTO)
    number = report(phone, PHOTO).json["number"]
    assert phone.call("DELETE", path).status_code == 404
    assert len(house.read("wangmin", number)["photos"]) == 1


def test_a_guest_with_a_pass_uploads_and_reports_once(house):
    with house.means.db.write() as session:
        session.execute(table_of(PlaceRow).update().where(PlaceRow.code == "HBJX-A3").values(allows_guests=True))
    scanned = house.scan_code("HBJX-A3")
    given = house.api(None, "POST", "/passes", json={"place_code": scanned})
    assert given.status_code == 201, given.json
    guest = Phone(house, shown=given.json["pass"])
    guest.upload(PHOTO)
    guest.upload(OTHER)
    first = report(guest, PHOTO, place_code=scanned)
    assert first.status_code == 201, first.json
    refused = guest.announce(OTHER)
    assert (refused.status_code, refused.json["reason"]) == (401, "pass_spent")
    assert report(guest, OTHER, place_code=scanned).status_code == 401
    refusals = [
        house.api(None, "POST", "/passes", json={"place_code": code})
        for code in (house.scan_code("HBJX-B1"), "HBJX-A3", "NOWHERE")
    ]
    assert {answer.status_code for answer in refusals} == {404}
    assert len({answer.data for answer in refusals}) == 1


@pytest.mark.parametrize("ended", [{"allows_guests": False}, {"retired_at": datetime(2026, 11, 1, tzinfo=UTC)}])
def test_the_pass_of_a_place_that_lets_nobody_in_any_more_announces_nothing(house, ended):
    place = table_of(PlaceRow)
    with house.means.db.write() as session:
        session.execute(place.update().where(place.c.code == "HBJX-A3").values(allows_guests=True))
    scanned = house.scan_code("HBJX-A3")
    shown = house.api(None, "POST", "/passes", json={"place_code": scanned}).json["pass"]
    guest = Phone(house, shown=shown)
    assert guest.announce(PHOTO).status_code == 201
    with house.means.db.write() as session:
        session.execute(place.update().where(place.c.code == "HBJX-A3").values(**ended))
    assert guest.announce(PHOTO).status_code == 401
    assert rows(house, UploadRow) == 1


def test_a_spent_anonymous_pass_announces_nothing(house):
    nameless = a_pass(house)
    nameless.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO), "anonymous": True}
    assert nameless.call("POST", "/hazards", json=told).status_code == 201
    refused = nameless.announce(OTHER)
    assert (refused.status_code, refused.json["reason"]) == (401, "pass_spent")


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


# --- the protocol ---------------------------------------------------------------------------------------


def test_options_tell_what_is_spoken(house):
    for path in ("/uploads", "/uploads/anything"):
        answer = house.api(None, "OPTIONS", path)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
        assert answer.headers["Tus-Max-Size"] == str(20 * 1024 * 1024)
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha256"


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_of_the_protocol_is_refused_and_ours_named(phone, version):
    path = phone.begin(PHOTO)
    for method, where in (("POST", "/uploads"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        answer = phone.call(method, where, headers={"Tus-Resumable": version})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
        assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": None}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": str(20 * 1024 * 1024 + 1)}, 413),
        ({"Upload-Metadata": None}, 400),
        ({"Upload-Metadata": "filename " + b64(b"a.jpg")}, 400),
        ({"Upload-Metadata": "sha256 ???"}, 400),
        ({"Upload-Metadata": "sha256 " + b64(b"AB" * 32)}, 400),
        ({"Upload-Metadata": named(PHOTO) + "," + named(OTHER)}, 400),
    ],
)
def test_an_announcement_that_cannot_be_taken_is_refused(house, phone, headers, status):
    answer = phone.announce(PHOTO, **headers)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert rows(house, UploadRow) == 0


def test_metadata_may_say_more_than_the_hash_and_nothing_of_it_is_kept(phone):
    answer = phone.announce(PHOTO, **{"Upload-Metadata": f"filename {b64(b'a.jpg')},{named(PHOTO)},is_live"})
    assert answer.status_code == 201
    assert answer.headers["Location"].startswith("/api/v1/uploads/")
    assert answer.headers["Upload-Expires"] == "Mon, 09 Nov 2026 01:00:00 GMT"


def test_the_first_bytes_may_come_with_the_announcement(house, phone):
    told = {"Upload-Length": str(len(PHOTO)), "Upload-Metadata": named(PHOTO), "Content-Type": PIECE_TYPE}
    answer = phone.call("POST", "/uploads", headers={**told, **checksum(PHOTO[:2000])}, data=PHOTO[:2000])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "2000")
    path = answer.headers["Location"].removeprefix("/api/v1")
    assert phone.patch(path, PHOTO[2000:], 2000).status_code == 204
    assert rows(house, FinishedUploadRow) == 1


def test_a_line_without_patch_may_post(phone):
    path = phone.begin(PHOTO)
    told = {"Upload-Offset": "0", "Content-Type": PIECE_TYPE}
    assert phone.call("POST", path, headers=told, data=PHOTO).status_code == 404
    answer = phone.call("POST", path, headers={**told, "X-HTTP-Method-Override": "PATCH"}, data=PHOTO)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(PHOTO)))


@pytest.mark.parametrize("offset", [0, 999, 1001, 10**9])
def test_a_wrong_offset_is_a_conflict_and_changes_nothing(house, phone, offset):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:1000], 0)
    answer = phone.patch(path, PHOTO[1000:], offset)
    assert (answer.status_code, answer.json["code"]) == (409, "offset_conflict")
    assert phone.offset(path) == 1000
    assert len(pieces(house)) == 1


def test_another_content_type_is_refused(phone):
    path = phone.begin(PHOTO)
    answer = phone.patch(path, PHOTO, 0, **{"Content-Type": "image/jpeg"})
    assert (answer.status_code, answer.json["code"]) == (415, "not_a_piece")
    assert phone.offset(path) == 0


def test_more_than_was_announced_is_refused_from_its_headers(phone):
    path = phone.begin(PHOTO)
    refused = phone.patch(path, PHOTO + b"x", 0)
    assert (refused.status_code, refused.json["what"], refused.json["limit"]) == (413, "photo", len(PHOTO))
    assert phone.offset(path) == 0


@pytest.mark.parametrize("with_announcement", [False, True])
def test_a_piece_in_chunks_is_refused_unread(house, phone, with_announcement):
    path = "/uploads" if with_announcement else phone.begin(PHOTO)
    told = {"Upload-Length": str(len(PHOTO)), "Upload-Metadata": named(PHOTO), "Upload-Offset": "0"}
    answer = phone.call(
        "POST" if with_announcement else "PATCH",
        path,
        headers={**told, "Content-Type": PIECE_TYPE, "Transfer-Encoding": "chunked"},
        input_stream=io.BytesIO(PHOTO),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, answer.json["code"]) == (411, "length_unsaid")
    assert rows(house, UploadRow) == (0 if with_announcement else 1)
    assert pieces(house) == []


def test_an_empty_piece_changes_nothing_and_writes_nothing(house, phone):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:50], 0)
    before = pieces(house)
    answer = phone.patch(path, b"", 50)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "50")
    assert pieces(house) == before


def test_a_piece_with_another_checksum_is_refused_and_not_kept(house, phone):
    path = phone.begin(PHOTO)
    assert phone.patch(path, PHOTO[:1000], 0, **checksum(PHOTO[:1000])).status_code == 204
    answer = phone.patch(path, PHOTO[1000:2000], 1000, **checksum(PHOTO[1001:2001]))
    assert (answer.status_code, answer.json["code"]) == (460, "piece_altered")
    assert phone.offset(path) == 1000
    assert len(pieces(house)) == 1
    assert phone.patch(path, PHOTO[1000:], 1000, **checksum(PHOTO[1000:])).status_code == 204
    assert rows(house, FinishedUploadRow) == 1


@pytest.mark.parametrize("said", ["sha1 " + b64(b"x" * 20), "sha256 " + b64(b"x" * 20), "sha256", "sha256 ?"])
def test_a_checksum_that_cannot_be_read_is_refused(phone, said):
    assert phone.patch(phone.begin(PHOTO), PHOTO, 0, **{"Upload-Checksum": said}).status_code == 400


def test_a_file_that_is_not_the_announced_one_is_dropped(house, phone):
    path = phone.begin(PHOTO)
    other = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    assert phone.patch(path, other[:5000], 0).status_code == 204
    answer = phone.patch(path, other[5000:], 5000)
    assert (answer.status_code, answer.json["code"]) == (460, "upload_altered")
    assert phone.call("HEAD", path).status_code == 404
    assert (rows(house, UploadRow), rows(house, FinishedUploadRow), pieces(house)) == (0, 0, [])
    assert key_of(other) not in set(house.means.store.keys())


@pytest.mark.parametrize("first", [10, 64, 500])
def test_what_is_no_photograph_is_refused_as_soon_as_its_first_bytes_are_known(house, phone, first):
    content = b"<script>alert(1)</script>" * 40
    path = phone.begin(content)
    answer = phone.patch(path, content[:first], 0)
    if first < 64:
        assert answer.status_code == 204
        answer = phone.patch(path, content[first:], first)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media")
    assert phone.call("HEAD", path).status_code == 404
    assert pieces(house) == []


def test_an_upload_expires_and_its_bytes_are_swept(house, phone):
    unfinished, finished = phone.begin(PHOTO), phone.upload(OTHER)
    phone.patch(unfinished, PHOTO[:1000], 0)
    house.clock.forward(days=7, seconds=-1)
    assert (phone.offset(unfinished), phone.offset(finished)) == (1000, len(OTHER))
    house.clock.forward(seconds=2)
    assert phone.call("HEAD", unfinished).status_code == phone.call("HEAD", finished).status_code == 404
    assert report(phone, OTHER).status_code == 422
    (name,) = pieces(house)
    lie_there_for(house, name, hours=25)
    assert sum(sweep_uploads(store=house.means.store, db=house.means.db, now=house.clock)) == 2
    lie_there_for(house, name, hours=2)
    assert sum(sweep_uploads(store=house.means.store, db=house.means.db, now=house.clock)) == 1
    assert (rows(house, UploadRow), rows(house, FinishedUploadRow), pieces(house)) == (0, 0, [])


def lie_there_for(house, name, *, hours):
    path = house.means.store.path_of_piece(name)
    os.utime(path, (path.stat().st_mtime - hours * 3600,) * 2)


def test_the_sweep_leaves_pieces_that_a_row_names_and_young_ones(house, phone):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:1000], 0)
    phone.patch(path, PHOTO[1000:2000], 1000)
    stray = house.means.store.begin()
    stray.write(b"stray")
    stray.keep_piece("0" * 32)
    for name in pieces(house):
        if name != "0" * 32:
            lie_there_for(house, name, hours=48)
    assert sum(sweep_uploads(store=house.means.store, db=house.means.db, now=house.clock)) == 0
    assert len(pieces(house)) == 3
    lie_there_for(house, "0" * 32, hours=27)
    assert sum(sweep_uploads(store=house.means.store, db=house.means.db, now=house.clock)) == 1
    assert phone.patch(path, PHOTO[2000:], 2000).status_code == 204


def test_a_finished_upload_is_no_orphan_before_it_expires(house, phone):
    phone.upload(PHOTO)
    path = house.means.store.path_of(key_of(PHOTO))
    os.utime(path, (path.stat().st_mtime - 6 * 86400,) * 2)

    def sweep():
        return sum(
            remove_orphans(store=house.means.store, db=house.means.db, named_by=OBJECT_KEYS, now=house.clock)
        )

    assert sweep() == 0
    house.clock.forward(days=8)
    list(sweep_uploads(store=house.means.store, db=house.means.db, now=house.clock))
    assert sweep() == 1


def test_uploads_of_one_account_are_bounded_in_number_and_bytes(house, phone):
    limits = house.means.settings.limits
    tight = replace(limits, uploads=3, upload_bytes=3 * len(PHOTO) - 1)
    house.app.extensions["runtime"] = replace(house.means, settings=replace(house.means.settings, limits=tight))
    phone.upload(PHOTO)
    phone.begin(PHOTO)
    refused = phone.announce(PHOTO)
    assert (refused.status_code, refused.json["code"]) == (429, "uploads_full")
    assert refused.json["title"].startswith("已经上传、还没上报的照片太多了")
    assert refused.headers["Retry-After"] == "3600"
    small = phone.begin(SMALL)
    assert phone.announce(SMALL).status_code == 429
    assert Phone(house, "zhaoqiang").announce(SMALL).status_code == 201
    phone.call("DELETE", small)
    assert phone.announce(SMALL).status_code == 201


def a_pass(house) -> Phone:
    return Phone(house, shown=house.api("lixia", "POST", "/passes").json["pass"])


def limited(house, **limits):
    tight = replace(house.means.settings.limits, **limits)
    house.app.extensions["runtime"] = replace(house.means, settings=replace(house.means.settings, limits=tight))


def test_passes_of_one_unit_share_a_bound_and_each_has_its_own(house):
    limited(house, uploads=19)
    one, two = a_pass(house), a_pass(house)
    answers = [one.announce(SMALL) for _ in range(19)]
    assert [answer.status_code for answer in answers] == [201] * 18 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    shared = [two.announce(SMALL) for _ in range(2)]
    assert [answer.status_code for answer in shared] == [201, 429]
    assert shared[-1].json["code"] == "uploads_full"
    # Others' photos are reported any minute.
    assert shared[-1].headers["Retry-After"] == "60"


def test_who_brings_no_byte_for_an_hour_keeps_no_other_pass_waiting(house):
    limited(house, uploads=3)
    idle, busy, late = a_pass(house), a_pass(house), a_pass(house)
    idle.begin(PHOTO)
    idle.upload(OTHER)
    path = busy.begin(PHOTO)
    assert late.announce(SMALL).status_code == 429
    house.clock.forward(minutes=59)
    assert busy.patch(path, PHOTO[:1000], 0).status_code == 204
    assert late.announce(SMALL).status_code == 429
    house.clock.forward(minutes=2)
    assert [late.announce(SMALL).status_code for _ in range(3)] == [201, 201, 429]


def test_bytes_that_lie_on_the_disk_are_counted_until_they_expire(house):
    limited(house, upload_bytes=len(OTHER) + 500 + len(SMALL))
    idle, late = a_pass(house), a_pass(house)
    idle.upload(OTHER)
    idle.patch(idle.begin(SMALL), SMALL[:500], 0)
    house.clock.forward(hours=2)
    # Of what was announced only what came.
    path = late.begin(SMALL)
    assert late.announce(SMALL).status_code == 429
    assert late.call("DELETE", path).status_code == 204
    house.clock.forward(hours=23)
    assert [late.announce(SMALL).status_code for _ in range(2)] == [201, 201]


def test_what_comes_under_a_pass_is_kept_for_a_day_after_its_last_byte(house):
    nameless = a_pass(house)
    announced = nameless.announce(PHOTO)
    path = announced.headers["Location"].removeprefix("/api/v1")
    assert announced.headers["Upload-Expires"] == "Tue, 03 Nov 2026 01:00:00 GMT"
    house.clock.forward(hours=23)
    assert nameless.patch(path, PHOTO[:1000], 0).headers["Upload-Expires"] == "Wed, 04 Nov 2026 00:00:00 GMT"
    house.clock.forward(hours=23)
    finished = nameless.patch(path, PHOTO[1000:], 1000)
    assert finished.headers["Upload-Expires"] == "Wed, 04 Nov 2026 23:00:00 GMT"
    house.clock.forward(hours=24)
    assert nameless.call("HEAD", path).status_code == 404


def test_nobody_uploads_nothing(house):
    assert Phone(house).announce(PHOTO).status_code == 401
    assert Phone(house, shown="forged").announce(PHOTO).status_code == 401


def test_a_session_without_its_token_is_refused(house):
    browser = house.browser("lixia")
    told = {**TUS, "Upload-Length": str(len(PHOTO)), "Upload-Metadata": named(PHOTO)}
    answer = browser.post("/api/v1/uploads", headers=told)
    assert (answer.status_code, answer.json["code"]) == (400, "csrf")
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_refusals_speak_the_callers_language(phone):
    path = phone.begin(PHOTO)
    said = {
        tongue: phone.patch(path, PHOTO, 5, **{"Accept-Language": tongue}).json["title"]
        for tongue in ("zh-CN", "en")
    }
    assert said["zh-CN"].startswith("照片续传")
    assert said["en"].startswith("The photo does not continue")


# --- the line breaks, two send at once, the store is full ---------------------------------------------------


class Line:
    """A body that comes in these blocks and then breaks, or does something first."""

    def __init__(self, *blocks, breaks=False, before_end=lambda: None):
        self._blocks = list(blocks)
        self._breaks = breaks
        self._before_end = before_end

    def read(self, _size):
        if self._blocks:
            return self._blocks.pop(0)
        self._before_end()
        if self._breaks:
            raise BadRequest(reason="cut_short")
        return b""


def standing(house, path, login="lixia"):
    with house.means.db.read() as session:
        return upload_of(session, path.rpartition("/")[2], by=maker_of(house.actor(login)), at=house.clock())


def grow(house, path, offset, line, **more):
    return grow_upload(
        standing(house, path), Piece(offset, **more), line, store=house.means.store, db=house.means.db
    )


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_what_came_before_the_line_broke_is_kept(house, phone, part):
    cut = int(len(PHOTO) * part)
    path = phone.begin(PHOTO)
    with pytest.raises(BadRequest):
        grow(house, path, 0, Line(PHOTO[:cut], breaks=True), announced=len(PHOTO))
    assert phone.offset(path) == cut
    with pytest.raises(BadRequest):
        grow(house, path, cut, Line(PHOTO[cut : cut + 7], breaks=True), announced=len(PHOTO) - cut)
    assert phone.offset(path) == cut + 7
    assert phone.patch(path, PHOTO[cut + 7 :], cut + 7).status_code == 204
    with house.means.store.open(key_of(PHOTO)) as stream:
        assert stream.read() == PHOTO


def test_nothing_is_kept_of_a_piece_with_a_checksum_whose_line_broke(house, phone):
    path = phone.begin(PHOTO)
    digest = hashlib.sha256(PHOTO).digest()
    with pytest.raises(BadRequest):
        grow(house, path, 0, Line(PHOTO[:900], breaks=True), announced=len(PHOTO), checksum=digest)
    assert phone.offset(path) == 0
    assert pieces(house) == []
    assert not list(house.means.store.staging.iterdir())


@pytest.mark.parametrize("rival", ["piece", "whole"])
def test_of_two_who_send_at_once_one_wins_and_nothing_mixes(house, phone, rival):
    path = phone.begin(PHOTO)
    sent = PHOTO[:3000] if rival == "piece" else PHOTO
    line = Line(PHOTO[:5000], before_end=lambda: phone.patch(path, sent, 0))
    with pytest.raises(OffsetConflict):
        grow(house, path, 0, line, announced=5000)
    assert phone.offset(path) == len(sent)
    if rival == "piece":
        assert len(pieces(house)) == 1
        assert phone.patch(path, PHOTO[3000:], 3000).status_code == 204
    with house.means.store.open(key_of(PHOTO)) as stream:
        assert stream.read() == PHOTO


def test_a_rival_with_other_bytes_does_not_end_what_was_finished(house, phone):
    path = phone.begin(PHOTO)
    wrong = PHOTO[:-1] + b"?"
    with pytest.raises(OffsetConflict):
        grow(house, path, 0, Line(wrong, before_end=lambda: phone.patch(path, PHOTO, 0)), announced=len(wrong))
    assert phone.offset(path) == len(PHOTO)


def test_an_upload_that_was_ended_while_bytes_came_stays_ended(house, phone):
    path = phone.begin(PHOTO)
    line = Line(PHOTO[:5000], before_end=lambda: phone.call("DELETE", path))
    with pytest.raises(NotFound):
        grow(house, path, 0, line, announced=5000)
    assert pieces(house) == []


def test_pieces_that_the_store_has_lost_end_the_upload(house, phone):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:1000], 0)
    (name,) = pieces(house)
    house.means.store.remove_piece(name)
    assert phone.patch(path, PHOTO[1000:], 1000).status_code == 404
    assert phone.call("HEAD", path).status_code == 404


@pytest.mark.parametrize(("moment", "full"), [("write", True), ("keep", False), ("keep_piece", True)])
def test_a_store_that_cannot_keep_it_leaves_the_upload_where_it_was(house, phone, monkeypatch, moment, full):
    path = phone.begin(PHOTO)
    phone.patch(path, PHOTO[:1000], 0)

    def fail(*_told):
        raise StoreFull("ENOSPC") if full else StoreUnavailable("EIO")

    piece = PHOTO[1000:2000] if moment == "keep_piece" else PHOTO[1000:]
    with monkeypatch.context() as patch:
        patch.setattr(FileWriting, moment, fail)
        answer = phone.patch(path, piece, 1000)
    assert answer.status_code == (507 if full else 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert phone.offset(path) == 1000
    assert not list(house.means.store.staging.iterdir())
    assert phone.patch(path, PHOTO[1000:], 1000).status_code == 204


@pytest.fixture
def written(monkeypatch):
    """The bytes of every write into the store."""
    sizes = []
    write = FileWriting.write

    def counted(writing, part, /):
        sizes.append(len(part))
        write(writing, part)

    monkeypatch.setattr(FileWriting, "write", counted)
    return sizes


def test_a_last_piece_whose_line_breaks_writes_no_more_than_it_brings(house, phone, written):
    path = phone.begin(PHOTO)
    came = len(PHOTO) - 1000
    phone.patch(path, PHOTO[:came], 0)
    written.clear()
    for at in range(came, came + 20):
        with pytest.raises(BadRequest):
            grow(house, path, at, Line(PHOTO[at : at + 1], breaks=True), announced=len(PHOTO) - at)
    assert sum(written) == 20
    assert phone.patch(path, PHOTO[came + 20 :], came + 20).status_code == 204
    assert (rows(house, FinishedUploadRow), pieces(house)) == (1, [])


def test_many_small_pieces_do_not_make_a_large_one_be_written_again(house, phone, written):
    path = phone.begin(PHOTO)
    came = len(PHOTO) - 1000
    phone.patch(path, PHOTO[:came], 0)
    written.clear()
    for at in range(came, came + 150):
        assert phone.patch(path, PHOTO[at : at + 1], at).status_code == 204
    assert sum(written) < 1000 < came
    assert len(pieces(house)) <= PIECES_MOST + 1
    assert phone.patch(path, PHOTO[came + 150 :], came + 150).status_code == 204


@pytest.mark.parametrize("moment", ["write", "keep_piece"])
def test_pieces_that_cannot_be_gathered_leave_the_upload_and_nothing_else(house, phone, monkeypatch, moment):
    path = phone.begin(PHOTO)
    for at in range(PIECES_MOST):
        phone.patch(path, PHOTO[at * 100 : at * 100 + 100], at * 100)
    before = pieces(house)
    assert len(before) == PIECES_MOST
    honest, calls = getattr(FileWriting, moment), []

    def fail_the_second_time(*told):
        calls.append(told)
        if len(calls) == 2:
            raise StoreUnavailable("EIO")
        honest(*told)

    offset = PIECES_MOST * 100
    with monkeypatch.context() as patch:
        patch.setattr(FileWriting, moment, fail_the_second_time)
        assert phone.patch(path, PHOTO[offset : offset + 100], offset).status_code == 503
    assert phone.offset(path) == offset
    assert pieces(house) == before
    assert not list(house.means.store.staging.iterdir())
    assert phone.patch(path, PHOTO[offset:], offset).status_code == 204


def test_on_the_worst_line_the_row_stays_small(house, phone):
    path = phone.begin(PHOTO)
    for at in range(100):
        assert phone.patch(path, PHOTO[at * 20 : at * 20 + 20], at * 20).status_code == 204
        assert len(pieces(house)) <= 33
    assert phone.patch(path, PHOTO[2000:], 2000).status_code == 204


def accounts_that_upload(house) -> set[str]:
    with house.means.db.read() as session:
        makers = [
            maker
            for model in (UploadRow, FinishedUploadRow)
            for maker in session.execute(select(table_of(model).c.maker)).scalars()
        ]
    return {maker for maker in makers if maker.startswith("account:")}


def test_no_account_stays_beside_the_bytes_of_an_anonymous_report(house, phone):
    """The phone uploaded under its account before the box was ticked, and goes on doing so afterwards."""
    phone.upload(PHOTO)
    phone.patch(phone.begin(PHOTO), PHOTO[:1000], 0)
    nameless = a_pass(house)
    nameless.upload(PHOTO)
    nameless.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO), "anonymous": True}
    assert nameless.call("POST", "/hazards", json=told).status_code == 201
    assert (accounts_that_upload(house), rows(house, FinishedUploadRow)) == (set(), 0)
    phone.upload(PHOTO)
    phone.patch(phone.begin(PHOTO), PHOTO[:1000], 0)
    house.work()
    assert (accounts_that_upload(house), rows(house, FinishedUploadRow)) == (set(), 0)
    assert key_of(PHOTO) not in set(house.means.store.keys())
    # Whoever had them sends them again.
    assert report(phone, PHOTO).json["errors"]["photos.0.sha256"][0]["code"] == "photo_missing"
    phone.upload(PHOTO)
    assert report(phone, PHOTO).status_code == 201


def test_a_named_report_keeps_its_photo_when_an_anonymous_one_has_the_same_bytes(house, phone):
    phone.upload(PHOTO)
    number = report(phone, PHOTO).json["number"]
    nameless = a_pass(house)
    nameless.upload(PHOTO)
    told = {"client_id": str(uuid.uuid4()), **REPORT, "photos": by_hash(PHOTO), "anonymous": True}
    assert nameless.call("POST", "/hazards", json=told).status_code == 201
    house.work()
    with house.means.store.open(key_of(PHOTO)) as stream:
        assert stream.read() == PHOTO
    assert house.read("wangmin", number)["photos"][0]["sha256"] == key_of(PHOTO)


def test_a_backup_holds_what_came_whole_and_not_what_did_not(house, phone):
    with house.means.db.engine.connect() as connection:
        names = {table.name for table in kept_tables(connection)}
    assert "finished_upload" in names
    assert "upload" not in names
