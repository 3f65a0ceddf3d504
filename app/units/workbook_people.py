"""What the rows of the people's sheet say, and what becomes of them. Pure."""

from collections.abc import Iterable, Iterator

from app.accounts.naming import faults_of_login, faults_of_person, written_login, written_person
from app.accounts.permissions import Role
from app.core.errors import Fault
from app.units.naming import written_code
from app.units.workbook import CellFault, Line
from app.units.workbook_known import Doing, Known, KnownPerson, PersonSaid, Planned
from app.units.workbook_words import Sheet, role_of


def planned_people(
    lines: Iterable[Line], known: Known, units: set[str]
) -> tuple[tuple[Planned[PersonSaid], ...], list[CellFault]]:
    """Every row with what becomes of it, and what is wrong; `units` are the codes a row may name."""
    faults: list[CellFault] = []
    by_name: dict[tuple[str, str], list[str]] = {}
    for login, person in known.people.items():
        by_name.setdefault((person.said.name, person.said.unit), []).append(login)
    rows: dict[object, int] = {}
    planned = []
    for line in lines:
        said, wrong = _person_said(line, units)
        named = by_name.get((said.name, said.unit), [])
        login = said.login or (named[0] if len(named) == 1 else "")
        if not said.login and len(named) > 1:
            wrong.append(Fault("login", "person_unclear"))
        key: object = login or (said.name, said.unit)
        if key in rows:
            wrong.append(Fault("login", "person_twice", {"row": rows[key]}))
        rows.setdefault(key, line.row)
        there = known.people.get(login)
        wrong += _faults_of_known(said, login, there, known)
        faults += [line.wrong(fault) for fault in wrong]
        planned.append(Planned(line, _with_default_role(said, there), _doing_of_person(said, there), login))
    return tuple(planned), faults


def _person_said(line: Line, units: set[str]) -> tuple[PersonSaid, list[Fault]]:
    login, name = written_login(line.said.get("login", "")), written_person(line.said.get("name", ""))
    unit = written_code(line.said.get("unit", ""))
    faults = [*(faults_of_login(login) if login else ()), *faults_of_person(name)]
    if unit not in units:
        faults.append(Fault("unit", "no_such_unit_here"))
    roles = set()
    for which in ("role", "role_2"):
        typed, place = line.said.get(which, ""), written_code(line.said.get(f"{which}_unit", ""))
        role = role_of(typed) if typed else None
        if typed and role is None:
            faults.append(Fault(which, "not_a_role"))
        if place and not typed:
            faults.append(Fault(which, "role_needed"))
        if place and place not in units:
            faults.append(Fault(f"{which}_unit", "no_such_unit_here"))
        if role is not None:
            roles.add((role, place or unit))
    return PersonSaid(login or None, name, unit, frozenset(roles)), faults


def _faults_of_known(said: PersonSaid, login: str, there: KnownPerson | None, known: Known) -> Iterator[Fault]:
    if login in known.taken.get(Sheet.PEOPLE, ()):
        yield Fault("login", "login_taken")
    if there is None:
        return
    if said.unit != there.said.unit:
        # Moving may mean handing hazards over: that takes a person who looks at them.
        yield Fault("unit", "not_by_import")
    if said.name != there.said.name and not there.is_whole:
        yield Fault("name", "held_above")


def _with_default_role(said: PersonSaid, there: KnownPerson | None) -> PersonSaid:
    if there is not None or said.roles:
        return said
    return PersonSaid(said.login, said.name, said.unit, frozenset({(Role.WORKER, said.unit)}))


def _doing_of_person(said: PersonSaid, there: KnownPerson | None) -> Doing:
    if there is None:
        return Doing.MAKE
    same = said.name == there.said.name and said.roles <= there.said.roles
    return Doing.SAME if same else Doing.CHANGE
