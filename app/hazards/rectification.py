"""What happens while a hazard is being repaired: sign, reassign, remind, more time, dual report, hand in."""

from sqlalchemy import insert

from app.core.errors import Fault, Invalid
from app.hazards.giving_time import deadline_asked
from app.hazards.models import DualReportRow
from app.hazards.people import named_rectifier
from app.hazards.told import finished_between, needed
from app.hazards.verb import Attempt, Effect
from app.hazards.words import ExtensionDecision, Level


def acknowledge(attempt: Attempt) -> Effect:
    """签收."""
    return Effect(changes={"acknowledged_at": attempt.at})


def reassign(attempt: Attempt) -> Effect:
    """改派 to another rectifier, who signs anew.

    Raises:
        Invalid: an unknown rectifier.
    """
    told = attempt.told
    rectifier = named_rectifier(attempt.session, told, attempt.case.unit)
    return Effect(
        changes=rectifier | {"acknowledged_at": None},
        detail={"rectifier": told.rectifier, "rectifier_name": told.rectifier_name, "text": told.text},
    )


def remind(_attempt: Attempt) -> Effect:
    """催办: the event tells the rectifier."""
    return Effect()


def request_extension(attempt: Attempt) -> Effect:
    """延期: ask for a later deadline; one request at a time.

    Raises:
        Invalid: not later than the deadline in force, or beyond what the level allows.
    """
    told, hazard = attempt.told, attempt.case.hazard
    wanted = needed(told.deadline)
    if wanted <= needed(hazard.deadline):
        raise Invalid(Fault("deadline", "deadline_not_later"))
    deadline_asked(attempt, level=Level(needed(hazard.level)))
    return Effect(
        changes={
            "extension_asked_at": attempt.at,
            "extension_by_id": attempt.by.account_id,
            "extension_deadline": wanted,
        },
        detail={"deadline": wanted.isoformat(), "text": told.text},
    )


def decide_extension(attempt: Attempt) -> Effect:
    """Grant or refuse more time; the first deadline is never erased."""
    told, hazard = attempt.told, attempt.case.hazard
    settled = {"extension_asked_at": None, "extension_by_id": None, "extension_deadline": None}
    detail = {"decision": told.decision, "text": told.text}
    if told.decision != ExtensionDecision.YES:
        return Effect(changes=settled, detail=detail)
    deadline = needed(hazard.extension_deadline)
    granted = {"deadline": deadline, "extensions": hazard.extensions + 1}
    return Effect(changes=settled | granted, detail=detail | {"deadline": deadline.isoformat()})


def record_dual_report(attempt: Attempt) -> Effect:
    """双报告 (安全生产法 §41): one of its two halves.

    Raises:
        Invalid: a day that has not come yet.
    """
    told = attempt.told
    on = needed(told.on)
    if on > attempt.at.astimezone(attempt.case.unit.zone).date():
        raise Invalid(Fault("on", "day_in_future"))
    attempt.session.execute(
        insert(DualReportRow).values(
            hazard_id=attempt.case.hazard.id,
            to=needed(told.to),
            on=on,
            document=told.document,
            document_id=attempt.document_id,
            recorded_at=attempt.at,
            recorded_by_id=attempt.by.account_id,
        )
    )
    return Effect(detail={"to": told.to, "on": on.isoformat(), "document": told.document})


def rectify(attempt: Attempt) -> Effect:
    """提交整改: whoever hands it in counts as rectifier and may not verify it.

    Raises:
        Invalid: finished before it was accepted, or in the future.
    """
    told, hazard = attempt.told, attempt.case.hazard
    # A repair that was handed in and found wanting was not the end: the next one ended after it.
    since = hazard.rectified_at or needed(hazard.accepted_at)
    said = needed(told.finished_at)
    if attempt.is_put_forward:
        # It was accepted by a clock that ran ahead: the true time of a repair made since would be refused.
        said = max(said, since)
    finished = finished_between(said, since=since, at=attempt.at)
    if isinstance(finished, Fault):
        raise Invalid(finished)
    return Effect(
        changes={
            "rectified_at": attempt.at,
            "rectified_by_id": attempt.by.account_id,
            "finished_at": finished,
            "done": told.done,
            "cost_fen": told.cost,
            "extension_asked_at": None,
            "extension_by_id": None,
            "extension_deadline": None,
        },
        detail={"done": told.done, "finished_at": finished.isoformat()},
    )
