"""A migration killed at any statement leaves the step before, and the next run goes on from there (P24)."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EVERY = 23
MOST = 2000


def schema(folder: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / "hazards.sqlite3") as database:
        rows = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
    database.close()
    return [(*row[:3], *_parts(row[3] or "")) for row in rows]


def _parts(sql: str) -> list[str]:
    """Alembic writes the constraints of a table that it rebuilds in any order."""
    return sorted(re.split(r", (?=CONSTRAINT )| ?\)$", re.sub(r"\s+", " ", sql)))


def killed_at(folder: Path, *points: int) -> list[str]:
    command = [sys.executable, "-m", "tests.integration.keeping.killer", "migrate", *map(str, points)]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATA": str(folder)}, capture_output=True, text=True, check=True
    )
    return ran.stdout.split()


def test_a_migration_killed_at_any_statement_goes_on_from_there(tmp_path):
    # Each run gets a little further than the last, over whatever that one left behind.
    said = killed_at(tmp_path / "killed", *range(1, MOST, EVERY))
    assert said[-1] == "done"
    assert said.count("killed") > 5
    assert killed_at(tmp_path / "fresh", MOST) == ["done"]
    assert schema(tmp_path / "killed") == schema(tmp_path / "fresh")
