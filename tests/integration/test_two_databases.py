"""The same life made on SQLite and on PostgreSQL: every row of every table that a backup keeps ends equal."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from app.keeping.layout import kept_tables
from app.keeping.lines import lines_of
from tests.conftest import START, _house_in
from tests.databases import forget
from tests.integration.keeping.world import lived_in
from workers.decoder import Decoder

DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,64}|\$argon2[^\"]*"
    r"|(?<=:\")[\w-]{22}(?=\")",
    re.ASCII,
)
"""What is drawn by lot each time: public ids, digests of what holds them, hashes of secrets, codes of 128 bits."""


def rows_of_a_life(folder: Path, decoder: Decoder) -> dict[str, list[str]]:
    house = lived_in(_house_in(folder, decoder))
    house.clock.at = START
    house.clock.forward(hours=2)
    house.work()
    with house.means.db.read() as session:
        connection = session.connection()
        rows = {
            table.name: [DRAWN.sub("*", line.decode()) for line in lines_of(connection, table)]
            for table in kept_tables(connection)
        }
    house.means.db.engine.dispose()
    return rows


def test_the_same_life_leaves_the_same_rows_on_both_databases(
    furnish: Callable[[str], Path], decoder: Decoder, tmp_path: Path
):
    lives = {}
    for kind in ("sqlite", "postgresql"):
        folder = shutil.copytree(furnish(kind), tmp_path / kind)
        lives[kind] = rows_of_a_life(folder, decoder)
        forget(folder)
    assert lives["sqlite"].keys() == lives["postgresql"].keys()
    for table, rows in lives["sqlite"].items():
        assert rows == lives["postgresql"][table], table
    assert sum(map(len, lives["sqlite"].values())) > 400
