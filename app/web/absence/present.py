"""Absences as pages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.accounts.queries import Person
from app.core.errors import Forbidden, NotFound, NotSignedIn, Problem
from app.edge.entrance import actor, runtime
from app.units.leaves import LeaveView, absences_known_to, has_duty, people_to_arrange
from app.units.queries import unit_by_id, units_by_id
from app.units.taking_leave import arranged_person, day_in, deputies_for
from app.web.absence.pages import AbsenceLine, AbsencesPage, LeavePage
from app.web.absence.words import STANDS
from app.web.answers import refused_answer
from app.web.forms import field_faults
from app.web.frames import frame_of
from app.web.pages import Choice, FieldFault

FORM: Final = "absence/leave.html"
NOBODY: Final = "-"
"""What the form says for "nobody stands in": chosen, not forgotten."""


def absences_page() -> AbsencesPage:
    """Who is away now, who will be, who was; and how to enter another absence."""
    means, who = runtime(), actor()
    at = means.now()
    with means.db.read() as session:
        known = absences_known_to(session, by=who, at=at)
        others = [one for one in people_to_arrange(session, by=who) if one.account_id != who.account_id]
        units = units_by_id(session, {one.unit_id for one in others})
    lines = [_line(view, at=at) for view in known]
    return AbsencesPage(
        frame=frame_of(current="absence"),
        now=tuple(line for line in lines if line.stands == "now"),
        coming=tuple(line for line in lines if line.stands == "coming"),
        past=tuple(line for line in lines if line.stands in {"over", "taken_back"}),
        own_href=url_for("absence.leave") if has_duty(who) else "",
        people=tuple(Choice(value=one.login, label=f"{one.name} · {units[one.unit_id].name}") for one in others),
        new_action=url_for("absence.leave"),
    )


def _line(view: LeaveView, *, at: datetime) -> AbsenceLine:
    today, stands = day_in(view.unit.zone, at=at), _stands(view)
    return AbsenceLine(
        name=view.name,
        unit=view.unit.name,
        days=_span(view.from_on, view.until_on, today=today),
        deputy=view.deputy or "",
        warning=_warning(view),
        stands=stands,
        word=str(STANDS[stands]),
        is_mine=view.is_mine,
        is_for_me=view.is_for_me,
        end_action=url_for("absence.end", key=view.key) if view.may_take_back else "",
    )


def _stands(view: LeaveView) -> str:
    if view.taken_back:
        return "taken_back"
    if view.is_over:
        return "over"
    return "now" if view.is_now else "coming"


def _warning(view: LeaveView) -> str:
    """What a person must know when the deputy that was named does not stand in."""
    if not view.is_now or view.acting == view.deputy:
        return ""
    if view.acting is None:
        return str(_("%(name)s现在不能代理，新上报由本单位其他安全员或上级接收。", name=view.deputy))
    return str(_("%(name)s也请假，现由%(acting)s代理。", name=view.deputy, acting=view.acting))


def _span(first: date, last: date, *, today: date) -> str:
    if first == last:
        return _day(first, today=today)
    return str(_("%(first)s 至 %(last)s", first=_day(first, today=today), last=_day(last, today=today)))


def _day(day: date, *, today: date) -> str:
    return day.strftime("%m-%d" if day.year == today.year else "%Y-%m-%d")


def leave_page(
    login: str, form: Mapping[str, str] | None = None, *, faults: tuple[FieldFault, ...] = ()
) -> LeavePage:
    """The form for this person's absence; what was typed is kept.

    Raises:
        NotFound: no such person, or not the reader's to arrange; nobody could stand in for this person.
    """
    means, who = runtime(), actor()
    typed = form or {}
    with means.db.read() as session:
        person = arranged_person(session, login, by=who)
        if not _may_be_stood_in_for(person, people_to_arrange(session, by=who)):
            raise NotFound
        deputies = deputies_for(session, person)
        units = units_by_id(session, {one.unit_id for one in deputies})
        unit = unit_by_id(session, person.unit_id)
    return LeavePage(
        frame=frame_of(),
        action=url_for("absence.leave"),
        back_href=url_for("absence.absences"),
        login=person.login,
        name=person.name,
        unit=unit.name,
        today=day_in(unit.zone, at=means.now()).isoformat(),
        from_on=typed.get("from_on", ""),
        until_on=typed.get("until_on", ""),
        deputies=tuple(
            Choice(
                value=one.login,
                label=f"{one.name} · {units[one.unit_id].name}",
                chosen=one.login == typed.get("deputy"),
            )
            for one in deputies
        ),
        nobody=Choice(
            value=NOBODY,
            label=str(_("没有代理人，由本单位其他安全员或上级接收")),
            chosen=typed.get("deputy") == NOBODY,
        ),
        faults=faults,
    )


def _may_be_stood_in_for(person: Person, arranged: list[Person]) -> bool:
    who = actor()
    mine = person.account_id == who.account_id and has_duty(who)
    return mine or any(one.account_id == person.account_id for one in arranged)


def leave_again(problem: Problem) -> Response | None:
    """The refused form, kept; None where another try would be refused the same way."""
    if isinstance(problem, NotFound | NotSignedIn | Forbidden):
        return None
    page = leave_page(request.form.get("login", ""), request.form, faults=field_faults(problem))
    return refused_answer(FORM, page, problem=problem)
