"""The import: template, dry run, faults, one transaction, hostile files, and the same file once more."""

import io
import re
import zipfile

import openpyxl
import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.accounts.models import AccountRow, GrantRow
from app.core.changes import ChangeRow
from app.core.errors import Invalid
from app.units.arranging import change_unit, count_people
from app.units.correcting import PlaceWords, UnitWords
from app.units.making import add_unit
from app.units.models import PlaceRow, UnitRow
from app.units.placing import change_place
from app.units.queries import unit_by_code
from app.web.people import workbook_file
from app.web.people.workbook_file import read_workbook
from app.web.people.workbook_sheets import template
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of
from tests.integration.workbooks import GOOD, workbook

ADMIN = "hbjx-admin"
TABLES = (UnitRow, AccountRow, GrantRow, PlaceRow, ChangeRow)


def counts(house: House) -> list[int]:
    with house.means.db.read() as session:
        return [session.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES]


def upload(visitor: Visitor, content: bytes):
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/people/import").text)[1]
    parts = {"csrf_token": [token], "workbook": [FileStorage(io.BytesIO(content), "表.xlsx")]}
    boundary, body = encode_multipart(parts)
    return visitor.client.post(
        "/people/import", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    return found[1] if found else ""


def bring_in(visitor: Visitor, token: str):
    return visitor.post("/people/import/do", token=token)


def repacked(content: bytes, *, change=lambda _name, body: body, more=()) -> bytes:
    """The same workbook with parts changed or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
        for name, body in more:
            new.writestr(name, body)
    return made.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        read_workbook(content)
    return refused.value.faults[0].code


def test_the_dry_run_writes_nothing_and_the_import_everything(house):
    visitor, before = Visitor(house, ADMIN), counts(house)
    looked = upload(visitor, workbook(**GOOD))
    assert looked.status_code == 200, looked.text
    assert counts(house) == before
    done = bring_in(visitor, token_of(looked.text))
    assert (done.status_code, done.location) == (303, "/people/invitations")
    after = counts(house)
    assert [a - b for a, b in zip(after, before, strict=True)][:4] == [2, 3, 3, 2]
    with house.means.db.read() as session:
        unit = unit_by_code(session, "HBJX-N-1")
        zhang = session.execute(select(AccountRow).where(AccountRow.name == "张三")).scalar_one()
        made = session.execute(select(ChangeRow).where(ChangeRow.subject == zhang.login)).scalar_one()
    assert unit.name == "一班"
    assert zhang.login == "hbjxn1-001"
    assert zhang.password_hash is None
    assert made.account_id == house.actor(ADMIN).account_id
    assert made.after["roles"] == "worker@HBJX-N-1"
    assert "3 人还没有能用的链接" in visitor.get("/people/invitations").text


def test_the_same_file_once_more_changes_nothing(house):
    visitor, content = Visitor(house, ADMIN), workbook(**GOOD)
    bring_in(visitor, token_of(upload(visitor, content).text))
    before = counts(house)
    again = upload(visitor, content)
    assert "系统里都有了" in again.text
    assert 'form="do"' not in again.text
    bring_in(visitor, token_of(again.text))
    assert counts(house) == before


def test_corrections_are_made_and_recorded(house):
    visitor = Visitor(house, ADMIN)
    content = workbook(
        units=(("HBJX-3", "第三车间", "车间", "HBJX", 150),),
        people=(("lixia", "李霞霞", "HBJX-3-A", "安全员", "HBJX-3-A"),),
        places=(("HBJX-A3", "冲压线甲三", "HBJX-3", None, None, "是"),),
    )
    assert bring_in(visitor, token_of(upload(visitor, content).text)).status_code == 303
    assert house.actor("lixia").name == "李霞霞"
    assert len(house.actor("lixia").grants) == 2
    with house.means.db.read() as session:
        place = session.execute(select(PlaceRow).where(PlaceRow.code == "HBJX-A3")).scalar_one()
        rows = session.execute(select(ChangeRow).order_by(ChangeRow.id)).scalars()
        said = {(row.subject, *row.after): (row.before, row.after) for row in rows}
    assert (place.name, place.allows_guests, place.lat is not None) == ("冲压线甲三", True, True)
    assert said["HBJX-3", "name"] == ({"name": "三号车间"}, {"name": "第三车间"})
    assert said["HBJX-3", "people", "since"] == ({"people": 148}, {"people": 150, "since": "2026-11-02"})
    assert said["HBJX-A3", "name", "allows_guests"][1] == {"name": "冲压线甲三", "allows_guests": True}


def records(house: House) -> list[tuple[object, ...]]:
    with house.means.db.read() as session:
        rows = session.execute(select(ChangeRow).order_by(ChangeRow.id)).scalars()
        return [(r.kind, r.subject, r.name, r.unit_id, r.before, r.after, r.account_id) for r in rows]


def test_the_pages_and_the_import_leave_equal_records(house):
    """A unit and a place, corrected by pages, put back, and corrected the same way by a workbook."""
    visitor, administrator = Visitor(house, ADMIN), house.actor(ADMIN)
    rest = {"by": administrator, "at": house.clock(), "db": house.means.db}
    count_people("HBJX-3", headcount=148, since=None, **rest)
    before = len(records(house))
    change_unit("HBJX-3", UnitWords("冲压车间", "workshop"), **rest)
    count_people("HBJX-3", headcount=149, since=None, **rest)
    change_place("HBJX-A3", PlaceWords("冲压线甲", 38.0432, 114.5033, allows_guests=True), **rest)
    by_pages = records(house)[before:]
    change_unit("HBJX-3", UnitWords("三号车间", "workshop"), **rest)
    count_people("HBJX-3", headcount=148, since=None, **rest)
    change_place("HBJX-A3", PlaceWords("冲压线 A3", 38.0431, 114.5032), **rest)
    before = len(records(house))
    content = workbook(
        units=(("HBJX-3", "冲压车间", "车间", "HBJX", 149),),
        places=(("HBJX-A3", "冲压线甲", "HBJX-3", 38.0432, 114.5033, "是"),),
    )
    assert bring_in(visitor, token_of(upload(visitor, content).text)).status_code == 303
    assert records(house)[before:] == by_pages
    assert len(by_pages) == 3


def test_every_fault_is_shown_with_its_cell_in_the_readers_language_and_nothing_is_kept(house):
    content = workbook(
        units=(("HBJX-9", "九", "工段", "NO", "x"),),
        people=(("wangmin2", "", "HBJX-3", "工长", ""), ("maling", "马玲", "HBJX-3", "职工", "")),
        places=(("", "门", "RMYY", 38, None, "也许"),),
    )
    before = counts(house)
    for language, words in (("zh-CN", "请填写这一项"), ("en", "Choose the level from the list")):
        page = upload(Visitor(house, ADMIN, language=language), content)
        assert page.status_code == 422
        assert re.findall(r'class="at">[^<]*?([A-G]\d)', page.text) == [
            "C2", "D2", "E2", "B2", "D2", "A3", "C2", "E2", "F2",
        ]  # fmt: skip
        assert words in page.text
        assert token_of(page.text) == ""
    assert counts(house) == before


def test_a_foreign_unit_is_like_an_absent_one(house):
    visitor = Visitor(house, ADMIN)
    pages = [
        upload(visitor, workbook(people=(("", "某", code, "管理员", ""),))).text.replace(code, "X")
        for code in ("RMYY", "SZH", "NONE")
    ]
    told = [re.search(r'<ul class="cells">.*?</ul>', page, re.DOTALL)[0] for page in pages]
    assert told[0] == told[1] == told[2]


def test_what_changed_since_the_dry_run_refuses_the_whole_import(house):
    visitor = Visitor(house, ADMIN)
    token = token_of(upload(visitor, workbook(**GOOD)).text)
    with house.means.db.write() as session:
        add_unit(
            session, code="HBJX-N", name="别的", kind="team", parent=unit_by_code(session, "HBJX"), headcount=None,
            timezone=None, account_id=None, at=house.clock(),
        )  # fmt: skip
    before = counts(house)
    refused = bring_in(visitor, token)
    assert refused.status_code == 422
    assert "什么都没有导入" in refused.text
    assert counts(house) == before


def test_a_token_is_ones_own_and_for_a_day(house):
    visitor = Visitor(house, ADMIN)
    token = token_of(upload(visitor, workbook(**GOOD)).text)
    before = counts(house)
    for other, said in ((Visitor(house, "rmyy-admin"), token), (visitor, token + "x"), (visitor, "")):
        refused = bring_in(other, said)
        assert (refused.status_code, faults_of(refused)) == (422, ["workbook"])
    for key in list(house.means.store.keys()):
        house.means.store.remove(key)
    assert bring_in(visitor, token).status_code == 422
    assert counts(house) == before


def test_the_template_is_taken_back_as_it_is_and_when_filled(house):
    visitor = Visitor(house, ADMIN)
    empty = upload(visitor, visitor.get("/people/import/template").data)
    assert "第 2 行" in empty.text
    book = openpyxl.load_workbook(io.BytesIO(template()))
    assert [tab.title for tab in book.worksheets][:3] == ["单位 Units", "人员 People", "点位 Places"]
    assert book.worksheets[1].data_validations.dataValidation
    book.worksheets[0].append(["HBJX-T", "模板班", "班组 Team", "HBJX", "9"])
    book.worksheets[1].append(["", "钱七", "HBJX-T", "安全员 Safety officer"])
    filled = io.BytesIO()
    book.save(filled)
    assert bring_in(visitor, token_of(upload(visitor, filled.getvalue()).text)).status_code == 303


def test_formulas_are_faults_never_values(house):
    page = upload(Visitor(house, ADMIN), workbook(units=(("HBJX-F", "=CMD()", "班组", "HBJX", "=1+1"),)))
    assert page.status_code == 422
    assert page.text.count("这一格是公式") == 2


def test_what_is_no_workbook_is_refused_with_what_to_do():
    good = workbook(**GOOD)
    assert refusal(b"") == "not_a_workbook"
    assert refusal(b"name,unit\n") == "not_a_workbook"
    assert refusal(b"PK\x03\x04" + b"x" * 50) == "not_a_workbook"
    assert refusal(good[: len(good) // 2]) == "not_a_workbook"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "workbook_old_or_locked"
    book = openpyxl.Workbook()
    other = io.BytesIO()
    book.save(other)
    assert refusal(other.getvalue()) == "no_sheets"


def test_macros_links_and_entities_are_refused():
    good = workbook(**GOOD)
    assert refusal(repacked(good, more=[("xl/vbaProject.bin", b"x")])) == "workbook_macros"
    assert refusal(repacked(good, more=[("xl/externalLinks/externalLink1.xml", b"<x/>")])) == "workbook_links"
    named = repacked(good, change=lambda _name, body: body.replace(b"sheet.main", b"sheet.macroEnabled.main"))
    assert refusal(named) == "workbook_macros"
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        assert (
            refusal(repacked(good, change=lambda n, b, name=name: bomb + b if n == name else b))
            == "not_a_workbook"
        )


def test_entities_are_found_whatever_a_part_is_called():
    """A relationship may name any part a sheet: a small file of repeated entities cost a gigabyte."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><worksheet/>'
    assert refusal(repacked(workbook(**GOOD), more=[("xl/worksheets/sheet1.dat", bomb)])) == "not_a_workbook"
    assert openpyxl.DEFUSEDXML, "the second fence: the parser itself refuses entities"


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch):
    good = workbook(**GOOD)
    bomb = repacked(good, more=[("xl/media/big.bin", bytes(workbook_file.UNPACKED_MOST))])
    assert len(bomb) < workbook_file.BYTES_MOST
    assert refusal(bomb) == "workbook_too_full"
    assert refusal(repacked(good, more=[(f"x/{n}", b"") for n in range(300)])) == "workbook_too_full"
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_args: pytest.fail("read before it was bounded"))
    assert refusal(bomb) == "workbook_too_full"


