"""What web and workers share: settings, database, object store, clock, logs."""

import os
from dataclasses import dataclass

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app import tables
from app.core.clock import Clock, system_clock
from app.core.db import Base, Database
from app.core.engines import engine_options, prepare_engine
from app.logs import configure_logs
from config import Settings
from storage.object_store import ObjectStore
from storage.opening import open_store


@dataclass(frozen=True)
class Runtime:
    """The means of one process; passed on, never fetched from a global."""

    settings: Settings
    flask: Flask
    db: Database
    store: ObjectStore
    now: Clock


def create_runtime(settings: Settings, *, clock: Clock = system_clock) -> Runtime:
    """Open what a process needs; writes nothing but the folders of `$DATA`, and narrows this process's umask."""
    configure_logs()
    # Whatever this process makes is its user's alone: the database beside the store, and SQLite's own files.
    os.umask(0o077)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    flask = Flask("app", static_folder=None, template_folder="web/templates")
    flask.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    extension = SQLAlchemy(flask, model_class=Base, disable_autonaming=True)
    with flask.app_context():
        engine = extension.engine
    prepare_engine(engine)
    assert tables.METADATA is Base.metadata  # noqa: S101  # every model is loaded with the runtime
    store = open_store(settings.store_url, spool=settings.data)
    return Runtime(settings, flask, Database(engine), store, clock)
