"""Whether a move is open to this person on this hazard, and if not, why: pure, no clock, no session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.accounts.actor import Actor
from app.accounts.permissions import Permission
from app.hazards.lifecycle import TABLE, Action, Guard, State, Who
from app.hazards.words import Level, ReportedTo


class Why(StrEnum):
    """Why a move is closed; the edge says in words what would open it. A guard's own code stands for itself."""

    STATE = "state"
    PERMISSION = "permission"
    WHO = "who"
    OWN_REPAIR = "own_repair"
    OWN_REPORT = "own_report"
    OWN_REQUEST = "own_request"
    OWN_REJECTION = "own_rejection"
    MAJOR_NEEDS_HEAD = "major_needs_head"


@dataclass(frozen=True)
class CaseFacts:
    """What of a hazard decides which moves are open; instants are aware UTC, `…_until` are inclusive.

    `is_followed`: somebody else than its reporter follows it. `has_free_verifier`: some officer of the unit or
    above has neither repaired nor reported it.
    """

    state: State
    level: Level | None = None
    reporter_reachable: bool = True
    has_duplicates: bool = False
    is_followed: bool = False
    has_rectifier_account: bool = False
    acknowledged: bool = False
    appealed: bool = False
    appeal_pending: bool = False
    appeal_until: datetime | None = None
    transfers: int = 0
    transfer_returnable: bool = False
    unmerge_until: datetime | None = None
    extension_pending: bool = False
    dual_reports: frozenset[ReportedTo] = frozenset()
    points_paid: bool = False
    has_free_verifier: bool = True
    objection_pending: bool = False
    closure_until: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How an actor stands to one hazard.

    `is_officer` and the like hold through a grant in the hazard's unit or above; `is_superior` through a grant
    strictly above it (in a root unit, which nobody stands above, its head).
    """

    permissions: frozenset[Permission] = frozenset()
    is_reporter: bool = False
    is_rectifier: bool = False
    repaired: bool = False
    rejected: bool = False
    asked_for_extension: bool = False
    is_officer: bool = False
    is_head: bool = False
    is_union: bool = False
    is_unit_rectifier: bool = False
    is_superior: bool = False


def standing_of(actor: Actor, *, lineage: tuple[int, ...], roles: Mapping[str, int | None]) -> Standing:
    """How the actor stands to a hazard of the unit whose ids from the root down to itself are `lineage`.

    `roles` names the accounts in the hazard's own parts: reporter, rectifier, rectified_by, rejected_by,
    extension_by.
    """

    def part(name: str) -> bool:
        return roles.get(name) == actor.account_id

    above = lineage[:-1]
    commands = (Permission.HAZARD_TRIAGE, Permission.HAZARD_OVERSEE)
    is_head = actor.can(Permission.HAZARD_OVERSEE, lineage=lineage)
    is_above = any(actor.can(permission, lineage=above) for permission in commands)
    return Standing(
        permissions=frozenset(p for p in Permission if actor.can_somewhere(p)),
        is_reporter=part("reporter"),
        is_rectifier=part("rectifier"),
        repaired=part("rectified_by"),
        rejected=part("rejected_by"),
        asked_for_extension=part("extension_by"),
        is_officer=actor.can(Permission.HAZARD_TRIAGE, lineage=lineage),
        is_head=is_head,
        is_union=actor.can(Permission.HAZARD_ARBITRATE, lineage=lineage),
        is_unit_rectifier=actor.can(Permission.HAZARD_RECTIFY, lineage=lineage),
        is_superior=is_above if above else is_head,
    )


def _not(holds: bool) -> str | None:  # noqa: FBT001  # a one-letter question, asked on one line each below
    return None if holds else Why.WHO


def _verifier(facts: CaseFacts, who: Standing) -> str | None:
    major = facts.level is Level.MAJOR
    if major and not (who.is_head or who.is_superior):
        return Why.MAJOR_NEEDS_HEAD if who.is_officer else Why.WHO
    # Where every officer repaired or reported, the head looks: no hazard waits for somebody who is not there.
    if not major and not (who.is_officer or (who.is_head and not facts.has_free_verifier)):
        return Why.WHO
    if who.is_rectifier or who.repaired:
        return Why.OWN_REPAIR
    return Why.OWN_REPORT if who.is_reporter else None


def _extension_decider(facts: CaseFacts, who: Standing) -> str | None:
    if facts.level is Level.MAJOR and not who.is_head:
        return Why.MAJOR_NEEDS_HEAD if who.is_officer else Why.WHO
    if facts.level is not Level.MAJOR and not who.is_officer:
        return Why.WHO
    return Why.OWN_REQUEST if who.asked_for_extension or who.is_rectifier else None


def _above_or_union(_facts: CaseFacts, who: Standing) -> str | None:
    if not (who.is_superior or who.is_union):
        return Why.WHO
    return Why.OWN_REJECTION if who.rejected else None


_WHO: Final[Mapping[Who, Callable[[CaseFacts, Standing], str | None]]] = MappingProxyType(
    {
        Who.SUBMITTER: lambda _facts, _who: None,
        Who.REPORTER: lambda _facts, who: _not(who.is_reporter),
        Who.OFFICER: lambda _facts, who: _not(who.is_officer),
        Who.OFFICER_OR_UNIT_RECTIFIER: lambda _facts, who: _not(who.is_officer or who.is_unit_rectifier),
        Who.OFFICER_OR_SUPERIOR: lambda _facts, who: _not(who.is_officer or who.is_superior),
        Who.RECEIVING_OFFICER: lambda _facts, who: _not(who.is_officer),
        Who.RECTIFIER: lambda _facts, who: _not(who.is_rectifier),
        Who.RECTIFIER_OR_PROXY: lambda facts, who: _not(
            who.is_rectifier or (who.is_officer and not facts.has_rectifier_account)
        ),
        Who.VERIFIER: _verifier,
        Who.EXTENSION_DECIDER: _extension_decider,
        Who.ABOVE_OR_UNION: _above_or_union,
        Who.SUPERIOR: lambda _facts, who: _not(who.is_superior),
    }
)


def _in_time(until: datetime | None, at: datetime) -> bool:
    return until is not None and at <= until


_GUARDS: Final[Mapping[Guard, Callable[[CaseFacts, Standing, datetime], bool]]] = MappingProxyType(
    {
        # A question nobody can answer would leave the hazard waiting for ever.
        Guard.REPORTER_REACHABLE: lambda f, _w, _at: f.reporter_reachable,
        # Others hang on it, having reported or joined it: withdrawn, it would go out of their sight.
        Guard.NOT_A_MASTER: lambda f, _w, _at: not (f.has_duplicates or f.is_followed),
        Guard.APPEAL_NOT_USED: lambda f, _w, _at: not f.appealed,
        Guard.APPEAL_IN_TIME: lambda f, _w, at: _in_time(f.appeal_until, at),
        Guard.APPEAL_PENDING: lambda f, _w, _at: f.appeal_pending,
        # Once handed on, only somebody above both may hand it on again: no ping-pong (domain.md §5).
        Guard.TRANSFER_LEFT: lambda f, w, _at: f.transfers == 0 or w.is_superior,
        Guard.TRANSFER_TO_RETURN: lambda f, _w, _at: f.transfer_returnable,
        Guard.UNMERGE_IN_TIME: lambda f, _w, at: _in_time(f.unmerge_until, at),
        Guard.NOT_ACKNOWLEDGED: lambda f, _w, _at: not f.acknowledged,
        Guard.NO_EXTENSION_PENDING: lambda f, _w, _at: not f.extension_pending,
        Guard.EXTENSION_PENDING: lambda f, _w, _at: f.extension_pending,
        Guard.IS_MAJOR: lambda f, _w, _at: f.level is Level.MAJOR,
        Guard.DUAL_REPORTED: lambda f, _w, _at: (
            f.level is not Level.MAJOR or f.dual_reports == frozenset(ReportedTo)
        ),
        Guard.CONSENT_AFTER_POINTS: lambda f, w, _at: not f.points_paid or w.is_superior,
        Guard.NO_OBJECTION_PENDING: lambda f, _w, _at: not f.objection_pending,
        Guard.OBJECTION_PENDING: lambda f, _w, _at: f.objection_pending,
        Guard.AFTER_CLOSURE_IN_TIME: lambda f, _w, at: _in_time(f.closure_until, at),
    }
)


def why_closed(action: Action, *, facts: CaseFacts, standing: Standing, at: datetime) -> str | None:
    """None when the move is open; otherwise the code of the first thing that keeps it closed.

    Asked in this order: the person's permissions, the state, the person's part in this hazard, the guards;
    so somebody who may never do it is not told to wait for a state.
    """
    move = TABLE[action]
    if not move.permissions & standing.permissions:
        return Why.PERMISSION
    if facts.state not in move.sources:
        return Why.STATE
    closed = _WHO[move.who](facts, standing)
    if closed is not None:
        return closed
    return next((guard for guard in move.guards if not _GUARDS[guard](facts, standing, at)), None)


def open_actions(*, facts: CaseFacts, standing: Standing, at: datetime) -> tuple[Action, ...]:
    """Every move open to this person now, in the table's order."""
    moves = (action for action in TABLE if action is not Action.SUBMIT)
    return tuple(a for a in moves if why_closed(a, facts=facts, standing=standing, at=at) is None)


