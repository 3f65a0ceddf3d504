"""How words are cut for the search, and what a search asks of the full-text index: pure.

Chinese writes no spaces, so a run of Han (or kana, hangul) becomes its pairs of neighbours and its last character:
配电箱 → "配电 电箱 箱". Two characters then find what holds them, and a longer run is found as a phrase, exactly.
How each database is asked says `app.hazards.words_dialects`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

TERMS_MOST: Final = 8
SOUGHT_LONGEST: Final = 100
"""Characters of a search that are looked at: a longer one is somebody's pasted page."""
PREFIX_SHORTEST: Final = 3
"""From so many letters on, a word that is still being typed finds what it begins."""
_EAST: Final = "\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"[{_EAST}]+|[^\W_{_EAST}]+")
_IS_EAST: Final = re.compile(rf"[{_EAST}]")
_SIGNS: Final = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
NOBODY: Final = "0"
"""A unit that no hazard lies in."""


def _runs(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Punctuation of the Chinese block stands between its words like a space.
    bare = "".join(character if character.isalnum() else " " for character in folded)
    return _RUN.findall(bare)


def _cut(run: str) -> Iterator[str]:
    if not _IS_EAST.match(run):
        yield run
        return
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    yield run[-1]


def words_of(text: str | None) -> str:
    """The text as index words with spaces between; empty for none."""
    return " ".join(word for run in _runs(text or "") for word in _cut(run))


def shown_words(*, number: str, location_text: str | None) -> str:
    """What everybody who may see the hazard may find it by; the running number also without its noughts."""
    short = number.rpartition("-")[2].lstrip("0")
    # A word that nobody can type keeps a phrase from reaching from one part into the next.
    return " ".join(part for part in (words_of(number), "¦", short, "¦", words_of(location_text)) if part)


@dataclass(frozen=True)
class Phrase:
    """These words side by side in one column of `columns`; the last may only begin a word there."""

    columns: tuple[str, ...]
    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True)
class AnyOf:
    """One of these is found."""

    parts: tuple["Wanted", ...]


@dataclass(frozen=True)
class AllOf:
    """Each of these is found."""

    parts: tuple["Wanted", ...]


Wanted = Phrase | AnyOf | AllOf
"""What is asked of the index, in no database's own words."""


def phrase_of(term: str, columns: tuple[str, ...]) -> Phrase | None:
    """The term as a phrase; None when it holds nothing that is indexed."""
    runs = _runs(term)
    if not runs:
        return None
    words = [word for run in runs for word in _cut(run)]
    last = runs[-1]
    if not _IS_EAST.match(last):
        begins = len(last) >= PREFIX_SHORTEST and not last.isdecimal()
    elif len(last) == 1:
        begins = True
    else:
        words.pop()
        begins = False
    return Phrase(columns, tuple(words), begins)


def terms_of(sought: str) -> tuple[str, ...]:
    """What is sought, term by term; all of them must be found."""
    # No text of PostgreSQL's holds a NUL, so none is looked for there.
    return tuple(sought[:SOUGHT_LONGEST].replace("\0", " ").split()[:TERMS_MOST])


@dataclass(frozen=True)
class Meanings:
    """What one term may mean: words, the places of that name, the rectifiers of that name."""

    term: str
    places: tuple[int, ...] = ()
    rectifiers: tuple[int, ...] = ()

    def found_in(self, *, inner: bool) -> Wanted | None:
        """Where it is looked for; `inner` for whoever reads more than the public part. None: it finds nothing."""
        phrase = phrase_of(self.term, ("shown", "told") if inner else ("shown",))
        ways: list[Wanted] = [_word("facets", f"p{place}") for place in self.places]
        if phrase is not None:
            ways.append(phrase)
        if inner:
            ways += [_word("who", f"§{account}") for account in self.rectifiers]
        # A rectifier without an account is a bare name, indexed as it was typed behind a sign of its own: a prefix
        # that began other words too would gather all of theirs first.
        bare = _SIGNS.sub(" ", self.term).split()
        if inner and bare:
            ways.append(Phrase(("who",), (f"¤{bare[0]}", *bare[1:]), begins=True))
        return AnyOf(tuple(ways)) if ways else None


def _word(column: str, word: str) -> Phrase:
    return Phrase((column,), (word,))


def in_units(unit_ids: Collection[int]) -> Wanted:
    """Hazards in the subtrees of these units."""
    ways = tuple(_word("scope", str(unit_id)) for unit_id in sorted(unit_ids))
    return AnyOf(ways) if ways else _word("scope", NOBODY)


def with_facet(kind: str, value: str) -> Wanted:
    """Hazards whose state ("s"), category ("c") or level ("l") is this."""
    return _word("facets", f"{kind}{value.replace('_', '').lower()}")
