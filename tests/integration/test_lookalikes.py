"""Look-alikes: what a report may repeat, who may see it, and joining it instead; a report is never held up."""

import re
import uuid

import pytest
from sqlalchemy import select

from app.accounts.permissions import Role
from app.core.errors import NotFound, NotOpen
from app.core.outbox import EventRow
from app.hazards.followers import follow_hazard
from app.hazards.models import FollowerRow, HazardRow
from tests.conftest import SMALL, House
from tests.edges.visitor import Visitor, hidden_fields, report_fields
from tests.integration.hazard_world import add_person, row_of, step
from tests.photos import exif_block, photo

HERE = {"lat": 38.0431, "lon": 114.5032}
METRE = 1 / 110_985
PINNED = {"place_code": None, "location_text": "东侧"}


def near(metres: float) -> dict[str, float]:
    return {"lat": HERE["lat"] + metres * METRE, "lon": HERE["lon"]}


def alike(house: House, who: str = "lixia", **asked: object) -> list[tuple[str, int | None]]:
    told = {"category": "ELEC", "place": "HBJX-A3", **asked}
    query = {name: value for name, value in told.items() if value is not None}
    answer = house.api(who, "GET", "/hazards/lookalikes", query_string=query)
    assert answer.status_code == 200, answer.json
    return [(one["hazard"]["number"], one["metres"]) for one in answer.json["items"]]


def seen(house: House, login: str = "wangmin", **fields: object) -> str:
    """A report whose photo has its picture."""
    number = house.report(login, **fields)
    house.work()
    return number


def followers(house: House) -> list[tuple[int, int, int | None]]:
    with house.means.db.read() as session:
        rows = session.execute(select(FollowerRow).order_by(FollowerRow.id)).scalars()
        return [(row.hazard_id, row.account_id, row.from_hazard_id) for row in rows]


def follow(house: House, login: str, number: str) -> str:
    return follow_hazard(number, by=house.actor(login), at=house.clock(), db=house.means.db)


def count(house: House) -> int:
    with house.means.db.read() as session:
        return len(session.execute(select(HazardRow.id)).all())


# ── what looks alike ─────────────────────────────────────────────────────────────────────────────


def test_the_same_place_and_category_look_alike_newest_first(house):
    first, second = seen(house), seen(house)
    seen(house, category="FIRE")
    seen(house, place_code="HBJX-PD")
    assert alike(house) == [(second, None), (first, None)]


@pytest.mark.parametrize(("metres", "is_near"), [(0, True), (60, True), (99, True), (101, False), (500, False)])
def test_a_hundred_metres_are_measured_along_the_earth(house, metres, is_near):
    number = seen(house, **PINNED, pin=near(metres))
    found = alike(house, place=None, **HERE)
    assert [one for one, _ in found] == ([number] if is_near else [])
    assert all(abs(apart - metres) <= 2 for _, apart in found)


def test_the_same_place_comes_before_what_is_only_near_however_new(house):
    here, beside = seen(house), seen(house, **PINNED, pin=near(40))
    newer = seen(house, **PINNED, pin=near(10))
    number = seen(house, "lixia")
    page = Visitor(house, "wangmin").get(f"/tickets/{number}/accept").text
    masters = re.findall(r'name="master" value="([^"]+)"', page)
    assert masters == [here, newer, beside]


def test_east_and_west_count_by_the_latitude(house):
    east = {"lat": HERE["lat"], "lon": HERE["lon"] + 95 * METRE / 0.7876}
    number = seen(house, **PINNED, pin=east)
    assert [one for one, _ in alike(house, place=None, **HERE)] == [number]


def test_a_scanned_place_is_near_a_pin_beside_it(house):
    number = seen(house)
    assert alike(house, place=None, **near(40))[0][0] == number


def test_where_a_photo_alone_knows_the_position_it_counts_once_it_is_read(house):
    block = exif_block(position=(HERE["lat"], HERE["lon"]))
    number = seen(house, **PINNED, photos=(photo(size=(64, 48), seed=41, exif=block),))
    assert alike(house, place=None, **HERE) == [(number, 1)] or alike(house, place=None, **HERE) == [(number, 0)]


def test_an_inaccurate_phone_or_no_location_finds_nothing(house):
    seen(house)
    assert alike(house, place=None, **HERE, accuracy_m=250) == []
    assert alike(house, place=None) == []
    assert alike(house, category=None) == []
    assert alike(house, place="NOWHERE") == []