@dataclass(frozen=True)
class ClosedMove:
    """A move not open to this person; `awaits_state` when the hazard would first have to stand elsewhere."""

    action: Action
    why: str
    awaits_state: bool


def closed_moves(*, facts: CaseFacts, standing: Standing, at: datetime) -> tuple[ClosedMove, ...]:
    """The moves closed to this person that concern them, with what keeps each so, in the table's order.

    What somebody could do now, and somebody else must; and of what the hazard would first have to be brought to,
    only this person's own part. The rest would be noise.
    """
    found = (
        _closed(action, facts=facts, standing=standing, at=at) for action in TABLE if action is not Action.SUBMIT
    )
    return tuple(move for move in found if move is not None)


def _closed(action: Action, *, facts: CaseFacts, standing: Standing, at: datetime) -> ClosedMove | None:
    why = why_closed(action, facts=facts, standing=standing, at=at)
    if why is None or facts.state in TABLE[action].sources:
        return None if why is None else ClosedMove(action, why, awaits_state=False)
    part = _WHO[TABLE[action].who](facts, standing)
    if why == Why.PERMISSION or part == Why.WHO:
        return None
    return ClosedMove(action, part or why, awaits_state=part is None)


class View(StrEnum):
    """How much of a hazard a person reads, most first (domain.md §5 "Who reads")."""

    COMMAND = "command"
    FULL = "full"
    OWN = "own"
    ASSIGNED = "assigned"
    PUBLIC = "public"


def view_of(standing: Standing, *, reads: bool, reads_reporter: bool, reads_public: bool) -> View | None:
    """What the person sees; None answers like an absent hazard.

    `reads…` say whether the permission covers the hazard's unit. COMMAND includes the reporter's name.
    """
    if reads and reads_reporter:
        return View.COMMAND
    if reads:
        return View.FULL
    if standing.is_reporter:
        return View.OWN
    if standing.is_rectifier:
        return View.ASSIGNED
    return View.PUBLIC if reads_public else None
