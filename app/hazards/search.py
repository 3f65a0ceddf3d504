"""Finding hazards in the full-text index, cut to the reader: which ids, newest first, page by page."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, false, or_, select, text, true
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import AccountRow
from app.accounts.permissions import Permission
from app.hazards.models import FollowerRow, HazardRow
from app.hazards.words_dialects import as_fts5, as_tsquery
from app.hazards.words_index import AllOf, AnyOf, Meanings, Wanted, in_units, terms_of
from app.units.models import PlaceRow, UnitRow
from app.units.queries import covered_by, units_by_id

STEP_MOST: Final = 2000
NAMESAKES_MOST: Final = 50
NAME_SHORTEST: Final = 2
"""One character of a name is everybody's."""
_SEEK_SQLITE: Final = text(
    "SELECT rowid FROM hazard_search WHERE hazard_search MATCH :sought AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :most"
)
_SEEK_POSTGRESQL: Final = text(
    "SELECT hazard_id FROM hazard_search WHERE words @@ CAST(:sought AS tsquery) AND hazard_id < :before"
    " ORDER BY hazard_id DESC LIMIT :most"
)
_BEFORE_ALL: Final = 2**31 - 1
"""The largest id that PostgreSQL's integer holds."""
Seek = Callable[[int, int], list[int]]
"""Ids older than the first number, at most the second, newest first."""


@dataclass(frozen=True)
class Sought:
    """What is looked for: terms with their meanings, facets and units of the index; nothing finds everything."""

    terms: tuple[Meanings, ...] = ()
    facets: tuple[Wanted, ...] = ()
    people: tuple[int, ...] = ()
    """Accounts whose name is the one term: their reports, for who may read reporters."""

    @property
    def said(self) -> str:
        """The terms as they were typed."""
        return " ".join(meaning.term for meaning in self.terms)


def topmost(session: Session, unit_ids: Collection[int]) -> frozenset[int]:
    """These units without those that lie below another of them: no hazard is found twice."""
    units = units_by_id(session, unit_ids)
    return frozenset(u.id for u in units.values() if not set(u.lineage[:-1]) & units.keys())


def meant_by(session: Session, words: str | None, facets: Collection[Wanted], *, by: Actor) -> Sought:
    """What a reader means by these words."""
    terms = terms_of(words or "")
    meanings = tuple(_meanings(session, term, by=by) for term in terms)
    people = meanings[0].rectifiers if len(meanings) == 1 else ()
    return Sought(meanings, tuple(facets), people)


def _meanings(session: Session, term: str, *, by: Actor) -> Meanings:
    named = PlaceRow.name.icontains(term, autoescape=True)
    places = session.execute(
        select(PlaceRow.id).where(or_(named, PlaceRow.code == term.upper())).order_by(PlaceRow.id)
    ).scalars()
    return Meanings(term, tuple(places), _namesakes(session, term, by=by))


def _namesakes(session: Session, term: str, *, by: Actor) -> tuple[int, ...]:
    """Accounts of that name in or above the units whose hazards the reader reads."""
    reads = by.units_where(Permission.HAZARD_READ)
    if len(term) < NAME_SHORTEST or not reads:
        return ()
    above = {unit_id for unit in units_by_id(session, reads).values() for unit_id in unit.lineage}
    found = session.execute(
        select(AccountRow.id)
        .join(UnitRow, UnitRow.id == AccountRow.home_unit_id)
        .where(
            AccountRow.name.icontains(term, autoescape=True),
            or_(covered_by(session, reads), UnitRow.id.in_(above)),
        )
        .order_by(AccountRow.id)
        .limit(NAMESAKES_MOST)
    ).scalars()
    return tuple(found)


def expression(session: Session, sought: Sought, *, by: Actor) -> Wanted | None:
    """The reader's search as it is put to the index; None when that can hold nothing for this reader."""
    reads = topmost(session, by.units_where(Permission.HAZARD_READ))
    sees = by.units_where(Permission.HAZARD_READ_PUBLIC)
    only_sees = topmost(session, [u for u in sees if not set(units_by_id(session, [u])[u].lineage) & reads])
    ways: list[Wanted] = []
    for units, inner in ((reads, True), (only_sees, False)):
        found = [meaning.found_in(inner=inner) for meaning in sought.terms]
        if units and None not in found:
            ways.append(AllOf((in_units(units), *(part for part in found if part is not None), *sought.facets)))
    return AnyOf(tuple(ways)) if ways else None


def indexed_ids(session: Session, sought: Sought, *, by: Actor, before: int | None, step: int) -> Iterator[int]:
    """Ids of what the reader may find in the own units, newest first, older than `before`."""
    wanted = expression(session, sought, by=by)
    if wanted is None:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    statement, match = (_SEEK_SQLITE, as_fts5(wanted)) if is_sqlite else (_SEEK_POSTGRESQL, as_tsquery(wanted))

    def seek(last: int, most: int) -> list[int]:
        asked = {"sought": match, "before": last, "most": most}
        return list(session.execute(statement, asked).scalars())

    yield from _walk(seek, before=before, step=step)


def personal_ids(
    session: Session, sought: Sought, *, by: Actor, before: int | None, step: int, assigned: bool
) -> list[Iterator[int]]:
    """Ids of what concerns the reader in person, wherever it lies: reported, claimed, followed, `assigned`.

    A column's own index is walked for each: a person's hazards are few.
    """
    columns = [HazardRow.reporter_id, HazardRow.claimed_by_id, *([HazardRow.rectifier_id] if assigned else [])]
    inner = _said_in(sought, inner=True)
    ways = [and_(column == by.account_id, inner) for column in columns]
    followed = select(FollowerRow.hazard_id).where(FollowerRow.account_id == by.account_id)
    ways.append(and_(HazardRow.id.in_(followed), _said_in(sought, inner=False)))
    if sought.people:
        names = covered_by(session, by.units_where(Permission.HAZARD_READ_REPORTER))
        theirs = and_(HazardRow.reporter_id.in_(sought.people), HazardRow.anonymous.is_(False))
        ways.append(and_(theirs, HazardRow.unit_id.in_(select(UnitRow.id).where(names))))
    return [_walk(_seeker(session, way), before=before, step=step) for way in ways]


def _seeker(session: Session, way: ColumnElement[bool]) -> Seek:
    def seek(last: int, most: int) -> list[int]:
        older = select(HazardRow.id).where(way, HazardRow.id < last)
        return list(session.execute(older.order_by(HazardRow.id.desc()).limit(most)).scalars())

    return seek


def _said_in(sought: Sought, *, inner: bool) -> ColumnElement[bool]:
    """The same search in plain SQL, for the few hazards outside the reader's units."""
    found: list[ColumnElement[bool]] = [true()]
    for meaning in sought.terms:
        ways = [
            HazardRow.number.icontains(meaning.term, autoescape=True),
            HazardRow.location_text.icontains(meaning.term, autoescape=True),
            HazardRow.place_id.in_(meaning.places) if meaning.places else false(),
        ]
        if inner:
            ways.append(HazardRow.description.icontains(meaning.term, autoescape=True))
        found.append(or_(*ways))
    return and_(*found)


def _walk(seek: Seek, *, before: int | None, step: int) -> Iterator[int]:
    """Every id, asked for in growing steps: never by offset."""
    last = before if before is not None else _BEFORE_ALL
    while found := seek(last, step):
        yield from found
        if len(found) < step:
            return
        last, step = found[-1], min(step * 4, STEP_MOST)