@pytest.mark.parametrize("ended", ["reject", "withdraw"])
def test_what_has_ended_is_not_offered(house, ended):
    number = seen(house, "lixia")
    who = "lixia" if ended == "withdraw" else "wangmin"
    told = {"reason": "untrue", "text": "没有"} if ended == "reject" else {}
    assert house.act(who, number, ended, **told).status_code == 200
    assert alike(house) == []


def test_a_hazard_without_a_picture_cannot_be_judged_and_is_not_offered(house):
    house.report("wangmin")
    assert alike(house) == []


@pytest.mark.parametrize("asked", [{"category": "NONE"}, {"lat": "x", "lon": "1"}, {"lat": "91", "lon": "1"}])
def test_what_cannot_be_read_is_refused(house, asked):
    answer = house.api("lixia", "GET", "/hazards/lookalikes", query_string={"category": "ELEC", **asked})
    assert answer.status_code == 422


# ── who sees what ────────────────────────────────────────────────────────────────────────────────


def test_only_what_the_asker_may_see_is_offered(house):
    seen(house)
    assert alike(house, "sunli") == []
    assert alike(house, "zhaoqiang") == []
    assert house.api(None, "GET", "/hazards/lookalikes").status_code == 401
    assert house.api("tianye", "GET", "/hazards/lookalikes").status_code == 403


def test_a_worker_reads_the_public_part_only(house):
    seen(house, description="机密的描述")
    answer = house.api("lixia", "GET", "/hazards/lookalikes?category=ELEC&place=HBJX-A3")
    piece = ask_piece(Visitor(house, "lixia"))
    for text in (answer.text, piece.text):
        assert "机密" not in text
        assert "王敏" not in text
        assert "wangmin" not in text


# ── joining ──────────────────────────────────────────────────────────────────────────────────────


def test_joining_makes_a_follower_who_finds_it_under_mine_and_no_hazard(house):
    number = seen(house)
    before = count(house)
    assert house.api("lixia", "POST", f"/hazards/{number}/followers").json == {"number": number}
    assert follow(house, "lixia", number) == number
    hazard = row_of(house, number)
    assert followers(house) == [(hazard.id, house.actor("lixia").account_id, None)]
    assert count(house) == before
    mine = house.api("lixia", "GET", "/hazards?mine=true").json["items"]
    assert [one["number"] for one in mine] == [number]
    with house.means.db.read() as session:
        told = [
            row.values
            for row in session.execute(select(EventRow).where(EventRow.name == "HazardFollowed")).scalars()
        ]
    assert [one["hazard_id"] for one in told] == [hazard.id]
    assert hazard.version == 1


def test_a_follower_gets_no_points(house):
    number = seen(house)
    follow(house, "lixia", number)
    house.accept(number)
    house.work()
    assert house.api("lixia", "GET", "/points").json["balance"] == 0


def test_the_reporter_follows_already(house):
    number = seen(house, "lixia")
    assert follow(house, "lixia", number) == number
    assert followers(house) == []


def test_a_foreign_hazard_is_absent_and_an_ended_one_is_not_joined(house):
    number = seen(house)
    with pytest.raises(NotFound):
        follow(house, "sunli", number)
    house.act("wangmin", number, "reject", reason="untrue", text="没有")
    with pytest.raises(NotOpen):
        follow(house, "lixia", number)
    assert followers(house) == []


def test_who_chose_a_duplicate_follows_its_master_and_comes_back_when_it_is_undone(house):
    duplicate, master = seen(house), seen(house)
    add_person(house, "gaoyang", Role.WORKER, "HBJX-3")
    follow(house, "lixia", duplicate)
    follow(house, "lixia", master)
    step(house, "wangmin", duplicate, "merge", master=master)
    assert follow(house, "gaoyang", duplicate) == master
    theirs = {hazard for hazard, account, _ in followers(house) if account == house.actor("lixia").account_id}
    assert theirs == {row_of(house, master).id}
    step(house, "wangmin", duplicate, "unmerge")
    theirs = {hazard for hazard, account, _ in followers(house) if account == house.actor("lixia").account_id}
    assert theirs == {row_of(house, master).id, row_of(house, duplicate).id}
    wangmin = house.actor("wangmin").account_id
    assert [one for one in followers(house) if one[1] == wangmin] == []


# ── while reporting ──────────────────────────────────────────────────────────────────────────────


def ask_piece(visitor: Visitor, **asked: str):
    return visitor.post("/report/alike", **{"category": "ELEC", "place": "HBJX-A3", **asked})


