"""Hazards that were under way before there were clocks are watched from their acceptance on."""

from datetime import UTC, datetime, timedelta

from flask_migrate import upgrade
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import select

from app.factory import create_app
from app.hazards.clocks import announce_deadlines
from app.hazards.models import DeadlineMarkRow
from config import Settings

ACCEPTED = datetime(2026, 10, 20, 1, tzinfo=UTC)
STAMP = "%Y-%m-%d %H:%M:%S.%f"


def test_a_deadline_given_before_the_update_loses_no_mark(tmp_path):
    app = create_app(Settings.from_environment({"DATA": str(tmp_path)}))
    with app.app_context():
        upgrade(revision="0004")
    hazard = {
        "number": "HZ-2026-000001",
        "state": "rectifying",
        "version": 2,
        "changed_at": ACCEPTED.strftime(STAMP),
        "client_scope": "account:1",
        "client_id": "a",
        "content_digest": "",
        "submitted_at": ACCEPTED.strftime(STAMP),
        "anonymous": 0,
        "guest": 0,
        "found_by": "snap",
        "unit_id": 1,
        "arrived_at": ACCEPTED.strftime(STAMP),
        "first_act_at": ACCEPTED.strftime(STAMP),
        "transfers": 0,
        "accepted_at": ACCEPTED.strftime(STAMP),
        "level": "general",
        "category": "ELEC",
        "factor": "thing",
        "rectifier_name": "李工",
        "deadline": (ACCEPTED + timedelta(days=7)).strftime(STAMP),
        "first_deadline": (ACCEPTED + timedelta(days=7)).strftime(STAMP),
        "fixed_on_the_spot": 0,
        "times_returned": 0,
        "extensions": 0,
    }
    before = sqlite.connect(tmp_path / "hazards.sqlite3")
    before.execute(
        "INSERT INTO unit (id, code, name, kind, path, timezone, made_at)"
        " VALUES (1, 'A', '甲厂', 'enterprise', '/1/', 'Asia/Shanghai', '2026-01-01 00:00:00.000000')"
    )
    columns, marks = ", ".join(hazard), ", ".join("?" * len(hazard))
    before.execute(f"INSERT INTO hazard ({columns}) VALUES ({marks})", tuple(hazard.values()))  # noqa: S608
    before.commit()
    before.close()
    with app.app_context():
        upgrade()
    means = app.extensions["runtime"]
    announce_deadlines(at=ACCEPTED + timedelta(days=8), db=means.db)
    with means.db.read() as session:
        rows = session.execute(select(DeadlineMarkRow).order_by(DeadlineMarkRow.days)).scalars()
        kept = [(row.days, row.announced) for row in rows]
    means.db.engine.dispose()
    assert kept == [(-1, False), (0, False), (1, True)]
