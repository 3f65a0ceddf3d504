"""What can be done with several hazards at once, by whom."""

from typing import Final

from flask import current_app, url_for

from app.accounts.actor import Actor
from app.hazards.lifecycle import TABLE, Action
from app.web.desk.words import BATCH
from app.web.pages.desk import BatchStep

BATCHED: Final = (Action.ACCEPT, Action.REASSIGN, Action.REMIND)
"""Moves with the same words for each; each hazard is moved on its own, through the same door as alone."""
_NOTICE: Final = "papers.new_notice"


def batch_steps(who: Actor) -> tuple[BatchStep, ...]:
    """The steps that this person may make somewhere; whether one is open is asked for each hazard."""
    steps = [
        BatchStep(code=action, word=str(BATCH[action]), href=url_for("desk.batch_form", action=action))
        for action in BATCHED
        if any(who.can_somewhere(permission) for permission in TABLE[action].permissions)
    ]
    notice = notice_address()
    if notice and any(who.can_somewhere(permission) for permission in TABLE[Action.ACCEPT].permissions):
        steps.append(BatchStep(code="print", word=str(BATCH["print"]), href=notice))
    return tuple(steps)


def notice_address(*numbers: str) -> str:
    """Where a rectification notice for these hazards is made; empty while the house has no such room."""
    if _NOTICE not in current_app.view_functions:
        return ""
    return url_for(_NOTICE, hazard=list(numbers)) if numbers else url_for(_NOTICE)