def test_the_piece_for_the_script_is_empty_when_nothing_looks_alike(house):
    visitor = Visitor(house, "lixia")
    assert ask_piece(visitor).status_code == 204
    number = seen(house)
    assert f'data-same="{number}"' in ask_piece(visitor).text
    joined = visitor.post("/report/same", same=number)
    assert (joined.status_code, joined.location) == (303, f"/hazards/{number}?from=/mine")
    assert "已加入关注" in visitor.get(joined.location).text


def test_nothing_alike_costs_no_step(house):
    sent = Visitor(house, "lixia").fill("/report", **report_fields())
    assert (sent.status_code, "/receipt/" in sent.location) == (303, True)


@pytest.mark.parametrize("path", ["/report", "/p/HBJX-A3"])
def test_without_script_the_report_waits_once_with_its_photos_and_goes_on(house, path):
    seen(house)
    before, visitor = count(house), Visitor(house, "lixia")
    offered = visitor.fill(path, **report_fields())
    assert offered.status_code == 200
    assert "就是这一条" in offered.text
    assert count(house) == before
    sent = visitor.send(path, hidden_fields(offered.text))
    assert (sent.status_code, count(house)) == (303, before + 1)
    number = re.search(r"HZ-\d+-\d+", sent.location)
    assert number is not None
    house.work()
    assert house.read("lixia", number[0])["description"] == "配电箱门锁坏"
    assert len(house.read("lixia", number[0])["photos"]) == 1


def test_without_script_this_is_it_joins_and_sends_nothing(house):
    number, visitor = seen(house), Visitor(house, "lixia")
    before = count(house)
    offered = visitor.fill("/report", **report_fields())
    joined = visitor.send("/report", hidden_fields(offered.text), same=number)
    assert (joined.status_code, number in joined.location) == (303, True)
    assert count(house) == before
    assert len(followers(house)) == 1


def test_one_that_ended_meanwhile_never_loses_the_report(house):
    number, visitor = seen(house), Visitor(house, "lixia")
    before = count(house)
    offered = visitor.fill("/report", **report_fields())
    house.act("wangmin", number, "reject", reason="untrue", text="没有")
    sent = visitor.send("/report", hidden_fields(offered.text), same=number)
    assert (sent.status_code, "/receipt/" in sent.location) == (303, True)
    assert (count(house), followers(house)) == (before + 1, [])


def test_an_anonymous_report_is_never_asked_and_never_joins(house):
    number, visitor = seen(house), Visitor(house, "lixia")
    before = count(house)
    sent = visitor.fill("/report", **report_fields(anonymous="1", same=number))
    assert (sent.status_code, count(house), followers(house)) == (303, before + 1, [])


def test_a_guest_is_never_asked(house):
    seen(house, place_code="HBJX-DM")
    visitor = Visitor(house)
    path = f"/p/{house.scan_code('HBJX-DM')}"
    page = visitor.get(path).text
    assert "data-alike" not in page
    sent = visitor.fill(path, category="ELEC", description="门坏了", same="HZ-2026-000001")
    assert sent.status_code == 303
    assert followers(house) == []


def test_a_report_with_a_fault_is_told_its_faults_first(house):
    seen(house)
    refused = Visitor(house, "lixia").fill("/report", photos=(), **report_fields())
    assert refused.status_code == 422
    refused = Visitor(house, "lixia").fill("/report", **report_fields(description="", category=""))
    assert refused.status_code == 422


def test_the_same_report_once_more_is_recognised_and_not_asked_about(house):
    visitor = Visitor(house, "lixia")
    fields = {**report_fields(), "client_id": str(uuid.uuid4())}
    hidden = [(n, v) for n, v in hidden_fields(visitor.get("/report").text) if n != "client_id"]
    first = visitor.send("/report", hidden, photos=(SMALL,), **fields)
    house.work()
    again = visitor.send("/report", hidden, photos=(SMALL,), **fields)
    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)


# ── while accepting ──────────────────────────────────────────────────────────────────────────────


def test_the_accept_page_offers_to_merge_into_what_looks_alike_in_one_tap(house):
    master, number, other = seen(house), seen(house, "lixia"), seen(house, category="FIRE")
    visitor = Visitor(house, "wangmin")
    page = visitor.get(f"/tickets/{number}/accept").text
    assert f'name="master" value="{master}"' in page
    assert other not in page
    version = house.version(number)
    merged = visitor.post(f"/tickets/{number}/merge", master=master, version=str(version))
    assert (merged.status_code, house.state(number)) == (303, "duplicate")


def test_a_hazard_alone_shows_no_look_alikes(house):
    number = seen(house, "lixia")
    assert "可能是同一处" not in Visitor(house, "wangmin").get(f"/tickets/{number}/accept").text
