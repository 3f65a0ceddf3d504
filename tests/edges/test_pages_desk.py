"""The desk's pages: groups, filters, search, pages of it, and acts on several hazards at once."""

import html
import re
from dataclasses import dataclass

import pytest
from sqlalchemy import update

from app.accounts.permissions import Role
from app.hazards.models import HazardRow
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of, hidden_fields, without_own_address
from tests.integration.hazard_world import add_person

ACCEPT = {
    "category": "ELEC",
    "factor": "thing",
    "rectifier": "zhanglei",
    "rectifier_name": "",
    "measures": "更换门锁",
    "deadline_days": "7",
    "deadline": "",
}


def several(path: str, *numbers: str) -> str:
    return f"{path}?" + "&".join(f"hazard={number}" for number in numbers)


def apart(house: House) -> str:
    """A report that looks like no other: it says where in words only."""
    return house.report(place_code=None, location_text="东侧")


def became(text: str) -> dict[str, bool]:
    """Each number of the answer page: whether it was done."""
    lines = re.findall(r'<li class="(green|amber)">.*?(HZ-[0-9-]+)', text, re.DOTALL)
    return {number: tone == "green" for tone, number in lines}


def test_the_inbox_stands_in_groups_of_urgency_with_their_counts(house):
    new, due = house.report(), house.report()
    house.accept(due)
    house.clock.forward(days=6, hours=23)
    page = Visitor(house, "wangmin").get("/inbox").text
    names = re.findall(r'<p class="group-name [a-z]+">([^<]+)</p>', page)
    assert names == ["今日到期", "待受理"]
    assert page.index(due) < page.index(new)


def test_a_group_alone_and_a_filter_go_together_and_can_be_left(house):
    elec, fire = house.report(), house.report(category="FIRE", description="灭火器压力不足")
    officer = Visitor(house, "wangmin")
    page = officer.get("/inbox?only=submitted&category=FIRE").text
    assert fire in page
    assert elec not in page
    assert "筛选：消防" in page
    assert re.search(r"<b>1</b>待受理", page)
    assert 'href="/inbox?only=submitted">清除筛选' in page
    empty = officer.get("/inbox?category=CHEM").text
    assert "这样筛选没有待办" in empty


@dataclass
class Narrowed:
    """Two hazards of the same words: `hit` is what every filter of FOUND asks for, `other` is not."""

    hit: str
    other: str


@pytest.fixture
def narrowed(house) -> Narrowed:
    hit = house.report(description="配电箱漏水")
    house.accept(
        hit, level="major", category="FIRE", funds="两万元", emergency_plan="断电", interim_control="围挡"
    )
    with house.means.db.write() as session:
        at = house.clock()
        session.execute(update(HazardRow).where(HazardRow.number == hit).values(supervised_at=at))
    house.clock.forward(days=5)
    other = house.report("zhaoqiang", description="配电箱漏水", place_code=None, location_text="食堂")
    return Narrowed(hit, other)


FOUND = {
    "unit=HBJX-3": "三号车间",
    "category=FIRE": "消防",
    "level=major": "重大",
    "place=HBJX-A3": "A3",
    "rectifier=zhanglei": "张磊",
    "older=3": "上报超过 3 天",
    "supervised=1": "挂牌督办",
    "only=rectifying": "整改中",
}


@pytest.mark.parametrize("query", FOUND)
def test_a_search_is_narrowed_by_all_that_the_page_says_it_is(house, narrowed, query):
    page = Visitor(house, "chenjun").get(f"/inbox?q=漏水&{query}").text
    assert set(re.findall(r'value="(HZ-[0-9-]+)" form="batch"', page)) == {narrowed.hit}
    assert "搜到 1 条" in page
    said = re.findall(r"(?:筛选|只看)：([^<]+)</span>", page)
    assert len(said) == 1
    assert FOUND[query] in said[0]
    both = Visitor(house, "chenjun").get("/inbox?q=漏水").text
    assert set(re.findall(r'value="(HZ-[0-9-]+)" form="batch"', both)) == {narrowed.hit, narrowed.other}


