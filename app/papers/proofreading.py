"""What must not stand in a notice: words of government enforcement, and who reported (domain.md §10)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow
from app.core.errors import Fault
from app.hazards.models import HazardRow
from app.papers.content import Item
from app.papers.words import enforcement_word_in

_PHONE: Final = re.compile(r"(?<!\d)(?:(?:\+?86)?1[3-9]\d{9}|0\d{2,3}-?[2-9]\d{6,7})(?!\d)")
"""A mobile number, or one with an area code: what a reporter leaves to be called back by."""
NAME_SHORTEST: Final = 2
"""One character is a word before it is a name."""
REPORTERS_WORDS: Final = frozenset({"problem", "where"})
"""Texts that the reporter wrote first; the others are the officer's, who may well leave a number to call."""


@dataclass(frozen=True)
class Wording:
    """How an officer rewords hazards for the paper, by number; what is not there stays as the hazard says it."""

    problems: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


AS_IT_IS: Final = Wording()
"""Nothing is reworded."""


@dataclass(frozen=True)
class Named:
    """What names a reporter: squeezed as the texts are."""

    name: str
    login: str

    def is_in(self, squeezed: str) -> bool:
        """Whether the text says who it is; a login counts only where it stands as a word."""
        if len(self.name) >= NAME_SHORTEST and self.name in squeezed:
            return True
        return re.search(rf"(?<![a-z0-9]){re.escape(self.login)}(?![a-z0-9])", squeezed) is not None


def squeezed(text: str) -> str:
    """The text as the eye reads it: no gaps, nothing invisible, one width and one case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] not in {"Z", "C"})


def word_faults(
    session: Session, hazards: Sequence[HazardRow], items: Sequence[Item], *, requirement: str
) -> list[Fault]:
    """Every text of a notice that has to be reworded; fields are `requirement` and "problem-HZ-2026-000381".

    The reporter of an anonymous hazard is not looked up, not even one who claimed it: whether a name is refused
    would tell (P15).
    """
    known = _reporters(session, hazards)
    everybody = tuple(dict.fromkeys(known.values()))
    faults = list(_faults_in("requirement", requirement, everybody))
    for hazard, item in zip(hazards, items, strict=True):
        reporter = tuple(filter(None, (known.get(hazard.id),)))
        for part, text in _texts_of(item):
            faults += _faults_in(f"{part}-{item.number}", text, reporter)
    return faults


def _texts_of(item: Item) -> tuple[tuple[str, str], ...]:
    return (
        ("problem", item.problem),
        ("where", item.place),
        ("measures", item.measures),
        ("basis", item.basis),
    )


def _faults_in(at: str, text: str, reporters: Sequence[Named]) -> Iterator[Fault]:
    """The first thing that is wrong with a text."""
    plain = squeezed(text)
    word = enforcement_word_in(plain)
    if word:
        yield Fault(at, "enforcement_word", {"word": word})
    elif any(reporter.is_in(plain) for reporter in reporters):
        yield Fault(at, "reporter_named")
    elif at.partition("-")[0] in REPORTERS_WORDS and _PHONE.search(plain):
        yield Fault(at, "phone_number")


def _reporters(session: Session, hazards: Sequence[HazardRow]) -> dict[int, Named]:
    accounts = {hazard.id: hazard.reporter_id for hazard in hazards if hazard.reporter_id and not hazard.anonymous}
    rows = session.execute(
        select(AccountRow.id, AccountRow.name, AccountRow.login).where(AccountRow.id.in_(set(accounts.values())))
    )
    named = {row.id: Named(squeezed(row.name), squeezed(row.login)) for row in rows}
    return {hazard_id: named[account_id] for hazard_id, account_id in accounts.items()}
