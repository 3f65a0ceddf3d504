"""PDFs of papers measured: their text is the data's, whole and in its place; the margins are empty."""

import html
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.evidence.reading import keep_object
from app.papers.content import Content, Item, Result, Shot
from app.papers.issuing import issue_opinion
from app.papers.models import PaperRow
from app.papers.sheet import document_html
from storage.filesystem import FilesystemStore
from tests import pdf
from tests.benchmarks.notice import notice
from tests.conftest import House
from tests.integration.test_papers_printed import issued, pdf_of
from tests.pdf import POINTS_PER_MM, Box, needs_poppler
from tests.photos import photo
from workers import printer
from workers.printer import print_paper

DATED = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
A4 = (210 * POINTS_PER_MM, 297 * POINTS_PER_MM)
SIDE, HEAD, FOOT = (mm * POINTS_PER_MM for mm in (15, 16, 18))
"""The margins of paper.css."""
pytestmark = needs_poppler


def content_of(house: House, number: str) -> Content:
    with house.means.db.read() as session:
        kept = session.execute(select(PaperRow.content).where(PaperRow.number == number)).scalar_one()
    return Content.from_json(kept)


def kept_at(folder: Path, content: bytes) -> Path:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return path


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def sheet_text(content: Content) -> str:
    """What the sheet says to a reader, without its marks."""
    body = document_html(content).partition("<body")[2].partition(">")[2]
    return bare(html.unescape(re.sub(r"<[^>]+>", "", body)))


def without_footers(said: str, content: Content) -> str:
    """Every page ends with the paper's number and the page's own."""
    left, count = re.subn(re.escape(bare(content.number)) + r"第\d+页共\d+页", "", said)
    assert count >= 1
    return left


def assert_items_are_whole(said: str, items: tuple[Item, ...]) -> None:
    """The words between one item's problem and the next are all of this item's fields, and no other's number."""
    starts = [said.index(bare(item.problem)) for item in items]
    assert starts == sorted(starts)
    for item, start, end in zip(items, starts, [*starts[1:], len(said)], strict=True):
        row = said[start:end]
        dated = item.deadline if item.result is not Result.FIXED else item.decided
        of_notice = (item.found, item.category, item.basis, item.measures) if item.result is None else ()
        for field in (item.place, item.number, dated, item.done, item.said, *of_notice):
            assert bare(field) in row, (item.n, field)
        if item.result is not Result.FIXED:
            assert bare(item.rectifier) in row
        assert [other.number for other in items if other is not item and bare(other.number) in row] == []


def assert_within_margins(path: Path) -> None:
    width, height = A4
    for page in pdf.words(path):
        assert page
        for word in page:
            assert word.left >= SIDE - 1, word
            assert word.right <= width - SIDE + 1, word
            assert word.top >= HEAD - 1, word
            in_footer = word.top >= height - FOOT
            assert word.bottom <= (height if in_footer else height - FOOT + 1), word
        footer = bare("".join(word.says for word in page if word.top >= height - FOOT))
        assert re.fullmatch(r"[A-Z]{2}-\d{4}-\d{6}第\d+页共\d+页", footer), footer


def three_hazards(house: House) -> list[str]:
    """One major, one with two photos, one that goes by a name and words instead of account and place."""
    numbers = [
        house.report(description="第一处：配电箱门锁坏，线头裸露，雨天有触电危险"),
        house.report(
            description="第二处：行车限位失灵",
            category="LIFT",
            photos=tuple(photo(size=(400, 300), seed=seed) for seed in (11, 12)),
        ),
        house.report(description="第三处：通道堆料", category="FIRE", place_code=None, location_text="二号门内侧"),
    ]
    major = {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}
    house.accept(numbers[0], days=5, measures="更换门锁，包扎线头")
    house.accept(numbers[1], days=30, category="LIFT", measures="停用并更换限位开关", **major)
    house.accept(
        numbers[2],
        by="chenjun",
        category="FIRE",
        measures="清走堆料，划黄线",
        rectifier=None,
        rectifier_name="外协老周",
    )
    house.work()
    return numbers


