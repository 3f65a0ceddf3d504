"""Anonymous reports: nobody can be tied to one; its reporter alone can follow it and claim its points."""

import hashlib
import io
import json
import secrets
import uuid
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select

from app.accounts.models import SpentPassRow
from app.accounts.service import PASS_LIFETIME
from app.core.errors import NotFound
from app.core.outbox import EventRow
from app.evidence.models import PhotoRow
from app.hazards.following import claim_points, followed_case, make_code, opens
from app.hazards.queries import Picture, hazard_view, picture_key_of, view_of_case
from storage.object_store import ObjectMissing
from tests.conftest import START, House
from tests.integration.hazard_world import attempt, dump, files, populate, row_of, rows, sha256, step
from tests.photos import MARKER, exif_block, photo, talkative

REPORTER = "lixia"
FILE_NAME = "IMG_of_lixia_77.jpg"


def fresh_pass(house: House, login: str = REPORTER) -> str:
    answer = house.api(login, "POST", "/passes")
    assert answer.status_code == 201
    return str(answer.json["pass"])


def send(house: House, shown: str, content: bytes | None = None, **fields: Any) -> Any:
    """An anonymous report by the bearer of a pass."""
    told = {
        "client_id": str(uuid.uuid4()),
        "place_code": "HBJX-A3",
        "category": "ELEC",
        "description": "匿名所见",
        "anonymous": True,
        **fields,
    }
    content = content if content is not None else photo(size=(64, 48), seed=21)
    parts = {"hazard": json.dumps(told), "photo": [(io.BytesIO(content), FILE_NAME)]}
    return house.api(
        None,
        "POST",
        "/hazards",
        data=parts,
        content_type="multipart/form-data",
        headers={"Authorization": f"Pass {shown}", "User-Agent": "PhoneOfLixia/9"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
    )


def anonymous(house: House, content: bytes | None = None, **fields: Any) -> str:
    answer = send(house, fresh_pass(house), content, **fields)
    assert answer.status_code == 201, answer.json
    return str(answer.json["number"])


def claim_of(secret: str) -> str:
    salt = secrets.token_bytes(16)
    return f"sha256:{salt.hex()}:{hashlib.sha256(salt + secret.encode()).hexdigest()}"


# --- the pass -------------------------------------------------------------------------------------------


def test_issuing_a_pass_writes_nothing(house):
    house.token(REPORTER)
    before = rows(house)
    assert fresh_pass(house) != fresh_pass(house)
    assert rows(house) == before


def test_a_pass_is_good_for_one_report(house):
    shown = fresh_pass(house)
    assert send(house, shown).status_code == 201
    before = rows(house), files(house)
    again = send(house, shown, talkative("jpeg"))
    assert (again.status_code, again.json["reason"]) == (401, "pass_spent")
    assert (rows(house), files(house)) == before


def test_a_repeat_finds_the_first_report_with_the_same_pass_or_a_fresh_one(house):
    client_id = str(uuid.uuid4())
    shown = fresh_pass(house)
    first = send(house, shown, client_id=client_id)
    before = rows(house)
    for again in (send(house, shown, client_id=client_id), send(house, fresh_pass(house), client_id=client_id)):
        assert (again.status_code, again.json["number"]) == (200, first.json["number"])
    assert rows(house) == before


@pytest.mark.parametrize("shown", ["", "x", "a.b.c"])
def test_a_forged_pass_opens_nothing(house, shown):
    answer = send(house, shown)
    assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")


def test_a_pass_that_was_changed_opens_nothing(house):
    payload, stamp, seal = fresh_pass(house).split(".")
    # Another first letter of the seal: its last one carries bits that nobody reads.
    other = f"{'B' if seal[0] == 'A' else 'A'}{seal[1:]}"
    for forged in (f"{payload}x.{stamp}.{seal}", f"{payload}.{stamp}x.{seal}", f"{payload}.{stamp}.{other}"):
        assert send(house, forged).status_code == 401


def test_a_pass_ends_after_seven_days(house, monkeypatch):
    shown = fresh_pass(house)
    now = TimestampSigner("x").get_timestamp()
    later = now + int(PASS_LIFETIME.total_seconds()) + 2
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: later)
        answer = send(house, shown)
    assert (answer.status_code, answer.json["reason"]) == (401, "pass_expired")
    assert send(house, shown).status_code == 201


def test_a_pass_is_for_anonymous_reports_and_for_nothing_else(house):
    shown = fresh_pass(house)
    named = send(house, shown, anonymous=False)
    assert named.json["errors"]["anonymous"][0]["code"] == "pass_is_for_anonymous"
    headers = {"Authorization": f"Pass {shown}"}
    for path in ("/me", "/hazards", "/points"):
        assert house.api(None, "GET", path, headers=headers).status_code == 401


def test_an_account_may_not_come_along_with_an_anonymous_report(house):
    answer = house.send(REPORTER, anonymous=True)
    assert answer.json["errors"]["anonymous"][0]["code"] == "needs_pass"


