"""After a report: its receipt, whose turn it is, what it brought, how to say that it is not so; without script."""

import html
import re

import pytest

from app.hazards.followers import follow_hazard
from app.web.present_places import qr_file, qr_image
from tests.conftest import House
from tests.edges.visitor import Visitor, hidden_fields, report_fields
from tests.photos import photo

NOW = photo(size=(64, 48), seed=9)


def text_of(page: str) -> str:
    """What is read, without tags, one space between pieces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])).split())


def hazard_page(house: House, number: str, login: str = "lixia") -> str:
    return Visitor(house, login).get(f"/hazards/{number}").text


def closed(house: House) -> str:
    number = house.report()
    house.accept(number)
    house.rectify(number)
    house.close(number)
    house.work()
    return number


def told_once(receipt: str) -> tuple[str, str]:
    """The number and the code that a receipt without a name shows."""
    number = re.search(r"HZ-\d{4}-\d{6}", receipt)[0]
    return number, re.search(r'class="code">([A-Z0-9-]{14})<', receipt)[1]


def as_guest(house: House, **fields: str):
    visitor, path = Visitor(house), f"/p/{house.scan_code('HBJX-DM')}"
    sent = visitor.fill(path, **{"category": "FIRE", "description": "灭火器过期", **fields})
    return visitor, sent


def test_a_receipt_says_until_when_and_its_picture_opens_the_hazard(house):
    worker = Visitor(house, "lixia")
    sent = worker.fill("/report", **report_fields())
    number = sent.location.rsplit("/", 1)[1]
    receipt = worker.get(sent.location).text
    assert "明天 09:00 前" in receipt
    assert html.escape(qr_image(f"{house.means.settings.public_url}/hazards/{number}")) in receipt


def test_a_guest_follows_by_the_number_and_the_code_of_the_receipt(house):
    visitor, sent = as_guest(house)
    receipt = visitor.get(sent.location).text
    number, code = told_once(receipt)
    assert html.escape(qr_image(f"{house.means.settings.public_url}/follow?number={number}")) in receipt
    followed = Visitor(house).post("/follow", number=number, code=code)
    assert followed.status_code == 200
    assert "安全员" in text_of(followed.text)
    named = house.report("lixia")
    for said in ({"number": number, "code": "AAAA-BBBB-CCCC"}, {"number": named, "code": code}):
        assert Visitor(house).post("/follow", **said).status_code == 404


def test_the_code_on_the_phones_own_receipt_is_there_for_every_number_and_nothing_else(house):
    visitor = Visitor(house)
    drawn = visitor.get("/follow/HZ-2026-000381/qr")
    assert (drawn.status_code, drawn.mimetype, drawn.headers["Cache-Control"]) == (
        200,
        "image/svg+xml",
        "no-store",
    )
    assert drawn.data == qr_file(f"{house.means.settings.public_url}/follow?number=HZ-2026-000381")
    for other in ("HZ-2026-" + "1" * 200, "x", "HZ-2026-12", "hz-2026-000381"):
        assert visitor.get(f"/follow/{other}/qr").status_code == 404


def test_a_guest_who_joins_later_claims_the_points(house):
    visitor, sent = as_guest(house)
    receipt = visitor.get(sent.location).text
    number, code = told_once(receipt)
    house.accept(number, by="chenjun", category="FIRE")
    house.work()
    assert Visitor(house, "zhaoqiang").post("/claim", number=number, code=code).location == "/mine"
    house.work()
    assert house.api("zhaoqiang", "GET", "/points").json["balance"] == 5


def test_an_account_sends_no_claim_beside_its_name(house):
    answer = house.send("lixia", claim_hash="sha256:" + "0" * 32 + ":" + "0" * 64)
    assert answer.json["errors"]["claim_hash"][0]["code"] == "claim_needs_anonymous"


def test_a_guest_place_that_is_full_says_when_to_come_again(house):
    for _ in range(10):
        assert house.send(None, place_code="HBJX-DM").status_code == 201
    _, refused = as_guest(house)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "请过 60 秒再交" in refused.text
    assert "灭火器过期" in refused.text


def test_the_places_of_the_last_reports_lead_the_list_each_once(house):
    for code in ("HBJX-PD", "HBJX-B1", "HBJX-DM", "HBJX-B1", "HBJX-A3"):
        house.report("lixia", place_code=code)
    house.report("zhaoqiang", place_code="HBJX-PD")
    page = Visitor(house, "lixia").get("/report").text
    groups = dict(re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL))
    assert next(iter(groups)) == "最近去过"
    assert re.findall(r'value="([^"]+)"', groups["最近去过"]) == ["HBJX-A3", "HBJX-B1", "HBJX-DM"]
    everywhere = re.findall(r'<option value="(HBJX-[^"]+)"', page)
    assert len(everywhere) == len(set(everywhere)) == 4
    assert "最近去过" not in Visitor(house, "chenjun").get("/report").text


def test_each_state_says_whose_turn_it_is_and_until_when(house):
    number = house.report()
    assert "现在轮到 安全员王敏 看照片，定下谁来整改 明天 09:00 前" in text_of(hazard_page(house, number))
    assert "等安全员受理" in Visitor(house, "lixia").get("/mine").text
    house.act("wangmin", number, "ask", text="在哪台设备旁边？")
    told = text_of(hazard_page(house, number))
    assert "现在轮到 您 补充情况 在哪台设备旁边？" in told
    house.act("lixia", number, "answer", text="二号机")
    house.accept(number)
    told = text_of(hazard_page(house, number))
    assert "谢谢您，隐患已受理。" in told
    assert "现在轮到 张磊 整改 11-09 09:00 前" in told
    house.clock.forward(days=8)
    assert "系统在催办，逾期 3 天报上级" in text_of(hazard_page(house, number))
    house.rectify(number)
    assert "现在轮到 安全员 到现场看改好没有" in text_of(hazard_page(house, number))


def test_who_waits_for_an_officer_too_long_is_told_what_the_house_did(house):
    number = house.report()
    house.clock.forward(hours=25)
    told = text_of(hazard_page(house, number))
    assert "已经超过 24 小时，系统提醒了安全员和上级" in told


def test_an_objection_shows_what_it_looks_like_now_beside_the_repair(house):
    number = closed(house)
    page = hazard_page(house, number)
    assert "谢谢您，已整改。" in page
    assert "12-02 09:00 前可以提出异议" in page
    assert f'href="/tickets/{number}/object">没改好，提出异议' in page
    worker = Visitor(house, "lixia")
    form = worker.get(f"/tickets/{number}/object").text
    assert 'name="photo"' in form
    assert "安全员或上级会核实" in form
    sent = worker.send(f"/tickets/{number}/object", hidden_fields(form), photos=(NOW,), text="还是松的")
    assert sent.status_code == 303
    house.work()
    own, ticket = hazard_page(house, number), Visitor(house, "chenjun").get(f"/tickets/{number}").text
    for seen in (own, ticket, Visitor(house, "chenjun").get(f"/tickets/{number}/reopen").text):
        assert "异议 11-02 09:00" in html.unescape(re.sub(r"</?span[^>]*>", "", seen))
    assert "现在轮到 安全员或上级 核实您的异议" in text_of(own)
    assert "谢谢您，已整改。" not in own
    # Nobody takes the picture of an objection for one of before the repair.
    before = own[: own.index("异议时拍的")]
    assert f"/hazards/{number}/photos/1/display" in before
    assert f"/hazards/{number}/photos/3/display" not in before


def test_an_objection_needs_no_photo_and_is_made_once(house):
    number = closed(house)
    worker = Visitor(house, "lixia")
    path = f"/tickets/{number}/object"
    assert worker.send(path, hidden_fields(worker.get(path).text), text="还是松的").status_code == 303
    assert worker.get(path).status_code == 403


def test_an_objection_is_read_on_the_ticket_and_followed_before_it_is_dismissed(house):
    number = closed(house)
    worker, officer = Visitor(house, "lixia"), Visitor(house, "chenjun")
    path = f"/tickets/{number}/object"
    assert "上报人说没有改好" not in officer.get(f"/tickets/{number}").text
    assert worker.send(path, hidden_fields(worker.get(path).text), text="横杆又掉了").status_code == 303
    ticket = officer.get(f"/tickets/{number}").text
    head = ticket[: ticket.index('class="facts"')]
    assert "横杆又掉了" in text_of(head)
    assert "异议待核实" in text_of(head)
    assert "上报人说没有改好，拍了现在的样子" not in ticket
    steps = re.findall(r'<a class="(btn[^"]*)" href="/tickets/[^"]+/(\w+)"', ticket)
    assert steps == [("btn ghost", "dismiss_objection"), ("btn", "reopen")]
    # Of the unit's own officer too the blue one is the repair; to dismiss is for the parent unit.
    own = Visitor(house, "wangmin").get(f"/tickets/{number}").text
    assert re.findall(r'<a class="(btn[^"]*)" href="/tickets/[^"]+/(\w+)"', own) == [("btn", "reopen")]


def test_points_stand_at_the_hazard_with_their_reason(house):
    first = closed(house)
    assert "+5 分：一般隐患，已受理" in hazard_page(house, first)
    closed(house)
    third = closed(house)
    assert "同一处同一类，每月前 2 条计分；这条照样整改" in hazard_page(house, third)
    double = house.report()
    house.act("wangmin", double, "merge", master=house.report("zhaoqiang"))
    assert "不加分，也不扣分" in hazard_page(house, double)
    assert "+5 分" not in hazard_page(house, first, "zhanglei")


@pytest.mark.parametrize(
    ("kind", "line"), [("rejected", "申诉截止：11月9日 23:59"), ("closed", "可以提出异议，截止：12月2日 09:00")]
)
def test_a_message_says_until_when_one_may_disagree(house, kind, line):
    if kind == "closed":
        closed(house)
    else:
        house.act("wangmin", house.report(), "reject", reason="too_little", text="看不清")
        house.work()
    told = text_of(Visitor(house, "lixia").get("/messages").text)
    assert line in told
    assert ("信息太少，无法判断" in told) is (kind == "rejected")
    # To whom it is no move, no time is told.
    assert line not in Visitor(house, "zhanglei").get("/messages").text


def test_a_message_tells_the_points_of_its_reporter_and_of_nobody_else(house):
    closed(house)
    told = Visitor(house, "lixia").get("/messages").text
    # Earned once, with the acceptance; the closure tells the sum.
    assert told.count("这条隐患给您加了 5 分") == 1
    assert told.count("这条隐患累计 5 分") == 1
    assert not re.search("给您加了|累计", Visitor(house, "zhanglei").get("/messages").text)


def test_a_repair_and_its_return_are_told_to_reporter_and_followers(house):
    number = house.report("zhaoqiang", place_code="HBJX-A3")
    follow_hazard(number, by=house.actor("lixia"), at=house.clock(), db=house.means.db)
    house.accept(number)
    house.rectify(number)
    later = house.clock.forward(hours=1)
    answer = house.act(
        "wangmin", number, "send_back", text="没拧紧", deadline=(later.replace(hour=20)).isoformat()
    )
    assert answer.status_code == 200, answer.json
    house.work()
    for login in ("zhaoqiang", "lixia"):
        told = text_of(Visitor(house, login).get("/messages").text)
        assert "隐患已改好，等复查" in told
        assert "复查没通过，重新整改" in told
    assert "现在轮到 张磊 重新整改" in text_of(hazard_page(house, number, "zhaoqiang"))


def test_the_history_speaks_as_the_shop_floor_does(house):
    number = closed(house)
    told = text_of(hazard_page(house, number))
    assert "您 上报了" in told
    assert "王敏 收下了，安排整改" in told
    assert "王敏 到现场看过，改好了" in told
    for office in ("受理并派发", "闭环：", "派单"):
        assert office not in told[told.index("经过") :]
