"""A hazard's history as people tell it: who did what, with what was said."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core.clock import as_utc
from app.hazards.clocks import SUPERVISED
from app.hazards.lifecycle import Action
from app.hazards.queries import REPORTERS_ACTS
from app.hazards.relocation import REROUTED
from app.hazards.views import HazardView, StepView
from app.web import words
from app.web.pages import TimelineLine
from app.web.times import moment


def timeline_of(view: HazardView, *, at: datetime) -> tuple[TimelineLine, ...]:
    """Every step, oldest first, in the unit's zone."""
    return tuple(_line(step, view, at=at) for step in view.timeline)


def told_to_reporter(view: HazardView, *, at: datetime) -> tuple[TimelineLine, ...]:
    """The steps that concern who reported it, in words of the shop floor; the own ones are 您."""
    steps = (step for step in view.timeline if step.action in words.TOLD)
    return tuple(
        replace(
            _line(step, view, at=at),
            who=str(_("您")) if step.action in REPORTERS_ACTS else _who(step, view),
            what=str(words.TOLD[step.action]),
        )
        for step in steps
    )


def told_by(view: HazardView, actions: tuple[Action, ...], *, at: datetime) -> tuple[TimelineLine, ...]:
    """The latest step of each of these moves, oldest first: what somebody said and now waits for an answer."""
    latest = {step.action: step for step in view.timeline if step.action in actions}
    return tuple(_line(step, view, at=at) for step in sorted(latest.values(), key=lambda step: step.at))


def _line(step: StepView, view: HazardView, *, at: datetime) -> TimelineLine:
    return TimelineLine(
        at=moment(step.at, view.unit.zone, now=at),
        who=_who(step, view),
        what=str(words.DONE[step.action]),
        reasons=_said(step, view, at=at),
        state=step.to_state,
    )


def _who(step: StepView, view: HazardView) -> str:
    if step.who:
        return step.who
    if step.action in {REROUTED, SUPERVISED}:
        return str(_("系统"))
    if step.action == Action.SUBMIT and (view.anonymous or view.guest):
        return str(_("匿名") if view.anonymous else _("访客"))
    if step.action == Action.SUBMIT:
        return str(_("一名职工"))
    return str(_("上报人"))


def _said(step: StepView, view: HazardView, *, at: datetime) -> tuple[str, ...]:
    said = step.detail
    lines = [
        *_decided(said),
        *_moved(said),
        *_recategorized(said),
        *(str(said[name]) for name in ("text", "done", "conclusion") if said.get(name)),
    ]
    if said.get("deadline"):
        until = moment(as_utc(datetime.fromisoformat(said["deadline"])), view.unit.zone, now=at)
        lines.append(str(_("期限 %(when)s", when=until)))
    return tuple(lines)


def _decided(said: dict[str, Any]) -> list[str]:
    found = []
    if said.get("level"):
        found.append(str(_("%(level)s隐患", level=words.LEVELS[said["level"]])))
    if said.get("reason"):
        found.append(str(words.REJECT_REASONS[said["reason"]]))
    if said.get("decision"):
        found.append(str(words.DECISIONS[said["decision"]]))
    if said.get("rectifier_name"):
        found.append(str(_("由%(name)s整改", name=said["rectifier_name"])))
    return found


def _recategorized(said: dict[str, Any]) -> list[str]:
    if "category_was" not in said:
        return []
    names = [str(words.CATEGORIES[code]) for code in (said["category_was"], said["category"]) if code]
    return [" → ".join(names)]


def _moved(said: dict[str, Any]) -> list[str]:
    found = []
    if said.get("from") and said["from"] != said.get("to"):
        found.append(str(_("从%(one)s到%(other)s", one=said["from"], other=said["to"])))
    if said.get("master"):
        found.append(str(_("并入 %(number)s", number=said["master"])))
    if said.get("on"):
        found.append(str(_("%(to)s，%(on)s", to=words.REPORTED_TO[said["to"]], on=said["on"])))
    return found
