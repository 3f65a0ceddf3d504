"""PDFs of papers, looked at as pictures and as text: many hazards, bounded, repeatable, never in the web."""

import hashlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageFile
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.errors import Forbidden, Invalid, NotFound
from app.edge.wording import CATEGORY_NAMES
from app.evidence.orphans import remove_orphans
from app.evidence.reading import keep_object
from app.hazards.models import HazardRow
from app.papers.content import LARGE_PICTURES_MOST, Content, Item, Result, Shot
from app.papers.issuing import HAZARDS_MOST, NoticeDraft, issue_notice, issue_opinion
from app.papers.models import FileStatus, PaperKind, PaperRow
from app.papers.printing import PrintFault
from app.papers.sheet import document_html
from app.papers.words import CATEGORIES, ENFORCEMENT, enforcement_word_in
from app.tables import OBJECT_KEYS
from tests.benchmarks.notice import notice
from tests.conftest import House
from tests.photos import photo
from workers import print_child, printer
from workers.printer import NotPrinted, print_paper

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler-utils on this machine")
ROOT = Path(__file__).resolve().parents[2]
DATED = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def draft(numbers: list[str], **told) -> NoticeDraft:
    fields = {
        "draft_id": hashlib.sha256("".join(numbers).encode()).hexdigest(),
        "numbers": tuple(numbers),
        "requirement": "断电挂牌，设专人监护",
        "reinspection_on": datetime(2026, 12, 1, tzinfo=UTC).date(),
        "inspectors": ("王敏", "陈军"),
    }
    return NoticeDraft(**{**fields, **told})


def issued(house: House, numbers: list[str], *, by: str = "wangmin", **told) -> str:
    return issue_notice(draft(numbers, **told), by=house.actor(by), at=house.clock(), db=house.means.db)


def accepted(house: House, count: int, **told) -> list[str]:
    numbers = [house.report(description=f"第{n}处配电箱门锁坏", **told) for n in range(1, count + 1)]
    for number in numbers:
        house.accept(number)
    return numbers


def pdf_of(house: House, number: str) -> bytes:
    with house.means.db.read() as session:
        paper = session.execute(select(PaperRow).where(PaperRow.number == number)).scalar_one()
    assert paper.pdf_status == FileStatus.READY, paper.pdf_fault
    with house.means.store.open(paper.pdf_sha256) as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == paper.pdf_sha256
    assert len(content) == paper.pdf_bytes
    return content


def words_of(pdf: bytes, folder: Path) -> str:
    """Everything that the PDF says, without its line breaks."""
    (folder / "paper.pdf").write_bytes(pdf)
    command = ["pdftotext", "-layout", str(folder / "paper.pdf"), "-"]
    return re.sub(r"\s+", "", subprocess.run(command, capture_output=True, check=True, text=True).stdout)