@pytest.mark.parametrize(
    "query", ["unit=HBJX-9", "place=NOWHERE", "rectifier=nobody", "older=30", "only=overdue", "category=CHEM"]
)
def test_a_search_that_its_filter_leaves_empty_says_so_and_how_to_go_on(house, narrowed, query):
    page = Visitor(house, "chenjun").get(f"/inbox?q=漏水&{query}").text
    assert not {narrowed.hit, narrowed.other} & set(re.findall(r'value="(HZ-[0-9-]+)" form="batch"', page))
    assert "换个词，或清除筛选再搜" in page


def test_a_filtered_search_goes_on_page_by_page_without_loss(house):
    made = set()
    for n in range(53):
        number = house.report(description=f"第{n}处渗油")
        house.report(description=f"第{n}处渗油", place_code=None, location_text="食堂")
        made.add(number)
        house.clock.forward(minutes=1)
    officer = Visitor(house, "wangmin")
    first = officer.get("/inbox?q=渗油&place=HBJX-A3").text
    onward = re.search(r'href="([^"]+)" data-next-page', first)
    assert onward is not None
    second = officer.get(html.unescape(onward[1])).text
    listed = [re.findall(r'value="(HZ-[0-9-]+)" form="batch"', page) for page in (first, second)]
    assert sorted(listed[0] + listed[1]) == sorted(made)


def test_who_sees_only_the_public_part_learns_nothing_by_filtering_for_it(house, narrowed):
    add_person(house, "gaoyang", Role.WORKER, "HBJX-3")
    house.clock.forward(days=1)
    bystander = Visitor(house, "gaoyang")
    seen = [
        bystander.get(f"/inbox?q={narrowed.hit}{more}").text
        for more in ("", *("&rectifier=zhanglei", "&supervised=1"))
    ]
    assert [
        narrowed.hit in re.sub(r'value="[^"]*"|搜索：[^<]*|没有找到[^<]*|/inbox[^"]*', "", page) for page in seen
    ] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("query", ["category=GHOST", "level=huge", "older=-1", "supervised=perhaps", "only=ghost"])
def test_a_filter_that_is_none_narrows_nothing(house, query):
    number = house.report()
    answer = Visitor(house, "wangmin").get(f"/inbox?{query}")
    assert answer.status_code == 200
    assert number in answer.text


def test_the_filter_offers_nothing_foreign(house):
    page = Visitor(house, "chenjun").get("/inbox").text
    form = page[page.index("data-narrow") : page.index("</details>", page.index("data-narrow"))]
    assert "三号车间" in form
    assert "人民医院" not in form
    assert "马玲" not in form


def test_a_long_desk_goes_on_page_by_page_and_forged_cursors_are_refused(house):
    made: set[str] = set()
    for n in range(53):
        answer = house.send("lixia", description=f"第{n}处积水")
        made.add(answer.json["number"])
        house.clock.forward(minutes=1)
    officer = Visitor(house, "wangmin")
    first = officer.get("/inbox").text
    more = re.search(r'href="(/inbox\?cursor=[^"]+)" data-next-page', first)
    assert more is not None
    second = officer.get(more[1]).text
    listed = [set(re.findall(r'value="(HZ-[0-9-]+)" form="batch"', page)) for page in (first, second)]
    assert listed[0] | listed[1] == made
    assert not listed[0] & listed[1]
    assert "回第一页" in second
    assert officer.get(more[1] + "zz").status_code == 422
    found = officer.get("/inbox?q=积水").text
    next_found = re.search(r'href="([^"]+)" data-next-page', found)
    assert next_found is not None
    assert officer.get(next_found[1].replace("&amp;", "&")).text.count('form="batch"') == 3


def test_several_are_accepted_with_one_form_and_one_that_went_on_is_told(house):
    first, second, gone = apart(house), apart(house), apart(house)
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", first, second, gone)
    hidden = hidden_fields(officer.get(path).text)
    assert len([name for name, _value in hidden if name == "seen"]) == 3
    house.act("wangmin", gone, "reject", reason="untrue", text="不实")
    answer = officer.send(path, hidden, **ACCEPT)
    assert answer.status_code == 200
    assert became(answer.text) == {first: True, second: True, gone: False}
    assert "刚才已有人处理过" in answer.text
    assert [house.state(n) for n in (first, second, gone)] == ["rectifying", "rectifying", "rejected"]
    told = house.read("wangmin", first)
    assert (told["level"], told["rectifier"], told["deadline"]) == ("general", "张磊", "2026-11-09T10:00:00Z")
    again = officer.send(path, hidden, **ACCEPT)
    assert became(again.text) == {first: False, second: False, gone: False}
    assert house.version(first) == told["version"]


