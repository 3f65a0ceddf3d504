"""Which database a folder's house stands on: SQLite in the folder, or a PostgreSQL database of the folder's own.

A copy of the folder gets a copy of its database when a house is first opened on it, as SQLite's file is copied.
"""

import json
import uuid
from pathlib import Path

from tests.servers.postgres import Cluster

_MARK = "postgresql.json"
_clusters: dict[str, Cluster] = {}
"""The running ones by their folder: a mark in a data folder names its own."""


def stand_on(folder: Path, cluster: Cluster) -> None:
    """Give an empty data folder an empty PostgreSQL database."""
    name = _new_name()
    cluster.create(name)
    _write(folder, cluster, name)


def database_settings(folder: Path) -> dict[str, str]:
    """The settings beside DATA for a house in this folder."""
    mark = folder / _MARK
    if not mark.exists():
        return {}
    told = json.loads(mark.read_text())
    cluster = _clusters[told["cluster"]]
    if told["folder"] != str(folder):
        name = _new_name()
        cluster.create(name, template=told["name"])
        _write(folder, cluster, name)
        return {"DATABASE_URL": cluster.url(name)}
    return {"DATABASE_URL": cluster.url(told["name"])}


def forget(folder: Path) -> None:
    """Drop the folder's database, if it has one of its own."""
    mark = folder / _MARK
    if mark.exists():
        told = json.loads(mark.read_text())
        if told["folder"] == str(folder):
            _clusters[told["cluster"]].drop(told["name"])


def _write(folder: Path, cluster: Cluster, name: str) -> None:
    key = str(cluster.folder)
    _clusters[key] = cluster
    (folder / _MARK).write_text(json.dumps({"cluster": key, "name": name, "folder": str(folder)}))


def _new_name() -> str:
    return f"house_{uuid.uuid4().hex}"