@needs_poppler
def test_the_pdf_says_what_the_data_say(house: House, tmp_path: Path):
    numbers = accepted(house, 3)
    house.work()
    paper = issued(house, numbers, bases={numbers[0]: "GB50054-2011第4.2.1条"})
    house.work()
    said = words_of(pdf_of(house, paper), tmp_path)
    for wanted in (
        paper, *numbers, "第1处配电箱门锁坏", "第3处配电箱门锁坏", "冲压线A3", "张磊", "更换门锁，包扎线头",
        "2026年11月9日", "2026年12月1日", "断电挂牌，设专人监护", "GB50054-2011第4.2.1条", "王敏", "陈军",
        "华北机械厂三号车间", "盖章", "签收人", "3项，其中重大隐患0项", "第1页共2页",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert not any(name in said for name in ("李霞", "lixia", "上报人", "None"))
    assert enforcement_word_in(said) is None


@needs_poppler
def test_the_pages_are_a4_with_black_words_and_the_hazards_photos(house: House, tmp_path: Path):
    red = photo(size=(400, 300), seed=3)
    number = house.report(photos=(red,))
    house.accept(number)
    house.work()
    paper = issued(house, [number])
    house.work()
    (tmp_path / "paper.pdf").write_bytes(pdf_of(house, paper))
    command = ["pdftoppm", "-r", "50", "-png", str(tmp_path / "paper.pdf"), str(tmp_path / "page")]
    subprocess.run(command, check=True)
    pages = [Image.open(path).convert("RGB") for path in sorted(tmp_path.glob("page*.png"))]
    assert all(abs(page.width - 413) <= 2 and abs(page.height - 585) <= 2 for page in pages)
    colours = [colour for page in pages for _, colour in page.getcolors(1 << 20)]
    assert any(max(colour) < 60 for colour in colours), "no black words"
    assert any(max(colour) - min(colour) > 120 for colour in colours), "no photo"
    fonts = subprocess.run(["pdffonts", str(tmp_path / "paper.pdf")], capture_output=True, check=True, text=True)
    assert "CJK" in fonts.stdout


@needs_poppler
def test_two_hazards_and_the_signatures_are_one_page(house: House, tmp_path: Path):
    key = keep_object(photo(size=(800, 600), seed=1), store=house.means.store)
    pdf = print_paper(notice(2, [Shot("before", key, key)]), dated=DATED, store=house.means.store)
    said = words_of(pdf, tmp_path)
    assert "第1页共1页" in said
    assert "签收人" in said


def test_two_hundred_hazards_are_issued_in_one_go(house: House):
    first = accepted(house, 1)[0]
    with house.means.db.write() as session:
        columns = [column.name for column in HazardRow.__table__.columns]
        copied = ", ".join(f'"{name}"' for name in columns if name not in {"id", "number", "client_id"})
        for n in range(199):
            session.execute(
                text(
                    f"INSERT INTO hazard (number, client_id, {copied})"  # noqa: S608  # our own column names
                    f" SELECT 'HZ-2027-' || :n, 'copy-' || :n, {copied} FROM hazard WHERE number = :first"
                ),
                {"n": f"{n:06d}", "first": first},
            )
    numbers = [first, *(f"HZ-2027-{n:06d}" for n in range(199))]
    paper = issued(house, numbers)
    house.work()
    assert pdf_of(house, paper).startswith(b"%PDF-")
    page = house.browser("wangmin").get(f"/papers/{paper}").text
    assert page.count("paper-problem") == 200
    asked = house.browser("wangmin").get("/papers/new?hazard=" + ",".join(numbers))
    assert asked.status_code == 200


def test_the_same_paper_prints_the_same_bytes(house: House):
    content = notice(1, [Shot("before", *stored(house))])
    first = print_paper(content, dated=DATED, store=house.means.store)
    assert first == print_paper(content, dated=DATED, store=house.means.store)


def stored(house: House) -> tuple[str, str]:
    picture = photo(size=(64, 48), seed=1)
    key = hashlib.sha256(picture).hexdigest()
    writing = house.means.store.begin()
    writing.write(picture)
    writing.keep(key)
    return key, key


def test_a_lost_picture_and_a_wanting_machine_are_told(house: House, monkeypatch: pytest.MonkeyPatch):
    lost = notice(1, [Shot("before", "f" * 64, "f" * 64)])
    with pytest.raises(NotPrinted) as refused:
        print_paper(lost, dated=DATED, store=house.means.store)
    assert refused.value.fault is PrintFault.PICTURE_MISSING
    content = notice(1, [Shot("before", *stored(house))])
    for start, fault in (
        (f"raise SystemExit({printer.NO_PRINTER})", PrintFault.NO_PRINTER),
        (f"raise SystemExit({printer.NO_FONT})", PrintFault.NO_FONT),
        ("raise SystemExit(1)", PrintFault.CRASHED),
        ("import os; os.kill(os.getpid(), 9)", PrintFault.OUT_OF_MEMORY),
        ("while True: pass", PrintFault.OUT_OF_TIME),
    ):
        monkeypatch.setattr(printer, "START", start.replace("{", "{{"))
        # Who ends by himself may take his time: a busy machine starts no interpreter in two seconds.
        monkeypatch.setattr(printer, "WALL_SECONDS", 2 if fault is PrintFault.OUT_OF_TIME else 120)
        with pytest.raises(NotPrinted) as refused:
            print_paper(content, dated=DATED, store=house.means.store)
        assert refused.value.fault is fault


def test_a_paper_too_greedy_for_its_memory_fails_visibly(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printer.Sheet.__init__, "__defaults__", (200 << 20, printer.CPU_SECONDS))
    paper = issued(house, accepted(house, 1))
    house.work()
    with house.means.db.read() as session:
        status = session.execute(select(PaperRow.pdf_status).where(PaperRow.number == paper)).scalar_one()
    assert status == FileStatus.FAILED


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "paper:picture/../../etc/passwd",
        "paper:other",
        "data:text/css,a",
    ],
)
def test_the_printer_reads_its_folder_and_nothing_else(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
):
    # Its import lets Pillow read cut files, for the whole process: the decoder's tests share this one.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415  # see above

    fetch = print_child.fetcher(tmp_path).fetch
    with pytest.raises(FatalURLFetchingError, match="outside itself"):
        fetch(address)
    (tmp_path / "paper.css").write_text("p {}", "utf-8")
    assert fetch("paper:style").read() == b"p {}"


def test_the_printer_knows_whether_there_is_a_chinese_font():
    known = [path for path in Path("/usr/share/fonts").rglob("*") if "CJK" in path.name]
    assert print_child.has_chinese_font() or not known


def test_the_web_process_never_loads_the_printer():
    code = "import sys; from app import factory; print([m for m in sys.modules if m.startswith('weasyprint')])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_the_sweep_of_orphans_spares_papers(house: House):
    paper = issued(house, accepted(house, 1))
    house.work()
    at_once = timedelta(seconds=-1)
    means = house.means
    sweep = remove_orphans(store=means.store, db=means.db, now=house.clock, named_by=OBJECT_KEYS, grace=at_once)
    assert sum(sweep) == 0
    assert pdf_of(house, paper)


