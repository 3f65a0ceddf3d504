import re

import pytest

from tests.conftest import SMALL, House
from tests.edges.visitor import Visitor, faults_of, hidden_fields

ACCEPT = {
    "level": "general",
    "category": "ELEC",
    "factor": "thing",
    "rectifier": "zhanglei",
    "rectifier_name": "",
    "measures": "更换门锁",
    "deadline_days": "7",
    "deadline": "",
}


def accepted(house: House, **other: str) -> str:
    number = house.report()
    sent = Visitor(house, "wangmin").fill(f"/tickets/{number}/accept", photos=(), **{**ACCEPT, **other})
    assert sent.status_code == 303, faults_of(sent)
    return number


def rectified(house: House) -> str:
    number = accepted(house)
    house.clock.forward(hours=2)
    sent = Visitor(house, "zhanglei").fill(
        f"/tickets/{number}/rectify", done="已换锁", finished_at="2026-11-02T10:30", cost="12.50"
    )
    assert sent.status_code == 303, faults_of(sent)
    return number


def test_the_inbox_shows_what_waits_and_nothing_foreign(house):
    number = house.report()
    page = Visitor(house, "wangmin").get("/inbox").text
    assert number in page
    assert "无关的隐患" not in page
    assert re.search(r"<b>1</b>待受理", page)


