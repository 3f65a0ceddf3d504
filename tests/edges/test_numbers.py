"""The officer's numbers: a figure opens exactly the hazards it counts; nobody counts beyond the subtree."""

import re
from datetime import timedelta

import pytest

from app.hazards.numbers import (
    AGES,
    Figure,
    Slice,
    by_category,
    by_place,
    counts,
    hazards_behind,
    span_of,
    units_read,
)
from app.web.numbers.present import percent

OFFICER = "wangmin"


@pytest.fixture
def busy(house):
    """Late, in time, handed in, open of several ages, withdrawn, foreign: one of each at least."""
    late = house.report(description="迟了的")
    house.accept(late)
    quick = house.report(description="按期的", category="FIRE")
    house.accept(quick, category="FIRE")
    house.rectify(quick)
    house.close(quick)
    waiting = house.report(description="等复查", category="FIRE")
    house.accept(waiting, category="FIRE")
    house.rectify(waiting)
    gone = house.report(description="撤回的")
    assert house.act("lixia", gone, "withdraw").status_code == 200
    house.clock.forward(days=9)
    fresh = house.report(description="新报的", place_code=None, location_text="东门")
    foreign = house.report("sunli", place_code=None, location_text="门诊", description="别家的")
    house.work()
    return {"late": late, "quick": quick, "waiting": waiting, "fresh": fresh, "foreign": foreign, "gone": gone}


def numbers_of(house, login, figure, **narrowed):
    at = house.clock()
    by = house.actor(login)
    with house.means.db.read() as session:
        unit = units_read(session, by=by)[0]
        part = Slice(figure, span_of(3, at=at, zone=unit.zone), **narrowed)
        count = counts(session, [part], unit=unit, at=at)[0]
        lines, more = hazards_behind(session, part, unit=unit, by=by, at=at)
    assert more == ""
    return count, {line.number for line in lines}


@pytest.mark.parametrize(
    ("figure", "who"),
    [
        (Figure.REPORTED, {"late", "quick", "waiting", "fresh"}),
        (Figure.CLOSED, {"quick"}),
        (Figure.DUE, {"late", "quick", "waiting"}),
        (Figure.ON_TIME, {"quick"}),
        (Figure.HANDED_IN, {"waiting"}),
        (Figure.LATE, {"late"}),
        (Figure.OPEN, {"late", "waiting", "fresh"}),
        (Figure.OVERDUE, {"late"}),
        (Figure.AGE_DAY, {"fresh"}),
        (Figure.AGE_MONTH, {"late", "waiting"}),
        (Figure.AGE_WEEK, set()),
        (Figure.AGE_OLDER, set()),
    ],
)
def test_a_figure_counts_these_hazards_and_lists_the_same(house, busy, figure, who):
    head = "liujianguo"
    count, listed = numbers_of(house, head, figure)
    assert listed == {busy[name] for name in who}
    assert count == len(listed)


def test_the_parts_of_what_came_due_make_the_whole_and_the_ages_all_that_is_open(house, busy):
    def count(figure):
        return numbers_of(house, "liujianguo", figure)[0]

    assert count(Figure.ON_TIME) + count(Figure.HANDED_IN) + count(Figure.LATE) == count(Figure.DUE)
    assert sum(map(count, AGES)) == count(Figure.OPEN)


def test_groups_add_up_and_open_their_own_hazards(house, busy):
    at, by = house.clock(), house.actor("liujianguo")
    with house.means.db.read() as session:
        unit = units_read(session, by=by)[0]
        span = span_of(3, at=at, zone=unit.zone)
        categories = by_category(session, unit=unit, span=span, at=at)
        places = by_place(session, unit=unit, span=span, at=at)
    assert {(one.key, one.reported) for one in categories} == {("FIRE", 2), ("ELEC", 2)}
    assert sum(one.reported for one in places) == 4
    assert {one.key == "" for one in places} == {True, False}
    for one in categories:
        assert numbers_of(house, "liujianguo", Figure.REPORTED, category=one.key)[0] == one.reported
    assert numbers_of(house, "liujianguo", Figure.REPORTED, place="-")[1] == {busy["fresh"]}
    assert numbers_of(house, "liujianguo", Figure.REPORTED, place="HBJX-A3")[0] == 3


