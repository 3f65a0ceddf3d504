"""Messages through the real house: who is told, once; carried by e-mail and robots, and visible when they fail."""

import base64
import email
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.actor import Grant
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.errors import Forbidden, Invalid, NotFound, TooMany
from app.core.outbox import ErrandRow, EventRow, record
from app.hazards.events import DeadlineMarked, FirstActLate, HazardHandedOver, HazardSupervised
from app.hazards.followers import follow_hazard
from app.hazards.history import Step, write_history
from app.hazards.models import HazardRow
from app.hazards.routing_facts import keep_reasons
from app.notifications.channel_list import channel_of, channels_of, mail_trouble
from app.notifications.channels import (
    ChannelForm,
    add_channel,
    change_channel,
    remove_channel,
    send_trial,
    try_again,
)
from app.notifications.delivering import deliver, prune
from app.notifications.digest import make_digests
from app.notifications.kinds import Topic
from app.notifications.listed_hosts import list_host, listed_hosts, unlist_host, ways_of
from app.notifications.mail import Mail, written
from app.notifications.mailbox import mailbox, open_message, read_all, unread_count
from app.notifications.models import ChannelRow, DeliveryRow, MessageRow
from app.notifications.preferences import choose, confirm_address, name_address
from app.notifications.robots import dingtalk_sign
from app.notifications.telling import tell
from app.units.queries import unit_by_id
from tests.receivers import mail_server, receiver
from workers.jobs import Tools
from workers.timetable import TIMETABLE, carry_messages, forget_old_messages, tell_digests

TOPICS = tuple(topic.value for topic in Topic)


def messages(house, number, *, login=None):
    """(login, part, kind) of what was told about a hazard."""
    with house.means.db.read() as session:
        rows = session.execute(
            select(AccountRow.login, MessageRow.part, MessageRow.kind)
            .join(MessageRow, MessageRow.account_id == AccountRow.id)
            .join(HazardRow, HazardRow.id == MessageRow.hazard_id)
            .where(HazardRow.number == number)
            .order_by(MessageRow.id)
        )
        return [tuple(row) for row in rows if login in {None, row.login}]


def heard(house, number, kind):
    return {login for login, _, told in messages(house, number) if told == kind}


def record_event(house, event):
    with house.means.db.write() as session:
        record(session, event, at=house.clock())
    house.work()


def clock_event(house, number, kind, **values):
    with house.means.db.read() as session:
        row = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
    record_event(house, kind(row.id, row.version, **values))


def test_each_step_of_the_main_path_tells_who_is_concerned(house):
    number = house.report()
    house.accept(number)
    house.rectify(number)
    house.close(number)
    house.work()
    assert messages(house, number) == [
        ("wangmin", "officer", "arrived"),
        ("zhanglei", "rectifier", "assigned"),
        ("lixia", "reporter", "accepted"),
        ("wangmin", "verifier", "to_review"),
        ("lixia", "reporter", "repaired"),
        ("lixia", "reporter", "closed"),
        ("zhanglei", "rectifier", "closed"),
    ]


def test_telling_again_doubles_nothing_and_keeps_what_was_read(house):
    number = house.report()
    house.work()
    who = house.actor("wangmin")
    with house.means.db.read() as session:
        code = mailbox(session, by=who).items[0].code
        events = session.execute(select(EventRow.id)).scalars().all()
    open_message(code, by=who, at=house.clock(), db=house.means.db)
    before = messages(house, number)
    for event_id in events:
        tell(event_id, at=house.clock(), mails=True, db=house.means.db)
    assert messages(house, number) == before
    with house.means.db.read() as session:
        assert unread_count(session, who.account_id) == 0


def test_an_anonymous_reporter_is_told_nothing_because_nothing_is_kept(house):
    ticket = house.api("lixia", "POST", "/passes")
    assert ticket.status_code == 201, ticket.json
    number = house.report(None, anonymous=True, headers={"Authorization": f"Pass {ticket.json['pass']}"})
    house.act("wangmin", number, "reject", reason="not_a_hazard", text="不是隐患")
    house.work()
    assert messages(house, number) == [("wangmin", "officer", "arrived")]


