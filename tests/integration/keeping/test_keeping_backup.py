"""A backup taken while the service lives: one moment, whole, in a file that is there or is not."""

import stat
import tarfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.core.errors import Unavailable
from app.core.holds import HOLD_LASTS, BackupHoldRow, hold_objects, is_held, release_hold, renew_hold
from app.core.outbox import ErrandRow
from app.evidence.lost import count_missing
from app.evidence.orphans import remove_orphans
from app.evidence.reading import remove_replaced_original
from app.hazards.models import HazardRow
from app.keeping.archive import Draft
from app.keeping.backup import back_up
from app.keeping.refusal import Refused
from app.runtime import Runtime
from app.tables import OBJECT_KEYS
from config import secret_key_for
from tests.conftest import SMALL, House
from tests.integration.hazard_world import sha256
from tests.integration.keeping.world import blank, digests, faults, into, tamper
from tests.integration.test_anonymous import anonymous
from tests.photos import photo, talkative
from workers.jobs import Tools
from workers.runner import relay_events, run_errand


def members(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


def numbers(means: Runtime) -> list[str]:
    with means.db.read() as session:
        return list(session.execute(select(HazardRow.number).order_by(HazardRow.number)).scalars())


def sweep_at_once(house: House) -> dict[str, Any]:
    means = house.means
    at_once = timedelta(seconds=-1)
    return {"store": means.store, "db": means.db, "named_by": OBJECT_KEYS, "now": house.clock, "grace": at_once}


def test_reports_that_come_between_two_tables_are_not_half_in_it(either_house, tmp_path):
    house = either_house
    before = digests(house.means)
    come: list[str] = []

    def report(_line: str) -> None:
        come.append(house.report("lixia", photos=(photo(size=(64, 48), seed=100 + len(come)),)))

    made = back_up(tmp_path / "b.tar", means=house.means, tell=report)
    assert len(come) > 20
    assert dict(made.manifest.tables) == before
    assert faults(house.means) == {}


def test_its_moment_is_that_of_the_snapshot_however_long_the_copying_takes(house, tmp_path):
    began = house.clock()
    made = back_up(tmp_path / "b.tar", means=house.means, tell=lambda _line: house.clock.forward(seconds=5))
    assert house.clock() > began
    assert made.manifest.made_at == began


def test_every_hazard_is_whole_whenever_it_came(either_house, tmp_path):
    house = either_house
    house.token("lixia")
    over = threading.Event()
    begun = threading.Barrier(4)

    def keep_reporting(first: int) -> None:
        begun.wait()
        # All three together stay below what one account may report in a minute.
        for seed in range(first, first + 35):
            if not over.is_set():
                house.report("lixia", photos=(photo(size=(64, 48), seed=seed), photo(size=(64, 48), seed=-seed)))

    reporters = [threading.Thread(target=keep_reporting, args=(n * 1000,)) for n in range(1, 4)]
    for reporter in reporters:
        reporter.start()
    begun.wait()
    back_up(tmp_path / "b.tar", means=house.means)
    over.set()
    for reporter in reporters:
        reporter.join()
    with blank(tmp_path / "other") as means:
        into(tmp_path / "b.tar", means)
        assert faults(means) == {}
        assert numbers(means) == numbers(house.means)[: len(numbers(means))]
        with means.db.read() as session:
            counts = (
                "SELECT count(p.id) FROM hazard h JOIN photo p ON p.hazard_id = h.id WHERE h.id > 6 GROUP BY h.id"
            )
            assert set(session.execute(text(counts)).scalars()) <= {2}


def test_the_file_is_its_owners_alone_and_no_other_name_is_left(lived, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o755)
    back_up(folder / "b.tar", means=lived.means)
    assert [path.name for path in folder.iterdir()] == ["b.tar"]
    assert stat.S_IMODE((folder / "b.tar").stat().st_mode) == 0o600


def test_a_file_is_replaced_only_on_purpose_and_what_a_kill_left_is_written_over(house, tmp_path):
    target = tmp_path / "b.tar"
    target.write_bytes(b"last night's")
    with pytest.raises(Refused, match="exists"):
        back_up(target, means=house.means)
    assert target.read_bytes() == b"last night's"
    (tmp_path / "b.tar.part").write_bytes(b"x" * 10_000_000)
    back_up(target, means=house.means, is_replacing=True)
    assert members(target)[-1] == "manifest.json"
    assert target.stat().st_size < 10_000_000
    assert not (tmp_path / "b.tar.part").exists()


def test_a_backup_that_fails_leaves_the_last_one_and_no_half(house, tmp_path, monkeypatch):
    target = tmp_path / "b.tar"
    target.write_bytes(b"last night's")

    def fill_the_disk(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Draft, "add", fill_the_disk)
    with pytest.raises(OSError, match="No space"):
        back_up(target, means=house.means, is_replacing=True)
    assert [path.name for path in tmp_path.glob("b.tar*")] == ["b.tar"]
    assert target.read_bytes() == b"last night's"


def test_two_at_once_do_not_write_the_same_file(house, tmp_path):
    with Draft(tmp_path / "b.tar", is_replacing=True), pytest.raises(Refused, match="another backup"):
        back_up(tmp_path / "b.tar", means=house.means)


def test_no_secret_is_inside(lived, tmp_path):
    data = lived.means.settings.data
    (data / "demo-accounts.json").write_text('[{"password": "a-demo-password"}]', encoding="utf-8")
    back_up(tmp_path / "b.tar", means=lived.means)
    content = (tmp_path / "b.tar").read_bytes()
    assert secret_key_for(lived.means.settings).encode() not in content
    assert b"a-demo-password" not in content
    kinds = {name.partition("/")[0] for name in members(tmp_path / "b.tar")}
    assert kinds == {"tables", "objects", "manifest.json"}


def test_an_anonymous_original_that_was_replaced_is_not_inside(house, tmp_path):
    original = talkative("jpeg")
    anonymous(house, original)
    relay_events(Tools(house.means, house.decoder))
    while errand_waits(house, "process_photo"):
        run_errand(Tools(house.means, house.decoder))
    # Its bytes are still in the store: the errand that removes them comes later.
    assert sha256(original) in set(house.means.store.keys())
    back_up(tmp_path / "b.tar", means=house.means)
    assert f"objects/{sha256(original)}" not in members(tmp_path / "b.tar")
    assert original not in (tmp_path / "b.tar").read_bytes()


def errand_waits(house: House, job: str) -> bool:
    with house.means.db.read() as session:
        waiting = select(ErrandRow.id).where(ErrandRow.job == job, ErrandRow.state == "waiting")
        return session.execute(waiting.limit(1)).first() is not None


def test_nobody_removes_what_the_snapshot_names_until_the_copy_is_made(house, tmp_path):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=77),))
    key = house.read("lixia", number)["photos"][0]["sha256"]
    sweep = sweep_at_once(house)
    swept: list[int] = []

    def let_go(line: str) -> None:
        if line.startswith("table witness"):
            tamper(
                house.means,
                "DELETE FROM witness WHERE photo_id IN (SELECT id FROM photo WHERE sha256 = :key)",
                key=key,
            )
            tamper(house.means, "DELETE FROM photo WHERE sha256 = :key", key=key)
            swept.append(sum(remove_orphans(**sweep)))

    made = back_up(tmp_path / "b.tar", means=house.means, tell=let_go)
    assert swept == [0]
    assert made.losses == ()
    assert f"objects/{key}" in members(tmp_path / "b.tar")
    assert sum(remove_orphans(**sweep)) == 1


