"""What a place's QR code carries: random, one for each place, for who prints it, renewed without a trace."""

import re
from datetime import UTC, datetime

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.core.errors import NotFound
from app.factory import create_app
from app.units.correcting import PlaceWords
from app.units.models import PlaceRow
from app.units.placing import make_place, renew_scan_code
from config import Settings
from tests.databases import database_settings, stand_on

WHOLE = re.compile(r"[A-Za-z0-9_-]{22}")
OLD_UNIT = (
    "INSERT INTO unit (id, code, name, kind, path, timezone, made_at)"
    " VALUES (1, 'OLD', '老厂', 'enterprise', '/1/', 'Asia/Shanghai', :at)"
)
OLD_PLACE = "INSERT INTO place (id, code, name, unit_id, allows_guests) VALUES (:id, :code, '门', 1, :guests)"


def codes(house) -> dict[str, str]:
    with house.means.db.read() as session:
        return {row.code: row.scan_code for row in session.execute(select(PlaceRow.code, PlaceRow.scan_code))}


def test_places_of_before_get_a_code_each_and_keep_who_refers_to_them(tmp_path, request, database_kind):
    if database_kind == "postgresql":
        stand_on(tmp_path, request.getfixturevalue("postgres"))
    app = create_app(Settings.from_environment({"DATA": str(tmp_path), **database_settings(tmp_path)}))
    db = app.extensions["runtime"].db
    with app.app_context():
        upgrade(revision="0011")
    with db.write() as session:
        session.execute(text(OLD_UNIT), {"at": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
        for n in (1, 2):
            session.execute(text(OLD_PLACE), {"id": n, "code": f"OLD-P0{n}", "guests": n == 1})
    with app.app_context():
        upgrade()
    with db.read() as session:
        found = session.execute(select(PlaceRow.scan_code)).scalars().all()
    assert len(set(found)) == 2
    assert all(WHOLE.fullmatch(code) for code in found)
    with app.app_context():
        downgrade(revision="0011")
        upgrade()
    with db.read() as session:
        assert not set(session.execute(select(PlaceRow.scan_code)).scalars()) & set(found)
    db.engine.dispose()


def test_every_place_has_a_code_of_its_own_also_one_that_is_made_now(house):
    admin, at = house.actor("hbjx-admin"), house.clock()
    place = make_place("HBJX-3", PlaceWords("新点位"), code=None, by=admin, at=at, db=house.means.db)
    found = codes(house)
    assert found[place.code] == place.scan_code
    assert len(set(found.values())) == len(found)
    assert all(WHOLE.fullmatch(code) for code in found.values())
    assert place.scan_code not in repr(place)


@pytest.mark.parametrize("code", ["short", "", "A" * 23])
def test_the_database_keeps_no_code_that_is_not_whole(house, code):
    with pytest.raises(IntegrityError), house.means.db.write() as session:
        session.execute(update(PlaceRow).where(PlaceRow.code == "HBJX-DM").values(scan_code=code))


def test_the_database_keeps_no_code_twice(house):
    taken = house.scan_code("HBJX-A3")
    with pytest.raises(IntegrityError), house.means.db.write() as session:
        session.execute(update(PlaceRow).where(PlaceRow.code == "HBJX-DM").values(scan_code=taken))


def test_a_renewal_changes_this_code_alone(house):
    before = codes(house)
    renew_scan_code("HBJX-DM", by=house.actor("hbjx-admin"), at=house.clock(), db=house.means.db)
    after = codes(house)
    assert {code for code in before if before[code] != after[code]} == {"HBJX-DM"}
    with pytest.raises(NotFound):
        renew_scan_code("HBJX-DM", by=house.actor("rmyy-admin"), at=house.clock(), db=house.means.db)
    assert codes(house) == after


def test_the_api_tells_the_code_only_to_who_prints_it(house):
    def told(login: str) -> dict[str, str | None]:
        items = house.api(login, "GET", "/places").json["items"]
        return {place["code"]: place.get("scan_code") for place in items}

    found = codes(house)
    assert set(told("lixia").values()) == {None}
    assert set(told("zhanglei").values()) == {None}
    # 王敏 is the workshop's officer: its places, and nobody else's.
    own = told("wangmin")
    assert {code for code, scan_code in own.items() if scan_code} == {"HBJX-A3", "HBJX-B1"}
    for login in ("chenjun", "hbjx-admin", "liujianguo"):
        everything = told(login)
        assert everything
        assert all(found[code] == scan_code for code, scan_code in everything.items())


def test_people_of_the_enterprise_report_by_either_code_and_others_by_the_wall_alone(house):
    for code in ("HBJX-A3", house.scan_code("HBJX-A3")):
        assert house.read("chenjun", house.report("lixia", place_code=code))["place"]["code"] == "HBJX-A3"
    foreign = ("RMYY-7N", house.scan_code("RMYY-7N"), "RMYY-MZ", "NO-SUCH", "A" * 22)
    answers = {house.send("lixia", place_code=code).data for code in foreign}
    assert len(answers) == 1
    assert house.send("lixia", place_code=house.scan_code("RMYY-MZ")).status_code == 201


def test_a_retired_place_opens_by_no_code(house):
    code = house.scan_code("HBJX-DM")
    with house.means.db.write() as session:
        session.execute(update(PlaceRow).where(PlaceRow.code == "HBJX-DM").values(retired_at=house.clock()))
    assert house.app.test_client().get(f"/p/{code}").status_code == 303
    assert house.send("lixia", place_code=code).status_code == 422
