"""The set-up's pages without script: who may open them, what a refused form keeps, what reporters then see."""

import html
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.evidence.datums import Datum, degrees_from_wgs84, degrees_in_wgs84
from app.factory import create_app
from app.hazards.words import Category
from app.units.areas import areas_in
from app.units.models import PlaceRow
from app.units.queries import unit_by_code
from app.web.present_places import qr_of
from config import Settings
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of

MAP = Path(__file__).resolve().parents[2] / "app/web/static/vendor/leaflet/leaflet.js"
PAGES = (
    "/setup",
    "/setup/units",
    "/setup/units/{unit}",
    "/setup/units/{unit}/new",
    "/setup/units/{unit}/edit",
    "/setup/units/{unit}/headcount",
    "/setup/units/{unit}/move",
    "/setup/units/{unit}/retire",
    "/setup/units/{unit}/places/new",
    "/setup/units/{unit}/areas/new",
    "/setup/units/{unit}/categories",
    "/setup/units/{unit}/deadlines",
    "/setup/places/{place}",
    "/setup/changes?unit={unit}",
    "/setup?unit={unit}",
)
OWN = {"unit": "HBJX-3", "place": "HBJX-A3"}
FOREIGN = {"unit": "RMYY-W", "place": "RMYY-7N"}
ABSENT = {"unit": "NOWHERE", "place": "NOWHERE"}
SQUARE = "38.0460, 114.5000\n38.0460, 114.5010\n38.0470, 114.5010\n38.0470, 114.5000"


@pytest.fixture
def admin(house: House) -> Visitor:
    return Visitor(house, "hbjx-admin")


def area_key(house: House, code: str) -> str:
    with house.means.db.read() as session:
        return areas_in(session, [unit_by_code(session, code).id])[0].key


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_opens_every_page_of_an_own_unit(admin: Visitor, page: str):
    assert admin.get(page.format(**OWN)).status_code == 200


@pytest.mark.parametrize("page", [page for page in PAGES if "{" in page])
def test_a_foreign_unit_answers_like_an_absent_one(admin: Visitor, page: str):
    foreign, absent = admin.get(page.format(**FOREIGN)), admin.get(page.format(**ABSENT))
    assert foreign.status_code == absent.status_code == 404
    assert main_of(foreign.text) == main_of(absent.text)


def main_of(page: str) -> str:
    """What the page itself says, without what names this very request."""
    return re.sub(r"RMYY-\w+|NOWHERE|[0-9a-f]{16,}", "", page[page.index("<main") :])


@pytest.mark.parametrize("login", ["chenjun", "liujianguo", "lixia", "zhanglei", "tianye"])
def test_the_set_up_is_closed_to_who_manages_no_unit(house: House, login: str):
    visitor = Visitor(house, login)
    for page in PAGES:
        assert visitor.get(page.format(**OWN)).status_code == 403
    assert "/setup" not in visitor.get("/follow").text.partition("<main")[0].replace("/setup-", "")


def test_a_stranger_is_sent_to_sign_in(house: House):
    assert "/login" in Visitor(house).get("/setup").headers["Location"]


def test_foreign_areas_places_and_ends_are_absent(house: House, admin: Visitor):
    foreign = area_key(house, "RMYY")
    for path in (f"/setup/areas/{foreign}", "/setup/areas/1", "/setup/areas/no-such-key"):
        assert admin.get(path).status_code == 404
    for path in (f"/setup/areas/{foreign}/retire", "/setup/places/RMYY-7N/retire", "/setup/units/RMYY-W/retire"):
        assert admin.client.post(path, data={"csrf_token": token_of(admin)}).status_code == 404


def token_of(visitor: Visitor) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/setup").text)
    assert found is not None
    return found[1]


def test_a_form_without_its_token_changes_nothing(house: House, admin: Visitor):
    assert admin.client.post("/setup/places/HBJX-A3/retire").status_code == 400
    assert house.send("lixia", place_code="HBJX-A3").status_code == 201


def test_a_refused_form_keeps_what_was_typed_and_points_at_each_fault(admin: Visitor):
    answer = admin.post("/setup/units/HBJX/new", name="  ", kind="federation", code="三号", headcount="许多")
    assert answer.status_code == 422
    assert faults_of(answer) == ["headcount"]
    answer = admin.post("/setup/units/HBJX/new", name="  ", kind="federation", code="三号", headcount="5")
    assert set(faults_of(answer)) == {"code", "name", "kind"}
    assert 'value="三号"' in answer.text
    assert 'value="5"' in answer.text


