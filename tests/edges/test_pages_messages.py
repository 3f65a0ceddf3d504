"""Pages of messages, choices and robots: each person's own, each unit's own, and no key shown twice."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from app.accounts.models import GrantRow
from app.notifications.models import ChannelRow, MessageRow
from tests.conftest import House
from tests.edges.visitor import Visitor, faults_of
from tests.receivers import mail_server, receiver

ROBOT = {"unit": "HBJX-3", "kind": "wecom", "name": "三车间群", "language": "zh", "topic": ["new", "clocks"]}


def outgoing(house: House, **settings):
    """Loopback listed, a mail server named: as an operator would set it."""
    means = house.means
    house.app.extensions["runtime"] = replace(means, settings=replace(means.settings, **settings))


@pytest.fixture
def robot():
    with receiver() as kept:
        yield kept


@pytest.fixture
def channel(house, robot):
    """A robot of workshop 3, and its address."""
    outgoing(house, outgoing_allowed=("127.0.0.1",))
    answer = Visitor(house, "hbjx-admin").post(
        "/messages/channels/new", **ROBOT, webhook=robot.url, secret="SEC-1"
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def badge(page):
    """The number on the closed menu button."""
    summary = re.search(r"<summary.*?</summary>", page, re.DOTALL)[0]
    found = re.search(r'<b class="badge">([0-9+]+)<', summary)
    return found[1] if found else None


def letters(page):
    """(unread, where its form goes) of each card."""
    cards = r'<form method="post" action="(/messages/[0-9a-f]{32}/open)">.*?<button class="letter( new)?">'
    return [(new, action) for action, new in re.findall(cards, page, re.DOTALL)]


def test_a_message_is_unread_until_it_is_opened_and_leads_to_its_hazard(house):
    number = house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    page = officer.get("/messages").text
    assert "有新隐患等您受理" in page
    assert number in page
    [(unread, href)] = letters(page)
    assert unread
    assert re.search(r"消息\s*<b>1</b>", officer.get("/inbox").text)
    assert badge(officer.get("/inbox").text) == "1"
    opened = officer.post(href)
    assert (opened.status_code, opened.headers["Location"]) == (303, f"/hazards/{number}")
    assert not letters(officer.get("/messages").text)[0][0]
    assert not re.search(r"消息\s*<b>", officer.get("/inbox").text)
    assert badge(officer.get("/inbox").text) is None


def test_reading_addresses_marks_nothing_read(house):
    house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    [(_, href)] = letters(officer.get("/messages").text)
    assert officer.get(href).status_code == 405
    assert officer.get(href.removesuffix("/open")).status_code == 404
    assert officer.client.post(href).status_code == 400  # without the page's token
    assert letters(officer.get("/messages").text)[0][0]
    assert badge(officer.get("/inbox").text) == "1"


def test_the_closed_menu_shows_how_many_are_unread_at_most_99(house):
    officer = Visitor(house, "wangmin")
    assert badge(officer.get("/inbox").text) is None
    house.report()
    house.report()
    house.work()
    page = officer.get("/inbox").text
    assert badge(page) == "2"
    assert re.search(r'<b class="badge">2<span class="away">条未读消息</span></b>', page)
    assert badge(Visitor(house, "lixia").get("/mine").text) is None
    with house.means.db.write() as session:
        hers = select(MessageRow).where(MessageRow.account_id == house.actor("wangmin").account_id)
        row = session.execute(hers.limit(1)).scalar_one()
        kept = {c.name: getattr(row, c.name) for c in MessageRow.__table__.columns if c.name != "id"}
        many = [{**kept, "code": f"{n:032x}", "source": f"event:{9000 + n}"} for n in range(98)]
        session.execute(insert(MessageRow), many)
        assert session.execute(select(func.count(MessageRow.id))).scalar_one() >= 100
    assert badge(officer.get("/inbox").text) == "99+"
    newest = re.search(r'name="newest" value="([0-9a-f]+)"', officer.get("/messages").text)[1]
    officer.post("/messages/read", newest=newest)
    assert badge(officer.get("/inbox").text) is None


def test_a_message_is_read_in_the_language_of_the_page(house):
    house.report()
    house.work()
    page = Visitor(house, "wangmin", language="en").get("/messages").text
    assert "A new hazard waits for you to accept it" in page
    assert "Electrical" in page


def test_somebody_elses_message_answers_like_none(house):
    house.report()
    house.work()
    [(_, href)] = letters(Visitor(house, "wangmin").get("/messages").text)
    stranger = Visitor(house, "lixia")
    foreign, absent = stranger.post(href), stranger.post(f"/messages/{'0' * 32}/open")
    assert foreign.status_code == absent.status_code == 404
    assert href not in stranger.get("/messages").text


def test_all_are_read_with_one_button(house):
    for _ in range(3):
        house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    newest = re.search(r'name="newest" value="([0-9a-f]+)"', officer.get("/messages").text)[1]
    assert officer.post("/messages/read", newest=newest).status_code == 303
    page = officer.get("/messages").text
    assert "已全部标为已读" in page
    assert [unread for unread, _ in letters(page)] == ["", "", ""]
    assert officer.post("/messages/read", newest="0" * 32).status_code == 404


def test_older_messages_are_on_the_next_page(house):
    for _ in range(32):
        house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    first = officer.get("/messages").text
    following = re.search(r'href="(/messages\?cursor=[ur][0-9]+)"', first)[1]
    second = officer.get(following).text
    assert (len(letters(first)), len(letters(second))) == (30, 2)
    assert not set(letters(first)) & set(letters(second))
    assert officer.get("/messages?cursor=nonsense").status_code == 422


def test_a_hazard_out_of_reach_leaves_only_the_title(house):
    number = house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    [(_, href)] = letters(officer.get("/messages").text)
    with house.means.db.write() as session:
        account = house.actor("wangmin").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == account).values(ended_at=house.clock()))
    page = officer.get("/messages").text
    assert number not in page
    assert "已不在您的查看范围" in page
    assert officer.post(href).headers["Location"] == "/messages"


def test_an_empty_list_says_what_will_come(house):
    assert "还没有消息" in Visitor(house, "zhaoqiang").get("/messages").text


def test_nobody_reads_messages_without_signing_in(house):
    for path in ("/messages", "/messages/preferences", "/messages/channels"):
        assert Visitor(house).get(path).status_code in {303, 401}


def test_choices_are_kept(house):
    worker = Visitor(house, "lixia")
    assert worker.post("/messages/preferences", language="en", topic=["mine"], digest_hour="7").status_code == 303
    page = worker.get("/messages/preferences").text
    assert re.search(r'value="en" selected', page)
    assert re.search(r'value="7" selected', page)
    assert re.findall(r'name="topic" value="(\w+)" checked', page) == ["mine"]
    assert not re.search(r'name="digest" value="1" checked', page)


@pytest.mark.parametrize("wrong", [{"digest_hour": "24"}, {"digest_hour": "²"}, {"language": "xx"}])
def test_a_choice_that_is_none_is_refused(house, wrong):
    told = {"language": "zh", "digest_hour": "8", **wrong}
    answer = Visitor(house, "lixia").post("/messages/preferences", **told)
    assert answer.status_code == 422
    assert faults_of(answer) == list(wrong)


def test_an_address_is_confirmed_by_the_code_that_was_sent_there(house):
    with mail_server() as box:
        outgoing(house, smtp_url=box.url, mail_from="safety@example.org")
        worker = Visitor(house, "lixia")
        assert worker.post("/messages/preferences/address", email="li@example.org").status_code == 303
        page = worker.get("/messages/preferences").text
        assert "验证码已发到 li@example.org" in page
        assert worker.post("/messages/preferences/code", code="00").status_code == 422
        import base64  # noqa: PLC0415  # beside its only use

        [(to, raw)] = box.letters
        text = base64.b64decode(raw.replace("\r\n", "\n").split("\n\n", 1)[1]).decode()
        code = re.search(r"[0-9]{8}", text)[0]
        assert to == "li@example.org"
        assert worker.post("/messages/preferences/code", code=code).status_code == 303
        assert "已确认" in worker.get("/messages/preferences").text
        assert worker.post("/messages/preferences/address/forget").status_code == 303
        assert "li@example.org" not in worker.get("/messages/preferences").text


@pytest.mark.parametrize("email", ["", "x", "a@b\r\nBcc: all@example.org", "a@b,c@d", "<a@b>"])
def test_no_address_smuggles_a_header(house, email):
    with mail_server() as box:
        outgoing(house, smtp_url=box.url, mail_from="safety@example.org")
        answer = Visitor(house, "lixia").post("/messages/preferences/address", email=email)
        assert answer.status_code == 422
        assert faults_of(answer) == ["email"]
        assert box.letters == []


def test_without_a_mail_server_the_page_says_so(house):
    worker = Visitor(house, "lixia")
    assert "SMTP_URL" in worker.get("/messages/preferences").text
    assert worker.post("/messages/preferences/address", email="a@example.org").status_code == 404


def test_a_robot_is_added_tried_and_shown_without_its_key(house, robot, channel):
    admin = Visitor(house, "hbjx-admin")
    answer = admin.post(f"{channel}/trial")
    assert "试发成功" in answer.text
    assert "三号车间" in robot.posts[0].json["text"]["content"]
    for path in ("/messages/channels", channel):
        page = admin.get(path).text
        assert "三车间群" in page
        assert "127.0.0.1" in page
        assert "secret-key" not in page
        assert "SEC-1" not in page


def test_a_trial_that_fails_says_what_to_do(house, robot, channel):
    robot.answer = lambda _post: (200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url, secret-key"}')
    admin = Visitor(house, "hbjx-admin")
    answer = admin.post(f"{channel}/trial")
    assert "机器人不认这个地址" in answer.text
    assert "secret-key" not in answer.text
    assert "发不出去" in admin.get("/messages/channels").text


def test_changing_a_robot_keeps_its_key_unless_another_is_typed(house, robot, channel):
    admin = Visitor(house, "hbjx-admin")
    assert admin.post(channel, name="新名字", language="en", topic=["major"]).status_code == 303
    with house.means.db.read() as session:
        row = session.execute(select(ChannelRow)).scalar_one()
    assert (row.name, row.webhook, row.secret, row.topics) == ("新名字", robot.url, "SEC-1", ["major"])


def test_a_refused_robot_keeps_what_was_typed_but_its_key(house, robot):
    admin = Visitor(house, "hbjx-admin")
    answer = admin.post("/messages/channels/new", **{**ROBOT, "topic": []}, webhook=robot.url)
    assert answer.status_code == 422
    assert faults_of(answer) == ["topics"]
    assert 'value="三车间群"' in answer.text
    assert "secret-key" not in answer.text


def test_a_robot_is_removed(house, channel):
    admin = Visitor(house, "hbjx-admin")
    assert admin.post(f"{channel}/remove").status_code == 303
    assert "还没有机器人" in admin.get("/messages/channels").text
    assert admin.get(channel).status_code == 404


def test_robots_are_for_who_manages_the_unit(house, channel):
    officer = Visitor(house, "wangmin")
    for path in ("/messages/channels", "/messages/channels/new", channel):
        assert officer.get(path).status_code == 403
    elsewhere = Visitor(house, "rmyy-admin")
    assert "三车间群" not in elsewhere.get("/messages/channels").text
    foreign, absent = elsewhere.get(channel), elsewhere.get(f"/messages/channels/{'0' * 32}")
    assert foreign.status_code == absent.status_code == 404
    for act in ("", "/trial", "/again", "/remove"):
        assert elsewhere.post(f"{channel}{act}", name="x").status_code == 404
    assert elsewhere.post("/messages/channels/new", **ROBOT, webhook="https://x.example/").status_code == 404


def test_the_list_of_private_hosts_is_for_the_whole_trees_administrator(house):
    admin = Visitor(house, "hbjx-admin")
    assert "允许访问的内网地址" not in admin.get("/messages/channels").text
    assert admin.post("/messages/hosts", entry="127.0.0.1").status_code == 403
    with house.means.db.write() as session:
        account = house.actor("hbjx-admin").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == account).values(unit_id=1))
    assert admin.post("/messages/hosts", entry="10.1.0.7/16").status_code == 303
    assert "10.1.0.0/16" in admin.get("/messages/channels").text
    refused = admin.post("/messages/hosts", entry="not a host")
    assert faults_of(refused) == ["entry"]
    assert admin.post("/messages/hosts/remove", entry="10.1.0.0/16").status_code == 303
    assert "<code>10.1.0.0/16" not in admin.get("/messages/channels").text


def test_what_could_not_be_sent_goes_out_again(house, robot, channel):
    robot.answer = lambda _post: (200, {}, b'{"errcode":93000}')
    house.report()
    house.work()
    from app.notifications.delivering import deliver  # noqa: PLC0415  # beside its only use
    from app.notifications.listed_hosts import ways_of  # noqa: PLC0415

    with house.means.db.read() as session:
        ways = ways_of(session, house.means.settings)
    deliver(ways, now=house.clock, db=house.means.db)
    admin = Visitor(house, "hbjx-admin")
    assert "1 条没有发出去" in admin.get("/messages/channels").text
    assert admin.post(f"{channel}/again").status_code == 303
    robot.answer = lambda _post: (200, {}, b'{"errcode":0}')
    deliver(ways, now=house.clock, db=house.means.db)
    assert "没有发出去" not in admin.get("/messages/channels").text


def test_the_english_pages_have_no_chinese_but_names(house, channel):
    house.report(description="x")
    house.work()
    admin = Visitor(house, "hbjx-admin", language="en")
    officer = Visitor(house, "wangmin", language="en")
    for visitor, path in (
        (officer, "/messages"),
        (officer, "/messages/preferences"),
        (admin, "/messages/channels"),
        (admin, "/messages/channels/new"),
        (admin, channel),
    ):
        main = visitor.get(path).text.split("<main", 1)[1]
        words = re.sub(r"<option[^>]*>[^<]*</option>|<[^>]+>", " ", main)
        left = set(re.findall(r"[一-鿿]+", words)) - {"冲压线", "三号车间", "三车间群", "中文"}
        assert not left, (path, left)


def test_messages_are_marked_in_the_database_once(house):
    house.report()
    house.work()
    officer = Visitor(house, "wangmin")
    [(_, href)] = letters(officer.get("/messages").text)
    officer.post(href)
    first = house.clock()
    house.clock.forward(hours=1)
    officer.post(href)
    with house.means.db.read() as session:
        read_at = session.execute(
            select(MessageRow.read_at).where(MessageRow.code == href.split("/")[2])
        ).scalar_one()
    assert read_at == first
