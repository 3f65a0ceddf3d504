"""Leaving a duty as a page: what will happen, and who takes over which open hazards."""

from typing import Any, Final

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.permissions import Role
from app.core.errors import Invalid, NotFound
from app.edge.entrance import actor, runtime
from app.hazards.handing_over import Task
from app.hazards.leaving import Leaving, about_to_leave, about_to_move
from app.units.queries import units_by_id
from app.units.staff import member
from app.web.forms import field_faults
from app.web.frames import frame_of
from app.web.pages.frame import Choice, FieldFault
from app.web.people import words
from app.web.people.pages import HandOverTask, LeavePage
from app.web.people.present_people import person_address

SHOWN: Final = 12
"""Numbers of hazards that are written out; the rest is counted."""


def asked_role() -> tuple[Role | None, str]:
    """The role that is to end, as the address says; no role: the account is to be disabled.

    Raises:
        NotFound: no such role.
    """
    said = request.args.get("role", "")
    if not said:
        return None, ""
    if said not in set(Role):
        raise NotFound
    return Role(said), request.args.get("unit", "")


def heirs_of_form() -> dict[str, str]:
    """Who was chosen, by the task's key."""
    return {name: login for name, login in request.form.items() if name.startswith(("officer.", "rectifier."))}


def leave_page(login: str, *, faults: tuple[FieldFault, ...] = ()) -> LeavePage:
    """Disabling a person, or ending a role.

    Raises:
        NotFound: the person or the role is absent or foreign.
    """
    role, unit = asked_role()
    with runtime().db.read() as session:
        try:
            leaving = about_to_leave(session, login, role=role, unit=unit, by=actor())
        except Invalid as closed:
            met = member(session, login, by=actor())
            leaving, faults = Leaving(met, ()), field_faults(closed)
            return _page(leaving, (), what="role" if role else "disable", faults=faults, is_closed=True)
        tasks = _tasks(session, leaving.tasks)
    return _page(leaving, tasks, what="role" if role else "disable", faults=faults)


def move_page(login: str, *, faults: tuple[FieldFault, ...] = ()) -> LeavePage:
    """Moving a person to another unit.

    Raises:
        NotFound: the person is absent or foreign.
    """
    with runtime().db.read() as session:
        try:
            leaving, target = about_to_move(session, login, unit=request.values.get("unit", ""), by=actor())
        except Invalid as closed:
            leaving = Leaving(member(session, login, by=actor()), ())
            return _page(leaving, (), what="move", faults=field_faults(closed), is_closed=True)
        tasks = _tasks(session, leaving.tasks)
    return _page(leaving, tasks, what="move", target=target.name, faults=faults)


def _page(
    leaving: Leaving,
    tasks: tuple[HandOverTask, ...],
    *,
    what: str,
    faults: tuple[FieldFault, ...],
    target: str = "",
    is_closed: bool = False,
) -> LeavePage:
    account = leaving.member.account
    endpoint = "people.move" if what == "move" else "people.leave"
    return LeavePage(
        frame=frame_of(current="people"),
        back_href=person_address(account.login),
        action=url_for(endpoint, login=account.login, **_asked()),
        what=what,
        name=account.name,
        role=str(words.ROLES[leaving.role.role]) if leaving.role else "",
        unit=leaving.role.unit.name if leaving.role else leaving.member.home.name if leaving.member.home else "",
        target=target,
        tasks=tasks,
        is_closed=is_closed,
        faults=tuple(
            FieldFault(field=fault.field, sentence=fault.sentence, label=labels.get(fault.field, fault.label))
            for labels in [{task.key: f"{task.unit} {task.duty}" for task in tasks}]
            for fault in faults
        ),
    )


def _asked() -> dict[str, Any]:
    return {name: request.args[name] for name in ("role", "unit") if name in request.args}


def _tasks(session: Session, tasks: tuple[Task, ...]) -> tuple[HandOverTask, ...]:
    units = units_by_id(session, [heir.unit_id for task in tasks for heir in task.heirs])
    return tuple(
        HandOverTask(
            key=task.key,
            duty=str(words.DUTIES[task.duty]),
            unit=task.unit.name,
            hazards=tuple(hazard.number for hazard in task.hazards[:SHOWN]),
            more=max(0, len(task.hazards) - SHOWN),
            heirs=tuple(
                Choice(
                    value=heir.login,
                    label=str(_("%(name)s（%(unit)s）", name=heir.name, unit=units[heir.unit_id].name)),
                    chosen=heir.login == request.form.get(task.key, ""),
                )
                for heir in task.heirs
            ),
        )
        for task in tasks
    )
