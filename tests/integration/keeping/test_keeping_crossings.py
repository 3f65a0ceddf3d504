"""A backup restored elsewhere is the same: every table's digest, every object, and the life that goes on there."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask_migrate import downgrade
from sqlalchemy import select, text, update

from app.hazards.models import HazardRow
from app.keeping.backup import back_up
from app.keeping.refusal import Refused
from app.keeping_cli import known_revisions
from app.runtime import Runtime
from storage.memory import MemoryStore
from tests.conftest import House
from tests.integration.hazard_world import dump
from tests.integration.keeping.world import blank, digests, faults, into, objects, tamper
from workers.jobs import Tools
from workers.runner import run_all


def assert_same(there: Runtime, here: Runtime) -> None:
    """Equal tables, equal objects: what a row named here is there, and nothing else."""
    assert digests(there) == digests(here)
    assert objects(there.store).items() <= objects(here.store).items()
    assert faults(there) == {}


def cross(house: House, folder: Path, **settings: str) -> None:
    """To the place that `settings` name (DATABASE_URL, STORE_URL: blank ones), and back to files."""
    back_up(folder / "there.tar", means=house.means)
    with blank(folder / "there", **settings) as there:
        into(folder / "there.tar", there)
        assert_same(there, house.means)
        back_up(folder / "back.tar", means=there)
        with blank(folder / "back") as back:
            into(folder / "back.tar", back)
            assert_same(back, house.means)
        # Ids go on behind the highest, and triggers and workers do their part: the waiting photo becomes ready.
        run_all(Tools(there, house.decoder))
        with there.db.read() as session:
            waiting = session.execute(text("SELECT count(*) FROM photo WHERE status = 'pending'")).scalar_one()
        assert waiting == 0
        assert faults(there) == {}


def test_a_backup_restored_elsewhere_is_the_same_and_lives_on(lived, tmp_path):
    assert [name for name, digest in digests(lived.means).items() if digest.rows == 0] == []
    cross(lived, tmp_path)


def test_sqlite_and_files_become_postgresql_and_a_bucket_and_come_back_the_same(lived, tmp_path, postgres, s3_url):
    try:
        cross(lived, tmp_path, DATABASE_URL=postgres.create("crossing"), STORE_URL=s3_url)
    finally:
        postgres.drop("crossing")


def test_a_store_of_another_kind_takes_the_objects(lived, tmp_path):
    back_up(tmp_path / "b.tar", means=lived.means)
    with blank(tmp_path / "other") as means:
        elsewhere = replace(means, store=MemoryStore())
        into(tmp_path / "b.tar", elsewhere)
        assert_same(elsewhere, lived.means)
        assert list(means.store.keys()) == []


def test_what_triggers_keep_is_there_again(lived, tmp_path):
    back_up(tmp_path / "b.tar", means=lived.means)
    with blank(tmp_path / "other") as means:
        into(tmp_path / "b.tar", means)
        desks = []
        for each in (lived.means, means):
            with each.db.read() as session:
                lines = session.execute(
                    text('SELECT "key", stage, due, hazard_id FROM desk_line ORDER BY 1, 2, 3, 4')
                )
                words = session.execute(
                    text("SELECT rowid FROM hazard_search WHERE hazard_search MATCH '配电' ORDER BY 1")
                )
                desks.append((lines.all(), words.all()))
        assert desks[0] == desks[1]
        assert desks[0][0]
        assert desks[0][1]


def test_a_duplicate_whose_master_came_later_is_restored(house, tmp_path):
    first, second = house.report("lixia"), house.report("lixia")
    with house.means.db.write() as session:
        later = select(HazardRow.id).where(HazardRow.number == second).scalar_subquery()
        told = {"state": "duplicate", "master_id": later}
        session.execute(update(HazardRow).where(HazardRow.number == first).values(**told))
    back_up(tmp_path / "b.tar", means=house.means)
    with blank(tmp_path / "other") as means:
        into(tmp_path / "b.tar", means)
        with means.db.read() as session:
            master = session.execute(select(HazardRow.master_id).where(HazardRow.number == first)).scalar_one()
            kept = session.execute(select(HazardRow.number).where(HazardRow.id == master)).scalar_one()
        assert kept == second


def scan_codes(means: Runtime) -> dict[str, str]:
    with means.db.read() as session:
        return {row.code: row.scan_code for row in session.execute(text("SELECT code, scan_code FROM place"))}


def test_a_backup_of_an_older_migration_is_brought_up_to_date(lived, tmp_path):
    with blank(tmp_path / "old") as old:
        # What else came after 0009 holds nothing of the product's own: the older database is the same without it.
        tamper(lived.means, "DELETE FROM finished_upload")
        back_up(tmp_path / "today.tar", means=lived.means)
        into(tmp_path / "today.tar", old)
        with old.flask.app_context():
            downgrade(revision="0009")
        manifest = back_up(tmp_path / "old.tar", means=old).manifest
        assert manifest.revision == "0009"
    with blank(tmp_path / "new") as new:
        into(tmp_path / "old.tar", new)
        # The older one knew no QR codes of their own: the migration made others, as it does on an update.
        made, kept = (scan_codes(means) for means in (new, lived.means))
        assert made.keys() == kept.keys()
        assert set(made.values()).isdisjoint(kept.values())
        with new.db.write() as session:
            for code, scan in kept.items():
                told = {"code": code, "scan": scan}
                session.execute(text("UPDATE place SET scan_code = :scan WHERE code = :code"), told)
        assert digests(new) == digests(lived.means)
        with new.db.read() as session:
            newest = known_revisions()[-1]
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == newest


def test_data_that_is_not_empty_is_left_alone(lived, tmp_path):
    back_up(tmp_path / "b.tar", means=lived.means)
    lived.report("lixia")
    before = dump(lived)
    with pytest.raises(Refused, match=r"not empty \(table event has rows\)"):
        into(tmp_path / "b.tar", lived.means)
    assert dump(lived) == before


def test_restoring_twice_changes_nothing(lived, tmp_path):
    back_up(tmp_path / "b.tar", means=lived.means)
    said: list[str] = []
    with blank(tmp_path / "other") as means:
        into(tmp_path / "b.tar", means)
        into(tmp_path / "b.tar", means, tell=said.append)
        assert "the rows are there already" in said
        assert_same(means, lived.means)
