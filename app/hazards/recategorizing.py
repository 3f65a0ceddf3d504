"""改类别 before acceptance: another category may be somebody else's by the routing rules."""

from sqlalchemy import select

from app.core.errors import Fault, Invalid
from app.hazards.models import HazardRow, RoutingRow
from app.hazards.routing_facts import keep_reasons, officer_for, told_reason
from app.hazards.told import needed
from app.hazards.verb import Attempt, Effect
from app.units.surroundings import Because

_OF_THE_UNIT = frozenset(
    {
        Because.PLACE_SCANNED,
        Because.PIN_SET,
        Because.PHONE_POSITION,
        Because.PHONE_INACCURATE,
        Because.EXIF_POSITION,
        Because.NO_LOCATION,
        Because.INSIDE_AREA,
        Because.NEAREST_PLACE,
        Because.OUTSIDE_EVERYTHING,
        Because.REPORTERS_UNIT,
        "transferred",
        "transfer_returned",
        "appeal_overturned",
    }
)
"""The reasons why a hazard lies in its unit; the others are about who hears there."""


def recategorize(attempt: Attempt) -> Effect:
    """The category and, by the rules of the same unit, the officer; the reasons of the unit's choice stay.

    The 24 hours run on: nobody has answered the reporter yet.

    Raises:
        Invalid: it has this category already.
    """
    session, hazard = attempt.session, attempt.case.hazard
    category = needed(attempt.told.category)
    if category == hazard.category:
        raise Invalid(Fault("category", "same_category"))
    heard = officer_for(session, unit_id=hazard.unit_id, category=category, hazard=hazard, at=attempt.at)
    before = _decision_in_force(attempt, hazard)
    kept = [reason for reason in before.because if reason["code"] in _OF_THE_UNIT]
    changed = {"code": "recategorized", "by": attempt.by.name, "from": hazard.category or "", "category": category}
    keep_reasons(
        session,
        hazard.id,
        unit_id=hazard.unit_id,
        officer_id=heard.officer_id,
        source=before.source,
        because=[*kept, changed, *map(told_reason, heard.because)],
        at=attempt.at,
    )
    return Effect(
        changes={"category": category, "officer_id": heard.officer_id},
        detail={"category_was": hazard.category or "", "category": category, "text": attempt.told.text},
    )


def _decision_in_force(attempt: Attempt, hazard: HazardRow) -> RoutingRow:
    newest = select(RoutingRow).where(RoutingRow.hazard_id == hazard.id).order_by(RoutingRow.id.desc()).limit(1)
    return attempt.session.execute(newest).scalar_one()
