"""Hazards brought into every situation of their life, the people around them, and what is left on disk."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import MetaData, Table, func, insert, literal, select, text, union_all
from werkzeug.test import TestResponse

from app.accounts.models import AccountRow, GrantRow
from app.accounts.permissions import Role
from app.core.outbox import EventRow
from app.hazards.models import HazardRow, HistoryRow
from app.units.queries import unit_by_code
from tests.conftest import House
from tests.photos import photo

REPAIRED = photo(size=(64, 48), seed=7)
MINE = "HBJX-3"
"""The unit in which every hazard of this world lies: a workshop with an enterprise above it."""
CAST = {
    "reporter": "lixia",
    "colleague": "gaoyang",
    "officer": "wangmin",
    "officer_above": "chenjun",
    "sibling_officer": "qianlin",
    "foreign_officer": "maling",
    "rectifier": "zhanglei",
    "other_rectifier": "luping",
    "head": "songtao",
    "head_above": "liujianguo",
    "reviewer": "tianye",
    "admin": "hbjx-admin",
}
"""Who stands how to a hazard of `MINE`, by login."""
WHOLE_CAST = {
    **CAST,
    "child_worker": "duanli",
    "worker_above": "hanmei",
    "sibling_worker": "zhaoqiang",
    "foreign_worker": "sunli",
    "child_officer": "pengfei",
    "child_rectifier": "shixin",
    "rectifier_above": "caobin",
    "sibling_rectifier": "fuqiang",
    "foreign_rectifier": "guotao",
    "child_head": "jinhua",
    "sibling_head": "weigang",
    "foreign_head": "xuhong",
    "own_reviewer": "yuping",
    "child_reviewer": "renjie",
    "reviewer_above": "gulan",
    "sibling_reviewer": "luojun",
    "foreign_reviewer": "shenyu",
    "own_admin": "haoran",
    "child_admin": "mengqi",
    "sibling_admin": "qinyue",
    "foreign_admin": "rmyy-admin",
}
"""Each of the six roles in the hazard's own unit, in one below, above, beside it, and in another enterprise."""
NEWCOMERS = (
    ("gaoyang", Role.WORKER, MINE),
    ("qianlin", Role.OFFICER, "HBJX-D"),
    ("luping", Role.RECTIFIER, MINE),
    ("songtao", Role.HEAD, MINE),
)
STANDING_ELSEWHERE = (
    ("duanli", Role.WORKER, "HBJX-3-A"),
    ("hanmei", Role.WORKER, "HBJX"),
    ("pengfei", Role.OFFICER, "HBJX-3-A"),
    ("shixin", Role.RECTIFIER, "HBJX-3-A"),
    ("caobin", Role.RECTIFIER, "HBJX"),
    ("fuqiang", Role.RECTIFIER, "HBJX-D"),
    ("jinhua", Role.HEAD, "HBJX-3-A"),
    ("weigang", Role.HEAD, "HBJX-D"),
    ("yuping", Role.REVIEWER, MINE),
    ("renjie", Role.REVIEWER, "HBJX-3-A"),
    ("gulan", Role.REVIEWER, "HBJX"),
    ("luojun", Role.REVIEWER, "HBJX-D"),
    ("shenyu", Role.REVIEWER, "RMYY"),
    ("haoran", Role.ADMIN, MINE),
    ("mengqi", Role.ADMIN, "HBJX-3-A"),
    ("qinyue", Role.ADMIN, "HBJX-D"),
)
REPAIRS = {"rectify", "fix_on_the_spot"}


def add_person(house: House, login: str, role: Role, unit: str) -> int:
    """An account with one role, as an administrator would make it; its id."""
    with house.means.db.write() as session:
        home = unit_by_code(session, unit)
        assert home is not None
        account_id = session.execute(
            insert(AccountRow)
            .values(login=login, name=f"某{login}", home_unit_id=home.id, made_at=house.clock())
            .returning(AccountRow.id)
        ).scalar_one()
        session.execute(
            insert(GrantRow).values(
                account_id=account_id, unit_id=home.id, role=role, granted_at=house.clock() - timedelta(days=9)
            )
        )
    return account_id


def populate(house: House) -> House:
    for login, role, unit in NEWCOMERS:
        add_person(house, login, role, unit)
    return house


def populate_wholly(house: House) -> House:
    """Everybody of `WHOLE_CAST`."""
    for login, role, unit in STANDING_ELSEWHERE:
        add_person(house, login, role, unit)
    return populate(house)


def fields_of(house: House, action: str, *, major: bool = False) -> dict[str, Any]:
    """Everything that the move needs, said sensibly."""
    soon = (house.clock() + timedelta(days=7)).isoformat()
    text = {"text": "情况说明"}
    named: dict[str, Any] = {"category": "ELEC", "factor": "thing", "rectifier": "zhanglei"}
    accept = {**named, "level": "general", "measures": "更换", "deadline": soon}
    if major:
        accept |= {"level": "major", "funds": "两万元", "emergency_plan": "断电撤人", "interim_control": "围挡"}
    later = (house.clock() + timedelta(days=20)).isoformat()
    return {
        "reject": {"reason": "untrue", **text},
        "decide_appeal": {"decision": "uphold", **text},
        "recategorize": {"category": "FIRE"},
        "transfer": {"unit": "HBJX-D", **text},
        "accept": accept,
        "fix_on_the_spot": {**named, "done": "当场换好"},
        "reassign": {"rectifier": "luping", **text},
        "request_extension": {"deadline": later, **text},
        "decide_extension": {"decision": "yes"},
        "record_dual_report": {"to": "regulator", "on": house.clock().date().isoformat()},
        "rectify": {"done": "换好了", "finished_at": house.clock().isoformat()},
        "close": {"conclusion": "合格"},
        "send_back": {"deadline": soon, **text},
        "reopen": {"deadline": soon, **text},
        "merge": {},
        "withdraw": {},
        "acknowledge": {},
        "remind": {},
    }.get(action, dict(text))