def test_names_are_shown_as_text_and_never_as_markup(admin: Visitor):
    admin.post("/setup/units/HBJX/new", name="<b>车间</b>\"'", kind="workshop")
    for path in ("/setup/units", "/setup/changes", "/setup/units/HBJX"):
        page = admin.get(path).text
        assert "<b>车间" not in page
        assert "&lt;b&gt;车间" in page


# --- positions and areas ---


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_position_from_another_map_is_kept_in_wgs84(house: House, admin: Visitor, datum: str):
    answer = admin.post(
        "/setup/places/HBJX-A3", name="冲压线 A3", position="38.0440，114.5094", datum=datum, unit="HBJX-3"
    )
    assert answer.status_code == 303
    with house.means.db.read() as session:
        row = session.execute(select(PlaceRow).where(PlaceRow.code == "HBJX-A3")).scalar_one()
    assert (row.lat, row.lon) == pytest.approx(degrees_in_wgs84(38.0440, 114.5094, datum=Datum(datum)))
    assert abs(row.lon - 114.5094) > 0.003


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("114.5032, 38.0431", "写反了"),
        ("东门旁边", "坐标读不懂"),
        ("38.0431", "坐标读不懂"),
        ("38.0431,114.5032\n38.0441,114.5032", "坐标读不懂"),
        ("38.0431, 190", "坐标不对"),
    ],
)
def test_a_mistyped_position_says_what_to_do(admin: Visitor, typed: str, sentence: str):
    answer = admin.post("/setup/units/HBJX/places/new", name="x", position=typed)
    assert answer.status_code == 422
    assert faults_of(answer) == ["position"]
    assert sentence in answer.text


def test_an_area_is_typed_without_script_and_a_photo_inside_goes_to_its_unit(house: House, admin: Visitor):
    answer = admin.post("/setup/units/HBJX-3/areas/new", name="北院", corners=SQUARE, datum="wgs84")
    assert answer.status_code == 303
    number = house.report("lixia", place_code=None, pin={"lat": 38.0465, "lon": 114.5005})
    assert house.read("chenjun", number)["unit"]["code"] == "HBJX-3"
    page = admin.get("/setup/units/HBJX-3").text
    assert "北院" in page


@pytest.mark.parametrize(
    ("corners", "sentence"),
    [
        ("38.1,114.5\n38.2", "第 2 行读不懂"),
        ("38.0460,114.5000\n38.0470,114.5010\n38.0460,114.5010\n38.0470,114.5000", "互相交叉"),
        ("38.1,114.5", "至少要三个角点"),
        ("", "至少要三个角点"),
        ("114.5,38.1\n114.6,38.1\n114.6,38.2", "写反了"),
    ],
)
def test_a_mistyped_outline_says_what_to_do_and_stays_typed(admin: Visitor, corners: str, sentence: str):
    answer = admin.post("/setup/units/HBJX-3/areas/new", name="北院", corners=corners)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert html.escape(corners) in answer.text


def test_the_map_is_told_of_what_stands_around_but_of_no_other_enterprise(admin: Visitor):
    page = html.unescape(admin.get("/setup/units/HBJX-3/areas/new").text)
    assert "冲压线 A3" in page
    assert "七病区护士站" not in page
    assert "第二人民医院" not in page


def test_the_editor_works_where_the_maps_library_was_never_fetched(house: House, admin: Visitor, tmp_path):
    house.app.static_folder = str(tmp_path)
    page = admin.get("/setup/units/HBJX-3/areas/new").text
    assert "leaflet" not in page
    assert '<textarea class="in corners"' in page


# --- choices that reporters and officers meet ---


def hide(admin: Visitor, unit: str, *hidden: str) -> None:
    page = admin.get(f"/setup/units/{unit}/categories").text
    codes = re.findall(r'name="shown" value="([A-Z]{4})"', page)
    shown = [code for code in codes if code not in hidden]
    answer = admin.client.post(
        f"/setup/units/{unit}/categories", data={"csrf_token": token_of(admin), "follows": "", "shown": shown}
    )
    assert answer.status_code == 303


def offered(page: str) -> set[str]:
    return set(re.findall(r'name="category" value="([A-Z]{4})"', page))


def test_a_hidden_category_is_offered_to_nobody_there_and_everybody_elsewhere(house: House, admin: Visitor):
    hide(admin, "HBJX", "FOOD", "MEDI")
    for page in ("/report", "/p/HBJX-A3"):
        shown = offered(Visitor(house, "lixia").get(page).text)
        assert len(shown) == 19
        assert not shown & {"FOOD", "MEDI"}
    assert len(offered(Visitor(house, "sunli").get("/report").text)) == 21


def mapped(house: House, **settings: str) -> House:
    """The same house, started again with a map."""
    at = str(house.means.settings.data)
    app = create_app(Settings.from_environment({"DATA": at, **settings}), clock=house.clock)
    return House(app, house.clock, house.decoder)


