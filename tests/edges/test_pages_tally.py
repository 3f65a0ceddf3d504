import re

import pytest

from app.web.present_places import qr_of
from tests.edges.visitor import Visitor, without_own_address


def close_one(house) -> str:
    number = house.report()
    house.accept(number)
    house.clock.forward(hours=1)
    house.rectify(number)
    house.close(number)
    house.work()
    return number


def test_every_figure_opens_the_hazards_behind_it(house):
    number = close_one(house)
    reviewer = Visitor(house, "tianye")
    page = reviewer.get("/months/2026-11/HBJX").text
    links = re.findall(r'class="fig" href="([^"]+)"', page)
    assert len(links) == 10
    opened = {link.rsplit("/", 1)[1]: reviewer.get(link) for link in links}
    assert all(answer.status_code == 200 for answer in opened.values())
    for figure in ("participation", "per_hundred", "on_time", "closed_in_year", "first_pass", "first_act"):
        assert number in opened[figure].text, figure
    assert number not in opened["overdue"].text


def test_the_ranking_names_units_of_the_same_size_with_their_places(house):
    close_one(house)
    page = Visitor(house, "tianye").get("/months/2026-11/SZH").text
    places = re.findall(r"<tr[^>]*>\s*<td>(\d+)</td>", page)
    assert places == ["1", "2"]


def test_months_follow_one_another_up_to_the_present(house):
    reviewer = Visitor(house, "tianye")
    page = reviewer.get("/months/2026-11/HBJX").text
    assert "/months/2026-10/HBJX" in page
    assert "/months/2026-12/HBJX" not in page
    assert "/months/2026-11/HBJX" in reviewer.get("/months/2026-10/HBJX").text


def test_the_unit_can_be_switched(house):
    switched = Visitor(house, "tianye").get("/months/2026-10?unit=RMYY")
    assert switched.location == "/months/2026-10/RMYY"


@pytest.mark.parametrize(
    "path",
    [
        "/months/2026-13/HBJX",
        "/months/2026-12/HBJX",
        "/months/x/HBJX",
        "/months/1999-01/HBJX",
        "/months/2026-11/NO",
        "/months/2026-11/HBJX/veto",
        "/months/2026-11/HBJX/ten_ones",
    ],
)
def test_what_is_no_month_unit_or_figure_is_absent(house, path):
    assert Visitor(house, "tianye").get(path).status_code == 404


def test_a_worker_reads_no_statement(house):
    for path in ("/months", "/months/2026-11/HBJX", "/months/2026-11/HBJX/on_time"):
        assert Visitor(house, "lixia").get(path).status_code == 403


def test_an_officer_reads_the_own_unit_and_no_other(house):
    officer = Visitor(house, "wangmin")
    assert officer.get("/months").location == "/months/2026-11/HBJX-3"
    assert officer.get("/months/2026-11/HBJX-3").status_code == 200
    assert officer.get("/months/2026-11/RMYY").status_code == 404
    assert officer.get("/months/2026-11/HBJX").status_code == 404


def test_places_are_those_of_the_reader(house):
    page = Visitor(house, "liujianguo").get("/places").text
    assert "HBJX-A3" in page
    assert "RMYY-7N" not in page


def test_a_poster_leads_to_the_places_own_form(house):
    head = Visitor(house, "liujianguo")
    poster = head.get("/places/HBJX-A3/poster").text
    assert house.means.settings.public_url + "/p/HBJX-A3" in poster
    assert "<svg" in poster
    # The QR code opens it to guests; what it carries is written nowhere.
    assert str(qr_of(f"{house.means.settings.public_url}/p/{house.scan_code('HBJX-A3')}")) in poster
    assert house.scan_code("HBJX-A3") not in poster
    assert house.scan_code("HBJX-A3") not in head.get("/places").text
    assert head.get("/places/RMYY-7N/poster").status_code == 404


def test_from_a_figures_hazard_one_comes_back_to_the_figure(house):
    number = close_one(house)
    reviewer = Visitor(house, "tianye")
    path = "/months/2026-11/HBJX/on_time"
    link = re.search(rf'href="(/tickets/{number}\?from=[^"]+)"', reviewer.get(path).text)[1]
    opened = reviewer.get(link)
    assert f'class="back" href="{path}"' in opened.text
    assert 'class="search"' not in opened.text
    away = reviewer.get(f"/tickets/{number}?from=//evil.example")
    assert "evil.example" not in without_own_address(away.text)


def test_a_month_and_its_figures_read_as_english(house):
    close_one(house)
    page = Visitor(house, "tianye", language="en").get("/months/2026-11/HBJX").text
    assert "November 2026" in page
    assert "Major hazards with missing controls" in page
    assert "Found by a higher body" in page


def test_a_rates_formula_explains_what_is_added(house):
    close_one(house)
    reviewer = Visitor(house, "tianye")
    assert "上下各加 5" in reviewer.get("/months/2026-11/HBJX/on_time").text
    assert "达到 20 % 得满分" in reviewer.get("/months/2026-11/HBJX/participation").text


def test_a_worker_has_no_posters(house):
    for path in ("/places", "/places/HBJX-A3/poster"):
        assert Visitor(house, "lixia").get(path).status_code == 403
