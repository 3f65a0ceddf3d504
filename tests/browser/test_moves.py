"""The form of every move in a real browser: whole, in one language, on a phone and on a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import update

from app.accounts.models import AccountRow
from app.hazards.lifecycle import Action
from tests.browser.test_walk import KNOWN_LATIN, NAMES, Walk, walk  # noqa: F401  # the fixture
from tests.conftest import House
from tests.integration.hazard_world import CAST, bring, populate

pytestmark = pytest.mark.browser
KNOWN_LATIN.add("PDF")
NAMES.extend(["情况说明", "更换", "换好了", "两万元", "断电撤人", "围挡", "合格"])  # what this world types
OPEN = {
    "ask": ("submitted", "officer"),
    "reject": ("submitted", "officer"),
    "recategorize": ("submitted", "officer"),
    "transfer": ("submitted", "officer"),
    "merge": ("submitted", "officer"),
    "accept": ("submitted", "officer"),
    "fix_on_the_spot": ("submitted", "officer"),
    "answer": ("need_info", "reporter"),
    "withdraw": ("need_info", "reporter"),
    "appeal": ("rejected", "reporter"),
    "decide_appeal": ("rejected_appealed", "officer_above"),
    "return_transfer": ("transferred", "officer"),
    "unmerge": ("duplicate", "officer"),
    "acknowledge": ("rectifying", "rectifier"),
    "request_extension": ("rectifying", "rectifier"),
    "rectify": ("rectifying", "rectifier"),
    "reassign": ("rectifying", "officer"),
    "remind": ("rectifying", "officer"),
    "void": ("rectifying", "officer_above"),  # points stand for it by now
    "decide_extension": ("rectifying_asked", "officer"),
    "record_dual_report": ("major_rectifying", "officer"),
    "close": ("reviewing", "officer"),
    "send_back": ("reviewing", "officer"),
    "object": ("closed", "reporter"),
    "reopen": ("closed_objected", "officer"),
    "dismiss_objection": ("closed_objected", "officer_above"),
}
"""Each move, with a situation and a person for whom it is open."""
TICKETS = (("major_reviewing", "head"), ("closed_objected", "officer_above"), ("duplicate", "reporter"))


def look(walk: Walk, page: Page, name: str) -> None:  # noqa: F811
    """Whole, in one language, and without what an aid would stumble over."""
    walk.look(page, name)
    if (walk.language, walk.size) != ("zh", "phone"):
        return  # axe sees no size and reads no words
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name


def test_each_move_of_the_table_is_looked_at():
    assert set(OPEN) == {str(action) for action in Action} - {"submit"}


@pytest.mark.parametrize(("language", "size"), [("zh", "phone"), ("en", "phone"), ("zh", "desk")])
def test_every_form_is_whole(house: House, walk: Walk, language: str, size: str):  # noqa: F811
    populate(house)
    with house.means.db.write() as session:  # newcomers of the demo's own names, known to the language check
        session.execute(update(AccountRow).where(AccountRow.name.startswith("某")).values(name="王敏"))
    walk.language, walk.size = language, size
    wanted = [situation for situation, _who in (*OPEN.values(), *TICKETS)]  # in one order in every run
    numbers = {situation: bring(house, situation) for situation in dict.fromkeys(wanted)}
    house.work()
    for who in dict.fromkeys(who for _, who in (*OPEN.values(), *TICKETS)):
        page = walk.sit_down(CAST[who])
        for action, (situation, whose) in OPEN.items():
            if whose == who:
                page.goto(f"{walk.address}/tickets/{numbers[situation]}/{action}")
                look(walk, page, f"life-{action}")
        for situation, whose in TICKETS:
            if whose == who:
                page.goto(f"{walk.address}/tickets/{numbers[situation]}")
                for fold in page.locator("details.else > summary").all():
                    fold.click()
                look(walk, page, f"life-ticket-{situation}")


def test_a_major_hazard_shows_its_own_inputs(house: House, walk: Walk):  # noqa: F811
    number = house.report()
    house.report()
    house.work()
    page = walk.sit_down("wangmin")
    page.goto(f"{walk.address}/tickets/{number}/accept")
    assert not page.locator("#major").is_visible()
    page.locator("label.chip", has=page.locator("input[value=major]")).click()
    assert page.locator("#major").is_visible()
    assert not page.locator("#deadline_days .chips").is_visible()
    look(walk, page, "life-accept-major")


def test_the_choice_to_stay_anonymous_is_part_of_the_page(house: House, walk: Walk):  # noqa: F811
    page = walk.sit_down("lixia")
    page.goto(f"{walk.address}/report")
    look(walk, page, "life-report")
    page.locator("summary.btn.ghost").click()
    page.locator("label.anon-choice").click()
    assert page.is_checked("#anonymous")
    assert page.locator(".as-anon").is_visible()
    assert not page.locator(".as-named").is_visible()
