"""The shape of a move's effect: what it is given, and what it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.hazards.case import Case
from app.hazards.told import Told


@dataclass(frozen=True)
class Attempt:
    """A move about to be made: it is open, its fields are complete; `at` is not before the hazard's last step.

    `document_id` is the document that came with it, if one did. `is_put_forward`: the server's clock has been set
    back since the last step, which `at` follows all the same; what a person tells of the present lies before it.
    """

    session: Session
    case: Case
    told: Told
    by: Actor
    at: datetime
    document_id: int | None = None
    is_put_forward: bool = False


@dataclass(frozen=True)
class Effect:
    """What a move changes on the hazard's row, and what its history row tells beside the action."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)


Verb = Callable[[Attempt], Effect]
"""A move's own part. It may write side rows; state, version, history and event are the caller's.

Raises:
    Invalid: a field that only the database can judge (an unknown unit, a foreign rectifier).
"""
