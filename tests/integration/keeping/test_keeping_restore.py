"""A restore that is killed, and files that are not what they were: nothing is written before all is known."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.keeping.refusal import Refused
from app.runtime import Runtime
from tests.integration.keeping.world import blank, digests, faults, into, objects, tamper

ROOT = Path(__file__).resolve().parents[3]
POINTS = ("object 1", "object 9", "table event", "table hazard", "table witness", "comparing", "committed", "-")


def nothing_was_written(means: Runtime) -> bool:
    with means.db.read() as session:
        return inspect(session.connection()).get_table_names() == [] and list(means.store.keys()) == []


def rewritten(saved: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The backup again, with each member's bytes as `change` wants them (None: left out)."""
    with tarfile.open(saved) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                told = tarfile.TarInfo(member.name)
                told.size = len(content)
                new.addfile(told, BytesIO(content))
    return target


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def manifest_with(**told: Any) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        return json.dumps(json.loads(content) | told).encode() if name == "manifest.json" else content

    return change


def test_a_restore_killed_anywhere_is_run_again(saved, lived, tmp_path):
    folder = tmp_path / "other"
    command = [sys.executable, "-m", "tests.integration.keeping.killer", "restore", str(saved), *POINTS]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATA": str(folder)}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["killed"] * (len(POINTS) - 1) + ["done"], ran.stderr
    with blank(folder) as means:
        assert digests(means) == digests(lived.means)
        assert objects(means.store).items() <= objects(lived.means.store).items()
        assert faults(means) == {}


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.9999])
def test_a_file_that_was_cut_short_is_refused_before_anything_is_written(saved, tmp_path, part):
    content = saved.read_bytes().rstrip(b"\0")
    (tmp_path / "cut.tar").write_bytes(content[: int(len(content) * part)])
    with blank(tmp_path / "other") as means:
        with pytest.raises(Refused):
            into(tmp_path / "cut.tar", means)
        assert nothing_was_written(means)


def first(kind: str, change: Callable[[bytes], bytes | None]) -> Callable[[str, bytes], bytes | None]:
    done: list[str] = []

    def changed(name: str, content: bytes) -> bytes | None:
        if name.startswith(kind) and not done and content:
            done.append(name)
            return change(content)
        return content

    return changed


@pytest.mark.parametrize(
    "change",
    [
        first("tables/hazard.", lambda content: flipped(content, 100)),
        first("tables/hazard.", lambda content: content[content.index(b"\n") + 1 :]),
        first("tables/hazard.", lambda _content: None),
        first("objects/", lambda content: flipped(content, len(content) // 2)),
        first("objects/", lambda _content: None),
        first("manifest.json", lambda _content: None),
        first("manifest.json", lambda content: content.replace(b'"rows": 1', b'"rows": 2', 1)),
        first("manifest.json", lambda content: content[:-1]),
        manifest_with(tables={}),
        manifest_with(product="another"),
        manifest_with(format=2),
    ],
    ids=[
        "a bit of a row", "a row less", "a table less", "a bit of an object", "an object less", "no manifest",
        "a figure", "half a manifest", "no tables told", "another product", "a later format",
    ],
)  # fmt: skip
def test_a_file_that_was_altered_is_refused_before_anything_is_written(saved, tmp_path, change):
    spoilt = rewritten(saved, tmp_path / "spoilt.tar", change)
    with blank(tmp_path / "other") as means:
        with pytest.raises(Refused):
            into(spoilt, means)
        assert nothing_was_written(means)


def test_a_file_with_a_stranger_inside_is_refused(saved, tmp_path):
    strange = tmp_path / "strange.tar"
    for name, kind in (("objects/../../etc/passwd", tarfile.REGTYPE), ("tables/hazard.jsonl", tarfile.SYMTYPE)):
        strange.write_bytes(saved.read_bytes())
        with tarfile.open(strange, "a") as tar:
            told = tarfile.TarInfo(name)
            told.type, told.linkname = kind, "/etc/passwd"
            tar.addfile(told)
        with blank(tmp_path / "other") as means:
            with pytest.raises(Refused, match="altered"):
                into(strange, means)
            assert nothing_was_written(means)


def test_a_file_with_holes_that_unpack_to_any_size_is_refused(saved, tmp_path):
    hollow = tmp_path / "hollow.tar"
    hollow.write_bytes(saved.read_bytes())
    with tarfile.open(hollow, "a") as tar:
        told = tarfile.TarInfo(f"objects/{'0' * 64}")
        told.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(1024 * 1024 * 1024)}
        tar.addfile(told)
    with blank(tmp_path / "other") as means:
        with pytest.raises(Refused, match="holds what no backup does"):
            into(hollow, means)
        assert nothing_was_written(means)


def test_empty_tables_that_are_newer_than_the_backup_are_refused_before_an_object_is_written(saved, tmp_path):
    older = rewritten(saved, tmp_path / "older.tar", manifest_with(revision="0009"))
    with blank(tmp_path / "other") as means:
        with means.flask.app_context():
            upgrade()
        with pytest.raises(Refused, match="the backup at 0009: name a blank database"):
            into(older, means)
        assert list(means.store.keys()) == []


def test_empty_tables_of_a_migration_that_is_not_ours_are_refused_in_our_words(saved, tmp_path):
    with blank(tmp_path / "other") as means:
        with means.flask.app_context():
            upgrade()
        tamper(means, "UPDATE alembic_version SET version_num = 'f00d'")
        with pytest.raises(Refused, match="at migration f00d, which this version does not know"):
            into(saved, means)
        assert list(means.store.keys()) == []


def test_a_backup_of_a_newer_version_is_refused_by_name(saved, tmp_path):
    newer = rewritten(saved, tmp_path / "newer.tar", manifest_with(revision="0099", version="9.9.9"))
    with blank(tmp_path / "other") as means:
        with pytest.raises(Refused, match=r"version 9\.9\.9, at migration 0099"):
            into(newer, means)
        assert nothing_was_written(means)


def test_a_damaged_object_in_the_store_is_put_right(saved, lived, tmp_path):
    with blank(tmp_path / "other") as means:
        into(saved, means)
        key = next(iter(means.store.keys()))
        path = means.store.path_of(key)
        path.write_bytes(flipped(path.read_bytes(), 3))
        into(saved, means)
        assert faults(means) == {}


def test_the_command_restores_and_says_what_comes_next(saved, tmp_path):
    with blank(tmp_path / "other") as means:
        ran = means.flask.test_cli_runner().invoke(args=["restore", str(saved)])
        assert ran.exit_code == 0, ran.output
        assert "Restored" in ran.output
        assert "flask --app wsgi verify" in ran.output
        again = means.flask.test_cli_runner().invoke(args=["restore", str(tmp_path / "nowhere.tar")])
        assert (again.exit_code, "there is no file" in again.output) == (1, True)
        assert means.flask.test_cli_runner().invoke(args=["verify"]).exit_code == 0
        # No demo organisation, no accounts' file: only what was in the backup.
        assert not (means.settings.data / "demo-accounts.json").exists()
