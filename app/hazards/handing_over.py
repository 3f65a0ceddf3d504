"""Handing over: whoever is disabled, moves away or loses a duty gives their open hazards to somebody, at once.

"An officer who leaves hands over; no hazard is ever orphaned" (domain.md §5, clocks). What has to change hands is
computed in the transaction of the change itself, so that a hazard which arrived a moment ago is not forgotten:
then the change is refused with the duties that nobody was named for, and the form shows them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, Grant
from app.accounts.permissions import GRANTED, Permission, Role
from app.accounts.queries import Person, people_with_role
from app.accounts.roster import Account
from app.core.db import changed_one
from app.core.errors import Fault, Invalid, VersionConflict
from app.core.outbox import record
from app.hazards.events import HazardHandedOver
from app.hazards.history import Step, write_history
from app.hazards.lifecycle import OPEN, State
from app.hazards.models import HazardRow
from app.hazards.people import MAY_REPAIR, rectifiers_for
from app.hazards.routing_facts import keep_reasons
from app.units.queries import Unit, enterprise_of, subtree, units_by_id

HANDED_OVER: Final = "hand_over"
"""The history's word for it: no move of the lifecycle table, because the state stays."""
_TRADE: Final = (Role.RECTIFIER, Role.OFFICER, Role.HEAD)


class Duty(StrEnum):
    """What somebody is to a hazard that goes on."""

    OFFICER = "officer"
    RECTIFIER = "rectifier"


@dataclass(frozen=True)
class Task:
    """The open hazards of one unit for which a person answers in one duty, and who could instead.

    `heirs` begin with the proposal: somebody of the unit itself, then of the units above, then of the enterprise.
    """

    duty: Duty
    unit: Unit
    hazards: tuple[HazardRow, ...]
    heirs: tuple[Person, ...]

    @property
    def key(self) -> str:
        """The name of the choice in a form."""
        return f"{self.duty}.{self.unit.code}"


def tasks_of(session: Session, account: Account, *, keeps: Collection[Grant]) -> tuple[Task, ...]:
    """What the account must hand over when `keeps` is all that is left of its roles, by unit and duty.

    With a role that still covers a hazard, it keeps the hazard. `keeps` is empty for somebody who is disabled.
    """
    rows = session.execute(
        select(HazardRow)
        .where(_names(account.account_id), goes_on())
        .order_by(HazardRow.unit_id, HazardRow.deadline, HazardRow.id)
    ).scalars()
    found: dict[tuple[int, Duty], list[HazardRow]] = {}
    hazards = list(rows)
    units = units_by_id(session, [hazard.unit_id for hazard in hazards])
    for hazard in hazards:
        for duty in _duties(hazard, account.account_id):
            found.setdefault((hazard.unit_id, duty), []).append(hazard)
    tasks = []
    for (unit_id, duty), theirs in found.items():
        unit = units[unit_id]
        if duty is Duty.OFFICER:
            stays = commands(keeps, unit)
        else:
            stays = repairs(session, unit, had=account.grants, keeps=keeps)
        if not stays:
            tasks.append(Task(duty, unit, tuple(theirs), heirs_of(session, unit, duty, but=account.account_id)))
    return tuple(sorted(tasks, key=lambda task: (task.unit.lineage, task.duty)))


def heirs_of(session: Session, unit: Unit, duty: Duty, *, but: int) -> tuple[Person, ...]:
    """Who could take a duty over in this unit, the nearest first; each account once, under its nearest unit."""
    if duty is Duty.OFFICER:
        people = people_with_role(session, [Role.OFFICER], unit_ids=unit.lineage)
    else:
        around = {u.id for u in subtree(session, [enterprise_of(session, unit).id])}
        people = people_with_role(session, _TRADE, unit_ids=around) or rectifiers_for(session, unit)
    steps = {unit_id: step for step, unit_id in enumerate(reversed(unit.lineage))}
    far = len(steps)
    repairers = _holders(session, people) if duty is Duty.RECTIFIER else frozenset()
    nearest = sorted(
        (person for person in people if person.account_id != but),
        key=lambda p: (steps.get(p.unit_id, far), p.account_id not in repairers, p.name, p.account_id),
    )
    once: dict[int, Person] = {}
    for person in nearest:
        once.setdefault(person.account_id, person)
    return tuple(once.values())


def hand_over(
    session: Session,
    tasks: Sequence[Task],
    heirs: Mapping[str, str],
    *,
    leaver: Account,
    by: Actor,
    at: datetime,
) -> int:
    """Give every hazard of `tasks` to whom `heirs` names (login by the task's key). Returns the number of steps.

    Raises:
        Invalid: by the task's key: nobody was named, or somebody who cannot.
        VersionConflict: somebody acted on one of them first.
    """
    chosen: dict[str, Person] = {}
    faults = []
    for task in tasks:
        login = heirs.get(task.key, "")
        heir = next((person for person in task.heirs if person.login == login), None)
        if heir is not None:
            chosen[task.key] = heir
        else:
            faults.append(Fault(task.key, "heir_needed" if task.heirs else "nobody_to_take_over"))
    if faults:
        raise Invalid(*faults)
    steps = 0
    for task in tasks:
        for hazard in task.hazards:
            _give(session, hazard, task.duty, chosen[task.key], leaver=leaver, by=by, at=at)
            steps += 1
    return steps


