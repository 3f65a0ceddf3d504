"""我的积分: what each point was for, whose, and that the entries make the sum; without script."""

import html
import re
from functools import partial

import pytest

from app.competition.ledger import passbook_of
from app.web import present_points
from tests.conftest import House
from tests.edges.test_after_sending import closed, text_of, told_once
from tests.edges.visitor import Visitor, report_fields

ENTRY = re.compile(r'<a class="entry" href="([^"]+)">(.*?)</a>', re.DOTALL)


def entries(page: str) -> list[tuple[str, str]]:
    """Address and text of each entry, as they stand."""
    pieces = ((html.unescape(href), text_of(f"<main{inside}")) for href, inside in ENTRY.findall(page))
    return [(href, text.removeprefix("<main ")) for href, text in pieces]


def points_of(page: str) -> list[int]:
    told = re.findall(r'entry-points"><b>([^<]+)<', page)
    return [int(one.replace("−", "-")) for one in told]


def shown_sum(page: str) -> int:
    return int(re.search(r'points-sum">(-?\d+) ', page)[1])


def accepted(house: House, login: str = "lixia", **fields: str) -> str:
    number = house.report(login, **fields)
    house.accept(number)
    house.work()
    house.clock.forward(minutes=5)
    return number


def test_every_point_tells_its_hazard_its_reason_and_when_and_they_make_the_sum(house):
    numbers = [accepted(house, description=f"护栏松动 {n}") for n in range(3)]
    worker = Visitor(house, "lixia")
    listed = worker.get("/mine").text
    assert 'href="/points">我的积分 10' in listed
    page = worker.get("/points").text
    assert points_of(page) == [0, 5, 5]
    assert shown_sum(page) == sum(points_of(page)) == 10
    newest, _, oldest = entries(page)
    assert [href.split("?")[0] for href, _ in entries(page)] == [f"/hazards/{it}" for it in reversed(numbers)]
    assert "一般隐患 0 分 同一处同一类，每月前 2 条计分；这条照样整改 累计 10" in newest[1]
    assert oldest[1].startswith("一般隐患 +5 分 已受理 累计 5 护栏松动 0 · 冲压线 A3 HZ-2026-")
    assert "11-02 09:00" in oldest[1]
    opened = worker.get(oldest[0]).text
    assert 'class="back" href="/points"' in opened
    assert f'href="/points?from=/hazards/{numbers[0]}"' in opened


def test_points_taken_back_are_an_entry_of_their_own(house):
    number = accepted(house)
    assert house.act("liujianguo", number, "void", text="不属于隐患").status_code == 200
    house.work()
    page = Visitor(house, "lixia").get("/points").text
    assert (points_of(page), shown_sum(page)) == ([-5, 5], 0)
    assert "一般隐患 −5 分 受理已撤销，收回这几分 累计 0" in entries(page)[0][1]


def test_nobody_sees_the_points_of_another(house):
    number = accepted(house)
    theirs = Visitor(house, "zhaoqiang").get("/points").text
    assert (entries(theirs), shown_sum(theirs)) == ([], 0)
    assert number not in theirs
    assert "还没有积分" in theirs
    assert "一般隐患 +5" in theirs  # how they are earned stands open
    away = Visitor(house).get("/points")
    assert (away.status_code, away.location) == (303, "/login?next=/points")


def test_an_anonymous_hazard_is_entered_once_it_is_claimed_and_stays_anonymous(house):
    worker = Visitor(house, "lixia")
    sent = worker.fill("/report", **report_fields(anonymous="1"))
    number, code = told_once(worker.get(sent.location).text)
    house.accept(number)
    house.work()
    assert entries(worker.get("/points").text) == []
    worker.post("/claim", number=number, code=code)
    house.work()
    page = worker.get("/points").text
    assert (points_of(page), shown_sum(page)) == ([5], 5)
    assert f"/hazards/{number}?from=/points" in entries(page)[0][0]
    assert "李霞" not in Visitor(house, "wangmin").get(f"/tickets/{number}").text


def test_older_entries_are_a_page_further_with_the_same_sum(house, monkeypatch: pytest.MonkeyPatch):
    numbers = [accepted(house) for _ in range(3)]
    accepted(house, "zhaoqiang")
    monkeypatch.setattr(present_points, "passbook_of", partial(passbook_of, limit=2))
    worker = Visitor(house, "lixia")
    first = worker.get("/points").text
    older = html.unescape(re.search(r'href="(/points\?cursor=[^"]+)">看更早的', first)[1])
    second = worker.get(older).text
    assert points_of(first) + points_of(second) == [0, 5, 5]
    assert (shown_sum(first), shown_sum(second)) == (10, 10)
    assert "看更早的" not in second
    (last,) = entries(second)
    assert numbers[0] in last[1]
    assert f'class="back" href="{html.escape(older)}"' in worker.get(last[0]).text
    # The same place in the order, in another's hands, opens nothing of hers.
    assert entries(Visitor(house, "wangmin").get(older).text) == []
    assert worker.get("/points?cursor=made-up").status_code == 422


def test_points_lead_to_their_list_from_wherever_they_are_shown(house):
    number = closed(house)
    worker = Visitor(house, "lixia")
    for path in ("/mine", f"/hazards/{number}", f"/receipt/{number}"):
        assert 'href="/points' in worker.get(path).text, path
    assert 'href="/points' not in Visitor(house, "zhaoqiang").get(f"/hazards/{number}").text
    english = Visitor(house, "lixia", language="en").get("/points").text
    assert "5 points" in text_of(english)
    assert "general hazard +5 points accepted" in text_of(english)
