"""The tester of the routing rules: who would get a hazard, and every step of why; nothing is written."""

from typing import Final

from flask import request, url_for
from sqlalchemy.orm import Session

from app.accounts.queries import names_of
from app.core.errors import Fault, Invalid, NotFound
from app.edge.entrance import actor, runtime
from app.edge.wording import sentence_of
from app.evidence.locations import Source, Witness
from app.hazards.routing_facts import decide_route, told_reason
from app.units.geometry import is_position
from app.units.managing import managed_unit, managed_units, manages
from app.units.queries import Place, Unit, place_by_code, places_in, unit_by_id
from app.units.surroundings import Because, Reason
from app.web import words
from app.web.frames import frame_of
from app.web.pages import Choice, ChoiceGroup, FieldFault
from app.web.reasons import routing_lines
from app.web.rules import words as own
from app.web.rules.pages import Tried, TriedStep, TryPage

_KINDS: Final = {
    Because.RULE_WON: "won",
    Because.OFFICER_ON_DUTY_HERE: "won",
    Because.DEPUTY: "won",
    Because.RULE_BROKEN: "broken",
    Because.OFFICER_AWAY: "broken",
    Because.NOBODY: "broken",
    Because.RULE_PASSED: "passed",
}


def try_page() -> TryPage:
    """The tester, with an answer once something was asked.

    Raises:
        NotFound: a place or unit that is absent or not managed by the reader.
    """
    means = runtime()
    faults: tuple[FieldFault, ...] = ()
    tried = None
    with means.db.read() as session:
        units = managed_units(session, by=actor())
        if "category" in request.args:
            try:
                tried = _tried(session)
            except Invalid as refused:
                faults = tuple(_fault(fault) for fault in refused.faults)
        places = places_in(session, [unit.id for unit in units])
    asked = request.args
    return TryPage(
        frame=frame_of(current="rules"),
        places=_places(units, places, chosen=asked.get("place", "")),
        categories=tuple(
            Choice(value=code, label=str(word), chosen=code == asked.get("category"))
            for code, word in words.CATEGORIES.items()
        ),
        units=tuple(
            Choice(value=unit.code, label=unit.name, chosen=unit.code == asked.get("unit")) for unit in units
        ),
        lat=asked.get("lat", ""),
        lon=asked.get("lon", ""),
        tried=tried,
        faults=faults,
        back_href=url_for("rules.rules"),
    )


def _fault(fault: Fault) -> FieldFault:
    return FieldFault(field=fault.field, sentence=sentence_of(fault), label=str(own.LABELS[fault.field]))


def _places(units: list[Unit], places: list[Place], *, chosen: str) -> tuple[ChoiceGroup, ...]:
    groups = (
        ChoiceGroup(
            label=unit.name,
            choices=tuple(
                Choice(value=it.code, label=it.name, chosen=it.code == chosen)
                for it in places
                if it.unit_id == unit.id
            ),
        )
        for unit in units
    )
    return tuple(group for group in groups if group.choices)


def _tried(session: Session) -> Tried:
    asked, means = request.args, runtime()
    place = _place(session, asked.get("place", ""))
    reporters = managed_unit(session, asked["unit"], by=actor()) if asked.get("unit") else None
    category = asked.get("category", "")
    if category and category not in words.CATEGORIES:
        raise Invalid(Fault("category", "not_a_choice"))
    if place is None and reporters is None:
        raise Invalid(Fault("unit", "unit_or_place"))
    decision = decide_route(
        session,
        place=place,
        witnesses=_pin(asked.get("lat", ""), asked.get("lon", "")),
        reporter_unit_id=reporters.id if reporters else None,
        category=category or None,
        at=means.now(),
        near_m=means.settings.nearest_place_metres,
        every_rule=True,
    )
    names = names_of(session, [decision.officer_id])
    return Tried(
        officer=names[decision.officer_id] if decision.officer_id else "",
        unit=unit_by_id(session, decision.unit_id).name,
        steps=tuple(_step(reason) for reason in decision.because),
    )


def _place(session: Session, code: str) -> Place | None:
    if not code:
        return None
    place = place_by_code(session, code)
    if place is None or not manages(unit_by_id(session, place.unit_id), by=actor()):
        raise NotFound
    return place


def _pin(lat: str, lon: str) -> list[Witness]:
    """A typed position, as if pinned by hand; none when both are blank.

    Raises:
        Invalid: no numbers, or nowhere on earth.
    """
    if not lat.strip() and not lon.strip():
        return []
    try:
        point = float(lat), float(lon)
    except ValueError as unread:
        raise Invalid(Fault("lat", "position_impossible")) from unread
    if not is_position(*point):
        raise Invalid(Fault("lat", "position_impossible"))
    return [Witness(Source.PIN, *point)]


def _step(reason: Reason) -> TriedStep:
    (text,) = routing_lines([told_reason(reason)])
    return TriedStep(kind=_KINDS.get(reason.code, "plain"), text=text)
