"""What a client needs to know before it reports: units, places, categories, the API itself."""

from contextlib import suppress
from typing import Any

from flask import Response
from flask_babel import get_locale

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.api.blueprint import answer, api
from app.api.openapi import document
from app.api.shapes import place_shape, unit_shape
from app.core.errors import NotSignedIn
from app.edge.entrance import actor, actor_or_none, needs, public, runtime, signed_in
from app.edge.wording import CATEGORY_NAMES
from app.hazards.words import Category
from app.units.managing import hands_out_codes
from app.units.queries import Place, Unit, enterprise_of, places_in, subtree, unit_by_id, units_by_id
from app.units.settings import settings_of


@api.get("/openapi.json")
@public
def openapi() -> Response:
    """This API, as OpenAPI 3.1."""
    return answer(document())


@api.get("/units")
@signed_in
def units() -> Response:
    """The units in use of the caller's enterprise and of the subtrees of the caller's roles."""
    who = actor()
    with runtime().db.read() as session:
        home = enterprise_of(session, unit_by_id(session, who.home_unit_id))
        known = subtree(session, {home.id, *(grant.unit_id for grant in who.grants)})
        codes = {unit.id: unit.code for unit in known}
        in_use = [unit for unit in known if not unit.retired]
        items = [{**unit_shape(unit), "parent": codes.get(unit.parent_id or 0)} for unit in in_use]
    return answer({"items": items})


@api.get("/places")
@needs(Permission.PLACE_READ)
def places() -> Response:
    """The places of the caller's enterprise."""
    who = actor()
    with runtime().db.read() as session:
        home = enterprise_of(session, unit_by_id(session, who.home_unit_id))
        found = places_in(session, {home.id, *who.units_where(Permission.PLACE_READ)})
        owners = units_by_id(session, [place.unit_id for place in found])
        items = [_place(place, owners[place.unit_id], by=who) for place in found]
    return answer({"items": items})


def _place(place: Place, unit: Unit, *, by: Actor) -> dict[str, Any]:
    """A place; what its QR code carries only for who prints it."""
    shape = place_shape(place, unit)
    return {**shape, "scan_code": place.scan_code} if hands_out_codes(unit, by=by) else shape


@api.get("/categories")
@public
def categories() -> Response:
    """The categories, named in the caller's language: those that the caller's own unit shows, to nobody all 21.

    Every code stays valid where one is sent: a unit hides categories from choice, not from use (domain.md §6).
    """
    who, hidden = None, frozenset[str]()
    with suppress(NotSignedIn):  # open to everybody: a token that has ended is nobody's
        who = actor_or_none()
    if who is not None:
        with runtime().db.read() as session:
            home = unit_by_id(session, who.home_unit_id)
            hidden = frozenset(settings_of(session, home).hidden_categories)
    items = [{"code": code, "name": str(CATEGORY_NAMES[code])} for code in Category if code not in hidden]
    return answer({"language": str(get_locale()), "items": items})
