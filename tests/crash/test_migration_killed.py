"""kill -9 in the middle of the migrations: nothing of them remains, and the next start ends them (P24)."""

import shutil
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest

from tests.crash.conftest import Scene, word
from tests.crash.tracing import DURABLE, traced

SAMPLED = {"pwrite64": 60, "sendto": 1}
"""Of calls that are many, each so-manieth; of all others, every one."""
MIDDLE, HEAD = "0005", "head"


def schema(scene: Scene) -> list[Any]:
    """Everything that makes the database what it is, read from a copy: a look would mend what a death has left."""
    copy = scene.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in (scene.folder / "data").glob("hazards.sqlite3*"):
        shutil.copy(path, copy)
    held = sqlite.connect(str(copy / "hazards.sqlite3"))
    try:
        assert held.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        made = held.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        # Tables that are made anew list their constraints in no certain order.
        made = [
            (kind, name, sorted(each.strip(" ,\t") for each in (sql or "").splitlines()))
            for kind, name, sql in made
        ]
        return [made, held.execute("SELECT * FROM alembic_version").fetchall() if made else []]
    finally:
        held.close()


def migrated(scene: Scene, revision: str) -> list[Any]:
    """The schema once a process has brought it to this revision, undisturbed."""
    with scene.waiting(migrates_to=revision) as (_child, line):
        line.sendall(b"g")
        assert word(line) == b"done\n"
    return schema(scene)


@pytest.mark.parametrize("begun_at", [None, MIDDLE], ids=["from nothing", "from an older version"])
def test_migrations_killed_anywhere_leave_nothing_and_end_at_the_next_start(scene, begun_at):
    for path in scene.folder.joinpath("data").glob("hazards.sqlite3*"):
        path.unlink()
    begun = migrated(scene, begun_at) if begun_at else [[], []]
    scene.begin_here()
    with scene.waiting(migrates_to=HEAD) as (child, line), traced(child.pid, scene.log) as trace:
        line.sendall(b"g")
        assert word(line) == b"done\n"
    calls, whole = trace.counted(), schema(scene)
    assert whole != begun
    blows = [(name, n) for name in DURABLE for n in range(1, calls[name] + 1, SAMPLED.get(name, 1))]
    for name, n in blows:
        scene.put_back()
        fault = f"{name}:signal=SIGKILL:when={n}"
        with scene.waiting(migrates_to=HEAD) as (child, line):
            with traced(child.pid, scene.log, inject=(fault,), calls=(name,)) as trace:
                line.sendall(b"g")
                said = word(line)
            assert trace.was_killed, f"{name} number {n} never came"
            assert said == b""
        assert schema(scene) in (begun, whole), "all of it, or nothing"
        assert migrated(scene, HEAD) == whole
