"""A small world for points and statements: two enterprises under one federation, filled by direct inserts."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, func, insert, select, text

from app.accounts.models import AccountRow, GrantRow
from app.competition.models import LedgerRow, RuleSetRow
from app.competition.rule_sets import ensure_default_rules
from app.core.db import Base, Database
from app.core.engines import engine_options, prepare_engine
from app.core.outbox import record
from app.hazards.events import HazardSubmitted, PointsClaimed, event_class
from app.hazards.history import Step, write_history
from app.hazards.lifecycle import TABLE, Action, State
from app.hazards.models import DualReportRow, HazardRow, RoutingRow
from app.units.models import HeadcountRow, PlaceRow, UnitRow
from app.units.queries import Unit, unit_by_code

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TREE = {
    "city": ("federation", None, 1),
    "plant": ("enterprise", "city", 2),
    "shop": ("workshop", "plant", 3),
    "team": ("team", "shop", 4),
    "clinic": ("enterprise", "city", 5),
    "ward": ("workshop", "clinic", 6),
    # its path begins with the plant's digits: a prefix without its slash would take it in
    "twin": ("enterprise", "city", 20),
}


@cache
def _blank() -> bytes:
    """A database with tables, triggers and nothing in them; made once, since every order of jobs wants its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.db"
        engine = _engine_on(path)
        Base.metadata.create_all(engine)
        engine.dispose()
        return path.read_bytes()