def test_who_may_not_report_gets_no_pass(house):
    assert house.api("hbjx-admin", "POST", "/passes").status_code == 404
    assert house.api(None, "POST", "/passes").status_code == 401
    assert house.api(None, "POST", "/passes", json={}).status_code == 422
    assert house.api("lixia", "POST", "/passes", json={}).status_code == 201


# --- nothing points back --------------------------------------------------------------------------------


def test_no_row_of_any_table_ties_the_hazard_to_its_reporter(house):
    account = house.actor(REPORTER)
    before = dump(house)
    number = anonymous(house, talkative("jpeg"))
    house.work()
    house.accept(number)
    added = {
        table: [row for row in held if row not in before[table]]
        for table, held in dump(house).items()
        if table != "credential"  # the token with which the pass was asked for: it speaks of no hazard
    }
    told = json.dumps(added, ensure_ascii=False)
    for trace in (account.name, account.login, FILE_NAME, "PhoneOfLixia", "203.0.113.77", MARKER.decode()):
        assert trace not in told
    row = row_of(house, number)
    accounts = {
        name: value
        for name, value in vars(row).items()
        if name.endswith("_id")
        and name not in {"unit_id", "place_id", "reporter_unit_id", "client_id", "master_id"}
    }
    assert account.account_id not in accounts.values()
    # Her team has one account, her workshop two: too few to hide in.
    enterprise = 2
    assert (row.reporter_id, row.claimed_by_id, row.client_scope) == (
        None,
        None,
        f"unnamed:{enterprise}",
    )
    assert {h[5] for h in added["hazard_history"]} == {"None", str(house.actor("wangmin").account_id)}


def test_no_log_line_of_the_report_names_its_reporter(house, capsys):
    number = anonymous(house)
    house.work()
    said = "".join(capsys.readouterr())
    for trace in (REPORTER, house.actor(REPORTER).name, "203.0.113.77", FILE_NAME, number):
        assert trace not in said


@pytest.mark.parametrize("login", ["wangmin", "chenjun", "liujianguo", "tianye"])
def test_everybody_sees_an_anonymous_hazard_without_a_name(house, login):
    number = anonymous(house)
    seen = house.read(login, number)
    assert (seen["anonymous"], seen["reporter"], seen["timeline"][0]["by"]) == (True, None, None)
    text = house.api(login, "GET", f"/hazards/{number}").get_data(as_text=True)
    assert house.actor(REPORTER).name not in text


def test_even_the_own_account_does_not_know_an_anonymous_hazard(house):
    populate(house)
    number = anonymous(house)
    assert house.api(REPORTER, "GET", "/hazards?mine=true").json["items"] == []
    seen = house.read(REPORTER, number)
    assert not {"description", "reporter", "timeline"} & seen.keys()  # what any colleague sees
    assert seen["open_actions"] == []
    answer = attempt(house, "wangmin", number, "ask")
    assert (answer.status_code, answer.json["why"]) == (403, "reporter_reachable")


def test_a_spent_pass_is_kept_by_the_hour_only(house):
    house.clock.forward(minutes=37, seconds=11)
    anonymous(house)
    with house.means.db.read() as session:
        assert set(session.execute(select(SpentPassRow.spent_hour)).scalars()) == {START}


# --- the original ---------------------------------------------------------------------------------------


def photos_of(house: House, number: str) -> list[PhotoRow]:
    with house.means.db.read() as session:
        query = select(PhotoRow).where(PhotoRow.hazard_id == row_of(house, number).id).order_by(PhotoRow.n)
        return list(session.execute(query).scalars())


def has(house: House, key: str) -> bool:
    try:
        house.means.store.size(key)
    except ObjectMissing:
        return False
    return True


def test_the_original_is_nobodys_before_it_was_stripped_and_then_a_bare_copy(house):
    content = talkative("jpeg")
    number = anonymous(house, content)
    path = f"/hazards/{number}/photos/1/original"
    assert house.api("wangmin", "GET", path, buffered=True).status_code == 404
    house.work()
    answer = house.api("wangmin", "GET", path, buffered=True)
    assert answer.status_code == 200
    assert MARKER not in answer.data
    assert answer.data != content
    row = photos_of(house, number)[0]
    assert (row.sha256, row.bytes, row.format) == (sha256(answer.data), len(answer.data), "jpeg")
    assert row.exif is None


def test_the_worker_removes_the_original_and_its_hash(house):
    content = talkative("heic")
    number = anonymous(house, content)
    assert has(house, sha256(content))
    house.work()
    assert not has(house, sha256(content))
    with house.means.db.read() as session:
        told = session.execute(select(EventRow.values).where(EventRow.name == "OriginalReplaced")).scalars().all()
    assert [v["key"] for v in told] == [""]
    assert sha256(content) not in json.dumps(dump(house), ensure_ascii=False)
    assert all(sha256(content) not in name for name in files(house))
    assert house.read("wangmin", number)["photos"][0]["status"] == "ready"


def test_the_same_bytes_stay_where_somebody_sent_them_under_a_name(house):
    content = talkative("jpeg")
    named = house.report("zhaoqiang", place_code="HBJX-PD", photos=(content,))
    anonymous(house, content)
    house.work()
    answer = house.api("chenjun", "GET", f"/hazards/{named}/photos/1/original", buffered=True)
    assert answer.data == content


