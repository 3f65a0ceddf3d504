import hashlib
import html
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.errors import OutOfSpace
from app.evidence.intake import PhotoSink
from app.evidence.models import WitnessRow
from app.hazards.models import HazardRow
from tests.conftest import SMALL, House
from tests.edges.visitor import Visitor, faults_of, hidden_fields, report_fields, untimed
from tests.photos import photo

OTHER = photo(size=(64, 48), seed=9)


def count_of(house: House, row: type = HazardRow) -> int:
    with house.means.db.read() as session:
        return session.execute(select(func.count()).select_from(row)).scalar_one()


def number_in(text: str) -> str:
    match = re.search(r"HZ-\d{4}-\d{6}", text)
    assert match is not None
    return match[0]


def nameless(visitor: Visitor, path: str, **fields: Any) -> TestResponse:
    """Report without an account; the receipt."""
    sent = visitor.fill(path, **fields)
    assert (sent.status_code, sent.location) == (303, "/sent")
    return visitor.get(sent.location)


def again_from(visitor: Visitor, hidden: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same form in another browser: everything but its token."""
    token = dict(hidden_fields(visitor.get("/report").text))["csrf_token"]
    return [(name, token if name == "csrf_token" else value) for name, value in hidden]


def test_worker_reports_and_reads_the_receipt(house):
    worker = Visitor(house, "lixia")
    sent = worker.fill("/report", photos=(SMALL, OTHER), **report_fields())
    assert sent.status_code == 303
    receipt = worker.get(sent.location)
    assert "三号车间安全员王敏 24 小时内受理" in receipt.text
    assert "用电隐患由王敏负责" in receipt.text
    assert "2 张照片" in receipt.text
    assert receipt.headers["Cache-Control"] == "no-store"
    assert number_in(sent.location) in worker.get("/mine").text


def test_a_receipt_is_for_whoever_reported(house):
    number = house.report("lixia")
    assert Visitor(house, "lixia").get(f"/receipt/{number}").status_code == 200
    for other in ("wangmin", "zhanglei", "tianye"):
        assert Visitor(house, other).get(f"/receipt/{number}").status_code == 404


def test_a_double_tap_makes_one_hazard(house):
    worker = Visitor(house, "lixia")
    hidden = hidden_fields(worker.get("/report").text)
    first = worker.send("/report", hidden, photos=(SMALL,), **report_fields())
    second = worker.send("/report", hidden, photos=(SMALL,), **report_fields())
    assert first.location == second.location
    assert second.status_code == 303


def test_the_same_form_with_other_words_is_told_to_open_a_new_one(house):
    worker = Visitor(house, "lixia")
    hidden = hidden_fields(worker.get("/report").text)
    worker.send("/report", hidden, photos=(SMALL,), **report_fields())
    again = worker.send("/report", hidden, photos=(SMALL,), **report_fields(description="别的"))
    assert again.status_code == 409
    assert 'href="/report">重新上报' in again.text
    assert f'href="/hazards/{number_in(again.text)}"' in again.text


def test_an_anonymous_form_that_comes_again_with_other_words_names_no_number(house):
    worker = Visitor(house, "lixia")
    hidden = hidden_fields(worker.get("/report").text)
    worker.send("/report", hidden, photos=(SMALL,), **report_fields(anonymous="1"))
    again = worker.send("/report", hidden, photos=(SMALL,), **report_fields(anonymous="1", description="别的"))
    assert again.status_code == 409
    assert "HZ-" not in again.text


def test_a_report_without_place_and_words_says_both_and_keeps_the_photo(house):
    before = count_of(house)
    worker = Visitor(house, "lixia")
    refused = worker.fill("/report", location_text="", description="  ")
    assert refused.status_code == 422
    assert faults_of(refused) == ["location_text", "description"]
    assert count_of(house) == before
    kept = hidden_fields(refused.text)
    assert [name for name, _ in kept].count("kept") == 1
    sent = worker.send("/report", kept, **report_fields())
    assert sent.status_code == 303
    assert len(house.read("wangmin", number_in(sent.location))["photos"]) == 1


def test_kept_and_fresh_photos_stay_in_order(house):
    worker = Visitor(house, "lixia")
    kept = hidden_fields(worker.fill("/report", photos=(OTHER,)).text)
    sent = worker.send("/report", kept, photos=(SMALL,), **report_fields())
    hashes = [p["sha256"] for p in house.read("wangmin", number_in(sent.location))["photos"]]
    straight = house.read("wangmin", house.report(photos=(OTHER, SMALL)))["photos"]
    assert hashes == [p["sha256"] for p in straight]


def test_a_kept_photo_of_somebody_else_opens_nothing(house):
    kept = hidden_fields(Visitor(house, "zhaoqiang").fill("/report").text)
    token = dict(kept)["kept"]
    worker = Visitor(house, "lixia")
    hidden = [*hidden_fields(worker.get("/report").text), ("kept", token)]
    refused = worker.send("/report", hidden, **report_fields())
    assert refused.status_code == 422
    assert faults_of(refused) == ["photo"]


def test_kept_photos_count_towards_nine(house):
    worker = Visitor(house, "lixia")
    kept = hidden_fields(worker.fill("/report", photos=(SMALL, OTHER)).text)
    eight = tuple(photo(size=(32, 24), seed=20 + n) for n in range(8))
    refused = worker.send("/report", kept, photos=eight, **report_fields())
    assert refused.status_code == 422
    assert "一次最多 9 张照片" in refused.text


def test_a_file_that_is_no_photo_is_named_and_takes_no_words_with_it(house):
    before = count_of(house)
    worker = Visitor(house, "lixia")
    refused = worker.fill("/report", photos=(SMALL, b"<svg>" * 40), **report_fields(anonymous="1"))
    assert refused.status_code == 415
    assert "第 2 个文件不是能用的照片" in refused.text
    assert ">配电箱门锁坏</textarea>" in refused.text
    assert '<option value="HBJX-A3" selected>' in refused.text
    assert re.search(r'id="anonymous"[^>]* checked', refused.text)
    assert "kept" not in dict(hidden_fields(refused.text))
    assert count_of(house) == before


def test_what_was_said_about_lost_photos_is_lost_with_them(house):
    said = '[{"captured_at": "2026-11-02T01:00:00Z"}]'
    worker = Visitor(house, "lixia")
    hidden = [(n, v) for n, v in hidden_fields(worker.get("/report").text) if n != "captured_positions"]
    kept = worker.send("/report", hidden, photos=(SMALL,), captured_positions=said, description="")
    assert "captured_at" in dict(hidden_fields(kept.text))["captured_positions"]
    lost = worker.send("/report", hidden, photos=(b"<svg>" * 40,), captured_positions=said, description="")
    assert dict(hidden_fields(lost.text))["captured_positions"] == ""


def test_a_full_store_keeps_the_words_and_says_when_to_come_back(house, monkeypatch):
    before = count_of(house)

    def full(_sink):
        raise OutOfSpace(retry_after=30)

    monkeypatch.setattr(PhotoSink, "keep", full)
    refused = Visitor(house, "lixia").fill("/report", **report_fields())
    assert (refused.status_code, refused.headers["Retry-After"]) == (507, "30")
    assert "存储空间已满" in refused.text
    assert ">配电箱门锁坏</textarea>" in refused.text
    assert count_of(house) == before


def test_a_photo_over_the_limit_is_told_with_the_limit(house):
    huge = b"\xff\xd8\xff\xe0" + bytes(20 * 1024 * 1024)
    refused = Visitor(house, "lixia").fill("/report", photos=(huge,), **report_fields())
    assert refused.status_code == 413
    assert "20 MB" in refused.text
    assert ">配电箱门锁坏</textarea>" in refused.text


def test_a_request_refused_by_its_headers_shows_no_emptied_form(house):
    sent = Visitor(house, "lixia").client.post(
        "/report",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024)},
    )
    assert sent.status_code == 413
    assert "report-form" not in sent.text
    assert "文件太大" in sent.text


def test_no_photo_at_all_is_a_fault_beside_the_camera(house):
    refused = Visitor(house, "lixia").fill("/report", photos=(), **report_fields())
    assert (refused.status_code, faults_of(refused)) == (422, ["photo"])


def test_a_statement_about_a_photo_that_never_came_makes_no_hazard(house):
    refused = Visitor(house, "lixia").fill("/report", photos=(), **report_fields(captured_positions="[{}]"))
    assert (refused.status_code, faults_of(refused)) == (422, ["photo"])


def test_the_phones_position_becomes_a_witness(house):
    said = '[{"position": {"lat": 38.04, "lon": 114.5, "accuracy_m": 12, "datum": "wgs84"}}]'
    before = count_of(house, WitnessRow)
    worker = Visitor(house, "lixia")
    hidden = [(n, v) for n, v in hidden_fields(worker.get("/report").text) if n != "captured_positions"]
    sent = worker.send("/report", hidden, photos=(SMALL,), **report_fields(captured_positions=said))
    assert sent.status_code == 303
    witnesses = house.read("wangmin", number_in(sent.location))["photos"][0]["witnesses"]
    assert [w["source"] for w in witnesses if w["source"] == "phone"] == ["phone"]
    assert count_of(house, WitnessRow) > before


@pytest.mark.parametrize("said", ["{", "7", '[{"position": {"lat": "x"}}]', '[{"sha256": "' + "0" * 64 + '"}]'])
def test_what_the_phone_says_unreadably_counts_as_unsaid(house, said):
    worker = Visitor(house, "lixia")
    hidden = [(n, v) for n, v in hidden_fields(worker.get("/report").text) if n != "captured_positions"]
    sent = worker.send("/report", hidden, photos=(SMALL,), **report_fields(captured_positions=said))
    assert sent.status_code == 303


def test_an_anonymous_report_shows_its_code_once_and_can_be_followed_and_claimed(house):
    worker = Visitor(house, "lixia")
    hidden = hidden_fields(worker.get("/report").text)
    sent = worker.send("/report", hidden, photos=(SMALL,), **report_fields(anonymous="1"))
    assert (sent.status_code, sent.location) == (303, "/sent")
    receipt = worker.get(sent.location)
    number = number_in(receipt.text)
    code = re.search(r'class="code">([A-Z0-9-]{14})<', receipt.text)[1]
    again = worker.send("/report", hidden, photos=(SMALL,), **report_fields(anonymous="1"))
    assert untimed(worker.get(again.location).text) == untimed(receipt.text)
    elsewhere = Visitor(house, "lixia")
    repeated = elsewhere.send(
        "/report", again_from(elsewhere, hidden), photos=(SMALL,), **report_fields(anonymous="1")
    )
    unshown = elsewhere.get(repeated.location).text
    assert number in unshown
    assert 'class="code"' not in unshown
    assert "领奖码在第一次的回执上显示过" in unshown
    assert number not in worker.get("/mine").text
    stranger = Visitor(house)
    found = stranger.post("/follow", number=number.lower(), code=code.lower())
    assert "配电箱门锁坏" in found.text
    assert "您 上报了" in found.text
    assert stranger.post("/follow", number=number, code="2222-2222-2222").status_code == 404
    claimed = worker.post("/claim", number=number, code=code)
    assert claimed.status_code == 303
    assert "积分会记到您名下" in worker.get("/mine").text


def test_an_anonymous_report_keeps_no_account(house):
    worker = Visitor(house, "lixia")
    number = number_in(nameless(worker, "/report", **report_fields(anonymous="1")).text)
    with house.means.db.read() as session:
        row = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
    assert (row.reporter_id, row.anonymous) == (None, True)


def test_followed_pictures_travel_inside_the_page(house):
    receipt = nameless(Visitor(house, "lixia"), "/report", **report_fields(anonymous="1"))
    code = re.search(r'class="code">([A-Z0-9-]{14})<', receipt.text)[1]
    house.work()
    found = Visitor(house).post("/follow", number=number_in(receipt.text), code=code)
    assert "data:image/jpeg;base64," in found.text
    assert "/photos/" not in found.text


def test_a_guest_reports_where_guests_are_allowed_and_gets_the_receipt_at_once(house):
    place = next(p for p in Visitor(house, "liujianguo").get("/places").text.split("<li") if "访客可报" in p)
    code = house.scan_code(re.search(r"HBJX-[A-Z0-9]+", place)[0])
    guest = Visitor(house)
    receipt = nameless(guest, f"/p/{code}", category="FIRE", description="灭火器过期")
    assert number_in(receipt.text)
    assert "可向门卫或安全员查询" in receipt.text
    assert f'href="/p/{code}">继续上报' in receipt.text


def test_the_receipt_of_a_nameless_report_survives_a_reload_and_goes_nowhere_else(house):
    worker = Visitor(house, "lixia")
    shown = nameless(worker, "/report", **report_fields(anonymous="1"))
    assert untimed(worker.get("/sent").text) == untimed(shown.text)
    kept = worker.client.get_cookie("sent", path="/sent")
    assert (kept.path, kept.http_only, kept.same_site, kept.max_age) == ("/sent", True, "Lax", 900)
    assert number_in(shown.text) not in worker.get("/mine").text
    assert Visitor(house, "lixia").get("/sent").location == "/follow"
    worker.client.set_cookie("sent", kept.value + "AAA", path="/sent")
    assert worker.get("/sent").location == "/follow"


def test_the_next_anonymous_report_has_its_own_receipt(house):
    worker = Visitor(house, "lixia")
    first = nameless(worker, "/report", **report_fields(anonymous="1"))
    second = nameless(worker, "/report", **report_fields(anonymous="1"))
    assert number_in(first.text) != number_in(second.text)
    assert 'class="code"' in second.text


def test_who_is_found_by_climbing_is_named_with_the_own_unit(house):
    worker = Visitor(house, "zhaoqiang")
    sent = worker.fill("/report", **report_fields(place_code="", location_text="宿舍门口"))
    receipt = worker.get(sent.location).text
    climbed = re.findall(r"<p>([^<]+)的安全员是([^<]+)</p>", receipt) or re.findall(
        r"<p>([^<]+)第 1 条规则（用电）：派给([^<]+)</p>", receipt
    )
    unit, officer = climbed[-1]
    assert f"{unit}安全员{officer} 24 小时内受理" in receipt
    assert "没有安全员，报到上级" in receipt


def test_a_receipt_leads_on_to_the_same_place(house):
    worker = Visitor(house, "lixia")
    receipt = worker.get(worker.fill("/p/HBJX-A3", category="ELEC").location).text
    assert 'href="/p/HBJX-A3">继续上报' in receipt
    assert "一般隐患 +5" in receipt


def test_elsewhere_nobody_is_sent_to_the_login_and_back(house):
    asked = Visitor(house).get("/p/HBJX-A3")
    assert asked.status_code == 303
    assert asked.location == "/login?next=/p/HBJX-A3"
    assert Visitor(house).get("/p/nowhere").location == "/login?next=/p/nowhere"
    # Guests are let in there, but by the QR code on the spot alone.
    assert Visitor(house).get("/p/HBJX-DM").location == "/login?next=/p/HBJX-DM"


def test_a_foreign_place_answers_like_an_absent_one(house):
    worker = Visitor(house, "lixia")
    unknown = "A" * 22
    for code in ("RMYY-7N", house.scan_code("RMYY-7N"), "RMYY-MZ", "RMYY-ZZ", unknown):
        answer = worker.get(f"/p/{code}")
        assert answer.status_code == 404
        assert answer.text.count("这张码打不开") == 2  # the title and the heading, and not once more below it
        assert "或在上报页选点位" in answer.text  # and no word of signing in to who has
    # Where guests are welcome, so is who works elsewhere; by the QR code like every guest.
    assert "门诊大厅" in worker.get(f"/p/{house.scan_code('RMYY-MZ')}").text


def test_a_renewed_code_answers_like_one_that_never_was(house):
    admin, old = Visitor(house, "hbjx-admin"), house.scan_code("HBJX-DM")
    before = Visitor(house).get(f"/p/{old}")
    assert before.status_code == 200
    shown = admin.post("/setup/places/HBJX-DM/renew")
    assert "旧的从现在起打不开" in admin.get(shown.location).text
    fresh, unknown = house.scan_code("HBJX-DM"), "A" * 22
    assert Visitor(house).get(f"/p/{fresh}").status_code == 200
    for code in (old, unknown):
        assert Visitor(house).get(f"/p/{code}").location == f"/login?next=/p/{code}"
    told = [
        untimed(Visitor(house).get(f"/login?next=/p/{code}").text).replace(code, "") for code in (old, unknown)
    ]
    assert told[0] == told[1]
    assert "请扫现场新贴的码" in told[0]
    # Who had the form open keeps the words, and is told what to do.
    late = Visitor(house).send(f"/p/{old}", hidden_fields(before.text), photos=(SMALL,), description="护栏松动")
    assert late.status_code in {400, 401}
    # People of the enterprise go on by the code printed for them.
    assert Visitor(house, "lixia").get("/p/HBJX-DM").status_code == 200
    changes = admin.get("/setup/changes").text
    assert "换了点位“东门”的二维码" in changes
    assert old not in changes
    assert fresh not in changes


def test_only_who_manages_a_place_renews_its_code(house):
    old = house.scan_code("HBJX-DM")
    assert Visitor(house, "chenjun").post("/setup/places/HBJX-DM/renew").status_code == 403
    assert Visitor(house, "rmyy-admin").post("/setup/places/HBJX-DM/renew").status_code == 404
    assert house.scan_code("HBJX-DM") == old


def test_a_colleague_sees_the_public_part_without_the_reporter(house):
    number = house.report("lixia", description="只给安全员看的话")
    page = Visitor(house, "zhanglei").get(f"/hazards/{number}")
    assert page.status_code == 200
    assert "李霞" not in page.text
    assert "只给安全员看的话" not in page.text


def test_a_foreign_hazard_answers_like_an_absent_one(house):
    number = house.report("lixia")
    stranger = Visitor(house, "sunli")
    for path in ("/hazards/{}", "/tickets/{}", "/tickets/{}/accept", "/receipt/{}", "/hazards/{}/photos/1/thumb"):
        foreign, absent = stranger.get(path.format(number)), stranger.get(path.format("HZ-2026-999999"))
        assert foreign.status_code == absent.status_code == 404


def test_own_pictures_open_and_end_with_the_session(house):
    number = house.report("lixia")
    house.work()
    worker = Visitor(house, "lixia")
    seen = worker.get(f"/hazards/{number}/photos/1/thumb")
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    assert worker.get(f"/hazards/{number}/photos/1/original").status_code == 404
    worker.post("/follow")  # any form's token will do
    worker.post("/logout")
    assert worker.get(f"/hazards/{number}/photos/1/thumb").status_code == 303


def test_a_quarantined_photo_says_what_the_person_can_do(house):
    number = house.report("lixia", photos=(SMALL[: len(SMALL) // 3],))
    house.work()
    page = Visitor(house, "lixia").get(f"/hazards/{number}")
    assert "这张照片打不开" in page.text
    assert re.search("重拍|重新发", page.text)


def test_the_reporter_may_withdraw(house):
    number = house.report("lixia")
    worker = Visitor(house, "lixia")
    assert f"/tickets/{number}/withdraw" in worker.get(f"/hazards/{number}").text
    done = worker.fill(f"/tickets/{number}/withdraw", photos=())
    assert done.status_code == 303
    assert house.state(number) == "withdrawn"


def test_words_that_a_person_typed_never_become_markup(house):
    number = house.report("lixia", description="<script>alert(1)</script>")
    page = Visitor(house, "lixia").get(f"/hazards/{number}").text
    assert "<script>alert" not in page
    assert html.escape("<script>alert(1)</script>") in page


def test_what_is_missing_is_told_at_once_with_the_photo(house):
    refused = Visitor(house, "lixia").fill("/report", photos=(), description=" ")
    assert faults_of(refused) == ["photo", "location_text", "description"]
    assert "请选点位，或写明地点。" in refused.text


def test_a_kept_photo_that_the_store_swept_away_is_not_offered_again(house):
    worker = Visitor(house, "lixia")
    kept = hidden_fields(worker.fill("/report").text)
    store = house.means.store
    for key in list(store.keys()):
        if key == hashlib.sha256(SMALL).hexdigest():
            store.remove(key)
    refused = worker.send("/report", kept, description=" ")
    assert "kept" not in dict(hidden_fields(refused.text))


def test_a_kept_photo_can_be_left_out_with_what_was_said_of_it(house):
    worker = Visitor(house, "lixia")
    said = '[{"captured_at": "2026-11-02T00:10:00Z"}, {"captured_at": "2026-11-02T00:20:00Z"}]'
    hidden = [(n, v) for n, v in hidden_fields(worker.get("/report").text) if n != "captured_positions"]
    refused = worker.send("/report", hidden, photos=(SMALL, OTHER), captured_positions=said, description=" ")
    kept = hidden_fields(refused.text)
    first = next(value for name, value in kept if name == "kept")
    sent = worker.send("/report", kept, **report_fields(dropped=first))
    photos = house.read("wangmin", number_in(sent.location))["photos"]
    assert [p["sha256"] for p in photos] == [hashlib.sha256(OTHER).hexdigest()]
    assert photos[0]["captured_at"].startswith("2026-11-02T00:20")


def test_who_was_not_accepted_reads_why_and_where_to_appeal(house):
    number = house.report()
    house.act("wangmin", number, "reject", reason="untrue", text="现场没有看到")
    page = Visitor(house, "lixia").get(f"/hazards/{number}").text
    told = page[page.index('<div class="told">') :]
    assert "11-09 23:59 前可以向上级单位或工会申诉一次" in told
    assert f'href="/tickets/{number}/appeal"' in told
    assert "现场没有看到" in told[: told.index("</div>")]


def test_an_error_keeps_the_readers_menu(house):
    assert 'href="/mine"' in Visitor(house, "lixia").get("/hazards/HZ-2026-999999").text


def test_a_refused_anonymous_form_leaves_no_original_on_the_server(house):
    before = set(house.means.store.keys())
    worker = Visitor(house, "lixia")
    refused = worker.fill("/report", photos=(OTHER,), anonymous="1", description="", category="")
    assert refused.status_code == 422
    assert "照片没有留在服务器上" in refused.text
    assert "kept" not in dict(hidden_fields(refused.text))
    assert set(house.means.store.keys()) == before
