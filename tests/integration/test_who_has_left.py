"""A hazard that comes back finds somebody who is still there."""

from sqlalchemy import select, update

from app.accounts.models import AccountRow
from app.hazards.models import HazardRow


def disable(house, login):
    with house.means.db.write() as session:
        session.execute(update(AccountRow).where(AccountRow.login == login).values(disabled_at=house.clock()))


def deadline(house):
    return house.clock.forward(hours=1).replace(day=20).isoformat()


def test_reopening_asks_for_a_rectifier_when_the_former_one_has_left(house):
    number = house.report()
    house.accept(number)
    house.rectify(number)
    house.close(number)
    disable(house, "zhanglei")
    told = {"text": "又坏了", "deadline": deadline(house)}
    refused = house.act("wangmin", number, "reopen", **told)
    assert refused.status_code == 422
    assert "rectifier" in refused.json["errors"]
    assert house.act("wangmin", number, "reopen", rectifier="chenjun", **told).status_code == 200


def test_a_merge_that_is_undone_goes_to_an_officer_who_is_still_there(house):
    master, twin = house.report(), house.report(description="同一处")
    assert house.act("wangmin", twin, "merge", master=master).status_code == 200
    disable(house, "wangmin")
    assert house.act("chenjun", twin, "unmerge", text="不是同一处").status_code == 200
    with house.means.db.read() as session:
        officer = session.execute(
            select(AccountRow.login)
            .join(HazardRow, HazardRow.officer_id == AccountRow.id)
            .where(HazardRow.number == twin)
        ).scalar_one()
    assert officer == "chenjun"
    assert house.read("chenjun", twin)["routing"]["officer"] == "陈军"
