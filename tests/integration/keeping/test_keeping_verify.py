"""`verify` is content with a house in which everything has happened, and names the first thing that is not so."""

import pytest
from sqlalchemy import text

from app.keeping.checks_life import gaps
from app.keeping.finding import Finding
from tests.conftest import House
from tests.integration.keeping.world import faults, tamper
from tests.photos import photo


def keys_of(house: House, number: str) -> list[str]:
    return [seen["sha256"] for seen in house.read("lixia", number)["photos"]]


def first_of(house: House, query: str) -> str:
    with house.means.db.read() as session:
        return str(session.execute(text(query)).scalar_one())


def said(house: House) -> tuple[int, list[str]]:
    ran = house.app.test_cli_runner().invoke(args=["verify"])
    return ran.exit_code, ran.output.splitlines()


def test_a_house_in_which_everything_happened_is_as_it_must_be(lived):
    code, lines = said(lived)
    assert code == 0
    assert [line.partition(":")[0] for line in lines] == [
        "objects",
        "numbers",
        "histories",
        "ledger",
        "references",
    ]
    assert all(line.endswith("all as they must be") and not line.startswith(" 0") for line in lines)


def test_a_missing_and_an_altered_object_are_named_by_hazard_and_photo(lived):
    number = lived.report("lixia", photos=tuple(photo(size=(64, 48), seed=seed) for seed in (61, 62)))
    gone, flipped = keys_of(lived, number)
    lived.means.store.remove(gone)
    path = lived.means.store.path_of(flipped)
    content = path.read_bytes()
    path.write_bytes(content[:99] + bytes([content[99] ^ 1]) + content[100:])
    assert set(faults(lived.means)["objects"]) == {
        f"{number} photo 1 (original): missing (object {gone})",
        f"{number} photo 2 (original): altered (object {flipped})",
    }
    code, lines = said(lived)
    assert code == 1
    assert lines[0].startswith(f"objects: {number} photo ")
    assert any(line.startswith("objects: 2 wrong of ") for line in lines)


def test_a_photo_that_was_set_apart_as_missing_is_told_and_fails_nothing(house):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=63),))
    house.means.store.remove(keys_of(house, number)[0])
    assert "objects" in faults(house.means)
    house.work()
    code, lines = said(house)
    assert code == 0
    assert lines[1].startswith(f"  note: {number} photo 1 (original): missing")


def test_an_object_that_a_row_let_go_of_meanwhile_is_no_finding(house, monkeypatch):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=64),))
    key = keys_of(house, number)[0]
    real = house.means.store.open

    def let_go(asked: str):
        if asked == key:
            tamper(
                house.means,
                "DELETE FROM witness WHERE photo_id IN (SELECT id FROM photo WHERE sha256 = :k)",
                k=key,
            )
            tamper(house.means, "DELETE FROM photo WHERE sha256 = :k", k=key)
            house.means.store.remove(key)
        return real(asked)

    monkeypatch.setattr(house.means.store, "open", let_go)
    assert "objects" not in faults(house.means)


OF = "(SELECT id FROM hazard WHERE number = :n)"
LAST = "id = (SELECT max(id) FROM ledger_entry)"
CLOSED = "SELECT number FROM hazard WHERE state = 'closed' ORDER BY id LIMIT 1"


@pytest.mark.parametrize(
    ("statement", "check", "told"),
    [
        (
            "DELETE FROM hazard_history WHERE version = 2 AND hazard_id = {of}",
            "histories", "{n}: history row 2 is missing",
        ),
        (
            "DELETE FROM hazard_history WHERE version = 4 AND hazard_id = {of}",
            "histories", "{n}: history row 4 is missing: the hazard has version 4",
        ),
        (
            "UPDATE hazard_history SET from_state = 'rejected' WHERE version = 3 AND hazard_id = {of}",
            "histories", "{n}: history row 3 begins at rejected, the one before ended at rectifying",
        ),
        (
            "UPDATE hazard SET state = 'reviewing' WHERE number = :n",
            "histories", "{n}: the hazard is reviewing, its last history row says closed",
        ),
        (
            "UPDATE hazard SET number = 'HZ-2026-000999' WHERE number = :n",
            "numbers", "{n} is missing: HZ-2026-",
        ),
        (
            "UPDATE hazard_number SET last = last + 1 WHERE :n <> ''",
            "numbers", "HZ-2026: the last number given is",
        ),
        (
            "UPDATE ledger_entry SET points = 0 WHERE :n <> ''",
            "ledger", "its ledger entries add up to",
        ),
        (
            "UPDATE ledger_entry SET reverses_id = 99999 WHERE :n <> '' AND {last}",
            "ledger", "it reverses entry 99999, which is missing",
        ),
        (
            "UPDATE ledger_entry SET event_id = 99999 WHERE :n <> '' AND {last}",
            "ledger", "its event 99999 is missing",
        ),
        (
            "UPDATE photo SET hazard_id = 99999 WHERE :n <> '' AND id = (SELECT max(id) FROM photo)",
            "references", "what hazard_id refers to is missing",
        ),
    ],
    ids=[
        "a step less", "the last step less", "another beginning", "another state", "a gap", "the last number less",
        "points changed", "a reversal of nothing", "an entry of no event", "a photo of no hazard",
    ],
)  # fmt: skip
def test_a_row_that_was_changed_is_named(lived, statement, check, told):
    number = first_of(lived, CLOSED)
    tamper(lived.means, statement.replace("{of}", OF).replace("{last}", LAST), n=number)
    found = faults(lived.means)
    assert told.format(n=number) in found[check][0]
    code, lines = said(lived)
    assert code == 1
    for name, sentences in found.items():
        assert f"{name}: {sentences[0]}" in lines


def test_a_reversal_must_be_the_contrary_of_what_it_reverses(house):
    number = house.report("lixia")
    house.accept(number)
    house.work()
    house.clock.forward(minutes=1)
    assert house.act("chenjun", number, "void", text="误受理").status_code == 200
    house.work()
    assert faults(house.means) == {}
    tamper(house.means, "UPDATE ledger_entry SET points = points - 1 WHERE reverses_id IS NOT NULL")
    assert "is not the contrary of entry" in faults(house.means)["ledger"][0]


def test_numbers_of_each_year_are_walked_by_themselves():
    walked = ["HZ-2025-000001", "HZ-2026-000001", "HZ-2026-000002", "HZ-2026-000004", "HZ-2026-1000000"]
    found = gaps(walked, given={"HZ-2025": 1, "HZ-2026": 1000001})
    assert list(found) == [
        None,
        None,
        None,
        Finding("HZ-2026-000003 is missing: HZ-2026-000004 follows"),
        Finding("HZ-2026-000005 is missing: HZ-2026-1000000 follows"),
        Finding("HZ-2026: the last number given is 1000001, the last one there is 1000000"),
    ]