def test_a_form_for_several_with_faults_does_nothing_and_keeps_its_words(house):
    first, second = apart(house), apart(house)
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", first, second)
    hidden = hidden_fields(officer.get(path).text)
    refused = officer.send(path, hidden, **{**ACCEPT, "factor": "", "deadline_days": "", "deadline": "soon"})
    assert refused.status_code == 422
    assert sorted(faults_of(refused)) == ["deadline", "factor"]
    assert ">更换门锁</textarea>" in refused.text
    assert {house.state(first), house.state(second)} == {"submitted"}
    assert officer.send(path, hidden_fields(refused.text), **ACCEPT).status_code == 200


def test_a_form_for_several_never_makes_a_major_hazard(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", number)
    officer.send(path, hidden_fields(officer.get(path).text), **ACCEPT, level="major")
    assert house.read("wangmin", number)["level"] == "general"


def lines_of(page: str) -> dict[str, bool | None]:
    """Each hazard of the form: None when it is simply done, else whether its box is ticked."""
    found: dict[str, bool | None] = dict.fromkeys(
        re.findall(r'<input type="hidden" name="seen" value="(HZ-[0-9-]+)@', page)
    )
    boxes = re.findall(r'<input type="checkbox" name="seen" value="(HZ-[0-9-]+)@\d+"( checked)?>', page)
    return found | {number: bool(checked) for number, checked in boxes}


def test_what_may_be_the_same_spot_is_shown_and_left_out_unless_it_is_ticked(house):
    known, again, other = house.report(), house.report(), apart(house)
    house.accept(known)
    house.work()
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", again, other)
    form = officer.get(path).text
    assert lines_of(form) == {again: False, other: None}
    assert "可能是同一处" in form
    assert f'/hazards/{known}"' in form or f"/hazards/{known}?" in form
    assert f"/hazards/{known}/photos/1/thumb" in form
    assert f"/hazards/{again}/photos/1/thumb" in form
    assert f'href="/tickets/{again}/accept"' in form
    answer = officer.send(path, hidden_fields(form), **ACCEPT)
    assert became(answer.text[: answer.text.index("没有受理")]) == {other: True}
    assert again in answer.text
    assert (house.state(again), house.state(other)) == ("submitted", "rectifying")
    version = house.version(again)
    ticked = officer.send(path, [*hidden_fields(form), ("seen", f"{again}@{version}")], **ACCEPT)
    assert became(ticked.text) == {again: True, other: False}
    assert house.state(again) == "rectifying"


def test_of_several_that_look_alike_the_first_report_is_accepted(house):
    first, second, third = house.report(), house.report(), house.report()
    for ticked in ((first, second, third), (third, first, second)):
        form = Visitor(house, "wangmin").get(several("/desk/accept", *ticked)).text
        assert lines_of(form) == {first: None, second: False, third: False}


def test_a_refused_form_keeps_what_was_ticked_and_what_was_not(house):
    first, second, third = house.report(), house.report(), house.report()
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", first, second, third)
    hidden = [*hidden_fields(officer.get(path).text), ("seen", f"{third}@1")]
    refused = officer.send(path, hidden, **{**ACCEPT, "factor": ""})
    assert refused.status_code == 422
    assert lines_of(refused.text) == {first: None, second: False, third: True}


def test_with_nothing_ticked_nothing_is_done_and_the_form_says_so(house):
    known, again = house.report(), house.report()
    house.accept(known)
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", again)
    refused = officer.send(path, hidden_fields(officer.get(path).text), **ACCEPT)
    assert refused.status_code == 422
    assert "请至少选一条隐患" in refused.text
    assert lines_of(refused.text) == {again: False}
    assert house.state(again) == "submitted"


def test_reminding_and_reassigning_ask_nothing_about_look_alikes(house):
    first, second = house.report(), house.report()
    for number in (first, second):
        house.accept(number)
    for action in ("remind", "reassign"):
        assert "可能是同一处" not in Visitor(house, "wangmin").get(several(f"/desk/{action}", first, second)).text


def test_several_are_reassigned_and_reminded_of(house):
    mine, other = house.report(), house.report()
    for number in (mine, other):
        house.accept(number)
    waiting = house.report()
    officer = Visitor(house, "wangmin")
    path = several("/desk/reassign", mine, other, waiting)
    hidden = hidden_fields(officer.get(path).text)
    answer = officer.send(path, hidden, rectifier="", rectifier_name="电工班", text="张磊休假")
    assert became(answer.text) == {mine: True, other: True, waiting: False}
    assert house.read("wangmin", mine)["rectifier"] == "电工班"
    path = several("/desk/remind", mine, waiting)
    answer = officer.send(path, hidden_fields(officer.get(path).text))
    assert became(answer.text) == {mine: True, waiting: False}


def test_what_is_foreign_is_not_in_the_form_and_cannot_be_moved_by_it(house):
    foreign = house.report("sunli", place_code="RMYY-7N", description="外单位的隐患")
    number = house.report()
    officer = Visitor(house, "wangmin")
    path = several("/desk/accept", number, foreign, "HZ-2026-999999")
    form = officer.get(path).text
    assert foreign not in without_own_address(form)
    assert "外单位" not in form
    hidden = [
        *hidden_fields(form),
        ("seen", f"{foreign}@1"),
        ("seen", "HZ-2026-999999@1"),
        ("seen", "x"),
        ("seen", "x@y"),
    ]
    answer = officer.send(path, hidden, **ACCEPT)
    assert became(answer.text) == {number: True, foreign: False, "HZ-2026-999999": False}
    said = re.findall(r'<li class="amber">.*?</li>', answer.text, re.DOTALL)
    assert said[0].replace(foreign, "") == said[1].replace("HZ-2026-999999", "")
    assert house.state(foreign) == "submitted"


def test_nothing_ticked_says_what_to_do(house):
    officer = Visitor(house, "wangmin")
    assert "还没有勾选隐患" in officer.get("/desk/accept").text
    sent = officer.send(
        "/desk/accept", [h for h in hidden_fields(officer.get("/inbox").text) if h[0] == "csrf_token"]
    )
    assert sent.status_code in {400, 422}


@pytest.mark.parametrize("action", ["close", "void", "submit", "explode"])
def test_only_what_is_the_same_for_each_is_done_to_several(house, action):
    assert Visitor(house, "wangmin").get(f"/desk/{action}").status_code == 404


def test_who_may_not_act_is_offered_no_boxes(house):
    number = house.report()
    house.accept(number)
    assert 'form="batch"' not in Visitor(house, "zhanglei").get("/inbox").text
    assert 'form="batch"' in Visitor(house, "wangmin").get("/inbox").text
    head = Visitor(house, "liujianguo").get("/inbox").text
    assert "/desk/remind" in head
    assert "/desk/accept" not in head


def test_more_than_fifty_are_cut_and_said(house: House):
    numbers = [f"HZ-2026-{n:06d}" for n in range(900, 960)]
    page = Visitor(house, "wangmin").get(several("/desk/accept", house.report(), *numbers)).text
    assert "另有 11 条没有列入" in page


def test_the_deadline_of_each_is_meant_in_its_own_units_zone(house):
    number = house.report()
    officer = Visitor(house, "chenjun")
    path = several("/desk/accept", number)
    hidden = hidden_fields(officer.get(path).text)
    officer.send(path, hidden, **{**ACCEPT, "deadline_days": "", "deadline": "2026-11-05T12:00"})
    assert house.read("wangmin", number)["deadline"] == "2026-11-05T04:00:00Z"


def test_the_desk_speaks_english_too(house):
    house.report()
    page = Visitor(house, "wangmin", language="en").get("/inbox?category=ELEC").text
    list_part = re.sub(r"<[^>]+>|HZ-\S+", " ", page[page.index('class="tools"') : page.index("<dialog")])
    for word in ("Filter", "Select several", "Filtered"):
        assert word in list_part, word
