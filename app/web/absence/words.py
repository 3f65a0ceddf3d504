"""The words of absences and deputies."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

MENU: Final[Mapping[str, LazyString]] = {"absence": _("请假与代理")}
NOTICES: Final[Mapping[str, LazyString]] = {
    "leave_taken": _("已登记。请假期间，新上报和到期提醒会同时找代理人。"),
    "leave_taken_alone": _("已登记。没有代理人，请假期间新上报由本单位其他安全员或上级接收。"),
    "leave_taken_back": _("已销假，从现在起不再由别人代理。"),
}
STANDS: Final[Mapping[str, LazyString]] = {
    "now": _("请假中"),
    "coming": _("还没开始"),
    "over": _("已结束"),
    "taken_back": _("已销假"),
}
"""Where an absence stands."""