def test_a_notice_prints_every_field_each_in_its_row_and_not_a_word_more(house: House, tmp_path: Path):
    numbers = three_hazards(house)
    bases = {numbers[0]: "GB 50054-2011 第 4.2.1 条", numbers[1]: "起重机械安全规程 4.2.2"}
    later = date(2026, 12, 10)
    number = issued(house, numbers, by="chenjun", bases=bases, reinspection_on=later)
    house.work()
    content, path = content_of(house, number), kept_at(tmp_path, pdf_of(house, number))
    said = pdf.said(path)
    for field in (
        content.number, content.issuer, content.unit, content.place, content.found, content.requirement,
        content.deadline, content.rectifier, content.reinspection, *content.inspectors, content.issued,
    ):  # fmt: skip
        assert field, content
        assert bare(field) in said, field
    for label in (
        "隐患整改通知书", "编号：", "受检单位", "检查地点", "发现日期", "隐患数量3项，其中重大隐患1项",
        "整改责任人", "整改期限", "各项期限见清单", "复查日期", "一、隐患清单", "序号",
        "时间、地点、问题和依据", "整改措施",
        "期限、责任人", "二、整改要求", "检查人（两人）", "签名：", "签发单位", "（盖章）", "签发日期：", "签收",
        "签收人：", "签收日期：", "年月日", "本通知书一式两份，签发单位、受检单位各存一份。",
    ):  # fmt: skip
        assert bare(label) in said, label
    assert said.count("签名：") == 2
    assert said.count("重大隐患") == 2  # the count, and the mark at the one
    assert_items_are_whole(said, content.items)
    assert {item.rectifier for item in content.items} == {"张磊", "外协老周"}
    assert [len(item.shots) for item in content.items] == [1, 2, 1]
    assert pdf.picture_count(path) == 4
    assert_nothing_lost_or_added(path, content)
    assert_within_margins(path)


def assert_nothing_lost_or_added(path: Path, content: Content) -> None:
    """Character by character the sheet's own words; the headings of a list come once more on each further page."""
    printed = Counter(without_footers(pdf.said(path), content).replace("•", ""))
    meant = Counter(sheet_text(content))
    repeated = Counter("序号时间、地点、问题和依据隐患整改措施情况期限、责任人复查结论问题和新期限")
    assert meant - printed == Counter()
    assert set(printed - meant) <= set(repeated)


def answered(house: House) -> tuple[str, str]:
    """A notice of four hazards and the opinion: one fixed, one sent back, one not looked at, one voided."""
    numbers = [
        house.report(description=f"{word}处：配电箱门锁坏", photos=(photo(size=(400, 300), seed=seed),))
        for seed, word in enumerate(("甲", "乙", "丙", "丁"), 21)
    ]
    for number in numbers:
        house.accept(number)
    house.work()
    paper = issued(house, numbers)
    house.clock.forward(days=1)
    for number in numbers[:3]:
        house.rectify(number, done=f"已更换门锁并上油（{number[-2:]}）")
    house.close(numbers[0])
    later = house.clock().replace(day=20).isoformat()
    assert house.act("wangmin", numbers[1], "send_back", text="门仍关不严", deadline=later).status_code == 200
    assert house.act("chenjun", numbers[3], "void", text="重复派发").status_code == 200
    house.work()
    opinion = issue_opinion(
        paper,
        draft_id="opinion",
        inspectors=("王敏", "陈军"),
        by=house.actor("wangmin"),
        at=house.clock(),
        db=house.means.db,
    )
    house.work()
    return paper, opinion


def test_an_opinion_prints_what_became_of_each_hazard_with_both_photos_and_not_a_word_more(
    house: House, tmp_path: Path
):
    paper, number = answered(house)
    content, path = content_of(house, number), kept_at(tmp_path, pdf_of(house, number))
    said = pdf.said(path)
    assert [item.result for item in content.items] == [
        Result.FIXED,
        Result.NOT_FIXED,
        Result.AWAITED,
        Result.OTHERWISE,
    ]
    for field in (
        content.number, content.issuer, content.unit, content.place, content.reinspection, *content.inspectors,
        content.issued, content.answers, content.answers_day, paper, "2026年11月3日", "2026年11月20日",
    ):  # fmt: skip
        assert bare(field) in said, field
    for label in (
        "隐患整改复查意见书", "编号：", "受检单位", "对应通知书", "2026年11月2日签发，隐患4项", "检查地点",
        "复查日期", "复查结果已整改1项，未整改到位1项，其余2项见第三部分", "一、已整改的隐患", "整改情况",
        "复查结论", "二、未整改到位的隐患", "问题和新期限", "三、其余隐患", "尚未复查，期限",
        "已另行处理，见系统记录",
        "整改前", "整改后", "检查人（两人）", "签名：", "签发单位", "（盖章）", "签发日期：",
        "受检单位确认", "负责人：", "日期：",
    ):  # fmt: skip
        assert bare(label) in said, label
    fixed, sent_back = content.items[:2]
    assert (fixed.said, sent_back.said) == ("复查合格", "门仍关不严")
    assert_items_are_whole(said[: said.index("三、其余隐患")], (fixed, sent_back))
    for item in content.items[2:]:
        assert bare(f"第{item.n}项{item.number}：{item.problem}") in said
    assert [[shot.stage for shot in item.shots] for item in content.items] == [["before", "after"]] * 2 + [[], []]
    assert pdf.picture_count(path) == 4
    assert_nothing_lost_or_added(path, content)
    assert_within_margins(path)


