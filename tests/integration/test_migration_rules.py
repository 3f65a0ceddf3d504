"""The migration of the routing rules carries every duty, every position and every follower forward, and back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from app.factory import create_app
from config import Settings
from tests.conftest import FakeClock

AT = "2026-11-02 01:00:00.000000"
HAZARD = {
    "version": 1, "changed_at": AT, "client_scope": "account:1", "content_digest": "", "submitted_at": AT,
    "anonymous": False, "guest": False, "found_by": "snap", "unit_id": 1, "arrived_at": AT, "transfers": 0,
    "fixed_on_the_spot": False, "times_returned": 0, "extensions": 0, "state": "submitted", "category": "ELEC",
}  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(Settings.from_environment({"DATA": str(tmp_path)}), clock=FakeClock())
    with made.app_context():
        upgrade(revision="0003")
        yield made
    made.extensions["runtime"].db.engine.dispose()


def rows(app: Flask, statement: str) -> list[tuple]:
    with app.extensions["runtime"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def insert(app: Flask, table: str, *them: dict) -> None:
    with app.extensions["runtime"].db.write() as session:
        meta = sa.Table(table, sa.MetaData(), autoload_with=session.connection())
        for one in them:
            known = {name: value for name, value in one.items() if name in meta.c}
            session.execute(
                meta.insert().values(**{name: _as(meta, name, value) for name, value in known.items()})
            )


def _as(table: sa.Table, name: str, value: object) -> object:
    """Instants are written as the text they are read from."""
    is_instant = isinstance(table.c[name].type, sa.DateTime) and isinstance(value, str)
    return datetime.fromisoformat(str(value)) if is_instant else value


def furnish(app: Flask) -> None:
    unit = {"kind": "enterprise", "timezone": "Asia/Shanghai", "made_at": AT}
    insert(app, "unit", {"id": 1, "code": "A", "name": "一厂", "path": "/1/", **unit},
           {"id": 2, "code": "B", "name": "二厂", "path": "/2/", **unit})  # fmt: skip
    person = {"home_unit_id": 1, "made_at": AT}
    insert(app, "account", *({"id": n, "login": f"p{n}", "name": f"某{n}", **person} for n in (1, 2, 3)))
    insert(
        app,
        "duty",
        {"unit_id": 1, "account_id": 3, "category": "ELEC"},
        {"unit_id": 1, "account_id": 2, "category": "MECH"},
        {"unit_id": 2, "account_id": 1, "category": "FIRE"},
        {"unit_id": 1, "account_id": 2, "category": "ELEC"},
    )
    insert(
        app,
        "place",
        {"id": 1, "code": "P", "name": "门", "unit_id": 1, "lat": 38.1, "lon": 114.1, "allows_guests": False},
    )
    insert(
        app,
        "hazard",
        *(
            {
                **HAZARD,
                "id": n,
                "number": f"HZ-2026-{n:06}",
                "client_id": str(n),
                "place_id": 1 if n == 1 else None,
            }
            for n in (1, 2, 3)
        ),
    )
    photo = {"stage": "before", "sha256": "0", "bytes": 1, "format": "jpeg", "status": "pending"}
    photo |= {"n": 1, "unnamed": False, "place_scanned": False, "received_at": AT}
    insert(app, "photo", *({"id": n, "hazard_id": n, **photo} for n in (2, 3)))
    seen = {"datum": "wgs84"}
    insert(
        app,
        "witness",
        {"photo_id": 2, "source": "exif", "lat": 38.3, "lon": 114.3, **seen},
        {"photo_id": 2, "source": "phone", "lat": 38.2, "lon": 114.2, "accuracy_m": 20, **seen},
        {"photo_id": 3, "source": "phone", "lat": 38.4, "lon": 114.4, "accuracy_m": 400, **seen},
    )
    insert(app, "follower", {"hazard_id": 1, "account_id": 2, "from_hazard_id": 2})


RULES = "SELECT unit_id, position, account_id, category, scope, is_on FROM routing_rule ORDER BY unit_id, position"


def test_every_duty_becomes_a_rule_in_the_order_in_which_it_was_asked(app):
    furnish(app)
    upgrade(revision="0004")
    assert rows(app, RULES) == [
        (1, 1, 2, "ELEC", "anywhere", 1),
        (1, 2, 2, "MECH", "anywhere", 1),
        (1, 3, 3, "ELEC", "anywhere", 1),
        (2, 1, 1, "FIRE", "anywhere", 1),
    ]
    assert len({key for (key,) in rows(app, "SELECT key FROM routing_rule")}) == 4


def test_where_each_hazard_lies_is_read_from_its_place_or_its_best_witness(app):
    furnish(app)
    upgrade(revision="0004")
    assert rows(app, "SELECT id, lat, lon FROM hazard ORDER BY id") == [
        (1, 38.1, 114.1),
        (2, 38.2, 114.2),
        (3, None, None),
    ]
    assert rows(app, "SELECT hazard_id, account_id, from_hazard_id FROM follower") == [(1, 2, 2)]


def test_the_way_back_keeps_duties_and_the_followers_that_it_knows(app):
    furnish(app)
    upgrade(revision="0004")
    insert(app, "follower", {"hazard_id": 3, "account_id": 1, "from_hazard_id": None, "followed_at": AT})
    downgrade(revision="0003")
    assert rows(app, "SELECT unit_id, account_id, category FROM duty ORDER BY 1, 2, 3") == [
        (1, 2, "ELEC"),
        (1, 2, "MECH"),
        (1, 3, "ELEC"),
        (2, 1, "FIRE"),
    ]
    assert rows(app, "SELECT hazard_id, from_hazard_id FROM follower") == [(1, 2)]


def test_nobody_follows_a_hazard_by_choice_twice(app):
    furnish(app)
    upgrade(revision="0004")
    chosen = {"hazard_id": 3, "account_id": 1, "from_hazard_id": None, "followed_at": AT}
    insert(app, "follower", chosen)
    with pytest.raises(sa.exc.IntegrityError):
        insert(app, "follower", chosen)
