"""The words people use for codes: states, categories, actions and figures, Chinese first, translated when shown.

The order of CATEGORIES is the order in which they are offered: what a shop floor meets most comes first.
"""

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import LazyString, lazy_pgettext
from flask_babel import lazy_gettext as _

from app.edge.wording import CATEGORY_NAMES
from app.web import act_words, reporter_words


class StateLook(NamedTuple):
    """How a state is shown: always a word, a shape (GB 2894) and a colour (GB 2893) together."""

    word: LazyString
    shape: str  # a symbol of static/icons.svg
    tone: str  # a class of look.css


STATES: Mapping[str, StateLook] = {
    "overdue": StateLook(_("逾期"), "barred", "red"),
    "due_today": StateLook(_("今日到期"), "triangle", "amber"),
    "supervised": StateLook(_("挂牌督办"), "triangle", "amber"),
    "major": StateLook(_("重大隐患"), "triangle", "amber"),
    "contested": StateLook(_("申诉或异议"), "question", "amber"),
    "extension": StateLook(_("延期待批"), "question", "amber"),
    "submitted": StateLook(_("待受理"), "disc", "blue"),
    "need_info": StateLook(_("待补充"), "question", "blue"),
    "rectifying": StateLook(_("整改中"), "ring", "blue"),
    "reviewing": StateLook(_("待复查"), "square", "blue"),
    "closed": StateLook(_("已闭环"), "tick", "green"),
    "rejected": StateLook(_("不予受理"), "minus", "grey"),
    "duplicate": StateLook(_("已合并"), "twin", "grey"),
    "withdrawn": StateLook(_("已撤回"), "back", "grey"),
}

CATEGORIES = CATEGORY_NAMES

FACTORS: Mapping[str, LazyString] = {
    "person": _("人的行为"),
    "thing": _("物的状态"),
    "environment": _("环境"),
    "management": _("管理"),
}
LEVELS: Mapping[str, LazyString] = {"general": _("一般"), "major": _("重大")}
REJECT_REASONS: Mapping[str, LazyString] = {
    "not_a_hazard": _("不属于隐患"),
    "untrue": _("情况不实"),
    "too_little": _("信息太少，无法判断"),
}

ACTIONS: Mapping[str, LazyString] = {
    "submit": _("上报"),
    "ask": _("退回补充"),
    "answer": _("补充说明"),
    "withdraw": _("撤回"),
    "reject": lazy_pgettext("action", "不予受理"),
    "appeal": _("申诉"),
    "decide_appeal": _("申诉裁定"),
    "recategorize": _("改类别"),
    "transfer": _("转办"),
    "return_transfer": _("退回转办"),
    "merge": _("合并"),
    "unmerge": _("取消合并"),
    "accept": _("受理派发"),
    "fix_on_the_spot": lazy_pgettext("action", "即查即改"),
    "acknowledge": _("签收"),
    "reassign": _("改派"),
    "remind": _("催办"),
    "request_extension": _("申请延期"),
    "decide_extension": _("审批延期"),
    "record_dual_report": _("登记双报告"),
    "rectify": _("提交整改"),
    "close": _("复查合格"),
    "send_back": _("复查不合格"),
    "void": _("撤销受理"),
    "object": _("提出异议"),
    "reopen": _("重开整改"),
    "dismiss_objection": _("驳回异议"),
}

DONE: Mapping[str, LazyString] = {
    "submit": _("上报了隐患"),
    "route": _("按照片位置重新派单"),
    "supervise": _("重大隐患逾期，自动挂牌督办"),
    "ask": _("要求补充"),
    "answer": _("作了补充"),
    "withdraw": _("撤回了上报"),
    "reject": _("决定不予受理"),
    "appeal": _("提出申诉"),
    "decide_appeal": _("裁定申诉"),
    "recategorize": _("改了类别"),
    "transfer": _("转办"),
    "return_transfer": _("退回转办"),
    "merge": _("合并了隐患"),
    "unmerge": _("取消了合并"),
    "accept": _("受理并派发整改"),
    "fix_on_the_spot": _("即查即改"),
    "acknowledge": _("签收了整改任务"),
    "reassign": _("改派了整改人"),
    "remind": _("催办整改"),
    "request_extension": _("申请延期"),
    "decide_extension": _("批复延期"),
    "record_dual_report": _("登记了双报告"),
    "rectify": _("提交了整改"),
    "close": _("复查合格，闭环"),
    "send_back": _("复查不合格，退回整改"),
    "void": _("撤销了受理"),
    "object": _("对闭环提出异议"),
    "reopen": _("重开了隐患"),
    "dismiss_objection": _("驳回了异议"),
    "hand_over": _("交接了隐患"),
}
"""What somebody did, in a timeline."""

TOLD = reporter_words.TOLD
POINTS_RULES, POINTS_WHY = reporter_words.POINTS_RULES, reporter_words.POINTS_WHY
REPORTERS_STEPS = reporter_words.STEPS

NOTICES: Mapping[str, LazyString] = {
    **act_words.NOTICES,
    "followed": _("已加入关注，处理结果会在“我的上报”里看到。"),
    "claimed": _("领奖码有效，积分会记到您名下。"),
}
"""What has just been done, and what happens next."""

