"""An officer's whole day in a real browser, on a phone and on a desk: every form is filled and sent."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.test_rules_and_alike import Desk, desk, sign_in  # noqa: F401  # the fixture
from tests.conftest import House
from tests.photos import photo

pytestmark = pytest.mark.browser
SAID = (
    ("配电箱门锁坏，线头裸露", "ELEC"),
    ("灭火器压力不足", "FIRE"),
    ("灭火器过期", "FIRE"),
    ("叉车通道堆放托盘", "TRAF"),
    ("配电室渗水", "ELEC"),
    ("地沟盖板缺失", "STRU"),
    ("地沟盖板没有了", "STRU"),
    ("气瓶没有防倒链", "GASH"),
    ("砂轮机没有防护罩", "MECH"),
    ("行车限位失灵", "LIFT"),
)
NAMES = ("asked", "one", "two", "rejected", "moved", "master", "twin", "good", "poor", "major")


def morning(house: House) -> dict[str, str]:
    """What waits at eight: some repaired yesterday, one that asks for time, the others new."""
    house.clock.at = datetime.now(UTC) - timedelta(days=1)
    numbers = {
        name: house.report(description=words, category=category, photos=(photo(size=(640, 480), seed=n),))
        for n, (name, (words, category)) in enumerate(zip(NAMES, SAID, strict=True))
    }
    for name in ("asked", "good", "poor"):
        house.accept(numbers[name])
    later = (house.clock() + timedelta(days=14)).isoformat()
    asked = house.act("zhanglei", numbers["asked"], "request_extension", deadline=later, text="等配件")
    assert asked.status_code == 200, asked.json
    for name in ("good", "poor"):
        house.rectify(numbers[name])
    house.work()
    house.clock.at = datetime.now(UTC)
    return numbers


def fill(desk: Desk, chips: Mapping[str, str], fields: Mapping[str, str]) -> None:  # noqa: F811
    for name, value in chips.items():
        desk.page.locator("label.chip", has=desk.page.locator(f'input[name={name}][value="{value}"]')).click()
    for name, value in fields.items():
        box = desk.page.locator(f"#{name}")
        if box.evaluate("it => it.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)


def makes(
    desk: Desk,  # noqa: F811
    number: str,
    action: str,
    chips: Mapping[str, str] | None = None,
    **fields: str,
) -> None:
    """Open the form from the ticket, fill it, send it; the page that follows is whole too."""
    desk.go(f"/tickets/{number}")
    way = desk.page.locator(f'a[href="/tickets/{number}/{action}"]').first
    if not way.is_visible():  # a rare move lies in the menu of the ticket
        desk.page.locator("details", has=way).first.locator("summary").first.click()
    way.click()
    desk.page.wait_for_url(f"**/tickets/{number}/{action}")
    fill(desk, chips or {}, fields)
    desk.look(f"day-{action}")
    desk.page.click("button.btn[form=act-form]")
    desk.page.wait_for_url(lambda url: not url.endswith(f"/{action}"))
    desk.page.locator("[role=status]:visible").first.wait_for()


def accept_two_at_once(desk: Desk, numbers: Mapping[str, str]) -> None:  # noqa: F811
    desk.go("/inbox?only=submitted")
    desk.page.get_by_text("多选", exact=True).click()
    for name in ("one", "two"):
        desk.page.locator(f'.tick input[value="{numbers[name]}"]').check()
    desk.page.get_by_role("button", name="一起受理").click()
    desk.page.get_by_label("类别").select_option("FIRE")
    desk.page.get_by_label("物的状态").check()
    desk.page.get_by_label("谁来整改").select_option("zhanglei")
    desk.page.get_by_label("整改措施").fill("更换灭火器")
    # Both stand at one place and are FIRE: the later is shown as a look-alike and is taken only with a tick.
    desk.look("day-accept-alike")
    desk.page.get_by_label("不是同一处，一起受理").check()
    desk.press("一起受理")
    desk.page.get_by_text("2 条做好了").wait_for()
    assert {desk.house.state(numbers[name]) for name in ("one", "two")} == {"rectifying"}


def waiting(desk: Desk) -> int:  # noqa: F811
    """The badge at the inbox's line of the menu."""
    desk.go("/inbox")
    told = desk.page.locator('nav a[href="/inbox"]').first.text_content() or ""
    return int("".join(filter(str.isdigit, told)) or 0)


def papers_of_the_day(desk: Desk, numbers: Mapping[str, str]) -> None:  # noqa: F811
    house, page = desk.house, desk.page
    desk.go("/papers/new")
    for name in ("one", "two"):
        page.locator(f'input[name=hazard][value="{numbers[name]}"]').check()
    page.click("button.btn[form=choose-form]")
    page.fill("#inspector_2", "陈军")
    page.click("button.btn[form=notice-form]")
    page.wait_for_url("**/papers/TZ-*")
    notice = page.url
    house.work()
    house.clock.forward(minutes=1)
    house.rectify(numbers["one"])
    house.work()
    makes(desk, numbers["one"], "close", conclusion="压力正常")
    page.goto(f"{notice}/opinion")
    page.click("button.btn[form=opinion-form]")
    page.wait_for_url("**/papers/FC-*")
    house.work()
    page.reload()
    page.locator("a.file").first.wait_for()
    desk.look("day-opinion")
    desk.go("/papers/register")
    page.click("#files form:first-of-type button")
    page.wait_for_url("**#files")
    house.work()
    page.reload()
    page.locator("#files a.file").first.wait_for()


def test_an_officers_whole_day_from_the_badge_to_the_numbers(desk: Desk):  # noqa: F811
    numbers, house = morning(desk.house), desk.house
    desk.page.set_default_timeout(60_000)  # ten photos and every form: a busy machine may take its time
    sign_in(desk, "wangmin")
    before = waiting(desk)
    assert before > 0
    accept_two_at_once(desk, numbers)
    makes(desk, numbers["rejected"], "reject", {"reason": "not_a_hazard"}, text="是临时停放，已移走")
    makes(desk, numbers["moved"], "transfer", unit="HBJX-D", text="配电室归动力车间")
    makes(desk, numbers["twin"], "merge", master_typed=numbers["master"])
    makes(desk, numbers["asked"], "decide_extension", {"decision": "yes"})
    makes(desk, numbers["poor"], "send_back", {"deadline_days": "3"}, text="防护罩没有固定")
    makes(desk, numbers["good"], "close", conclusion="现场看过，防倒链齐全")
    due = (house.clock() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    fill_major = {
        "rectifier": "zhanglei",
        "measures": "停用并更换限位开关",
        "funds": "两万元",
        "emergency_plan": "断电撤人",
        "interim_control": "围挡并挂牌",
        "deadline": due,
    }
    makes(desk, numbers["major"], "accept", {"level": "major", "factor": "thing"}, **fill_major)
    for to in ("regulator", "congress"):
        makes(desk, numbers["major"], "record_dual_report", {"to": to})
    assert {name: house.state(number) for name, number in numbers.items()} == {
        "asked": "rectifying",
        "one": "rectifying",
        "two": "rectifying",
        "rejected": "rejected",
        "moved": "submitted",
        "master": "submitted",
        "twin": "duplicate",
        "good": "closed",
        "poor": "rectifying",
        "major": "rectifying",
    }
    major = house.read("wangmin", numbers["major"])
    assert (major["level"], major["interim_control"]) == ("major", "围挡并挂牌")
    papers_of_the_day(desk, numbers)
    assert waiting(desk) < before
    desk.go("/numbers")
    assert "按期整改率" in desk.page.locator("main").inner_text()
    desk.look("day-numbers")
