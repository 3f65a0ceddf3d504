"""Putting a hazard's words where the search finds them."""

from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.core.db import table_of
from app.hazards.desk_tables import HazardWordsRow
from app.hazards.models import HazardRow
from app.hazards.words_index import shown_words, words_of

_INSERT: Final = insert(table_of(HazardWordsRow))  # built once: every report says it


def index_words(session: Session, hazard: HazardRow) -> None:
    """Write the words of a hazard that has just been made, in its own transaction.

    Number, place in words and description are never changed afterwards; what changes is kept by triggers.
    """
    told = {
        "hazard_id": hazard.id,
        "shown": shown_words(number=hazard.number, location_text=hazard.location_text),
        "told": words_of(hazard.description),
    }
    session.execute(_INSERT, told)
