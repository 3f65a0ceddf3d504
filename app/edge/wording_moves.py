"""Why a move is closed to somebody, whose it is and what opens it: one sentence for ticket, page and API."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from app.core.errors import NotOpen
from app.hazards.lifecycle import TABLE, Action, State, Who
from app.hazards.policy import Why

_l = lazy_gettext
STATE_NAMES: Final[Mapping[State, LazyString]] = MappingProxyType(
    {
        State.SUBMITTED: _l("待受理"),
        State.NEED_INFO: _l("待补充"),
        State.RECTIFYING: _l("整改中"),
        State.REVIEWING: _l("待复查"),
        State.CLOSED: _l("已闭环"),
        State.REJECTED: _l("不予受理"),
        State.DUPLICATE: _l("已合并"),
        State.WITHDRAWN: _l("已撤回"),
    }
)
WHO: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "reporter": _l("上报人"),
        "officer": _l("本单位或上级的安全员"),
        "officer_or_unit_rectifier": _l("本单位的安全员或整改人"),
        "officer_or_superior": _l("安全员或上级"),
        "receiving_officer": _l("接收单位的安全员"),
        "rectifier": _l("整改人"),
        "rectifier_or_proxy": _l("整改人（没有账号的，由安全员代交）"),
        "verifier": _l("没有上报、也没有整改的安全员（重大隐患为单位负责人或上级）"),
        "extension_decider": _l("安全员（重大隐患为单位负责人）"),
        "above_or_union": _l("上级单位或工会"),
        "superior": _l("上级单位"),
    }
)
"""Whom a move belongs to."""
WHYS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "state": _l("隐患现在的状态不能办这一步。"),
        "permission": _l("您的角色不办这一步。"),
        "who": _l("这一步由别人办。"),
        "own_repair": _l("自己整改的不能自己复查，请另一位安全员复查。"),
        "own_report": _l("自己上报的不能自己复查，请另一位安全员复查。"),
        "own_request": _l("自己申请的延期不能自己批。"),
        "own_rejection": _l("自己不予受理的，由上级或工会裁定申诉。"),
        "major_needs_head": _l("重大隐患由单位负责人或上级办理这一步。"),
        "reporter_reachable": _l("匿名或访客上报，没有人能答复补充。"),
        "not_a_master": _l("别人也在跟进这一条，不能撤回。"),
        "appeal_not_used": _l("每条隐患只能申诉一次。"),
        "appeal_in_time": _l("申诉期（5 个工作日）已过。"),
        "appeal_pending": _l("没有待裁定的申诉。"),
        "transfer_left": _l("已经转办过一次，再转由共同上级指定。"),
        "transfer_to_return": _l("没有可退回的转办，或已经办理过。"),
        "unmerge_in_time": _l("合并超过 30 天，不能再拆开。"),
        "not_acknowledged": _l("已经签收过了。"),
        "no_extension_pending": _l("已有一个延期申请在等批复。"),
        "extension_pending": _l("没有待批复的延期申请。"),
        "is_major": _l("只有重大隐患才需要双报告。"),
        "dual_reported": _l("双报告还没有记齐：监管部门和职代会各一份。"),
        "consent_after_points": _l("积分已发，撤销受理要由上级单位办。"),
        "no_objection_pending": _l("已有一个异议在处理。"),
        "objection_pending": _l("没有待处理的异议。"),
        "after_closure_in_time": _l("闭环超过 30 天。"),
    }
)
"""Why a move is closed, and what would open it."""


def closed_sentence(action: Action, why: str, *, is_its_state: bool, rectifier: str | None) -> str:
    """What keeps a move closed and what would open it; `is_its_state`: the hazard stands where it can be made."""
    who = _who_may(action, rectifier)
    if not is_its_state and why in {Why.STATE, Why.PERMISSION, Why.WHO}:
        wanted = (STATE_NAMES[state] for state in State if state in TABLE[action].sources)
        stands = str(_("、")).join(f"“{word}”" for word in wanted)
        return str(_("要等隐患%(stands)s时，由%(who)s办。", stands=stands, who=who))
    if why in {Why.PERMISSION, Why.WHO}:
        return str(_("现在可以办，由%(who)s办。", who=who))
    return str(WHYS[why])


def _who_may(action: Action, rectifier: str | None) -> str:
    who = TABLE[action].who
    if who in {Who.RECTIFIER, Who.RECTIFIER_OR_PROXY} and rectifier:
        return str(_("整改人%(name)s", name=rectifier))
    return str(WHO[who])


def not_open_sentence(problem: NotOpen) -> str:
    """The refusal of a move as the ticket says it, with where the hazard stands; of what is no move, only why."""
    if "action" not in problem.values:
        return str(WHYS[problem.why])
    action, state = Action(str(problem.values["action"])), State(str(problem.values["state"]))
    rectifier = problem.values.get("rectifier")
    is_its_state = state in TABLE[action].sources
    why = closed_sentence(
        action, problem.why, is_its_state=is_its_state, rectifier=str(rectifier) if rectifier else None
    )
    if is_its_state:
        return why
    return str(_("隐患现在是“%(state)s”。%(why)s", state=STATE_NAMES[state], why=why))
