"""What a unit decides for itself, and the record of changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.core.changes import ChangeRow
from app.core.errors import Invalid
from app.units.choosing import count_deadlines_in, hide_categories
from app.units.models import AreaRow
from app.units.naming import CODE_LONGEST, faults_of_code, next_code, written_code
from app.units.queries import unit_by_code
from app.units.record import changes_made
from app.units.settings import settings_of
from tests.conftest import House
from tests.integration.setup_desk import Desk, codes

KNOWN = ("ELEC", "FOOD", "MEDI", "OTHR")


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_choice_holds_below_until_a_unit_there_makes_its_own_or_it_is_taken_back(desk: Desk):
    def holds(code: str):
        with desk.house.means.db.read() as session:
            return settings_of(session, unit_by_code(session, code))

    hide_categories("HBJX", ["MEDI", "FOOD", "FOOD"], known=KNOWN, **desk.rest)
    count_deadlines_in("HBJX", "working", **desk.rest)
    assert holds("HBJX-3-A").hidden_categories == ("FOOD", "MEDI")
    hide_categories("HBJX-3", [], known=KNOWN, **desk.rest)
    assert holds("HBJX-3-A").hidden_categories == ()
    assert holds("HBJX-3-A").deadline_days == "working"
    hide_categories("HBJX-3", None, known=KNOWN, **desk.rest)
    assert holds("HBJX-3-A").hidden_categories == ("FOOD", "MEDI")
    assert holds("RMYY").hidden_categories == ()
    newest = desk.changes(kind="setting")[0]
    assert (newest.before, newest.after) == ({"hidden_categories": []}, {})


@pytest.mark.parametrize(("hidden", "code"), [(["OTHR"], "other_always_shown"), (["XXXX"], "not_hideable")])
def test_other_stays_and_unknown_categories_are_refused(desk: Desk, hidden, code):
    with pytest.raises(Invalid) as refused:
        hide_categories("HBJX", hidden, known=KNOWN, **desk.rest)
    assert codes(refused) == {("shown", code)}


def test_deadlines_are_counted_in_one_of_two_ways(desk: Desk):
    with pytest.raises(Invalid):
        count_deadlines_in("HBJX", "lunar", **desk.rest)


def test_the_record_shows_only_managed_units_and_pages_without_gap_or_double(desk: Desk):
    foreign = Desk(desk.house, "rmyy-admin")
    for n in range(7):
        desk.make("HBJX", name=f"车间 {n}")
        foreign.make("RMYY", name=f"楼 {n}")
    seen, before = [], None
    with desk.house.means.db.read() as session:
        while True:
            page = changes_made(session, by=desk.by, before=before, limit=3)
            seen += [change.name for change in page.items]
            if page.older is None:
                break
            before = page.older
    assert seen == [f"车间 {n}" for n in reversed(range(7))]


@pytest.mark.parametrize("statement", ["UPDATE change SET name = 'x'", "DELETE FROM change"])
def test_the_record_is_never_edited(desk: Desk, statement: str):
    desk.make("HBJX")
    with pytest.raises(DatabaseError), desk.house.means.db.write() as session:
        session.execute(text(statement))
    with desk.house.means.db.read() as session:
        assert session.execute(select(ChangeRow.name)).scalars().first() == "铸造车间"


def test_areas_drawn_before_have_keys_of_their_own(house: House):
    with house.means.db.read() as session:
        keys = list(session.execute(select(AreaRow.key)).scalars())
    assert len(keys) == len(set(keys)) == 6
    assert all(len(key) == 36 for key in keys)


@given(st.text(max_size=40), st.sets(st.text(max_size=40), max_size=5), st.sampled_from(["", "P"]))
def test_a_made_code_is_free_and_a_code(prefix, taken, letter):
    head = written_code(prefix)
    if faults_of_code(head):
        head = "HBJX"
    made = next_code(head, taken | {f"{head}-01", f"{head}-P01"}, letter=letter)
    assert made not in taken
    assert len(made) <= CODE_LONGEST
    assert faults_of_code(made) == []


def test_times_of_changes_are_kept_in_utc(desk: Desk):
    desk.make("HBJX")
    assert desk.changes()[0].at - datetime(2026, 11, 2, 1, tzinfo=UTC) == timedelta(0)