def attempt(house: House, login: str, number: str, action: str, **told: Any) -> TestResponse:
    """The move with everything it needs, by API; fields told as None are left out."""
    major = told.pop("major", False)
    photos = told.pop("photos", (REPAIRED,) if action in REPAIRS else ())
    fields = {**fields_of(house, action, major=major), **told}
    return house.act(login, number, action, photos=photos, **{k: v for k, v in fields.items() if v is not None})


def step(house: House, login: str, number: str, action: str, **told: Any) -> dict[str, Any]:
    """A move that succeeds, a minute after the last."""
    house.clock.forward(minutes=1)
    answer = attempt(house, login, number, action, **told)
    assert answer.status_code == 200, (action, answer.json)
    return dict(answer.json)


PATHS: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (),
    "need_info": (("officer", "ask"),),
    "withdrawn": (("reporter", "withdraw"),),
    "rejected": (("officer", "reject"),),
    "rejected_appealed": (("officer", "reject"), ("reporter", "appeal")),
    "duplicate": (("officer", "merge"),),
    "rectifying": (("officer", "accept"),),
    "rectifying_asked": (("officer", "accept"), ("rectifier", "request_extension")),
    "reviewing": (("officer", "accept"), ("rectifier", "rectify")),
    "closed": (("officer", "accept"), ("rectifier", "rectify"), ("officer", "close")),
    "closed_objected": (
        ("officer", "accept"),
        ("rectifier", "rectify"),
        ("officer", "close"),
        ("reporter", "object"),
    ),
    "major_rectifying": (("officer", "accept"),),
    "major_rectifying_asked": (("officer", "accept"), ("rectifier", "request_extension")),
    "major_reviewing": (("officer", "accept"), ("rectifier", "rectify")),
    "major_reviewing_reported": (
        ("officer", "accept"),
        ("officer", "record_dual_report"),
        ("officer", "record_congress"),
        ("rectifier", "rectify"),
    ),
}
"""Each situation and the way there; `transferred` begins in another unit."""
SITUATIONS = (*PATHS, "transferred")


def bring(house: House, situation: str) -> str:
    """A fresh hazard of `MINE` in this situation; its number."""
    if situation == "transferred":
        number = house.report("zhaoqiang", place_code="HBJX-PD")
        step(house, "qianlin", number, "transfer", unit=MINE)
        return number
    number = house.report("lixia")
    for who, action in PATHS[situation]:
        told: dict[str, Any] = {}
        if action == "merge":
            told["master"] = house.report("lixia")
        if action == "record_congress":
            action, told["to"] = "record_dual_report", "congress"  # noqa: PLW2901  # the second half of one act
        step(house, CAST[who], number, action, major=situation.startswith("major") and action == "accept", **told)
    return number


def rows(house: House) -> dict[str, int]:
    """How many rows each table has."""
    counts = union_all(
        *(select(literal(table.name), func.count()).select_from(table) for table in tables_of(house))
    )
    with house.means.db.read() as session:
        return dict(session.execute(counts).all())


_reflected: dict[tuple[str, str], list[Table]] = {}


def tables_of(house: House) -> list[Table]:
    """Every table as the database itself describes it; asked once for each migration, as asking takes long."""
    engine = house.means.db.engine
    with engine.connect() as connection:
        revision: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    key = engine.dialect.name, revision
    if key not in _reflected:
        tables = MetaData()
        tables.reflect(engine)
        _reflected[key] = tables.sorted_tables
    return _reflected[key]


def files(house: House) -> set[str]:
    """Every file of the store, staging included."""
    store = house.means.settings.data / "store"
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


def dump(
    house: House, *, without: frozenset[str] = frozenset(), ids: bool = True
) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those in `without`, as the database holds it, sorted; `ids` of rows or not."""
    with house.means.db.read() as session:
        connection = session.connection()
        return {
            table.name: sorted(
                tuple(str(row._mapping[column]) for column in table.columns if ids or column.name != "id")
                for row in connection.execute(table.select())
            )
            for table in tables_of(house)
            if table.name not in without
        }


def history(house: House, number: str) -> list[HistoryRow]:
    with house.means.db.read() as session:
        return list(
            session.execute(
                select(HistoryRow)
                .join(HazardRow, HazardRow.id == HistoryRow.hazard_id)
                .where(HazardRow.number == number)
                .order_by(HistoryRow.version)
            ).scalars()
        )


def events(house: House, number: str) -> list[tuple[str, int]]:
    """The names and versions of the events of a hazard's life, in their order."""
    hazard_id = row_of(house, number).id
    with house.means.db.read() as session:
        kept = session.execute(select(EventRow).order_by(EventRow.id)).scalars()
        told = [(row.name, row.values) for row in kept]
    return [(name, v["version"]) for name, v in told if v.get("hazard_id") == hazard_id and "version" in v]


def row_of(house: House, number: str) -> HazardRow:
    with house.means.db.read() as session:
        return session.execute(select(HazardRow).where(HazardRow.number == number)).scalar_one()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