def test_a_sheet_that_claims_to_be_endless_is_read_by_what_it_holds():
    good = workbook(**GOOD)
    claims = repacked(
        good, change=lambda _n, b: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', b)
    )
    assert read_workbook(claims) == read_workbook(good)
    far = repacked(good, change=lambda n, b: b.replace(b'r="3"', b'r="900000"') if n.endswith("sheet1.xml") else b)
    assert read_workbook(far)


def test_rows_beyond_the_limit_are_told_not_dropped(monkeypatch, house):
    monkeypatch.setattr(workbook_file, "ROWS_MOST", 2)
    page = upload(Visitor(house, ADMIN), workbook(**GOOD))
    assert page.status_code == 422
    assert "从这一行起没有读" in page.text


def test_a_file_over_the_limit_is_refused_and_says_the_limit(house):
    visitor = Visitor(house, ADMIN)
    before = counts(house)
    refused = upload(visitor, b"PK\x03\x04" + bytes(workbook_file.BYTES_MOST + 10))
    assert refused.status_code in {413, 422}
    assert "2 MB" in refused.text
    assert upload(visitor, bytes(4 * 1024 * 1024)).status_code in {413, 422}
    assert counts(house) == before


def test_nothing_half_written_when_the_import_breaks(house, monkeypatch):
    visitor = Visitor(house, ADMIN)
    token = token_of(upload(visitor, workbook(**GOOD)).text)
    before = counts(house)
    monkeypatch.setattr("app.units.importing.add_place", lambda *_a, **_k: 1 / 0)
    assert bring_in(visitor, token).status_code == 500
    assert counts(house) == before