def test_a_question_and_its_answer_go_to_each_other(house):
    number = house.report()
    house.act("wangmin", number, "ask", text="在哪一侧？")
    house.act("lixia", number, "answer", text="东侧")
    house.work()
    assert messages(house, number, login="lixia") == [("lixia", "reporter", "asked")]
    assert ("wangmin", "officer", "answered") in messages(house, number)
    with house.means.db.read() as session:
        [told] = [m for m in mailbox(session, by=house.actor("lixia")).items if m.number == number]
    assert told.private.said == "在哪一侧？"


def test_an_appeal_goes_up_and_the_union_hears(house):
    number = house.report()
    house.act("wangmin", number, "reject", reason="not_a_hazard", text="不是隐患")
    house.act("lixia", number, "appeal", text="是隐患")
    house.work()
    assert heard(house, number, "appealed") == {"chenjun", "liujianguo", "tianye"}
    assert heard(house, number, "disputed") == {"wangmin"}


def test_deadlines_tell_rectifier_and_officer_and_after_three_days_those_above(house):
    number = house.report()
    house.accept(number)
    house.work()
    for days, kind, who in [
        (-1, "due_tomorrow", {"zhanglei", "wangmin"}),
        (0, "due_today", {"zhanglei", "wangmin"}),
        (1, "overdue", {"zhanglei", "wangmin"}),
        (3, "long_overdue", {"chenjun", "liujianguo", "tianye"}),
    ]:
        clock_event(house, number, DeadlineMarked, days=days)
        assert heard(house, number, kind) == who


def test_the_clock_tells_also_who_made_the_last_step(house):
    """The officer's acceptance is the version's step; the deadline is not her own act."""
    number = house.report()
    clock_event(house, number, FirstActLate)
    assert heard(house, number, "first_act_late") == {"wangmin", "chenjun", "liujianguo"}
    house.accept(number)
    clock_event(house, number, HazardSupervised)
    assert "wangmin" in heard(house, number, "supervised")


def test_a_reassignment_tells_the_new_and_the_former_rectifier(house):
    number = house.report()
    house.accept(number)
    house.act("wangmin", number, "reassign", rectifier="chenjun", text="换人")
    house.work()
    assert ("chenjun", "rectifier", "assigned") in messages(house, number)
    assert ("zhanglei", "former_rectifier", "unassigned") in messages(house, number)


def test_a_transfer_tells_the_new_officer_the_former_one_and_the_reporter(house):
    number = house.report()
    answer = house.act("chenjun", number, "transfer", unit="HBJX", text="归厂里管")
    assert answer.status_code == 200, answer.json
    house.work()
    assert heard(house, number, "moved_away") == {"wangmin"}
    assert heard(house, number, "handed_on") == {"lixia"}


def test_who_takes_a_hazard_over_hears_of_it_and_who_hands_it_over_does_not(house):
    number = house.report()
    house.accept(number)
    with house.means.db.write() as session:
        hazard = session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()
        hazard.officer_id, hazard.version = house.actor("chenjun").account_id, hazard.version + 1
        by = house.actor("liujianguo").account_id
        step = Step("hand_over", by, hazard.state, {"duty": "officer", "from": "王敏", "to": "陈军"})
        session.flush()
        keep_reasons(
            session,
            hazard.id,
            unit_id=hazard.unit_id,
            officer_id=hazard.officer_id,
            source=None,
            because=[],
            at=house.clock(),
        )
        write_history(session, hazard, step, at=house.clock())
        record(session, HazardHandedOver(hazard.id, hazard.version), at=house.clock())
    house.work()
    assert heard(house, number, "handed_over") == {"chenjun"}


