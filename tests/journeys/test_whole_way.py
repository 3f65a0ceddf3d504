"""One hazard from the shutter to the statement, as the people of the demo organisation meet it."""

from tests.conftest import House
from tests.integration.hazard_world import attempt, step
from tests.photos import exif_block, photo

MONTH = "/months/2026-11/statements/HBJX-3"


def score(house: House) -> str:
    return str(house.api("wangmin", "GET", MONTH).json["score"])


def test_a_hazard_is_found_repaired_verified_paid_and_counted(house: House) -> None:
    before = score(house)
    block = exif_block(position=(38.0431, 114.5032), taken="2026:11:02 08:59:00", offset="+08:00")
    number = house.report("lixia", photos=(photo(size=(400, 300), exif=block),))
    house.work()
    seen = house.read("wangmin", number)
    assert {w["source"] for w in seen["photos"][0]["witnesses"]} == {"place", "exif"}
    assert seen["photos"][0]["grade"] in {"A", "B"}
    step(house, "wangmin", number, "accept")
    step(house, "zhanglei", number, "acknowledge")
    step(house, "zhanglei", number, "rectify")
    assert attempt(house, "zhanglei", number, "close").status_code == 403
    step(house, "wangmin", number, "send_back")
    step(house, "zhanglei", number, "rectify")
    step(house, "wangmin", number, "close")
    house.work()
    assert house.api("lixia", "GET", "/points").json["balance"] == 5
    ticket = house.read("lixia", number)
    assert ticket["submitted_at"] <= ticket["accepted_at"] <= ticket["finished_at"] <= ticket["closed_at"]
    assert [p["stage"] for p in ticket["photos"]] == ["before", "after", "after"]
    assert {p["status"] for p in ticket["photos"]} == {"ready"}
    assert score(house) != before
    blocks = house.api("wangmin", "GET", MONTH).json["blocks"]
    links = [figure["hazards"].removeprefix("/api/v1") for block in blocks for figure in block["figures"]]
    assert any(number in str(house.api("wangmin", "GET", link).json) for link in links)
