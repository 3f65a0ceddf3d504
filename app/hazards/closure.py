"""Re-inspection and what can still happen after it: close, send back, void, object, reopen, dismiss."""

from typing import Any

from app.core.errors import Fault, Invalid
from app.hazards.giving_time import deadline_asked
from app.hazards.people import is_still_there, named_rectifier
from app.hazards.told import needed
from app.hazards.verb import Attempt, Effect
from app.hazards.words import Level


def close(attempt: Attempt) -> Effect:
    """复查合格."""
    return Effect(
        changes=_first_review(attempt, passed=True)
        | {
            "closed_at": attempt.at,
            "closed_by_id": attempt.by.account_id,
            "conclusion": attempt.told.conclusion,
            "objected_at": None,
            "objection_decided_at": None,
        },
        detail={"conclusion": attempt.told.conclusion},
    )


def send_back(attempt: Attempt) -> Effect:
    """复查不合格: back to the rectifier with a new deadline; the first one stays on the ticket.

    Raises:
        Invalid: a deadline out of bounds.
    """
    deadline = _new_deadline(attempt)
    return Effect(
        changes=_first_review(attempt, passed=False)
        | deadline
        | {"times_returned": attempt.case.hazard.times_returned + 1},
        detail={"text": attempt.told.text, "deadline": deadline["deadline"].isoformat()},
    )


def void(attempt: Attempt) -> Effect:
    """撤销受理: it should not have been accepted; the event takes the points back."""
    return Effect(
        changes={
            "voided_at": attempt.at,
            "rejected_at": attempt.at,
            "rejected_by_id": attempt.by.account_id,
            "reject_reason": None,
        },
        detail={"text": attempt.told.text},
    )


def object_to_closure(attempt: Attempt) -> Effect:
    """异议: the reporter does not believe the closure."""
    return Effect(
        changes={"objected_at": attempt.at, "objection_decided_at": None}, detail={"text": attempt.told.text}
    )


def reopen(attempt: Attempt) -> Effect:
    """重开: back to the rectifier (kept unless another is named) with a new deadline.

    Raises:
        Invalid: an unknown rectifier, or none named and the former one is gone; a deadline out of bounds.
    """
    told, hazard = attempt.told, attempt.case.hazard
    changes: dict[str, Any] = {
        "closed_at": None,
        "closed_by_id": None,
        "acknowledged_at": None,
        "supervised_at": None,  # the closure ended it; overdue again, it begins again
    }
    if told.rectifier or told.rectifier_name:
        changes |= named_rectifier(attempt.session, told, attempt.case.unit)
    elif not is_still_there(attempt.session, hazard.rectifier_id, attempt.case.unit):
        raise Invalid(Fault("rectifier", "required"))
    if hazard.objected_at is not None and hazard.objection_decided_at is None:
        changes["objection_decided_at"] = attempt.at
    deadline = _new_deadline(attempt)
    return Effect(
        changes=changes | deadline,
        detail={"text": told.text, "deadline": deadline["deadline"].isoformat()},
    )


def dismiss_objection(attempt: Attempt) -> Effect:
    """A superior lets the closure stand."""
    return Effect(changes={"objection_decided_at": attempt.at}, detail={"text": attempt.told.text})


def _first_review(attempt: Attempt, *, passed: bool) -> dict[str, Any]:
    """Only the first re-inspection counts for quality (domain.md §9, I and P)."""
    if attempt.case.hazard.first_reviewed_at is not None:
        return {}
    return {"first_reviewed_at": attempt.at, "first_review_passed": passed}


def _new_deadline(attempt: Attempt) -> dict[str, Any]:
    wanted = deadline_asked(attempt, level=Level(needed(attempt.case.hazard.level)))
    return {"deadline": max(wanted, attempt.at)}
