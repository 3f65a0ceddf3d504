"""Who reads what: the foreign as the absent byte for byte, the public part, the reporter's name, pictures."""

from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import AccountRow, GrantRow
from tests.conftest import House
from tests.integration.hazard_world import CAST, add_person, attempt, bring, populate, step
from tests.photos import MARKER, photo, talkative

ABSENT = "HZ-2026-999999"
PASSING = {"X-Request-Id", "Date"}
PUBLIC_PART = {
    "number", "state", "version", "level", "category", "place", "location_text", "unit", "anonymous",
    "submitted_at", "closed_at", "overdue", "open_actions", "photos",
}  # fmt: skip
PUBLIC_PHOTO = {"n", "stage", "status", "width", "height"}


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def whole(answer: Any) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything a caller can compare: status, body, headers but those that differ for everybody."""
    headers = sorted((name, value) for name, value in answer.headers if name not in PASSING)
    return answer.status_code, answer.data, headers


PATHS = (
    ("GET", ""),
    ("HEAD", ""),
    ("GET", "/photos/1/display"),
    ("GET", "/photos/1/thumb"),
    ("GET", "/photos/1/original"),
    ("GET", "/photos/99/thumb"),
    ("GET", f"/photos/{10**40}/thumb"),
)


@pytest.mark.parametrize("who", ["foreign_officer", "sibling_officer", "admin"])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_foreign_hazard_answers_like_an_absent_one(world, who, method, path):
    number = bring(world, "reviewing")
    world.work()
    foreign = world.api(CAST[who], method, f"/hazards/{number}{path}")
    absent = world.api(CAST[who], method, f"/hazards/{ABSENT}{path}")
    assert foreign.status_code == 404
    assert whole(foreign) == whole(absent)


@pytest.mark.parametrize("action", ["accept", "close", "rectify", "withdraw", "object", "no_such_action"])
@pytest.mark.parametrize("version", [1, 99])
def test_a_move_on_a_foreign_hazard_answers_like_one_on_an_absent(world, action, version):
    number = bring(world, "submitted")
    foreign = attempt(world, "maling", number, action, version=version)
    absent = attempt(world, "maling", ABSENT, action, version=version)
    assert foreign.status_code == 404
    assert whole(foreign) == whole(absent)


def test_a_foreign_hazard_is_in_no_list_of_anybodys(world):
    number = bring(world, "submitted")
    for login in ("maling", "dongfang", "sunli", "qianlin", "hbjx-admin"):
        for query in ("", "?q=配电箱", f"?q={number}", "?unit=HBJX-3", "?state=submitted", "?mine=true"):
            listed = world.api(login, "GET", f"/hazards{query}").json["items"]
            assert number not in {line["number"] for line in listed}, (login, query)


def test_a_foreign_unit_and_an_unknown_one_list_alike(world):
    foreign, unknown = (world.api("wangmin", "GET", f"/hazards?unit={code}") for code in ("RMYY-W", "NOWHERE"))
    assert whole(foreign) == whole(unknown)


def test_the_public_part_has_nothing_of_the_reporter_and_nothing_the_photo_knows(world):
    number = bring(world, "closed")
    world.work()
    for login in ("gaoyang", "luping"):
        seen = world.read(login, number)
        assert set(seen) == PUBLIC_PART
        assert all(set(p) == PUBLIC_PHOTO for p in seen["photos"])
        text = world.api(login, "GET", f"/hazards/{number}").get_data(as_text=True)
        for secret in ("配电箱", world.actor("lixia").name, "lixia", "sha256", "witness", "captured"):
            assert secret not in text
        line = next(x for x in world.api(login, "GET", "/hazards").json["items"] if x["number"] == number)
        assert (line["description"], line["deadline"], line["mine"]) == (None, None, False)


def test_words_of_a_description_cannot_be_guessed_by_who_may_not_read_it(world):
    number = bring(world, "submitted")
    found = {
        login: number in {x["number"] for x in world.api(login, "GET", "/hazards?q=线头裸露").json["items"]}
        for login in ("gaoyang", "luping", "lixia", "wangmin", "tianye")
    }
    assert found == {"gaoyang": False, "luping": False, "lixia": True, "wangmin": True, "tianye": True}
    by_number = world.api("gaoyang", "GET", f"/hazards?q={number}").json["items"]
    assert [x["number"] for x in by_number] == [number]


def test_a_wildcard_in_a_search_is_a_letter_like_any_other(world):
    bring(world, "submitted")
    assert world.api("wangmin", "GET", "/hazards?q=%25").json["items"] == []
    assert world.api("wangmin", "GET", "/hazards?q=_").json["items"] == []


@pytest.mark.parametrize(
    ("login", "knows"),
    [
        ("wangmin", True),
        ("chenjun", True),
        ("liujianguo", True),
        ("lixia", True),
        ("zhanglei", False),
        ("tianye", False),
    ],
)
def test_the_reporters_name_is_for_officers_and_above(world, login, knows):
    number = bring(world, "need_info")
    step(world, "lixia", number, "answer")
    step(world, "wangmin", number, "accept")
    name = world.actor("lixia").name
    seen = world.read(login, number)
    assert (seen["reporter"] == name) is knows
    assert ({s["by"] for s in seen["timeline"]} >= {name}) is knows
    text = world.api(login, "GET", f"/hazards/{number}").get_data(as_text=True)
    assert (name in text) is knows
    assert "lixia" not in text
    assert seen["description"]


def test_a_withdrawn_hazard_is_nobodys_to_look_at_but_reporters_and_officers(world):
    number = bring(world, "withdrawn")
    codes = {
        login: world.api(login, "GET", f"/hazards/{number}").status_code
        for login in ("lixia", "wangmin", "gaoyang")
    }
    assert codes == {"lixia": 200, "wangmin": 200, "gaoyang": 404}
    listed = world.api("gaoyang", "GET", "/hazards").json["items"]
    assert number not in {line["number"] for line in listed}


PICTURES = {
    "lixia": (200, 200, 404),
    "gaoyang": (200, 200, 404),
    "zhanglei": (200, 200, 404),
    "wangmin": (200, 200, 200),
    "chenjun": (200, 200, 200),
    "liujianguo": (200, 200, 200),
    "tianye": (200, 200, 404),
    "qianlin": (404, 404, 404),
    "maling": (404, 404, 404),
    "hbjx-admin": (404, 404, 404),
}


def test_the_original_is_for_officers_and_heads_and_pictures_for_who_sees_the_hazard(world):
    content = talkative("jpeg")
    number = world.report("lixia", photos=(content,))
    step(world, "wangmin", number, "accept")
    world.work()
    for login, codes in PICTURES.items():
        answers = [
            world.api(login, "GET", f"/hazards/{number}/photos/1/{picture}", buffered=True)
            for picture in ("display", "thumb", "original")
        ]
        assert tuple(a.status_code for a in answers) == codes, login
        for answer in answers[:2]:
            if answer.status_code == 200:
                assert MARKER not in answer.data
                assert answer.mimetype == "image/jpeg"
    original = world.api("wangmin", "GET", f"/hazards/{number}/photos/1/original", buffered=True)
    assert original.data == content
    assert original.headers["Content-Disposition"] == f'attachment; filename="{number}-1.jpg"'
    assert original.headers["Cache-Control"] == "no-store"
    assert original.headers["X-Content-Type-Options"] == "nosniff"


def test_no_picture_is_handed_out_before_it_is_ready_or_of_a_quarantined_photo(world):
    number = world.report("lixia", photos=(photo(size=(64, 48))[:200],))
    for _ in ("before", "after"):
        for picture in ("display", "thumb"):
            assert world.api("wangmin", "GET", f"/hazards/{number}/photos/1/{picture}").status_code == 404
        world.work()
    seen = world.read("lixia", number)["photos"][0]
    assert (seen["status"], bool(seen["cause"])) == ("quarantined", True)
    assert world.read("gaoyang", number)["photos"][0]["cause"] == seen["cause"]


def test_pictures_are_kept_by_a_browser_for_a_minute_at_most(world):
    number = bring(world, "submitted")
    world.work()
    answer = world.api("lixia", "GET", f"/hazards/{number}/photos/1/thumb", buffered=True)
    assert answer.headers["Cache-Control"] == "private, max-age=60"


# --- a right that was taken away -------------------------------------------------------------------------


def change(house: House, statement: Any) -> None:
    with house.means.db.write() as session:
        session.execute(statement)


def test_a_disabled_account_is_out_on_the_next_request(world):
    number = bring(world, "submitted")
    browser = world.browser("lixia")
    assert world.api("lixia", "GET", "/me").status_code == browser.get("/api/v1/me").status_code == 200
    change(world, update(AccountRow).where(AccountRow.login == "lixia").values(disabled_at=world.clock()))
    assert world.api("lixia", "GET", f"/hazards/{number}").status_code == 401
    assert browser.get("/api/v1/me").status_code == 401
    told = {"login": "lixia", "password": "correct-horse-battery"}
    assert world.api(None, "POST", "/tokens", json=told).status_code == 401


def test_an_ended_grant_is_gone_on_the_next_request(world):
    number = bring(world, "submitted")
    world.work()
    assert world.api("wangmin", "GET", f"/hazards/{number}/photos/1/original", buffered=True).status_code == 200
    account_id = world.actor("wangmin").account_id
    change(world, update(GrantRow).where(GrantRow.account_id == account_id).values(ended_at=world.clock()))
    assert world.api("wangmin", "GET", f"/hazards/{number}").status_code == 404
    assert world.api("wangmin", "GET", f"/hazards/{number}/photos/1/original", buffered=True).status_code == 404
    assert attempt(world, "wangmin", number, "accept").status_code == 404
    assert world.api("wangmin", "GET", "/hazards").json["items"] == []


def test_a_new_grant_holds_on_the_next_request(world):
    number = bring(world, "submitted")
    add_person(world, "newcomer", "officer", "HBJX")
    assert world.api("newcomer", "GET", f"/hazards/{number}").status_code == 200


def test_whoever_is_no_longer_rectifier_no_longer_reads_the_ticket(world):
    number = bring(world, "rectifying")
    assert "description" in world.read("zhanglei", number)
    step(world, "wangmin", number, "reassign", rectifier="luping")
    assert "description" not in world.read("zhanglei", number)


def test_a_list_is_paged_without_loss_or_repetition(world):
    made = {world.report("lixia") for _ in range(7)}
    seen, cursor = [], ""
    while cursor is not None:
        page = world.api("lixia", "GET", f"/hazards?mine=true&limit=3{cursor}").json
        seen += [line["number"] for line in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == made
    assert seen == sorted(seen, reverse=True)
