"""The words of an officer's numbers."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.hazards.numbers import Figure

MENU: Final[Mapping[str, LazyString]] = {"numbers": _("数据")}

FIGURES: Final[Mapping[str, LazyString]] = {
    Figure.REPORTED: _("上报数"),
    Figure.CLOSED: _("闭环"),
    Figure.DUE: _("到期"),
    Figure.ON_TIME: _("按期闭环"),
    Figure.HANDED_IN: _("按期提交，等复查"),
    Figure.LATE: _("没有按期"),
    Figure.OPEN: _("在办"),
    Figure.OVERDUE: _("逾期"),
    Figure.AGE_DAY: _("1 天以内"),
    Figure.AGE_WEEK: _("1–7 天"),
    Figure.AGE_MONTH: _("7–30 天"),
    Figure.AGE_OLDER: _("30 天以上"),
}

MEANINGS: Final[Mapping[str, LazyString]] = {
    Figure.REPORTED: _("这段时间上报的隐患，不含上报人自己撤回的。"),
    Figure.CLOSED: _("这段时间复查合格、已经闭环的隐患。"),
    Figure.DUE: _("期限落在这段时间、而且已经到期的隐患。"),
    Figure.ON_TIME: _("已到期、已闭环，而且在期限前整改完成的隐患。批准的延期算按期，复查慢不影响。"),
    Figure.HANDED_IN: _("期限前已提交整改，还没有复查。复查合格后算按期。"),
    Figure.LATE: _("到期时没有整改完成的隐患，后来完成的也算在内。"),
    Figure.OPEN: _("还没有结束的隐患：待受理、待补充、整改中、待复查。"),
    Figure.OVERDUE: _("期限已过，整改还没有提交的隐患。"),
    Figure.AGE_DAY: _("还没有结束，上报不到 1 天。"),
    Figure.AGE_WEEK: _("还没有结束，上报已有 1 到 7 天。"),
    Figure.AGE_MONTH: _("还没有结束，上报已有 7 到 30 天。"),
    Figure.AGE_OLDER: _("还没有结束，上报已超过 30 天。"),
}
"""What exactly is counted, in one sentence."""

SPANS: Final[Mapping[int, LazyString]] = {1: _("本月"), 3: _("近 3 个月"), 12: _("近 12 个月")}