def test_a_new_follower_is_told_to_the_officer_but_not_to_herself(house):
    first, second = house.report("zhanglei"), house.report()
    follow_hazard(first, by=house.actor("lixia"), at=house.clock(), db=house.means.db)
    follow_hazard(second, by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    house.work()
    assert heard(house, first, "followed") == {"wangmin"}
    assert heard(house, second, "followed") == set()


def joined(house, login, number):
    return follow_hazard(number, by=house.actor(login), at=house.clock(), db=house.means.db)


def test_a_hazard_that_others_joined_is_not_withdrawn_by_its_reporter(house):
    number = house.report()
    joined(house, "zhanglei", number)
    refused = house.act("lixia", number, "withdraw")
    assert (refused.status_code, refused.json["why"]) == (403, "not_a_master")
    alone = house.report()
    joined(house, "lixia", alone)
    assert house.act("lixia", alone, "withdraw").status_code == 200


def test_a_merge_under_repair_tells_its_rectifier_its_reporter_and_who_joined_it(house):
    number, master = house.report(), house.report("chenjun")
    joined(house, "liujianguo", number)
    house.accept(number)
    house.accept(master)
    assert house.act("wangmin", number, "merge", master=master).status_code == 200
    house.work()
    assert heard(house, number, "unassigned") == {"zhanglei"}
    assert heard(house, number, "merged") == {"lixia"}
    assert heard(house, number, "joined_merged") == {"liujianguo"}
    with house.means.db.read() as session:
        told = [m for m in mailbox(session, by=house.actor("liujianguo")).items if m.kind == "joined_merged"]
    assert [(m.readable, m.public.master, m.private.said) for m in told] == [(True, master, "")]


@pytest.mark.parametrize(
    ("end", "own", "others"), [("reject", "rejected", "joined_rejected"), ("void",) + ("voided",) * 2]
)
def test_a_masters_end_is_told_to_its_followers_and_to_the_reporters_of_its_duplicates(house, end, own, others):
    master, duplicate = house.report("chenjun"), house.report("lixia")
    joined(house, "liujianguo", master)
    assert house.act("wangmin", duplicate, "merge", master=master).status_code == 200
    told = {"text": "现场没有这个情况"}
    if end == "void":
        house.accept(master)
    else:
        told["reason"] = "not_a_hazard"
    answer = house.act("wangmin", master, end, **told)
    assert answer.status_code == 200, answer.json
    house.work()
    assert heard(house, master, own) >= {"chenjun"}
    assert heard(house, master, others) >= {"lixia", "liujianguo"}


def test_another_category_tells_the_officer_only_when_she_is_another(house):
    number = house.report()
    house.work()
    house.clock.forward(minutes=1)
    answer = house.act("wangmin", number, "recategorize", category="FIRE")
    assert answer.status_code == 200, answer.json
    house.work()
    told = [entry for entry in messages(house, number) if entry[2] in {"arrived", "moved_away"}]
    with house.means.db.read() as session:
        officer = session.execute(select(HazardRow.officer_id).where(HazardRow.number == number)).scalar_one()
    if officer == house.actor("wangmin").account_id:
        assert told == [("wangmin", "officer", "arrived")]
    else:
        assert len(told) == 2


def test_a_disabled_account_hears_nothing(house):
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == "zhanglei").values(disabled_at=house.clock()))
    number = house.report()
    house.accept(number, rectifier="chenjun")
    house.work()
    assert "zhanglei" not in {login for login, _, _ in messages(house, number)}


def test_nobody_of_another_enterprise_is_told(house):
    number = house.report()
    house.accept(number)
    house.work()
    assert {login for login, _, _ in messages(house, number)} <= {"wangmin", "zhanglei", "lixia"}


def test_unread_messages_come_first_and_pages_neither_skip_nor_repeat(house):
    for _ in range(7):
        house.report()
    house.work()
    who = house.actor("wangmin")
    with house.means.db.read() as session:
        first = mailbox(session, by=who, limit=7)
    open_message(first.items[3].code, by=who, at=house.clock(), db=house.means.db)
    seen, cursor = [], None
    with house.means.db.read() as session:
        while True:
            page = mailbox(session, by=who, cursor=cursor, limit=2)
            seen += page.items
            cursor = page.next
            if cursor is None:
                break
    assert len({m.code for m in seen}) == len(seen) == 7
    assert [m.is_read for m in seen] == [False] * 6 + [True]
    with house.means.db.read() as session, pytest.raises(Invalid):
        mailbox(session, by=who, cursor="x1")