def test_two_anonymous_hazards_of_the_same_bytes_both_lose_them(house):
    content = talkative("jpeg")
    numbers = [anonymous(house, content), anonymous(house, content)]
    house.work()
    assert not has(house, sha256(content))
    assert all(p.stripped_at for number in numbers for p in photos_of(house, number))


def test_an_original_that_cannot_be_decoded_is_never_handed_out(house):
    number = anonymous(house, talkative("jpeg")[:600])
    house.work()
    assert photos_of(house, number)[0].status == "quarantined"
    assert house.api("wangmin", "GET", f"/hazards/{number}/photos/1/original").status_code == 404


def test_the_exif_position_stays_a_witness_of_the_hazard(house):
    block = exif_block(position=(38.0431, 114.5032), make="PhoneCo", model="Secret-1")
    number = anonymous(house, photo(size=(64, 48), exif=block))
    house.work()
    seen = house.read("wangmin", number)["photos"][0]
    assert "exif" in {w["source"] for w in seen["witnesses"]}
    assert "PhoneCo" not in json.dumps(dump(house), ensure_ascii=False)


# --- the secret -----------------------------------------------------------------------------------------


def test_a_code_opens_its_own_hash_however_it_is_written_down():
    code, kept = make_code()
    assert opens(kept, code)
    assert opens(kept, code.lower().replace("-", " "))
    assert not opens(kept, code[:-1] + ("A" if code[-1] != "A" else "B"))
    assert not opens(kept, "")
    assert code.replace("-", "") not in kept


def test_a_phones_own_secret_opens_its_hash_exactly():
    kept = claim_of("Ab-c d")
    assert opens(kept, "Ab-c d")
    assert not opens(kept, "AB-C D")
    for broken in (None, "", "md5:00:00", kept.replace("sha256", "scrypt"), kept + "0"):
        assert not opens(broken, "Ab-c d")


def test_the_bearer_of_the_secret_follows_the_hazard_like_the_own_one(house):
    secret = secrets.token_hex(16)
    number = anonymous(house, claim_hash=claim_of(secret))
    house.work()
    step(house, "wangmin", number, "reject")
    with house.means.db.read() as session:
        case = followed_case(session, number, secret)
        view = view_of_case(session, case, at=house.clock())
        assert (view.description, view.reporter, view.open_actions) == ("匿名所见", None, ())
        assert [s.action for s in view.timeline] == ["submit", "reject"]
        assert picture_key_of(session, case.hazard, 1, Picture.THUMB, reads_original=False).key
        named = house_number = house.report("lixia")
        for wrong in ((number, "x"), ("HZ-2026-999999", secret), (named, secret), (house_number, "")):
            with pytest.raises(NotFound):
                followed_case(session, *wrong)


def test_points_are_claimed_once_with_the_secret_and_give_up_anonymity_to_the_ledger_only(house):
    secret = secrets.token_hex(16)
    number = anonymous(house, claim_hash=claim_of(secret))
    house.accept(number)
    house.work()
    assert house.api(REPORTER, "GET", "/points").json["balance"] == 0
    with pytest.raises(NotFound):
        claim_points(number, "guess", by=house.actor(REPORTER), at=house.clock(), db=house.means.db)
    claim_points(number, secret, by=house.actor(REPORTER), at=house.clock(), db=house.means.db)
    house.work()
    assert house.api(REPORTER, "GET", "/points").json["balance"] == 5
    with pytest.raises(NotFound):
        claim_points(number, secret, by=house.actor("zhaoqiang"), at=house.clock(), db=house.means.db)
    house.work()
    assert house.api("zhaoqiang", "GET", "/points").json["balance"] == 0
    with house.means.db.read() as session:
        view = hazard_view(session, number, by=house.actor("wangmin"), at=house.clock())
    assert (view.reporter, view.timeline[0].who) == (None, None)


def test_a_claimed_reporter_who_speaks_again_stays_nameless_on_the_ticket(house):
    secret = secrets.token_hex(16)
    number = anonymous(house, claim_hash=claim_of(secret))
    claim_points(number, secret, by=house.actor(REPORTER), at=house.clock(), db=house.means.db)
    step(house, "wangmin", number, "ask")
    step(house, REPORTER, number, "answer", photos=(talkative("jpeg"),))
    for login in ("wangmin", "liujianguo", "tianye"):
        text = house.api(login, "GET", f"/hazards/{number}").get_data(as_text=True)
        assert house.actor(REPORTER).name not in text
    assert house.api("wangmin", "GET", f"/hazards/{number}/photos/2/original").status_code == 404
    house.work()
    assert all(p.stripped_at for p in photos_of(house, number))


def test_claimed_before_acceptance_the_points_follow_it(house):
    secret = secrets.token_hex(16)
    number = anonymous(house, claim_hash=claim_of(secret))
    claim_points(number, secret, by=house.actor(REPORTER), at=house.clock(), db=house.means.db)
    house.work()
    house.accept(number)
    house.work()
    assert house.api(REPORTER, "GET", "/points").json["balance"] == 5
