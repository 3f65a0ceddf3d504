"""Papers through the pages: issued from a form, read as a sheet, downloaded, refused to everybody else."""

import hashlib
import html
import re

import pytest
from sqlalchemy import select, update

from app.hazards.models import HazardRow
from app.papers.models import PaperRow
from app.papers.printing import PrintFault
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of
from workers import papers
from workers.printer import NotPrinted

REPORTERS = ("李霞", "lixia")


def under_way(house: House, count: int = 1, **told) -> list[str]:
    numbers = [house.report(description=f"第{n}处：配电箱门锁坏") for n in range(1, count + 1)]
    for number in numbers:
        house.accept(number, **told)
    house.work()
    return numbers


def issue(visitor: Visitor, numbers: list[str], **fields):
    page = visitor.get(f"/papers/new?hazard={','.join(numbers)}").text
    draft = re.search(r'name="draft_id" value="([^"]+)"', page)
    assert draft, page
    told = {
        "draft_id": draft[1],
        "hazard": numbers,
        "requirement": "断电挂牌，设专人监护",
        "reinspection_on": "2026-11-10",
        "inspector_1": "王敏",
        "inspector_2": "陈军",
        "basis": "GB 50054-2011 第 4.2.1 条",
        **fields,
    }
    return visitor.post("/papers/new", **told)


def issued(house: House, numbers: list[str], login: str = "wangmin", **fields) -> str:
    answer = issue(Visitor(house, login), numbers, **fields)
    assert answer.status_code == 303, faults_of(answer)
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_a_notice_is_issued_shown_printed_and_downloaded(house: House):
    numbers = under_way(house, 2)
    wangmin = Visitor(house, "wangmin")
    answer = issue(wangmin, numbers)
    assert answer.headers["Location"] == "/papers/TZ-2026-000001"
    page = wangmin.get("/papers/TZ-2026-000001").text
    assert "PDF 正在生成" in page
    assert wangmin.get("/papers/TZ-2026-000001/pdf").status_code == 404
    house.work()
    page = wangmin.get("/papers/TZ-2026-000001").text
    file = wangmin.get("/papers/TZ-2026-000001/pdf")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"] == 'attachment; filename="TZ-2026-000001.pdf"'
    assert hashlib.sha256(file.data).hexdigest() in page
    for said in (*numbers, "断电挂牌，设专人监护", "GB 50054-2011", "王敏", "陈军", "2026年11月10日", "张磊"):
        assert said in page
    for n in (1, 2):
        picture = wangmin.get(f"/papers/TZ-2026-000001/pictures/{n}")
        assert picture.mimetype == "image/jpeg"
        assert picture.data.startswith(b"\xff\xd8")
    assert wangmin.get("/papers/TZ-2026-000001/pictures/3").status_code == 404
    assert wangmin.get("/papers/TZ-2026-000001/pictures/0").status_code == 404


def test_no_reporter_is_named_on_the_page(house: House):
    page = Visitor(house, "wangmin").get(f"/papers/{issued(house, under_way(house))}").text
    sheet = page[page.index("<article") : page.index("</article>")]
    assert not any(name in sheet for name in (*REPORTERS, "上报人", "匿名"))


