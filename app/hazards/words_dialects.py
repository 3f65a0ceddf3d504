"""How each database's full-text index is asked for what a search wants: pure.

SQLite's FTS5 keeps columns and folds ASCII letters itself. PostgreSQL keeps one tsvector: each word stands in it
behind a sign of its column, so that no word is found in another column (migration 0009 makes both).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from app.hazards.words_index import AllOf, AnyOf, Phrase, Wanted

SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {"shown": "s", "told": "t", "who": "w", "facets": "f", "scope": "u"}
)
"""The sign of each column before its words on PostgreSQL."""


def as_fts5(wanted: Wanted) -> str:
    """The expression of `hazard_search MATCH …`."""
    return _joined(wanted, phrase=_fts5_phrase, either=" OR ", both=" AND ")


def as_tsquery(wanted: Wanted) -> str:
    """The text of `… @@ CAST(… AS tsquery)`."""
    return _joined(wanted, phrase=_tsquery_phrase, either=" | ", both=" & ")


def _joined(wanted: Wanted, *, phrase: Callable[[Phrase], str], either: str, both: str) -> str:
    match wanted:
        case Phrase():
            return phrase(wanted)
        case AnyOf(parts):
            sign = either
        case AllOf(parts):
            sign = both
    return "(" + sign.join(_joined(part, phrase=phrase, either=either, both=both) for part in parts) + ")"


def _fts5_phrase(phrase: Phrase) -> str:
    columns = phrase.columns[0] if len(phrase.columns) == 1 else "{" + " ".join(phrase.columns) + "}"
    return f'{columns} : "{" ".join(phrase.words)}"' + ("*" if phrase.begins else "")


def _tsquery_phrase(phrase: Phrase) -> str:
    return "(" + " | ".join(_tsquery_in(column, phrase) for column in phrase.columns) + ")"


def _tsquery_in(column: str, phrase: Phrase) -> str:
    words = [_quoted(SIGNS[column] + _folded(word)) for word in phrase.words]
    if phrase.begins:
        words[-1] += ":*"
    return "(" + " <-> ".join(words) + ")"


def _folded(word: str) -> str:
    """ASCII letters small, as FTS5's "ascii" does; everything else was folded when it was cut."""
    return "".join(character.lower() if character.isascii() else character for character in word)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
