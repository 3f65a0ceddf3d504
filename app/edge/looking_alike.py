"""Look-alikes for whoever is about to report: the same for pages and API. Never for somebody without a name."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import Fault, Invalid
from app.edge.entrance import runtime
from app.evidence.locations import Source, Witness
from app.hazards.drafts import HazardDraft
from app.hazards.lookalikes import Lookalike, lookalikes
from app.hazards.routing_facts import position_of
from app.hazards.words import Category
from app.units.geometry import is_position
from app.units.queries import Place, place_for, unit_by_id


def alike_asked(asked: Mapping[str, str], *, by: Actor) -> tuple[Lookalike, ...]:
    """What looks like a report here: `place` is a code; `lat`, `lon`, `accuracy_m` the phone's position in WGS-84.

    A position without a stated accuracy counts as pinned by hand. A place that is not there counts as unsaid.

    Raises:
        Invalid: an unknown category, or a position that is none.
    """
    category = asked.get("category", "")
    if category and category not in set(Category):
        raise Invalid(Fault("category", "not_a_choice"))
    witnesses = _witness(asked)
    with runtime().db.read() as session:
        return _found(session, category or None, asked.get("place") or None, witnesses, by=by)


def alike_draft(draft: HazardDraft, *, by: Actor) -> tuple[Lookalike, ...]:
    """What looks like this report, by the best of its own locations; nothing for an anonymous one."""
    if draft.anonymous:
        return ()
    phone = (photo.position for photo in draft.photos if photo.position is not None)
    witnesses = [Witness(Source.PHONE, p.position.lat, p.position.lon, p.accuracy_m) for p in phone]
    if draft.pin is not None:
        witnesses.append(Witness(Source.PIN, draft.pin.lat, draft.pin.lon))
    with runtime().db.read() as session:
        return _found(session, draft.category, draft.place_code, witnesses, by=by)


def _found(
    session: Session, category: str | None, place_code: str | None, witnesses: Iterable[Witness], *, by: Actor
) -> tuple[Lookalike, ...]:
    home = unit_by_id(session, by.home_unit_id)
    place: Place | None = place_for(session, place_code, home=home) if place_code else None
    return lookalikes(
        session,
        category=category,
        place=place,
        position=position_of(place, witnesses),
        by=by,
        at=runtime().now(),
    )


def _witness(asked: Mapping[str, str]) -> list[Witness]:
    if not asked.get("lat") and not asked.get("lon"):
        return []
    try:
        lat, lon = float(asked.get("lat", "")), float(asked.get("lon", ""))
        accuracy = float(asked["accuracy_m"]) if asked.get("accuracy_m") else None
    except ValueError as unread:
        raise Invalid(Fault("lat", "position_impossible")) from unread
    if not is_position(lat, lon):
        raise Invalid(Fault("lat", "position_impossible"))
    return [Witness(Source.PIN if accuracy is None else Source.PHONE, lat, lon, accuracy)]