def test_a_form_sent_twice_makes_one_notice(house: House):
    numbers = under_way(house)
    wangmin = Visitor(house, "wangmin")
    first = issue(wangmin, numbers)
    with house.means.db.read() as session:
        draft_id = session.execute(select(PaperRow.draft_id)).scalar_one().partition("/")[2]
    again = issue(wangmin, numbers, draft_id=draft_id)
    assert again.headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize(
    ("field", "value", "beside"),
    [
        ("reinspection_on", "2026-11-08", "reinspection_on"),
        ("reinspection_on", "soon", "reinspection_on"),
        ("requirement", "", "requirement"),
        ("requirement", "责令立即改正", "requirement"),
        ("basis", "否则予以行政处罚", "basis-HZ"),
        ("inspector_1", "", "inspector_1"),
        ("inspector_2", "长" * 201, "inspector_2"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(house: House, field, value, beside):
    numbers = under_way(house)
    answer = issue(Visitor(house, "wangmin"), numbers, **{field: value})
    assert answer.status_code == 422
    assert re.search(rf'href="#{beside}', answer.text)
    assert "陈军" in answer.text or field == "inspector_2"
    assert Visitor(house, "wangmin").get("/papers/TZ-2026-000001").status_code == 404


def typed(page: str) -> dict[str, str]:
    """The texts of the form's large inputs."""
    found = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def test_the_form_proposes_the_hazards_words_and_prints_the_officers(house: House):
    number = under_way(house)[0]
    wangmin = Visitor(house, "wangmin")
    form = typed(wangmin.get(f"/papers/new?hazard={number}").text)
    assert form[f"problem-{number}"] == "第1处：配电箱门锁坏"
    assert form[f"measures-{number}"] == "更换门锁，包扎线头"
    reworded = {f"problem-{number}": "配电箱门锁失效，人员可触及带电体", f"measures-{number}": "更换门锁并验收"}
    page = wangmin.get(f"/papers/{issued(house, [number], **reworded)}").text
    assert all(text in page for text in reworded.values())
    assert "第1处" not in page[page.index("<article") :]
    assert house.read("wangmin", number)["description"] == "第1处：配电箱门锁坏"


HOSTILE = [
    ("measures", "责令停产停业整改，违者罚款", "行政执法用语“责令”"),
    ("measures", "责 令停产", "行政执法用语“责令”"),
    ("measures", "罚\u200b款五百元", "行政执法用语“罚款”"),
    ("problem", "拒不整改将予查封", "行政执法用语“查封”"),
    ("problem", "李霞发现：配电箱门锁坏", "上报人姓名不写进通知书，请改写"),
    ("problem", "李 霞 发现：配电箱门锁坏", "上报人姓名不写进通知书，请改写"),
    ("problem", "找 ＬｉＸｉａ 问", "上报人姓名不写进通知书，请改写"),
    ("measures", "由李霞带路，更换门锁", "上报人姓名不写进通知书，请改写"),
    ("basis", "李霞的上报", "上报人姓名不写进通知书，请改写"),
    ("problem", "门锁坏，打13812345678联系我", "上报人留的电话不写进通知书，请改写"),
    ("problem", "门锁坏，电话 138 1234 5678", "上报人留的电话不写进通知书，请改写"),
    ("problem", "门锁坏，0311-85012345", "上报人留的电话不写进通知书，请改写"),
    ("problem", "", "请填写这一项"),
]


@pytest.mark.parametrize(("part", "text", "said"), HOSTILE)
def test_no_enforcement_and_no_reporter_gets_into_a_notice(house: House, part, text, said):
    number = under_way(house)[0]
    answer = issue(Visitor(house, "wangmin"), [number], **{f"{part}-{number}": text})
    assert answer.status_code == 422
    assert re.search(rf'href="#{part}-{number}">[^<]*{said}', answer.text)
    if part != "basis" and text:
        assert typed(answer.text)[f"{part}-{number}"] == text
    assert Visitor(house, "wangmin").get("/papers/TZ-2026-000001").status_code == 404


def test_what_a_reporter_or_an_officer_wrote_before_is_flagged_when_the_form_opens(house: House):
    number = house.report(description="李霞发现：配电箱门锁坏", place_code=None, location_text="李霞的工位旁")
    house.accept(number, measures="责令停产停业整改，违者罚款")
    wangmin = Visitor(house, "wangmin")
    page = wangmin.get(f"/papers/new?hazard={number}").text
    assert set(re.findall(r'<li><a href="#([^"]+)">', page)) == {
        f"problem-{number}",
        f"where-{number}",
        f"measures-{number}",
    }
    assert issue(wangmin, [number]).status_code == 422
    reworded = {
        f"problem-{number}": "配电箱门锁坏",
        f"where-{number}": "一号工位旁",
        f"measures-{number}": "停机更换门锁",
    }
    sheet = wangmin.get(f"/papers/{issued(house, [number], **reworded)}").text
    sheet = sheet[sheet.index("<article") : sheet.index("</article>")]
    assert "李霞" not in sheet
    assert "责令" not in sheet
    assert "一号工位旁" in sheet


@pytest.mark.parametrize("text", ["查 lixiaoming 的台账，停机 5000001 号", "李工、霞光路口，编号 138123456789012"])
def test_what_only_looks_like_a_name_or_a_number_is_printed(house: House, text):
    number = under_way(house)[0]
    assert (
        text
        in Visitor(house, "wangmin").get(f"/papers/{issued(house, [number], **{f'problem-{number}': text})}").text
    )


def test_an_anonymous_reporters_name_is_never_asked_for_even_when_claimed(house: House):
    number = house.report("wangmin")
    house.accept(number, by="chenjun")
    with house.means.db.write() as session:
        who = house.actor("lixia").account_id
        hazard = update(HazardRow).where(HazardRow.number == number)
        session.execute(hazard.values(reporter_id=None, anonymous=True, claimed_by_id=who))
    told = {f"problem-{number}": "李霞和王敏都在场，门锁坏"}
    assert issue(Visitor(house, "wangmin"), [number], **told).status_code == 303


def test_a_long_notice_has_inputs_where_there_is_room_and_where_it_must(house: House):
    long = "配电箱门锁坏，线头裸露，雨天有触电危险。" * 95
    numbers = [house.report(description=f"第{n}处{long}") for n in range(1, 9)]
    numbers.append(house.report(description=f"李霞发现：{long}"))
    for number in numbers:
        house.accept(number)
    wangmin = Visitor(house, "wangmin")
    page = wangmin.get(f"/papers/new?hazard={','.join(numbers)}").text
    opened = [number for number in numbers if f"problem-{number}" in typed(page)]
    assert opened[-1] == numbers[-1]
    assert len(opened) < len(numbers)
    told = {name: text.replace("李霞", "") for name, text in typed(page).items() if name != "requirement"}
    number = issued(house, numbers, **told)
    assert f"第8处{long}"[:40] in wangmin.get(f"/papers/{number}").text


def test_only_hazards_under_way_get_a_notice(house: House):
    waiting = house.report()
    answer = Visitor(house, "wangmin").get(f"/papers/new?hazard={waiting}")
    assert answer.status_code == 422
    closed = under_way(house)[0]
    house.rectify(closed)
    house.close(closed)
    assert Visitor(house, "wangmin").get(f"/papers/new?hazard={closed}").status_code == 422


@pytest.mark.parametrize(
    ("login", "reads", "may_issue"),
    [
        ("wangmin", 200, 200),  # the workshop's officer
        ("chenjun", 200, 200),  # the enterprise's officer
        ("liujianguo", 200, 200),  # the enterprise's head
        ("tianye", 200, 403),  # reviews, commands nothing
        ("zhanglei", 200, 403),  # repairs all of it
        ("lixia", 404, 403),  # reported it
        ("zhaoqiang", 404, 403),
        ("maling", 404, 404),  # the foreign enterprise's officer
        (None, 303, 303),
    ],
)
def test_who_reads_and_who_issues(house: House, login, reads, may_issue):
    number = under_way(house)[0]
    paper = issued(house, [number])
    house.work()
    visitor = Visitor(house, login)
    assert visitor.get(f"/papers/{paper}").status_code == reads
    assert visitor.get(f"/papers/{paper}/pdf").status_code == reads
    assert visitor.get(f"/papers/{paper}/pictures/1").status_code == reads
    assert visitor.get(f"/papers/new?hazard={number}").status_code == may_issue


def test_a_foreign_paper_answers_like_an_absent_one(house: House):
    paper = issued(house, under_way(house))
    maling = Visitor(house, "maling")
    answers = [maling.get(f"/papers/{number}") for number in (paper, "TZ-2026-999999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    plain = [re.sub(r"TZ-2026-[0-9]{6}|[0-9a-f]{16}|value=\"[^\"]+\"", "", answer.text) for answer in answers]
    assert plain[0] == plain[1]
    assert paper not in maling.get("/papers").text
    assert maling.post(f"/papers/{paper}/print").status_code == 404
    assert maling.get(f"/papers/{paper}/opinion").status_code == 404


def test_a_rectifier_of_one_of_many_does_not_read_the_others(house: House):
    mine, other = under_way(house, 2)
    house.act("wangmin", other, "reassign", rectifier_name="外包老周", text="改由外包")
    paper = issued(house, [mine, other])
    assert Visitor(house, "zhanglei").get(f"/papers/{paper}").status_code == 404
    assert f"/papers/{paper}" not in Visitor(house, "zhanglei").get(f"/tickets/{mine}").text


def test_the_ticket_names_its_papers(house: House):
    number = under_way(house)[0]
    assert "/papers/TZ" not in Visitor(house, "wangmin").get(f"/tickets/{number}").text
    paper = issued(house, [number])
    assert f"/papers/{paper}" in Visitor(house, "wangmin").get(f"/tickets/{number}").text


def test_hazards_are_chosen_from_a_list_too(house: House):
    numbers = under_way(house, 2)
    wangmin = Visitor(house, "wangmin")
    page = wangmin.get("/papers/new").text
    assert all(f'value="{number}"' in page for number in numbers)
    assert wangmin.post("/papers/draft").status_code == 422
    form = wangmin.post("/papers/draft", hazard=numbers).text
    assert form.count('name="hazard"') == 2


def test_an_opinion_answers_its_notice(house: House):
    fixed, unfixed, awaited = under_way(house, 3)
    paper = issued(house, [fixed, unfixed, awaited])
    wangmin = Visitor(house, "wangmin")
    assert wangmin.post(f"/papers/{paper}/opinion", inspector_1="王敏").status_code == 422
    house.clock.forward(hours=30)
    for number in (fixed, unfixed):
        house.rectify(number)
    house.work()
    house.close(fixed)
    deadline = house.clock.at.replace(month=12, day=1).isoformat()
    answer = house.act("wangmin", unfixed, "send_back", text="线头仍裸露", deadline=deadline)
    assert answer.status_code == 200, answer.json
    form = wangmin.get(f"/papers/{paper}/opinion").text
    assert re.findall(r"<dd>(\d)</dd>", form) == ["1", "1", "1"]
    answer = wangmin.post(f"/papers/{paper}/opinion", inspector_1="王敏", inspector_2="陈军")
    assert answer.headers["Location"] == "/papers/FC-2026-000001"
    house.work()
    page = wangmin.get("/papers/FC-2026-000001").text
    sheet = page[page.index("<article") : page.index("</article>")]
    for said in (
        paper,
        "线头仍裸露",
        '新期限：<span class="paper-day">2026年12月1日',
        "已更换门锁",
        "尚未复查",
        "整改后",
        "复查合格",
    ):
        assert said in sheet
    assert wangmin.get("/papers/FC-2026-000001/pdf").data.startswith(b"%PDF-")
    assert "/papers/FC-2026-000001" in wangmin.get(f"/papers/{paper}").text
    assert Visitor(house, "maling").get("/papers/FC-2026-000001").status_code == 404


def test_a_failed_print_says_why_and_can_be_tried_again(house: House, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_args, **_more):
        raise NotPrinted(PrintFault.NO_FONT)

    paper = issued(house, under_way(house))
    with monkeypatch.context() as patch:
        patch.setattr(papers, "print_paper", refuse)
        house.work()
    wangmin = Visitor(house, "wangmin")
    assert "fonts-noto-cjk" in wangmin.get(f"/papers/{paper}").text
    assert wangmin.get(f"/papers/{paper}/pdf").status_code == 404
    assert wangmin.post(f"/papers/{paper}/print").status_code == 303
    house.work()
    assert wangmin.get(f"/papers/{paper}/pdf").status_code == 200


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_empty_pages_say_what_will_appear(house: House, language):
    visitor = Visitor(house, "chenjun", language=language)
    for path in ("/papers", "/papers/new", "/papers/register"):
        assert visitor.get(path).status_code == 200
        assert 'class="empty"' in visitor.get(path).text
