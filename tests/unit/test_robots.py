"""The robots' formats: signatures, sizes in bytes, calls to everybody, pace, and what their answers mean."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notifications.robots import (
    MANNERS,
    Fault,
    Robot,
    compose,
    cut_bytes,
    fault_of,
    fitting,
    harmless,
    room_left,
)

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def text_of(robot, body):
    told = json.loads(body)
    if robot is Robot.FEISHU:
        return told["content"]["text"]
    return told[told["msgtype"]]["content"]


def composed(robot, *texts, secret=None, keyword=None, webhook="https://robot.example/send?key=k"):
    return compose(robot, texts, webhook=webhook, secret=secret, keyword=keyword, at=AT)


def test_dingtalk_signs_in_the_address():
    post = composed(Robot.DINGTALK, "hi", secret="SEC1")
    query = parse_qs(urlsplit(post.url).query)
    stamp = "1793581200000"
    right = base64.b64encode(hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()).decode()
    assert query == {"key": ["k"], "timestamp": [stamp], "sign": [right]}


def test_dingtalk_without_a_secret_is_left_as_it_is():
    assert composed(Robot.DINGTALK, "hi").url == "https://robot.example/send?key=k"


def test_feishu_signs_in_the_body():
    told = json.loads(composed(Robot.FEISHU, "hi", secret="S").body)
    right = base64.b64encode(hmac.new(b"1793581200\nS", b"", hashlib.sha256).digest()).decode()
    assert (told["timestamp"], told["sign"], told["msg_type"]) == ("1793581200", right, "text")


@given(text=st.text(max_size=4000), limit=st.integers(3, 200))
def test_a_cut_text_fits_and_breaks_no_character(text, limit):
    raw = text.encode(errors="surrogatepass")
    if b"\xed" in raw and any("\ud800" <= c <= "\udfff" for c in text):
        return
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert text.startswith(cut.removesuffix("…")) or cut == text


@pytest.mark.parametrize("robot", list(Robot))
@pytest.mark.parametrize("count", [1, 30])
def test_no_post_is_longer_than_its_robot_takes(robot, count):
    texts = ["隐患" * 900] * count
    post = composed(robot, *texts, keyword="安全")
    limit = MANNERS[robot].text_bytes if count == 1 else MANNERS[robot].bundle_bytes
    said = text_of(robot, post.body)
    assert len(said.encode()) <= limit
    assert said.endswith("\n安全")


@given(texts=st.lists(st.text(alphabet="隐患a", min_size=1, max_size=900), min_size=1, max_size=30))
def test_a_bundle_holds_every_text_it_counted(texts):
    for robot in Robot:
        count = fitting(texts, robot=robot)
        assert count >= 1
        if count > 1:
            said = text_of(robot, composed(robot, *texts[:count]).body)
            assert said == "\n\n".join(texts[:count])


def test_a_place_that_calls_everybody_stays_a_name():
    said = harmless('冲压线 <at user_id="all">所有人</at> @all @13800000000\u202e')
    assert "<" not in said
    assert "@" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize(
    ("robot", "status", "body", "fault"),
    [
        (Robot.WECOM, 200, b'{"errcode":0,"errmsg":"ok"}', None),
        (Robot.WECOM, 200, b'{"errcode":45009}', Fault.TOO_FAST),
        (Robot.WECOM, 200, b'{"errcode":93000}', Fault.KEY),
        (Robot.WECOM, 200, b'{"errcode":40058}', Fault.TOO_LONG),
        (Robot.DINGTALK, 200, b'{"errcode":0}', None),
        (Robot.DINGTALK, 200, b'{"errcode":130101}', Fault.TOO_FAST),
        (Robot.DINGTALK, 200, b'{"errcode":310000,"errmsg":"sign not match"}', Fault.SIGNATURE),
        (Robot.DINGTALK, 200, b'{"errcode":310000,"errmsg":"keywords not in content"}', Fault.KEYWORD),
        (Robot.DINGTALK, 200, b'{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}', Fault.ADDRESS_RANGE),
        (Robot.FEISHU, 200, b'{"code":0,"msg":"success"}', None),
        (Robot.FEISHU, 200, b'{"StatusCode":0,"StatusMessage":"success"}', None),
        (Robot.FEISHU, 200, b'{"code":19021,"msg":"sign match fail"}', Fault.SIGNATURE),
        (Robot.FEISHU, 200, b'{"code":9499,"msg":"too many request"}', Fault.TOO_FAST),
        (Robot.FEISHU, 400, b'{"code":9499,"msg":"Bad Request"}', Fault.OTHER),
        (Robot.WECOM, 200, b"<html>sign in to the network</html>", Fault.OTHER),
        (Robot.WECOM, 200, b"[]", Fault.OTHER),
        (Robot.WECOM, 200, b"", Fault.OTHER),
        (Robot.WECOM, 502, b"", Fault.AWAY),
        (Robot.WECOM, 429, b"", Fault.TOO_FAST),
    ],
)
def test_an_answer_is_taken_for_what_it_says(robot, status, body, fault):
    assert fault_of(robot, status, body) == fault


def test_a_captive_portals_200_is_not_success():
    assert fault_of(Robot.DINGTALK, 200, b'{"welcome":true}') is Fault.OTHER


def test_the_minute_slides():
    posts = [AT - timedelta(seconds=59), AT - timedelta(seconds=61), AT + timedelta(seconds=10)]
    assert room_left(posts, robot=Robot.WECOM, at=AT) == MANNERS[Robot.WECOM].a_minute - 2
    assert MANNERS[Robot.WECOM].a_minute < 20
    assert MANNERS[Robot.DINGTALK].a_minute < 20
    assert MANNERS[Robot.FEISHU].a_minute < 100
    assert room_left([AT] * 50, robot=Robot.DINGTALK, at=AT) == 0
    # A clock that was an hour ahead must not silence the robot for an hour.
    assert room_left([AT + timedelta(hours=1)] * 50, robot=Robot.DINGTALK, at=AT) > 0
