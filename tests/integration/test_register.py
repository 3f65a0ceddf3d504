"""The register: who gets which lines and names, and files that no table program takes for a program."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from sqlalchemy import insert, select

from app.accounts.models import GrantRow
from app.core.errors import Invalid, NotFound, TooMany
from app.hazards.lifecycle import State
from app.hazards.models import DualReportRow, HazardRow
from app.hazards.words import Category, FoundBy
from app.papers import exports
from app.papers.cells import begins_formula, columns, guarded
from app.papers.exports import ask_for_export, exports_of, forget_exports, ready_export
from app.papers.models import FileFormat, FileStatus
from app.papers.register import RegisterFilter, RegisterLine, month_after, register_lines, register_page
from app.papers.workbook import jpeg_size, write_csv, write_xlsx
from app.units.queries import Unit, UnitKind
from tests.conftest import House
from tests.edges.visitor import Visitor
from tests.photos import photo

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNIT = Unit(1, "HBJX", "华北机械厂", UnitKind.ENTERPRISE, None, "/1/", SHANGHAI)
LINE = RegisterLine(
    number="HZ-2026-000001",
    state=State.RECTIFYING,
    is_contested=False,
    level=None,
    category=Category.ELEC,
    factor=None,
    unit=UNIT,
    place="冲压线 A3",
    description="配电箱门锁坏",
    found_by=FoundBy.SNAP,
    anonymous=False,
    guest=False,
    reporter="李霞",
    submitted_at=datetime(2026, 11, 2, 1, 0, tzinfo=UTC),
    accepted_at=None,
    rectifier="",
    measures="",
    first_deadline=None,
    deadline=datetime(2026, 11, 30, 16, 30, tzinfo=UTC),
    is_overdue=False,
    finished_at=None,
    done="",
    cost_fen=12345,
    to_regulator_on=date(2026, 11, 5),
    to_congress_on=None,
    times_returned=0,
    closed_at=None,
    closed_by="",
    conclusion="",
    before_key=None,
    after_key=None,
)
TYPED = ("place", "description", "reporter", "rectifier", "measures", "done", "closed_by", "conclusion")
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1", '=HYPERLINK("http://x","y")')
words = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\r"), max_size=60)


def with_one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def filled(text: str) -> RegisterLine:
    return replace(LINE, **dict.fromkeys(TYPED, text))


def readable(session, login_actor, at, **narrowed) -> set[str]:
    return {line.number for line in register_lines(session, RegisterFilter(**narrowed), by=login_actor, at=at)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=words)
@example(text=HOSTILE[0])
@example(text=HOSTILE[3])
@example(text=HOSTILE[-1])
@example(text="http://example.org")
@example(text="0012")
def test_no_exported_cell_is_a_formula_and_every_text_comes_back(tmp_path: Path, text: str):
    path = tmp_path / "register.xlsx"
    shown = columns(has_reporter=True)
    write_xlsx(path, [filled(text)], columns=shown, pictures=None, at=LINE.submitted_at)
    row = next(load_workbook(path).active.iter_rows(min_row=2))
    assert {cell.data_type for cell in row} <= {"s", "n", "d", "inlineStr"}
    place = [column.heading for column in shown].index("问题")
    # XML makes one line end of the three, unless it is escaped.
    assert with_one_line_end(unescape(row[place].value or "")) == with_one_line_end(text)
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert not any("externalLink" in name or "hyperlink" in name for name in parts.namelist())


@given(text=words)
@example(text=HOSTILE[0])
@example(text=HOSTILE[7])
@example(text="a;  =1+1")
@example(text="a\n@x")
def test_no_csv_cell_begins_like_a_formula(text: str):
    told = guarded(text)
    assert not begins_formula(told)
    assert told.replace("'", "") == text.replace("'", "")
    assert not any(begins_formula(piece) for piece in re.split(r"[;\t\r\n]", told))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_begins_a_formula_is_known(text: str):
    assert begins_formula(text)
    assert not begins_formula("配电箱 = 坏")


def test_dates_are_dates_headings_are_frozen_and_filters_are_on(tmp_path: Path):
    path = tmp_path / "register.xlsx"
    assert write_xlsx(path, [LINE], columns=columns(has_reporter=True), pictures=None, at=LINE.submitted_at) == 1
    sheet = load_workbook(path).active
    headings = [cell.value for cell in sheet[1]]
    row = dict(zip(headings, (cell.value for cell in sheet[2]), strict=True))
    assert row["上报时间"] == datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001  # a wall clock in Shanghai
    assert row["整改期限"] == datetime(2026, 12, 1, 0, 30)  # noqa: DTZ001
    assert row["整改费用（元）"] == 123.45
    assert row["报监管部门"] == datetime(2026, 11, 5)  # noqa: DTZ001
    assert row["报职代会"] is None
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(2, len(headings)).coordinate}"
    assert sheet.column_dimensions["H"].width >= 40


def test_the_csv_is_utf_8_with_its_mark(tmp_path: Path):
    path = tmp_path / "register.csv"
    write_csv(path, [filled("=1+1"), LINE], columns=columns(has_reporter=False))
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert table[0]["问题"] == "'=1+1"
    assert table[1]["上报时间"] == "2026-11-02 09:00"
    assert table[1]["报监管部门"] == "2026-11-05"
    assert table[1]["报职代会"] == ""
    assert "上报人" not in table[0]


def test_a_list_separator_of_another_land_makes_no_new_cell(tmp_path: Path):
    path = tmp_path / "register.csv"
    write_csv(path, [filled('a;=HYPERLINK("x")')], columns=columns(has_reporter=False))
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    assert not any(begins_formula(cell) for cell in rows[1])


def test_thumbnails_are_embedded_small(tmp_path: Path):
    path, thumb = tmp_path / "register.xlsx", photo(size=(320, 240))
    lines = [replace(LINE, before_key="a" * 64, after_key=None), replace(LINE, before_key="b" * 64)]
    pictures = {"a" * 64: thumb, "b" * 64: None}.get
    write_xlsx(path, lines, columns=columns(has_reporter=False), pictures=pictures, at=LINE.submitted_at)
    (shown,) = load_workbook(path).active._images
    with zipfile.ZipFile(path) as parts:
        assert [parts.read(name) for name in parts.namelist() if "/media/" in name] == [thumb]
    assert shown.anchor._from.row == 1
    assert jpeg_size(thumb) == (320, 240)
    with pytest.raises(ValueError, match="no frame header"):
        jpeg_size(b"\xff\xd8\xff\xd9")


def test_a_reader_gets_the_lines_of_the_own_units_only(house: House):
    team = house.report()
    other = house.report("zhaoqiang", place_code="HBJX-DM")
    with house.means.db.read() as session:
        at = house.clock()
        assert readable(session, house.actor("wangmin"), at) == {team}
        assert readable(session, house.actor("chenjun"), at) == {team, other}
        assert team not in readable(session, house.actor("maling"), at)
        assert {team, other} < readable(session, house.actor("tianye"), at)
        assert readable(session, house.actor("lixia"), at) == set()
        with pytest.raises(NotFound):
            readable(session, house.actor("wangmin"), at, unit_code="RMYY")
        with pytest.raises(NotFound):
            readable(session, house.actor("wangmin"), at, unit_code="NOWHERE")


def test_filters_narrow(house: House):
    first = house.report()
    house.clock.forward(days=40)
    second = house.report(category="FIRE")
    house.accept(second, category="FIRE")
    with house.means.db.read() as session:
        at, by = house.clock(), house.actor("chenjun")
        assert readable(session, by, at, state=State.RECTIFYING) == {second}
        assert readable(session, by, at, category=Category.FIRE) == {second}
        assert readable(session, by, at, from_month=date(2026, 12, 1)) == {second}
        assert readable(session, by, at, to_month=date(2026, 11, 1)) == {first}
        assert readable(session, by, at, unit_code="HBJX-3") == {first, second}
        with pytest.raises(Invalid):
            readable(session, by, at, from_month=date(2026, 12, 1), to_month=date(2026, 11, 1))


def test_a_month_begins_in_the_units_zone(house: House):
    house.clock.at = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    number = house.report()
    with house.means.db.read() as session:
        assert readable(session, house.actor("chenjun"), house.clock(), from_month=date(2026, 12, 1)) == {number}
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
    assert month_after(date(2026, 1, 1)) == date(2026, 2, 1)


def test_only_who_may_know_the_reporter_gets_the_column(house: House):
    house.report()
    assert "上报人" in Visitor(house, "chenjun").get("/papers/register").text
    reviewer = Visitor(house, "tianye").get("/papers/register").text
    assert "李霞" not in reviewer
    assert '<th scope="col">上报人</th>' not in reviewer
    table = exported(house, "tianye", FileFormat.CSV)
    assert "李霞" not in table
    assert "上报人" not in table
    assert "李霞" in exported(house, "chenjun", FileFormat.CSV)


def test_only_dual_reports_of_the_acceptance_in_force_are_in_the_register(house: House):
    number = house.report()
    house.accept(number)

    def days() -> tuple[date | None, date | None]:
        with house.means.db.read() as session:
            by = house.actor("chenjun")
            (line,) = register_lines(session, RegisterFilter(), by=by, at=house.clock())
            return line.to_regulator_on, line.to_congress_on

    with house.means.db.write() as session:
        hazard = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
        told = {"hazard_id": hazard.id, "recorded_by_id": house.actor("wangmin").account_id}
        earlier, later = hazard.accepted_at - timedelta(seconds=1), hazard.accepted_at
        for to, recorded_at in (("congress", earlier), ("regulator", later)):
            values = {"to": to, "on": date(2026, 11, 2), "recorded_at": recorded_at}
            session.execute(insert(DualReportRow).values(**told, **values))
    assert days() == (date(2026, 11, 2), None)


def test_an_end_that_is_contested_is_told_beside_it(house: House):
    number = house.report("lixia")
    house.accept(number)
    house.rectify(number)
    house.close(number)
    assert "异议待核实" not in exported(house, "chenjun", FileFormat.CSV)
    assert house.act("lixia", number, "object", text="还松着").status_code == 200
    (line,) = (row for row in exported(house, "chenjun", FileFormat.CSV).splitlines() if number in row)
    assert "已闭环" in line
    assert line.endswith('"异议待核实"')
    page = Visitor(house, "chenjun").get("/papers/register").text
    assert re.search(r"已闭环<br><span class=\"red\">异议待核实", page)


def test_an_anonymous_reporter_is_anonymous_in_the_file_too(house: House):
    answer = house.api("lixia", "POST", "/passes", json={})
    headers = {"Authorization": f"Pass {answer.json['pass']}"}
    sent = house.send(None, headers=headers, anonymous=True)
    assert sent.status_code == 201, sent.json
    table = exported(house, "chenjun", FileFormat.CSV)
    assert "匿名" in table
    assert "李霞" not in table


def exported(house: House, login: str, file_format: FileFormat) -> str:
    visitor = Visitor(house, login)
    answer = visitor.post("/papers/register/exports", format=file_format)
    assert answer.status_code == 303
    house.work()
    with house.means.db.read() as session:
        newest = exports_of(session, by=house.actor(login))[0]
    assert newest.status is FileStatus.READY
    file = visitor.get(f"/papers/register/exports/{newest.public_id}")
    assert file.headers["Content-Disposition"].startswith("attachment; ")
    return file.data.decode("utf-8-sig") if file_format is FileFormat.CSV else repr(file.data)


def test_a_file_is_for_the_person_who_asked_under_the_same_rights(house: House):
    house.report()
    exported(house, "chenjun", FileFormat.XLSX)
    with house.means.db.read() as session:
        export = exports_of(session, by=house.actor("chenjun"))[0]
        for other in ("liujianguo", "maling"):
            with pytest.raises(NotFound):
                ready_export(session, export.public_id, by=house.actor(other))
    path = f"/papers/register/exports/{export.public_id}"
    assert Visitor(house, "liujianguo").get(path).status_code == 404
    assert Visitor(house, "chenjun").get(path).status_code == 200
    chenjun = house.actor("chenjun")
    with house.means.db.write() as session:
        told = {"account_id": chenjun.account_id, "unit_id": chenjun.home_unit_id, "role": "rectifier"}
        session.execute(insert(GrantRow).values(**told, granted_at=house.clock()))
    assert Visitor(house, "chenjun").get(path).status_code == 404


def test_exports_are_bounded_and_forgotten(house: House, monkeypatch: pytest.MonkeyPatch):
    house.report()
    by = house.actor("chenjun")
    told = {"by": by, "at": house.clock(), "db": house.means.db}
    for _ in range(exports.PENDING_MOST):
        ask_for_export(RegisterFilter(), FileFormat.CSV, **told)
    with pytest.raises(TooMany):
        ask_for_export(RegisterFilter(), FileFormat.CSV, **told)
    house.work()
    monkeypatch.setattr(exports, "ROWS_MOST", 0)
    with pytest.raises(Invalid):
        ask_for_export(RegisterFilter(), FileFormat.CSV, **told)
    forget_exports(at=house.clock() + timedelta(days=7, seconds=1), db=house.means.db)
    with house.means.db.read() as session:
        assert exports_of(session, by=by) == ()


def many(house: House, count: int) -> None:
    """As many copies of one hazard, straight into the table: the way in is not what is measured."""
    number = house.report()
    with house.means.db.write() as session:
        row = session.execute(select(HazardRow.__table__).where(HazardRow.number == number)).mappings().one()

        def copies() -> Iterator[dict]:
            for n in range(count):
                told = {name: value for name, value in row.items() if name != "id"}
                yield {**told, "number": f"HZ-2027-{n:06d}", "client_id": f"copy-{n}"}

        session.execute(insert(HazardRow.__table__), list(copies()))


def test_thousands_of_lines_are_exported(house: House):
    many(house, 3_000)
    by = house.actor("chenjun")
    for file_format in FileFormat:
        ask_for_export(RegisterFilter(), file_format, by=by, at=house.clock(), db=house.means.db)
    house.work()
    with house.means.db.read() as session:
        assert [export.rows for export in exports_of(session, by=by)] == [3_001, 3_001]
        first = register_page(session, RegisterFilter(), by=by, at=house.clock())
        assert (first.total, len(first.lines)) == (3_001, 50)
        second = register_page(session, RegisterFilter(), by=by, at=house.clock(), before=first.next)
        assert not {line.number for line in first.lines} & {line.number for line in second.lines}


def test_a_filter_that_cannot_be_read_is_told(house: House):
    for query in ("state=nonsense", "category=XX", "from_month=soon", "from_month=2026-12&to_month=2026-11"):
        page = Visitor(house, "chenjun").get(f"/papers/register?{query}")
        assert 'class="faults"' in page.text, query
    assert Visitor(house, "chenjun").get("/papers/register?unit=RMYY").status_code == 404
    assert Visitor(house, "lixia").get("/papers/register").status_code == 403
    assert Visitor(house, "chenjun").post("/papers/register/exports", format="exe").status_code == 400
