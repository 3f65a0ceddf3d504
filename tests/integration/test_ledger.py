"""The points ledger on a real database: awards, reversals, claims, in any order and any number of times."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from app.competition.ledger import (
    Entry,
    balance_of,
    entries_for,
    passbook_of,
    post_awards,
    reverse_awards,
    totals_for,
)
from app.competition.models import TRIGGERS
from app.competition.points import DEFAULT_POINT_RULES
from app.competition.rule_sets import ensure_default_rules
from app.core.refusals import insert_only
from tests.integration.competition_world import DAY, HOUR, World

START = datetime(2026, 11, 2, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
COLUMNS = 'id, account_id, hazard_id, event_id, rule, rule_version, points, why, "values", at, month, reverses_id'
AS_OTHERS = COLUMNS.replace("id", "id + 99", 1)


@pytest.fixture
def world(databases):
    made = World(databases())
    made.account("verifier", "city")
    # noise: another enterprise's worker did much the same, and was paid for it
    for n in range(3):
        post_awards(made.accept(made.report(START, unit="ward", by="nurse", home="ward", place="gate-c"),
                                START + n * HOUR), at=NOW, db=made.db)  # fmt: skip
    return made


def own(world, since=3):
    """Entries beyond the noise: points, rule, why."""
    return [(row[2], row[1], row[3]) for row in world.ledger() if row[5] != world.accounts["nurse"]]


def balance(world, login):
    with world.db.read() as session:
        return balance_of(session, world.accounts[login])


def award(world, event_id):
    post_awards(event_id, at=NOW, db=world.db)


def entries_of(session: Session, account_id: int, *, limit: int = 50) -> list[Entry]:
    """The newest entries of this account, newest first."""
    return [entry for entry, _left in passbook_of(session, account_id, limit=limit).lines]


def test_accepted_hazard_pays_its_reporter_once_however_often_the_job_comes(world):
    hazard = world.report(START)
    event = world.accept(hazard, START + HOUR)
    for _ in range(3):
        award(world, event)
    assert own(world) == [(5, "general", "accepted")]
    assert balance(world, "worker") == 5
    assert world.hazard(hazard).points_paid_at == NOW
    assert world.hazard(hazard).version == 2


def test_fix_on_the_spot_pays_both_rules(world):
    award(world, world.fix(world.report(START), START + HOUR, category="BEHV"))
    assert own(world) == [(2, "fixed_on_the_spot", "accepted"), (5, "violation", "accepted")]


def test_major_hazard_pays_fifty(world):
    award(world, world.accept(world.report(START), START + HOUR, level="major"))
    assert own(world) == [(50, "major", "accepted")]


def test_entry_names_event_rule_version_and_the_local_month_of_the_acceptance(world):
    # 31 October 16:30 UTC is already November in Shanghai
    moment = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    event = world.accept(world.report(moment - HOUR), moment)
    award(world, event)
    (row,) = [row for row in world.ledger() if row[0] == event]
    assert row[6] == moment
    assert row[7] == date(2026, 11, 1)


def test_third_of_a_place_and_category_is_an_entry_of_nothing_with_its_reason(world):
    events = [world.accept(world.report(START, place="gate"), START + n * HOUR) for n in (1, 2, 3)]
    for event in reversed(events):
        award(world, event)
    assert own(world) == [(5, "general", "accepted")] * 2 + [(0, "general", "cap_same_place")]
    with world.db.read() as session:
        newest = entries_of(session, world.accounts["worker"], limit=1)
        assert len(entries_of(session, world.accounts["worker"])) == 3
    assert [(e.points, e.why, e.values, e.is_reversal) for e in newest] == [
        (0, "cap_same_place", {"limit": "2"}, False)
    ]
    assert newest[0].number == world.number(6)


def test_others_and_other_months_take_no_room_under_a_persons_caps(world):
    for n in range(2):
        world.accept(world.report(START, place="gate", by="colleague"), START + n * HOUR)
        world.accept(world.report(START - 30 * DAY, place="gate"), START - (29 - n) * DAY)
    award(world, world.accept(world.report(START, place="gate"), START + 9 * HOUR))
    assert own(world) == [(5, "general", "accepted")]


@pytest.mark.parametrize(
    ("granted_in", "role", "since", "until", "points"),
    [
        ("shop", "officer", -30, None, 0),
        ("plant", "officer", -30, None, 0),
        ("team", "officer", -30, None, 5),
        ("clinic", "officer", -30, None, 5),
        ("shop", "head", -30, None, 5),
        ("shop", "officer", -30, -1, 5),
        ("shop", "officer", 1, None, 5),
        ("shop", "officer", -30, 1, 0),
    ],
)
def test_officer_earns_nothing_in_the_own_area_while_being_one(world, granted_in, role, since, until, points):
    world.account("officer", "shop")
    world.grant("officer", granted_in, role=role, since=START + since * DAY,
                until=None if until is None else START + until * DAY)  # fmt: skip
    award(world, world.accept(world.report(START, by="officer"), START + HOUR))
    assert own(world) == [(points, "general", "accepted" if points else "own_area")]


def test_hazard_that_moved_on_keeps_the_area_of_its_acceptance(world):
    world.grant("officer", "shop")
    hazard = world.report(START, by="officer")
    event = world.accept(hazard, START + HOUR)
    world.void(hazard, START + 2 * HOUR)
    world.overturn(hazard, START + 3 * HOUR, unit_id=world.unit("plant").id)
    again = world.accept(hazard, START + 4 * HOUR)
    award(world, again)
    assert own(world) == [(0, "general", "own_area"), (5, "general", "accepted")]
    assert world.ledger()[3][0] == event


# ── reversal ─────────────────────────────────────────────────────────────────────────────────────


def test_void_takes_the_points_back_by_a_further_row(world):
    hazard = world.report(START)
    award(world, world.fix(hazard, START + HOUR))
    event = world.void(hazard, START + 2 * HOUR)
    for _ in range(2):
        reverse_awards(event, at=NOW + DAY, db=world.db)
    assert own(world) == [
        (2, "fixed_on_the_spot", "accepted"), (5, "general", "accepted"),
        (-2, "fixed_on_the_spot", "voided"), (-5, "general", "voided"),
    ]  # fmt: skip
    assert balance(world, "worker") == 0
    assert world.hazard(hazard).points_paid_at is None
    with world.db.read() as session:
        assert {e.is_reversal for e in entries_of(session, world.accounts["worker"], limit=2)} == {True}


def test_entries_of_one_hazard_come_oldest_first_and_only_to_whom_they_were_paid(world):
    hazard, other = world.report(START), world.report(START + HOUR)
    award(world, world.fix(hazard, START + HOUR))
    award(world, world.accept(other, START + 2 * HOUR))
    reverse_awards(world.void(hazard, START + 3 * HOUR), at=NOW + DAY, db=world.db)
    number = world.number(hazard)
    with world.db.read() as session:
        told = entries_for(session, world.accounts["worker"], number)
        assert entries_for(session, world.accounts["verifier"], number) == []
        totals = totals_for(session, world.accounts["worker"], [number, world.number(other), "HZ-2026-999999"])
    assert {entry.number for entry in told} == {number}
    assert sorted(entry.points for entry in told[:2]) == [2, 5]
    assert [entry.is_reversal for entry in told] == [False, False, True, True]
    assert totals == {number: 0, world.number(other): 5}


def pages_of(world, login, *, limit):
    """Every page of the passbook, the newest first."""
    pages, before = [], None
    with world.db.read() as session:
        while not pages or before is not None:
            pages.append(passbook_of(session, world.accounts[login], before=before, limit=limit))
            before = pages[-1].next
    return pages


def several_entries(world):
    """Fixed on the spot and taken back, an ordinary one, one of nothing: seven entries of one person."""
    hazard = world.report(START)
    award(world, world.fix(hazard, START + HOUR))
    for n in (2, 3, 4):
        award(world, world.accept(world.report(START, place="gate"), START + n * HOUR))
    reverse_awards(world.void(hazard, START + 5 * HOUR), at=NOW, db=world.db)
    return world.number(hazard)


def test_passbook_is_newest_first_and_every_entry_tells_what_it_left(world):
    number = several_entries(world)
    (page,) = pages_of(world, "worker", limit=50)
    assert [(entry.points, left) for entry, left in page.lines[2:5]] == [(0, 17), (5, 17), (5, 12)]
    # Entries of one instant keep the order in which they were posted.
    assert sorted(entry.points for entry, _ in page.lines[:2]) == [-5, -2]
    assert [entry.is_reversal for entry, _ in page.lines] == [True, True, False, False, False, False, False]
    assert {entry.number for entry, _ in (*page.lines[:2], *page.lines[5:])} == {number}
    assert page.lines[0][1] == page.balance == balance(world, "worker") == 10
    assert page.balance == sum(entry.points for entry, _ in page.lines)
    running = list(itertools.accumulate(entry.points for entry, _ in reversed(page.lines)))
    assert [left for _, left in reversed(page.lines)] == running


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
def test_passbook_pages_hold_every_entry_once_and_the_same_balance(world, limit):
    several_entries(world)
    (whole,) = pages_of(world, "worker", limit=50)
    pages = pages_of(world, "worker", limit=limit)
    assert tuple(line for page in pages for line in page.lines) == whole.lines
    assert {page.balance for page in pages} == {10}
    assert all(len(page.lines) <= limit for page in pages)
    assert pages[-1].lines


def test_passbook_holds_nothing_of_others_and_of_nobody(world):
    several_entries(world)
    world.account("colleague")
    award(world, world.accept(world.report(START, by="anonymous"), START + 6 * HOUR))
    (empty,) = pages_of(world, "colleague", limit=2)
    assert (empty.lines, empty.balance, empty.next) == ((), 0, None)
    theirs = pages_of(world, "worker", limit=3)[0].next
    assert theirs is not None
    with world.db.read() as session:
        # Another's place in the order opens nothing of theirs.
        assert passbook_of(session, world.accounts["colleague"], before=theirs).lines == ()
        assert {entry.number for entry, _ in passbook_of(session, world.accounts["nurse"]).lines} == {
            world.number(n) for n in (1, 2, 3)
        }


def test_claimed_anonymous_hazard_enters_the_passbook_with_the_claim_alone(world):
    hazard = world.report(START, by="anonymous")
    award(world, world.accept(hazard, START + HOUR))
    world.account("worker")
    assert pages_of(world, "worker", limit=5)[0].lines == ()
    award(world, world.claim(hazard, "worker", START + DAY))
    (page,) = pages_of(world, "worker", limit=5)
    assert [(entry.points, entry.why, entry.at, left) for entry, left in page.lines] == [
        (5, "accepted", START + DAY, 5)
    ]


def test_merge_of_what_was_never_accepted_leaves_no_entry(world):
    master, hazard = world.report(START), world.report(START)
    before = world.entries()
    reverse_awards(world.merge(hazard, master, START + HOUR), at=NOW, db=world.db)
    assert world.entries() == before


def test_reversal_leaves_what_others_were_paid_alone(world):
    events = [world.accept(world.report(START, place="gate"), START + n * HOUR) for n in (1, 2, 3)]
    for event in events:
        award(world, event)
    reverse_awards(world.void(4, START + 5 * HOUR), at=NOW, db=world.db)
    assert sorted(own(world)) == [
        (-5, "general", "voided"), (0, "general", "cap_same_place"),
        (5, "general", "accepted"), (5, "general", "accepted"),
    ]  # fmt: skip


def test_entry_of_no_points_is_not_reversed(world):
    hazard = world.report(START, by="guest")
    award(world, world.accept(hazard, START + HOUR))
    reverse_awards(world.void(hazard, START + 2 * HOUR), at=NOW, db=world.db)
    assert own(world) == [(0, "general", "unclaimed")]


def test_reversal_takes_back_what_was_paid_though_the_rules_changed_since(world):
    hazard = world.report(START)
    award(world, world.accept(hazard, START + HOUR))
    world.rules({**DEFAULT_POINT_RULES, "version": 2, "general": 9}, kind="points", valid_from=date(2026, 11, 1))
    reverse_awards(world.void(hazard, START + 2 * HOUR), at=NOW, db=world.db)
    assert balance(world, "worker") == 0


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def test_anonymous_hazard_pays_nobody_until_it_is_claimed(world):
    hazard = world.report(START, by="anonymous")
    award(world, world.accept(hazard, START + HOUR))
    assert own(world) == [(0, "general", "unclaimed")]
    assert world.hazard(hazard).points_paid_at is None
    award(world, world.claim(hazard, "worker", START + DAY))
    assert own(world) == [(0, "general", "unclaimed"), (5, "general", "accepted")]
    assert balance(world, "worker") == 5


def test_claim_before_the_acceptance_is_paid_by_the_acceptance(world):
    hazard = world.report(START, by="anonymous")
    award(world, world.claim(hazard, "worker", START + HOUR))
    assert own(world) == []
    award(world, world.accept(hazard, START + DAY))
    assert own(world) == [(5, "general", "accepted")]


def test_claim_after_the_void_pays_nothing(world):
    hazard = world.report(START, by="anonymous")
    world.accept(hazard, START + HOUR)
    world.void(hazard, START + 2 * HOUR)
    award(world, world.claim(hazard, "worker", START + DAY))
    assert own(world) == [(0, "general", "unclaimed")]


def test_late_claim_ranks_last_under_the_caps(world):
    claimed = world.report(START, by="anonymous", place="gate")
    events = [world.accept(claimed, START + HOUR)]
    events += [world.accept(world.report(START, place="gate"), START + n * HOUR) for n in (2, 3)]
    events.append(world.claim(claimed, "worker", START + 9 * HOUR))
    for event in reversed(events):
        award(world, event)
    assert balance(world, "worker") == 10
    assert world.ledger()[-1][3] == "cap_same_place"


# ── any order, any repetition ────────────────────────────────────────────────────────────────────


def accept_void(world):
    hazard = world.report(START)
    return [(post_awards, world.fix(hazard, START + HOUR)), (reverse_awards, world.void(hazard, START + DAY))]


def merge_unmerge_accept(world):
    master, hazard = world.report(START), world.report(START)
    first = world.accept(hazard, START + HOUR)
    merged = world.merge(hazard, master, START + 2 * HOUR)
    world.unmerge(hazard, START + 3 * HOUR)
    return [
        (post_awards, first), (reverse_awards, merged),
        (post_awards, world.accept(hazard, START + DAY, level="major")),
    ]  # fmt: skip


def merge_first_then_accept(world):
    master, hazard = world.report(START), world.report(START)
    merged = world.merge(hazard, master, START + HOUR)
    world.unmerge(hazard, START + 2 * HOUR)
    return [(reverse_awards, merged), (post_awards, world.accept(hazard, START + DAY))]


def void_overturn_accept_void(world):
    hazard = world.report(START)
    jobs = []
    for n in range(2):
        jobs.append((post_awards, world.accept(hazard, START + n * DAY)))
        jobs.append((reverse_awards, world.void(hazard, START + n * DAY + HOUR)))
        world.overturn(hazard, START + n * DAY + 2 * HOUR)
    return jobs


def claim_after_acceptance_then_void(world):
    hazard = world.report(START, by="anonymous")
    accepted = world.accept(hazard, START + HOUR)
    claimed = world.claim(hazard, "worker", START + 2 * HOUR)
    return [(post_awards, accepted), (post_awards, claimed), (reverse_awards, world.void(hazard, START + DAY))]


def claim_before_acceptance_with_another_at_the_place(world):
    hazard = world.report(START, by="anonymous", place="gate")
    claimed = world.claim(hazard, "worker", START + HOUR)
    jobs = [(post_awards, claimed), (post_awards, world.accept(hazard, START + 2 * HOUR))]
    others = [world.accept(world.report(START, place="gate"), START + n * HOUR) for n in (3, 4)]
    return jobs + [(post_awards, event) for event in others]


def two_claims_of_one_person(world):
    jobs = []
    for n in range(2):
        hazard = world.report(START, by="anonymous", place="gate")
        jobs.append((post_awards, world.accept(hazard, START + n * HOUR)))
        jobs.append((post_awards, world.claim(hazard, "worker", START + (5 - n) * HOUR)))
    return jobs


STORIES = [
    (accept_void, 0), (merge_unmerge_accept, 50), (merge_first_then_accept, 5), (void_overturn_accept_void, 0),
    (claim_after_acceptance_then_void, 0), (claim_before_acceptance_with_another_at_the_place, 10),
    (two_claims_of_one_person, 10),
]  # fmt: skip


@pytest.mark.parametrize(("story", "total"), STORIES, ids=lambda v: getattr(v, "__name__", None))
def test_every_order_and_repetition_of_the_jobs_ends_in_the_same_rows(databases, database_kind, story, total):
    ledgers = []
    count = len(story(World(databases())))
    orders = list(itertools.permutations(range(count)))
    if database_kind == "postgresql":  # a database of its own for each order takes a while there
        orders = random.Random(count).sample(orders, min(len(orders), 8))  # noqa: S311
    for order in orders:
        world = World(databases())
        jobs = story(world)
        for index in (*order, *order[:2]):
            job, event = jobs[index]
            job(event, at=NOW, db=world.db)
        assert balance(world, "worker") == total
        assert paid_hazards(world) == earning_hazards(world)
        ledgers.append(world.ledger())
    assert all(ledger == ledgers[0] for ledger in ledgers)
    assert ledgers[0]


def paid_hazards(world):
    return world.column("SELECT id FROM hazard WHERE points_paid_at IS NOT NULL ORDER BY id")


def earning_hazards(world):
    return world.column("SELECT hazard_id FROM ledger_entry GROUP BY 1 HAVING sum(points) > 0 ORDER BY 1")


def test_second_acceptance_of_one_hazard_takes_the_room_of_the_first(world):
    hazard = world.report(START, place="gate")
    world.accept(hazard, START + HOUR)
    world.void(hazard, START + 2 * HOUR)
    world.overturn(hazard, START + 3 * HOUR)
    world.accept(hazard, START + 4 * HOUR)
    award(world, world.accept(world.report(START, place="gate"), START + 5 * HOUR))
    assert own(world) == [(5, "general", "accepted")]


def test_acceptance_after_this_one_does_not_hide_the_same_hazards_earlier_one(world):
    hazard = world.report(START, place="gate")
    world.accept(hazard, START + HOUR)
    world.accept(world.report(START, place="gate"), START + 2 * HOUR)
    third = world.accept(world.report(START, place="gate"), START + 3 * HOUR)
    world.void(hazard, START + 4 * HOUR)
    world.overturn(hazard, START + 5 * HOUR)
    world.accept(hazard, START + 6 * HOUR)
    award(world, third)
    assert own(world) == [(0, "general", "cap_same_place")]


# ── insert-only ──────────────────────────────────────────────────────────────────────────────────


CHANGES = (
    "UPDATE ledger_entry SET points = 500",
    "DELETE FROM ledger_entry",
    "UPDATE rule_set SET body = '{}'",
    "DELETE FROM rule_set",
)
REPLACED = (
    "INSERT OR REPLACE INTO rule_set SELECT * FROM rule_set",
    "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
    f"INSERT OR REPLACE INTO ledger_entry SELECT {AS_OTHERS} FROM ledger_entry",  # noqa: S608
)
OVERWRITTEN = (
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry ON CONFLICT (id) DO UPDATE SET points = 500",
    "TRUNCATE ledger_entry CASCADE",
    "TRUNCATE rule_set CASCADE",
)


def refuses(world, statement):
    before = world.ledger()
    with pytest.raises(DBAPIError, match="insert-only"), world.db.write() as session:
        session.execute(text(statement))
    assert world.ledger() == before


@pytest.mark.parametrize("statement", CHANGES)
def test_database_refuses_to_change_or_delete_what_was_entered(world, statement):
    refuses(world, statement)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("statement", REPLACED)
def test_database_refuses_to_replace_what_was_entered(world, statement):
    refuses(world, statement)


@pytest.mark.postgresql_only
@pytest.mark.parametrize("statement", OVERWRITTEN)
def test_database_refuses_to_overwrite_or_empty_what_was_entered(world, statement):
    refuses(world, statement)


def test_triggers_can_be_made_again(world):
    with world.db.write() as session:
        is_sqlite = session.connection().dialect.name == "sqlite"
        for statement in TRIGGERS if is_sqlite else (*insert_only("ledger_entry"), *insert_only("rule_set")):
            session.execute(text(statement))
    refuses(world, CHANGES[0])


@pytest.mark.parametrize(
    "changed",
    [
        # the same event and rule, another row number, without a trigger's help
        {"id": "id + 50", "reverses_id": "NULL"},
        {"id": "id + 50", "rule": "'x'", "account_id": "NULL", "points": "5"},
    ],
)
def test_constraints_stand_behind_the_code(world, changed):
    with world.db.write() as session:
        if session.connection().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER ledger_entry_refuses_replace"))
    picked = ", ".join(changed.get(c, c) for c in COLUMNS.split(", "))
    with pytest.raises(IntegrityError, match="constraint"), world.db.write() as session:
        session.execute(text(f"INSERT INTO ledger_entry SELECT {picked} FROM ledger_entry"))  # noqa: S608


def test_unknown_event_is_an_error_and_writes_nothing(world):
    before = world.entries()
    with pytest.raises(NoResultFound):
        award(world, 9999)
    assert world.entries() == before


def test_default_rules_are_made_once_and_never_changed(world):
    with world.db.write() as session:
        ensure_default_rules(session, at=NOW + timedelta(days=9))
        made = session.execute(text("SELECT count(*), min(made_at) = max(made_at) FROM rule_set")).one()
    assert tuple(made) == (2, True)
