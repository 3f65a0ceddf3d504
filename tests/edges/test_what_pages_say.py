"""What a new user stumbled over: a decision with both deadlines, honest counts, units a person can read."""

from datetime import timedelta

from flask import Flask
from flask_babel import Babel

from app.web.reasons import _metres
from app.web.times import span_words
from tests.conftest import House
from tests.edges.visitor import Visitor


def ask_for_more_time(house: House) -> str:
    number = house.report()
    house.accept(number)
    house.work()
    repairer = Visitor(house, "zhanglei")
    repairer.fill(f"/tickets/{number}/request_extension", photos=(), deadline="2026-11-20T18:00", text="等配件")
    return number


def test_who_decides_more_time_sees_both_deadlines_and_the_inbox_says_until_when(house: House):
    number = ask_for_more_time(house)
    officer = Visitor(house, "wangmin")
    page = officer.get(f"/tickets/{number}/decide_extension").text
    assert "现在的期限" in page
    assert "申请延到 11-20 18:00（多" in page
    assert "<h2>之前</h2>" not in page
    assert "申请延到 11-20 18:00" in officer.get("/inbox").text


def test_a_search_counts_what_it_found_not_the_desk(house: House):
    house.report(description="灭火器被挡住")
    house.work()
    page = Visitor(house, "wangmin").get("/inbox?q=灭火器").text
    assert "搜到 1 条" in page
    assert 'class="counts"' not in page


def test_spans_and_distances_are_in_units_people_use():
    app = Flask(__name__)
    Babel(app, default_locale="zh")
    with app.test_request_context():
        assert span_words(timedelta(days=18 * 366)) == "18 年"
        assert span_words(timedelta(days=365)) == "365 天"
        assert _metres(8_092_700) == "8093 公里"
        assert _metres(1_500) == "1.5 公里"
