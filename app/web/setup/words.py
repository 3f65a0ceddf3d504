"""The words of the set-up: levels, choices, what was changed."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_pgettext
from flask_babel import lazy_gettext as _

MENU: Mapping[str, LazyString] = {"setup": _("单位设置")}

NOTICES: Mapping[str, LazyString] = {
    "unit_made": _("单位已建好。接着加点位，或邀请人员。"),
    "unit_changed": _("单位已改好。"),
    "unit_moved": _("单位已移到新的上级下面，原来的隐患跟着走。"),
    "unit_retired": _("单位已停用，以前的隐患和得分都还在。"),
    "people_counted": _("人数已登记，从生效日起按它算得分。"),
    "place_made": _("点位已建好，可以打印二维码了。"),
    "place_changed": _("点位已改好，墙上的二维码不用换。"),
    "place_retired": _("点位已停用，它的二维码不再能上报。请把墙上的取下来。"),
    "scan_code_renewed": _("二维码已换新，旧的从现在起打不开。请打印新海报，换下墙上的。"),
    "area_made": _("区域已画好，照片落在里面就派给这个单位。"),
    "area_changed": _("区域已改好。"),
    "area_retired": _("区域已删除，不再按它派单。"),
    "categories_chosen": _("类别已保存，上报页马上按它显示。"),
    "deadlines_chosen": _("已保存，今后新定的期限按它算。"),
}

KINDS: Mapping[str, LazyString] = {
    "federation": _("总工会"),
    "district": _("区县、行业或直属工会"),
    "enterprise": _("企业"),
    "workshop": _("车间或部门"),
    "team": _("班组"),
}
"""The five levels of units, the highest first."""

DATUMS: Mapping[str, LazyString] = {
    "wgs84": _("手机定位、GPS、天地图（WGS-84）"),
    "gcj02": _("高德、腾讯地图（GCJ-02）"),
    "bd09": _("百度地图（BD-09）"),
}

DEADLINE_DAYS: Mapping[str, LazyString] = {"calendar": _("自然日"), "working": _("工作日")}
DEADLINES_COUNTED: Mapping[str, LazyString] = {"calendar": _("按自然日算"), "working": _("按工作日算")}
DEADLINE_HINTS: Mapping[str, LazyString] = {
    "calendar": _("节假日照算：周五定 3 天，周一到期"),
    "working": _("跳过周末和法定节假日，调休上班照算：周五定 3 天，下周三到期"),
}

LABELS: Mapping[str, LazyString] = {
    "name": _("名称"),
    "code": lazy_pgettext("unit or place", "编号"),
    "kind": _("级别"),
    "parent": _("上一级单位"),
    "headcount": _("人数"),
    "since": _("生效日期"),
    "timezone": _("时区"),
    "unit": _("所属单位"),
    "position": _("坐标"),
    "datum": _("坐标来自"),
    "allows_guests": _("访客扫码"),
    "corners": _("角点"),
    "shown": _("类别"),
    "deadline_days": _("期限怎么算"),
}
"""The inputs' own words; a fault in the summary is about one of them."""

SUBJECTS: Mapping[str, LazyString] = {
    "unit": _("单位"),
    "place": _("点位"),
    "area": _("区域"),
    "setting": _("设置"),
    "person": _("人员"),
    "rule": _("派单规则"),
    "absence": _("请假与代理"),
    "channel": _("消息通道"),
    "listed_host": _("允许的内部地址"),
}
"""What a change was about; a kind that has no word here is shown by its code."""

FIELDS: Mapping[str, LazyString] = {
    **LABELS,
    "people": _("人数"),
    "in_use": _("在用"),
    "hidden_categories": _("不显示的类别"),
    "login": _("账号"),
    "roles": _("角色"),
    "disabled": _("停用"),
    "password": _("密码"),
    "link_until": _("有效期至"),
    "category": _("类别"),
    "officer": _("安全员"),
    "place": _("点位"),
    "area": _("区域"),
    "on": _("启用"),
    "rule.position": _("顺序"),
    "deputy": _("代理人"),
    "from": _("从"),
    "until": _("到"),
    "role": _("角色"),
    "host": _("主机"),
    "keyword": _("关键词"),
    "language": _("语言"),
    "topics": _("消息种类"),
    "entry": _("地址"),
    "key_renewed": _("密钥更换"),
    "scan_code_renewed": _("二维码换新"),
}
"""What of it was changed; "kind.field" speaks before "field"."""

PASSWORDS: Mapping[str, LazyString] = {"set": _("已设"), "to_choose": _("待本人重设")}

ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Asia/Macau",
    "Asia/Taipei",
    "Asia/Tashkent",
    "Asia/Dubai",
    "Asia/Jakarta",
    "Africa/Lagos",
    "Europe/London",
    "America/New_York",
    "UTC",
)
"""Offered first; any other zone a unit already has is offered too."""