def images_of(answer: TestResponse) -> str:
    policy = answer.headers["Content-Security-Policy"]
    return next(part.strip() for part in policy.split(";") if part.strip().startswith("img-src"))


TILES = "https://tiles.example.org/{z}/{x}/{y}.png?k=1&v=2"
OURS = "img-src 'self' blob: data:"


def test_without_tiles_the_map_loads_nothing_from_elsewhere(admin: Visitor):
    answer = admin.get("/setup/units/HBJX-3/areas/new")
    assert images_of(answer) == OURS
    assert "data-tiles" not in answer.text
    assert "map-credit" not in answer.text


@pytest.mark.skipif(not MAP.is_file(), reason="the map's library was not fetched (scripts/browser_libraries)")
def test_tiles_are_allowed_on_the_page_of_the_map_alone(house: House):
    admin = Visitor(mapped(house, MAP_TILES=TILES, MAP_CREDIT="© 天地图 <b>"), "hbjx-admin")
    page = admin.get("/setup/units/HBJX-3/areas/new")
    assert images_of(page) == f"{OURS} https://tiles.example.org"
    assert f'data-tiles="{html.escape(TILES)}"' in page.text
    assert "© 天地图 &lt;b&gt;" in page.text
    refused = admin.post("/setup/units/HBJX-3/areas/new", name="北院", corners="x")
    assert images_of(refused) == f"{OURS} https://tiles.example.org"
    for other in ("/setup", "/setup/units/HBJX-3", "/report"):
        assert images_of(admin.get(other)) == OURS


def test_a_shifted_map_draws_shifted_and_what_comes_back_is_stored_where_it_is(house: House):
    shifted = mapped(house, MAP_TILES=TILES, MAP_DATUM="gcj02")
    admin = Visitor(shifted, "hbjx-admin")

    def outline() -> list[tuple[float, float]]:
        with house.means.db.read() as session:
            return [tuple(corner) for corner in areas_in(session, [unit_by_code(session, "HBJX-3").id])[0].corners]

    stored, key = outline(), area_key(house, "HBJX-3")
    page = html.unescape(admin.get(f"/setup/areas/{key}").text)
    assert 'data-datum="gcj02"' in page
    assert '<option value="gcj02" selected>' in page
    typed = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert typed is not None
    drawn = [tuple(float(part) for part in line.split(",")) for line in typed[1].splitlines()]
    wanted = [degrees_from_wgs84(lat, lon, datum=Datum.GCJ02) for lat, lon in stored]
    assert drawn == [pytest.approx(corner, abs=1e-8) for corner in wanted]
    assert abs(drawn[0][0] - stored[0][0]) + abs(drawn[0][1] - stored[0][1]) > 0.003
    around = json.loads(re.search(r"data-shapes=\"(\{.*?\})\" data-datum", page)[1])
    place = next(one for one in around["places"] if one["name"])
    with house.means.db.read() as session:
        at = session.execute(select(PlaceRow.lat, PlaceRow.lon).where(PlaceRow.name == place["name"])).one()
    assert place["at"] == pytest.approx(degrees_from_wgs84(*at, datum=Datum.GCJ02))
    saved = admin.post(f"/setup/areas/{key}", name="三号车间区域", corners=typed[1], datum="gcj02")
    assert saved.status_code == 303
    assert outline() == [pytest.approx(corner, abs=2e-8) for corner in stored]


def to_narrow_by(page: str) -> set[str]:
    select = re.search(r'<select[^>]* name="category">(.*?)</select>', page, re.DOTALL)
    assert select is not None
    return set(re.findall(r'<option value="([A-Z]{4})"', select[1]))


@pytest.mark.parametrize("path", ["/inbox", "/papers/register"])
def test_lists_are_narrowed_by_what_is_shown_or_in_use(house: House, admin: Visitor, path):
    house.report("lixia", category="FOOD")
    house.report("sunli", place_code="RMYY-7N", category="MEDI")
    hide(admin, "HBJX", "FOOD", "MEDI", "DUST")
    officer = Visitor(house, "wangmin")
    offered_now = to_narrow_by(officer.get(path).text)
    assert "FOOD" in offered_now
    assert len(offered_now) == 19
    # An old link to a hidden category is said as it is asked for.
    assert "DUST" in to_narrow_by(officer.get(f"{path}?category=DUST").text)
    assert len(to_narrow_by(Visitor(house, "maling").get(path).text)) == 21


def test_what_one_workshop_hides_another_still_shows(house: House, admin: Visitor):
    hide(admin, "HBJX-3", "DUST")
    assert "DUST" not in to_narrow_by(Visitor(house, "wangmin").get("/inbox").text)
    assert "DUST" in to_narrow_by(Visitor(house, "chenjun").get("/inbox").text)