def test_the_inbox_filters_and_searches(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    assert number in officer.get("/inbox?only=submitted").text
    assert number not in officer.get("/inbox?only=overdue").text
    assert number in officer.get(f"/inbox?q={number}").text
    assert number in officer.get("/inbox?only=nonsense").text


def test_acceptance_sets_the_deadline_to_the_end_of_that_days_shift(house):
    number = accepted(house)
    assert house.read("wangmin", number)["deadline"] == "2026-11-09T10:00:00Z"
    assert "11-09 18:00" in Visitor(house, "wangmin").get(f"/tickets/{number}").text


def test_what_was_just_done_is_said_once(house):
    number, officer = house.report(), Visitor(house, "wangmin")
    done = officer.fill(f"/tickets/{number}/accept", photos=(), **ACCEPT)
    assert "已受理并派发" in officer.get(done.location).text
    assert "已受理并派发" not in officer.get(done.location).text


def test_at_once_means_two_hours_and_a_typed_deadline_is_taken_in_the_units_zone(house):
    now = accepted(house, deadline_days="0")
    assert house.read("wangmin", now)["deadline"].startswith("2026-11-02T03:00:00")
    typed = accepted(house, deadline_days="", deadline="2026-11-05T12:00")
    assert house.read("wangmin", typed)["deadline"] == "2026-11-05T04:00:00Z"


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        ({"factor": ""}, ["factor"]),
        ({"measures": " "}, ["measures"]),
        ({"deadline_days": "", "deadline": ""}, ["deadline"]),
        ({"deadline_days": "", "deadline": "soon"}, ["deadline"]),
        ({"deadline_days": "999999"}, ["deadline"]),
        ({"rectifier": ""}, ["rectifier"]),
        ({"rectifier_name": "李工"}, ["rectifier_name"]),
        ({"rectifier": "guotao"}, ["rectifier"]),
        ({"level": "major"}, ["deadline", "emergency_plan", "funds", "interim_control"]),
        ({"level": "huge"}, ["level"]),
        ({"version": "x"}, ["version"]),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(house, other, fields):
    number = house.report()
    officer = Visitor(house, "wangmin")
    hidden = [(n, v) for n, v in hidden_fields(officer.get(f"/tickets/{number}/accept").text) if n not in other]
    refused = officer.send(f"/tickets/{number}/accept", hidden, **{**ACCEPT, **other})
    assert refused.status_code == 422
    assert sorted(faults_of(refused)) == fields
    if "measures" not in other:
        assert ">更换门锁</textarea>" in refused.text
    assert house.state(number) == "submitted"


def test_rejecting_tells_the_reporter_why(house):
    number = house.report()
    Visitor(house, "wangmin").fill(
        f"/tickets/{number}/reject", photos=(), reason="not_a_hazard", text="这是正常的检修"
    )
    assert house.state(number) == "rejected"
    page = Visitor(house, "lixia").get(f"/hazards/{number}").text
    assert "这是正常的检修" in page
    assert "不属于隐患" in page


def test_repair_and_closure(house):
    number = rectified(house)
    house.work()
    told = house.read("wangmin", number)
    assert (told["finished_at"], told["cost"], told["photos"][-1]["stage"]) == (
        "2026-11-02T02:30:00Z",
        "12.50",
        "after",
    )
    sent = Visitor(house, "wangmin").fill(f"/tickets/{number}/close", photos=(), conclusion="现场看过，合格")
    assert sent.status_code == 303
    assert house.state(number) == "closed"


def test_a_refused_repair_keeps_its_photo(house):
    number = accepted(house)
    rectifier = Visitor(house, "zhanglei")
    refused = rectifier.fill(f"/tickets/{number}/rectify", done="", finished_at="2026-11-02T09:00")
    assert (refused.status_code, faults_of(refused)) == (422, ["done"])
    sent = rectifier.send(
        f"/tickets/{number}/rectify", hidden_fields(refused.text), done="已换锁", finished_at="2026-11-02T09:00"
    )
    assert sent.status_code == 303
    assert len(house.read("wangmin", number)["photos"]) == 2


def test_a_repair_without_photo_is_refused(house):
    number = accepted(house)
    refused = Visitor(house, "zhanglei").fill(
        f"/tickets/{number}/rectify", photos=(), done="已换锁", finished_at="2026-11-02T09:00"
    )
    assert (refused.status_code, faults_of(refused)) == (422, ["photo"])


def test_photos_are_not_taken_where_the_move_takes_none(house):
    number = house.report()
    sent = Visitor(house, "wangmin").fill(f"/tickets/{number}/accept", photos=(SMALL,), **ACCEPT)
    assert sent.status_code == 303
    assert len(house.read("wangmin", number)["photos"]) == 1


def test_sending_back_gives_a_new_deadline(house):
    number = rectified(house)
    Visitor(house, "wangmin").fill(
        f"/tickets/{number}/send_back", photos=(), text="盖板没有装", deadline_days="1", deadline=""
    )
    assert house.state(number) == "rectifying"
    page = Visitor(house, "zhanglei").get(f"/tickets/{number}").text
    assert "盖板没有装" in page
    assert "首次期限 11-09 18:00" in page


def test_who_repaired_is_told_why_the_closure_is_not_theirs(house):
    number = house.report()
    house.accept(number, rectifier=None, rectifier_name="电工班")
    house.rectify(number, by="wangmin")
    officer = Visitor(house, "wangmin")
    assert "自己整改的不能自己复查" in officer.get(f"/tickets/{number}").text
    closed = officer.get(f"/tickets/{number}/close")
    assert closed.status_code == 403
    assert "自己整改的不能自己复查" in closed.text
    assert f'href="/tickets/{number}">看最新情况' in closed.text


def test_of_two_acts_on_one_version_the_second_is_sent_back_to_the_ticket(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    hidden = hidden_fields(officer.get(f"/tickets/{number}/accept").text)
    house.act("wangmin", number, "reject", reason="untrue", text="不实")
    late = officer.send(f"/tickets/{number}/accept", hidden, **ACCEPT)
    assert late.status_code == 409
    assert f'href="/tickets/{number}">看最新情况' in late.text
    assert house.state(number) == "rejected"


def test_a_corrected_form_does_not_overrule_what_happened_meanwhile(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    opened = hidden_fields(officer.get(f"/tickets/{number}/accept").text)
    house.act("wangmin", number, "ask", text="在哪里？")
    house.act("lixia", number, "answer", text="门口")
    refused = officer.send(f"/tickets/{number}/accept", opened, **{**ACCEPT, "factor": "ghost"})
    assert refused.status_code == 422
    late = officer.send(f"/tickets/{number}/accept", hidden_fields(refused.text), **ACCEPT)
    assert late.status_code == 409


def test_who_only_sees_the_public_part_has_no_moves_on_a_ticket(house):
    number = house.report()
    colleague = Visitor(house, "zhanglei")
    assert colleague.get(f"/tickets/{number}/accept").status_code == 403
    assert colleague.get(f"/tickets/{number}").location == f"/hazards/{number}"


def test_moves_without_a_page_answer_like_absent_ones(house):
    number = house.report()
    assert Visitor(house, "wangmin").get(f"/tickets/{number}/submit").status_code == 404
    assert Visitor(house, "wangmin").get(f"/tickets/{number}/explode").status_code == 404


def test_the_rectifier_finds_and_acknowledges_the_task(house):
    number = accepted(house)
    rectifier = Visitor(house, "zhanglei")
    assert number in rectifier.get("/inbox").text
    rectifier.fill(f"/tickets/{number}/acknowledge", photos=())
    assert "张磊 签收了整改任务" in rectifier.get(f"/tickets/{number}").text


def test_the_ticket_tells_who_reported_only_to_those_who_may_know(house):
    number = accepted(house)
    assert "李霞" in Visitor(house, "wangmin").get(f"/tickets/{number}").text
    assert "李霞" not in Visitor(house, "zhanglei").get(f"/tickets/{number}").text
    assert "李霞" not in Visitor(house, "tianye").get(f"/tickets/{number}").text


def test_after_acting_the_bar_leads_to_the_next_hazard_and_at_last_back(house):
    first = accepted(house)
    officer = Visitor(house, "wangmin")
    assert 'class="btn" href="/inbox">回待办' in officer.get(f"/tickets/{first}").text
    second = house.report()
    assert f'class="btn" href="/tickets/{second}">下一条待办' in officer.get(f"/tickets/{first}").text


def test_a_rectifier_sees_who_gave_the_task_its_deadline_and_a_tally_of_it(house):
    number = accepted(house)
    rectifier = Visitor(house, "zhanglei")
    inbox = rectifier.get("/inbox").text
    assert "整改中 · 期限 11-09 18:00" in inbox
    assert "<b>1</b>整改中" in inbox
    assert "</b>待受理" not in inbox
    assert "王敏 11-02 09:00 派给您" in rectifier.get(f"/tickets/{number}").text


def test_whom_a_hazard_was_given_to_is_named_to_the_others(house):
    number = house.report()
    assert "为何给我" in Visitor(house, "wangmin").get(f"/tickets/{number}").text
    assert "为何给王敏" in Visitor(house, "liujianguo").get(f"/tickets/{number}").text
    assert "本单位在办" in Visitor(house, "liujianguo").get("/inbox").text


def test_a_repair_that_was_sent_back_is_no_longer_shown_as_the_repair(house):
    number = rectified(house)
    house.work()
    house.act("wangmin", number, "send_back", text="盖板没有装", deadline="2026-11-05T10:00:00Z")
    page = Visitor(house, "zhanglei").get(f"/tickets/{number}").text
    assert "退回：盖板没有装（王敏 11-02 11:00）" in page
    assert "拍整改后" in page
    reporter = Visitor(house, "lixia")
    assert "整改后 11-02" not in reporter.get(f"/hazards/{number}").text
    house.clock.forward(hours=1)
    house.rectify(number)
    house.work()
    captions = re.findall(r'<span class="cap">(.+?)</span> </span>', reporter.get(f"/hazards/{number}").text)
    shown = [re.sub(r"<[^>]+>", "", caption) for caption in captions]
    assert shown == ["整改前 11-02 09:00", "整改后 11-02 12:00"]


def test_faults_of_what_was_typed_and_what_is_missing_come_together(house):
    number = accepted(house)
    refused = Visitor(house, "zhanglei").fill(
        f"/tickets/{number}/rectify", photos=(), done=" ", finished_at="soon", cost="1.234"
    )
    assert sorted(faults_of(refused)) == ["cost", "done", "finished_at", "photo"]
    assert "整改情况：请填写这一项。" in refused.text


def test_who_acted_second_is_told_what_came_first_and_keeps_the_words(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    hidden = hidden_fields(officer.get(f"/tickets/{number}/accept").text)
    house.act("wangmin", number, "ask", text="在哪里？")
    late = officer.send(f"/tickets/{number}/accept", hidden, **{**ACCEPT, "measures": "换锁<b>"})
    assert late.status_code == 409
    assert "11-02 09:00 王敏 要求补充" in late.text
    assert "换锁&lt;b&gt;" in late.text


def test_a_form_whose_token_is_old_comes_back_with_its_words_and_goes_through(house):
    number = house.report()
    officer = Visitor(house, "wangmin")
    opened = hidden_fields(officer.get(f"/tickets/{number}/accept").text)
    stale = [(name, "old" if name == "csrf_token" else value) for name, value in opened]
    refused = officer.send(f"/tickets/{number}/accept", stale, **ACCEPT)
    assert (refused.status_code, house.state(number)) == (400, "submitted")
    assert ">更换门锁</textarea>" in refused.text
    assert officer.send(f"/tickets/{number}/accept", hidden_fields(refused.text), **ACCEPT).status_code == 303


def test_a_session_that_ended_gives_the_words_back_and_the_way_on(house):
    number = house.report()
    visitor = Visitor(house, "wangmin")
    opened = hidden_fields(visitor.get(f"/tickets/{number}/accept").text)
    visitor.post("/logout")
    refused = visitor.send(f"/tickets/{number}/accept", opened, **ACCEPT)
    assert refused.status_code == 401
    assert "更换门锁" in refused.text
    assert f"/login?next=/tickets/{number}/accept" in refused.text
    assert "zhanglei" not in refused.text


def test_a_search_without_a_find_says_what_to_do(house):
    page = Visitor(house, "wangmin").get("/inbox?q=没有的东西").text
    assert "没有找到“没有的东西”。" in page
    assert "看全部" in page
    assert "没有逾期的隐患" in Visitor(house, "wangmin").get("/inbox?only=overdue").text
