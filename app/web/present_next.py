"""Whose turn a hazard is, what they do and until when, told to who reported it; and the points it brought."""

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Final

from flask_babel import gettext as _

from app.competition.ledger import Entry
from app.competition.points import PointRules
from app.hazards.lifecycle import Action, State
from app.hazards.policy import View
from app.hazards.views import HazardLine, HazardView
from app.hazards.words import Level
from app.web import words
from app.web.pages import Turn
from app.web.times import by_when, late_by, moment


def turn_of(view: HazardView, *, at: datetime) -> Turn | None:
    """Who acts next; None once nobody has to."""
    told = _TURNS.get(view.state)
    return told(view, at) if told else None


def _to_accept(view: HazardView, at: datetime) -> Turn:
    routing = view.routing
    officer = routing.officer if routing else None
    who = _("安全员%(name)s", name=officer) if officer else _("%(unit)s的安全员", unit=view.unit.name)
    until = view.first_act_until
    late = until is not None and until < at
    return Turn(
        who=str(who),
        does=str(_("看照片，定下谁来整改")),
        until=by_when(until, view.unit.zone, now=at) if until and not late else "",
        note=str(_("已经超过 24 小时，系统提醒了安全员和上级。")) if late else "",
    )


def _to_answer(_view: HazardView, _at: datetime) -> Turn:
    note = str(_("您补充后，安全员接着办。"))
    return Turn(who=str(_("您")), does=str(_("补充情况")), note=note, mine=True)


def _to_repair(view: HazardView, at: datetime) -> Turn:
    deadline = view.deadline
    note = ""
    if deadline is not None and deadline < at:
        note = str(_("%(late)s。系统在催办，逾期 3 天报上级。", late=late_by(at - deadline)))
    again = any(step.action == Action.SEND_BACK for step in view.timeline)
    return Turn(
        who=view.rectifier or str(_("整改人")),
        does=str(_("重新整改")) if again else str(_("整改")),
        until=by_when(deadline, view.unit.zone, now=at) if deadline and not note else "",
        note=note,
    )


def _to_inspect(view: HazardView, _at: datetime) -> Turn:
    major = view.level is Level.MAJOR
    who = _("单位负责人或上级") if major else _("安全员")
    return Turn(who=str(who), does=str(_("到现场看改好没有")), note=str(_("看过以后，结果会发消息告诉您。")))


def _to_decide(view: HazardView, _at: datetime) -> Turn | None:
    if not view.is_contested:
        return None
    if view.state is State.CLOSED:
        who, does = _("安全员或上级"), _("核实您的异议")
    else:
        who, does = _("上级单位或工会"), _("裁定您的申诉")
    return Turn(who=str(who), does=str(does), note=str(_("有结果就发消息告诉您。")))


_TURNS: Final = MappingProxyType[State, Callable[[HazardView, datetime], Turn | None]](
    {
        State.SUBMITTED: _to_accept,
        State.NEED_INFO: _to_answer,
        State.RECTIFYING: _to_repair,
        State.REVIEWING: _to_inspect,
        State.CLOSED: _to_decide,
        State.REJECTED: _to_decide,
    }
)


def then_of(line: HazardLine, *, at: datetime) -> str:
    """The same in one line, for a list."""
    zone = line.unit.zone
    name = line.rectifier or str(_("整改人"))
    if line.state is State.RECTIFYING and line.deadline is not None and line.deadline >= at:
        return str(_("%(name)s整改，%(when)s", name=name, when=by_when(line.deadline, zone, now=at)))
    if line.is_contested:
        objected = line.state is State.CLOSED
        return str(_("等安全员或上级核实您的异议") if objected else _("等上级单位或工会裁定您的申诉"))
    plain = {
        State.SUBMITTED: _("等安全员受理"),
        State.NEED_INFO: _("轮到您：请补充情况"),
        State.RECTIFYING: _("等%(name)s整改，已在催办", name=name),
        State.REVIEWING: _("已改好，等安全员到现场看"),
        State.CLOSED: _("已整改，谢谢您"),
        State.REJECTED: _("没有受理，点开看原因"),
        State.DUPLICATE: _("和别人报的是同一处，点开看进展"),
        State.WITHDRAWN: _("您已撤回"),
    }
    return str(plain[line.state])


