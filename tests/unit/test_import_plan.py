"""The plan of an import: what each row becomes, and every fault by its cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.permissions import Role
from app.units.queries import UnitKind
from app.units.workbook import Formula, SheetRows
from app.units.workbook_known import Doing, Known, KnownPerson, PersonSaid, PlaceSaid, UnitSaid
from app.units.workbook_plan import Plan, plan_of
from app.units.workbook_words import COLUMNS, KINDS, ROLES, Sheet, choice_of, kind_of, letter_of, role_of

KNOWN = Known(
    units={
        "HB": UnitSaid("HB", "华北", UnitKind.ENTERPRISE, None, 100),
        "HB-1": UnitSaid("HB-1", "一车间", UnitKind.WORKSHOP, "HB", 30),
    },
    people={
        "li": KnownPerson(PersonSaid("li", "李", "HB-1", frozenset({(Role.WORKER, "HB-1")}))),
        "chen": KnownPerson(PersonSaid("chen", "陈", "HB", frozenset({(Role.OFFICER, "HB")})), is_whole=False),
    },
    places={"HB-A": PlaceSaid("HB-A", "大门", "HB", 38.0, 114.5, False)},
    taken={Sheet.UNITS: frozenset({"RM"}), Sheet.PEOPLE: frozenset({"ma"}), Sheet.PLACES: frozenset({"RM-A"})},
    top="HB",
)


def sheet(sheet: Sheet, *rows, headings=None) -> SheetRows:
    columns = headings or tuple(column.heading for column in COLUMNS[sheet])
    return SheetRows(tuple(columns), tuple(enumerate(map(tuple, rows), start=2)))


def plan(known: Known = KNOWN, **sheets) -> Plan:
    return plan_of({Sheet(name): sheet(Sheet(name), *rows) for name, rows in sheets.items()}, known)


def faults(made: Plan) -> list[tuple[str, str]]:
    return [(f"{f.sheet}!{f.column}{f.row}", f.fault.code) for f in made.faults]


def test_new_rows_are_made_parents_first():
    made = plan(units=[("HB-2-A", "甲班", "班组", "HB-2", ""), ("HB-2", "二车间", "车间", "", 12)])
    assert faults(made) == []
    assert [(u.said.code, u.said.parent, u.doing) for u in made.units] == [
        ("HB-2", "HB", Doing.MAKE),
        ("HB-2-A", "HB-2", Doing.MAKE),
    ]


def test_what_is_there_already_stays_and_what_differs_is_corrected():
    made = plan(
        units=[("hb-1", "一车间", "车间", "HB", 30), ("HB", "华北", "企业", "", 120)],
        people=[("li", "李", "HB-1", "职工", "", "", "")],
        places=[("HB-A", "大门", "HB", "", "", ""), ("", "后门", "HB", 38.1, 114.5, "是")],
    )
    assert faults(made) == []
    assert [(u.key, u.doing) for u in made.units] == [("HB", Doing.CHANGE), ("HB-1", Doing.SAME)]
    assert [p.doing for p in made.people] == [Doing.SAME]
    assert [p.doing for p in made.places] == [Doing.SAME, Doing.MAKE]


def test_a_person_without_a_login_is_known_by_name_and_unit():
    made = plan(people=[("", "李", "HB-1", "安全员", "", "", ""), ("", "新人", "HB-1", "", "", "", "")])
    assert [(p.key, p.doing) for p in made.people] == [("li", Doing.CHANGE), ("", Doing.MAKE)]
    assert made.people[1].said.roles == {(Role.WORKER, "HB-1")}


@pytest.mark.parametrize(
    ("sheets", "expected"),
    [
        ({"units": [("x y", "名", "车间", "HB", "")]}, [("units!A2", "not_a_code")]),
        ({"units": [("HB-2", "", "车间", "HB", "")]}, [("units!B2", "required")]),
        ({"units": [("HB-2", "名", "工段", "HB", "")]}, [("units!C2", "not_a_level")]),
        ({"units": [("HB-2", "名", "总工会", "HB", "")]}, [("units!C2", "kind_above_parent")]),
        ({"units": [("HB-2", "名", "车间", "RM", "")]}, [("units!D2", "no_such_unit_here")]),
        ({"units": [("HB-2", "名", "车间", "HB", "12.5")]}, [("units!E2", "not_a_count")]),
        ({"units": [("HB-2", "名", "车间", "HB", "-1")]}, [("units!E2", "not_a_count")]),
        ({"units": [("RM", "名", "车间", "HB", "")]}, [("units!A2", "code_taken")]),
        ({"units": [("HB-1", "名", "班组", "HB", "")]}, [("units!C2", "not_by_import")]),
        ({"units": [("A", "甲", "班组", "B", ""), ("B", "乙", "班组", "A", "")]},
         [("units!D2", "parent_in_circle"), ("units!D3", "parent_in_circle")]),
        ({"units": [("A", "甲", "班组", "HB", ""), ("a", "甲", "班组", "HB", "")]}, [("units!A3", "row_twice")]),
        ({"people": [("Ä", "名", "HB", "", "", "", "")]}, [("people!A2", "not_a_login")]),
        ({"people": [("ma", "名", "HB", "", "", "", "")]}, [("people!A2", "login_taken")]),
        ({"people": [("", "名", "RM", "", "", "", "")]}, [("people!C2", "no_such_unit_here")]),
        ({"people": [("", "名", "HB", "工长", "", "", "")]}, [("people!D2", "not_a_role")]),
        ({"people": [("", "名", "HB", "", "HB-1", "", "")]}, [("people!D2", "role_needed")]),
        ({"people": [("", "名", "HB", "职工", "RM", "", "")]}, [("people!E2", "no_such_unit_here")]),
        ({"people": [("li", "李", "HB", "", "", "", "")]}, [("people!C2", "not_by_import")]),
        ({"people": [("chen", "新名", "HB", "", "", "", "")]}, [("people!B2", "held_above")]),
        ({"people": [("", "名", "HB", "", "", "", ""), ("", "名", "HB", "", "", "", "")]},
         [("people!A3", "person_twice")]),
        ({"places": [("", "门", "HB", "38", "", "")]}, [("places!E2", "position_half")]),
        ({"places": [("", "门", "HB", "北纬38", "114", "")]}, [("places!D2", "not_a_number")]),
        ({"places": [("", "门", "HB", "nan", "114", "")]}, [("places!D2", "not_a_number")]),
        ({"places": [("", "门", "HB", "114", "38", "")]}, [("places!D2", "position_impossible")]),
        ({"places": [("", "门", "HB", "0", "0", "")]}, [("places!D2", "position_impossible")]),
        ({"places": [("", "门", "HB", "", "", "也许")]}, [("places!F2", "not_yes_or_no")]),
        ({"places": [("RM-A", "门", "HB", "", "", "")]}, [("places!A2", "code_taken")]),
        ({"places": [("HB-A", "门", "HB-1", "", "", "")]}, [("places!C2", "not_by_import")]),
    ],
)  # fmt: skip
def test_each_fault_names_its_cell(sheets, expected):
    assert faults(plan(**sheets)) == expected


def test_every_fault_is_listed_at_once_in_the_order_of_the_file():
    made = plan(
        units=[("!", "", "?", "HB", "x")],
        people=[("", "", "NO", "?", "NO", "", "")],
        places=[("", "", "NO", "x", "y", "?")],
    )
    expected = {
        "units": {"A": "not_a_code", "B": "required", "C": "not_a_level", "E": "not_a_count"},
        "people": {"B": "required", "C": "no_such_unit_here", "D": "not_a_role", "E": "no_such_unit_here"},
        "places": {
            "B": "required", "C": "no_such_unit_here", "D": "not_a_number", "E": "not_a_number",
            "F": "not_yes_or_no",
        },
    }  # fmt: skip
    told = [(f"{name}!{column}2", code) for name, cells in expected.items() for column, code in cells.items()]
    assert faults(made) == told


def test_a_formula_is_a_fault_and_never_a_value():
    made = plan(units=[("HB-2", Formula("=1+1"), "车间", "HB", Formula("=SUM(A1)"))])
    assert ("units!B2", "formula") in faults(made)
    assert ("units!E2", "formula") in faults(made)
    assert made.faults[0].value == "=1+1"


def test_headings_are_known_in_either_language_and_others_are_told():
    rows = sheet(Sheet.PLACES, ("门", "HB", "我写的", "x"), headings=("Place name", "单位编号", "备注", "颜色"))
    made = plan_of({Sheet.PLACES: rows}, KNOWN)
    assert faults(made) == [("places!D1", "unknown_column")]


def test_a_missing_column_is_told_alone():
    made = plan_of({Sheet.PLACES: sheet(Sheet.PLACES, ("门",), headings=("Place name",))}, KNOWN)
    assert [(f.row, f.fault.code) for f in made.faults] == [(1, "column_missing")]


def test_an_empty_file_says_so():
    assert [f.fault.code for f in plan(units=[]).faults] == ["nothing_to_import"]


def test_who_manages_several_units_must_say_the_parent():
    several = Known(KNOWN.units, {}, {}, {}, top="")
    assert faults(plan(several, units=[("HB-9", "九", "车间", "", "")])) == [("units!D2", "parent_needed")]


@pytest.mark.parametrize("index", [0, 25, 26, 701, 702])
def test_columns_are_lettered_as_sheets_do(index):
    assert letter_of(index) == {0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA"}[index]


def test_every_choice_of_the_template_is_understood():
    assert [kind_of(choice_of(pair)) for pair in KINDS.values()] == list(KINDS)
    assert [role_of(choice_of(pair)) for pair in ROLES.values()] == list(ROLES)


CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.just(Formula("=A1")),
    st.sampled_from(["HB", "HB-1", "RM", "li", "ma", "李", "职工", "车间", "是", "38.1"]),
)  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), max_size=6))
def test_whatever_a_sheet_holds_it_is_planned_or_refused_cell_by_cell(rows):
    for name in Sheet:
        made = plan(**{name: rows})
        for fault in made.faults:
            assert fault.row >= 1
            assert len(fault.value) <= 60
        for row in (*made.units, *made.people, *made.places):
            assert row.said.name or made.faults


LOGINS, NAMES, UNITS = (
    st.sampled_from(some) for some in (["", "p1", "p2", "li"], ["甲", "乙", "李"], ["HB", "HB-1"])
)


@given(st.lists(st.tuples(LOGINS, NAMES, UNITS), max_size=6))
def test_the_same_people_planned_again_after_the_import_change_nothing(rows):
    sheets = {"people": [(login, name, unit, "", "", "", "") for login, name, unit in rows]}
    first = plan(**sheets)
    if first.faults:
        return
    people = dict(KNOWN.people)
    for n, row in enumerate(first.people):
        login = row.key or row.said.login or f"made-{n}"
        before = people[login].said.roles if login in people else frozenset()
        people[login] = KnownPerson(PersonSaid(login, row.said.name, row.said.unit, before | row.said.roles))
    second = plan(Known(KNOWN.units, people, KNOWN.places, KNOWN.taken, KNOWN.top), **sheets)
    # A name may by now stand for two people: then it is asked for, never guessed.
    assert all(row.doing is Doing.SAME for row in second.people) or {f.fault.code for f in second.faults} <= {
        "person_unclear",
        "person_twice",
    }