def test_ages_change_hands_at_the_very_day(house):
    house.report()
    house.clock.forward(days=1)
    assert numbers_of(house, OFFICER, Figure.AGE_DAY)[0] == 0
    assert numbers_of(house, OFFICER, Figure.AGE_WEEK)[0] == 1
    house.clock.at -= timedelta(seconds=1)
    assert numbers_of(house, OFFICER, Figure.AGE_DAY)[0] == 1


def test_every_link_of_the_page_opens_and_shows_as_many_as_it_said(house, busy):
    client = house.browser("liujianguo")
    page = client.get("/numbers?months=3")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    links = re.findall(
        r'<a class="(?:num|fig)[^"]*" href="(/numbers/hazards/[^"]+)">(?:<span>[^<]*</span> <b>)?(\d+)<', text
    )
    assert len(links) > 15
    for href, value in links:
        behind = client.get(href.replace("&amp;", "&"))
        assert behind.status_code == 200, href
        shown = behind.get_data(as_text=True)
        assert f'<p class="figure-value">{value}</p>' in shown, href
        assert shown.count('class="card"') == int(value), href


def test_the_list_goes_on_where_it_stopped(house):
    numbers = [house.report(description=f"第 {n} 条") for n in range(5)]
    at, by, seen, after = house.clock(), house.actor("liujianguo"), [], ""
    with house.means.db.read() as session:
        unit = units_read(session, by=by)[0]
        part = Slice(Figure.OPEN, span_of(3, at=at, zone=unit.zone))
        while True:
            lines, after = hazards_behind(session, part, unit=unit, by=by, at=at, after=after, limit=2)
            seen += [line.number for line in lines]
            if not after:
                break
    assert seen == numbers[::-1]


def test_the_gallery_shows_a_repair_with_both_pictures(house, busy):
    page = house.browser("liujianguo").get("/numbers/gallery").get_data(as_text=True)
    assert page.count("<figcaption>") == 2
    assert f"/hazards/{busy['quick']}/photos/1/display" in page
    assert f"/hazards/{busy['quick']}/photos/2/display" in page


def test_an_officer_of_another_enterprise_counts_none_of_it(house, busy):
    count, listed = numbers_of(house, "maling", Figure.REPORTED)
    assert count == len(listed)
    assert listed & set(busy.values()) == {busy["foreign"]}
    client = house.browser("maling")
    for path in ("/numbers?unit=HBJX", "/numbers/gallery?unit=HBJX", "/numbers/hazards/open?unit=HBJX"):
        assert client.get(path).status_code == 404
    assert client.get("/numbers/hazards/open?place=HBJX-A3").status_code == 404
    assert f"/tickets/{busy['late']}" not in client.get(f"/numbers/hazards/open?after={busy['late']}").get_data(
        as_text=True
    )


@pytest.mark.parametrize("login", ["lixia", "zhanglei"])
def test_numbers_are_for_who_reads_a_units_hazards(house, login):
    assert house.browser(login).get("/numbers").status_code == 403
    assert house.browser(None).get("/numbers").status_code in {302, 303}


@pytest.mark.parametrize(
    "path",
    ["/numbers?months=2", "/numbers?month=2026-13", "/numbers/hazards/none", "/numbers/hazards/open?category=X"],
)
def test_what_does_not_exist_is_not_found(house, path):
    assert house.browser(OFFICER).get(path).status_code == 404


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(9679, 10000, "96.8 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (1, 2000, "0.1 %"), (0, 0, "—")],
)
def test_rates_are_rounded_half_up_once(part, whole, shown):
    assert percent(part, whole) == shown