def test_all_read_reaches_only_what_the_page_showed_and_only_ones_own(house):
    house.report()
    house.work()
    who = house.actor("wangmin")
    with house.means.db.read() as session:
        newest = mailbox(session, by=who).items[0].code
    house.report()
    house.work()
    read_all(by=who, up_to=newest, at=house.clock(), db=house.means.db)
    with house.means.db.read() as session:
        assert unread_count(session, who.account_id) == 1
    with pytest.raises(NotFound):
        read_all(by=house.actor("maling"), up_to=newest, at=house.clock(), db=house.means.db)
    with pytest.raises(NotFound):
        open_message(newest, by=house.actor("maling"), at=house.clock(), db=house.means.db)


def test_what_was_told_is_cut_once_the_role_is_gone(house):
    number = house.report()
    house.work()
    with house.means.db.write() as session:
        account = house.actor("wangmin").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == account).values(ended_at=house.clock()))
    with house.means.db.read() as session:
        message = mailbox(session, by=house.actor("wangmin")).items[0]
    assert not message.readable
    assert number not in repr(message)


# robots


@pytest.fixture
def robot():
    with receiver() as kept:
        yield kept


def allowed(house, **settings):
    """The ways out with loopback listed."""
    wanted = replace(house.means.settings, outgoing_allowed=("127.0.0.1",), **settings)
    with house.means.db.read() as session:
        return ways_of(session, wanted)


def form(robot, **other):
    return ChannelForm(**{"name": "车间群", "kind": "wecom", "webhook": robot.url, "topics": TOPICS, **other})


@pytest.fixture
def admin(house):
    return house.actor("hbjx-admin")


def carry(house, **settings):
    return deliver(allowed(house, **settings), now=house.clock, db=house.means.db)


def deliveries(house):
    with house.means.db.read() as session:
        return session.execute(select(DeliveryRow).order_by(DeliveryRow.id)).scalars().all()


def test_a_group_hears_what_its_unit_chose_without_a_name(house, robot, admin):
    add_channel("HBJX", form(robot, topics=("new", "clocks")), by=admin, at=house.clock(), db=house.means.db)
    number = house.report(description="李霞看见的", location_text="38.04,114.51")
    house.accept(number)
    house.work()
    assert carry(house) == 1
    [post] = robot.posts
    said = post.json["text"]["content"]
    assert number in said
    assert "冲压线 A3" in said
    assert f"/hazards/{number}" in said
    assert "李霞" not in said
    assert "38.04" not in said
    assert carry(house) == 0


