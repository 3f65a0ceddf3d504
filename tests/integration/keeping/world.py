"""Houses to save and to restore into: one in which every table has rows, blank ones, and what both hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, String, Table, insert, select, text

from app.core.db import UtcDateTime
from app.evidence.reading import keep_object
from app.factory import create_app
from app.keeping.layout import is_kept, kept_tables
from app.keeping.lines import TableDigest, digest_of
from app.keeping.manifest import Manifest
from app.keeping.restore import restore
from app.keeping.verify import verify
from app.keeping_cli import known_revisions
from app.runtime import Runtime
from app.tables import METADATA
from config import Settings
from storage.object_store import ObjectStore
from tests.conftest import START, FakeClock, House
from tests.integration.hazard_world import bring, populate
from tests.integration.test_anonymous import anonymous
from tests.photos import exif_block, photo, png_bomb, talkative

OVERRIDES: dict[str, dict[str, Any]] = {
    "paper": {"kind": "notice", "number": "TZ-2026-000001", "pdf_status": "pending"},
    "paper_number": {"kind": "notice", "year": 2026},
    "delivery": {"state": "waiting", "channel_id": 1, "event_id": 1},
    "absence": {"deputy_id": 2},
    "deadline_mark": {"clock": "repair", "counted_from": START},
    "channel": {"kind": "wecom"},
    "preference": {"language": "en"},
    "register_export": {"format": "csv", "status": "failed", "fault": "crashed"},
}
"""What the checks of a table want."""
TELLING = {"名": ["值\u2028", 1.5, None, True, {"b": 1, "a": 1e300}], "a": 0.1}


def lived_in(house: House) -> House:
    """A house with something of everything: every situation, exports, papers, messages, an anonymous report."""
    populate(house)
    for situation in (
        "need_info",
        "rejected_appealed",
        "duplicate",
        "closed_objected",
        "major_reviewing_reported",
    ):
        bring(house, situation)
    block = exif_block(position=(38.0470, 114.5071), taken="2026:11:02 09:00:00", offset="+08:00")
    house.report("lixia", photos=(photo(size=(64, 48), exif=block), png_bomb()))
    anonymous(house, talkative("jpeg"))
    house.work()
    fill_the_rest(house)
    # One that nobody has worked on yet.
    house.report("lixia", photos=(photo(size=(64, 48), seed=41),))
    return house


@contextmanager
def blank(folder: Path, **settings: str) -> Iterator[Runtime]:
    """A product on nothing: no tables, no objects."""
    app = create_app(Settings.from_environment({"DATA": str(folder), **settings}), clock=FakeClock())
    means = app.extensions["runtime"]
    try:
        yield means
    finally:
        means.db.engine.dispose()


def fill_the_rest(house: House) -> None:
    """A row in each table that the lives of hazards left empty, so that no kind of column goes untried."""
    document = {
        "document": {"sha256": keep_object(b"%PDF-1.7 a document", store=house.means.store)},
        "finished_upload": {"sha256": keep_object(b"\xff\xd8\xff a photo that waits", store=house.means.store)},
    }
    with house.means.db.write() as session:
        for table in METADATA.sorted_tables:
            if is_kept(table.name) and session.execute(select(table).limit(1)).first() is None:
                session.execute(insert(table).values(_some_row(table, OVERRIDES | document)))


def _some_row(table: Table, overrides: dict[str, dict[str, Any]]) -> dict[str, Any]:
    wanted = [column for column in table.columns if not column.nullable and not _counts_itself(column)]
    return {column.name: _some_value(column) for column in wanted} | overrides.get(table.name, {})


def _counts_itself(column: Column[Any]) -> bool:
    return column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys


def _some_value(column: Column[Any]) -> Any:
    values = (
        (Boolean, True),
        (Integer, 1),
        (JSON, TELLING),
        (UtcDateTime, START.replace(microsecond=7)),
        (Date, START.date()),
        (Float, 0.1 + 0.2),
        (String, "文字 “引号” \\ \t ё"),
    )
    return next(value for kind, value in values if isinstance(column.type, kind))


def into(path: Path, means: Runtime, **more: Any) -> Manifest:
    """Restore as the command does."""

    def migrate(revision: str) -> None:
        with means.flask.app_context():
            upgrade(revision=revision)

    return restore(path, means=means, revisions=known_revisions(), migrate=migrate, **more)


def tamper(means: Runtime, statement: str, **values: Any) -> None:
    """Change rows as nobody may: with the triggers and foreign keys that guard them asleep."""
    with means.db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_refuses_%'"
            for (name,) in connection.exec_driver_sql(guards).fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        changed = connection.execute(text(statement), values)
        assert changed.rowcount >= 1
        connection.exec_driver_sql("COMMIT")
    means.db.engine.dispose()


def digests(means: Runtime) -> dict[str, TableDigest]:
    with means.db.read() as session:
        connection = session.connection()
        return {table.name: digest_of(connection, table) for table in kept_tables(connection)}


def objects(store: ObjectStore) -> dict[str, bytes]:
    held = {}
    for key in list(store.keys()):
        with store.open(key) as stream:
            held[key] = stream.read()
    return held


def faults(means: Runtime) -> dict[str, list[str]]:
    """What `verify` finds, by check; nothing for those that are content."""
    return {report.check.name: report.told for report in verify(means) if report.faults}
