"""A house with very many hazards, filled in bulk: the ground of the desk's figures."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, select, text

from app import first_steps
from app.accounts.actor import Actor, Grant
from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.factory import create_app
from app.hazards.words_index import shown_words, words_of
from app.runtime import Runtime
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
WORKSHOPS = 10
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
OPEN_SMALL, OPEN_LARGE = 600, 20_000
"""Open hazards: in both more than a page; in the large house two in a hundred or ten are, the rest is history."""
PARTS = ("配电箱", "灭火器", "安全门", "氧气瓶")
FLAWS = ("松动", "缺失", "锈蚀", "压力不足")
WHERE = ("东侧", "西侧", "二层", "门口", "通道", "库房", "平台", "楼梯间")
"""Few words, each said of very many hazards: the hard case. 配电箱 and 灭火器 are never said of the same."""
CATEGORIES = ("FIRE", "ELEC", "MECH", "HIGH", "LIFT", "CHEM", "TRAF", "STRU", "OTHR")


@dataclass(frozen=True)
class House:
    """An installation with so many hazards."""

    app: Flask
    hazards: int
    units: tuple[int, ...]

    @property
    def means(self) -> Runtime:
        """Its database and settings."""
        return self.app.extensions["runtime"]

    def actor(self, login: str) -> Actor:
        """Somebody of the demo organisation."""
        with self.means.db.read() as session:
            account = session.execute(select(AccountRow).where(AccountRow.login == login)).scalar_one()
            grants = session.execute(select(GrantRow).where(GrantRow.account_id == account.id)).scalars()
            held = tuple(Grant(Role(grant.role), grant.unit_id) for grant in grants)
            return Actor(account.id, account.login, account.name, account.home_unit_id, held)


@contextmanager
def house_of(hazards: int, **settings: str) -> Iterator[House]:
    """A house made by the real migrations, filled in bulk."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_environment({"DATA": folder, **settings}), clock=lambda: NOW)
        with app.app_context():
            upgrade(directory=str(ROOT / "app/migrations"))
        means: Runtime = app.extensions["runtime"]
        first_steps.make_demo(means)
        begun = time.monotonic()
        units = fill(means, hazards)
        print(f"{hazards:>9,} hazards seeded in {time.monotonic() - begun:.0f} s")
        yield House(app, hazards, units)
        means.db.engine.dispose()


def workshops(means: Runtime) -> tuple[int, ...]:
    """HBJX-3 and as many beside it as make ten; their ids."""
    with means.db.write() as session:
        one = session.execute(text("SELECT * FROM unit WHERE code = 'HBJX-3'")).one()._asdict()
        ids = [one["id"]]
        above = one["path"].removesuffix(f"{one['id']}/")
        for n in range(1, WORKSHOPS):
            beside = {**one, "code": f"HBJX-W{n}", "name": f"{n} 车间", "path": f"new/{n}"}
            del beside["id"]
            names = ", ".join(beside)
            values = ", ".join(f":{name}" for name in beside)
            made = session.execute(text(f"INSERT INTO unit ({names}) VALUES ({values}) RETURNING id"), beside)  # noqa: S608  # our own columns
            ids.append(made.scalar_one())
            session.execute(
                text("UPDATE unit SET path = :path WHERE id = :id"), {"path": f"{above}{ids[-1]}/", "id": ids[-1]}
            )
        return tuple(ids)


