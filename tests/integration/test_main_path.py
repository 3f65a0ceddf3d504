"""The main job through the API: report, route, accept, repair, verify, close."""

from tests.conftest import House


def test_a_report_becomes_a_closed_hazard_with_its_whole_history(house: House) -> None:
    number = house.report("lixia")
    house.work()
    house.accept(number)
    house.rectify(number)
    house.close(number)
    seen = house.read("lixia", number)
    assert seen["state"] == "closed"
    assert [step["action"] for step in seen["timeline"]] == ["submit", "accept", "rectify", "close"]
