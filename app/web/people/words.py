"""The words of the people's pages: roles, states of an account, what was done."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.web import words

MENU: Mapping[str, LazyString] = {"people": _("人员")}

ROLES: Mapping[str, LazyString] = {
    "worker": _("职工"),
    "officer": _("安全员"),
    "rectifier": _("整改责任人"),
    "head": _("负责人"),
    "reviewer": _("竞赛办"),
    "admin": _("管理员"),
}
ROLE_HINTS: Mapping[str, LazyString] = {
    "worker": _("上报隐患，看自己的处理结果"),
    "officer": _("受理、派发、复查本单位的隐患"),
    "rectifier": _("接收整改任务，提交整改"),
    "head": _("看全部隐患，办重大隐患"),
    "reviewer": _("看得分，裁定申诉"),
    "admin": _("设单位、人员和点位"),
}
DUTIES: Mapping[str, LazyString] = {"officer": _("负责的隐患"), "rectifier": _("整改中的隐患")}

SHEETS: Mapping[str, LazyString] = {"units": _("单位"), "people": _("人员"), "places": _("点位")}
DOINGS: Mapping[str, LazyString] = {"make": _("新建"), "change": _("更正"), "same": _("不变")}

NOTICES: Mapping[str, LazyString] = {
    "person_renamed": _("姓名已改好。"),
    "person_moved": _("已调到新单位，职工身份跟着走，其他角色不变。"),
    "role_granted": _("角色已给，对方下一次打开页面就有。"),
    "role_ended": _("角色已撤销，马上生效。"),
    "person_disabled": _("账号已停用，已登录的设备马上退出。"),
    "person_enabled": _("账号已恢复，原来的角色和密码都还在。"),
    "imported": _("已全部导入。接着给新人员发邀请链接。"),
    "password_changed": _("密码已改好，其他设备都已退出。"),
}

LABELS: Mapping[str, LazyString] = {
    "login": _("账号"),
    "name": _("姓名"),
    "unit": _("单位"),
    "role": _("角色"),
    "role_unit": _("任职单位"),
    "workbook": _("要导入的文件"),
    "old_password": _("现在的密码"),
    "password": words.LABELS["password"],
}
"""The inputs' own words; a fault in the summary is about one of them."""