def _give(
    session: Session, hazard: HazardRow, duty: Duty, heir: Person, *, leaver: Account, by: Actor, at: datetime
) -> None:
    names = {"from": leaver.name, "to": heir.name}
    if duty is Duty.OFFICER:
        because = [{"code": "handed_over", **names}]
        give_to_officer(session, hazard, heir.account_id, because=because, names=names, by=by, at=at)
    else:
        # As with any other change of rectifier, the new one signs anew.
        changes = {"rectifier_id": heir.account_id, "acknowledged_at": None}
        _change_hands(session, hazard, changes, {"duty": duty, **names}, by=by, at=_moment(hazard, at))


def give_to_officer(
    session: Session,
    hazard: HazardRow,
    officer_id: int,
    *,
    because: list[dict[str, str]],
    names: Mapping[str, str],
    by: Actor,
    at: datetime,
) -> None:
    """Another officer hears of this hazard from now on; `names` says "from" whom "to" whom.

    Raises:
        VersionConflict: somebody acted on it first.
    """
    moment = _moment(hazard, at)
    keep_reasons(
        session,
        hazard.id,
        unit_id=hazard.unit_id,
        officer_id=officer_id,
        source=None,
        because=because,
        at=moment,
    )
    told = {"duty": Duty.OFFICER, **names}
    _change_hands(session, hazard, {"officer_id": officer_id}, told, by=by, at=moment)


def _moment(hazard: HazardRow, at: datetime) -> datetime:
    # The server's clock may have been set back since; a hazard's own time never runs backwards (P22).
    return max(at, hazard.changed_at + timedelta(microseconds=1))


def _change_hands(
    session: Session,
    hazard: HazardRow,
    changes: Mapping[str, Any],
    told: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> None:
    same = (HazardRow.id == hazard.id) & (HazardRow.version == hazard.version)
    one_on = {"version": hazard.version + 1, "changed_at": at}
    if not changed_one(session, update(HazardRow).where(same).values(**changes, **one_on)):
        raise VersionConflict(hazard.version)
    session.refresh(hazard)
    write_history(session, hazard, Step(HANDED_OVER, by.account_id, hazard.state, told), at=at)
    record(session, HazardHandedOver(hazard.id, hazard.version), at=at)


def _names(account_id: int) -> ColumnElement[bool]:
    return or_(HazardRow.officer_id == account_id, HazardRow.rectifier_id == account_id)


def goes_on() -> ColumnElement[bool]:
    """Open, or ended but contested: an appeal or an objection may bring it back with the names it has."""
    appealed = and_(
        HazardRow.state == State.REJECTED,
        HazardRow.appealed_at.is_not(None),
        HazardRow.appeal_decided_at.is_(None),
    )
    objected = and_(
        HazardRow.state == State.CLOSED,
        HazardRow.objected_at.is_not(None),
        HazardRow.objection_decided_at.is_(None),
    )
    return or_(HazardRow.state.in_(OPEN), appealed, objected)


def _duties(hazard: HazardRow, account_id: int) -> list[Duty]:
    named = {Duty.OFFICER: hazard.officer_id, Duty.RECTIFIER: hazard.rectifier_id}
    return [duty for duty, named_id in named.items() if named_id == account_id]


def commands(keeps: Collection[Grant], unit: Unit) -> bool:
    """Whether these roles let somebody act as officer on the hazards of a unit."""
    return any(Permission.HAZARD_TRIAGE in GRANTED[g.role] and g.unit_id in unit.lineage for g in keeps)


def repairs(session: Session, unit: Unit, *, had: Collection[Grant], keeps: Collection[Grant]) -> bool:
    """Whether a rectifier may stay: with the trade still held; a named worker with any role that may repair."""
    enterprise = enterprise_of(session, unit)
    units = units_by_id(session, [grant.unit_id for grant in (*had, *keeps)])

    def here(grant: Grant) -> bool:
        return enterprise.id in units[grant.unit_id].lineage or grant.unit_id in enterprise.lineage

    had_trade = any(grant.role in _TRADE and here(grant) for grant in had)
    wanted = _TRADE if had_trade else MAY_REPAIR
    return any(grant.role in wanted and here(grant) for grant in keeps)


def _holders(session: Session, people: Sequence[Person]) -> frozenset[int]:
    unit_ids = {person.unit_id for person in people}
    rectifiers = people_with_role(session, [Role.RECTIFIER], unit_ids=unit_ids)
    return frozenset(person.account_id for person in rectifiers)