def thanks_of(view: HazardView) -> str:
    """A word of thanks where there is reason for one; to a follower by code too."""
    if view.state is State.CLOSED:
        return "" if view.is_contested else str(_("谢谢您，已整改。"))
    if view.state in {State.RECTIFYING, State.REVIEWING}:
        return str(_("谢谢您，隐患已受理。"))
    return ""


def after_the_end(view: HazardView, *, at: datetime) -> str:
    """What can still be done when it has ended, and until when; why it ended where that is not plain."""
    ends = {State.CLOSED: _after_closure, State.REJECTED: _after_refusal, State.DUPLICATE: _after_merge}
    if view.state is State.WITHDRAWN:
        return str(_("您撤回了这条上报，不再处理。"))
    told = ends.get(view.state)
    return told(view, at) if told else ""


def _is_nameless(view: HazardView) -> bool:
    return view.view is View.OWN and not view.is_mine


def _after_closure(view: HazardView, at: datetime) -> str:
    if view.is_contested:
        return ""
    if Action.OBJECT in view.open_actions and view.object_until:
        until = by_when(view.object_until, view.unit.zone, now=at)
        return str(_("没有改好的话，%(until)s可以提出异议，最好拍一张现在的样子。", until=until))
    if _is_nameless(view):
        if view.guest:
            return str(_("没有改好的话，请再扫现场的码，拍给安全员看。"))
        return str(_("没有改好的话，请先登录领取积分（隐患仍显示匿名），再提出异议。"))
    return ""


def _after_refusal(view: HazardView, at: datetime) -> str:
    if view.is_contested:
        return str(_("申诉已提交。当时的答复："))
    if Action.APPEAL in view.open_actions and view.appeal_until:
        until = by_when(view.appeal_until, view.unit.zone, now=at)
        return str(_("没有受理。不同意的话，%(until)s可以向上级单位或工会申诉一次。答复：", until=until))
    if _is_nameless(view) and view.anonymous:
        return str(_("没有受理。要申诉，请先登录领取积分（隐患仍显示匿名），再到“我的上报”里申诉。"))
    return str(_("没有受理。答复："))


def _after_merge(view: HazardView, at: datetime) -> str:
    """A duplicate stays one when its master ends: whoever reported it waits for that end and sees it here."""
    number, end = view.master or "", view.master_end
    if end is None:
        return str(_("和已有的隐患是同一处，请看 %(number)s 的进展。", number=number))
    when, word = moment(end.at, view.unit.zone, now=at), words.STATES[end.state].word
    if end.state is State.CLOSED:
        return str(_("和 %(number)s 是同一处，那条已在 %(when)s 闭环：", number=number, when=when))
    return str(
        _(
            "和 %(number)s 是同一处，那条 %(when)s %(word)s。如果不是同一处，可以请安全员取消合并。",
            number=number,
            when=when,
            word=word,
        )
    )


def points_lines(entries: list[Entry], view: HazardView, *, rules: PointRules) -> tuple[str, ...]:
    """What the hazard brought its reporter, entry by entry with the reason; what to expect while there is none."""
    if entries:
        return tuple(_entry_line(entry) for entry in entries)
    if view.state in {State.SUBMITTED, State.NEED_INFO}:
        return (str(_("受理后计分，一般隐患 +%(points)s", points=rules.general)),)
    if view.state is State.DUPLICATE:
        return (str(words.POINTS_WHY["duplicate"]),)
    if view.state is State.REJECTED:
        return (str(_("没有受理的不计分，也从不扣分。")),)
    return ()


def signed(points: int) -> str:
    """`+5`, `−5` with the sign of arithmetic, or `0`."""
    return f"{points:+d}".replace("-", "−") if points else "0"


def _entry_line(entry: Entry) -> str:
    why = str(words.POINTS_WHY[entry.why]) % dict(entry.values)
    if entry.points == 0:
        return why
    rule = words.POINTS_RULES[entry.rule]
    return str(_("%(points)s 分：%(rule)s，%(why)s", points=signed(entry.points), rule=rule, why=why))