def test_the_api_names_what_the_callers_unit_shows_and_takes_every_code(house: House, admin: Visitor):
    hide(admin, "HBJX", "FOOD", "MEDI")

    def named(login: str | None, **request) -> set[str]:
        return {item["code"] for item in house.api(login, "GET", "/categories", **request).json["items"]}

    assert named("lixia") == set(Category) - {"FOOD", "MEDI"}
    assert named("sunli") == named(None) == set(Category)
    assert named(None, headers={"Authorization": "Bearer ended"}) == set(Category)
    assert house.send("lixia", category="MEDI").status_code == 201


def test_other_stays_though_its_box_is_never_sent(house: House, admin: Visitor):
    hide(admin, "HBJX", "OTHR")
    assert "OTHR" in offered(Visitor(house, "lixia").get("/report").text)


def test_a_hazard_of_a_hidden_category_is_accepted_as_before(house: House, admin: Visitor):
    number = house.report("lixia", category="FOOD")
    hide(admin, "HBJX", "FOOD", "MEDI")
    form = Visitor(house, "wangmin").get(f"/tickets/{number}/accept").text
    assert 'value="FOOD"' in form
    assert 'value="MEDI"' not in form
    assert house.send("lixia", category="MEDI").status_code == 201
    house.accept(number, category="FOOD")
    assert house.state(number) == "rectifying"


def test_a_batch_offers_what_its_units_show_and_what_its_hazards_say(house: House, admin: Visitor):
    number = house.report("lixia", category="FOOD")
    hide(admin, "HBJX", "FOOD", "MEDI")
    form = Visitor(house, "wangmin").get(f"/desk/accept?hazard={number}").text
    assert 'value="FOOD"' in form
    assert 'value="MEDI"' not in form


def test_a_unit_below_follows_again_once_it_takes_its_choice_back(house: House, admin: Visitor):
    hide(admin, "HBJX", "FOOD")
    hide(admin, "HBJX-3", "MEDI")
    assert "FOOD" in offered(Visitor(house, "lixia").get("/report").text)
    admin.post("/setup/units/HBJX-3/categories", follows="1")
    shown = offered(Visitor(house, "lixia").get("/report").text)
    assert ("FOOD" in shown, "MEDI" in shown) == (False, True)


# --- the list, the sheet, the record ---


def test_the_first_hours_list_counts_what_stands_and_says_what_is_missing(house: House, admin: Visitor):
    page = admin.get("/setup").text
    assert "已有 4 个下级单位" in page
    assert "已有 4 个点位" in page
    assert "安全员 2 人" in page
    assert admin.get("/").headers["Location"] == "/setup"


def test_a_sheet_holds_the_places_of_a_unit_and_below_or_the_chosen_ones(house: House, admin: Visitor):
    whole = admin.get("/places/sheet?unit=HBJX").text
    assert whole.count('<article class="label"') == 4
    one = admin.get("/places/sheet?unit=HBJX&place=HBJX-DM&per=15").text
    assert one.count('<article class="label"') == 1
    assert str(qr_of(f"{house.means.settings.public_url}/p/{house.scan_code('HBJX-DM')}")) in one


def test_a_sheet_never_shows_foreign_places(house: House, admin: Visitor):
    assert admin.get("/places/sheet?unit=RMYY").status_code == 404
    assert admin.get("/places/sheet?unit=NOWHERE").status_code == 404
    assert "七病区" not in admin.get("/places/sheet?place=RMYY-7N").text
    assert Visitor(house, "lixia").get("/places/sheet").status_code == 403
    assert Visitor(house, "chenjun").get("/places/sheet").status_code == 200


def test_the_record_says_who_changed_what_in_words(admin: Visitor):
    hide(admin, "HBJX", "FOOD")
    admin.post("/setup/places/HBJX-A3", name="冲压线 A3 号", position="", unit="HBJX-3", allows_guests="1")
    page = re.sub(r"<[^>]+>", " ", admin.get("/setup/changes").text)
    told = " ".join(page.split())
    assert "修改了“华北机械厂”的设置" in told
    assert "不显示的类别 食品" in told
    assert "修改了点位“冲压线 A3 号”" in told
    assert "访客扫码 否 → 改为 是" in told
    assert "周洁" in told


@pytest.mark.parametrize("asked", ["before=9" * 30, "before=-1", "before=x", "kind=nonsense", "before=²"])
def test_a_made_up_page_of_the_record_is_no_fault(admin: Visitor, asked: str):
    assert admin.get(f"/setup/changes?{asked}").status_code == 200
