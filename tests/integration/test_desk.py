"""The inbox: each hazard once, counted exactly, in its order, to nobody else; and pages that never skip."""

import itertools
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import event, select, text, update

from app.hazards.desk import Inbox, Mark, inbox
from app.hazards.desk_filters import DeskFilter, conditions_of
from app.hazards.desk_groups import Urgency
from app.hazards.models import HazardRow
from app.hazards.words import Category, Level
from app.units.models import UnitRow
from tests.conftest import House
from tests.integration.hazard_world import CAST, SITUATIONS, bring, populate, step

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def world(house: House) -> House:
    return populate(house)


def desk(house: House, login: str, **asked) -> Inbox:
    narrowed = asked.pop("narrowed", DeskFilter())
    with house.means.db.read() as session:
        conditions = conditions_of(session, narrowed, at=house.clock())
        return inbox(session, by=house.actor(login), at=house.clock(), zone=ZONE, narrowed=conditions, **asked)


def numbers(seen: Inbox) -> list[str]:
    return [line.number for _group, line in seen.lines]


def group_of(house: House, login: str, number: str) -> str | None:
    return next((group.value for group, line in desk(house, login).lines if line.number == number), None)


GROUPS = {
    "submitted": "to_accept",
    "need_info": "under_way",
    "rectifying": "under_way",
    "rectifying_asked": "extension",
    "reviewing": "to_reinspect",
    "closed": None,
    "closed_objected": "contested",
    "rejected": None,
    "rejected_appealed": "contested",
    "withdrawn": None,
    "duplicate": None,
    "major_rectifying": "under_way",
    "major_reviewing": "to_reinspect",
    "major_reviewing_reported": "to_reinspect",
    "transferred": "to_accept",
}


@pytest.mark.parametrize("situation", [s for s in SITUATIONS if s != "major_rectifying_asked"])
def test_each_situation_lies_in_its_group(world, situation):
    number = bring(world, situation)
    assert group_of(world, "wangmin", number) == GROUPS[situation]


def test_a_request_for_more_time_waits_for_whoever_decides_it(world):
    general, major = bring(world, "rectifying_asked"), bring(world, "major_rectifying_asked")
    seen = {
        login: (group_of(world, login, general), group_of(world, login, major))
        for login in ("wangmin", "songtao", "zhanglei")
    }
    assert seen == {
        "wangmin": ("extension", "under_way"),
        "songtao": ("under_way", "extension"),
        "zhanglei": ("under_way", "under_way"),
    }
    world.clock.forward(days=30)
    assert group_of(world, "wangmin", general) == "overdue"


def test_time_alone_moves_a_repair_from_group_to_group(world):
    number = bring(world, "rectifying")
    passed = []
    for _day in range(9):
        passed.append(group_of(world, "wangmin", number))
        world.clock.forward(days=1)
    assert [group for group, _same in itertools.groupby(passed)] == ["under_way", "due_today", "overdue"]


def test_the_counts_are_the_lines_and_no_hazard_is_in_two_groups(world):
    for situation in SITUATIONS:
        bring(world, situation)
    world.clock.forward(days=6)
    for login in ("wangmin", "chenjun", "liujianguo", "songtao", "tianye", "zhanglei", "lixia", "maling"):
        seen = desk(world, login, limit=200)
        shown = numbers(seen)
        assert len(shown) == len(set(shown)) == seen.total, login
        groups = [group for group, _line in seen.lines]
        assert {group: groups.count(group) for group in Urgency} == seen.counts, login
        assert groups == sorted(groups, key=list(Urgency).index), login
        alone = [number for group in Urgency for number in numbers(desk(world, login, only=group))]
        assert alone == shown, login


def test_an_officer_who_also_repairs_sees_the_own_task_once(world):
    number = bring(world, "submitted")
    step(world, "wangmin", number, "accept", rectifier="chenjun")
    assert numbers(desk(world, "chenjun")).count(number) == 1
    assert desk(world, "chenjun").counts[Urgency.UNDER_WAY] == 1


@pytest.mark.parametrize("login", ["qianlin", "maling", "hbjx-admin", "gaoyang"])
def test_nothing_of_a_foreign_unit_is_on_a_desk_or_in_its_counts(world, login):
    before = desk(world, login)
    made = {bring(world, situation) for situation in SITUATIONS if situation != "transferred"}
    after = desk(world, login)
    assert not made & set(numbers(after))
    assert after.counts == before.counts


def test_whoever_arbitrates_gets_the_appeals_only(world):
    made = {situation: bring(world, situation) for situation in ("submitted", "rejected_appealed", "reviewing")}
    assert numbers(desk(world, CAST["reviewer"])) == [made["rejected_appealed"]]


def test_pages_follow_one_another_without_loss_or_repetition(world):
    for situation in (*SITUATIONS, "submitted", "submitted", "rectifying", "reviewing"):
        bring(world, situation)
    world.clock.forward(days=8)
    for situation in ("submitted", "rectifying"):
        bring(world, situation)
    whole = numbers(desk(world, "chenjun", limit=200))
    for size in (1, 2, 3, 7):
        pages: list[str] = []
        after: Mark | None = None
        while True:
            page = desk(world, "chenjun", after=after, limit=size)
            pages += numbers(page)
            after = page.next
            if after is None:
                break
        assert pages == whole, size


def test_a_mark_that_left_the_desk_meanwhile_still_leads_on(world):
    for _one in range(4):
        bring(world, "submitted")
    whole = numbers(desk(world, "wangmin", only=Urgency.TO_ACCEPT))
    first = desk(world, "wangmin", only=Urgency.TO_ACCEPT, limit=2)
    step(world, "wangmin", first.next.number, "reject")
    rest = desk(world, "wangmin", only=Urgency.TO_ACCEPT, after=first.next)
    assert numbers(rest) == whole[2:]


