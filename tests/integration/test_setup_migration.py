"""Areas and units of an installation from before the set-up live on in it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import text

from app.factory import create_app
from app.units.areas import areas_in
from app.units.queries import unit_by_code
from config import Settings

CORNERS = [[38.0, 114.0], [38.0, 114.1], [38.1, 114.1]]


def test_areas_drawn_before_get_a_key_each_and_keep_their_outline(tmp_path: Path):
    app = create_app(Settings.from_environment({"DATA": str(tmp_path)}))
    db = app.extensions["runtime"].db
    with app.app_context():
        upgrade(revision="0001")
    with db.write() as session:
        made = {"at": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), "corners": json.dumps(CORNERS)}
        session.execute(
            text(
                "INSERT INTO unit (id, code, name, kind, path, timezone, made_at)"
                " VALUES (1, 'OLD', '老厂', 'enterprise', '/1/', 'Asia/Shanghai', :at)"
            ),
            made,
        )
        for name in ("东区", "西区"):
            session.execute(
                text("INSERT INTO area (name, unit_id, polygon) VALUES (:name, 1, :corners)"),
                made | {"name": name},
            )
    with app.app_context():
        upgrade()
    with db.read() as session:
        unit = unit_by_code(session, "OLD")
        areas = areas_in(session, [unit.id])
    assert not unit.retired
    assert [area.name for area in areas] == ["东区", "西区"]
    assert len({area.key for area in areas}) == 2
    assert [list(corner) for corner in areas[0].corners] == CORNERS
    db.engine.dispose()