def test_a_paper_never_changes(house: House):
    number = accepted(house, 1)[0]
    paper = issued(house, [number])
    house.act("wangmin", number, "reassign", rectifier_name="外包老周", text="改由外包")
    page = house.browser("wangmin").get(f"/papers/{paper}").text
    assert "张磊" in page
    assert "外包老周" not in page[page.index("<article") :]
    for change in ("UPDATE paper SET content = '{}'", "DELETE FROM paper", "DELETE FROM paper_hazard"):
        with pytest.raises(DBAPIError, match="never changes"), house.means.db.write() as session:
            session.execute(text(change))


def test_numbers_are_gapless_also_after_a_refusal(house: House):
    first, second = accepted(house, 2)
    assert issued(house, [first]) == "TZ-2026-000001"
    with pytest.raises(Invalid):
        issued(house, [second], requirement="责令整改")
    with pytest.raises(IntegrityError), house.means.db.write() as session:
        session.execute(update(PaperRow).values(pdf_status="nonsense"))
    assert issued(house, [second]) == "TZ-2026-000002"
    assert issued(house, [second]) == "TZ-2026-000002", "the same draft again"


def test_numbers_are_gapless_when_many_are_issued_at_once(house: House):
    numbers = accepted(house, 6)
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda number: issued(house, [number]), numbers))
    assert sorted(given) == [f"TZ-2026-{n:06d}" for n in range(1, 7)]


def test_a_notice_keeps_to_one_enterprise_and_to_what_the_officer_commands(house: House):
    mine = accepted(house, 1)[0]
    foreign = house.report("sunli", place_code="RMYY-7N")
    house.accept(foreign, by="maling", rectifier="guotao")
    with pytest.raises(NotFound):
        issued(house, [mine, foreign])
    with pytest.raises(NotFound):
        issued(house, [mine, "HZ-2026-999999"])
    with pytest.raises(Forbidden):
        issued(house, [mine], by="tianye")
    with pytest.raises(Invalid):
        issued(house, [])
    with pytest.raises(Invalid):
        issued(house, [f"HZ-2026-{n:06d}" for n in range(HAZARDS_MOST + 1)])


def test_an_opinion_needs_a_notice_that_is_ones_own(house: House):
    paper = issued(house, accepted(house, 1))
    told = {"draft_id": "x", "inspectors": ("王敏", ""), "at": house.clock(), "db": house.means.db}
    with pytest.raises(NotFound):
        issue_opinion(paper, by=house.actor("maling"), **told)
    with pytest.raises(NotFound):
        issue_opinion("TZ-2026-999999", by=house.actor("wangmin"), **told)
    with pytest.raises(Forbidden):
        issue_opinion(paper, by=house.actor("tianye"), **told)
    with pytest.raises(Invalid):
        issue_opinion(paper, by=house.actor("wangmin"), **told)


def test_a_photo_that_is_not_ready_is_counted_and_not_forgotten(house: House):
    number = house.report()
    house.accept(number)
    paper = issued(house, [number])
    assert "另有照片 1 张未能附上" in house.browser("wangmin").get(f"/papers/{paper}").text


def test_papers_borrow_no_word_of_enforcement_and_know_every_category():
    item = notice(1, [Shot("before", "a" * 64, "b" * 64)]).items[0]
    for kind in PaperKind:
        results = tuple(replace(item, n=n, result=result, shots=()) for n, result in enumerate(Result, 1))
        content = replace(notice(1, [Shot("before", "a" * 64, "b" * 64)]), kind=kind, items=results)
        document = document_html(content)
        assert enforcement_word_in(document) is None
        assert Content.from_json(content.as_json()) == content
    assert all(enforcement_word_in(f"请{word}") for word in ENFORCEMENT)
    with_names = {code: str(name) for code, name in CATEGORY_NAMES.items()}
    assert dict(CATEGORIES) == with_names


def test_few_photos_are_large_and_many_are_small():
    few = notice(LARGE_PICTURES_MOST, [Shot("before", "a" * 64, "b" * 64)])
    many = notice(LARGE_PICTURES_MOST + 1, [Shot("before", "a" * 64, "b" * 64)])
    assert set(few.picture_keys()) == {"a" * 64}
    assert set(many.picture_keys()) == {"b" * 64}


def test_words_on_a_paper_are_never_markup():
    item: Item = replace(
        notice(1, [Shot("before", "a" * 64, "b" * 64)]).items[0], problem="<script>alert(1)</script>"
    )
    document = document_html(replace(notice(1, [Shot("before", "a" * 64, "b" * 64)]), items=(item,)))
    assert "<script" not in document
    assert "&lt;script&gt;" in document
