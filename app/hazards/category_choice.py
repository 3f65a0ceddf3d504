"""Which categories a list is offered to be narrowed by: what is shown somewhere in it, and what is in use."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.hazards.search import Sought, indexed_ids
from app.hazards.words import Category
from app.hazards.words_index import with_facet
from app.units.queries import Unit
from app.units.settings import hidden_in_all


def categories_to_narrow_by(session: Session, units: Collection[Unit], *, by: Actor) -> frozenset[Category]:
    """All categories but those that all of `units` hide and none of the reader's hazards has.

    A hidden category keeps its hazards (domain.md §6: hidden, never renamed); they must stay to be found.
    """
    hidden = [Category(code) for code in hidden_in_all(session, units)]
    unused = {category for category in hidden if not _is_in_use(session, category, by=by)}
    return frozenset(Category) - unused


def _is_in_use(session: Session, category: Category, *, by: Actor) -> bool:
    sought = Sought(facets=(with_facet("c", category),))
    return next(indexed_ids(session, sought, by=by, before=None, step=1), None) is not None
