"""What review and attack found once stays mended."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.core.outbox import EventRow
from app.core.relaying import events_to_relay
from app.evidence.orphans import remove_orphans
from app.evidence.reading import keep_object
from app.tables import OBJECT_KEYS
from tests.conftest import House
from tests.photos import exif_block, photo


def _objects(house: House) -> set[str]:
    return set(house.means.store.keys())


def test_an_object_that_no_photo_names_is_removed_after_its_grace_and_not_before(house: House) -> None:
    key = keep_object(b"nobody speaks of this", store=house.means.store)
    spoken = _objects(house) - {key}
    sweep = {"store": house.means.store, "db": house.means.db, "now": house.clock, "named_by": OBJECT_KEYS}
    assert sum(remove_orphans(**sweep)) == 0
    assert sum(remove_orphans(**sweep, grace=timedelta(seconds=-1))) == 1
    assert _objects(house) == spoken


def test_bytes_that_are_kept_again_are_young_again(house: House) -> None:
    store = house.means.store
    key = keep_object(b"wanted twice", store=store)
    older = store.age(key)
    keep_object(b"wanted twice", store=store)
    assert store.age(key) <= older + timedelta(seconds=1)


def test_an_event_this_version_does_not_know_stops_no_other(house: House) -> None:
    with house.means.db.write() as session:
        session.execute(insert(EventRow).values(name="FromTomorrow", values={}, at=house.clock()))
    number = house.report("lixia")
    house.work()
    assert house.read("lixia", number)["photos"][0]["status"] == "ready"
    with house.means.db.read() as session:
        assert events_to_relay(session) == []
        left = session.execute(select(EventRow.name).where(EventRow.relayed_at.is_(None))).scalars().all()
    assert left == ["FromTomorrow"]


def test_a_fault_of_the_database_tells_no_values(house: House) -> None:
    secret = "李霞家的电话"
    with pytest.raises(IntegrityError) as fault, house.means.db.write() as session:
        session.execute(text("INSERT INTO hazard (description) VALUES (:words)"), {"words": secret})
    assert secret not in str(fault.value)


def test_two_photos_in_two_areas_lead_to_one_unit_whichever_is_read_first(house: House) -> None:
    spots = ((38.0430, 114.5030), (38.0470, 114.5070))
    shots = [photo(size=(64, 48), seed=40 + i, exif=exif_block(position=spot)) for i, spot in enumerate(spots)]
    units = set()
    for is_reversed in (False, True):
        number = house.report("lixia", place_code=None, location_text="厂区", photos=tuple(shots))
        if is_reversed:
            _turn_the_photos_of_the_newest_event_round(house)
        house.work()
        units.add(house.read("chenjun", number)["unit"]["code"])
    assert len(units) == 1
    assert units < {"HBJX-3", "HBJX-D"}


def _turn_the_photos_of_the_newest_event_round(house: House) -> None:
    with house.means.db.write() as session:
        newest = select(EventRow).where(EventRow.name == "PhotosAdded").order_by(EventRow.id.desc()).limit(1)
        event = session.execute(newest).scalar_one()
        turned = {**event.values, "photo_ids": event.values["photo_ids"][::-1]}
        session.execute(update(EventRow).where(EventRow.id == event.id).values(values=turned))


def test_a_second_repair_cannot_end_before_the_first_was_found_wanting(house: House) -> None:
    number = house.report("lixia")
    house.accept(number)
    house.clock.forward(hours=5)
    house.rectify(number)
    house.clock.forward(hours=5)
    deadline = (house.clock() + timedelta(days=3)).isoformat()
    assert house.act("wangmin", number, "send_back", text="盖板没有固定", deadline=deadline).status_code == 200
    answer = house.act(
        "zhanglei",
        number,
        "rectify",
        photos=(photo(size=(64, 48), seed=3),),
        done="已固定",
        finished_at=(house.clock() - timedelta(hours=7)).isoformat(),
    )
    assert (answer.status_code, answer.json["errors"]["finished_at"][0]["code"]) == (
        422,
        "finished_before_accepted",
    )


def test_the_union_meets_the_appeals_it_may_decide(house: House) -> None:
    number = house.report("lixia")
    assert house.act("wangmin", number, "reject", reason="untrue", text="现场没有").status_code == 200
    assert house.act("lixia", number, "appeal", text="就在门后").status_code == 200
    assert number in house.browser("tianye").get("/inbox").get_data(as_text=True)


def test_a_report_never_gets_a_receipt_for_bytes_that_are_gone(house: House) -> None:
    shot = photo(size=(64, 48), seed=77)
    number = house.report("lixia", photos=(shot,))
    key = house.read("wangmin", number)["photos"][0]["sha256"]
    told = house.send("lixia", photos=(shot,), client_id="6f9619ff-8b86-4011-b42d-00c04fc964ff")
    assert told.status_code == 201
    house.means.store.remove(key)
    again = house.send("lixia", photos=(shot,))
    assert again.status_code == 201  # sent again, the bytes are there again
    assert house.means.store.size(key) == len(shot)


def test_a_place_without_a_position_still_counts_as_scanned(house: House) -> None:
    with house.means.db.write() as session:
        session.execute(text("UPDATE place SET lat = NULL, lon = NULL WHERE code = 'HBJX-A3'"))
    number = house.report("lixia")
    house.work()
    codes = {reason["code"] for reason in house.read("wangmin", number)["photos"][0]["grade_because"]}
    assert "place_scanned" in codes
