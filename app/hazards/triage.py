"""What happens to a report before anybody repairs it: ask, answer, reject, appeal, accept."""

from typing import Any

from app.hazards.giving_time import deadline_asked
from app.hazards.people import named_rectifier
from app.hazards.routing_facts import keep_reasons, officer_for, told_reason
from app.hazards.told import needed
from app.hazards.verb import Attempt, Effect
from app.hazards.words import AppealDecision, Level


def ask(attempt: Attempt) -> Effect:
    """退回补充: the question is the history's."""
    return Effect(detail={"text": attempt.told.text})


def answer(attempt: Attempt) -> Effect:
    """The reporter's answer."""
    return Effect(detail={"text": attempt.told.text})


def withdraw(_attempt: Attempt) -> Effect:
    """撤回."""
    return Effect()


def reject(attempt: Attempt) -> Effect:
    """不予受理, with its reason."""
    told = attempt.told
    rejected = {"rejected_at": attempt.at, "rejected_by_id": attempt.by.account_id, "reject_reason": told.reason}
    return Effect(changes=rejected, detail={"reason": told.reason, "text": told.text})


def appeal(attempt: Attempt) -> Effect:
    """申诉: once."""
    return Effect(changes={"appealed_at": attempt.at}, detail={"text": attempt.told.text})


def decide_appeal(attempt: Attempt) -> Effect:
    """Uphold is final; overturn hands the hazard to the unit above (domain.md §5).

    Where nobody above could take it up it stays: no hazard is ever orphaned.
    """
    told, case = attempt.told, attempt.case
    detail = {"decision": told.decision, "text": told.text}
    if told.decision == AppealDecision.UPHOLD:
        return Effect(changes={"appeal_decided_at": attempt.at}, detail=detail)
    hazard, unit_id = case.hazard, case.unit.parent_id or case.unit.id
    heard = officer_for(attempt.session, unit_id=unit_id, category=hazard.category, hazard=hazard, at=attempt.at)
    if heard.officer_id is None:
        unit_id = case.unit.id
        category = hazard.category
        heard = officer_for(attempt.session, unit_id=unit_id, category=category, hazard=hazard, at=attempt.at)
    keep_reasons(
        attempt.session,
        case.hazard.id,
        unit_id=unit_id,
        officer_id=heard.officer_id,
        source=None,
        because=[{"code": "appeal_overturned"}, *map(told_reason, heard.because)],
        at=attempt.at,
    )
    moved = {"unit_id": unit_id, "officer_id": heard.officer_id, "arrived_at": attempt.at, "first_act_at": None}
    return Effect(changes={"appeal_decided_at": attempt.at, **moved}, detail=detail)


def accept(attempt: Attempt) -> Effect:
    """受理派发: level, rectifier, measures and deadline; the deadline is the first and never erased.

    Raises:
        Invalid: an unknown rectifier, a deadline out of bounds.
    """
    told = attempt.told
    level = needed(told.level)
    wanted = deadline_asked(attempt, level=level)
    rectifier = named_rectifier(attempt.session, told, attempt.case.unit)
    deadline = max(wanted, attempt.at)
    return Effect(
        changes=_accepted(attempt, level=level) | rectifier | {"deadline": deadline, "first_deadline": deadline},
        detail={
            "level": level,
            "category": told.category,
            "deadline": deadline.isoformat(),
            "rectifier": told.rectifier,
            "rectifier_name": told.rectifier_name,
        },
    )


def fix_on_the_spot(attempt: Attempt) -> Effect:
    """即查即改: acceptance and repair in one; general only, deadline now.

    Raises:
        Invalid: an unknown rectifier.
    """
    told, at = attempt.told, attempt.at
    rectifier = named_rectifier(attempt.session, told, attempt.case.unit)
    repair = {
        "measures": told.done,
        "deadline": at,
        "first_deadline": at,
        "fixed_on_the_spot": True,
        "rectified_at": at,
        "rectified_by_id": attempt.by.account_id,
        "finished_at": at,
        "done": told.done,
    }
    return Effect(
        changes=_accepted(attempt, level=Level.GENERAL) | rectifier | repair,
        detail={"category": told.category, "done": told.done, "rectifier_name": told.rectifier_name},
    )


def _accepted(attempt: Attempt, *, level: Level) -> dict[str, Any]:
    told = attempt.told
    return {
        "accepted_at": attempt.at,
        "accepted_by_id": attempt.by.account_id,
        "officer_id": attempt.case.hazard.officer_id or attempt.by.account_id,
        "level": level,
        "category": told.category,
        "factor": told.factor,
        "measures": told.measures,
        "funds": told.funds,
        "emergency_plan": told.emergency_plan,
        "interim_control": told.interim_control,
        "acknowledged_at": None,
        "fixed_on_the_spot": False,
        "voided_at": None,
        # An acceptance begins anew: what an earlier one left (voided, merged) must not count for this one.
        "rectified_at": None,
        "rectified_by_id": None,
        "finished_at": None,
        "done": None,
        "cost_fen": None,
        "first_reviewed_at": None,
        "first_review_passed": None,
        "extension_asked_at": None,
        "extension_by_id": None,
        "extension_deadline": None,
        "supervised_at": None,
    }
