"""The words for who reported a hazard: what was done, what it brought, and the moves that are theirs."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

TOLD: Mapping[str, LazyString] = {
    "submit": _("上报了"),
    "ask": _("请您补充情况"),
    "answer": _("作了补充"),
    "withdraw": _("撤回了"),
    "reject": _("看过了，没有受理"),
    "appeal": _("提出申诉"),
    "decide_appeal": _("裁定了申诉"),
    "transfer": _("转给该管的单位"),
    "return_transfer": _("转回原来的单位"),
    "merge": _("和同一处的另一条并在一起"),
    "unmerge": _("又单独来办"),
    "accept": _("收下了，安排整改"),
    "fix_on_the_spot": _("当场改好，交了照片"),
    "acknowledge": _("接下了，开始整改"),
    "reassign": _("换了人整改"),
    "remind": _("催了整改"),
    "request_extension": _("说来不及，想晚几天"),
    "decide_extension": _("答复了能不能晚几天"),
    "rectify": _("改好了，交了照片"),
    "close": _("到现场看过，改好了"),
    "send_back": _("到现场看过，还没改好，要重改"),
    "void": _("撤销了受理"),
    "object": _("说没有改好"),
    "reopen": _("认为没有改好，重新整改"),
    "dismiss_objection": _("核实过，认为已经改好"),
    "supervise": _("超过期限，报上级盯着办"),
}
"""What somebody did, told to who reported it; what has no word here is the office's own business."""

POINTS_RULES: Mapping[str, LazyString] = {
    "general": _("一般隐患"),
    "major": _("重大隐患"),
    "violation": _("三违"),
    "fixed_on_the_spot": _("当场改好"),
}
POINTS_WHY: Mapping[str, LazyString] = {
    "accepted": _("已受理"),
    "unclaimed": _("等您领取"),
    "own_area": _("这里归您管安全，自己管的地方上报不计分"),
    "duplicate": _("同一处有人先报了：不加分，也不扣分。谢谢您也留意到。"),
    "cap_same_place": _("同一处同一类，每月前 %(limit)s 条计分；这条照样整改"),
    "cap_day": _("每天前 %(limit)s 条一般隐患计分；这条照样整改"),
    "cap_month": _("一般隐患每月最多 %(limit)s 分，之前已有 %(before)s 分；这条照样整改"),
    "voided": _("受理已撤销，收回这几分"),
    "merged": _("同一处有人先报了，收回这几分；不另扣分"),
}
"""Why a hazard brought its reporter these points, and why sometimes none."""

STEPS: Mapping[str, LazyString] = {
    "object": _("没改好，提出异议"),
    "appeal": _("不同意，申诉"),
    "answer": _("补充说明"),
    "withdraw": _("撤回"),
}
"""What the reporter's own moves say on the hazard's page."""