def _engine_on(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", **engine_options("sqlite:"))
    prepare_engine(engine)
    return engine


def new_database(path: Path) -> Database:
    """On SQLite; `databases` of this folder's conftest makes them on either."""
    path.write_bytes(_blank())
    return Database(_engine_on(path))


@dataclass
class World:
    """Units by code, accounts by login, places by code; hazards are made and moved with history and events."""

    db: Database
    zone: str = "Asia/Shanghai"
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    accounts: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        with self.db.write() as session:
            for code, (kind, parent, unit_id) in TREE.items():
                above = TREE[parent][2] if parent else None
                session.execute(
                    insert(UnitRow).values(
                        id=unit_id,
                        code=code,
                        name=code,
                        kind=kind,
                        parent_id=above,
                        path=self._path(code),
                        timezone=self.zone,
                        made_at=LONG_AGO,
                    )
                )
            ensure_default_rules(session, at=LONG_AGO)

    def _path(self, code):
        _kind, parent, unit_id = TREE[code]
        return f"{self._path(parent) if parent else '/'}{unit_id}/"

    def unit(self, code: str) -> Unit:
        with self.db.read() as session:
            unit = unit_by_code(session, code)
        assert unit is not None
        return unit

    def account(self, login: str, unit: str = "shop") -> int:
        if login not in self.accounts:
            with self.db.write() as session:
                self.accounts[login] = session.execute(
                    insert(AccountRow)
                    .values(login=login, name=login, home_unit_id=TREE[unit][2], made_at=LONG_AGO)
                    .returning(AccountRow.id)
                ).scalar_one()
        return self.accounts[login]

    def grant(self, login: str, unit: str, *, role="officer", since=LONG_AGO, until=None) -> None:
        account_id = self.account(login, unit)
        with self.db.write() as session:
            session.execute(
                insert(GrantRow).values(
                    account_id=account_id, unit_id=TREE[unit][2], role=role, granted_at=since, ended_at=until
                )
            )

    def place(self, code: str, unit: str) -> int:
        if code not in self.places:
            with self.db.write() as session:
                self.places[code] = session.execute(
                    insert(PlaceRow)
                    .values(code=code, name=code, unit_id=TREE[unit][2], allows_guests=False)
                    .returning(PlaceRow.id)
                ).scalar_one()
        return self.places[code]

    def headcount(self, unit: str, people: int, *, since=LONG_AGO) -> None:
        with self.db.write() as session:
            session.execute(
                insert(HeadcountRow).values(unit_id=TREE[unit][2], valid_from=since.date(), people=people)
            )

    def rules(self, body, *, kind="score", valid_from) -> None:
        with self.db.write() as session:
            session.execute(
                insert(RuleSetRow).values(
                    kind=kind, version=body["version"], body=body, valid_from=valid_from, made_at=LONG_AGO
                )
            )

    def report(self, at, *, unit="shop", by="worker", home="shop", place=None, **columns) -> int:
        """A submitted hazard; `by` is a login, "anonymous" or "guest". Returns its id."""
        n = next(self.numbers)
        named = by not in {"anonymous", "guest"}
        values = {
            "number": f"HZ-2026-{n:06}", "state": State.SUBMITTED, "version": 1, "changed_at": at,
            "client_scope": "test", "client_id": str(n), "content_digest": "", "submitted_at": at,
            "reporter_id": self.account(by, home) if named else None, "anonymous": by == "anonymous",
            "guest": by == "guest", "reporter_unit_id": None if by == "guest" else TREE[home][2],
            "place_id": self.place(place, unit) if place else None, "category": "ELEC", "found_by": "snap",
            "unit_id": TREE[unit][2], "arrived_at": at, "transfers": 0, "fixed_on_the_spot": False,
            "times_returned": 0, "extensions": 0,
        }  # fmt: skip
        with self.db.write() as session:
            hazard = HazardRow(**{**values, **columns})
            session.add(hazard)
            session.flush()
            write_history(session, hazard, Step("submit", None, None), at=at)
            session.execute(
                insert(RoutingRow).values(hazard_id=hazard.id, at=at, unit_id=hazard.unit_id, because=[])
            )
            record(session, HazardSubmitted(hazard.id, 1), at=at)
            return hazard.id

    def move(self, hazard_id: int, action: Action, at, *, to=None, detail=None, **changes) -> int:
        """One step with its history and event; returns the event's id."""
        with self.db.write() as session:
            hazard = session.get_one(HazardRow, hazard_id)
            source = State(hazard.state)
            for name, value in changes.items():
                setattr(hazard, name, value)
            hazard.state = to or TABLE[action].target(source)
            hazard.version += 1
            hazard.changed_at = at
            session.flush()
            if "unit_id" in changes:
                session.execute(
                    insert(RoutingRow).values(hazard_id=hazard.id, at=at, unit_id=hazard.unit_id, because=[])
                )
            write_history(session, hazard, Step(action, None, source, detail or {}), at=at)
            return record(session, event_class(TABLE[action].event)(hazard_id, hazard.version), at=at)

    def accept(self, hazard_id: int, at, *, level="general", category="ELEC", deadline=None, **changes) -> int:
        due = deadline or at + 7 * DAY
        columns = {
            "accepted_at": at, "level": level, "category": category, "factor": "thing", "measures": "mend it",
            "deadline": due, "first_deadline": due, "rectifier_name": "Old Wang", "first_act_at": at,
        }  # fmt: skip
        detail = {"level": level, "category": category}
        return self.move(hazard_id, Action.ACCEPT, at, detail=detail, **{**columns, **changes})

    def fix(self, hazard_id: int, at, *, category="ELEC") -> int:
        return self.move(
            hazard_id, Action.FIX_ON_THE_SPOT, at, detail={"category": category}, accepted_at=at, level="general",
            category=category, factor="thing", measures="done", deadline=at, first_deadline=at,
            rectifier_name="Old Wang", first_act_at=at, fixed_on_the_spot=True, rectified_at=at, finished_at=at,
        )  # fmt: skip

    def repair(self, hazard_id: int, at) -> None:
        self.move(hazard_id, Action.RECTIFY, at, rectified_at=at, finished_at=at)

    def send_back(self, hazard_id: int, at, *, deadline) -> None:
        self.move(
            hazard_id, Action.SEND_BACK, at, deadline=deadline, first_reviewed_at=at, first_review_passed=False
        )

    def close(self, hazard_id: int, at, *, first: bool = True) -> None:
        review = {"first_reviewed_at": at, "first_review_passed": True} if first else {}
        self.move(
            hazard_id, Action.CLOSE, at, closed_at=at, closed_by_id=self.account("verifier", "city"), **review
        )

    def void(self, hazard_id: int, at) -> int:
        return self.move(hazard_id, Action.VOID, at, voided_at=at, rejected_at=at)

    def overturn(self, hazard_id: int, at, **changes) -> None:
        self.move(hazard_id, Action.DECIDE_APPEAL, at, to=State.SUBMITTED, **changes)

    def merge(self, hazard_id: int, master_id: int, at) -> int:
        return self.move(hazard_id, Action.MERGE, at, master_id=master_id, merged_at=at)

    def unmerge(self, hazard_id: int, at) -> None:
        self.move(hazard_id, Action.UNMERGE, at, master_id=None, merged_at=None)

    def claim(self, hazard_id: int, login: str, at) -> int:
        account_id = self.account(login)
        with self.db.write() as session:
            hazard = session.get_one(HazardRow, hazard_id)
            hazard.claimed_by_id = account_id
            return record(session, PointsClaimed(hazard_id, hazard.version), at=at)

    def dual_report(self, hazard_id: int, on, *to: str) -> None:
        with self.db.write() as session:
            accepted = session.get_one(HazardRow, hazard_id).accepted_at
            for addressee in to or ("regulator", "congress"):
                session.execute(
                    insert(DualReportRow).values(
                        hazard_id=hazard_id,
                        to=addressee,
                        on=on,
                        recorded_at=accepted or LONG_AGO,  # it speaks of the acceptance it was recorded under
                        recorded_by_id=self.accounts["verifier"],
                    )
                )

    def good(self, at, *, deadline=None, finished=None, **reported) -> int:
        """Accepted within the hour, repaired by the next day unless told, passed at once."""
        hazard_id = self.report(at, **reported)
        self.accept(hazard_id, at + HOUR, deadline=deadline)
        done = finished or at + DAY
        self.repair(hazard_id, done)
        self.close(hazard_id, done + HOUR)
        return hazard_id

    def number(self, hazard_id: int) -> str:
        with self.db.read() as session:
            return session.get_one(HazardRow, hazard_id).number

    def hazard(self, hazard_id: int) -> HazardRow:
        with self.db.read() as session:
            return session.get_one(HazardRow, hazard_id)

    def ledger(self) -> list[tuple]:
        """Every entry without its row number; a reversal names the entry it reverses by event and rule."""
        with self.db.read() as session:
            rows = {row.id: row for row in session.execute(select(LedgerRow)).scalars()}
        return sorted(
            (
                row.event_id, row.rule, row.points, row.why, str(row.values), row.account_id or 0, row.at,
                row.month, (rows[row.reverses_id].event_id, rows[row.reverses_id].rule) if row.reverses_id else (),
            )
            for row in rows.values()
        )  # fmt: skip

    def column(self, statement: str) -> list:
        with self.db.read() as session:
            return list(session.execute(text(statement)).scalars())

    def entries(self) -> int:
        with self.db.read() as session:
            return session.execute(select(func.count()).select_from(LedgerRow)).scalar_one()