FOUND_BY: Mapping[str, LazyString] = {
    "snap": _("随手拍"),
    "daily_patrol": _("日巡检"),
    "monthly_inspection": _("月度检查"),
    "special_check": _("专项检查"),
    "holiday_check": _("节前检查"),
    "workers_patrol": _("职工代表巡查"),
    "superior_inspection": _("上级检查"),
    "ten_ones": _("十个一"),
}
DECISIONS: Mapping[str, LazyString] = {
    "uphold": _("维持原决定"),
    "overturn": _("申诉成立"),
    "yes": _("同意"),
    "no": _("不同意"),
}
REPORTED_TO: Mapping[str, LazyString] = {"regulator": _("监管部门"), "congress": _("职代会")}

NOTHING: Mapping[str, LazyString] = {
    "overdue": _("没有逾期的隐患"),
    "due_today": _("今天没有到期的隐患"),
    "submitted": _("没有等待受理的隐患"),
    "reviewing": _("没有等待复查的隐患"),
    "contested": _("没有申诉或异议"),
    "extension": _("没有等待审批的延期"),
    "rectifying": _("没有正在整改的隐患"),
}
"""What an emptied part of the desk says."""

MENU: Mapping[str, LazyString] = {
    "report": _("上报隐患"),
    "mine": _("我的上报"),
    "unit": _("本单位隐患"),
    "follow": _("匿名跟进"),
    "inbox": _("待办"),
    "overdue": _("逾期"),
    "submitted": _("待受理"),
    "rectifying": _("整改中"),
    "reviewing": _("待复查"),
    "contested": _("申诉或异议"),
    "extension": _("延期待批"),
    "statement": _("本月得分"),
    "places": _("点位与二维码"),
    "unsent": _("待发和回执"),
}

WITNESSES: Mapping[str, LazyString] = {
    "place": _("扫码点位"),
    "phone": _("手机定位"),
    "exif": _("照片 GPS"),
    "pin": _("地图标注"),
    "time": _("拍摄时间"),
}

FACTS: Mapping[str, LazyString] = {
    "place": _("点位"),
    "location": _("位置"),
    "unit": _("单位"),
    "category": _("类别"),
    "level": _("级别"),
    "factor": _("成因"),
    "reporter": _("上报人"),
    "officer": _("安全员"),
    "rectifier": _("整改人"),
    "measures": _("整改措施"),
    "submitted_at": _("上报时间"),
    "deadline": _("整改期限"),
    "found_by": _("来源"),
    "master": _("并入"),
    "returned": _("退回次数"),
    "extension": _("申请延至"),
    "dual_reports": _("双报告"),
    "done": _("整改情况"),
    "finished_at": _("完成时间"),
    "cost": _("花费"),
    "conclusion": _("复查结论"),
    "reason": _("理由"),
    "points": _("积分"),
    "funds": _("资金"),
    "emergency_plan": _("应急预案"),
    "interim_control": _("临时管控"),
}

DUTIES: Mapping[str, LazyString] = {
    "rectifier": _("责任人"),
    "measures": _("措施"),
    "funds": _("资金"),
    "deadline": _("期限"),
    "emergency_plan": _("预案"),
    "interim_control": FACTS["interim_control"],
    "regulator": _("报监管部门"),
    "congress": _("报职代会"),
}
"""What a major hazard must have: 五落实, interim control, and the two reports."""

TYPED: Mapping[str, LazyString] = {
    "location_text": _("位置"),
    "description": _("哪里不安全"),
    "text": _("说明"),
    **{
        name: FACTS[name]
        for name in ("measures", "funds", "emergency_plan", "interim_control", "done", "conclusion")
    },
}
"""The inputs that hold sentences: a refused form's are never lost."""

LABELS: Mapping[str, LazyString] = {
    **{name: FACTS[name] for name in ("category", "level", "factor", "reason", "deadline", "finished_at", "cost")},
    **{
        name: FACTS[name]
        for name in ("measures", "funds", "emergency_plan", "interim_control", "done", "conclusion")
    },
    "text": TYPED["text"],
    "login": _("账号"),
    "password": _("密码"),
}
"""What a fault in the summary is about; the other sentences say it themselves."""

BLOCKS: Mapping[str, LazyString] = {
    "A": _("参与"),
    "B": _("整改"),
    "C": _("质量"),
    "D": _("管理"),
    "E": _("鼓励"),
    "F": _("扣分"),
    "G": _("否决"),
}

FIGURES: Mapping[str, LazyString] = {
    "participation": _("上报人数 / 在册人数"),
    "per_hundred": _("每百人有效隐患"),
    "on_time": _("按期整改"),
    "closed_in_year": _("本年闭环"),
    "majors_lacking": _("重大隐患管控缺项"),
    "first_pass": _("一次复查合格"),
    "first_act": _("24 小时内答复"),
    "monthly_inspection": _("月度检查"),
    "daily_patrol": _("日巡检"),
    "ten_ones": _("十个一"),
    "major_first_found": _("重大首报并闭环"),
    "prize_photo": _("获奖照片"),
    "representative_patrol": _("职工代表巡查"),
    "other_bonus": _("其他奖励"),
    "overdue": _("逾期未闭环"),
    "found_by_superior": _("上级查出"),
    "valid": _("有效隐患"),
}

VERDICTS: Mapping[str, LazyString] = {
    "outstanding": _("优秀"),
    "pass": _("合格"),
    "below": _("未达合格线"),
    "veto": _("一票否决"),
}