def hazard(
    n: int, hazards: int, unit_id: int, people: tuple[int, int], chance: random.Random
) -> dict[str, object]:
    """One hazard; what is open lies at the end of time."""
    reporter, rectifier = people
    at = NOW - timedelta(minutes=2 * (hazards - n) + 60)
    left = hazards - n
    state = "closed"
    if left < (OPEN_SMALL if hazards < OPEN_LARGE else OPEN_LARGE):
        state = ("submitted", "rectifying", "rectifying", "reviewing")[n % 4]
    elif n % 40 == 0:
        state = "rejected"
    accepted = state in {"rectifying", "reviewing", "closed"}
    due = at + timedelta(days=7) if state == "closed" else NOW + timedelta(hours=chance.randint(-240, 480))
    said = "".join((chance.choice(WHERE), chance.choice(PARTS), chance.choice(FLAWS), "，", chance.choice(FLAWS)))
    done = state == "closed"
    return {
        "id": n, "number": f"HZ-{at.year}-{n:06d}", "state": state, "version": 4 if accepted else 1,
        "changed_at": at, "client_scope": "bench", "client_id": str(n), "content_digest": "", "submitted_at": at,
        "reporter_id": reporter, "anonymous": False, "guest": False, "location_text": chance.choice(WHERE),
        "category": CATEGORIES[n % len(CATEGORIES)], "description": said, "found_by": "snap", "unit_id": unit_id,
        "arrived_at": at, "first_act_at": at if accepted else None, "transfers": 0,
        "accepted_at": at if accepted else None, "level": "general" if accepted else None,
        "factor": "thing" if accepted else None, "rectifier_id": rectifier if accepted else None,
        "first_deadline": due if accepted else None, "deadline": due if accepted else None,
        "fixed_on_the_spot": False, "rectified_at": at if done else None, "finished_at": at if done else None,
        "times_returned": 0, "closed_at": at if done else None, "closed_by_id": rectifier if done else None,
        "extensions": 0,
    }  # fmt: skip


def fill(means: Runtime, hazards: int) -> tuple[int, ...]:
    """Write the hazards with their words, then index and desk at once, as the migration itself does."""
    units, chance = workshops(means), random.Random(7)  # noqa: S311  # the same hazards each time
    with means.db.write() as session:
        ids = {row.login: row.id for row in session.execute(text("SELECT login, id FROM account"))}
        people = (ids["lixia"], ids["zhanglei"])
        connection = session.connection()
        with derived_at_once(connection):
            for begin in range(1, hazards + 1, 10_000):
                ns = range(begin, min(begin + 10_000, hazards + 1))
                rows = [hazard(n, hazards, units[n % WORKSHOPS], people, chance) for n in ns]
                write(connection, "hazard", rows)
                write(connection, "hazard_words", [words(row) for row in rows])
    # What a living server does by itself: the tests' cluster has its autovacuum switched off.
    tidy = "VACUUM (ANALYZE)" if means.db.engine.dialect.name == "postgresql" else "ANALYZE"
    with means.db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(tidy)
    return units


@contextmanager
def derived_at_once(connection: Connection) -> Iterator[None]:
    """Without the triggers of migration 0009; what they would have made is made at the end, set by set."""
    migration = ScriptDirectory(str(ROOT / "app/migrations")).get_revision("0009").module
    is_sqlite = connection.dialect.name == "sqlite"
    above = migration.ABOVE_SQLITE if is_sqlite else migration.ABOVE_POSTGRESQL
    triggers = migration._triggers("sqlite") if is_sqlite else {}
    for name in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for table in () if is_sqlite else ("hazard", "hazard_words"):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    connection.exec_driver_sql(migration.LINES.replace("{above}", above).format(which="true"))
    made = migration.WORDS_SQLITE if is_sqlite else migration.WORDS_POSTGRESQL
    connection.exec_driver_sql(made.format(which="true"))
    for name, (when, steps) in triggers.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} BEGIN {';'.join(steps)}; END")
    for table in () if is_sqlite else ("hazard", "hazard_words"):
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def words(row: dict[str, object]) -> dict[str, object]:
    """The words of a hazard, cut as a report's are."""
    shown = shown_words(number=str(row["number"]), location_text=str(row["location_text"]))
    return {"hazard_id": row["id"], "shown": shown, "told": cut(str(row["description"]))}


def write(connection: Connection, table: str, rows: list[dict[str, object]]) -> None:
    """Many rows at once: COPY where there is one."""
    names = ", ".join(rows[0])
    if connection.dialect.name == "sqlite":
        asked = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(rows[0]))})"  # noqa: S608  # our own
        connection.exec_driver_sql(asked, [_plain(row) for row in rows])
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))


@cache
def cut(said: str) -> str:
    """The words of a description; few differ."""
    return words_of(said)


def _plain(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds") if isinstance(value, datetime) else value
        for value in row.values()
    )