def test_a_unit_elsewhere_hears_nothing(house, robot, admin):
    elsewhere = replace(admin, grants=(Grant(Role.ADMIN, house.actor("maling").home_unit_id),))
    with house.means.db.read() as session:
        code = unit_by_id(session, elsewhere.grants[0].unit_id).code
    add_channel(code, form(robot), by=elsewhere, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    assert deliveries(house) == []


def test_dingtalk_gets_its_signature(house, robot, admin):
    told = form(robot, kind="dingtalk", secret="SEC")
    add_channel("HBJX", told, by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    carry(house)
    stamp = str(int(house.clock().timestamp() * 1000))
    assert f"timestamp={stamp}&sign=" in robot.posts[0].path
    from urllib.parse import parse_qs, urlsplit  # noqa: PLC0415  # beside its only use

    assert parse_qs(urlsplit(robot.posts[0].path).query)["sign"] == [dingtalk_sign(stamp, "SEC")]


def test_many_at_once_are_bundled_below_the_robots_limit_and_none_is_lost(house, robot, admin):
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    numbers = [house.report() for _ in range(60)]
    house.work()
    while carry(house):
        pass
    assert len(robot.posts) <= 18
    said = "".join(post.json[post.json["msgtype"]]["content"] for post in robot.posts)
    assert all(number in said for number in numbers)
    assert all(len(post.json[post.json["msgtype"]]["content"].encode()) <= 4096 for post in robot.posts)
    assert {row.state for row in deliveries(house)} == {"sent"}


def test_a_robot_that_says_too_fast_rests_ten_minutes(house, robot, admin):
    robot.answer = lambda _post: (200, {}, b'{"errcode":130101}')
    add_channel("HBJX", form(robot, kind="dingtalk"), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    carry(house)
    house.clock.forward(minutes=9)
    assert carry(house) == 0
    robot.answer = lambda _post: (200, {}, b'{"errcode":0}')
    house.clock.forward(minutes=2)
    assert carry(house) == 1
    assert [row.state for row in deliveries(house)] == ["sent"]


def test_a_fault_is_tried_eight_times_then_given_up_and_shown(house, robot, admin):
    robot.answer = lambda _post: (503, {}, b"")
    code = add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    for _ in range(30):
        carry(house)
        house.clock.forward(minutes=61)
    assert len(robot.posts) == 8
    [row] = deliveries(house)
    assert (row.state, row.fault, row.attempts) == ("given_up", "robot_away", 8)
    with house.means.db.read() as session:
        channel = channel_of(session, code, by=admin, at=house.clock())
    assert (channel.fault, channel.ended_badly) == ("robot_away", 1)
    robot.answer = lambda _post: (200, {}, b'{"errcode":0}')
    assert try_again(code, by=admin, at=house.clock(), db=house.means.db) == 1
    assert carry(house) == 1
    assert deliveries(house)[0].state == "sent"


def test_a_wrong_key_is_not_tried_again(house, robot, admin):
    robot.answer = lambda _post: (200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}')
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    carry(house)
    house.clock.forward(hours=2)
    carry(house)
    assert len(robot.posts) == 1
    assert [(row.state, row.fault) for row in deliveries(house)] == [("failed", "robot_key")]


def test_loopback_that_nobody_listed_is_a_visible_fault(house, robot, admin):
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    with house.means.db.read() as session:
        ways = ways_of(session, house.means.settings)
    deliver(ways, now=house.clock, db=house.means.db)
    assert robot.posts == []
    assert deliveries(house)[0].fault == "outgoing_private"


def test_a_clock_set_back_neither_stops_nor_doubles(house, robot, admin):
    robot.answer = lambda _post: (503, {}, b"")
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.clock.forward(days=1)
    house.report()
    house.work()
    carry(house)
    house.clock.forward(days=-1)
    robot.answer = lambda _post: (200, {}, b'{"errcode":0}')
    assert carry(house) == 1
    assert carry(house) == 0


def test_two_workers_never_carry_the_same_delivery(house, robot, admin):
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()

    def meanwhile(_post):
        assert carry(house) == 0
        return 200, {}, b'{"errcode":0}'

    robot.answer = meanwhile
    assert carry(house) == 1
    assert len(robot.posts) == 1


def test_keys_are_in_no_log_no_record_and_no_answer(house, robot, admin, capfd, caplog):
    robot.answer = lambda _post: (500, {}, b"secret-key")
    code = add_channel("HBJX", form(robot, secret="SEC-1"), by=admin, at=house.clock(), db=house.means.db)
    change_channel(code, form(robot, name="新群", secret="SEC-2"), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    carry(house)
    with house.means.db.read() as session:
        shown = repr(channels_of(session, by=admin, at=house.clock()))
        changes = repr(session.connection().exec_driver_sql("SELECT * FROM change").all())
        faults = repr([row.fault for row in session.execute(select(DeliveryRow)).scalars()])
    out = capfd.readouterr()
    for said in (shown, changes, faults, out.out, out.err, caplog.text):
        assert "secret-key" not in said
        assert "SEC-" not in said


def test_a_trial_tells_what_the_robot_answered_and_counts_against_its_minute(house, robot, admin):
    code = add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    ways = allowed(house)
    told = {"by": admin, "at": house.clock(), "db": house.means.db}
    assert send_trial(code, ways, **told) is None
    robot.answer = lambda _post: (200, {}, b'{"errcode":93000}')
    assert send_trial(code, ways, **told) == "robot_key"
    for _ in range(16):
        send_trial(code, ways, **told)
    with pytest.raises(TooMany):
        send_trial(code, ways, **told)


def test_a_robot_belongs_to_who_manages_its_unit(house, robot, admin):
    code = add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    for login in ("wangmin", "maling"):
        told = {"by": house.actor(login), "at": house.clock(), "db": house.means.db}
        for attempt in (
            lambda told=told: add_channel("HBJX", form(robot), **told),
            lambda told=told: change_channel(code, form(robot), **told),
            lambda told=told: remove_channel(code, **told),
            lambda told=told: try_again(code, **told),
            lambda told=told: send_trial(code, allowed(house), **told),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert robot.posts == []


def test_a_removed_robot_forgets_its_key_and_what_waited(house, robot, admin):
    code = add_channel("HBJX", form(robot, secret="S"), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    remove_channel(code, by=admin, at=house.clock(), db=house.means.db)
    carry(house)
    with house.means.db.read() as session:
        row = session.execute(select(ChannelRow)).scalar_one()
    assert (row.webhook, row.secret) == ("", None)
    assert robot.posts == []
    assert [(d.state, d.fault) for d in deliveries(house)] == [("given_up", "robot_removed")]


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": ""}, "name", "required"),
        ({"kind": "fax"}, "kind", "not_a_choice"),
        ({"webhook": "qyapi.weixin.qq.com/x"}, "webhook", "not_a_webhook"),
        ({"webhook": "https://u:p@host/"}, "webhook", "not_a_webhook"),
        ({"webhook": ""}, "webhook", "required"),
        ({"secret": "a\nb"}, "secret", "control_characters"),
        ({"topics": ()}, "topics", "choose_one"),
        ({"language": "xx"}, "language", "not_a_choice"),
    ],
)
def test_what_cannot_be_a_robot_is_refused_with_its_field(house, robot, admin, wrong, field, code):
    with pytest.raises(Invalid) as refused:
        add_channel("HBJX", form(robot, **wrong), by=admin, at=house.clock(), db=house.means.db)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]


def test_only_an_administrator_of_the_whole_tree_lists_private_hosts(house, admin):
    told = {"at": house.clock(), "db": house.means.db}
    whole = replace(admin, grants=(Grant(Role.ADMIN, 1),))
    list_host("10.1.0.0/16", by=whole, **told)
    list_host("Hook.Lan", by=whole, **told)
    with house.means.db.read() as session:
        assert listed_hosts(session) == ("10.1.0.0/16", "hook.lan")
    unlist_host("hook.lan", by=whole, **told)
    with pytest.raises(Invalid):
        list_host("not a host", by=whole, **told)
    for somebody in (admin, house.actor("wangmin")):
        with pytest.raises(Forbidden):
            list_host("127.0.0.1", by=somebody, **told)


# e-mail and digest


@pytest.fixture
def post_office():
    with mail_server() as box:
        yield box


def with_mail(house, login, address, **choice):
    who = house.actor(login)
    code = name_address(address, by=who, at=house.clock(), db=house.means.db)
    confirm_address(code, by=who, at=house.clock(), db=house.means.db)
    chosen = {"language": "zh", "heard": TOPICS, "digest": True, "digest_hour": 8, **choice}
    choose(by=who, **chosen, at=house.clock(), db=house.means.db)


def mailed(house, box):
    """Tell what waits with a mail server, and carry it."""
    with house.means.db.read() as session:
        events = session.execute(select(EventRow.id)).scalars().all()
    for event_id in events:
        tell(event_id, at=house.clock(), mails=True, db=house.means.db)
    return carry(house, smtp_url=box.url, mail_from="safety@example.org")


def read_letter(raw):
    letter = email.message_from_string(raw)
    subject = str(email.header.make_header(email.header.decode_header(letter["Subject"])))
    return subject, base64.b64decode(letter.get_payload()).decode()


def test_an_e_mail_goes_to_the_confirmed_address_in_its_owners_language(house, post_office):
    with_mail(house, "wangmin", "wang@example.org", language="en")
    number = house.report(description="李霞看见的")
    assert mailed(house, post_office) == 1
    [(to, raw)] = post_office.letters
    subject, text = read_letter(raw)
    assert to == "wang@example.org"
    assert subject == f"A new hazard waits for you to accept it {number}"
    assert f"/hazards/{number}" in text
    assert "李霞" not in text
    assert mailed(house, post_office) == 0


def test_an_unconfirmed_address_hears_nothing(house, post_office):
    name_address("typo@example.org", by=house.actor("wangmin"), at=house.clock(), db=house.means.db)
    house.report()
    mailed(house, post_office)
    assert post_office.letters == []


def test_a_silent_topic_stays_in_the_list_only(house, post_office):
    with_mail(house, "wangmin", "wang@example.org", heard=("clocks",))
    number = house.report()
    mailed(house, post_office)
    assert post_office.letters == []
    assert messages(house, number) == [("wangmin", "officer", "arrived")]


def test_an_address_the_server_refuses_is_not_tried_again_and_shown_without_it(house, post_office, admin):
    with_mail(house, "wangmin", "wang@example.org")
    post_office.refuses.add("wang@example.org")
    house.report()
    mailed(house, post_office)
    assert [(d.state, d.fault) for d in deliveries(house)] == [("failed", "mail_refused")]
    with house.means.db.read() as session:
        trouble = mail_trouble(session, by=admin, at=house.clock())
        assert mail_trouble(session, by=house.actor("maling"), at=house.clock()).count == 0
    assert (trouble.count, trouble.fault) == (1, "mail_refused")


def test_a_server_that_is_away_is_tried_again(house, post_office):
    with_mail(house, "wangmin", "wang@example.org")
    house.report()
    with house.means.db.read() as session:
        events = session.execute(select(EventRow.id)).scalars().all()
    for event_id in events:
        tell(event_id, at=house.clock(), mails=True, db=house.means.db)
    away = {"smtp_url": "smtp+plain://127.0.0.1:1", "mail_from": "a@example.org"}
    carry(house, **away)
    assert [(d.state, d.fault) for d in deliveries(house)] == [("waiting", "mail_away")]
    house.clock.forward(minutes=4)
    assert carry(house, smtp_url=post_office.url, mail_from="a@example.org") == 0
    house.clock.forward(minutes=1)
    carry(house, smtp_url=post_office.url, mail_from="a@example.org")
    assert len(post_office.letters) == 1


def test_a_letter_is_not_sent_to_who_lost_the_right_meanwhile(house, post_office):
    with_mail(house, "wangmin", "wang@example.org")
    house.report()
    house.work()
    with house.means.db.read() as session:
        event_id = session.execute(select(func.max(MessageRow.id))).scalar_one()
    assert event_id
    with house.means.db.write() as session:
        session.execute(MessageRow.__table__.delete())
        events = session.execute(select(EventRow.id)).scalars().all()
    for one in events:
        tell(one, at=house.clock(), mails=True, db=house.means.db)
    with house.means.db.write() as session:
        account = house.actor("wangmin").account_id
        session.execute(update(GrantRow).where(GrantRow.account_id == account).values(ended_at=house.clock()))
    carry(house, smtp_url=post_office.url, mail_from="a@example.org")
    assert post_office.letters == []


def test_a_code_works_once_five_tries_one_hour(house):
    who, db = house.actor("wangmin"), house.means.db
    code = name_address("a@example.org", by=who, at=house.clock(), db=db)
    with pytest.raises(TooMany):
        name_address("b@example.org", by=who, at=house.clock(), db=db)
    for _ in range(5):
        with pytest.raises(Invalid):
            confirm_address("x", by=who, at=house.clock(), db=db)
    with pytest.raises(Invalid):
        confirm_address(code, by=who, at=house.clock(), db=db)
    house.clock.forward(minutes=2)
    code = name_address("a@example.org", by=who, at=house.clock(), db=db)
    with pytest.raises(Invalid):
        confirm_address(code, by=who, at=house.clock() + timedelta(hours=2), db=db)
    with pytest.raises(Invalid):
        confirm_address(code, by=house.actor("chenjun"), at=house.clock(), db=db)
    confirm_address(code, by=who, at=house.clock(), db=db)


def digests(house):
    with house.means.db.read() as session:
        rows = session.execute(
            select(AccountRow.login, MessageRow.source, MessageRow.read_at)
            .join(AccountRow, AccountRow.id == MessageRow.account_id)
            .where(MessageRow.kind == "digest")
            .order_by(MessageRow.id)
        )
        return [tuple(row) for row in rows]


def digest_round(house):
    return make_digests(at=house.clock(), mails=False, db=house.means.db)


def test_a_digest_comes_once_a_day_at_its_hour_whatever_the_clock_does(house):
    house.report()
    house.work()
    digest_round(house)
    assert ("wangmin", "digest:2026-11-02", None) in digests(house)
    count = len(digests(house))
    for step in ({"minutes": 5}, {"hours": 3}, {"days": -1}, {"hours": 20}, {"hours": 2}):
        house.clock.forward(**step)
        digest_round(house)
    assert len(digests(house)) == count
    house.clock.forward(days=1)
    house.clock.at = house.clock.at.replace(hour=0, minute=30)
    digest_round(house)
    mine = [(source, read) for login, source, read in digests(house) if login == "wangmin"]
    assert [source for source, _ in mine] == ["digest:2026-11-02", "digest:2026-11-03"]
    assert mine[0][1] is not None, "yesterday's counts are no news"
    assert mine[1][1] is None


def test_before_its_hour_and_without_work_there_is_no_digest(house):
    house.clock.at = house.clock.at.replace(hour=23)
    house.clock.forward(hours=0.5)
    assert digest_round(house) == 0
    house.clock.forward(hours=2)
    digest_round(house)
    assert "chenjun" not in {login for login, _, _ in digests(house)}


def test_a_digest_that_nobody_wants_is_not_made(house):
    house.report()
    who = house.actor("wangmin")
    choose(by=who, language="zh", heard=(), digest=False, digest_hour=8, at=house.clock(), db=house.means.db)
    digest_round(house)
    assert "wangmin" not in {login for login, _, _ in digests(house)}


def test_a_clock_a_year_ahead_does_not_silence_the_digest_for_a_year(house):
    house.report()
    house.clock.forward(days=365)
    digest_round(house)
    house.clock.forward(days=-365)
    digest_round(house)
    assert ("wangmin", "digest:2026-11-02", None) in digests(house)


def test_old_read_messages_and_old_deliveries_go_unread_ones_stay(house, robot, admin):
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    carry(house)
    who = house.actor("wangmin")
    with house.means.db.read() as session:
        mine = mailbox(session, by=who).items
    house.report()
    house.work()
    open_message(mine[0].code, by=who, at=house.clock(), db=house.means.db)
    prune(at=house.clock() + timedelta(days=366), db=house.means.db)
    with house.means.db.read() as session:
        left = mailbox(session, by=who).items
    assert mine[0].code not in {m.code for m in left}
    assert left
    assert [d.state for d in deliveries(house)] == ["waiting"]


def test_every_event_got_its_errand_and_none_failed(house):
    number = house.report()
    house.accept(number)
    house.work()
    with house.means.db.read() as session:
        states = session.execute(select(ErrandRow.state).where(ErrandRow.job == "tell")).scalars().all()
    assert set(states) == {"done"}
    assert json.dumps(messages(house, number))


def test_a_server_without_encryption_gets_neither_password_nor_words(house, post_office):
    with_mail(house, "wangmin", "wang@example.org")
    house.report()
    with house.means.db.read() as session:
        events = session.execute(select(EventRow.id)).scalars().all()
    for event_id in events:
        tell(event_id, at=house.clock(), mails=True, db=house.means.db)
    plain = post_office.url.replace("smtp+plain://", "smtp://user:pass@")
    carry(house, smtp_url=plain, mail_from="a@example.org")
    assert post_office.letters == []
    assert [(d.state, d.fault) for d in deliveries(house)] == [("waiting", "mail_insecure")]


def test_no_line_break_reaches_a_header():
    letter = written(Mail("a@example.org", "x\r\nBcc: all@example.org", "text"), sender="s@example.org")
    assert letter["Bcc"] is None
    assert letter["Subject"] == "x Bcc: all@example.org"
    with pytest.raises(ValueError, match="address"):
        written(Mail("a@example.org\r\nBcc: b@example.org", "x", "text"), sender="s@example.org")


def test_the_timetable_carries_tells_and_forgets(house, robot, admin, decoder):
    add_channel("HBJX", form(robot), by=admin, at=house.clock(), db=house.means.db)
    house.report()
    house.work()
    means = replace(house.means, settings=replace(house.means.settings, outgoing_allowed=("127.0.0.1",)))
    tools = Tools(means, decoder)
    wanted = {carry_messages, tell_digests, forget_old_messages}
    assert wanted <= {line.work for line in TIMETABLE}
    for work in wanted:
        work(tools)
        work(tools)
    assert len(robot.posts) == 1
    assert ("wangmin", "digest:2026-11-02", None) in digests(house)
