"""What a phone asks before it sends what waited, and the page that shows it: nobody's data in either."""

from sqlalchemy import update

from app.accounts.marks import account_mark
from app.accounts.models import AccountRow
from tests.conftest import House


def test_a_phone_learns_who_is_signed_in_and_gets_a_token_that_works(house: House):
    browser = house.browser("lixia")
    told = browser.get("/session")
    assert told.json["signed_in"] is True
    assert told.json["name"] == "李霞"
    assert told.headers["Cache-Control"] == "no-store"
    sent = browser.post("/api/v1/passes", headers={"X-CSRFToken": told.json["csrf_token"]})
    assert sent.status_code == 201
    assert browser.post("/api/v1/passes", headers={"X-CSRFToken": "another"}).json["code"] == "csrf"


def test_nobody_is_signed_in_without_a_session_or_when_it_has_ended(house: House):
    nobody = {"signed_in": False, "account": "", "name": ""}
    strange = house.browser().get("/session").json
    assert strange | nobody == strange
    browser = house.browser("lixia")
    assert browser.get("/session").json["signed_in"]
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == "lixia").values(disabled_at=house.clock()))
    ended = browser.get("/session").json
    assert ended | nobody == ended


def test_the_mark_of_an_account_stays_and_is_nobody_elses_nor_its_row(house: House):
    first, again = (house.browser("lixia").get("/session").json["account"] for _ in range(2))
    other = house.browser("zhaoqiang").get("/session").json["account"]
    assert first == again != other
    with house.means.db.read() as session:
        assert account_mark(session, house.actor("lixia").account_id) == first
    assert len(first) == 32
    assert f'data-account="{first}"' in house.browser("lixia").get("/report").text


def test_the_page_of_drafts_is_the_same_for_everybody_and_needs_nobody(house: House):
    pages = {house.browser(login).get("/drafts").text for login in (None, "lixia", "wangmin")}
    assert len(pages) == 1
    assert "csrf" not in pages.pop()


def test_each_step_of_a_hazard_names_the_version_it_made(house: House):
    number = house.report("lixia")
    house.accept(number)
    told = house.read("wangmin", number)
    assert [step["version"] for step in told["timeline"]] == [1, 2]
    assert told["version"] == 2
