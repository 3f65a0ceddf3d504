"""Which categories a form offers: those its unit shows, and whatever was already chosen."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.units.queries import Place, Unit, unit_by_id
from app.units.settings import settings_of
from app.web import words
from app.web.frames import reader


def offered_categories(session: Session, unit: Unit, *, keep: Collection[str] = ()) -> tuple[str, ...]:
    """The codes in the order they are offered; one in `keep` stays though the unit hides it (domain.md §6)."""
    hidden = set(settings_of(session, unit).hidden_categories) - set(keep)
    return tuple(code for code in words.CATEGORIES if code not in hidden)


def unit_of_form(session: Session, place: Place | None) -> Unit:
    """Whose choice holds for a report: the scanned place's unit, else the reporter's."""
    return unit_by_id(session, place.unit_id) if place else reader().home
