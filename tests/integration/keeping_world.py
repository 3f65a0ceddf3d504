"""Houses to save and to restore into: one in which every table has rows, blank ones, and what both hold."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from app.factory import create_app
from app.keeping.layout import kept_tables
from app.keeping.lines import TableDigest, digest_of
from app.keeping.manifest import Manifest
from app.keeping.restore import restore
from app.keeping.verify import verify
from app.keeping_cli import known_revisions
from app.runtime import Runtime
from config import Settings
from storage.object_store import ObjectStore
from tests.conftest import FakeClock, House
from tests.integration.hazard_world import bring, populate
from tests.integration.test_anonymous import anonymous
from tests.photos import exif_block, photo, png_bomb, talkative

PLACES = ("DATABASE_URL", "STORE_URL")
"""Set in the environment of the tests, they say where backups are restored to: another database, another store.

The database must be blank and the bucket empty; a test that needs two of them makes files of its own instead.
"""


def lived_in(house: House) -> House:
    """A house with something of everything: every situation, exports, papers, messages, an anonymous report."""
    populate(house)
    for situation in ("need_info", "rejected_appealed", "duplicate", "closed_objected", "major_reviewing_reported"):
        bring(house, situation)
    block = exif_block(position=(38.0470, 114.5071), taken="2026:11:02 09:00:00", offset="+08:00")
    house.report("lixia", photos=(photo(size=(64, 48), exif=block), png_bomb()))
    anonymous(house, talkative("jpeg"))
    house.work()
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


def asked_for() -> dict[str, str]:
    """The settings that the tests' environment names for the place to restore to."""
    return {name: os.environ[name] for name in PLACES if name in os.environ}


def into(path: Path, means: Runtime, **more: Any) -> Manifest:
    """Restore as the command does."""

    def migrate(revision: str) -> None:
        with means.flask.app_context():
            upgrade(revision=revision)

    return restore(path, means=means, revisions=known_revisions(), migrate=migrate, **more)


def digests(means: Runtime) -> dict[str, TableDigest]:
    with means.db.read() as session:
        connection = session.connection()
        return {table.name: digest_of(connection, table) for table in kept_tables(connection)}


def objects(store: ObjectStore) -> dict[str, bytes]:
    held = {}
    for key in store.keys():
        with store.open(key) as stream:
            held[key] = stream.read()
    return held


def faults(means: Runtime) -> dict[str, list[str]]:
    """What `verify` finds, by check; nothing for those that are content."""
    return {report.check.name: report.told for report in verify(means) if report.faults}