def test_an_anonymous_original_is_removed_after_the_backup_and_not_during_it(house):
    original = talkative("jpeg")
    anonymous(house, original)
    with house.means.db.write() as session:
        code = hold_objects(session, at=house.clock())
    house.work()
    assert errand_waits(house, "remove_replaced_original")
    assert sha256(original) in set(house.means.store.keys())
    with house.means.db.read() as session:
        told = select(ErrandRow.event_id).where(ErrandRow.job == "remove_replaced_original")
        event_id = session.execute(told).scalar_one()
    with pytest.raises(Unavailable):
        remove_replaced_original(event_id, at=house.clock(), store=house.means.store, db=house.means.db)
    with house.means.db.write() as session:
        release_hold(session, code)
    house.clock.forward(minutes=6)
    house.work()
    assert sha256(original) not in set(house.means.store.keys())


def test_a_hold_ends_by_itself_when_nobody_renews_it_and_when_the_clock_was_set_back(house):
    at = house.clock()
    with house.means.db.write() as session:
        code = hold_objects(session, at=at)
        assert is_held(session, at=at + HOLD_LASTS - timedelta(seconds=1))
        assert not is_held(session, at=at + HOLD_LASTS)
        assert not is_held(session, at=at - timedelta(days=1))
        assert is_held(session, at=at - timedelta(hours=23))  # a clock that is behind
        renew_hold(session, code, at=at + timedelta(minutes=9))
        assert is_held(session, at=at + HOLD_LASTS)
        hold_objects(session, at=at + timedelta(hours=1))
        assert len(session.execute(select(BackupHoldRow)).scalars().all()) == 1


def test_what_is_lost_is_named_and_all_else_is_saved(lived, tmp_path):
    number = lived.report("lixia", photos=(SMALL, photo(size=(64, 48), seed=78)))
    first, second = (seen["sha256"] for seen in lived.read("lixia", number)["photos"])
    spoil = lived.means.store.path_of(first)
    spoil.write_bytes(spoil.read_bytes()[:-1] + b"!")
    lived.means.store.remove(second)
    ran = lived.app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b.tar")])
    assert ran.exit_code == 3
    assert f"{number} photo 1 (original)" in ran.output
    assert f"NOT SAVED: {number} photo 2 (original): missing (object {second})" in ran.output
    with lived.means.db.read() as session:
        assert count_missing(session) == 1  # the watch knows at once; the altered one is there, and verify's
    names = members(tmp_path / "b.tar")
    assert {f"objects/{first}", f"objects/{second}"}.isdisjoint(names)
    with blank(tmp_path / "other") as means:
        assert into(tmp_path / "b.tar", means).lost == tuple(sorted((first, second)))
        assert digests(means) == digests(lived.means)


def test_a_loss_that_people_were_told_of_does_not_make_every_night_fail(house, tmp_path):
    number = house.report("lixia", photos=(photo(size=(64, 48), seed=79),))
    house.means.store.remove(house.read("lixia", number)["photos"][0]["sha256"])
    house.work()
    ran = house.app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b.tar")])
    assert ran.exit_code == 0
    assert "known: the photo was set apart" in ran.output


def test_the_command_says_plainly_what_it_refuses(house, tmp_path):
    ran = house.app.test_cli_runner().invoke(args=["backup", str(tmp_path / "nowhere" / "b.tar")])
    assert ran.exit_code == 1
    assert "there is no folder" in ran.output
    assert "Traceback" not in ran.output