def test_filters_narrow_lines_and_counts_alike(world):
    elec = bring(world, "submitted")
    fire = world.report("lixia", category="FIRE", place_code="HBJX-A3")
    major = bring(world, "major_rectifying")
    world.clock.forward(days=4)
    young = bring(world, "rectifying")
    for narrowed, expected in (
        (DeskFilter(category=Category.FIRE), {fire}),
        (DeskFilter(level=Level.MAJOR), {major}),
        (DeskFilter(rectifier="zhanglei"), {major, young}),
        (DeskFilter(older_than_days=3), {elec, fire, major}),
        (DeskFilter(place="HBJX-A3"), {elec, fire, major, young}),
        (DeskFilter(place="RMYY-7N"), set()),
        (DeskFilter(unit="HBJX-3"), {elec, fire, major, young}),
        (DeskFilter(unit="RMYY"), set()),
        (DeskFilter(unit="NOWHERE"), set()),
        (DeskFilter(supervised=True), set()),
    ):
        seen = desk(world, "chenjun", narrowed=narrowed)
        assert set(numbers(seen)) == expected, narrowed
        assert seen.total == len(expected), narrowed


def test_a_supervised_hazard_is_found_by_its_mark(world):
    number = bring(world, "major_rectifying")
    with world.means.db.write() as session:
        supervised = update(HazardRow).where(HazardRow.number == number).values(supervised_at=world.clock())
        session.execute(supervised)
    assert numbers(desk(world, "wangmin", narrowed=DeskFilter(supervised=True))) == [number]


WANTED = """
    SELECT 'u' || a.id AS "key", h.id AS hazard_id
    FROM hazard h JOIN unit u ON u.id = h.unit_id JOIN unit a ON u.path LIKE a.path || '%'
    WHERE h.state IN ('submitted', 'need_info', 'rectifying', 'reviewing')
       OR (h.state = 'rejected' AND h.appealed_at IS NOT NULL AND h.appeal_decided_at IS NULL)
       OR (h.state = 'closed' AND h.objected_at IS NOT NULL AND h.objection_decided_at IS NULL)
    UNION SELECT 'a' || h.rectifier_id, h.id FROM hazard h WHERE h.state = 'rectifying' AND h.rectifier_id > 0"""


def test_the_lines_say_what_the_hazards_say_after_every_move(world):
    for situation in SITUATIONS:
        bring(world, situation)
    with world.means.db.read() as session:
        kept = session.execute(text('SELECT "key", hazard_id FROM desk_line')).all()
        wanted = session.execute(text(WANTED)).all()
    assert sorted(map(tuple, kept)) == sorted(map(tuple, wanted))


def test_hazards_from_before_the_desk_are_carried_forward(world):
    for situation in SITUATIONS:
        bring(world, situation)
    before = {login: numbers(desk(world, login, limit=200)) for login in ("wangmin", "zhanglei", "tianye")}
    kept = text('SELECT "key", stage, due, hazard_id FROM desk_line ORDER BY 1, 2, 3, 4')
    words = text("SELECT hazard_id, shown, told FROM hazard_words ORDER BY 1")
    with world.means.db.read() as session:
        lines, said = session.execute(kept).all(), session.execute(words).all()
    with world.app.app_context():
        downgrade(revision="0008")
        upgrade()
    with world.means.db.read() as session:
        assert (session.execute(kept).all(), session.execute(words).all()) == (lines, said)
    for login, waiting in before.items():
        assert numbers(desk(world, login, limit=200)) == waiting
    answer = world.api("wangmin", "GET", "/hazards?q=配电&limit=200").json["items"]
    assert {line["number"] for line in answer} >= set(before["wangmin"])
    assert bring(world, "submitted") in numbers(desk(world, "wangmin", limit=200))


def test_a_unit_that_moves_takes_its_hazards_to_the_new_desk(world):
    number = bring(world, "submitted")
    with world.means.db.write() as session:
        units = {row.code: row for row in session.execute(select(UnitRow)).scalars()}
        root, moved = units["RMYY"].path, units["HBJX-3"].path
        for unit in units.values():
            if unit.path.startswith(moved):
                unit.path = root + unit.path.removeprefix(units["HBJX"].path)
    assert number not in numbers(desk(world, "chenjun"))
    assert number in numbers(desk(world, "dongfang", limit=200))
    found = world.api("dongfang", "GET", f"/hazards?q={number}").json["items"]
    assert [line["number"] for line in found] == [number]


@pytest.mark.sqlite_only  # reads SQLite's plans
def test_every_range_of_a_desk_is_one_of_its_index(world):
    with world.means.db.read() as session:
        plans = []
        connection = session.connection()
        seen: list[tuple[str, object]] = []
        event.listen(connection.engine, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
        inbox(
            session,
            by=world.actor("chenjun"),
            at=world.clock(),
            zone=ZONE,
            after=Mark(Urgency.OVERDUE, world.clock() - timedelta(days=9), "HZ-2026-000001"),
        )
        asked = [(sql, parameters) for sql, parameters in seen if "desk_line" in sql]
        for sql, parameters in asked:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all()
            plans.append([row[3] for row in rows])
    assert len(asked) > 10
    for plan in plans:
        lines = [step for step in plan if "desk_line" in step]
        assert lines
        assert all(step.startswith("SEARCH") and "PRIMARY KEY" in step for step in lines), plan
        assert not any(step.startswith("SCAN hazard") for step in plan), plan
    assert any("(due,hazard_id)>(?,?)" in step for plan in plans for step in plan), plans