@pytest.fixture(scope="module")
def long_notice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Content, Path]:
    """Two hundred hazards in one notice, printed once for all that measures it."""
    folder = tmp_path_factory.mktemp("long")
    store = FilesystemStore(folder / "store")
    big, small = (keep_object(photo(size=size, seed=1), store=store) for size in ((800, 600), (320, 240)))
    content = notice(200, [Shot("before", big, small)])
    # Every tenth has two photos below its words, the others one beside them: both ways are measured.
    items = tuple(
        replace(item, problem=f"第{item.n}处：{item.problem}", shots=item.shots * (2 if item.n % 10 == 0 else 1))
        for item in content.items
    )
    content = replace(content, items=items)
    with pytest.MonkeyPatch.context() as patch:
        # What is measured here is the sheet: on a busy machine its print may take its time.
        patch.setattr(printer, "WALL_SECONDS", 1200)
        patch.setattr(printer.Sheet.__init__, "__defaults__", (printer.MEMORY_BYTES, 1200))
        return content, kept_at(folder, print_paper(content, dated=DATED, store=store))


def test_two_hundred_hazards_fit_one_notice_which_says_all_of_each(long_notice: tuple[Content, Path]):
    content, path = long_notice
    said = pdf.said(path)
    pages = len(pdf.words(path))
    assert said.count("时间、地点、问题和依据") == pages, "the headings are repeated on each page with a list"
    assert f"第{pages}页共{pages}页" in said
    flowing = re.sub(r"序号时间、地点、问题和依据整改措施期限、责任人", "", without_footers(said, content))
    assert_items_are_whole(flowing, content.items)
    assert pdf.picture_count(path) == len(content.shots) == 220
    assert_nothing_lost_or_added(path, content)
    assert_within_margins(path)
    assert path.stat().st_size < 20 << 20


def test_no_photo_of_a_long_notice_lies_on_a_word_on_another_photo_or_in_a_margin(
    long_notice: tuple[Content, Path], tmp_path: Path
):
    content, path = long_notice
    width, height = A4
    sheet = Box(SIDE - 2, HEAD - 2, width - SIDE + 2, height - FOOT + 2)
    shown = pdf.pictures(path, tmp_path)
    assert sum(map(len, shown)) == len(content.shots)
    for n, (boxes, words) in enumerate(zip(shown, pdf.words(path), strict=True), 1):
        for at, box in enumerate(boxes):
            assert box.left >= sheet.left, (n, box)
            assert box.right <= sheet.right, (n, box)
            assert box.top >= sheet.top, (n, box)
            assert box.bottom <= sheet.bottom, (n, box)
            assert [word.says for word in words if word.overlaps(box)] == [], n
            assert not any(box.overlaps(other) for other in boxes[at + 1 :]), n


def test_the_first_middle_and_last_page_of_a_long_notice_show_ink_photos_and_white_margins(
    long_notice: tuple[Content, Path], tmp_path: Path
):
    _content, path = long_notice
    shown = pdf.pictures(path, tmp_path)
    for number in (1, len(shown) // 2, len(shown)):
        page = pdf.page_picture(path, number, tmp_path)
        grey = page.convert("L")
        inked = sum(grey.histogram()[:128]) / (page.width * page.height)
        assert 0.01 < inked < 0.6, (number, inked)
        for left, right in ((0, int(SIDE) - 2), (page.width - int(SIDE) + 2, page.width)):
            assert grey.crop((left, 0, right, page.height)).getextrema() == (255, 255), (number, left)
        for box in shown[number - 1]:
            inside = page.crop((int(box.left) + 2, int(box.top) + 2, int(box.right) - 2, int(box.bottom) - 2))
            colours = inside.getcolors(1 << 20)
            assert colours is not None
            assert len(colours) > 50, f"a photo on page {number} is one flat colour"
