"""The map without script, what it draws as JSON, and the pin by hand of the report form."""

import json
import re

import pytest
from sqlalchemy import select

from app.evidence.models import WitnessRow
from app.hazards.models import HazardRow
from tests.conftest import SMALL, House
from tests.edges.test_setup_pages import MAP, OURS, TILES, images_of, main_of, mapped
from tests.edges.visitor import Visitor, faults_of, hidden_fields, report_fields

BESIDE = (38.04275, 114.50251)
PIN = {"lat": BESIDE[0], "lon": BESIDE[1]}
POSITION = re.compile(r"3[78]\.\d{2,}|11[45]\.\d{2,}")
CLAIM = f"sha256:{'0' * 32}:{'0' * 64}"
PAGES = ("/map", "/map/marks")
needs_the_library = pytest.mark.skipif(
    not MAP.is_file(), reason="the map's library was not fetched (scripts/browser_libraries)"
)


def marks(house: House, login: str, query: str = "") -> dict:
    answer = Visitor(house, login).get(f"/map/marks{query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json


def test_the_same_hazards_stand_in_the_list_and_among_the_marks(house: House):
    at_place, in_words = house.report(), house.report(place_code=None, location_text="二层平台东侧")
    page = Visitor(house, "wangmin").get("/map").text
    assert set(re.findall(r'data-number="([^"]+)"', page)) >= {at_place, in_words}
    assert page.index("冲压线 A3") < page.index(f'data-number="{at_place}"')
    spots = marks(house, "wangmin")["spots"]
    assert [one["number"] for spot in spots for one in spot["hazards"]] == [at_place]
    assert (spots[0]["name"], spots[0]["at"]) == ("冲压线 A3", [38.0431, 114.5032])
    assert spots[0]["hazards"][0]["state"] == "submitted"


def test_a_hazard_that_nobody_placed_says_so_in_the_list(house: House):
    house.report(place_code=None, location_text="二层平台东侧")
    page = Visitor(house, "wangmin").get("/map").text
    group = page[page.index("二层平台东侧") :]
    assert ("地图上没有位置" in group) == MAP.is_file()


@pytest.mark.parametrize("path", PAGES)
def test_a_foreign_unit_answers_like_an_absent_one(house: House, path: str):
    for login in ("lixia", "wangmin", "liujianguo"):
        visitor = Visitor(house, login)
        foreign, absent = visitor.get(f"{path}?unit=RMYY-W"), visitor.get(f"{path}?unit=NOWHERE")
        assert foreign.status_code == absent.status_code == 404
        assert main_of(foreign.text) == main_of(absent.text)


@pytest.mark.parametrize("path", PAGES)
def test_the_map_is_closed_to_who_sees_no_hazards_and_offered_to_who_does(house: House, path: str):
    assert Visitor(house, "hbjx-admin").get(path).status_code == 403
    assert "/login" in Visitor(house).get(path).headers["Location"]
    assert 'href="/map"' not in Visitor(house, "hbjx-admin").get("/setup").text
    for login in ("lixia", "wangmin", "liujianguo", "tianye"):
        assert 'href="/map"' in Visitor(house, login).get("/follow").text
        assert Visitor(house, login).get(path).status_code == 200


def test_a_map_shows_areas_and_places_of_the_chosen_units_alone(house: House):
    everything = marks(house, "tianye")
    assert {"HBJX-A3", "RMYY-7N"} <= {place["code"] for place in everything["places"]}
    workshop = marks(house, "tianye", "?unit=HBJX-3")
    assert {place["code"] for place in workshop["places"]} == {"HBJX-A3", "HBJX-B1"}
    assert len(workshop["areas"]) == 1
    assert {place["code"] for place in marks(house, "lixia")["places"]} == {"HBJX-A3", "HBJX-B1"}


def test_neither_a_colleague_nor_a_reviewer_learns_where_an_anonymous_report_was_pinned(house: House):
    issued = house.api("lixia", "POST", "/passes").json["pass"]
    sent = house.send(
        None,
        headers={"Authorization": f"Pass {issued}"},
        anonymous=True,
        claim_hash=CLAIM,
        place_code=None,
        pin=PIN,
    )
    number = sent.json["number"]

    def drawn(login: str) -> list[list[float]]:
        spots = marks(house, login, "?unit=HBJX-3")["spots"]
        return [spot["at"] for spot in spots if number in {one["number"] for one in spot["hazards"]}]

    assert drawn("wangmin") == [list(BESIDE)]
    for login in ("lixia", "tianye"):
        assert list(BESIDE) not in drawn(login)
        assert number in Visitor(house, login).get("/map?unit=HBJX-3").text


def test_the_marks_name_nobody(house: House):
    number = house.report(place_code=None, pin=PIN)
    house.accept(number)
    for login in ("lixia", "zhanglei", "wangmin"):
        told = json.dumps(marks(house, login), ensure_ascii=False)
        for name in ("李霞", "lixia", "张磊", "zhanglei", "王敏"):
            assert name not in told


def test_no_address_of_the_map_holds_a_position(house: House):
    house.report(place_code=None, pin=PIN)
    page = Visitor(house, "wangmin").get("/map?unit=HBJX-3&show=all").text
    addresses = re.findall(r'(?:href|action|data-marks|src)="([^"]+)"', page)
    assert [address for address in addresses if POSITION.search(address)] == []


@needs_the_library
def test_tiles_may_be_loaded_on_the_pages_with_a_map(house: House):
    visitor = Visitor(mapped(house, MAP_TILES=f"{TILES} https://names.example.org/{{z}}/{{x}}/{{y}}"), "lixia")
    for path in ("/map", "/report", "/p/HBJX-A3"):
        answer = visitor.get(path)
        assert images_of(answer) == f"{OURS} https://tiles.example.org https://names.example.org"
    assert images_of(visitor.get("/mine")) == OURS
    assert images_of(Visitor(house, "lixia").get("/map")) == OURS


@needs_the_library
def test_the_report_form_loads_no_map_before_it_is_asked_for(house: House):
    page = Visitor(house, "lixia").get("/report").text
    assert re.findall(r'<script[^>]*src="[^"]*leaflet', page) == []
    assert re.findall(r'<link[^>]*href="[^"]*(?:leaflet|map\.css)', page) == []
    assert 'name="pin_lat" value=""' in page


def test_the_ground_of_a_pin_is_the_own_enterprise(house: House):
    around = Visitor(house, "lixia").get("/map/around").json
    codes = {place["code"] for place in around["places"]}
    assert {"HBJX-A3", "HBJX-DM"} <= codes
    assert not any(code.startswith("RMYY") for code in codes)
    assert Visitor(house, "hbjx-admin").get("/map/around").status_code == 403


def stored(house: House) -> tuple[HazardRow, WitnessRow | None]:
    with house.means.db.read() as session:
        hazard = session.execute(select(HazardRow).order_by(HazardRow.id.desc()).limit(1)).scalar_one()
        asked = select(WitnessRow).where(WitnessRow.source == "pin").order_by(WitnessRow.id.desc()).limit(1)
        pin = session.execute(asked).scalar_one_or_none()
        session.expunge_all()
    return hazard, pin


def test_a_pin_of_the_form_becomes_a_witness_and_places_the_hazard(house: House):
    lat, lon = (f"{degrees:.7f}" for degrees in BESIDE)
    visitor = Visitor(house, "lixia")
    form = dict(hidden_fields(visitor.get("/report").text)) | {"pin_lat": lat, "pin_lon": lon}
    answer = visitor.send("/report", list(form.items()), photos=(SMALL,), **report_fields(place_code=""))
    assert answer.status_code == 303, faults_of(answer)
    hazard, _pin = stored(house)
    assert (hazard.lat, hazard.lon) == pytest.approx(BESIDE)


def test_a_scanned_place_and_a_pin_are_two_witnesses(house: House):
    visitor = Visitor(house, "lixia")
    form = dict(hidden_fields(visitor.get("/p/HBJX-A3").text))
    form |= {"pin_lat": str(BESIDE[0]), "pin_lon": str(BESIDE[1])}
    words = {"category": "ELEC", "description": "配电箱门锁坏"}
    assert visitor.send("/p/HBJX-A3", list(form.items()), photos=(SMALL,), **words).status_code == 303
    hazard, pin = stored(house)
    assert (pin.lat, pin.lon, pin.datum) == (*BESIDE, "wgs84")
    assert (hazard.lat, hazard.lon) == (38.0431, 114.5032)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("91", "114.5"),
        ("x", "114.5"),
        ("38.04", ""),
        ("nan", "114.5"),
        ("0", "0"),
        ("1e1", "2"),
        ("38", "1" * 400),
    ],
)
def test_a_pin_that_is_none_is_told_once_and_does_not_come_back(house: House, lat: str, lon: str):
    visitor = Visitor(house, "lixia")
    form = dict(hidden_fields(visitor.get("/report").text)) | {"pin_lat": lat, "pin_lon": lon}
    answer = visitor.send("/report", list(form.items()), photos=(SMALL,), **report_fields())
    assert answer.status_code == 422
    assert faults_of(answer) == ["pin"]
    assert "坐标不对，请重新标注。" in answer.text
    again = hidden_fields(answer.text)
    assert ("pin_lat", "") in again
    assert visitor.send("/report", again, photos=(SMALL,), **report_fields()).status_code == 303


def test_a_refused_form_keeps_its_pin(house: House):
    visitor = Visitor(house, "lixia")
    form = dict(hidden_fields(visitor.get("/report").text)) | {"pin_lat": "38.0427500", "pin_lon": "114.5025100"}
    answer = visitor.send("/report", list(form.items()), photos=(SMALL,), **report_fields(category="NONE"))
    assert answer.status_code == 422
    kept = dict(hidden_fields(answer.text))
    assert (kept["pin_lat"], kept["pin_lon"]) == ("38.0427500", "114.5025100")


def test_a_pin_goes_on_through_the_question_about_look_alikes(house: House):
    house.report(place_code=None, pin=PIN, category="ELEC")
    house.work()
    visitor = Visitor(house, "wangmin")
    form = dict(hidden_fields(visitor.get("/report").text))
    form |= {"pin_lat": str(BESIDE[0]), "pin_lon": str(BESIDE[1]), "alike_seen": ""}
    answer = visitor.send("/report", list(form.items()), photos=(SMALL,), **report_fields(place_code=""))
    assert answer.status_code == 200
    carried = dict(hidden_fields(answer.text))
    assert (carried["pin_lat"], carried["pin_lon"]) == (str(BESIDE[0]), str(BESIDE[1]))
